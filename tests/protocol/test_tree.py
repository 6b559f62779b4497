from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree

from tests.protocol.factories import SETUP, euro
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.errors import DocumentTooLarge, UnacceptableContent, UnreadableDocument


def element(markup: str) -> etree._Element:
    return tree.parse(markup.encode()).root


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<a>\n<b></a>", "line 2, column .* end tag does not match"),
        ("<a>", "ends before its last end tag"),
        ("<a/><b/>", "something follows the end"),
        ("<a>&nbsp;</a>", "only the entities"),
        ("<a>Tom & Jerry</a>", "write &lt; or &amp;"),
        ("<a b='1' b='2'/>", "given twice"),
        ("<p:a/>", "prefix is not declared"),
        ("<a>\x01</a>", "XML forbids"),
        ("", "holds no XML"),
        ('{"a": 1}', "must be one XML document"),
    ],
)
def test_syntax_errors_are_told_in_our_words(markup, said):
    with pytest.raises(UnreadableDocument, match=said):
        tree.parse(markup.encode())


@pytest.mark.parametrize(
    ("limits", "fits", "too_much"),
    [
        ({"size": 10}, "<a>123</a>", "<a>1234</a>"),
        ({"depth": 3}, "<a><a><a/></a></a>", "<a><a><a><a/></a></a></a>"),
        ({"attributes": 2}, "<a b='' c=''/>", "<a><a b='' c='' d=''/></a>"),
        ({"elements": 3}, "<a><b/></a>", "<a><b/><c/></a>"),
        ({"equals": 1}, "<a>=</a>", "<a>==</a>"),
    ],
)
def test_limits_hold_to_the_last_unit(limits, fits, too_much):
    tree.parse(fits.encode(), limits=tree.Limits(**limits))
    with pytest.raises(DocumentTooLarge):
        tree.parse(too_much.encode(), limits=tree.Limits(**limits))


def test_comments_and_instructions_do_not_split_a_text():
    assert element("<a>admin<!--x-->.evil<?x y?>.com</a>").text == "admin.evil.com"


def test_text_with_an_element_inside_is_refused():
    with pytest.raises(UnreadableDocument, match="Identity must hold text only"):
        tree.optional_text(element("<a><Identity>admin<b/>.evil</Identity></a>"), "Identity")


def test_names_in_a_namespace_are_other_names():
    assert tree.optional_text(element('<a xmlns:e="urn:e"><e:b>x</e:b></a>'), "b") == ""


def test_required_text_is_trimmed_and_not_empty():
    assert tree.text(element("<a><b> x\n</b></a>"), "b") == "x"
    for markup in ("<a/>", "<a><b> </b></a>"):
        with pytest.raises(UnacceptableContent, match="a/b"):
            tree.text(element(markup), "b")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("1,234.50", "1234.50"), (".34", "0.34"), ("3.", "3"), ("-1.5", "-1.5"), (" 7 ", "7"), ("1.0E2", "100")],
)
def test_numbers_are_read_as_senders_write_them(sent, meant):
    assert tree.decimal(sent, what="x") == Decimal(meant)


@pytest.mark.parametrize("sent", ["1,5", "1.234,50", "TBD", "NaN", "Infinity", "١٢", "1" * 1000, ".", "0x10", "1e999"])
def test_numbers_that_would_be_a_guess_are_refused(sent):
    with pytest.raises(UnacceptableContent, match="not a number"):
        tree.decimal(sent, what="x")


def test_empty_money_is_absent():
    assert tree.money(element("<a><P><Money currency='EUR'> </Money></P></a>"), "P") is None
    assert tree.money(element("<a><P><Money currency='eur'>.5</Money></P></a>"), "P") == euro("0.5")


@pytest.mark.parametrize(
    ("value", "written"), [("1E+3", "1000"), ("4.50", "4.50"), ("-0.00", "0.00"), ("1E-7", "0.0000001")]
)
def test_numbers_are_written_without_exponent(value, written):
    assert tree.number(Decimal(value)) == written


def test_no_number_is_not_written():
    with pytest.raises(ValueError, match="NaN"):
        tree.number(Decimal("NaN"))


def test_clean_removes_only_what_xml_forbids():
    assert tree.clean("a\x00\x0b\ud800\ufffeb\t\r\n\u2028\U0001f600") == "ab\t\r\n\u2028\U0001f600"


def test_languages_are_tidied_or_replaced():
    assert tree.language_tag(" en_UK ") == "en-UK"
    assert tree.language_tag("German (DE)", fallback="en") == "en"


def test_document_is_written_in_ascii():
    root = tree.element("cXML", payloadID="ü")
    tree.add_text(root, "a", "Größe € \U0001f600 <&>\r")
    raw = tree.serialize(root, dtd_version="1.2.014")
    assert raw.isascii()
    assert raw.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">\n<cXML '
    )
    assert tree.parse(raw).root.findtext("a") == "Größe € \U0001f600 <&>\r"


def test_document_keeps_all_of_its_text():
    assert tree.parse(SETUP.encode()).text == SETUP
