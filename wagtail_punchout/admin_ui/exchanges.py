"""Documents: what came in and went out, with the verdict and the true cause."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn, TitleColumn

from wagtail_punchout.admin_ui.document_page import DownloadView, ExchangeInspect, TryAgain
from wagtail_punchout.admin_ui.document_words import kind_of, party_of, verdict_of
from wagtail_punchout.admin_ui.listing import WIDE, CustomerFilter, ListView, PeriodFilterSet, ReadOnlyViewSet
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.sections import Rows, Section, url_of
from wagtail_punchout.flows.fixes import FIXES
from wagtail_punchout.models import Exchange

#: Status classes as people think of them; the bounds are those of cXML's status codes.
VERDICTS = {
    "accepted": (_("accepted"), Q(status__lt=300)),
    "refused": (_("refused: the sender's fault"), Q(status__gte=300, status__lt=500)),
    "failed": (_("failed: our fault"), Q(status__gte=500)),
}


class ExchangeFilterSet(PeriodFilterSet):
    verdict = django_filters.MultipleChoiceFilter(
        label=_("Verdict"),
        choices=[(key, label) for key, (label, _which) in VERDICTS.items()],
        widget=forms.CheckboxSelectMultiple,
        method="filter_verdict",
    )
    reason = django_filters.ChoiceFilter(
        label=_("Reason"),
        choices=[(str(code), fix.what) for code, fix in FIXES.items()],
    )
    kind = django_filters.CharFilter(label=_("Document"), lookup_expr="icontains")
    customer = CustomerFilter()

    class Meta:
        model = Exchange
        fields = ["verdict", "reason", "direction", "kind"]

    def filter_verdict(self, queryset: QuerySet, name: str, chosen: list[str]) -> QuerySet:
        wanted = Q()
        for each in chosen:
            wanted |= VERDICTS[each][1]
        return queryset.filter(wanted)


class ExchangeList(ListView):
    related = ("customer",)
    word_lookups = ("customer__search_text__contains",)
    plain_lookups = ("sender__icontains", "kind__icontains", "payload_id__icontains", "sentence__icontains")
    empty_advice = _("Every document that a buyer's system sends, and every cart it gets, is kept here.")

    def get_base_queryset(self) -> QuerySet:
        # The texts may have a megabyte each.
        return super().get_base_queryset().defer("document", "answer")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("kind", accessor=kind_of),
            StatusTagColumn(
                "verdict",
                label=_("Verdict"),
                accessor=verdict_of,
                primary=lambda each: not each.is_refused,
                sort_key="status",
            ),
            Column(
                "direction",
                label=_("Direction"),
                accessor="get_direction_display",
                sort_key="direction",
                classname=WIDE,
            ),
            Column("customer", label=_("Customer"), accessor=party_of, sort_key="customer__name"),
            NumberColumn("milliseconds", label=_("Milliseconds"), sort_key="milliseconds", classname=WIDE),
            DateColumn("created_at", label=_("Time"), sort_key="created_at"),
        ]


def exchanges_of(session: Any, request: Any) -> list[Section]:
    """The documents of one visit, oldest first."""
    if not can(request.user, "view", Exchange):
        return []
    columns = [
        TitleColumn("kind", label=_("Document"), accessor=kind_of, get_url=lambda each: url_of(each, request.user)),
        Column("direction", label=_("Direction"), accessor="get_direction_display"),
        StatusTagColumn("verdict", label=_("Verdict"), accessor=verdict_of, primary=lambda each: not each.is_refused),
        NumberColumn("size", label=_("Bytes")),
        DateColumn("created_at", label=_("Time")),
    ]
    documents = visible(session.exchanges, request.user).defer("document", "answer").order_by("created_at", "pk")
    return [Rows("documents", gettext("Documents"), columns, documents, empty=gettext("No documents are kept."))]


class ExchangeViewSet(ReadOnlyViewSet):
    model = Exchange
    name = "punchout_documents"
    url_prefix = "punchout/documents"
    menu_label = _("Documents")
    icon = "doc-full"
    index_view_class = ExchangeList
    inspect_view_class = ExchangeInspect
    filterset_class = ExchangeFilterSet
    ordering = "-created_at"
    list_export = [
        "created_at",
        "get_direction_display",
        "kind",
        "status",
        "sentence",
        "sender",
        "payload_id",
        "size",
        "milliseconds",
    ]
    export_headings = {"get_direction_display": _("Direction")}
    export_filename = "punchout-documents"

    def get_urlpatterns(self) -> list:
        try_again = self.construct_view(TryAgain, **self.get_inspect_view_kwargs())
        return [
            *super().get_urlpatterns(),
            path("try/<int:pk>/", try_again, name="try_again"),
            path("download/<int:pk>/", DownloadView.as_view(), name="download"),
        ]


exchanges = ExchangeViewSet()
