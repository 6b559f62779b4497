"""The routing table as a whole: its order, and what a list of wanted rules would make of it.

Positions are unique in a table, and may have gaps. Whoever writes takes the customer's row first: two people who drag
at the same moment do it one after the other.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import F
from wagtail.log_actions import log

from wagtail_punchout.models import PunchoutCustomer, RoutingRule
from wagtail_punchout.models.routing import last_position

#: What a change of the table is called in the customer's history.
LOGGED_AS = "wagtail_punchout.routing_changed"
BATCH = 500


@contextmanager
def one_at_a_time(customer: PunchoutCustomer):
    """A transaction in which nobody else changes this customer's table."""
    with transaction.atomic():
        PunchoutCustomer.objects.select_for_update().only("pk").get(pk=customer.pk)
        yield


def note(customer: PunchoutCustomer, *, by: Any, **counts: int) -> None:
    """In the customer's history: how many rules were touched, and no more."""
    log(customer, LOGGED_AS, user=by, data={"rules": {name: count for name, count in counts.items() if count}})


# Order


def put_at(rule: RoutingRule, position: int | None) -> None:
    """Set the rule's position (it is not saved), and make room there. ``None`` or too high a number is the end."""
    others = RoutingRule.objects.filter(customer=rule.customer_id).exclude(pk=rule.pk)
    end = last_position(rule.customer_id) + (0 if rule.pk else 1)
    before = rule.position if rule.pk else 0
    wanted = max(1, min(position or end, end))
    if others.filter(position=wanted).exists():
        if before and wanted > before:
            others.filter(position__gt=before, position__lte=wanted).update(position=F("position") - 1)
        else:
            until = {"position__lt": before} if before else {}
            others.filter(position__gte=wanted, **until).update(position=F("position") + 1)
    rule.position = wanted


def move_to_index(rule: RoutingRule, index: int) -> bool:
    """Move the rule to this place in the table, counted from 0; whether anything had to be moved.

    The rules in between change places among themselves: their positions stay the same numbers.
    """
    table = list(RoutingRule.objects.filter(customer=rule.customer_id).order_by("position", "pk"))
    positions = [each.position for each in table]
    if any(one >= following for one, following in pairwise(positions)):
        positions = list(range(1, len(table) + 1))  # made by a program that did not count
    moved = table.pop(next(place for place, each in enumerate(table) if each.pk == rule.pk))
    table.insert(max(0, min(index, len(table))), moved)
    return bool(_renumber(table, positions))


def _renumber(table: Sequence[RoutingRule], positions: Iterable[int]) -> list[RoutingRule]:
    changed = []
    for rule, position in zip(table, positions, strict=True):
        if rule.position != position:
            rule.position = position
            changed.append(rule)
    RoutingRule.objects.bulk_update(changed, ["position"], batch_size=BATCH)
    return changed


# Difference


class Kind(StrEnum):
    """What becomes of one rule."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule in a difference. ``old`` is what there is, ``new`` what there shall be; one of them may be missing."""

    kind: Kind
    old: RoutingRule | None = None
    new: RoutingRule | None = None
    old_place: int = 0
    new_place: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """All steps from one table to another, in the order of the new one; what goes comes last."""

    steps: tuple[Step, ...]

    def of(self, kind: Kind) -> list[Step]:
        return [each for each in self.steps if each.kind is kind]

    def count(self, kind: Kind) -> int:
        return len(self.of(kind))

    def __bool__(self) -> bool:
        return any(each.kind is not Kind.UNCHANGED for each in self.steps)


def compare(present: Sequence[RoutingRule], wanted: Sequence[RoutingRule], *, keep_others: bool) -> Difference:
    """What it takes to get from the ``present`` table to the ``wanted`` rules.

    ``wanted`` rules are not saved, have ``company`` set, and a ``position`` or 0. ``keep_others``: rules that are not
    wanted stay, where they are.
    """
    by_key = {each.key: each for each in wanted}
    known = {each.key: each for each in present}
    order = _arranged(present, by_key) if keep_others else _by_position(wanted)
    places = {each.key: place for place, each in enumerate(present, start=1)}
    stay = [each.key for each in order if each.key in known]
    in_order = _longest_rising([places[key] for key in stay])
    unmoved = {key for key, is_kept in zip(stay, in_order, strict=True) if is_kept}
    steps = [
        _step(known.get(rule.key), rule, places.get(rule.key, 0), place, is_unmoved=rule.key in unmoved)
        for place, rule in enumerate(order, start=1)
    ]
    kept = {each.key for each in order}
    gone = [Step(Kind.REMOVED, old=each, old_place=places[each.key]) for each in present if each.key not in kept]
    return Difference((*steps, *gone))


def apply(customer: PunchoutCustomer, difference: Difference, *, by: Any) -> None:
    """Make the table what the difference says. Call it within :func:`one_at_a_time`."""
    gone = [each.old.pk for each in difference.of(Kind.REMOVED)]
    for start in range(0, len(gone), BATCH):
        RoutingRule.objects.filter(customer=customer, pk__in=gone[start : start + BATCH]).delete()
    new, changed = [], []
    for step in difference.steps:
        if step.new is None:
            continue
        rule = step.old or step.new
        is_same = step.kind is Kind.UNCHANGED and rule.position == step.new_place
        rule.customer, rule.position = customer, step.new_place
        rule.value, rule.extrinsic, rule.company_id = step.new.value, step.new.extrinsic, step.new.company_id
        rule.derive()
        if step.old is None:
            new.append(rule)
        elif not is_same:
            changed.append(rule)
    RoutingRule.objects.bulk_update(changed, ["position", "value", "extrinsic", "company"], batch_size=BATCH)
    RoutingRule.objects.bulk_create(new, batch_size=BATCH)
    counts = {kind.value: difference.count(kind) for kind in Kind if kind is not Kind.UNCHANGED}
    note(customer, by=by, **counts)


def fingerprint(table: Iterable[RoutingRule]) -> str:
    """The same as long as the table is."""
    said = "\n".join(f"{each.pk} {each.position} {each.company_id} {each.key}" for each in table)
    return hashlib.sha256(said.encode()).hexdigest()


def _step(old: RoutingRule | None, new: RoutingRule, old_place: int, new_place: int, *, is_unmoved: bool) -> Step:
    if old is None:
        kind = Kind.ADDED
    elif (old.company_id, old.value, old.extrinsic) != (new.company_id, new.value, new.extrinsic):
        kind = Kind.CHANGED
    else:
        kind = Kind.UNCHANGED if is_unmoved else Kind.MOVED
    return Step(kind, old=old, new=new, old_place=old_place, new_place=new_place)


def _by_position(rules: Sequence[RoutingRule]) -> list[RoutingRule]:
    """Those with a number in the order of their numbers, then those without in the order in which they come."""
    return sorted(rules, key=lambda each: each.position or float("inf"))


def _arranged(present: Sequence[RoutingRule], wanted: dict[tuple, RoutingRule]) -> list[RoutingRule]:
    """The whole table: what has a number goes there, everything else stays in its order, new rules come last."""
    numbered = {key for key, each in wanted.items() if each.position}
    known = {each.key for each in present}
    order = [wanted.get(each.key, each) for each in present if each.key not in numbered]
    order += [each for key, each in wanted.items() if key not in known and key not in numbered]
    for rule in _by_position([wanted[key] for key in numbered]):
        order.insert(rule.position - 1, rule)
    return order


def _longest_rising(numbers: Sequence[int]) -> list[bool]:
    """Which of ``numbers`` to leave in place so that as few as possible move: one longest rising run among them."""
    tails: list[int] = []
    lengths = []
    for number in numbers:
        length = bisect_left(tails, number)
        tails[length : length + 1] = [number]
        lengths.append(length)
    kept = [False] * len(numbers)
    wanted = len(tails) - 1
    for place in range(len(numbers) - 1, -1, -1):
        if lengths[place] == wanted:
            kept[place] = True
            wanted -= 1
    return kept
