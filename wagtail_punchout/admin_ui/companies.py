"""Companies: the tree, opened level by level and searched as a whole.

Every company hangs under one hidden root, which no screen lists and no address opens. Nothing is deleted here: a branch
would go with it, visits and all; a company is switched off instead.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, TabbedInterface
from wagtail.admin.ui.tables import BaseColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.company_moves import CompanyMove
from wagtail_punchout.admin_ui.company_tree import NAMESPACE, Crumbs, Parented, Shown, shown_companies
from wagtail_punchout.admin_ui.listing import WIDE, ActiveColumn, ListView
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, ReadingPanel, Rows, Section, SectionsView, Tab, url_of
from wagtail_punchout.models import Company, company_root


class ChildrenColumn(BaseColumn):
    """The arrow one level down, as in Wagtail's page explorer."""

    header_template_name = "wagtail_punchout/admin/cells/children_header.html"
    cell_template_name = "wagtail_punchout/admin/cells/children.html"

    def __init__(self, *, may_add: bool) -> None:
        super().__init__("children", label=_("Go down"))
        self.may_add = may_add

    def get_cell_context_data(self, instance: Company, parent_context: Any) -> dict:
        return super().get_cell_context_data(instance, parent_context) | {"may_add": self.may_add}


class CompanyList(Parented, Crumbs, ListView):
    """One level of the tree; searching and filtering look through the whole branch below."""

    header_icon = "site"
    empty_advice = _("Companies hold customers. Start with the organization that wants to connect.")

    def get_base_queryset(self) -> QuerySet:
        companies = shown_companies().annotate(customer_count=Count("customers", distinct=True))
        looks_deeper = self.is_searching or self.is_filtering or self.is_export
        if self.parent:
            companies = companies.filter(path__startswith=self.parent.path, depth__gt=self.parent.depth)
        return companies if looks_deeper else companies.filter(depth=self.parent.depth + 1 if self.parent else 2)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("code", label=_("Code"), sort_key="code"),
            Column("network_id", label=_("Network ID"), sort_key="network_id", classname=WIDE),
            NumberColumn("customer_count", label=_("Customers"), sort_key="customer_count", classname=WIDE),
            NumberColumn("numchild", label=_("Companies below"), sort_key="numchild", classname=WIDE),
            ActiveColumn(),
            ChildrenColumn(may_add=self.user_has_permission("add")),
        ]

    def get_list_more_buttons(self, company: Company) -> list:
        buttons = super().get_list_more_buttons(company)
        if self.user_has_permission("add"):
            url = reverse(f"{NAMESPACE}:add_child", args=(company.pk,))
            buttons.append(Button(_("Add a company below"), url=url, icon_name="plus", priority=15))
        return buttons

    def get_index_url(self) -> str:
        return self.parented("children", "index")

    def get_index_results_url(self) -> str:
        return self.parented("children_results", "index_results")

    def get_add_url(self) -> str | None:
        return self.parented("add_child", "add") if self.user_has_permission("add") else None

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.parent)

    def get_page_title(self) -> str:
        return self.parent.name if self.parent else super().get_page_title()

    def get_empty_advice(self) -> str:
        return "" if self.parent else self.empty_advice

    @cached_property
    def header_buttons(self) -> list:
        buttons = super().header_buttons
        if self.parent and self.user_has_permission("change"):
            url = reverse(f"{NAMESPACE}:edit", args=(self.parent.pk,))
            buttons.append(HeaderButton(_("Edit"), url=url, icon_name="edit"))
        return buttons


class CompanyForm(WagtailAdminModelForm):
    """Only people who work in the admin can be assigned."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if staff := self.fields.get("assigned_staff"):
            may_enter = Q(user_permissions__codename="access_admin") | Q(groups__permissions__codename="access_admin")
            users = get_user_model()._default_manager.filter(may_enter | Q(is_superuser=True), is_active=True)
            staff.queryset = users.distinct()
            staff.widget = forms.CheckboxSelectMultiple(choices=staff.choices)


class CompanyCreate(Parented, Crumbs, generic.CreateView):
    """A new company under the chosen parent, or at the top."""

    def get_add_url(self) -> str:
        return self.parented("add_child", "add")

    def get_success_url(self) -> str:
        return self.parented("children", "index")

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.parent, (gettext("New company"), ""))

    def save_instance(self) -> Company:
        with transaction.atomic():
            company = self.form.save(commit=False)
            # Read afresh: the path of a child is made from what its parent holds now.
            parent = Company.objects.get(pk=self.parent.pk) if self.parent else company_root()
            parent.add_child(instance=company)
            self.form.save_m2m()
            log(company, "wagtail.create", user=self.request.user, content_changed=True)
        return company


class CompanyEdit(Shown, Crumbs, generic.EditView):
    """One company, with its customers and what is below it."""

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object)

    def get_success_url(self) -> str:
        above = self.object.lineage[1:]
        return reverse(f"{NAMESPACE}:children", args=(above[0].pk,)) if above else super().get_success_url()

    @cached_property
    def header_more_buttons(self) -> list:
        buttons = super().header_more_buttons
        add_customer = f"{reverse('punchout_customers:add')}?company={self.object.pk}"
        if self.request.user.has_perm("wagtail_punchout.add_punchoutcustomer"):
            buttons.append(Button(_("Add PunchOut customer"), url=add_customer, icon_name="user", priority=1))
        if self.user_has_permission("add"):
            below = reverse(f"{NAMESPACE}:add_child", args=(self.object.pk,))
            buttons.append(Button(_("Add a company below"), url=below, icon_name="plus", priority=2))
        move = reverse(f"{NAMESPACE}:move", args=(self.object.pk,))
        buttons.append(Button(_("Move"), url=move, icon_name="redirect", priority=3))
        return buttons


class CompanyInspect(Shown, Crumbs, SectionsView):
    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object, (self.get_page_title(), ""))

    def get_sections(self) -> list[Section]:
        return [
            self.facts("details", gettext("Details"), ["name", "code", "duns", "network_id", "tax_id", "is_active"]),
            self.facts("shop", gettext("In the shop"), ["currency", "language", "price_group"]),
            self.facts("notes", gettext("Notes"), ["assigned_staff", "notes", "created_at", "updated_at"]),
            *customers_of(self.object, self.request),
            *companies_below(self.object, self.request),
        ]


class CompanyHistory(Shown, Crumbs, generic.history.HistoryView):
    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object, (gettext("History"), ""))


class CompanyUsage(Shown, generic.usage.UsageView):
    pass


def customers_of(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=lambda each: url_of(each, request.user)),
        Column("sender_identity", label=_("Sender identity")),
        Column("group", label=_("Group")),
        ActiveColumn(sort_key=None),
    ]
    buttons = []
    if request.user.has_perm("wagtail_punchout.add_punchoutcustomer"):
        url = f"{reverse('punchout_customers:add')}?company={company.pk}"
        buttons.append(Button(_("Add PunchOut customer"), url=url, classname=SMALL_BUTTON))
    customers = company.customers.select_related("group")
    empty = gettext("No customer connects for this company yet.")
    return [Rows("customers", gettext("Customers"), columns, customers, empty=empty, buttons=buttons)]


def companies_below(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=lambda each: url_of(each, request.user)),
        Column("code", label=_("Code")),
        ActiveColumn(sort_key=None),
    ]
    below = company.get_children().order_by("name")[:50]
    more = (reverse(f"{NAMESPACE}:children", args=(company.pk,)), gettext("Open this level of the tree"))
    empty = gettext("There are no companies below this one.")
    return [Rows("below", gettext("Companies below"), columns, below, empty=empty, more=more)]


class CompanyViewSet(ModelViewSet):
    model = Company
    name = NAMESPACE
    url_prefix = "punchout/companies"
    menu_label = _("Companies")
    icon = "site"
    index_view_class = CompanyList
    add_view_class = CompanyCreate
    edit_view_class = CompanyEdit
    inspect_view_class = CompanyInspect
    history_view_class = CompanyHistory
    usage_view_class = CompanyUsage
    inspect_view_enabled = True
    copy_view_enabled = False  # a copied node has no place in the tree
    ordering = "name"
    list_filter = ["is_active", "currency", "price_group"]
    search_fields = ["name"]
    search_backend_name = None
    list_export = ["code", "name", "duns", "network_id", "tax_id", "currency", "price_group", "is_active", "depth"]
    export_headings = {"depth": _("Level")}
    export_filename = "companies"
    edit_handler = TabbedInterface(
        [
            Tab(
                "details",
                [
                    FieldPanel("name"),
                    FieldPanel("code"),
                    FieldPanel("duns"),
                    FieldPanel("network_id"),
                    FieldPanel("tax_id"),
                    FieldPanel("is_active"),
                    FieldPanel("assigned_staff"),
                    FieldPanel("notes"),
                ],
                heading=_("Details"),
            ),
            Tab(
                "shop",
                [FieldPanel("currency"), FieldPanel("language"), FieldPanel("price_group")],
                heading=_("In the shop"),
            ),
            Tab("customers", [ReadingPanel(customers_of)], heading=_("Customers")),
            Tab("below", [ReadingPanel(companies_below)], heading=_("Companies below")),
        ],
        base_form_class=CompanyForm,
    )

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        return super().get_common_view_kwargs(**{"delete_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        kept = [each for each in super().get_urlpatterns() if each.name != "delete"]
        move = self.construct_view(CompanyMove)
        return [
            *kept,
            path("children/<int:parent_pk>/", self.index_view, name="children"),
            path("children/<int:parent_pk>/results/", self.index_results_view, name="children_results"),
            path("children/<int:parent_pk>/new/", self.add_view, name="add_child"),
            path("move/<int:pk>/", move, name="move"),
        ]


companies = CompanyViewSet()
