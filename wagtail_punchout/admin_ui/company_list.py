"""The tree of companies, level by level, and all of it at once when one searches or filters.

What a row needs beyond its own columns is looked up for the rows of one page together, so that a page costs the same
however many companies there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from wagtail_punchout.admin_ui.bulk import BulkListing
from wagtail_punchout.admin_ui.company_form import price_groups, staff
from wagtail_punchout.admin_ui.company_tree import (
    Above,
    Crumbs,
    Parented,
    Place,
    StateColumn,
    actions_for,
    page,
    tops,
)
from wagtail_punchout.admin_ui.listing import WIDE, ListView
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.world import currencies
from wagtail_punchout.models import Company, PunchoutCustomer
from wagtail_punchout.models.companies import on_level


class NameColumn(TitleColumn):
    """The name; among results of a search with the way to it."""

    cell_template_name = "wagtail_punchout/admin/cells/company_name.html"


class DetailsColumn(BaseColumn):
    """The icon that opens a company."""

    header_template_name = "wagtail_punchout/admin/cells/children_header.html"
    cell_template_name = "wagtail_punchout/admin/cells/details.html"


class ChildrenColumn(BaseColumn):
    """The arrow one level down, as in Wagtail's page explorer."""

    header_template_name = "wagtail_punchout/admin/cells/children_header.html"
    cell_template_name = "wagtail_punchout/admin/cells/children.html"

    def __init__(self, *, may_add: bool) -> None:
        super().__init__("children", label=_("Go down"))
        self.may_add = may_add

    def get_cell_context_data(self, instance: Company, parent_context: Any) -> dict:
        return super().get_cell_context_data(instance, parent_context) | {"may_add": self.may_add}


class CompanyFilterSet(WagtailFilterSet):
    is_active = django_filters.ChoiceFilter(
        label=_("Status"), choices=[("on", _("active")), ("off", _("switched off"))], method="filter_active"
    )
    currency = django_filters.ChoiceFilter(label=_("Currency"))
    price_group = django_filters.ChoiceFilter(label=_("Price group"))
    has_customers = django_filters.ChoiceFilter(
        label=_("Customers"),
        choices=[("yes", _("with customers")), ("no", _("without customers"))],
        method="filter_customers",
    )
    assigned_staff = django_filters.ModelChoiceFilter(label=_("Assigned to"), queryset=lambda request: staff())

    class Meta:
        model = Company
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        # Callables: asked when the filters are drawn, not for every letter of a search.
        self.filters["currency"].extra["choices"] = lambda: _in_use(user)
        self.filters["price_group"].extra["choices"] = lambda: price_groups(user)
        if not can(user, "assign_staff", Company):
            del self.filters["assigned_staff"]

    def filter_active(self, companies: QuerySet, name: str, value: str) -> QuerySet:
        return companies.filter(is_active=value == "on")

    def filter_customers(self, companies: QuerySet, name: str, value: str) -> QuerySet:
        has = Exists(PunchoutCustomer.objects.filter(company=OuterRef("pk")))
        return companies.filter(has if value == "yes" else ~has)


def _in_use(user: Any) -> list[tuple[str, str]]:
    used = set(
        visible(Company.objects.exclude(currency=""), user).order_by().values_list("currency", flat=True).distinct()
    )
    names = dict(currencies())
    return sorted(((code, names.get(code, code)) for code in used), key=lambda each: each[1])


class CompanyList(BulkListing, Parented, Crumbs, ListView):
    """One level of the tree; searching and filtering look through the whole branch below."""

    header_icon = "site"
    template_name = "wagtail_punchout/admin/company_list.html"
    empty_advice = _("Companies hold customers. Start with the organization that wants to connect.")
    select_all_label = _("Select all companies in listing")

    @cached_property
    def looks_deeper(self) -> bool:
        return bool(self.is_searching or self.is_filtering or self.is_export)

    def get_base_queryset(self) -> QuerySet:
        companies = Company.objects.filter(depth__gt=1)
        if self.parent:
            if not self.looks_deeper:
                return on_level(companies, self.parent.path)
            return self.parent.get_descendants().order_by()
        return companies if self.looks_deeper else tops(companies, self.request.user)

    def order_queryset(self, companies: QuerySet) -> QuerySet:
        if str(self.ordering).removeprefix("-") == "customer_count":
            companies = companies.annotate(customer_count=customer_count())
        return super().order_queryset(companies)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name", NameColumn),
            Column("code", label=_("Code"), sort_key="code", classname=WIDE),
            Column("network_id", label=_("Network ID"), sort_key="network_id", classname=WIDE),
            NumberColumn("customers_here", label=_("Customers"), sort_key="customer_count", classname=WIDE),
            NumberColumn("numchild", label=_("Companies below"), sort_key="numchild", classname=WIDE),
            StateColumn(sort_key="is_active"),
            DetailsColumn("details", label=_("Details")),
            ChildrenColumn(may_add=can(self.request.user, "add", Company)),
        ]

    def get_table(self, object_list: Iterable[Company]) -> Any:
        """Before the rows are drawn: what each needs from elsewhere, for all of them together."""
        rows = list(object_list) if not self.is_export else []
        above = Above(rows, self.request.user)
        for each in rows:
            each.state = above.state(each)
            each.way = above.names(each) if self.looks_deeper else []
        count_customers(rows)
        return super().get_table(rows)

    def get_edit_url(self, company: Company) -> str | None:
        return page("edit", company) if can(self.request.user, "change", company) else None

    def get_list_more_buttons(self, company: Company) -> list:
        return [*super().get_list_more_buttons(company), *actions_for(company, self.request.user)]

    def get_index_url(self) -> str:
        return self.parented("children", "index")

    def get_index_results_url(self) -> str:
        return self.parented("children_results", "index_results")

    def get_add_url(self) -> str | None:
        return self.parented("add_child", "add") if can(self.request.user, "add", Company) else None

    @cached_property
    def add_item_label(self) -> str:
        return gettext("Add a company below") if self.parent else gettext("Add company")

    @cached_property
    def add_button(self) -> HeaderButton:
        if not self.parent:
            return super().add_button
        # An icon, as in the page explorer: beside it stands the whole name of a company.
        return HeaderButton(self.add_item_label, url=self.add_url, icon_name="circle-plus", icon_only=True)

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.parent)

    def get_page_title(self) -> str:
        return self.parent.name if self.parent else super().get_page_title()

    @cached_property
    def no_results_message(self) -> str:
        if self.parent and not (self.is_searching or self.is_filtering):
            return gettext("There are no companies below “%(company)s” yet.") % {"company": self.parent}
        return super().no_results_message

    def get_empty_advice(self) -> str:
        if self.parent:
            return gettext("A branch, a school or a department that orders for itself can have its own place here.")
        if can(self.request.user, "add", Company):
            return str(self.empty_advice)
        return gettext("No company is assigned to you yet. Ask an administrator.")

    @cached_property
    def header_buttons(self) -> list:
        buttons = super().header_buttons
        if self.parent and can(self.request.user, "change", self.parent):
            url = page("edit", self.parent)
            buttons.append(HeaderButton(_("Details"), url=url, icon_name="info-circle", icon_only=True))
        return buttons

    @cached_property
    def header_more_buttons(self) -> list:
        own = actions_for(self.parent, self.request.user) if self.parent else []
        # "Add a company below" is the button beside the menu.
        return [*(each for each in own if each.url != self.add_url), *super().header_more_buttons]

    @property
    def bulk_parent(self) -> int | None:
        return self.parent.pk if self.parent else None

    def get_context_data(self, *args: object, **kwargs: object) -> dict:
        context = super().get_context_data(*args, **kwargs)
        if self.parent and not self.results_only:
            context["place"] = Place(self.parent, self.request.user)
        return context

    def as_spreadsheet(self, companies: QuerySet, spreadsheet_format: str) -> Any:
        user = self.request.user
        # In the order of the tree, with the way to each: one query for all names instead of one for every row.
        self._names = dict(visible(Company.objects.all(), user).order_by().values_list("path", "name"))
        rows = companies.annotate(customer_count=customer_count())
        return super().as_spreadsheet(rows if self.is_explicitly_ordered else rows.order_by("path"), spreadsheet_format)

    def to_row_dict(self, company: Company) -> dict:
        steps = range(2 * Company.steplen, len(company.path) + 1, Company.steplen)
        way = [self._names[company.path[:end]] for end in steps if company.path[:end] in self._names]
        company.tree = " / ".join(way)
        return super().to_row_dict(company)


def customer_count() -> Coalesce:
    """For sorting and exporting; a page counts its own rows (:func:`count_customers`)."""
    theirs = PunchoutCustomer.objects.filter(company=OuterRef("pk")).order_by()
    return Coalesce(Subquery(theirs.values("company").annotate(number=Count("pk")).values("number")), 0)


def count_customers(companies: list[Company]) -> None:
    """Sets ``customers_here`` on each: the customers of the company itself."""
    theirs = PunchoutCustomer.objects.filter(company__in=[each.pk for each in companies]).order_by()
    counts = dict(theirs.values_list("company").annotate(number=Count("pk"))) if companies else {}
    for each in companies:
        each.customers_here = counts.get(each.pk, 0)


EXPORT = [
    "tree",
    "code",
    "name",
    "duns",
    "network_id",
    "tax_id",
    "currency",
    "language",
    "price_group",
    "is_active",
    "customer_count",
    "numchild",
]
EXPORT_HEADINGS = {
    "tree": _("Place in the tree"),
    "customer_count": _("Customers"),
    "numchild": _("Companies below"),
    "is_active": _("Active"),
}
