"""Pages of long lists: results are counted only so far, and what a row needs is fetched for the rows of one page."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils.translation import gettext
from wagtail.admin.paginator import WagtailPaginator

from wagtail_punchout.models.search import COUNTED

#: However far somebody turns the pages: so many more are offered, as long as there are any.
AHEAD = 5


class CappedPaginator(WagtailPaginator):
    """Counts no further than ``counted`` (``None``: to the end), or some pages behind the one that is asked for."""

    def __init__(self, *args: Any, counted: int | None = COUNTED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counted = counted
        self._asked_for = 1
        self._goes_on = False

    def validate_number(self, number: Any) -> int:
        with suppress(TypeError, ValueError):
            self._asked_for = int(number)
        return super().validate_number(number)

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet) or self._is_few:
            return len(self._rows)
        if self.counted is None:
            return self.object_list.count()
        far = max(self.counted, (self._asked_for + AHEAD) * self.per_page)
        known = getattr(self.object_list, "at_least", 0)
        number = known if known > far else self.object_list.order_by()[: far + 1].count()
        self._goes_on = number > far
        return min(number, far)

    @property
    def goes_on(self) -> bool:
        """Whether there is more than was counted."""
        return bool(self.count) and self._goes_on

    @cached_property
    def items_count_label(self) -> str:
        if not self.goes_on:
            return super().items_count_label
        return gettext("more than %(number)s %(things)s") % {
            "number": intcomma(self.count),
            "things": self.verbose_name_plural,
        }

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows = self._rows[start : min(start + self.per_page, self.count)]
        if self._is_few and self.object_list.at_most > self.per_page:
            rows = self.object_list.things.filter(pk__in=rows)
        elif isinstance(rows, QuerySet) and rows.query.annotation_select:
            # Counts and the like would be made for every row that is sorted, to be thrown away for all but a page.
            rows = self.object_list.filter(pk__in=list(rows.values_list("pk", flat=True)))
        return self._get_page(rows, number, self)

    @cached_property
    def _is_few(self) -> bool:
        """Whether a search knows all results by their numbers."""
        return hasattr(self.object_list, "at_most")

    @cached_property
    def _rows(self) -> Any:
        """What pages are cut from. Few results are fetched at once, or their keys: then they need not be counted."""
        if not self._is_few:
            return self.object_list
        few = self.object_list.at_most <= self.per_page
        return list(self.object_list if few else self.object_list.values_list("pk", flat=True))
