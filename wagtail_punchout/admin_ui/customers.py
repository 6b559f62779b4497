"""PunchOut customers: added with three fields, then ready to be connected."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.choosers import shop_user_chooser
from wagtail_punchout.admin_ui.connection import ConnectionPanel
from wagtail_punchout.admin_ui.credentials import NewSecret, connection_url
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.listing import WIDE, ActiveColumn, ListView
from wagtail_punchout.admin_ui.roles import roles_of
from wagtail_punchout.admin_ui.sections import ReadingPanel, Section, SectionsView, Tab
from wagtail_punchout.admin_ui.visits import visits_of
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.issue import issue_first_secrets
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer
from wagtail_punchout.shop import AdapterUnavailable


class CustomerList(ListView):
    related = ("company", "group")
    word_lookups = ("search_text__contains", "company__search_text__contains")
    empty_advice = _(
        "A customer is one buyer's system that may connect. All it takes is a company and a Sender identity."
    )
    add_item_label = _("Add PunchOut customer")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("company", label=_("Company"), sort_key="company__name"),
            Column("sender_identity", label=_("Sender identity"), sort_key="sender_identity", classname=WIDE),
            Column("group", label=_("Group"), sort_key="group__name", classname=WIDE),
            ActiveColumn(),
            DateColumn("created_at", label=_("Added"), sort_key="created_at", classname=WIDE),
        ]


class NewCustomerForm(WagtailAdminModelForm):
    """As little as possible: the shop makes the user when none is chosen."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].required = False
        self.fields["user"].help_text = _("Visits are signed in as this user. Empty: the shop makes a new one.")

    def clean(self) -> dict:
        cleaned = super().clean()
        identity = cleaned.get("sender_identity")
        if identity and not cleaned.get("user") and "user" not in self.errors:
            self._check_new_user(identity)
        return cleaned

    def _check_new_user(self, name: str) -> None:
        model = get_user_model()
        limit = model._meta.get_field(model.USERNAME_FIELD).max_length
        if limit and len(name) > limit:
            self.add_error("user", _("The Sender identity is too long for the name of a new user: choose a user."))
        elif model._default_manager.filter(**{model.USERNAME_FIELD: name}).exists():
            self.add_error("user", _("A user already has this Sender identity for a name: choose it, or another one."))


class NoUser(Exception):
    """The shop has made no user for a new customer."""


class CustomerCreate(generic.CreateView):
    """The customer, its shop user, and a secret for test and for production: all or nothing."""

    def get_initial(self) -> dict[str, Any]:
        company = self._asked_company()
        initial = {"company": company.pk, "name": company.name} if company else {}
        groups = list(CustomerGroup.objects.all()[:2])
        return super().get_initial() | initial | ({"group": groups[0].pk} if len(groups) == 1 else {})

    def _asked_company(self) -> Company | None:
        asked = self.request.GET.get("company", "")
        return Company.objects.filter(depth__gt=1, pk=int(asked)).first() if asked.isdecimal() else None

    def form_valid(self, form: NewCustomerForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except NoUser:
            form.add_error("user", gettext("The shop could not make a user with this name: choose one."))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def save_instance(self) -> PunchoutCustomer:
        with transaction.atomic():
            new = self.form.instance
            if new.user_id is None:
                new.user = self._new_user(new.sender_identity)
            customer = super().save_instance()
            issue_first_secrets(customer, by=self.request.user, at=timezone.now())
        return customer

    @staticmethod
    def _new_user(name: str) -> Any:
        try:
            return get_adapter().create_user(name)
        except (DatabaseError, ValidationError, AdapterUnavailable) as error:
            raise NoUser from error

    def get_success_url(self) -> str:
        return self.get_edit_url()

    def get_success_message(self, instance: PunchoutCustomer) -> str:
        message = gettext("“%(customer)s” has been added, with a secret for test and one for production.")
        return message % {"customer": instance}

    def get_success_buttons(self) -> list:
        return [messages.button(connection_url(self.object), gettext("Connection values"))]


class CustomerEdit(generic.EditView):
    @cached_property
    def header_more_buttons(self) -> list:
        buttons = super().header_more_buttons
        url = reverse("punchout_companies:edit", args=(self.object.company_id,))
        if self.request.user.has_perm("wagtail_punchout.change_company"):
            buttons.append(Button(_("Company"), url=url, icon_name="site", priority=2))
        return buttons


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
        ]


class CustomerViewSet(ModelViewSet):
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
    inspect_view_enabled = True
    copy_view_enabled = False
    ordering = "name"
    list_filter = ["is_active", "group"]
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
    ]
    export_headings = {"company.name": _("Company"), "company.code": _("Company code"), "group.name": _("Group")}
    export_filename = "punchout-customers"
    add_handler = ObjectList(
        [
            FieldPanel("company"),
            FieldPanel("name"),
            FieldPanel("sender_identity"),
            FieldPanel("group"),
            FieldPanel("user", widget=shop_user_chooser.widget_class),
        ],
        base_form_class=NewCustomerForm,
    )
    edit_handler = TabbedInterface(
        [
            Tab(
                "details",
                [
                    FieldPanel("name"),
                    FieldPanel("company"),
                    FieldPanel("group"),
                    FieldPanel("user", widget=shop_user_chooser.widget_class),
                    FieldPanel("is_active"),
                    MultiFieldPanel(
                        [
                            FieldPanel("sender_domain"),
                            FieldPanel("sender_identity"),
                            FieldPanel("from_domain"),
                            FieldPanel("from_identity"),
                            FieldPanel("behind_hub"),
                        ],
                        heading=_("Identity"),
                    ),
                    FieldPanel("notes"),
                ],
                heading=_("Details"),
            ),
            Tab("connection", [ConnectionPanel()], heading=_("Connection")),
            Tab("roles", [ReadingPanel(roles_of)], heading=_("Roles")),
            Tab("visits", [ReadingPanel(visits_of)], heading=_("Visits")),
        ]
    )

    @cached_property
    def _add_handler(self) -> ObjectList:
        return self.add_handler.bind_to_model(self.model)

    def get_add_view_kwargs(self, **kwargs: object) -> dict:
        handler = self._add_handler
        return super().get_add_view_kwargs(**{"panel": handler, "form_class": handler.get_form_class(), **kwargs})

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("new-secret/<int:pk>/<slug:mode>/", NewSecret.as_view(), name="new_secret"),
        ]


customers = CustomerViewSet()
