"""A link's rows as a file: downloaded, uploaded into a draft after a rehearsal, and never by halves."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.connections import connect
from wagtail_punchout.admin_ui.mapping_sheets import MAPPING, UNITS, compare
from wagtail_punchout.models import MappingRow, PunchoutLink, UnitRow

HEAD = "Field of the buyer,Comes from,Content,Changed by,Only when,Required\n"
ROWS = HEAD + "VENDORMAT,Field of the cart,product.sku,upper,product.sku,Yes\nMATGROUP,constant,0815,,,\n"


@pytest.fixture
def link(db) -> PunchoutLink:
    return connect("oci", format="oci4").link


def url(name: str, link: PunchoutLink, *args: str) -> str:
    return reverse(f"punchout_links:{name}", args=[link.pk, *args])


def rehearse(client, link: PunchoutLink, text: str | bytes, sheet: str = "mapping"):
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post(url("mapping_files", link), {"sheet": sheet, "file": SimpleUploadedFile("rows", raw)})


def carry_out(client, link: PunchoutLink, rehearsed):
    return client.post(url("mapping_files", link), {"plan": rehearsed.context["plan"]})


def drafted(link: PunchoutLink) -> PunchoutLink:
    return PunchoutLink.objects.get(pk=link.pk).get_latest_revision_as_object()


def complaints(answer) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.sentence) for each in answer.context["rehearsal"].complaints]


def test_upload_makes_a_draft_after_a_rehearsal(admin_client, link):
    seen = rehearse(admin_client, link, ROWS)
    assert [each.kind for each in seen.context["rehearsal"].steps] == ["added", "added"]
    assert not drafted(link).rows
    carry_out(admin_client, link, seen)
    first, second = drafted(link).rows
    assert (first.target, first.source, first.transforms, first.only_when, first.required) == (
        *("VENDORMAT", "product.sku", "upper", "product.sku"),
        True,
    )
    assert (second.target, second.kind, second.source, second.required) == ("MATGROUP", "constant", "0815", False)
    assert not link.mapping_rows.exists()


def test_units_are_uploaded_likewise(admin_client, link):
    carry_out(admin_client, link, rehearse(admin_client, link, "Our unit;Unit of the buyer\nEA;ST\nBX;KAR\n", "units"))
    assert drafted(link).units == {"EA": "ST", "BX": "KAR"}
    assert not link.unit_rows.exists()


def test_published_upload_is_what_buyers_meet(admin_client, link):
    carry_out(admin_client, link, rehearse(admin_client, link, ROWS))
    PunchoutLink.objects.get(pk=link.pk).latest_revision.publish()
    assert [each.target for each in PunchoutLink.objects.get(pk=link.pk).rows] == ["VENDORMAT", "MATGROUP"]


def test_rows_keep_the_order_of_the_file(admin_client, link):
    carry_out(admin_client, link, rehearse(admin_client, link, ROWS))
    PunchoutLink.objects.get(pk=link.pk).latest_revision.publish()
    # Rows without a place of their own would come in whatever order the database likes.
    assert dict(link.mapping_rows.values_list("sort_order", "target")) == {0: "VENDORMAT", 1: "MATGROUP"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_download_is_read_again_unchanged(admin_client, link, form):
    link.mapping_rows = [
        MappingRow(target="DESCRIPTION", kind="template", source="=1+1 {{ product.name }}", required=True),
        MappingRow(target="VENDORMAT", source="product.sku", transforms="lookup(a=1; b=2)", only_when="product.sku"),
    ]
    link.unit_rows = [UnitRow(ours="EA", theirs="ST")]
    link.save_revision(clean=False)
    for sheet in ("mapping", "units"):
        raw = admin_client.get(url("mapping_download", link, sheet, form)).content
        shown = rehearse(admin_client, link, raw, sheet)
        assert "There is nothing to change" in shown.content.decode()
        assert shown.context["plan"] == ""


def test_rows_can_be_taken_to_another_link(admin_client, link):
    carry_out(admin_client, link, rehearse(admin_client, link, ROWS))
    other = connect("other", format="oci5").link
    raw = admin_client.get(url("mapping_download", link, "mapping", "xlsx")).content
    carry_out(admin_client, other, rehearse(admin_client, other, raw))
    assert drafted(other).rows == drafted(link).rows


@pytest.mark.parametrize(
    ("lines", "row", "column", "sentence"),
    [
        ("NOFIELD?,field,product.sku,,,", 2, "Field of the buyer", "has no field"),
        (",field,product.sku,,,", 2, "Field of the buyer", "Say which field"),
        ("MATNR,formula,product.sku,,,", 2, "Comes from", "Write one of: Field of the cart, Constant, Template."),
        ("MATNR,field,product.skew,,,", 2, "Content", "There is no “product.skew”"),
        ("MATNR,field,product.sku,shout,,", 2, "Changed by", "There is no transform “shout”"),
        ("MATNR,field,product.sku,,product.sku = a or b,", 2, "Only when", ""),
        ("MATNR,field,product.sku,,,perhaps", 2, "Required", "Write one of: Yes, No."),
        (f"MATNR,constant,{'x' * 1001},,,", 2, "Content", "at most 1000 characters"),
        ("MATNR,field,product.sku,,,\nMATNR,field,product.name,,,", 3, "Field of the buyer", "Row 2 always fills"),
    ],
)
def test_mistake_is_told_by_row_and_column_and_nothing_is_kept(admin_client, link, lines, row, column, sentence):
    answer = rehearse(admin_client, link, f"{HEAD}{lines}\n")
    [(wrong_row, wrong_column, told)] = complaints(answer)
    assert (wrong_row, wrong_column, sentence in told) == (row, column, True)
    assert answer.context["plan"] == ""
    assert drafted(link).latest_revision_id is None


def test_all_mistakes_are_told_at_once(admin_client, link):
    answer = rehearse(admin_client, link, f"{HEAD}MATNR,field,product.skew,,,\nVENDORMAT,formula,x,,,perhaps\n")
    told = [each[:2] for each in complaints(answer)]
    assert told == [(2, "Content"), (3, "Comes from"), (3, "Required")]


@pytest.mark.parametrize(
    ("lines", "row", "column"),
    [("EA,", 2, "Unit of the buyer"), (",ST", 2, "Our unit"), ("EA,ST\nEA,PCE", 3, "Our unit")],
)
def test_mistake_in_units_is_told_likewise(admin_client, link, lines, row, column):
    answer = rehearse(admin_client, link, f"Our unit,Unit of the buyer\n{lines}\n", "units")
    assert [each[:2] for each in complaints(answer)] == [(row, column)]


def test_more_rows_than_the_editor_takes_are_refused(admin_client, link):
    lines = "\n".join(f"FREE_{number},constant,x,,," for number in range(61))
    assert "at most 60 rows" in complaints(rehearse(admin_client, link, f"{HEAD}{lines}\n"))[0][2]


def test_headings_of_another_table_are_told(admin_client, link):
    answer = rehearse(admin_client, link, "Our unit,Unit of the buyer\nEA,ST\n")
    assert "Missing: Field of the buyer, Comes from, Content" in answer.content.decode()


def test_draft_that_was_changed_meanwhile_is_not_overwritten(admin_client, link):
    seen = rehearse(admin_client, link, ROWS)
    newer = drafted(link)
    newer.mapping_rows = [MappingRow(target="MATNR", source="product.sku")]
    newer.save_revision(clean=False)
    carry_out(admin_client, link, seen)
    assert [each.target for each in drafted(link).rows] == ["MATNR"]


def test_rehearsal_of_another_link_or_by_another_hand_is_refused(admin_client, link):
    other = connect("other", format="oci4").link
    seen = rehearse(admin_client, link, ROWS)
    carry_out(admin_client, other, seen)
    admin_client.post(url("mapping_files", link), {"plan": seen.context["plan"] + "x"})
    assert (drafted(other).rows, drafted(link).rows) == ((), ())


def test_unknown_table_or_form_leads_nowhere(admin_client, link):
    assert admin_client.get(url("mapping_download", link, "prices", "csv")).status_code == 404
    assert admin_client.get(url("mapping_download", link, "units", "pdf")).status_code == 404


# What becomes of each row


def kinds(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[tuple[str, str]]:
    as_cells = [[dict(zip(("ours", "theirs"), each, strict=True)) for each in rows] for rows in (old, new)]
    return [(step.kind, step.cells[0][1] or step.cells[0][0]) for step in compare(*as_cells, UNITS)]


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        ([("a", "1")], [("a", "1")], []),
        ([("a", "1")], [("a", "2")], [("changed", "a")]),
        ([("a", "1")], [("b", "1")], [("added", "b"), ("removed", "a")]),
        ([("a", "1"), ("b", "1")], [("b", "1"), ("a", "1")], [("moved", "a")]),
        ([("a", "1"), ("b", "1")], [], [("removed", "a"), ("removed", "b")]),
    ],
)
def test_what_becomes_of_each_row(old, new, steps):
    assert kinds(old, new) == steps


def test_changed_row_tells_only_what_is_different():
    old = dict.fromkeys((each.name for each in MAPPING.columns), "same")
    [step] = compare([old], [old | {"source": "new"}], MAPPING)
    assert step.cells == (("", "same"), ("", "same"), ("same", "new"), ("", "same"), ("", "same"), ("", "same"))
