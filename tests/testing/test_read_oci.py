"""What the fake buyer reads in an OCI form, and what it complains about."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wagtail_punchout.testing.documents import read_oci_fields, read_oci_page
from wagtail_punchout.testing.documents.oci_fields import number

CHAIR = {
    "DESCRIPTION": "Desk chair",
    "QUANTITY": "2.000",
    "UNIT": "PCE",
    "PRICE": "763.200",
    "CURRENCY": "EUR",
    "PRICEUNIT": "1",
    "LEADTIME": "3",
    "VENDORMAT": "KD5555",
    "EXT_PRODUCT_ID": "KD5555/black",
}


def a_cart(version: str = "4.0", agreed=(), **changes: str):
    fields = {name: value for name, value in {**CHAIR, **changes}.items() if value is not None}
    return read_oci_fields({f"NEW_ITEM-{name}[1]": value for name, value in fields.items()}, version, agreed=agreed)


def test_a_line_without_fault():
    cart = a_cart()
    [chair] = cart.lines
    assert (chair.quantity, chair.unit_price, chair.amount) == (2, Decimal("763.2"), Decimal("1526.4"))
    assert (chair.sku, chair.product_id, chair.lead_time) == ("KD5555", "KD5555/black", 3)
    assert cart.totals == {"EUR": Decimal("1526.4")}
    assert cart.complaints == ()


def test_no_line_is_what_oci_has_for_a_cancel():
    cart = read_oci_fields([("~OkCode", "ADDI"), ("~caller", "CTLG")])
    assert cart.is_empty
    assert cart.control == (("~OkCode", "ADDI"), ("~caller", "CTLG"))
    assert cart.complaints == ()


@pytest.mark.parametrize(
    ("raw", "read", "fault"),
    [
        ("780.12", "780.12", ""),
        ("00000001730.900", "1730.9", ""),
        (" 12 ", "12", "has blanks around it or inside"),
        ("780,12", "780.12", "has a decimal comma"),
        ("1.234,56", "1234.56", "has a decimal comma"),
        ("1,234.56", "1234.56", "has separators of thousands"),
        ("1 234.5", "1234.5", "has blanks around it or inside"),
        ("1e9", None, "is not a number"),
        ("-3", None, "is not a number"),
        ("1.2.3", None, "is not a number"),
        ("9" * 5000, None, "is not a number"),
    ],
)
def test_numbers(raw, read, fault):
    assert number(raw) == (Decimal(read) if read else None, fault)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"QUANTITY": None}, "no QUANTITY"),
        ({"DESCRIPTION": ""}, "neither DESCRIPTION nor MATNR"),
        ({"UNIT": None}, "no UNIT"),
        ({"PRICE": None}, "no PRICE"),
        ({"CURRENCY": None}, "a PRICE without CURRENCY"),
        ({"EXT_QUOTE_ITEM": "1"}, "EXT_QUOTE_ITEM without EXT_QUOTE_ID"),
        ({"CONTRACT_ITEM": "1"}, "CONTRACT_ITEM without CONTRACT"),
        ({"EXT_CATEGORY_ID": "56112102"}, "a category without EXT_SCHEMA_TYPE"),
        ({"EXT_SCHEMA_TYPE": "UNSPSC"}, "EXT_SCHEMA_TYPE without a category"),
        ({"PRICE": "1.2345"}, "PRICE has more than three decimals"),
        ({"PRICE": "0.00"}, "free lines are refused"),
        ({"QUANTITY": "0"}, "the QUANTITY is 0"),
        ({"PRICEUNIT": "1.0"}, "PRICEUNIT “1.0” is not a whole number"),
        ({"PRICEUNIT": "0"}, "PRICEUNIT is zero"),
        ({"LEADTIME": "3 days"}, "LEADTIME “3 days” is not a number"),
        ({"DESCRIPTION": "x" * 41}, "DESCRIPTION has 41 characters; there is room for 40"),
        ({"CUST_FIELD6": "x"}, "CUST_FIELD6 is no field of OCI"),
        ({"DESCRIPTION": "Caf&#233; chair"}, "the code “&#233;”"),
        ({"LONGTEXT": "5 &amp; more"}, "the code “&amp;”"),
        ({"DESCRIPTION": "B%C3%BCro"}, "encoded twice"),
        ({"DESCRIPTION": "100%20wool"}, "encoded twice"),
        ({"DESCRIPTION": "BÃ¼rostuhl"}, "written in one charset and read in another"),
        ({"DESCRIPTION": "B�rostuhl"}, "written in one charset and read in another"),
        ({"DESCRIPTION": "5 \x80"}, "cannot be printed"),
        ({"DESCRIPTION": "<b>Chair</b>"}, "contains HTML"),
        ({"UNIT": "each"}, "the UNIT “each” is no ISO code"),
        ({"CURRENCY": "€"}, "the CURRENCY “€” is no ISO code"),
        ({"SERVICE": "1"}, "SERVICE is neither X nor empty"),
        ({"ATTACHMENT_PURPOSE": "Z"}, "ATTACHMENT_PURPOSE is neither"),
    ],
)
def test_what_a_strict_receiver_would_not_like(changes, complaint):
    [sentence] = [each for each in a_cart(**changes).complaints if complaint in each]
    assert sentence.startswith("Line 1: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"DESCRIPTION": 'Äpfel & "Birnen" 100 % 5+5'},
        {"MATNR": "4711", "UNIT": "", "DESCRIPTION": ""},
        {"ATTACHMENT": "https://shop.example/a%20b.pdf"},
        {"SERVICE": "X"},
        {"PRICEUNIT": ""},
        {"PRICEUNIT": "10000"},
    ],
)
def test_what_is_fine(changes):
    assert a_cart(**changes).complaints == ()


@pytest.mark.parametrize(
    ("field", "value", "version", "complaint"),
    [
        ("MATNR", "x" * 19, "3.0", "there is room for 18"),
        ("MATNR", "x" * 19, "4.0", ""),
        ("PRICEUNIT", "1000000", "3.0", ""),
        ("PRICEUNIT", "1000000", "4.0", "there is room for 5"),
        ("ATTACHMENT", "https://a.example/", "3.0", "OCI 3.0 has no field ATTACHMENT"),
        ("ITEM_TYPE", "R", "4.0", "OCI 4.0 has no field ITEM_TYPE"),
        ("ITEM_TYPE", "R", "5.0", ""),
        ("ITEM_TYPE", "", "4.0", ""),
    ],
)
def test_releases_differ(field, value, version, complaint):
    assert complaint in " ".join(a_cart(version, **{field: value}).complaints)
    assert bool(a_cart(version, **{field: value}).complaints) is bool(complaint)


def test_fields_that_both_sides_agreed_on_are_fine():
    assert a_cart(CUST_FIELD7="A1", agreed=["CUST_FIELD7"]).complaints == ()


def test_long_texts_in_pieces_are_joined():
    name = "NEW_ITEM-LONGTEXT_1:132[]"
    [line] = read_oci_fields([("NEW_ITEM-QUANTITY[1]", "1"), (name, "one"), (name, "two")]).lines
    assert line.long_text == "one\ntwo"


@pytest.mark.parametrize("name", ["csrfmiddlewaretoken", "utf8", "__VIEWSTATE"])
def test_marks_of_a_web_framework_are_named(name):
    assert "web framework" in read_oci_fields([(name, "x")]).complaints[0]


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        (("new_item-unit[1]", "PCE"), "not written in capitals"),
        (("NEW_ITEM-UNIT[1]", "EA"), "comes more than once"),
        (("NEW_ITEM-UNIT", "PCE"), "not the name of a field"),
        (("NEW_ITEM-LONGTEXT:132[]", "text"), "wrong name for a long text"),
    ],
)
def test_wrong_names(pair, complaint):
    pairs = [(f"NEW_ITEM-{name}[1]", value) for name, value in CHAIR.items()]
    assert complaint in read_oci_fields([*pairs, pair]).complaints[0]


def test_parts_stand_below_their_bundle():
    lines = [{"ITEM_TYPE": "R"}, {"ITEM_TYPE": "O", "PARENT_ID": "1"}, {"ITEM_TYPE": "L", "PARENT_ID": "2"}]
    cart = read_oci_fields(
        [
            (f"NEW_ITEM-{name}[{place}]", value)
            for place, more in enumerate(lines, start=1)
            for name, value in {**CHAIR, **more}.items()
        ],
        "5.0",
    )
    assert [cart.depth_of(line) for line in cart.lines] == [0, 1, 2]
    assert cart.complaints == ()


def test_a_bundle_may_have_its_price_at_one_end():
    assert a_cart("5.0", ITEM_TYPE="R", PRICE="", CURRENCY="").complaints == ()


@pytest.mark.parametrize(("parent", "complaint"), [("7", "line 7, which is not there"), ("1", "belongs to itself")])
def test_a_wrong_parent_is_named(parent, complaint):
    cart = a_cart("5.0", PARENT_ID=parent)
    assert complaint in cart.complaints[0]
    assert cart.depth_of(cart.lines[0]) <= 1


def test_the_form_with_the_lines_is_found_among_others():
    search = '<form action="/search/"><input name="q" value="x"></form>'
    form = '<form action="https://buyer.example/"><input name="NEW_ITEM-QUANTITY[1]" value="1"></form>'
    assert read_oci_page(search + form).fields == (("NEW_ITEM-QUANTITY[1]", "1"),)


def test_an_empty_page_is_an_empty_cart():
    assert read_oci_page("").is_empty
