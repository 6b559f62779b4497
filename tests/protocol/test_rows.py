"""Rows that stand for no row at all, and what rows can fill."""

from __future__ import annotations

import pytest

from tests.protocol.carts import LONG, facts, item
from tests.protocol.rows import FORMATS, OCI, constant, field
from wagtail_punchout.protocol.cart import Text
from wagtail_punchout.protocol.mapping import DEFAULTS, apply, check, targets_of, with_defaults
from wagtail_punchout.protocol.oci import fields

# Defaults


@pytest.mark.parametrize("format", FORMATS)
def test_defaults_can_work(format):
    assert check(DEFAULTS[format], format) == ()


@pytest.mark.parametrize("format", OCI)
def test_defaults_fit_their_fields(format):
    given = apply(DEFAULTS[format], facts()).values
    assert [name for name, text in given.items() if fields.misfit(name, text, fields.Version(format))] == []


CHAIR = {
    "DESCRIPTION": "Desk chair",
    "QUANTITY": "2",
    "UNIT": "EA",
    "PRICE": "104.99",
    "CURRENCY": "EUR",
    "PRICEUNIT": "1",
    "LEADTIME": "3",
    "LONGTEXT": LONG,
    "VENDORMAT": "KD-5555",
    "MANUFACTMAT": "SW-77",
    "EXT_PRODUCT_ID": "KD-5555",
    "EXT_SCHEMA_TYPE": "UNSPSC",
    "EXT_CATEGORY_ID": "56112102",
}


def sent(format: str = "oci4", sold=None, **extra: str) -> dict[str, str]:
    values = apply(with_defaults((), format), facts(sold, **extra)).values
    return {name: text for name, text in values.items() if text}


@pytest.mark.parametrize("format", OCI)
def test_a_good_cart_needs_no_row(format):
    assert sent(format) == CHAIR


def test_what_the_visit_knows_is_sent():
    known = {"line__price": "10499.000", "line__price_unit": "100", "line__unit": "PCE", "product__product_id": "k7"}
    given = {"PRICE": "10499.000", "PRICEUNIT": "100", "UNIT": "PCE", "EXT_PRODUCT_ID": "k7"}
    assert sent(**known) == CHAIR | given


def test_quote_is_named_with_its_line():
    assert sent(line__quote_id="Q-1042") == CHAIR | {"EXT_QUOTE_ID": "Q-1042", "EXT_QUOTE_ITEM": "1"}


def test_hierarchy_is_sent_in_oci_5_alone():
    known = {"line__item_type": "O", "line__parent_number": "1"}
    assert sent("oci5", **known) == CHAIR | {"ITEM_TYPE": "O", "PARENT_ID": "1"}
    assert sent("oci4", **known) == CHAIR


def test_service_without_price_and_class():
    sold = item(price=None, is_service=True, classifications=(), lead_time_days=0)
    given = sent(sold=sold)
    assert given["SERVICE"] == "X"
    assert given["LEADTIME"] == "0"
    assert given.keys().isdisjoint({"PRICE", "CURRENCY", "PRICEUNIT", "EXT_SCHEMA_TYPE", "EXT_CATEGORY_ID"})


def test_long_text_is_sent_where_the_short_one_is_cut():
    given = sent(sold=item(descriptions=(Text("A very long\nname " * 4),)))
    assert given["DESCRIPTION"] == "A very long name A very long name A very"
    assert given["LONGTEXT"] == "A very long\nname " * 4


def test_short_text_needs_no_long_one():
    assert "LONGTEXT" not in sent(sold=item(descriptions=(Text("Desk chair"),)))


def test_row_of_the_link_replaces_the_default():
    rows = with_defaults((field("DESCRIPTION", "product.sku"),), "oci4")
    assert [row.source for row in rows if row.target == "DESCRIPTION"] == ["product.sku"]


def test_default_stands_behind_rows_with_a_condition():
    rows = with_defaults((constant("DESCRIPTION", "Service", only_when="product.is_service"),), "oci4")
    assert apply(rows, facts()).values["DESCRIPTION"] == "Desk chair"
    assert apply(rows, facts(item(is_service=True))).values["DESCRIPTION"] == "Service"


def test_empty_constant_takes_the_field_away():
    rows = with_defaults((constant("LONGTEXT", ""),), "oci4")
    assert apply(rows, facts()).values["LONGTEXT"] == ""


def test_cxml_writes_its_own_defaults():
    assert with_defaults((), "cxml") == ()


# Targets


@pytest.mark.parametrize("format", OCI)
def test_oci_targets_are_the_fields_of_the_version(format):
    known = fields.fields_of(fields.Version(format))
    assert [(each.name, each.width) for each in targets_of(format)] == [
        (each.name, each.widths[fields.Version(format)]) for each in known
    ]


@pytest.mark.parametrize("target", targets_of("cxml"), ids=lambda each: each.name)
def test_cxml_target_can_be_written(target):
    name = target.name + "x" if target.is_open else target.name
    assert check((field(name, "product.sku"),), "cxml") == ()
    assert target.explanation
