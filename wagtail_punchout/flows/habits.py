"""Habits: how often each connection is used, and which are silent for longer than they usually are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median

from django.db.models import QuerySet

from wagtail_punchout.flows.figures import counted, days, midnight

#: Half a year is looked at; who came on fewer days than this has no habit.
DAYS, FEWEST = 182, 6
#: Silence is told when it is so many times the usual time, and longer than the longer pauses there have been:
#: weekends, holidays, the end of a month.
TIMES, TIMES_LONG = 3, 1.5


@dataclass(frozen=True, slots=True)
class Silence:
    """``usual`` is the median number of days from one with visits to the next."""

    customer: int
    last: date
    silent: int
    usual: float


def silences(visits: QuerySet, today: date) -> list[Silence]:
    """Connections that are silent against their habit, the most unusual first. One query.

    ``visits`` are those that count: of the connections in question, not tests. Who has been silent for half a year has
    given the habit up.
    """
    looked_at = days(DAYS, today)
    seen: dict[int, list[int]] = defaultdict(list)
    for step, customer in counted(visits, _bounds(looked_at), "customer"):
        seen[customer].append(step)
    found = [
        Silence(customer, looked_at[max(steps)], DAYS - 1 - max(steps), usual)
        for customer, steps in seen.items()
        if (usual := unusual(sorted(steps), DAYS - 1)) is not None
    ]
    return sorted(found, key=lambda each: (-each.silent / each.usual, each.customer))


def unusual(steps: Sequence[int], today: int) -> float | None:
    """Of days in order, as numbers: the usual number from one to the next, if ``today`` is too long after the last."""
    if len(steps) < FEWEST:
        return None
    gaps = sorted(_gaps(steps))
    usual, long = median(gaps), gaps[len(gaps) * 9 // 10]
    return usual if today - steps[-1] > max(TIMES * usual, TIMES_LONG * long) else None


def _gaps(steps: Sequence[int]) -> Iterator[int]:
    return (after - before for before, after in pairwise(steps))


def _bounds(looked_at: Sequence[date]) -> list[datetime]:
    return [midnight(each) for each in looked_at]
