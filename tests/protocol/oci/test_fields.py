"""The table, and what it lets through."""

from __future__ import annotations

import pytest

from wagtail_punchout.protocol.oci.fields import (
    FIELDS,
    FREE_NAME,
    Kind,
    Version,
    field_of,
    fields_of,
    fit,
    input_name,
    misfit,
)

OCI3, OCI4, OCI5 = Version

ALWAYS, OPTIONAL = "Always required.", "Optional."
UNLIMITED, ABSENT = None, 0


def unless(name):
    return f"Required where {name} is empty."


def along(names):
    return f"Required where {names} is filled."


#: name, width in 3.0, 4.0 and 5.0, when required
FACTS = [
    ("DESCRIPTION", 40, 40, 40, unless("MATNR")),
    ("MATNR", 18, 40, 40, unless("DESCRIPTION")),
    ("QUANTITY", 15, 15, 15, ALWAYS),
    ("UNIT", 3, 3, 3, unless("MATNR")),
    ("PRICE", 15, 15, 15, OPTIONAL),
    ("CURRENCY", 5, 5, 5, along("PRICE")),
    ("PRICEUNIT", 9, 5, 5, OPTIONAL),
    ("LEADTIME", 5, 5, 5, OPTIONAL),
    ("LONGTEXT", UNLIMITED, UNLIMITED, UNLIMITED, OPTIONAL),
    ("VENDOR", 10, 10, 10, OPTIONAL),
    ("VENDORMAT", 22, 40, 40, OPTIONAL),
    ("MANUFACTCODE", 10, 10, 10, OPTIONAL),
    ("MANUFACTMAT", 40, 40, 40, OPTIONAL),
    ("MATGROUP", 10, 10, 10, OPTIONAL),
    ("SERVICE", 1, 1, 1, OPTIONAL),
    ("CONTRACT", 10, 10, 10, along("CONTRACT_ITEM")),
    ("CONTRACT_ITEM", 5, 5, 5, OPTIONAL),
    ("EXT_QUOTE_ID", 35, 35, 35, along("EXT_QUOTE_ITEM")),
    ("EXT_QUOTE_ITEM", 10, 10, 10, OPTIONAL),
    ("EXT_PRODUCT_ID", 40, 40, 40, OPTIONAL),
    ("ATTACHMENT", ABSENT, 255, 255, OPTIONAL),
    ("ATTACHMENT_TITLE", ABSENT, 255, 255, OPTIONAL),
    ("ATTACHMENT_PURPOSE", ABSENT, 1, 1, OPTIONAL),
    ("EXT_SCHEMA_TYPE", 10, 10, 10, along("EXT_CATEGORY_ID or EXT_CATEGORY")),
    ("EXT_CATEGORY_ID", 60, 60, 60, OPTIONAL),
    ("EXT_CATEGORY", ABSENT, 40, 40, OPTIONAL),
    ("SLD_SYS_NAME", ABSENT, 60, 60, OPTIONAL),
    ("CUST_FIELD1", 10, 10, 10, OPTIONAL),
    ("CUST_FIELD2", 10, 10, 10, OPTIONAL),
    ("CUST_FIELD3", 10, 10, 10, OPTIONAL),
    ("CUST_FIELD4", 20, 20, 20, OPTIONAL),
    ("CUST_FIELD5", 50, 50, 50, OPTIONAL),
    ("ITEM_TYPE", ABSENT, ABSENT, 1, OPTIONAL),
    ("PARENT_ID", ABSENT, ABSENT, 5, OPTIONAL),
]


@pytest.mark.parametrize(("name", "in_3", "in_4", "in_5", "rule"), FACTS, ids=[fact[0] for fact in FACTS])
def test_widths_and_rules_are_those_of_each_version(name, in_3, in_4, in_5, rule):
    widths = {version: width for version, width in zip(Version, (in_3, in_4, in_5), strict=True) if width != ABSENT}
    assert dict(FIELDS[name].widths) == widths
    assert FIELDS[name].rule == rule


def test_the_table_has_no_other_fields():
    assert list(FIELDS) == [fact[0] for fact in FACTS]


@pytest.mark.parametrize(("version", "count"), [(OCI3, 27), (OCI4, 32), (OCI5, 34)])
def test_each_version_has_its_fields_in_the_order_of_the_table(version, count):
    names = [field.name for field in fields_of(version)]
    assert names == [name for name in FIELDS if version in FIELDS[name].widths]
    assert len(names) == count


def filler(name, length):
    """A value of exactly this length that only its length can speak against."""
    kind = FIELDS[name].kind
    if kind is Kind.URL:
        return "https://shop.example/".ljust(length, "a")
    if kind is Kind.NUMBER:
        return "1" * (length - 4) + ".125"
    if name == "ITEM_TYPE":
        return "R" * length
    return ("X" if kind in (Kind.FLAG, Kind.TEXT) else "1") * length


LIMITED = [(name, version, width) for name in FIELDS for version, width in FIELDS[name].widths.items() if width]


@pytest.mark.parametrize(("name", "version", "width"), LIMITED)
def test_a_field_takes_its_width_and_not_one_more(name, version, width):
    assert misfit(name, filler(name, width), version) == ""
    said = misfit(name, filler(name, width + 1), version)
    assert said == f"{name} has room for {width} characters in {version.label}, this has {width + 1}."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUANTITY", "1,5"),
        ("QUANTITY", "1.2345"),
        ("QUANTITY", "-1"),
        ("QUANTITY", "١"),
        ("PRICE", "1.000,00"),
        ("PRICE", "1e3"),
        ("PRICE", "1."),
        ("PRICEUNIT", "0"),
        ("PRICEUNIT", "1.0"),
        ("LEADTIME", "soon"),
        ("SERVICE", "Y"),
        ("ATTACHMENT", "data.pdf"),
        ("ATTACHMENT", "javascript:alert(1)"),
        ("ATTACHMENT", "https://[oops"),
        ("ITEM_TYPE", "P"),
        ("PARENT_ID", "0"),
    ],
)
def test_what_a_field_cannot_mean_is_a_misfit(name, value):
    assert misfit(name, value, OCI5).startswith(f"{name} takes ")


@pytest.mark.parametrize("name", FIELDS)
def test_nothing_fits_everywhere(name):
    assert misfit(name, "", OCI5) == ""


def test_a_field_of_a_later_version_is_no_free_field():
    assert misfit("ITEM_TYPE", "R", OCI4) == "OCI 4.0 has no field ITEM_TYPE."
    assert field_of("ITEM_TYPE", OCI4) is None


@pytest.mark.parametrize("name", ["GTIN", "TAX_RATE", "CUST_FIELD50", "A" * 40])
def test_a_free_field_takes_255_characters(name):
    assert FREE_NAME.fullmatch(name)
    assert misfit(name, "x" * 255, OCI3) == ""
    assert misfit(name, "x" * 256, OCI3) != ""


@pytest.mark.parametrize("name", ["", "gtin", "1A", "A-B", "A[1]", "A" * 41, "A\n", 'A"'])
def test_a_free_name_looks_like_the_others(name):
    assert "no name of a field" in misfit(name, "x", OCI4)


def test_the_long_text_has_a_name_of_its_own():
    assert input_name("LONGTEXT", 12) == "NEW_ITEM-LONGTEXT_12:132[]"
    assert input_name("DESCRIPTION", 12) == "NEW_ITEM-DESCRIPTION[12]"


@pytest.mark.parametrize(
    ("name", "value", "fitted"),
    [
        ("DESCRIPTION", "a" * 39 + " bc", "a" * 39),
        ("DESCRIPTION", " two\r\nlines\t ", "two lines"),
        ("VENDORMAT", " 031710    005  100\x00", "031710    005  100"),
        ("VENDORMAT", "x" * 41, "x" * 41),
        ("LONGTEXT", "one\r\ntwo\rthree\u2028four\x1b\ud800", "one\ntwo\nthree\nfour"),
        ("ATTACHMENT_TITLE", "t" * 256, "t" * 255),
        ("GTIN", "04012345678901\n", "04012345678901"),
    ],
)
def test_text_is_cut_where_sap_cuts_and_cleaned_everywhere(name, value, fitted):
    assert fit(name, value, OCI4) == fitted
