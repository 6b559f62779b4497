"""What our reports share: whom they show what, how they are put together, and their columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.reports import ReportView

from wagtail_punchout.admin_ui.charts import shown
from wagtail_punchout.admin_ui.listing import WIDE, Guidance, SafeCsv, Settled
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.models import PunchoutCustomer

NAMESPACE = "punchout_reports"
NUMBER = "punchout-number"

#: Of an export: name of a column, its heading, and what stands in it.
Exported = dict[str, tuple[str | Promise, Callable[[Any], Any]]]


class Report(Guidance, SafeCsv, Settled, ReportView):
    """A report of ours: only what its user may see, filtered first and then put together into rows."""

    results_template_name = "wagtail_punchout/admin/report_results.html"
    permission_required = "view"
    header_icon = "history"
    #: In addresses and in the names of files.
    name = ""
    exported: Exported = {}

    def get_base_queryset(self) -> QuerySet:
        return visible(self.model.objects.all(), self.request.user)

    def get_filtered_queryset(self) -> QuerySet:
        return self.order_queryset(self.put_together(self.filter_queryset(self.get_base_queryset()).order_by()))

    def put_together(self, found: QuerySet) -> QuerySet:
        return found

    @property
    def list_export(self) -> list[str]:
        return list(self.exported)

    @property
    def export_headings(self) -> dict[str, str | Promise]:
        return {name: heading for name, (heading, _value) in self.exported.items()}

    @property
    def export_filename(self) -> str:
        return f"punchout-{self.name}"

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {name: value(item) for name, (_heading, value) in self.exported.items()}


class PerConnection(Report):
    """One row for each connection, of those that its user may know."""

    NAMES = ("customer", "customer__name", "customer__sender_identity", "customer__company__name")

    def get_base_queryset(self) -> QuerySet:
        seen = visible(PunchoutCustomer.objects.all(), self.request.user)
        return super().get_base_queryset().filter(customer__in=seen)

    def name_columns(self, url_name: str) -> list[BaseColumn]:
        def url(row: dict[str, Any]) -> str:
            return f"{reverse(url_name)}?{urlencode({'customer': row['customer__sender_identity']})}"

        return [
            TitleColumn("customer__name", label=_("Connection"), get_url=url, sort_key="customer__name"),
            Column("customer__company__name", label=_("Company"), sort_key="customer__company__name", classname=WIDE),
        ]


def value_of(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row[name]


def percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""


def number_column(name: str, label: Any, **kwargs: Any) -> Column:
    return Column(name, label=label, accessor=lambda row: shown(row[name]), sort_key=name, classname=NUMBER, **kwargs)


NAMES_EXPORTED: Exported = {
    "connection": (_("Connection"), value_of("customer__name")),
    "company": (_("Company"), value_of("customer__company__name")),
}
