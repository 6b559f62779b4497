"""The hand-over sheet on paper. Its typeface comes with the library: nothing is looked for on the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import reportlab
from anyascii import anyascii
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

FONT, BOLD = "Vera", "VeraBd"
MARGIN, WIDTH = 18 * mm, A4[0] - 36 * mm
#: What the library leaves free around whatever stands on a page.
INSET = 6
GREY, RULE = HexColor("#555555"), HexColor("#cccccc")
#: Tests are told from production at arm's length, and on a black-and-white printer, too.
TEST, PRODUCTION = (HexColor("#fff1c9"), HexColor("#7a4a00")), (HexColor("#e3ecf7"), HexColor("#123a66"))

_CLOSE = [(f"{side}PADDING", (0, 0), (-1, -1), 2) for side in ("TOP", "BOTTOM")]

TEXT = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=12)
SOFT = ParagraphStyle("soft", parent=TEXT, textColor=GREY, fontSize=7.5, leading=10)
LABEL = ParagraphStyle("label", parent=TEXT, fontName=BOLD, fontSize=8.5)
#: Addresses and keys have no blanks: they are broken where the line ends.
VALUE = ParagraphStyle("value", parent=TEXT, wordWrap="CJK")
TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=17, leading=22)
HEADING = ParagraphStyle("heading", fontName=BOLD, fontSize=11, leading=14, spaceBefore=10, spaceAfter=2)


def sheet_pdf(facts: Mapping[str, Any], title: str) -> bytes:
    """The whole document, from the facts of the page."""
    _fonts()
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        title=f"{title}: {facts['company']}",
        author=str(facts["supplier"]),
        leftMargin=MARGIN - INSET,
        rightMargin=MARGIN - INSET,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
    )
    foot = partial(_foot, printable(f"{facts['company']} · {facts['side'].label} · {date_format(facts['day'])}"))
    document.build(list(_story(facts, title)), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


@cache
def _fonts() -> TTFont:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (BOLD, FONT):
        pdfmetrics.registerFont(font := TTFont(name, str(folder / f"{name}.ttf")))
    return font


def printable(text: str) -> str:
    """``text`` in letters the typeface has: the Latin ones, and for others what they sound like."""
    letters = _fonts().face.charToGlyph
    return "".join(each if ord(each) in letters else anyascii(each) for each in text)


def _story(facts: Mapping[str, Any], title: str) -> Iterator[Flowable]:
    yield _paragraph(title, TITLE)
    yield _paragraph(f"{facts['company']} · {facts['shop']}")
    if facts["system"]:
        yield _paragraph(_("In the words of %(system)s") % {"system": facts["system"].name}, SOFT)
    yield Spacer(1, 8)
    yield _banner(facts)
    for heading, rows in (("cXML", facts["rows"]), ("OCI", facts["oci"])):
        if rows:
            yield _paragraph(heading, HEADING)
            yield _values(rows)
    first, *others = (_box(each) for each in facts["checklist"])
    yield KeepTogether([_paragraph(_("Checklist"), HEADING), first])
    yield from others
    if facts["contact"]:
        asked = _("Questions: %(contact)s") % {"contact": facts["contact"]}
        yield KeepTogether([Spacer(1, 10), _paragraph(asked, LABEL)])


def _paragraph(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(escape(printable(str(text))), style)


def _banner(facts: Mapping[str, Any]) -> Table:
    ground, ink = TEST if facts["is_test"] else PRODUCTION
    name = ParagraphStyle("mode", parent=LABEL, textColor=ink, fontSize=12, leading=15)
    cell = [_paragraph(str(facts["side"].label).upper(), name), *(_paragraph(each) for each in facts["consequences"])]
    style = [("BACKGROUND", (0, 0), (-1, -1), ground), ("BOX", (0, 0), (-1, -1), 1, ink)]
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 6) for side in ("TOP", "BOTTOM", "LEFT", "RIGHT")]
    return Table([[cell]], colWidths=[WIDTH], style=[*style, *padding])


def _values(rows: Sequence[Any]) -> Table:
    cells = [[[*_names(row)], [*_told(row)]] for row in rows]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        *_CLOSE,
    ]
    return Table(cells, colWidths=(55 * mm, WIDTH - 55 * mm), style=style)


def _names(row: Any) -> Iterator[Paragraph]:
    yield _paragraph(row.word or row.label, LABEL)
    if row.word and row.word != row.label:
        yield _paragraph(row.label, SOFT)


def _told(row: Any) -> Iterator[Paragraph]:
    if row.value:
        yield _paragraph(row.value, VALUE)
    if printable(row.value) != row.value:
        yield _paragraph(_("Some letters cannot be printed: ask for this value in an e-mail."), SOFT)
    if row.remark:
        yield _paragraph(row.remark, SOFT)


def _box(text: str) -> Table:
    """A line of the checklist with a square to tick."""
    square = Table([[""]], colWidths=[9], rowHeights=[9], style=[("BOX", (0, 0), (-1, -1), 0.8, GREY)])
    left = [("LEFTPADDING", (0, 0), (0, -1), 0), *_CLOSE, ("TOPPADDING", (0, 0), (0, 0), 3)]
    columns = (16, WIDTH - 16)
    return Table([[square, _paragraph(text)]], colWidths=columns, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *left])


def _foot(text: str, canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, 10 * mm, text)
    canvas.drawRightString(A4[0] - MARGIN, 10 * mm, str(document.page))
    canvas.restoreState()
