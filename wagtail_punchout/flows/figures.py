"""Figures: how much happened when. Reads only, one query for each kind of thing, however long the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import Case, Count, IntegerField, Model, QuerySet, Value, When
from django.db.models.expressions import Expression
from django.utils import timezone

from wagtail_punchout.models import ConnectionTest, Exchange, PunchoutSession, PurchaseOrder, Quote

#: Where it stands which system something has come from.
SYSTEM: dict[type[Model], str] = {
    PunchoutSession: "user_agent",
    Quote: "session__user_agent",
    PurchaseOrder: "current__exchange__user_agent",
    Exchange: "user_agent",
}


class Period(StrEnum):
    """How far to look back, and in which steps: days, weeks from Monday on, or months."""

    WEEK = "7-days"
    MONTH = "30-days"
    QUARTER = "13-weeks"
    YEAR = "13-months"


def of_buyers(things: QuerySet) -> QuerySet:
    """Without what *Test this connection* has left: nobody has come, and nobody has bought anything."""
    return things.exclude(**{SYSTEM[things.model]: ConnectionTest.AGENT})


def starts(period: Period, today: date) -> list[date]:
    """The first days of the steps up to ``today``, and the first day after them."""
    match period:
        case Period.WEEK:
            return days(7, today)
        case Period.MONTH:
            return days(30, today)
        case Period.QUARTER:
            monday = today - timedelta(days=today.weekday())
            return [monday + timedelta(weeks=each) for each in range(-12, 2)]
    months = today.year * 12 + today.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(months - 12, months + 2)]


def days(number: int, today: date) -> list[date]:
    """So many days up to ``today``, and the day after."""
    return [today + timedelta(days=each) for each in range(1 - number, 2)]


def midnight(day: date) -> datetime:
    """When ``day`` begins where we are. Days that begin or end daylight saving time are shorter or longer."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def counted(things: QuerySet, bounds: Sequence[datetime], *by: str) -> Counter[tuple]:
    """How many of ``things`` were made between one bound and the next, apart by fields: ``{(step, *by): number}``.

    Steps are numbered from 0. The database compares times, so that an index serves and no time zone is needed there.
    """
    within = things.filter(created_at__gte=bounds[0], created_at__lt=bounds[-1]).order_by()
    step = _step(bounds, 0, len(bounds) - 1)
    rows = within.annotate(step=step).values_list("step", *by).annotate(number=Count("pk"))
    return Counter({tuple(key): number for *key, number in rows})


def _step(bounds: Sequence[datetime], low: int, high: int) -> Expression:
    """Which of the steps from ``low`` up to ``high`` it was, found by halving them."""
    if high - low == 1:
        return Value(low, output_field=IntegerField())
    middle = (low + high) // 2
    before = When(created_at__lt=bounds[middle], then=_step(bounds, low, middle))
    return Case(before, default=_step(bounds, middle, high), output_field=IntegerField())
