"""Carts of real shops, with the values that a person reads in them."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from tests.shared import SHARED
from wagtail_punchout.testing.browsing import decode_form
from wagtail_punchout.testing.documents import ReturnedOciCart, read_oci_fields, read_oci_page

SAMPLES = SHARED / "samples" / "oci"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the shared samples are not here; set PUNCHOUT_SHARED to their folder"
)
SEARCH = ("01-background-search-response-real-world.http.txt", "02-background-search-response-extensions.http.txt")
TWO_ITEMS = ("03-return-form-two-items.html", "09-background-search-response-minimal.html")


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def page(name: str, **changes: str) -> ReturnedOciCart:
    text = sample(name)
    for old, new in changes.items():
        text = text.replace(old, new)
    return read_oci_page(text)


def bodies(name: str) -> dict[str, ReturnedOciCart]:
    return {key: read_oci_fields(fields) for key, fields in json.loads(sample(name)).items()}


def lines_of(name: str, separator: str) -> ReturnedOciCart:
    pattern = re.compile(rf"^(NEW_ITEM\S*?\])(?::132\[\])?{separator}(.*)$")
    pairs = []
    for line in sample(name).splitlines():
        if found := pattern.match(line):
            name = line[: len(line) - len(found[2]) - len(separator)]
            pairs.append((name, found[2]))
    return read_oci_fields(pairs)


@pytest.mark.parametrize("name", SEARCH)
def test_ten_hits_of_a_background_search(name):
    cart = page(name)
    assert [line.index for line in cart.lines] == list(range(1, 11))
    assert [line.price for line in cart.lines][:4] == [
        Decimal("1730.9"), Decimal("1944.65"), Decimal("68.53"), Decimal("4.76"),
    ]  # fmt: skip
    assert [line.unit for line in cart.lines] == ["PCE"] * 3 + ["PA"] * 4 + ["PCE"] * 3
    assert cart.lines[7].product_id == "ECP55321E"
    assert cart.lines[7].sku == "ECP55321E"
    assert cart.lines[7].fields["MANUFACTMAT"] == "55321E"
    assert "250 g/m²" in cart.lines[7].long_text
    assert "• Material: Karton • Verschluß: Eckspanngummi • Format: A4" in cart.lines[7].long_text.splitlines()[1]
    assert cart.paging == {"PAGE": 1, "PER_PAGE": 10, "TOTAL_PAGES": 109, "TOTAL_RESULTS": 1081}


def test_framework_marks_are_left_out_and_named():
    cart = page(SEARCH[0])
    assert [name for name, _value in cart.extra] == ["_snowman", "authenticity_token"]
    assert sum("web framework" in sentence for sentence in cart.complaints) == 2


def test_fields_of_an_agreement_are_kept():
    cart = page(SEARCH[1])
    fields = cart.lines[0].fields
    assert (fields["TAX_RATE"], fields["TAX_CODE"], fields["SOLD_BY"]) == ("0.19", "V19", "Seller 1")
    assert fields["MPS_SAGE_CONTRACT"] == "AA03"
    assert "Line 1: CUST_FIELD30 is no field of OCI; it needs an agreement." in cart.complaints


@pytest.mark.parametrize("name", TWO_ITEMS)
def test_two_computers(name):
    air, imac = page(name).lines
    assert (air.description, air.quantity, air.price, air.sku) == (
        'Apple MacBook Air 11"',
        1,
        Decimal("999.9"),
        "MBA11",
    )
    assert (imac.quantity, imac.amount, imac.lead_time) == (2, Decimal("3598"), 7)
    assert imac.long_text == "Der elegante Desktop-Rechner von Apple."
    assert imac.is_service == (name == TWO_ITEMS[0])


def test_five_spellings_of_the_long_text():
    cart = page("04-return-form-longtext-variants.html")
    assert [line.long_text for line in cart.lines] == [
        "Ein tolles Notebook von Apple.",
        "Der elegante Desktop-Rechner von Apple.",
        "Der Profi-Rechner von Apple.",
        "Das Pro Tablet von Apple.",
        "Das iPhone 7 Plus. Weil größer ist besser.",
    ]
    assert len(cart.complaints) == 4
    assert all("wrong name for a long text" in sentence for sentence in cart.complaints)


def test_lines_out_of_order_are_put_in_order():
    cart = page("05-return-form-items-out-of-order.html")
    assert [line.description for line in cart.lines] == ["Description 1", "Description 2", "Description 3"]
    assert cart.complaints[0] == "The lines come in the order 2, 3, 1."


def test_lines_after_a_gap_are_not_lost():
    cart = page("06-return-fields-index-gap.html")
    assert [line.index for line in cart.lines] == [1, 3, 4]
    assert cart.complaints[0] == "The numbers of the lines have gaps: 1, 3, 4."


def test_an_inch_sign_survives_where_it_may_and_cuts_where_a_browser_cuts():
    form, fragment = sample("07-return-form-unescaped-quotes.html").split("</html>")
    assert read_oci_page(form).lines[0].description == '19" Rack'
    assert read_oci_page(fragment).lines[0].description == "19"


def test_blanks_commas_and_empty_fields():
    carts = bodies("08-return-params-whitespace-comma.json")
    [padded] = carts["whitespace"].lines
    assert (padded.quantity, padded.price, padded.price_unit, padded.amount) == (12, 780, 100, Decimal("93.6"))
    [comma] = carts["decimal_comma"].lines
    assert (comma.price, comma.fields["TAX_RATE"]) == (Decimal("780.12"), "0,19")
    assert "Line 1: PRICE “ 780,12” has a decimal comma." in carts["decimal_comma"].complaints
    assert carts["priceunit_blank"].lines[0].price_unit == 1
    [card] = carts["full_field_set_mostly_empty"].lines
    assert (card.sku, card.price, card.unit, card.lead_time) == ("1517", Decimal("16.18"), "EA", 10)
    assert card.long_text == "Standard Visitenkarte deutsch 200 St."
    assert carts["full_field_set_mostly_empty"].complaints == (
        "Line 1: MATGROUP has 11 characters; there is room for 10.",
    )


def test_a_price_for_a_hundred_and_blanks_inside_a_number():
    cart = bodies("11-return-body-wuerth-priceunit-100.json")["bracket_names"]
    [nut] = cart.lines
    assert (nut.price, nut.price_unit, nut.unit_price, nut.amount) == (10, 100, Decimal("0.1"), 10)
    assert nut.sku == nut.product_id == "031710    005  100"
    assert cart.complaints == ()


def test_a_plus_is_a_plus():
    cart = lines_of("12-return-fields-ceratizit-two-items.txt", ":")
    assert [line.description for line in cart.lines] == ["WTL.12,00.R.10D.DIN340 TIN", "WTL.14,00.R.10D.DIN340+TIN"]
    assert (cart.lines[1].amount, cart.lines[1].lead_time) == (Decimal("454.24"), 3)
    assert cart.lines[0].long_text == "PUNTA ELICOIDALE HSS WTL.12,00.R.10D.DIN340 TIN"
    assert cart.complaints == ()


def test_the_example_of_the_inventors():
    cart = page("13-sap-own-example-html-form-partial.html")
    [pen] = cart.lines
    assert (pen.price, pen.price_unit, pen.unit_price, pen.currency) == (Decimal("0.50"), 5, Decimal("0.1"), "USD")
    # The excerpt breaks off inside the field that follows, as a browser would see it too.
    assert (pen.unit, pen.sku, pen.fields["VENDOR"], pen.fields["MANUFACTCODE"]) == ("EA", "648570", "1768", "4711")
    assert cart.complaints == ()


def test_a_template_with_every_field_and_its_loop_run_once():
    cart = page("14-return-form-template-all-fields-empty-optionals.html", **{"{!FLOOR(rownum)}": "1"})
    [line] = cart.lines
    assert len(line.fields) == 27
    assert (line.description, line.long_text, line.fields["CUST_FIELD5"]) == ("{!p.name}", "{!p.description}", "")


def test_fields_that_a_buyer_expects():
    cart = lines_of("17-setup-and-return-ifs-cloud.txt", "=")
    [line] = cart.lines
    assert set(line.fields) >= {"VENDORMAT", "EXT_PRODUCT_ID", "MATGROUP", "CUST_FIELD2", "ADDITIONAL_COST"}
    assert cart.extra == (("NEW_ITEM_CERT[1]", "<Text>"),)


def test_a_body_encoded_twice_and_counted_from_zero():
    cart = read_oci_fields(decode_form(sample("23-return-body-zero-based-double-encoded.txt").strip()))
    assert [(line.index, line.description, line.quantity) for line in cart.lines] == [
        (0, "Rubber duck", 1),
        (1, "Data structures in PHP (book)", 1),
    ]
    assert "The names of the fields are encoded twice." in cart.complaints
    assert "The lines are counted from 0, not from 1." in cart.complaints


def test_bodies_from_the_tests_of_a_receiver():
    carts = bodies("24-return-body-odoo-tests.json")
    [widget] = carts["one_item"].lines
    assert (widget.quantity, widget.price, widget.sku, widget.lead_time) == (3, 25, "OCI-SKU-1", 0)
    assert [line.sku for line in carts["two_items"].lines] == ["A", "B"]
    assert carts["priceunit"].lines[0].unit_price == 1
    assert carts["ean_as_vendor_number"].lines[0].sku == "5000366510330"
    assert "Line 1: a PRICE without CURRENCY." in carts["one_item"].complaints


def test_fields_without_a_form():
    [camera] = page("25-return-form-webmercs-partial.html").lines
    assert (camera.description, camera.price, camera.currency) == ("CANON PowerShot SX430", 1393, "DKK")
    assert (camera.fields["MATGROUP"], camera.fields["VENDOR"]) == ("45121504", "")


def test_the_variant_with_xml_is_named():
    cart = page("27-oci35-xml-return-form-konakart.html")
    assert cart.is_empty
    assert cart.control == (("~xmlDocument", ""), ("~XML_TYPE", "ESAPO-3.5"))
    assert "XML variant" in cart.complaints[0]


def test_a_distributors_template_with_its_loop_run_once():
    cart = page("29-return-template-xsl-us-distributor.xml", **{"[n]": "[1]", "_n:": "_1:"})
    [line] = cart.lines
    assert (line.sku, line.long_text, line.fields["CUSTOMER_SKU"]) == ("{LegacySKU}", "{desc2}", "{CPN}")
    assert "Line 1: EXT_SCHEMA_TYPE without a category." in cart.complaints
