"""PunchOut customers: added with one field, then ready to be connected."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.bulk import BulkListing
from wagtail_punchout.admin_ui.choosers import shop_user_chooser
from wagtail_punchout.admin_ui.connection import with_connection
from wagtail_punchout.admin_ui.connection_tests import new_url, tests_of
from wagtail_punchout.admin_ui.credentials import Rotate, developer_url
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.developer_fields import SCRIPTS, ObstaclesPanel, more_tab
from wagtail_punchout.admin_ui.held_roles import roles_of
from wagtail_punchout.admin_ui.history import History, RecordsChanges
from wagtail_punchout.admin_ui.identities import FIELDS, CheckIdentity, check_url, complaint, may_take_user, told
from wagtail_punchout.admin_ui.listing import WIDE, ActiveColumn, BranchFilter, ListView, TestColumn
from wagtail_punchout.admin_ui.orders import orders_of
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.routing import routing_of
from wagtail_punchout.admin_ui.scoped import InScopeOnly, ScopedForm, ScopedViewSet, key_of
from wagtail_punchout.admin_ui.sections import ReadingPanel, Section, SectionsView, Tab, named
from wagtail_punchout.admin_ui.visits import visits_of
from wagtail_punchout.flows.onboard import CannotAdd, Hindrance, add_customer, suggested_identity
from wagtail_punchout.models import Company, Credential, CustomerGroup, PunchoutCustomer


class LastUsedFilter(django_filters.ChoiceFilter):
    """Whether a buyer's system has called lately."""

    PERIODS = [("1", _("Within a day")), ("7", _("Within a week")), ("30", _("Within 30 days"))]
    OTHERS = [("idle", _("Not for 30 days")), ("never", _("Never"))]

    def __init__(self, **kwargs: object) -> None:
        super().__init__(label=_("Last used"), choices=self.PERIODS + self.OTHERS, **kwargs)

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        if not value:
            return queryset
        used = Credential.objects.filter(customer=OuterRef("pk"), last_used_at__isnull=False)
        if value == "never":
            return queryset.exclude(Exists(used))
        days = 30 if value == "idle" else int(value)
        lately = Exists(used.filter(last_used_at__gte=timezone.now() - timedelta(days=days)))
        return queryset.filter(Exists(used)).exclude(lately) if value == "idle" else queryset.filter(lately)


class CustomerFilterSet(WagtailFilterSet):
    group = django_filters.ModelChoiceFilter(
        label=_("Group"), queryset=lambda request: visible(CustomerGroup.objects.all(), request.user)
    )
    branch = BranchFilter()
    used = LastUsedFilter()

    class Meta:
        model = PunchoutCustomer
        fields = ["is_active", "group", "branch", "used"]


class CustomerList(BulkListing, ListView):
    related = ("company", "group__company")
    empty_advice = _(
        "A customer is one buyer's system that may connect. All it takes is a company and a Sender identity."
    )
    add_item_label = _("Add PunchOut customer")

    def get_base_queryset(self) -> QuerySet:
        of_customer = Credential.objects.filter(customer=OuterRef("pk")).order_by().values("customer")
        last_used = Subquery(of_customer.values(last=Max("last_used_at")))
        return super().get_base_queryset().annotate(last_used_at=last_used)

    def _group(self, customer: PunchoutCustomer) -> str:
        # It may be that of a company above, which not everybody may see.
        return named(customer.group, self.request.user)

    def to_row_dict(self, customer: PunchoutCustomer) -> dict:
        return super().to_row_dict(customer) | {"group.name": self._group(customer)}

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("company", label=_("Company"), sort_key="company__name"),
            Column("sender_identity", label=_("Sender identity"), sort_key="sender_identity", classname=WIDE),
            Column("group", label=_("Group"), accessor=self._group, sort_key="group__name", classname=WIDE),
            TestColumn(whose="group"),
            ActiveColumn(),
            DateColumn("last_used_at", label=_("Last used"), classname=WIDE),
            DateColumn("created_at", label=_("Added"), sort_key="created_at", classname=WIDE),
        ]


class NewCustomerForm(ScopedForm):
    """A company and a name. What is in the way of a customer is found out while it is made."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        identity, name = self.fields["sender_identity"], self.fields["name"]
        identity.label, name.required = _("User name or e-mail"), False
        identity.help_text = _(
            "The buyer's system calls under this name, and visits are signed in as the shop user of this name. "
            "For example punchout-114729@shop.example."
        )
        name.help_text = _("For you alone. Empty: the company's name, for a second customer its user name.")
        checked(identity, "sender_identity", check_url())

    def clean(self) -> dict:
        cleaned = super().clean()
        company = cleaned.get("company")
        if company and not can(self.for_user, "add", PunchoutCustomer(company=company)):
            self.add_error("company", gettext("Choose another company."))
        return cleaned

    def _post_clean(self) -> None:
        """Nothing: the customer is not made of this form's fields alone."""


class CustomerForm(ScopedForm):
    """An existing customer. What is sent by buyers today may hold anything; what is changed must be writable."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            checked(self.fields[name], name, check_url(self.instance))
        if not may_take_user(self.for_user):
            self.fields.pop("user", None)

    def clean(self) -> dict:
        cleaned = super().clean()
        for name in FIELDS:
            changed = name in self.changed_data and name not in self.errors
            if changed and (wrong := complaint(name, cleaned[name], self.instance, self.for_user)):
                self.add_error(name, wrong)
        return cleaned


def checked(field: forms.Field, name: str, url: str) -> None:
    """Have a field looked at while somebody types into it."""
    field.widget.attrs |= {
        "data-controller": "punchout-identity",
        "data-action": "input->punchout-identity#look change->punchout-identity#look",
        "data-punchout-identity-url-value": url,
        "data-punchout-identity-kind-value": name,
        "autocomplete": "off",
        "spellcheck": "false",
    }


class CustomerCreate(InScopeOnly, generic.CreateView):
    """The customer and all that it needs, for the company in the address (``?company=…``) or for a chosen one."""

    page_title = _("Add PunchOut customer")
    submit_button_label = _("Add")
    submit_button_active_label = _("Adding…")

    @cached_property
    def company(self) -> Company | None:
        asked = self.request.GET.get("company", "")
        return self.within(Company, key_of(asked)) if asked else None

    def get_panel(self) -> Any:
        identity = FieldPanel("sender_identity", heading=_("User name or e-mail"))
        more = MultiFieldPanel([FieldPanel("name")], heading=_("More"), classname="collapsed")
        company = [] if self.company else [FieldPanel("company")]
        return ObjectList([*company, identity, more], base_form_class=NewCustomerForm).bind_to_model(self.model)

    def get_form_class(self) -> type:
        return self.panel.get_form_class()

    def get_page_subtitle(self) -> str:
        if self.company:
            return gettext("New PunchOut customer of %(company)s") % {"company": self.company}
        return gettext("New PunchOut customer")

    def get_breadcrumbs_items(self) -> list[dict]:
        *before, last = super().get_breadcrumbs_items()
        return [*before, {**last, "label": self.get_page_subtitle()}]

    def get_add_url(self) -> str:
        return super().get_add_url() + (f"?company={self.company.pk}" if self.company else "")

    def get_initial(self) -> dict[str, Any]:
        suggestion = {"sender_identity": suggested_identity(self.company)} if self.company else {}
        return super().get_initial() | suggestion

    def form_valid(self, form: NewCustomerForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except CannotAdd as error:
            of_company = error.why == Hindrance.COMPANY_OFF and "company" in form.fields
            form.add_error("company" if of_company else "sender_identity", told(error, self.request.user))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def save_instance(self) -> PunchoutCustomer:
        given, user = self.form.cleaned_data, self.request.user
        return add_customer(
            self.company or given["company"],
            given["sender_identity"],
            by=user,
            at=timezone.now(),
            name=given["name"],
            may_take_user=may_take_user(user),
        )

    def get_success_url(self) -> str:
        return self.get_edit_url() + "#tab-details"

    def get_success_message(self, instance: PunchoutCustomer) -> str:
        message = gettext("“%(customer)s” has been added and can connect. What the buyer needs is in Developer fields.")
        return message % {"customer": instance}

    def get_success_buttons(self) -> list:
        return [messages.button(developer_url(self.object), gettext("Developer fields"))]

    def get_context_data(self, **kwargs: object) -> dict:
        context = super().get_context_data(**kwargs)
        context["media"] += SCRIPTS
        return context


class CustomerEdit(RecordsChanges, generic.EditView):
    def get_queryset(self) -> QuerySet:
        return with_connection(super().get_queryset())

    @cached_property
    def header_more_buttons(self) -> list:
        buttons = super().header_more_buttons
        buttons.append(Button(_("Developer fields"), url="#tab-developer_fields", icon_name="code", priority=1))
        if can(self.request.user, "add", self.object):
            url = new_url(self.object)
            buttons.append(Button(_("Test this connection"), url=url, icon_name="circle-check", priority=3))
        if can(self.request.user, "change", self.object.company):
            url = reverse("punchout_companies:edit", args=(self.object.company_id,))
            buttons.append(Button(_("Company"), url=url, icon_name="site", priority=2))
        return buttons

    def save_instance(self) -> PunchoutCustomer:
        customer = super().save_instance()
        changed = [name for name in FIELDS if name in self.form.changed_data]
        if changed and customer.credentials.live().exists():
            self._say_what_the_buyer_must_change(customer, changed)
        return customer

    def _say_what_the_buyer_must_change(self, customer: PunchoutCustomer, changed: list[str]) -> None:
        values = ((PunchoutCustomer._meta.get_field(name).verbose_name, getattr(customer, name)) for name in changed)
        told = ", ".join(f"{label} “{value}”" for label, value in values)
        message = gettext("Enter this in the buyer's system, too: %(values)s.") % {"values": told}
        button = messages.button(developer_url(customer), gettext("Developer fields"))
        messages.warning(self.request, message, buttons=[button])


class CustomerDelete(SafeDelete, generic.DeleteView):
    pass


class CustomerInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        identity = ["sender_domain", "sender_identity", "from_domain", "from_identity", "behind_hub"]
        return [
            self.facts("details", gettext("Details"), ["name", "company", "group", "user", "is_active"]),
            self.facts("identity", gettext("Identity"), identity),
            self.facts("notes", gettext("Notes"), ["notes", "created_at", "updated_at"]),
            *roles_of(self.object, self.request),
            *visits_of(self.object, self.request),
            *orders_of(self.object, self.request),
            *tests_of(self.object, self.request),
        ]


class CustomerViewSet(ScopedViewSet):
    model = PunchoutCustomer
    name = "punchout_customers"
    url_prefix = "punchout/customers"
    menu_label = _("Customers")
    icon = "user"
    index_view_class = CustomerList
    add_view_class = CustomerCreate
    edit_view_class = CustomerEdit
    delete_view_class = CustomerDelete
    inspect_view_class = CustomerInspect
    history_view_class = History
    inspect_view_enabled = True
    ordering = "name"
    filterset_class = CustomerFilterSet
    search_fields = ["name"]
    search_backend_name = None
    list_export = [
        "name",
        "company.name",
        "company.code",
        "sender_identity",
        "from_identity",
        "group.name",
        "is_active",
        "last_used_at",
    ]
    export_headings = {
        "company.name": _("Company"),
        "company.code": _("Company code"),
        "group.name": _("Group"),
        "last_used_at": _("Last used"),
    }
    export_filename = "punchout-customers"
    edit_handler = TabbedInterface(
        [
            Tab(
                "details",
                [
                    ObstaclesPanel(),
                    FieldPanel("name"),
                    FieldPanel("company"),
                    FieldPanel("is_active"),
                    MultiFieldPanel(
                        [
                            FieldPanel("sender_identity"),
                            FieldPanel("sender_domain"),
                            FieldPanel("from_identity"),
                            FieldPanel("from_domain"),
                            FieldPanel("behind_hub"),
                        ],
                        heading=_("Identity"),
                    ),
                    FieldPanel("group"),
                    FieldPanel("user", widget=shop_user_chooser.widget_class),
                    FieldPanel("notes"),
                ],
                heading=_("Details"),
            ),
            Tab("roles", [ReadingPanel(roles_of)], heading=_("Roles")),
            Tab("routing", [ReadingPanel(routing_of)], heading=_("Routing")),
            Tab("visits", [ReadingPanel(visits_of), ReadingPanel(orders_of)], heading=_("Visits")),
            Tab("tests", [ReadingPanel(tests_of)], heading=_("Tests")),
            more_tab(),
        ],
        base_form_class=CustomerForm,
    )

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("check-identity/", CheckIdentity.as_view(), name="check_identity"),
            path("new-secret/<int:pk>/<slug:mode>/", Rotate.as_view(), name="new_secret"),
        ]


customers = CustomerViewSet()
