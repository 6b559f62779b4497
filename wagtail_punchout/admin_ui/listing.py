"""What our lists share: a search by words, exports that spreadsheets cannot run, and filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.forms import Media
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django_filters.fields import DateRangeField
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import StatusTagColumn, Table
from wagtail.admin.views import generic

from wagtail_punchout.admin_ui.paging import CappedPaginator
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.scoped import ScopedViewSet
from wagtail_punchout.models import Company, Mode, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.folding import identity_key, search_key
from wagtail_punchout.models.search import COUNTED, SEARCHED, find

#: The lookup that models have which know their words.
OWN_WORDS = "search_text__contains"
STYLES = Media(css={"all": ["wagtail_punchout/admin.css"]})
#: For columns a narrow window can do without.
WIDE = "punchout-wide"
#: The days that lists can be asked for.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
#: Cells that begin so are run as formulas by spreadsheet programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class WordSearch:
    """For index views: every word of the query must occur, in any order, anywhere.

    ``word_lookups`` hold text folded by ``search_key``; ``plain_lookups`` hold text as it came. Companies and customers
    have an index for this (:mod:`wagtail_punchout.models.search`).
    """

    word_lookups: tuple[str, ...] = (OWN_WORDS,)
    plain_lookups: tuple[str, ...] = ()
    paginator_class = CappedPaginator

    @cached_property
    def is_searchable(self) -> bool:
        return bool(self.index_results_url)

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return matching(queryset, self.search_query, words=self.word_lookups, plain=self.plain_lookups)

    def get_paginator(self, *args: object, **kwargs: object) -> CappedPaginator:
        is_partial = self.is_searching or self.is_filtering
        return super().get_paginator(*args, counted=COUNTED if is_partial else None, **kwargs)


class Settled:
    """For index views: rows that are equal in what they are sorted by come in the list's usual order, and in one order
    on all pages, so that no page repeats one and none is left out. A database promises no order but the one asked for;
    PostgreSQL changes its own from page to page.
    """

    #: What tells rows apart, in whatever they are equal.
    ties: tuple[str, ...] = ("pk",)

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        ordered = super().order_queryset(queryset)
        usual = self.default_ordering or ordered.query.get_meta().ordering
        keys: dict[str, Any] = {}
        for each in (*ordered.query.order_by, *([usual] if isinstance(usual, str) else usual)):
            keys.setdefault(str(each).removeprefix("-"), each)
        # In the same direction, so that an index can be read from its end.
        sign = "-" if str([*keys.values()][-1]).startswith("-") else ""
        return ordered.order_by(*keys.values(), *(f"{sign}{each}" for each in self.ties if each not in keys))


class SafeCsv:
    """For index views with an export. XLSX cells are strings already, but not of all characters; CSV has no types, so
    formulas are defused."""

    def preprocess_field_value(self, field: str, value: object, export_format: str) -> object:
        shown = super().preprocess_field_value(field, value, export_format)
        if not isinstance(shown, str):
            return shown
        shown = ILLEGAL_CHARACTERS_RE.sub("", shown)
        return f"'{shown}" if export_format == self.FORMAT_CSV and shown.startswith(FORMULA_STARTS) else shown


class Guidance:
    """For index views: an empty list says what to do next."""

    results_template_name = "wagtail_punchout/admin/index_results.html"
    #: Shown when there is nothing yet, and nothing was searched for.
    empty_advice = ""

    def get_context_data(self, **kwargs: object) -> dict:
        context = super().get_context_data(empty_advice=self.get_empty_advice(), **kwargs)
        context["media"] += STYLES
        return context

    def get_empty_advice(self) -> str:
        return self.empty_advice


class Streamed:
    """Of a queryset, a few rows at a time; none is kept."""

    def __init__(self, queryset: QuerySet) -> None:
        self.queryset, self.model = queryset, queryset.model

    def __iter__(self) -> Iterator[Any]:
        return self.queryset.iterator(chunk_size=500)


class ListView(Guidance, SafeCsv, WordSearch, Settled, generic.IndexView):
    """The list of one kind of thing."""

    related: tuple[str, ...] = ()

    def get(self, request: Any, *args: object, **kwargs: object) -> Any:
        if self.is_export:
            # No page is made of it.
            return self.as_spreadsheet(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def as_spreadsheet(self, queryset: QuerySet, spreadsheet_format: str) -> Any:
        """It may be a year long, and is never in memory as a whole."""
        return super().as_spreadsheet(Streamed(queryset), spreadsheet_format)

    def get_base_queryset(self) -> QuerySet:
        queryset = super().get_base_queryset()
        return queryset.select_related(*self.related) if self.related else queryset


class ReadOnlyViewSet(ScopedViewSet):
    """Facts nobody writes by hand: a list and a page to read. There are no other URLs."""

    inspect_view_enabled = True
    # Written by the hundred while buyers wait, and never a reason to keep something else.
    add_to_reference_index = False
    list_per_page = 50

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        none = dict.fromkeys(("add_url_name", "edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"))
        return super().get_common_view_kwargs(**{**none, **kwargs})

    def get_urlpatterns(self) -> list:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path(f"inspect/<{self.pk_path_converter}:pk>/", self.inspect_view, name="inspect"),
        ]

    @property
    def url_finder_class(self) -> type:
        finder = super().url_finder_class
        return type(finder.__name__, (finder,), {"edit_url_name": self.get_url_name("inspect")})


class ActiveColumn(StatusTagColumn):
    """Whether something is switched on."""

    def __init__(self, name: str = "is_active", **kwargs: object) -> None:
        kwargs = {"label": _("Status"), "sort_key": name} | kwargs
        super().__init__(
            name,
            accessor=lambda each: _("active") if getattr(each, name) else _("switched off"),
            primary=lambda each: getattr(each, name),
            **kwargs,
        )


class PublishedColumn(StatusTagColumn):
    """As Wagtail's own, which asks for each row whether its publication is scheduled: that of a link never is."""

    def __init__(self, *, sort_key: str | None = "live") -> None:
        super().__init__(
            "published", label=_("Published"), accessor=_published, primary=lambda each: each.live, sort_key=sort_key
        )


def _published(link: PunchoutLink) -> str:
    if not link.live:
        return pgettext("link", "draft")
    return pgettext("link", "live + draft") if link.has_unpublished_changes else pgettext("link", "live")


class TestColumn(StatusTagColumn):
    """Test mode leaps to the eye; production is the normal case."""

    __test__ = False  # not for pytest

    def __init__(self, *, whose: str = "", **kwargs: object) -> None:
        """``whose`` mode it is, where that is not the row's own: ``"group"`` for a customer."""
        super().__init__(
            "mode",
            label=_("Mode"),
            accessor=f"{whose}.get_mode_display" if whose else "get_mode_display",
            primary=lambda each: (getattr(each, whose) if whose else each).mode != Mode.TEST,
            sort_key=f"{whose}__mode" if whose else "mode",
            **kwargs,
        )


class CustomerFilter(django_filters.CharFilter):
    """By any words of a customer's name or identity; a complete Sender identity finds that customer alone."""

    def __init__(self, field_name: str = "customer", **kwargs: object) -> None:
        super().__init__(
            field_name=field_name,
            label=_("Customer"),
            help_text=_("Words of its name, or its Sender identity."),
            **kwargs,
        )

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        if not value:
            return queryset
        # A visit routed to one's own company may have come through a connection that one may not see.
        seen = visible(PunchoutCustomer.objects.all(), self.parent.request.user)
        queryset = queryset.filter(**{f"{self.field_name}__in": seen})
        exactly = seen.filter(sender_key=identity_key(value))
        if exactly.exists():
            return queryset.filter(**{f"{self.field_name}__in": exactly})
        return matching(queryset, value, words=(f"{self.field_name}__search_text__contains",))


def customers_by(value: str, user: Any) -> QuerySet:
    """The same for things of several kinds: their keys, to be used in each query."""
    seen = visible(PunchoutCustomer.objects.all(), user)
    exactly = seen.filter(sender_key=identity_key(value))
    found = exactly if exactly.exists() else matching(seen, value, words=(OWN_WORDS,))
    return found.order_by().values("pk")


class BranchFilter(django_filters.CharFilter):
    """By company: a code finds what is of that company and of all below it, other words look for names."""

    def __init__(self, field_name: str = "company", **kwargs: object) -> None:
        super().__init__(
            field_name=field_name,
            label=_("Company"),
            help_text=_("Its code, for it and all below it, or words of its name."),
            **kwargs,
        )

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        if not value:
            return queryset
        companies = visible(Company.objects.all(), self.parent.request.user)
        if top := companies.filter(code__iexact=value.strip()).first():
            return queryset.filter(**{f"{self.field_name}__path__range": Company.branch(top.path)})
        return matching(queryset, value, words=(f"{self.field_name}__search_text__contains",))


class PeriodField(DateRangeField):
    """Two days. At the ends of the calendar a day may begin or end in no year at all, by the clock of the place."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields:
            each.validators += [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]


class PeriodFilter(django_filters.DateFromToRangeFilter):
    """By the days between which something happened."""

    field_class = PeriodField

    def __init__(self, **kwargs: object) -> None:
        super().__init__(widget=DateRangePickerWidget, **kwargs)


class PeriodFilterSet(WagtailFilterSet):
    """For things that happen at ``created_at``."""

    created_at = PeriodFilter(label=_("Date"))


class FixedTable(Table):
    """A table that is part of a page: not sorted, not paged."""

    classname = "listing punchout-table"


def matching(queryset: QuerySet, query: str, *, words: tuple[str, ...] = (), plain: tuple[str, ...] = ()) -> QuerySet:
    """Those of ``queryset`` in which every word of ``query`` occurs."""
    if OWN_WORDS in words and queryset.model in SEARCHED:
        return find(queryset, query)
    for raw in query.split():
        folded = search_key(raw).strip() or raw
        asked = [Q(**{lookup: folded}) for lookup in words] + [Q(**{lookup: raw}) for lookup in plain]
        queryset = queryset.filter(reduce(or_, asked))
    return queryset
