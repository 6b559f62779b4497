"""Import addresses: a sheet becomes entries of a company's address book.

The buyer's ID says which entry a row means; of entries without one, the name and the place. Entries that the sheet does
not have stay as they are, and so do fields for which it has no column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import serializers
from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from wagtail_punchout.flows.address_book import forget_unknown, key_of_entry, note_again
from wagtail_punchout.flows.sheet_import import BATCH, Importer, Outcome, Row, in_parts, write_back
from wagtail_punchout.models import Address, ImportKind, PunchoutSession, PurchaseOrder
from wagtail_punchout.models.folding import identity_key

DEFAULTS = ("is_default_ship_to", "is_default_bill_to")
_DERIVED = ("id_key", "search_text", "updated_at")


@dataclass(slots=True)
class Plan:
    """What becomes of one entry; a new one has no key yet. ``before`` has what is changed, as it was."""

    entry: Address
    before: dict[str, Any]


class AddressImporter(Importer):
    """For one company."""

    kind = ImportKind.ADDRESSES

    def compare(self, rows: Sequence[Row]) -> list[Plan]:
        present = {_key(each): each for each in Address.objects.filter(company=self.place)}
        first: dict[str, int] = {}
        plans = []
        for row in rows:
            plan = None if row.wrong else self._plan(row, present, first)
            if row.wrong:
                row.outcome = Outcome.WRONG
            elif plan:
                plans.append(plan)
        return plans

    def _plan(self, row: Row, present: Mapping[str, Address], first: dict[str, int]) -> Plan | None:
        wanted = Address(company=self.place, **row.values)
        key = _key(wanted)
        if (before := first.setdefault(key, row.number)) != row.number:
            row.wrong["address_id"] = _("Row %(row)d has the same already.") % {"row": before}
        for use in DEFAULTS:
            if row.values.get(use) and (before := first.setdefault(use, row.number)) != row.number:
                row.wrong[use] = _("Row %(row)d is the default already. There can be one.") % {"row": before}
        if row.wrong:
            return None
        entry = present.get(key)
        if entry is None:
            row.outcome = Outcome.ADDED
            return Plan(wanted, {})
        row.was = {name: getattr(entry, name) for name, new in row.values.items() if getattr(entry, name) != new}
        row.outcome = Outcome.CHANGED if row.was else Outcome.SAME
        if not row.was:
            return None
        for name in row.was:
            setattr(entry, name, row.values[name])
        return Plan(entry, dict(row.was))

    def write(self, plans: Sequence[Plan], *, by: Any, at: datetime) -> dict[str, Any]:
        before = {str(plan.entry.pk): plan.before for plan in plans if plan.entry.pk}
        for use in DEFAULTS:
            if any(getattr(plan.entry, use) for plan in plans):
                # There is one default: the sheet's.
                others = Address.objects.filter(company=self.place, **{use: True})
                for pk in others.values_list("pk", flat=True):
                    before.setdefault(str(pk), {}).setdefault(use, True)
                others.update(**{use: False}, updated_at=at)
        new = [plan.entry for plan in plans if not plan.entry.pk]
        _write([plan.entry for plan in plans if plan.entry.pk], {name for each in before.values() for name in each})
        for entry in new:
            entry.derive()
        Address.objects.bulk_create(new, batch_size=BATCH)
        forgotten = forget_unknown(self.place.pk, {plan.entry.id_key for plan in plans})
        # What is touched later than this, somebody else has touched.
        until = max([at, *(plan.entry.updated_at for plan in plans)])
        return {
            "made": [each.pk for each in new],
            "before": before,
            "until": until.isoformat(),
            "forgotten": json.loads(serializers.serialize("json", forgotten)),
        }

    def undo(self, changes: Mapping[str, Any], *, at: datetime) -> int:
        mine = Address.objects.filter(company=self.place, updated_at__lte=parse_datetime(changes["until"]))
        gone = 0
        for some in in_parts(changes["made"], BATCH):
            pks = _unused(mine.filter(pk__in=some))
            Address.objects.filter(pk__in=pks).delete()
            gone += len(pks)
        before = changes["before"]
        back = [each for some in in_parts(list(before)) for each in mine.filter(pk__in=some)]
        for entry in back:
            for name, value in before[str(entry.pk)].items():
                setattr(entry, name, value)
        self._make_room(back)
        _write(back, {name for each in before.values() for name in each})
        note_again(each.object for each in serializers.deserialize("python", changes.get("forgotten", ())))
        return len(changes["made"]) - gone + len(before) - len(back)

    def _make_room(self, back: Sequence[Address]) -> None:
        """A default that somebody has chosen since stays the one."""
        pks = {each.pk for each in back}
        for use in DEFAULTS:
            defaults = Address.objects.filter(company=self.place, **{use: True})
            if set(defaults.values_list("pk", flat=True)) - pks:
                for entry in back:
                    setattr(entry, use, False)
            else:
                defaults.update(**{use: False})


def _key(entry: Address) -> str:
    """By what a row finds its entry. An ID has no blank before it, a place does."""
    return identity_key(entry.address_id) or f" {identity_key(entry.name)} {key_of_entry(entry)}"


def _write(entries: Sequence[Address], fields: set[str]) -> None:
    for entry in entries:
        entry.derive()
    write_back(Address, entries, fields | set(_DERIVED))


def _unused(entries: Any) -> list[int]:
    """Those that nothing leads to: no visit, no order, no group's choice."""
    for model in (PunchoutSession, PurchaseOrder):
        entries = entries.exclude(Exists(model._default_manager.filter(address=OuterRef("pk"))))
    chosen = Address.groups.through.objects.filter(address=OuterRef("pk"))
    return list(entries.exclude(Exists(chosen)).values_list("pk", flat=True))
