"""Companies: the tree, opened level by level and searched as a whole.

Every company hangs under one hidden root, which no screen lists and no address opens. Nothing is deleted here: a branch
would go with it, visits and all; a company is switched off instead.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TabbedInterface
from wagtail.admin.views import generic
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.addresses import addresses_of
from wagtail_punchout.admin_ui.company_form import CompanyForm
from wagtail_punchout.admin_ui.company_list import EXPORT, EXPORT_HEADINGS, CompanyFilterSet, CompanyList
from wagtail_punchout.admin_ui.company_moves import CompanyMove
from wagtail_punchout.admin_ui.company_tabs import carts_of, customers_of, links_of, visits_at
from wagtail_punchout.admin_ui.company_tree import NAMESPACE, Crumbs, Parented, actions_for, page, place_of
from wagtail_punchout.admin_ui.history import CompanyHistory, RecordsChanges, history_of
from wagtail_punchout.admin_ui.orders import orders_at
from wagtail_punchout.admin_ui.scoped import ScopedViewSet
from wagtail_punchout.admin_ui.sections import ReadingPanel, Tab
from wagtail_punchout.admin_ui.switching import CompanySwitch, effect_on_companies, note_switch, tell_switched
from wagtail_punchout.models import Company, company_root


class CompanyCreate(Parented, Crumbs, generic.CreateView):
    """A new company under the chosen parent, or at the top."""

    def dispatch(self, request: Any, *args: object, **kwargs: object) -> HttpResponse:
        self.parent  # noqa: B018  (404 before anything else, where there is none to be seen)
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> CompanyForm:
        form = super().get_form(form_class)
        form.tell_inherited(self.parent)
        return form

    def get_add_url(self) -> str:
        return self.parented("add_child", "add")

    def get_success_url(self) -> str:
        return self.get_edit_url()

    def get_success_buttons(self) -> list:
        return []

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.parent, (gettext("New company"), ""))

    def save_instance(self) -> Company:
        with transaction.atomic():
            company = self.form.save(commit=False)
            # Read afresh: the path of a child is made from what its parent holds now.
            pk = self.parent.pk if self.parent else company_root().pk
            Company.objects.select_for_update().get(pk=pk).add_child(instance=company)
            self.form.save_m2m()
            log(company, "wagtail.create", user=self.request.user, content_changed=True)
        return company


class CompanyEdit(RecordsChanges, Crumbs, generic.EditView):
    """One company: its place in the tree, its fields, and what belongs to it."""

    page_title = _("Company")

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object)

    def get_success_url(self) -> str:
        return page("edit", self.object)

    def get_success_buttons(self) -> list:
        return []

    def save_instance(self) -> Company:
        if "is_active" not in self.form.changed_data:
            return super().save_instance()
        company = self.form.instance
        on, stored = company.is_active, Company.objects.get(pk=company.pk)
        effect = effect_on_companies([stored], on=on)
        saved = super().save_instance()
        note_switch(saved, on=on, by=self.request.user)
        tell_switched(self.request, saved, effect)
        return saved

    def record(self, changes: list[dict[str, Any]]) -> None:
        # The switch has an entry of its own.
        super().record([each for each in changes if each["field"] != "is_active"])

    @cached_property
    def header_more_buttons(self) -> list:
        return [*actions_for(self.object, self.request.user), *super().header_more_buttons]


class AllOfCompany(Crumbs, CompanyHistory):
    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object, (gettext("History"), ""))


class CompanyViewSet(ScopedViewSet):
    model = Company
    name = NAMESPACE
    url_prefix = "punchout/companies"
    menu_label = _("Companies")
    icon = "site"
    index_view_class = CompanyList
    add_view_class = CompanyCreate
    edit_view_class = CompanyEdit
    history_view_class = AllOfCompany
    ordering = "name"
    filterset_class = CompanyFilterSet
    search_fields = ["name"]
    search_backend_name = None
    list_export = EXPORT
    export_headings = EXPORT_HEADINGS
    export_filename = "companies"
    edit_handler = TabbedInterface(
        [
            Tab(
                "details",
                [
                    ReadingPanel(place_of, heading=_("Place in the tree")),
                    MultiFieldPanel(
                        [FieldPanel(each) for each in ("name", "code", "duns", "network_id", "tax_id")],
                        heading=_("Organization"),
                    ),
                    MultiFieldPanel(
                        [FieldPanel(each) for each in ("currency", "language", "price_group")], heading=_("In the shop")
                    ),
                    FieldPanel("is_active", heading=_("Status")),
                    FieldPanel("assigned_staff"),
                    FieldPanel("notes"),
                ],
                heading=_("Details"),
            ),
            Tab("customers", [ReadingPanel(customers_of)], heading=_("Customers")),
            Tab("addresses", [ReadingPanel(addresses_of)], heading=_("Addresses")),
            Tab("links", [ReadingPanel(links_of)], heading=_("Links")),
            Tab("visits", [ReadingPanel(visits_at)], heading=_("Visits")),
            Tab("orders", [ReadingPanel(orders_at), ReadingPanel(carts_of)], heading=_("Orders")),
            Tab("history", [ReadingPanel(history_of)], heading=_("History")),
        ],
        base_form_class=CompanyForm,
    )

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        return super().get_common_view_kwargs(**{"delete_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        kept = [each for each in super().get_urlpatterns() if each.name != "delete"]
        return [
            *kept,
            path("children/<int:parent_pk>/", self.index_view, name="children"),
            path("children/<int:parent_pk>/results/", self.index_results_view, name="children_results"),
            path("children/<int:parent_pk>/new/", self.add_view, name="add_child"),
            path("move/<int:pk>/", self.construct_view(CompanyMove), name="move"),
            path("switch/<int:pk>/", self.construct_view(CompanySwitch), name="switch"),
        ]


companies = CompanyViewSet()
