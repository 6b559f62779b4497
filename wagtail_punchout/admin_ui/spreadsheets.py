"""Spreadsheets: tables that people download, edit with the program they like, and upload again.

What is written can be read back unchanged. What people send comes in every shape their programs know: XLSX; CSV with
commas, semicolons or tabs, in UTF-8 with or without a mark, in UTF-16, or in the old Windows code page. Every cell is
taken as text. A file is hostile until it has been read: its size, packed and unpacked, its rows and cells have limits.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override, to_language
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

LOCALE = Path(__file__).resolve().parents[1] / "locale"
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000
FORMATS = ("xlsx", "csv")

_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
# A CSV cell that begins so is run as a formula by spreadsheet programs; an apostrophe before it stops them.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
# XML, and so XLSX, knows no other control characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Unreadable(Exception):
    """A file that is no table we can read; its text says what to do."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of a table: its ``name`` for programs, its ``heading`` for people, who may write either."""

    name: str
    heading: Any
    is_required: bool = True
    width: int = 20

    @property
    def spellings(self) -> set[str]:
        """How the heading may be written: the name, or the heading in any of our languages."""
        return {folded(self.name), *in_all_languages(self.heading)}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as it came: ``number`` as the spreadsheet program shows it, cells by the names of the columns."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one cell, or (without ``column``) with a row."""

    row: int
    column: str
    sentence: str


def folded(text: Any) -> str:
    """One spelling for comparing what people typed with what we call it."""
    return re.sub(r"[\W_]+", " ", str(text)).strip().casefold()


def in_all_languages(text: Any) -> set[str]:
    """A translated text as it is written in each of our languages, folded."""
    found = set()
    for code in our_languages():
        with override(code):
            found.add(folded(text))
    return found


@cache
def our_languages() -> list[str]:
    """Those our texts are translated into. A site's own list may have a hundred, and loading each takes time."""
    return ["en", *(to_language(each.name) for each in LOCALE.iterdir() if each.is_dir())]


# Writing


def download(
    name: str, form: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]], *, title: str
) -> HttpResponse:
    """The table as a file to save; ``form`` is one of ``FORMATS``."""
    written = {"xlsx": write_xlsx, "csv": write_csv}[form](columns, rows, title=title)
    response = HttpResponse(written, content_type=_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def write_xlsx(columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]], *, title: str) -> bytes:
    """Every cell is text: neither a formula nor a number that would lose its leading zeros."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Table")
    sheet.freeze_panes = "A2"
    for letter, column in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", columns, strict=False):
        sheet.column_dimensions[letter].width = column.width
    heading = [_xlsx_cell(sheet, column.heading) for column in columns]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_csv(columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]], *, title: str = "") -> bytes:
    """With a byte order mark, without which Excel takes UTF-8 for something else; formulas are defused."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([_defused(str(column.heading)) for column in columns])
    writer.writerows([_defused(str(value)) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _xlsx_cell(sheet: Any, value: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_CONTROL.sub("", str(value)))
    cell.data_type = "s"  # else "=1" would be a formula, and "#N/A" an error
    cell.number_format = "@"
    return cell


def _defused(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _as_written(text: str) -> str:
    return text[1:] if _DEFUSED.match(text) else text


# Reading


def read(upload: Any, columns: Sequence[SheetColumn]) -> list[SheetRow]:
    """The rows of an uploaded file, empty ones left out; ``Unreadable`` says what to do about it."""
    if upload.size > MOST_BYTES:
        raise Unreadable(_("The file is too large. At most %(size)d MB are read.") % {"size": MOST_BYTES // 1024**2})
    raw = upload.read(MOST_BYTES + 1)
    lines = _xlsx_lines(raw) if raw.startswith(b"PK\x03\x04") else _csv_lines(raw)
    return list(_rows(lines, columns))


def _rows(lines: Iterator[tuple[int, list[str]]], columns: Sequence[SheetColumn]) -> Iterator[SheetRow]:
    places: dict[str, int] | None = None
    found = 0
    for number, cells in lines:
        if not any(cells):
            continue
        if places is None:
            places = _places(cells, columns)
            continue
        found += 1
        if found > MOST_ROWS:
            raise Unreadable(_("The file has more than %(count)d rows.") % {"count": MOST_ROWS})
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise Unreadable(_("A cell in row %(row)d is too long for a table like this.") % {"row": number})
        taken = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        if any(taken.values()):
            yield SheetRow(number, taken)
    if places is None:
        raise Unreadable(_("The file is empty. Its first row must have the headings of the columns."))


def _places(headings: Sequence[str], columns: Sequence[SheetColumn]) -> dict[str, int]:
    written = [folded(each) for each in headings]
    places: dict[str, int] = {}
    for column in columns:
        found = [place for place, each in enumerate(written) if each in column.spellings]
        if len(found) > 1:
            raise Unreadable(_("There are two columns “%(column)s”. Leave one.") % {"column": column.heading})
        if found:
            places[column.name] = found[0]
    missing = [str(column.heading) for column in columns if column.is_required and column.name not in places]
    if missing:
        raise Unreadable(
            _("The first row must have the headings of the columns. Missing: %(columns)s.")
            % {"columns": ", ".join(missing)}
        )
    return places


def _xlsx_lines(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("The file unpacks to more than a table like this can need."))
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The size that the file claims for its table is not to be trusted.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS, values_only=True)
        formulas = _formulas(raw)
        for number, row in enumerate(rows, start=1):
            if any(row[place] is None for place in formulas.get(number, ()) if place < len(row)):
                raise Unreadable(
                    _("A cell in row %(row)d is a formula without a result. Write the value itself.") % {"row": number}
                )
            yield number, [_text(value) for value in row]
    except Unreadable:
        raise
    except Exception as error:  # a damaged or hostile file makes the library fail in any way
        raise Unreadable(_("The XLSX file is damaged. Save it anew, or as CSV.")) from error


def _formulas(raw: bytes) -> dict[int, list[int]]:
    """The places of formulas, by row. Their results are what counts; a program that has never computed has none."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        sheets = [each for each in packed.namelist() if each.startswith("xl/worksheets/")]
        if not any(b"<f" in packed.read(each) for each in sheets):
            return {}
    sheet = load_workbook(io.BytesIO(raw), read_only=True).worksheets[0]
    sheet.reset_dimensions()
    found: dict[int, list[int]] = {}
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS), start=1):
        places = [place for place, cell in enumerate(row) if cell.data_type == "f"]
        if places:
            found[number] = places
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()  # XLSX knows no days without a time
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).strip()


def _csv_lines(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(raw)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            yield number, [_as_written(cell).strip() for cell in cells[:MOST_COLUMNS]]
            number += 1
    except csv.Error as error:
        sentence = _("Row %(row)d cannot be read: a cell in it is too long, or a quotation mark is never closed.")
        raise Unreadable(sentence % {"row": number}) from error


def _decoded(raw: bytes) -> str:
    is_marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_marked else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(_("The file is neither XLSX nor CSV."))
