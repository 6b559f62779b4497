"""What all pages of companies share: the way down the tree is in sight, and the tree ends where one's scope ends.

The hidden root does not exist, and neither does what is above the companies of somebody who may not see everything:
it has no name, no address and no number here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import StatusTagColumn
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.sections import Section
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, company_root
from wagtail_punchout.models.companies import on_level

NAMESPACE = "punchout_companies"
#: How many of the companies below are named on a company's own page.
NAMED = 5


def page(name: str, company: Company | None = None) -> str:
    return reverse(f"{NAMESPACE}:{name}", args=(company.pk,) if company else ())


def way_to(company: Company | None, user: Any) -> list[Company]:
    """The visible companies from the top down to this one."""
    scope = scope_of(user)
    return [each for each in reversed(company.lineage if company else []) if scope.has(each)]


def tops(companies: QuerySet, user: Any) -> QuerySet:
    """Where the tree begins for ``user``."""
    scope = scope_of(user)
    return on_level(companies, company_root().path) if scope.everywhere else companies.filter(path__in=scope.paths)


class Crumbs:
    """The way down the tree, above every page of a company."""

    def crumbs(self, company: Company | None, *last: tuple[str, str]) -> list[dict]:
        way = [{"url": page("index"), "label": capfirst(str(Company._meta.verbose_name_plural))}]
        for each in way_to(company, self.request.user):
            way.append({"url": page("children", each), "label": each.name})
        return [*self.breadcrumbs_items, *way, *({"url": url, "label": label} for label, url in last)]


class Parented:
    """For views whose address may name the company to work under."""

    @cached_property
    def parent(self) -> Company | None:
        pk = self.kwargs.get("parent_pk")
        return get_object_or_404(visible(Company.objects.all(), self.request.user), pk=pk) if pk else None

    def parented(self, name: str, top: str) -> str:
        return page(name, self.parent) if self.parent else page(top)


class State(NamedTuple):
    """Whether the customers of a company can enter, as far as companies decide it."""

    is_on: bool
    label: str


class Above:
    """What stands above some companies, looked up once for all of them."""

    def __init__(self, companies: Iterable[Company], user: Any) -> None:
        companies = list(companies)
        self.scope = scope_of(user)
        paths = {path for each in companies for path in _paths_above(each.path)}
        known = Company.objects.filter(path__in=paths, depth__gt=1).only("pk", "name", "path", "depth", "is_active")
        self._by_path = {each.path: each for each in known} if paths else {}

    def names(self, company: Company) -> list[str]:
        return [each.name for each in self._all(company) if self.scope.has(each)]

    def state(self, company: Company) -> State:
        if not company.is_active:
            return State(False, gettext("switched off"))
        off = [each for each in self._all(company) if not each.is_active]
        if not off:
            return State(True, gettext("active"))
        if any(self.scope.has(each) for each in off):
            return State(False, gettext("switched off above"))
        # Whoever may not see what is above must not learn from here that there is something.
        return State(False, gettext("closed by an administrator"))

    def _all(self, company: Company) -> list[Company]:
        return [self._by_path[path] for path in _paths_above(company.path) if path in self._by_path]


def _paths_above(path: str) -> list[str]:
    return [path[:end] for end in range(2 * Company.steplen, len(path), Company.steplen)]


class StateColumn(StatusTagColumn):
    """Needs ``state`` on each row (:class:`State`)."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            "state",
            label=_("Status"),
            accessor=lambda each: each.state.label,
            primary=lambda each: each.state.is_on,
            **kwargs,
        )


def actions_for(company: Company, user: Any) -> list[Button]:
    """What ``user`` can do with a company, for the menus of all its pages."""
    buttons = []
    if can(user, "add", PunchoutCustomer) and can(user, "view", company):
        url = f"{reverse('punchout_customers:add')}?company={company.pk}"
        buttons.append(Button(_("Add PunchOut customer"), url=url, icon_name="user", priority=1))
    if can(user, "add", CustomerGroup) and can(user, "view", company):
        url = f"{reverse('punchout_groups:add')}?company={company.pk}"
        buttons.append(Button(_("Add a customer group"), url=url, icon_name="group", priority=2))
    if can(user, "add", Company):
        url = page("add_child", company)
        buttons.append(Button(_("Add a company below"), url=url, icon_name="plus", priority=15))
    if can(user, "move", company):
        buttons.append(Button(_("Move"), url=page("move", company), icon_name="redirect", priority=16))
    if can(user, "change", company):
        label, icon = (_("Switch off"), "no-view") if company.is_active else (_("Switch on"), "view")
        buttons.append(Button(label, url=page("switch", company), icon_name=icon, priority=17))
    return buttons


class Place(Section):
    """Where a company stands: what is above it, beside it and below it."""

    template_name = "wagtail_punchout/admin/sections/place.html"

    def __init__(self, company: Company, user: Any) -> None:
        super().__init__("place", gettext("Place in the tree"))
        *self.above, self.company = way_to(company, user)
        self.state = Above([company], user).state(company)
        self.below = list(company.get_children().order_by("name")[:NAMED])
        self.children = company.numchild
        self.more_below = max(company.numchild - NAMED, 0)
        self.descendants = company.get_descendant_count() if company.numchild else 0
        self.beside = _beside(company, self.above[-1] if self.above else None, user)
        branch = PunchoutCustomer.objects.filter(company__path__range=Company.branch(company.path))
        self.customers = visible(branch, user).count()


def _beside(company: Company, parent: Company | None, user: Any) -> int | None:
    """How many companies stand beside this one; ``None`` where that would tell of what is not to be seen."""
    if parent is None and not scope_of(user).everywhere:
        return None
    return (parent or company_root()).numchild - 1


def place_of(company: Company, request: Any) -> list[Section]:
    return [Place(company, request.user)]
