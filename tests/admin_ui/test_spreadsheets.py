"""Spreadsheets: what is written can be read again, and what people send is read as they meant it."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy, override
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from wagtail_punchout.admin_ui import spreadsheets
from wagtail_punchout.admin_ui.spreadsheets import SheetColumn, Unreadable, read, write_csv, write_xlsx

COLUMNS = (
    SheetColumn("value", gettext_lazy("Value")),
    SheetColumn("company", gettext_lazy("Company code")),
    SheetColumn("position", gettext_lazy("Position"), is_required=False),
)
WRITERS = {"xlsx": write_xlsx, "csv": write_csv}
# What a cell of a table can hold; blanks at the ends mean nothing.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@';,\"\t\n"), max_size=40).map(
    lambda text: " ".join(text.split(" ")).strip()
)


def upload(raw: bytes | str, encoding: str = "utf-8") -> SimpleUploadedFile:
    return SimpleUploadedFile("table", raw if isinstance(raw, bytes) else raw.encode(encoding))


def cells(raw: bytes | str, encoding: str = "utf-8") -> list[tuple[str, ...]]:
    return [tuple(row.cells.get(each.name, "") for each in COLUMNS) for row in read(upload(raw, encoding), COLUMNS)]


def book(*rows: tuple) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


HEAD = ("Value", "Company code", "Position")


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=60)
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT).filter(any), max_size=8))
def test_what_is_written_is_read_unchanged(form, rows):
    assert cells(WRITERS[form](COLUMNS, rows, title="Table")) == rows


HOSTILE = ["=1+1", "+49 40 123", "-5", "@SUM(A1)", "\t=1", "'=1", "''=1", "=cmd|' /C calc'!A0", "#N/A", "0042", "1e5"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text):
    [_head, line] = write_csv(COLUMNS, [(text, "x", "")]).decode("utf-8-sig").splitlines()
    assert line.lstrip('"')[0] not in "=+-@\t"
    cell = load_workbook(io.BytesIO(write_xlsx(COLUMNS, [(text, "x", "")], title="T"))).active["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", WRITERS)
def test_hostile_cells_survive_the_round_trip(form, text):
    assert cells(WRITERS[form](COLUMNS, [(text, "x", "")], title="T")) == [(text.strip(), "x", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_comes_in_many_shapes(encoding, delimiter, end):
    lines = (HEAD, ("Gießerei", "K-1", "2"), ("Fünf, sechs; sieben", "K-2", ""))
    text = end.join(delimiter.join(f'"{each}"' for each in line) for line in lines)
    assert cells(text, encoding) == list(lines[1:])


def test_numbers_and_dates_are_read_as_people_see_them():
    raw = book(HEAD, (170, 220101.0, 1), (2.5, True, datetime.date(2026, 11, 22)))
    assert cells(raw) == [("170", "220101", "1"), ("2.5", "TRUE", "2026-11-22")]


def test_columns_may_stand_anywhere_and_others_are_left_alone():
    assert cells("Remark;Company code;VALUE\nold;K-1;A\n") == [("A", "K-1", "")]


def test_headings_may_be_in_any_of_our_languages():
    with override("de"):
        german = str(gettext_lazy("Company"))
    column = (SheetColumn("company", gettext_lazy("Company")),)
    assert german != "Company"
    assert [row.cells for row in read(upload(f"{german}\nK-1"), column)] == [{"company": "K-1"}]
    assert [row.cells for row in read(upload("COMPANY\nK-1"), column)] == [{"company": "K-1"}]


def test_rows_keep_the_numbers_they_have_in_the_program():
    rows = read(upload("Value,Company code\n\nA,1\n,\nB,2\n"), COLUMNS)
    assert [(row.number, row.cells["value"]) for row in rows] == [(3, "A"), (5, "B")]


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        # With a time of its own: the bytes are the test's name, which all processes have to agree on.
        sheet = b" " * (spreadsheets.MOST_UNPACKED + 1)
        packed.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), sheet, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        ("Value\nA", "Missing: Company code"),
        ("Value;value;Company code\n1;2;3", "two columns"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (bomb(), "unpacks to more"),
        (b"\x89PNG\x00\x00\x00", "neither XLSX nor CSV"),
        (b"\xff\xfeV", "neither XLSX nor CSV"),
        ("Value,Company code\n" + "x" * 3000 + ",1", "too long"),
        ("Value,Company code\nA,1\n" + '"' + "x" * 200_000, "Row 3 cannot be read: .* quotation mark is never closed"),
    ],
)
def test_what_cannot_be_read_says_so(raw, complaint):
    with pytest.raises(Unreadable, match=complaint):
        cells(raw)


def test_too_many_rows_are_not_read():
    with pytest.raises(Unreadable, match="more than 10000 rows"):
        cells("Value,Company code\n" + "A,1\n" * (spreadsheets.MOST_ROWS + 1))


def test_too_large_a_file_is_not_read():
    with pytest.raises(Unreadable, match="At most 5 MB"):
        cells(b"x" * (spreadsheets.MOST_BYTES + 1))


def test_a_row_far_away_does_not_cost_a_million_rows():
    made = Workbook()
    made.active.append(HEAD)
    made.active.cell(row=1_000_000, column=1, value="far")
    made.active.cell(row=2, column=2, value="near")
    stream = io.BytesIO()
    made.save(stream)
    assert cells(stream.getvalue()) == [("", "near", "")]


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_get_rows_or_a_sentence(raw):
    try:
        cells(raw)
    except Unreadable as error:
        assert str(error)
