"""Reports, among Wagtail's own: how many carts come home and are ordered, why calls fail, which secrets to exchange.

What our own tests of connections leave is in none of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, TitleColumn
from wagtail.admin.viewsets.base import ViewSet

from wagtail_punchout.admin_ui.amounts import money
from wagtail_punchout.admin_ui.listing import WIDE, BranchFilter, CustomerFilter, PeriodFilterSet
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.report_base import (
    NAMES_EXPORTED,
    NAMESPACE,
    NUMBER,
    PerConnection,
    Report,
    number_column,
    percent,
    value_of,
)
from wagtail_punchout.admin_ui.report_secrets import Secrets
from wagtail_punchout.flows.figures import of_buyers
from wagtail_punchout.flows.fixes import fix_for
from wagtail_punchout.models import Exchange, Mode, OrderLine, PunchoutSession, Quote
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.sessions import State

# Visits that bring a cart home


class ConversionFilterSet(PeriodFilterSet):
    customer = CustomerFilter()
    branch = BranchFilter()

    class Meta:
        model = PunchoutSession
        fields = ["mode"]


def share_returned(row: dict[str, Any]) -> str:
    return percent(row["returned"], row["visits"])


class Conversion(PerConnection):
    model = PunchoutSession
    name = "conversion"
    empty_advice = _("Nobody has come yet.")
    page_title = _("PunchOut: visits and carts")
    index_url_name, index_results_url_name = f"{NAMESPACE}:conversion", f"{NAMESPACE}:conversion_results"
    filterset_class = ConversionFilterSet
    default_ordering = "-visits"
    ties = ("customer",)
    exported = {
        **NAMES_EXPORTED,
        "visits": (_("Visits"), value_of("visits")),
        "started": (_("Arrived in the shop"), value_of("started")),
        "returned": (_("Cart returned"), value_of("returned")),
        "cancelled": (pgettext_lazy("visit", "Cancelled"), value_of("cancelled")),
        "share": (_("Share returned"), share_returned),
        "last": (_("Last visit"), value_of("last")),
    }

    def put_together(self, found: QuerySet) -> QuerySet:
        return (
            of_buyers(found)
            .values(*self.NAMES)
            .annotate(
                visits=Count("pk"),
                started=Count("started_at"),
                returned=Count("pk", filter=Q(state=State.RETURNED)),
                cancelled=Count("pk", filter=Q(state=State.CANCELLED)),
                last=Max("created_at"),
            )
        )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            *self.name_columns("punchout_visits:index"),
            number_column("visits", _("Visits")),
            number_column("started", _("Arrived in the shop")),
            number_column("returned", _("Cart returned")),
            number_column("cancelled", pgettext_lazy("visit", "Cancelled")),
            Column("share", label=_("Share returned"), accessor=share_returned, classname=NUMBER),
            DateColumn("last", label=_("Last visit"), sort_key="last"),
        ]


# Carts that become orders


class CartFilterSet(PeriodFilterSet):
    customer = CustomerFilter()
    branch = BranchFilter("session__company")
    mode = django_filters.ChoiceFilter(label=_("Mode"), field_name="session__mode", choices=Mode.choices)

    class Meta:
        model = Quote
        fields = ["mode"]


def share_ordered(row: dict[str, Any]) -> str:
    return percent(row["ordered"], row["carts"])


class CartsToOrders(PerConnection):
    """An order counts for the cart whose lines it orders."""

    model = Quote
    name = "orders"
    empty_advice = _("No cart has been returned yet.")
    page_title = _("PunchOut: carts and orders")
    index_url_name, index_results_url_name = f"{NAMESPACE}:orders", f"{NAMESPACE}:orders_results"
    filterset_class = CartFilterSet
    default_ordering = "-carts"
    ties = ("customer", "currency")
    exported = {
        **NAMES_EXPORTED,
        "currency": (_("Currency"), value_of("currency")),
        "carts": (_("Carts returned"), value_of("carts")),
        "ordered": (_("Carts ordered"), value_of("ordered")),
        "share": (_("Share ordered"), share_ordered),
        "worth": (_("Worth of the carts"), value_of("worth")),
        "worth_ordered": (_("Worth of those ordered"), value_of("worth_ordered")),
    }

    def put_together(self, found: QuerySet) -> QuerySet:
        # A set that is made once; to look for the orders of each cart, PostgreSQL would think it worth compiling.
        ordered = Q(pk__in=OrderLine.objects.exclude(quote_line=None).values("quote_line__quote"))
        carts = of_buyers(found).filter(is_cancel=False)
        return carts.values(*self.NAMES, "currency").annotate(
            carts=Count("pk"),
            ordered=Count("pk", filter=ordered),
            worth=Sum("total"),
            worth_ordered=Sum("total", filter=ordered),
        )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        def worth(name: str, label: Any) -> Column:
            shown_as = lambda row: money(row[name], row["currency"])  # noqa: E731
            return Column(name, label=label, accessor=shown_as, sort_key=name, classname=f"{NUMBER} {WIDE}")

        return [
            *self.name_columns("punchout_quotes:index"),
            number_column("carts", _("Carts returned")),
            number_column("ordered", _("Carts ordered")),
            Column("share", label=_("Share ordered"), accessor=share_ordered, classname=NUMBER),
            worth("worth", _("Worth of the carts")),
            worth("worth_ordered", _("Worth of those ordered")),
        ]


# Why calls fail


class FailureFilterSet(PeriodFilterSet):
    customer = CustomerFilter()
    kind = django_filters.CharFilter(label=_("Document"), lookup_expr="icontains")

    class Meta:
        model = Exchange
        fields = ["kind"]


def reason_of(row: dict[str, Any]) -> Any:
    fix = fix_for(row["reason"])
    return fix.what if fix else row["reason"] or _("kept without a reason")


def mend_of(row: dict[str, Any]) -> Any:
    fix = fix_for(row["reason"])
    return fix.mend if fix else ""


class Failures(Report):
    model = Exchange
    name = "failures"
    empty_advice = _("No call has been refused, and none has failed.")
    page_title = _("PunchOut: failures by reason")
    index_url_name, index_results_url_name = f"{NAMESPACE}:failures", f"{NAMESPACE}:failures_results"
    filterset_class = FailureFilterSet
    default_ordering = "-times"
    ties = ("reason", "status")
    exported = {
        "reason": (_("Reason"), reason_of),
        "code": (_("Code"), value_of("reason")),
        "status": (_("Status"), value_of("status")),
        "mend": (_("What to change"), mend_of),
        "times": (_("Times"), value_of("times")),
        "connections": (_("Connections"), value_of("connections")),
        "last": (_("Last"), value_of("last")),
    }

    def put_together(self, found: QuerySet) -> QuerySet:
        refused = of_buyers(found).filter(direction=Direction.IN, status__gte=300)
        return refused.values("reason", "status").annotate(
            times=Count("pk"), connections=Count("customer", distinct=True), last=Max("created_at")
        )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        def url(row: dict[str, Any]) -> str:
            return f"{reverse('punchout_documents:index')}?{urlencode({'reason': row['reason']})}"

        return [
            TitleColumn("reason", label=_("Reason"), accessor=reason_of, get_url=url, sort_key="reason"),
            Column("status", label=_("Status"), sort_key="status", classname=NUMBER),
            Column("mend", label=_("What to change"), accessor=mend_of, classname=WIDE),
            number_column("times", _("Times")),
            number_column("connections", _("Connections")),
            DateColumn("last", label=_("Last"), sort_key="last"),
        ]


REPORTS: tuple[type[Report], ...] = (Conversion, CartsToOrders, Failures, Secrets)


class ReportItem(MenuItem):
    """In Wagtail's menu of reports, for those who may see anything of what it is about."""

    def __init__(self, report: type[Report]) -> None:
        super().__init__(
            report.page_title,
            reverse(report.index_url_name),
            name=f"punchout-report-{report.name}",
            icon_name=report.header_icon,
            order=901 + REPORTS.index(report),
        )
        self.model = report.model

    def is_shown(self, request: Any) -> bool:
        return can(request.user, "view", self.model)


class ReportViewSet(ViewSet):
    name = NAMESPACE
    url_prefix = "punchout/reports"

    def get_urlpatterns(self) -> list:
        return [
            pattern
            for each in REPORTS
            for pattern in (
                path(f"{each.name}/", each.as_view(), name=each.name),
                path(f"{each.name}/results/", each.as_view(results_only=True), name=f"{each.name}_results"),
            )
        ]


reports = ReportViewSet()
