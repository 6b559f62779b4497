"""The overview: how much happens through PunchOut, which connections have gone silent, and what needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, Max, Q, QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet

from wagtail_punchout.admin_ui.attention import Need, needs, units
from wagtail_punchout.admin_ui.charts import Chart, Series, shown
from wagtail_punchout.admin_ui.listing import STYLES, customers_by
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.sections import Rows, Section
from wagtail_punchout.flows.figures import Period, counted, midnight, of_buyers, starts
from wagtail_punchout.flows.habits import silences
from wagtail_punchout.models import Exchange, Mode, OrderState, PunchoutCustomer, PunchoutSession, PurchaseOrder
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.sessions import State

PERIODS = {
    Period.WEEK: _("the last 7 days"),
    Period.MONTH: _("the last 30 days"),
    Period.QUARTER: _("the last 13 weeks"),
    Period.YEAR: _("the last 13 months"),
}
MODES = {Mode.PRODUCTION: _("production"), Mode.TEST: _("test"), "": _("production and test")}
#: Connections in the table, and silent ones.
MOST_CONNECTIONS, MOST_SILENT = 20, 20


class OverviewForm(forms.Form):
    """Anything else than its choices is as if nothing had been chosen."""

    period = forms.ChoiceField(label=_("Period"), choices=[*PERIODS.items()], required=False)
    mode = forms.ChoiceField(label=_("Mode"), choices=[*MODES.items()], required=False)
    customer = forms.CharField(label=_("Connection: words, or Sender identity"), required=False)


class Figures:
    """What ``user`` may know of one period: three queries. The same length of time before is counted as well.

    Our own tests of connections are no visits and no orders.
    """

    def __init__(
        self, user: Any, now: datetime, period: Period, *, mode: str = Mode.PRODUCTION, customers: Any = None
    ) -> None:
        self.user, self.period = user, period
        self.first_days = starts(period, timezone.localdate(now))
        bounds = [midnight(each) for each in self.first_days]
        self.bounds = [bounds[0] - (now - bounds[0]), *bounds]
        self.narrow = {"customer__in": customers} if customers is not None else {}
        self.mode = {"mode": mode} if mode else {}

    @property
    def since(self) -> datetime:
        return self.bounds[1]

    @property
    def reads_documents(self) -> bool:
        return can(self.user, "view", Exchange)

    def visits(self) -> QuerySet:
        return visible(of_buyers(PunchoutSession.objects.filter(**self.mode, **self.narrow)), self.user)

    def orders(self) -> QuerySet:
        orders = PurchaseOrder.objects.filter(**self.mode, **self.narrow)
        # All that our own tests leave is in test mode: where that does not count, nothing has to be looked up.
        return visible(orders if self.mode == {"mode": Mode.PRODUCTION} else of_buyers(orders), self.user)

    def failures(self) -> QuerySet:
        """Documents that were refused, in either mode: who is refused has none."""
        refused = Exchange.objects.filter(direction=Direction.IN, status__gte=300, **self.narrow)
        return visible(of_buyers(refused), self.user)

    @cached_property
    def visit_counts(self) -> Counter[tuple]:
        return counted(self.visits(), self.bounds, "state")

    @cached_property
    def order_counts(self) -> Counter[tuple]:
        return counted(self.orders(), self.bounds, "state")

    @cached_property
    def failure_counts(self) -> Counter[tuple]:
        return counted(self.failures(), self.bounds, "status") if self.reads_documents else Counter()

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The names of the steps, short and long."""
        if self.period == Period.YEAR:
            return [(date_format(each, "m/y"), date_format(each, "F Y")) for each in self.first_days[:-1]]
        return [(date_format(each, "j M"), date_format(each, "DATE_FORMAT")) for each in self.first_days[:-1]]

    def series(self, label: Any, look: str, counts: Counter[tuple], is_meant: Callable[[Any], bool]) -> Series:
        numbers = [0] * len(self.first_days)
        for (step, kind), number in counts.items():
            if is_meant(kind):
                numbers[step] += number
        return Series(str(label), look, numbers[1:])

    def charts(self) -> Iterator[Chart]:
        home, away = (State.RETURNED,), (State.CANCELLED,)
        of_visits = [
            self.series(_("cart returned"), "punchout-good", self.visit_counts, lambda state: state in home),
            self.series(_("cancelled"), "punchout-fair", self.visit_counts, lambda state: state in away),
            self.series(_("neither"), "punchout-calm", self.visit_counts, lambda state: state not in home + away),
        ]
        yield Chart("chart-visits", gettext("Visits"), self.steps, of_visits)
        over = (OrderState.REFUSED, OrderState.CANCELLED)
        of_orders = [
            self.series(
                _("taken"), "punchout-good", self.order_counts, lambda state: state not in (*over, OrderState.HELD)
            ),
            self.series(_("held"), "punchout-fair", self.order_counts, lambda state: state == OrderState.HELD),
            self.series(_("refused, cancelled"), "punchout-calm", self.order_counts, lambda state: state in over),
        ]
        yield Chart("chart-orders", gettext("Purchase orders"), self.steps, of_orders)
        if self.reads_documents:
            of_failures = [
                self.series(_("refused"), "punchout-fair", self.failure_counts, lambda status: status < 500),
                self.series(_("failed"), "punchout-bad", self.failure_counts, lambda status: status >= 500),
            ]
            yield Chart("chart-failures", gettext("Refused and failed documents"), self.steps, of_failures)

    def tiles(self) -> Iterator[tuple[str, str, str]]:
        """What, how much, and how much it was before."""
        for label, counts, kinds in (
            (gettext("Visits"), self.visit_counts, None),
            (gettext("Carts returned"), self.visit_counts, (State.RETURNED,)),
            (pgettext("visit", "Cancelled"), self.visit_counts, (State.CANCELLED,)),
            (gettext("Purchase orders"), self.order_counts, None),
            *([(gettext("Refused and failed"), self.failure_counts, None)] if self.reads_documents else []),
        ):
            before = sum(counts[key] for key in counts if key[0] == 0 and (kinds is None or key[1] in kinds))
            within = sum(counts[key] for key in counts if key[0] and (kinds is None or key[1] in kinds))
            yield label, shown(within), gettext("before: %(number)s") % {"number": shown(before)}


class FiguresSection(Section):
    """Numbers and charts of a period."""

    template_name = "wagtail_punchout/admin/sections/figures.html"

    def __init__(self, figures: Figures) -> None:
        super().__init__("figures", capfirst(str(PERIODS[figures.period])))
        self.tiles, self.charts = list(figures.tiles()), list(figures.charts())


class NeedsSection(Section):
    template_name = "wagtail_punchout/admin/sections/needs.html"

    def __init__(self, found: Sequence[Need]) -> None:
        super().__init__("needs", gettext("What needs a person"))
        self.needs = [(shown(each.number), each) for each in found]


def connections(figures: Figures) -> Rows:
    """The connections that were used most. One query for each kind of thing."""
    seen = visible(PunchoutCustomer.objects.all(), figures.user)
    times = {"created_at__gte": figures.since}
    visits = figures.visits().filter(customer__in=seen, **times).order_by().values("customer")
    used = visits.annotate(
        visits=Count("pk"),
        returned=Count("pk", filter=Q(state=State.RETURNED)),
        cancelled=Count("pk", filter=Q(state=State.CANCELLED)),
        last=Max("created_at"),
    )
    rows = list(used.order_by("-visits", "customer")[:MOST_CONNECTIONS])
    keys = [each["customer"] for each in rows]
    names = PunchoutCustomer.objects.select_related("company").in_bulk(keys)
    orders = _by_customer(figures.orders().filter(customer__in=keys, **times))
    failures = _by_customer(figures.failures().filter(customer__in=keys, **times)) if figures.reads_documents else {}
    for each in rows:
        key = each["customer"]
        each |= {"name": names[key].name, "company": names[key].company, "identity": names[key].sender_identity}
        each |= {"orders": orders.get(key, 0), "failures": failures.get(key, 0)}
    empty = gettext("Nobody has come in this time.")
    heading = gettext("Connections")
    return Rows("connections", heading, list(_connection_columns(figures)), rows, empty=empty)


def _connection_columns(figures: Figures) -> Iterator[BaseColumn]:
    here = {"period": figures.period, "mode": figures.mode.get("mode", "")}
    yield TitleColumn(
        "name",
        label=_("Connection"),
        get_url=lambda each: f"?{urlencode(here | {'customer': each['identity']})}",
    )
    yield Column("company", label=_("Company"), classname="punchout-wide")
    for name, label in (
        ("visits", _("Visits")),
        ("returned", _("Returned")),
        ("cancelled", pgettext_lazy("visit", "Cancelled")),
    ):
        yield _number(name, label)
    yield Column("share", label=_("Share returned"), accessor=_share, classname="punchout-number punchout-wide")
    yield _number("orders", _("Orders"))
    if figures.reads_documents:
        yield _number("failures", _("Refused"))
    yield Column(
        "last",
        label=_("Last visit"),
        accessor=lambda each: date_format(timezone.localtime(each["last"]), "SHORT_DATETIME_FORMAT"),
        classname="punchout-wide",
    )


def _number(name: str, label: Any) -> Column:
    return Column(name, label=label, accessor=lambda each: shown(each[name]), classname="punchout-number")


def _share(row: dict[str, Any]) -> str:
    return f"{row['returned'] / row['visits']:.0%}"


def _by_customer(things: QuerySet) -> dict[int, int]:
    return dict(things.order_by().values_list("customer").annotate(Count("pk")))


def silent(user: Any, today: date, *, customers: Any = None) -> Rows:
    """Connections that are silent against their habit; tests have no habits."""
    seen = visible(PunchoutCustomer.objects.filter(is_active=True), user)
    visits = visible(of_buyers(PunchoutSession.objects.filter(mode=Mode.PRODUCTION, customer__in=seen)), user)
    if customers is not None:
        visits = visits.filter(customer__in=customers)
    found = silences(visits, today)[:MOST_SILENT]
    names = PunchoutCustomer.objects.select_related("company").in_bulk([each.customer for each in found])
    columns = [
        TitleColumn(
            "name",
            label=_("Connection"),
            accessor=lambda each: names[each.customer].name,
            get_url=lambda each: reverse("punchout_customers:edit", args=[each.customer]) + "#tab-visits",
        ),
        Column(
            "company", label=_("Company"), accessor=lambda each: names[each.customer].company, classname="punchout-wide"
        ),
        Column("usual", label=_("Comes"), accessor=lambda each: _every(each.usual)),
        Column("silent", label=_("Silent for"), accessor=lambda each: _days(each.silent)),
        Column("last", label=_("Last day"), accessor=lambda each: date_format(each.last, "SHORT_DATE_FORMAT")),
    ]
    empty = gettext("Every connection comes as often as it is used to.")
    return Rows("silent", gettext("Gone silent"), columns, found, empty=empty)


def _every(usual: float) -> str:
    number = round(usual)
    return ngettext("every day", "every %(number)d days", number) % {"number": number}


def _days(number: int) -> str:
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


class Overview(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    model = PunchoutSession
    permission_required = "view"
    template_name = "wagtail_punchout/admin/overview.html"
    page_title = _("PunchOut overview")
    header_icon = "punchout"

    def get_breadcrumbs_items(self) -> list[dict]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    @cached_property
    def chosen(self) -> dict[str, str]:
        form = OverviewForm(self.request.GET)
        form.is_valid()
        usual = {"period": Period.MONTH, "mode": Mode.PRODUCTION, "customer": ""}
        # “Both modes” is an empty choice, and no answer is none.
        given = {key: value for key, value in form.cleaned_data.items() if key in self.request.GET}
        return usual | {key: value for key, value in given.items() if value or key == "mode"}

    def get_context_data(self, **kwargs: object) -> dict:
        user, now = self.request.user, timezone.now()
        customers = customers_by(self.chosen["customer"], user) if self.chosen["customer"] else None
        figures = Figures(user, now, Period(self.chosen["period"]), mode=self.chosen["mode"], customers=customers)
        waiting = NeedsSection([*needs(user, now), *[each for each in [units(user)] if each.number]])
        sections = [waiting, FiguresSection(figures), silent(user, timezone.localdate(now), customers=customers)]
        sections.append(connections(figures))
        return super().get_context_data(
            form=OverviewForm(self.chosen),
            sections=MediaContainer(sections),
            is_narrowed=customers is not None,
            media=STYLES,
            **kwargs,
        )


class HomePanel(Section):
    """On Wagtail's own home: the last 30 days, and what needs a person."""

    template_name = "wagtail_punchout/admin/home_panel.html"
    order = 105

    def __init__(self, user: Any) -> None:
        super().__init__("punchout", gettext("PunchOut"))
        now = timezone.now()
        self.needs = NeedsSection(needs(user, now))
        self.figures = FiguresSection(Figures(user, now, Period.MONTH))
        self.silent = silent(user, timezone.localdate(now))
        self.url = reverse("punchout_overview:overview")


def add_home_panel(request: Any, panels: list) -> None:
    if scope_of(request.user):
        panels.append(HomePanel(request.user))


class OverviewItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return can(request.user, "view", PunchoutSession)


class OverviewViewSet(ViewSet):
    name = "punchout_overview"
    url_prefix = "punchout/overview"
    icon = "desktop"
    menu_label = _("Overview")
    menu_name = "punchout-overview"
    menu_icon = "history"
    menu_item_class = OverviewItem

    def get_urlpatterns(self) -> list:
        return [path("", Overview.as_view(), name="overview")]


overview = OverviewViewSet()
