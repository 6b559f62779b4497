"""Addresses: where the companies take deliveries, under the IDs by which their systems call them."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.bulk import BulkListing
from wagtail_punchout.admin_ui.company_tree import Crumbs, page
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.history import History, RecordsChanges
from wagtail_punchout.admin_ui.listing import WIDE, ListView
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly, ScopedForm, ScopedViewSet, key_of
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Rows, Section, url_of
from wagtail_punchout.admin_ui.world import CodeField, countries, country_name, postal_lines
from wagtail_punchout.flows.address_book import forget_unknown
from wagtail_punchout.flows.address_check import faults
from wagtail_punchout.models import Address, Company, UnknownAddress
from wagtail_punchout.protocol.cxml.party import Address as PostalAddress

#: How many of a company's addresses its page shows.
SHOWN = 50


def formatted(address: Address) -> SafeString:
    """As it stands on a parcel, line by line."""
    return format_html_join("", '<span class="punchout-line">{}</span>', ((each,) for each in postal_lines(address)))


class AddressFilterSet(WagtailFilterSet):
    country = django_filters.ChoiceFilter(label=_("Country"), choices=countries)

    class Meta:
        model = Address
        fields: list[str] = []


class AddressList(BulkListing, ListView):
    related = ("company",)
    word_lookups = ("search_text__contains", "company__search_text__contains")
    plain_lookups = ("phone__icontains", "email__icontains")
    empty_advice = _("Addresses belong to companies, and are called by the IDs that a buyer's system sends.")
    select_all_label = _("Select all addresses in listing")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("address_id", label=_("Address ID"), sort_key="address_id"),
            Column("company", label=_("Company"), sort_key="company__name"),
            Column("street", label=_("Street"), sort_key="street", classname=WIDE),
            Column("postal_code", label=_("Postal code"), sort_key="postal_code", classname=WIDE),
            Column("city", label=_("City"), sort_key="city", classname=WIDE),
            Column(
                "country",
                label=_("Country"),
                accessor=lambda each: country_name(each.country),
                sort_key="country",
                classname=WIDE,
            ),
        ]


class AddressForm(ScopedForm):
    """The country is chosen by name."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        label = self.fields["country"].label
        self.fields["country"] = CodeField(codes=countries, kept=self.instance.country, label=label)

    def _get_validation_exclusions(self) -> set[str]:
        # A new default takes the place of the old one on saving, so there being one is no fault.
        return super()._get_validation_exclusions() | {"is_default_ship_to", "is_default_bill_to"}

    def clean_street(self) -> str:
        lines = [each.strip() for each in self.cleaned_data["street"].splitlines() if each.strip()]
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        """Whether a parcel and a call can arrive, by the rules of the country."""
        cleaned = super().clean()
        names = ("country", "postal_code", "city", "state", "phone")
        for name, sentence in faults(**{each: cleaned.get(each) or "" for each in names}).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, sentence)
        return cleaned


class OfCompany(Crumbs):
    """Pages of an address lead back to the tab of its company."""

    @property
    def company(self) -> Company | None:
        return self.object.company

    def get_success_url(self) -> str:
        return f"{page('edit', self.company)}#tab-addresses" if self.company else super().get_success_url()

    def get_breadcrumbs_items(self) -> list[dict]:
        label = gettext("New address") if self.object is None or not self.object.pk else str(self.object)
        return self.crumbs(self.company, (label, ""))


class AddressCreate(OfCompany, generic.CreateView):
    object = None

    @property
    def company(self) -> Company | None:
        return self.object.company if self.object and self.object.company_id else self.asked_company

    @cached_property
    def asked_company(self) -> Company | None:
        """The company whose tab one comes from."""
        asked = key_of(self.request.GET.get("company"))
        if asked is None:
            return None
        found = visible(Company.objects.filter(pk=asked), self.request.user).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def unknown(self) -> UnknownAddress | None:
        """The address that is to be adopted, as the buyer's system told it."""
        noted = visible(UnknownAddress.objects.all(), self.request.user)
        return noted.filter(pk=key_of(self.request.GET.get("unknown"))).first()

    def get_initial(self) -> dict[str, Any]:
        company = self.asked_company
        initial = super().get_initial() | ({"company": company.pk, "name": company.name} if company else {})
        if self.unknown:
            told = PostalAddress.from_dict(self.unknown.told)
            initial |= {
                "company": self.unknown.company_id,
                "address_id": self.unknown.address_id,
                "name": told.name or initial.get("name", ""),
                "deliver_to": ", ".join(told.deliver_to)[:200],
                "street": "\n".join(told.street),
                "postal_code": told.postal_code,
                "city": told.city,
                "state": told.state,
                "country": told.country_code,
                "phone": told.phone,
                "email": told.email,
            }
        return initial

    def save_instance(self) -> Address:
        address = super().save_instance()
        forget_unknown(address.company_id, {address.id_key})
        return address


class AddressEdit(RecordsChanges, OfCompany, generic.EditView):
    def save_instance(self) -> Address:
        address = super().save_instance()
        forget_unknown(address.company_id, {address.id_key})
        return address


class Dismiss(InScopeOnly, View):
    """An ID that is not to be adopted: it is not shown again, however often it comes."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        unknown = self.within(UnknownAddress, pk, "change")
        unknown.dismissed_at = timezone.now()
        unknown.save(update_fields=["dismissed_at"])
        messages.success(request, gettext("“%(id)s” is not shown any more.") % {"id": unknown.address_id})
        return redirect(f"{page('edit', unknown.company)}#tab-addresses")


class AddressDelete(SafeDelete, OfCompany, generic.DeleteView):
    pass


class AddressViewSet(ScopedViewSet):
    model = Address
    name = "punchout_addresses"
    url_prefix = "punchout/addresses"
    menu_label = _("Addresses")
    icon = "home"
    index_view_class = AddressList
    add_view_class = AddressCreate
    edit_view_class = AddressEdit
    delete_view_class = AddressDelete
    history_view_class = History
    filterset_class = AddressFilterSet
    ordering = "name"
    search_fields = ["name"]
    search_backend_name = None
    list_export = [
        "company.code",
        "company.name",
        "address_id",
        "name",
        "deliver_to",
        "street",
        "postal_code",
        "city",
        "state",
        "country",
        "phone",
        "email",
        "weekend_delivery",
        "is_default_ship_to",
        "is_default_bill_to",
    ]
    export_headings = {"company.name": _("Company"), "company.code": _("Company code")}
    export_filename = "addresses"
    edit_handler = ObjectList(
        [
            FieldPanel("company"),
            MultiFieldPanel(
                [FieldPanel("address_id"), FieldPanel("name"), FieldPanel("deliver_to"), FieldPanel("street")],
                heading=_("Delivery"),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("postal_code"), FieldPanel("city")]),
                    FieldRowPanel([FieldPanel("state"), FieldPanel("country")]),
                ],
                heading=_("Place"),
            ),
            FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
            MultiFieldPanel(
                [
                    FieldPanel("weekend_delivery"),
                    FieldPanel("is_default_ship_to"),
                    FieldPanel("is_default_bill_to"),
                ],
                heading=_("Use"),
            ),
        ],
        base_form_class=AddressForm,
    )

    def get_urlpatterns(self) -> list:
        return [*super().get_urlpatterns(), path("unknown/<int:pk>/dismiss/", Dismiss.as_view(), name="dismiss")]


def addresses_of(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=partial(url_of, user=request.user)),
        Column("address_id", label=_("Address ID")),
        Column("formatted", label=_("Address"), accessor=formatted),
        Column("phone", label=_("Phone")),
        Column("use", label=_("Use"), accessor=use_of),
    ]
    buttons = []
    if can(request.user, "add", Address):
        url = f"{reverse('punchout_addresses:add')}?company={company.pk}"
        buttons.append(Button(_("Add address"), url=url, classname=SMALL_BUTTON))
        sheet = reverse("punchout_uploads:addresses", args=[company.pk])
        buttons.append(Button(_("Upload a spreadsheet"), url=sheet, classname=SMALL_BUTTON))
    theirs: QuerySet = visible(company.addresses.all(), request.user)
    shown = list(theirs[:SHOWN])
    query = urlencode({"q": company.code})
    more = (f"{reverse('punchout_addresses:index')}?{query}", gettext("Search and export")) if shown else None
    empty = gettext("No address yet. Orders can be shipped to addresses that stand here, under the buyer's own IDs.")
    heading = gettext("Addresses")
    return [
        Rows("addresses", heading, columns, shown, empty=empty, buttons=buttons, more=more),
        unknown_of(company, request),
    ]


def use_of(address: Address) -> str:
    uses = {
        "is_default_ship_to": gettext("default for deliveries"),
        "is_default_bill_to": gettext("default for invoices"),
        "weekend_delivery": gettext("weekend delivery accepted"),
    }
    return ", ".join(label for name, label in uses.items() if getattr(address, name))


class UnknownActions(BaseColumn):
    """What can be done with an unknown ID; inside an edit form, where no other form can stand."""

    cell_template_name = "wagtail_punchout/admin/cells/unknown_actions.html"

    def __init__(self, user: Any) -> None:
        super().__init__("actions", label="")
        self.user = user

    def get_cell_context_data(self, instance: UnknownAddress, parent_context: Any) -> dict:
        query = urlencode({"company": instance.company_id, "unknown": instance.pk})
        return super().get_cell_context_data(instance, parent_context) | {
            "adopt": f"{reverse('punchout_addresses:add')}?{query}",
            "dismiss": reverse("punchout_addresses:dismiss", args=[instance.pk]),
            "is_allowed": can(self.user, "change", instance),
        }


def unknown_of(company: Company, request: Any) -> Rows:
    """IDs that buyers' systems have used and nobody has entered."""

    def told(unknown: UnknownAddress) -> str:
        said = PostalAddress.from_dict(unknown.told)
        return ", ".join(filter(None, [said.name, *said.street, f"{said.postal_code} {said.city}".strip()]))

    columns = [
        Column("address_id", label=_("Address ID")),
        Column("told", label=_("As it came last"), accessor=told),
        NumberColumn("times", label=_("Times")),
        DateColumn("last_at", label=_("Last")),
        UnknownActions(request.user),
    ]
    waiting = visible(company.unknown_addresses.filter(dismissed_at=None), request.user)[:SHOWN]
    return Rows("unknown-addresses", gettext("Unknown IDs from calls and orders"), columns, waiting)


addresses = AddressViewSet()
