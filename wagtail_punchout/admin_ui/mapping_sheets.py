"""Mapping rows and units as tables: their columns, how rows are read, and what becomes of those that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.admin_ui.mapping_editor import MOST_ROWS, MOST_UNITS
from wagtail_punchout.admin_ui.mapping_words import SENTENCES, reason
from wagtail_punchout.admin_ui.spreadsheets import Complaint, SheetColumn, SheetRow, folded, in_all_languages
from wagtail_punchout.models import MappingRow, UnitRow
from wagtail_punchout.models.link_rows import SourceKind
from wagtail_punchout.protocol import mapping

_YES, _NO = _("Yes"), _("No")
KINDS = {"added": _("Added"), "changed": _("Changed"), "moved": _("Moved"), "removed": _("Removed")}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of row as a table; ``key`` are the columns by which people know a row."""

    name: str
    label: Any
    model: type[Model]
    columns: tuple[SheetColumn, ...]
    key: tuple[str, ...]
    most: int
    tab: str

    @property
    def field(self) -> str:
        """The name under which a link has these rows."""
        return self.model._meta.get_field("link").remote_field.related_name

    def heading(self, name: str) -> str:
        return next((str(each.heading) for each in self.columns if each.name == name), "")


MAPPING = Sheet(
    "mapping",
    _("Mapping rows"),
    MappingRow,
    (
        SheetColumn("target", _("Field of the buyer"), width=24),
        SheetColumn("kind", _("Comes from"), width=20),
        SheetColumn("source", _("Content"), width=40),
        SheetColumn("transforms", _("Changed by"), is_required=False, width=30),
        SheetColumn("only_when", _("Only when"), is_required=False, width=30),
        SheetColumn("required", _("Required"), is_required=False, width=10),
    ),
    key=("target", "only_when"),
    most=MOST_ROWS,
    tab="mapping",
)
UNITS = Sheet(
    "units",
    _("Units"),
    UnitRow,
    (SheetColumn("ours", _("Our unit")), SheetColumn("theirs", _("Unit of the buyer"))),
    key=("ours",),
    most=MOST_UNITS,
    tab="units",
)
SHEETS = {each.name: each for each in (MAPPING, UNITS)}


def told(row: Model, sheet: Sheet) -> dict[str, str]:
    """A row as the cells of its table."""
    return {each.name: _cell(row, each.name) for each in sheet.columns}


def _cell(row: Model, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, bool):
        return str(_YES) if value else ""
    return str(SourceKind(value).label) if name == "kind" and value in SourceKind.values else str(value)


# Reading


def read_rows(sheet: Sheet, rows: Sequence[SheetRow], format: str) -> tuple[list[Model], list[Complaint]]:
    """The rows that a file asks for, not saved, and what is wrong with it, cell by cell."""
    if len(rows) > sheet.most:
        sentence = gettext("There can be at most %(most)d rows.") % {"most": sheet.most}
        return [], [Complaint(rows[sheet.most].number, "", sentence)]
    complaints: list[Complaint] = []
    read_one, check_all = _HOW[sheet.name]
    made = []
    for row in rows:
        wrong: dict[str, str] = {}
        one = read_one(row, wrong)
        try:
            one.clean_fields(exclude=["link", *wrong])
        except ValidationError as error:
            wrong |= {name: " ".join(sentences) for name, sentences in error.message_dict.items()}
        complaints += [Complaint(row.number, sheet.heading(name), sentence) for name, sentence in wrong.items()]
        made.append(one)
    mended_first = {each.row for each in complaints}
    complaints += [each for each in check_all(sheet, rows, made, format) if each.row not in mended_first]
    return made, sorted(complaints, key=lambda each: each.row)


def _mapping_row(row: SheetRow, wrong: dict[str, str]) -> MappingRow:
    cells = row.cells
    kind = _kinds().get(folded(cells["kind"]))
    if kind is None:
        choices = ", ".join(str(each) for each in SourceKind.labels)
        wrong["kind"] = gettext("Write one of: %(choices)s.") % {"choices": choices}
    required = _booleans().get(folded(cells.get("required", "")))
    if required is None:
        wrong["required"] = gettext("Write one of: %(choices)s.") % {"choices": f"{_YES}, {_NO}"}
    texts = {name: cells.get(name, "") for name in ("target", "source", "transforms", "only_when")}
    if not texts["target"]:
        wrong["target"] = str(SENTENCES["missing_target"])
    return MappingRow(kind=kind or SourceKind.FIELD, required=bool(required), **texts)


def _check_mapping(sheet: Sheet, rows: Sequence[SheetRow], made: list[Any], format: str) -> list[Complaint]:
    numbers = {number: row.number for number, row in enumerate(rows, start=1)}
    found = mapping.check([each.as_row(number) for number, each in enumerate(made, start=1)], format)
    complaints = []
    for each in found:
        # Another row is meant by the number it has in the file.
        params = {**each.params, "other": str(numbers.get(int(each.params.get("other", 0)), ""))}
        sentence = reason(replace(each, params=params))
        complaints.append(Complaint(numbers[each.row], sheet.heading(each.part), sentence))
    return complaints


def _unit_row(row: SheetRow, wrong: dict[str, str]) -> UnitRow:
    if not row.cells["ours"]:
        wrong["ours"] = gettext("Write one of our units.")
    if not row.cells["theirs"]:
        wrong["theirs"] = gettext("Write what the buyer calls it.")
    return UnitRow(ours=row.cells["ours"], theirs=row.cells["theirs"])


def _check_units(sheet: Sheet, rows: Sequence[SheetRow], made: list[Any], format: str) -> list[Complaint]:
    first: dict[str, int] = {}
    complaints = []
    for row, unit in zip(rows, made, strict=True):
        if (before := first.setdefault(unit.ours, row.number)) != row.number:
            sentence = gettext("Row %(row)d has the same unit already.") % {"row": before}
            complaints.append(Complaint(row.number, sheet.heading("ours"), sentence))
    return complaints


_HOW: Mapping[str, tuple[Callable, Callable]] = {
    "mapping": (_mapping_row, _check_mapping),
    "units": (_unit_row, _check_units),
}


def _kinds() -> dict[str, str]:
    return {
        spelling: each.value for each in SourceKind for spelling in {folded(each.value), *in_all_languages(each.label)}
    }


def _booleans() -> dict[str, bool]:
    yes = {*in_all_languages(_YES), "yes", "true", "wahr", "x", "1"}
    no = {*in_all_languages(_NO), "no", "false", "falsch", "", "0"}
    return dict.fromkeys(yes, True) | dict.fromkeys(no, False)


# Comparing


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one row: its ``kind``, and its cells before and after."""

    kind: str
    cells: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        return str(KINDS.get(self.kind, ""))


def compare(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]], sheet: Sheet) -> list[Step]:
    """What becomes of each row, in the new order, and then those that go; rows that stay are left out."""
    left = list(enumerate(old))
    steps, furthest = [], -1
    same = [_take(left, lambda each, row=row: each == row) for row in new]
    for row, found in zip(new, same, strict=True):
        match = found or _take(left, lambda each, row=row: all(each[name] == row[name] for name in sheet.key))
        if match is None:
            steps.append(Step("added", tuple(("", value) for value in row.values())))
            continue
        place, before = match
        if before != row:
            steps.append(
                Step("changed", tuple((before[name] * (before[name] != row[name]), row[name]) for name in row))
            )
        elif place < furthest:
            steps.append(Step("moved", tuple(("", value) for value in row.values())))
        furthest = max(furthest, place)
    return steps + [Step("removed", tuple((value, "") for value in before.values())) for _place, before in left]


def _take(left: list, fits: Callable) -> tuple[int, Mapping[str, str]] | None:
    found = next((each for each in left if fits(each[1])), None)
    if found:
        left.remove(found)
    return found
