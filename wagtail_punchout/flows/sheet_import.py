"""Sheet import: a sheet of users or addresses, checked, shown as a difference, applied in one transaction, undone.

Checking goes in slices, a request each, so that ten thousand rows keep nobody waiting without a sign. Applying compares
anew: what is done is what was seen, or nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Model
from wagtail.log_actions import log

from wagtail_punchout.models import Company, CustomerGroup, ImportKind, SheetImport
from wagtail_punchout.protocol.snapshot import storable, storable_json

#: Rows that are checked at once: about a second of work.
SLICE = 1000
#: Values that go into one query.
MANY = 5000
BATCH = 500


class Outcome(StrEnum):
    """What a row would do."""

    WRONG = "wrong"
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(slots=True)
class Row:
    """One row of a sheet: its ``cells`` as written, the ``values`` read from them, and what it would do.

    ``wrong`` has a sentence for each column that is; ``was`` what is there now, for each value that would change.
    """

    number: int
    cells: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    was: dict[str, Any] = field(default_factory=dict)
    outcome: str = ""


_PARTS = tuple(each.name for each in fields(Row))

#: Turns cells into values, and says what is wrong with them, without looking at what there is.
Reader = Callable[[Mapping[str, str]], tuple[dict[str, Any], dict[str, str]]]


class NotApplied(Exception):
    """Nothing was changed. It may say why in a sentence; without one, things have changed since the rows were seen."""


class Importer(ABC):
    """What one kind of sheet does to the place that it is for."""

    kind: ClassVar[ImportKind]

    def __init__(self, place: Company | CustomerGroup) -> None:
        self.place = place

    @property
    def where(self) -> dict[str, Any]:
        """The place, as imports keep it."""
        if isinstance(self.place, CustomerGroup):
            return {"group": self.place, "company": self.place.company}
        return {"group": None, "company": self.place}

    @abstractmethod
    def compare(self, rows: Sequence[Row]) -> list[Any]:
        """Say of each row what it would do (or what is wrong); a plan for each that would do something."""

    @abstractmethod
    def write(self, plans: Sequence[Any], *, by: Any, at: datetime) -> dict[str, Any]:
        """Carry the plans out; what was done, for ``undo``."""

    @abstractmethod
    def undo(self, changes: Mapping[str, Any], *, at: datetime) -> int:
        """Put back what ``write`` has changed; how many things stay, as somebody has used or changed them since."""


def keep(importer: Importer, name: str, rows: Sequence[tuple[int, Mapping[str, str]]], *, by: Any, at: datetime) -> Any:
    """The upload, to be checked. Whoever uploads again means that one: others of theirs that wait are dropped."""
    waiting = imports_of(importer).filter(applied_at=None, uploaded_by=by)
    kept = [_packed(Row(number, {key: storable(text) for key, text in cells.items()})) for number, cells in rows]
    with transaction.atomic():
        waiting.delete()
        return SheetImport.objects.create(
            kind=importer.kind,
            **importer.where,
            name=storable(name)[:200],
            uploaded_by=by,
            created_at=at,
            rows=kept,
            total=len(kept),
        )


def imports_of(importer: Importer) -> Any:
    """All imports of this kind into this place, the newest first."""
    place = {"group": importer.place} if isinstance(importer.place, CustomerGroup) else importer.where
    return SheetImport.objects.filter(kind=importer.kind, **place)


def rows_of(upload: SheetImport) -> list[Row]:
    return [Row(**each) for each in upload.rows]


def check_next(upload: SheetImport, importer: Importer, read: Reader) -> SheetImport:
    """Check the next slice; after the last one, compare all rows with what there is."""
    with transaction.atomic():
        upload = SheetImport.objects.select_for_update().get(pk=upload.pk)
        if upload.applied_at or (upload.done == upload.total and _is_compared(upload)):
            return upload
        end = min(upload.done + SLICE, upload.total)
        for place in range(upload.done, end):
            row = Row(**upload.rows[place])
            row.values, row.wrong = read(row.cells)
            upload.rows[place] = _packed(row)
        upload.done = end
        if upload.done == upload.total:
            rows = rows_of(upload)
            importer.compare(rows)
            counts = Counter(row.outcome for row in rows)
            upload.added, upload.changed = counts[Outcome.ADDED], counts[Outcome.CHANGED]
            upload.rows = [_packed(row) for row in rows]
        upload.save(update_fields=["rows", "done", "added", "changed"])
    return upload


def _is_compared(upload: SheetImport) -> bool:
    return all(each["outcome"] for each in upload.rows)


def is_checked(upload: SheetImport) -> bool:
    return upload.done == upload.total and _is_compared(upload)


def apply(upload: SheetImport, importer: Importer, *, by: Any, at: datetime) -> None:
    """All rows, or none and ``NotApplied``."""
    try:
        with transaction.atomic():
            _apply(upload, importer, by=by, at=at)
    except ValidationError as error:
        raise NotApplied(" ".join(error.messages)) from error
    except DatabaseError as error:  # somebody else has made the same at the same moment
        raise NotApplied from error


def _apply(upload: SheetImport, importer: Importer, *, by: Any, at: datetime) -> None:
    _lock(importer)
    upload = SheetImport.objects.select_for_update().get(pk=upload.pk)
    seen = rows_of(upload)
    if upload.applied_at or not is_checked(upload) or any(row.wrong for row in seen):
        raise NotApplied
    rows = [replace(row, was={}, wrong={}, outcome="") for row in seen]
    plans = importer.compare(rows)
    if [_effect(row) for row in rows] != [_effect(row) for row in seen]:
        raise NotApplied
    imports_of(importer).exclude(changes={}).update(changes={})  # only the last one can be undone
    upload.changes = importer.write(plans, by=by, at=at)
    upload.rows, upload.applied_at = [], at
    upload.save(update_fields=["rows", "changes", "applied_at"])
    _log(upload, importer, "sheet_applied", by)


def _effect(row: Row) -> tuple[str, dict[str, Any]]:
    return row.outcome, storable_json(row.was)


def check_anew(upload: SheetImport) -> None:
    """Begin again with the first row: things have changed since."""
    rows = [replace(row, values={}, wrong={}, was={}, outcome="") for row in rows_of(upload)]
    waiting = SheetImport.objects.filter(pk=upload.pk, applied_at=None)
    waiting.update(rows=[_packed(row) for row in rows], done=0, added=0, changed=0)


def last_applied(importer: Importer) -> SheetImport | None:
    """The one that can be undone."""
    last = imports_of(importer).filter(applied_at__isnull=False).order_by("-applied_at", "-pk").first()
    return last if last and not last.undone_at else None


def undo(upload: SheetImport, importer: Importer, *, by: Any, at: datetime) -> int:
    """Put back what the last import has changed; how many things had to stay."""
    try:
        with transaction.atomic():
            _lock(importer)
            upload = SheetImport.objects.select_for_update().get(pk=upload.pk)
            if last_applied(importer) != upload:
                raise NotApplied
            left = importer.undo(upload.changes, at=at)
            upload.changes, upload.undone_at = {}, at
            upload.save(update_fields=["changes", "undone_at"])
            _log(upload, importer, "sheet_undone", by)
    except DatabaseError as error:
        raise NotApplied from error
    return left


def drop(upload: SheetImport) -> None:
    """Forget an upload that has not been applied."""
    SheetImport.objects.filter(pk=upload.pk, applied_at=None).delete()


def _lock(importer: Importer) -> None:
    """Two imports into one place go one after the other."""
    place = importer.place
    type(place)._default_manager.select_for_update().only("pk").get(pk=place.pk)


def _log(upload: SheetImport, importer: Importer, action: str, by: Any) -> None:
    # "changed" is what the history calls the changed fields of one thing.
    data = {"name": upload.name, "sheet": importer.kind.value, "added": upload.added, "edited": upload.changed}
    log(importer.place, f"wagtail_punchout.{action}", user=by, data=data)


def _packed(row: Row) -> dict[str, Any]:
    return storable_json({name: getattr(row, name) for name in _PARTS})  # ``asdict`` copies deeply, which takes long


def in_parts(values: Sequence[Any], size: int = MANY) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def write_back(model: type[Model], things: Sequence[Any], fields: Iterable[str]) -> None:
    """Save ``fields`` of rows by the thousand. A row that is gone meanwhile does not come back."""
    names = sorted(fields)
    if not (things and names):
        return
    there: set[Any] = set()
    for some in in_parts([each.pk for each in things], BATCH):
        there |= set(model._default_manager.select_for_update().filter(pk__in=some).values_list("pk", flat=True))
    things = [each for each in things if each.pk in there]
    if any(model._meta.parents.values()):  # rows of two tables, which Django does not insert in bulk
        model._default_manager.bulk_update(things, names, batch_size=BATCH)
        return
    # An insert that finds its row there is many times faster than an update with as many cases.
    model._default_manager.bulk_create(
        things, batch_size=BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=names
    )
