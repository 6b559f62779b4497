"""Addresses: where the companies take deliveries, under the IDs by which their systems call them."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.bulk import BulkListing
from wagtail_punchout.admin_ui.company_tree import Crumbs, page
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.history import History, RecordsChanges
from wagtail_punchout.admin_ui.listing import WIDE, ListView
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import ScopedForm, ScopedViewSet
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Rows, Section, url_of
from wagtail_punchout.admin_ui.world import CodeField, countries, country_name, postal_lines
from wagtail_punchout.models import Address, Company

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

    def clean_street(self) -> str:
        lines = [each.strip() for each in self.cleaned_data["street"].splitlines() if each.strip()]
        return "\n".join(lines)


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
        asked = self.request.GET.get("company", "")
        if not asked.isdecimal():
            return None
        found = visible(Company.objects.filter(pk=int(asked)), self.request.user).first()
        if found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        company = self.asked_company
        return super().get_initial() | ({"company": company.pk, "name": company.name} if company else {})


class AddressEdit(RecordsChanges, OfCompany, generic.EditView):
    pass


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
        ],
        base_form_class=AddressForm,
    )


def addresses_of(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=partial(url_of, user=request.user)),
        Column("address_id", label=_("Address ID")),
        Column("formatted", label=_("Address"), accessor=formatted),
        Column("phone", label=_("Phone")),
    ]
    buttons = []
    if can(request.user, "add", Address):
        url = f"{reverse('punchout_addresses:add')}?company={company.pk}"
        buttons.append(Button(_("Add address"), url=url, classname=SMALL_BUTTON))
    theirs: QuerySet = visible(company.addresses.all(), request.user)
    shown = list(theirs[:SHOWN])
    query = urlencode({"q": company.code})
    more = (f"{reverse('punchout_addresses:index')}?{query}", gettext("Search and export")) if shown else None
    empty = gettext("No address yet. Orders can be shipped to addresses that stand here, under the buyer's own IDs.")
    heading = gettext("Addresses")
    return [Rows("addresses", heading, columns, shown, empty=empty, buttons=buttons, more=more)]


addresses = AddressViewSet()
