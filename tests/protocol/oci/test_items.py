"""A cart as inputs: numbered, ordered, and refused before SAP drops a line of it."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.oci.fields import Version, fields_of, input_name
from wagtail_punchout.protocol.oci.items import encode

OCI3, OCI4, OCI5 = Version
SCREW = {"DESCRIPTION": "Screw", "QUANTITY": "100", "UNIT": "PCE", "VENDORMAT": "S-1"}


def test_lines_are_numbered_from_one_in_the_order_of_the_table():
    lines = [{"GTIN": "0401", **dict(reversed(SCREW.items()))}, {**SCREW, "LONGTEXT": "a\nb"}]
    assert encode(lines, OCI4) == (
        ("NEW_ITEM-DESCRIPTION[1]", "Screw"),
        ("NEW_ITEM-QUANTITY[1]", "100"),
        ("NEW_ITEM-UNIT[1]", "PCE"),
        ("NEW_ITEM-VENDORMAT[1]", "S-1"),
        ("NEW_ITEM-GTIN[1]", "0401"),
        ("NEW_ITEM-DESCRIPTION[2]", "Screw"),
        ("NEW_ITEM-QUANTITY[2]", "100"),
        ("NEW_ITEM-UNIT[2]", "PCE"),
        ("NEW_ITEM-LONGTEXT_2:132[]", "a\nb"),
        ("NEW_ITEM-VENDORMAT[2]", "S-1"),
    )


def test_an_empty_cart_has_no_inputs():
    assert encode([], OCI4, send_empty=True) == ()


def test_empty_fields_are_left_out():
    assert encode([{**SCREW, "VENDOR": "", "GTIN": " "}], OCI4) == encode([SCREW], OCI4)


@pytest.mark.parametrize("version", Version)
def test_a_link_may_want_every_field_of_its_version(version):
    inputs = encode([SCREW], version, send_empty=True)
    assert [name for name, _ in inputs] == [input_name(field.name, 1) for field in fields_of(version)]
    assert {value for _, value in inputs} == {"", *SCREW.values()}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DESCRIPTION": ""}, "Line 2: DESCRIPTION is missing. Required where MATNR is empty."),
        ({"QUANTITY": ""}, "Line 2: QUANTITY is missing. Always required."),
        ({"UNIT": ""}, "Line 2: UNIT is missing. Required where MATNR is empty."),
        ({"PRICE": "1.000"}, "Line 2: CURRENCY is missing. Required where PRICE is filled."),
        ({"EXT_QUOTE_ITEM": "1"}, "Line 2: EXT_QUOTE_ID is missing. Required where EXT_QUOTE_ITEM is filled."),
        ({"CONTRACT_ITEM": "1"}, "Line 2: CONTRACT is missing. Required where CONTRACT_ITEM is filled."),
        (
            {"EXT_CATEGORY_ID": "44121706"},
            "Line 2: EXT_SCHEMA_TYPE is missing. Required where EXT_CATEGORY_ID or EXT_CATEGORY is filled.",
        ),
        ({"UNIT": "EACH"}, "Line 2: UNIT has room for 3 characters in OCI 4.0, this has 4."),
        ({"PARENT_ID": "1"}, "Line 2: OCI 4.0 has no field PARENT_ID."),
        ({"gtin": "1"}, "Line 2: 'gtin' is no name of a field: use capital letters, digits and _, at most 40."),
    ],
)
def test_a_line_that_would_get_lost_is_named(changed, sentence):
    with pytest.raises(UnsendableCart, match=re.escape(sentence)) as caught:
        encode([SCREW, {**SCREW, **changed}], OCI4)
    assert caught.value.sku == "S-1"


def test_a_line_without_a_product_number_is_named_by_its_description():
    with pytest.raises(UnsendableCart) as caught:
        encode([{"DESCRIPTION": "Screw", "UNIT": "PCE"}], OCI4)
    assert caught.value.sku == "Screw"


def test_the_buyers_own_number_stands_for_description_and_unit():
    assert encode([{"MATNR": "4711", "QUANTITY": "1"}], OCI3) == (
        ("NEW_ITEM-MATNR[1]", "4711"),
        ("NEW_ITEM-QUANTITY[1]", "1"),
    )


@pytest.mark.parametrize(("version", "fits"), [(OCI3, True), (OCI4, False)])
def test_a_price_unit_of_six_digits_overflows_from_4_on(version, fits):
    line = {**SCREW, "PRICEUNIT": "100000"}
    if fits:
        assert ("NEW_ITEM-PRICEUNIT[1]", "100000") in encode([line], version)
    else:
        with pytest.raises(UnsendableCart, match="PRICEUNIT has room for 5"):
            encode([line], version)


texts = st.text(st.characters(exclude_categories=[]), max_size=60)
lines = st.builds(
    lambda description, longtext, gtin: {**SCREW, "DESCRIPTION": "x" + description, "LONGTEXT": longtext, "GTIN": gtin},
    texts,
    texts,
    texts,
)


@given(st.lists(lines, max_size=12), st.sampled_from(Version), st.booleans())
def test_numbers_never_have_a_gap(cart, version, send_empty):
    numbers = [int(re.search(r"(\d+)(\]$|:132)", name)[1]) for name, _ in encode(cart, version, send_empty=send_empty)]
    assert [number for number, _ in groupby(numbers)] == list(range(1, len(cart) + 1))


@given(lines, st.sampled_from(Version))
def test_what_is_sent_has_no_control_characters_and_plain_line_ends(line, version):
    for name, value in encode([line], version):
        text = value.replace("\n", "") if "LONGTEXT" in name else value
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text)
        assert value == value.strip() != ""
