"""Kept carts: whatever a shop sold comes back exactly."""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.carts import cart, item, line
from tests.protocol.test_properties import NASTY
from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Charge, Classification, Item, Price, Text
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.snapshot import as_json, cart_from, storable

#: All but what no database keeps.
any_text = (st.text(max_size=6) | st.sampled_from(NASTY)).filter(lambda text: storable(text) == text)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
money = st.builds(Money, decimals, any_text)
texts = st.builds(Text, any_text, any_text, any_text)
charges = st.none() | st.builds(Charge, money, texts)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(any_text, inner, max_size=2),
    max_leaves=4,
)
PRICE = {
    "net": money,
    "basis": decimals,
    "unit": any_text,
    "conversion": decimals,
    "description": st.none() | texts,
}
ITEM = {
    "sku": any_text,
    "descriptions": st.lists(texts, max_size=2).map(tuple),
    "unit": any_text,
    "price": st.none() | st.builds(Price, **PRICE),
    "tax_rate": st.none() | decimals,
    "configuration": st.dictionaries(any_text, json_values, max_size=2),
    "classifications": st.lists(st.builds(Classification, any_text, any_text), max_size=2).map(tuple),
    "manufacturer_name": any_text,
    "manufacturer_part_id": any_text,
    "lead_time_days": st.none() | st.integers(),
    "url": any_text,
    "image_url": any_text,
    "available": st.booleans(),
    "is_service": st.booleans(),
    "extrinsics": st.dictionaries(any_text, any_text, max_size=2),
}
LINE = {
    "line_id": any_text,
    "item": st.builds(Item, **ITEM),
    "quantity": decimals,
    "parent_id": any_text,
    "bundle": st.none() | st.sampled_from(Bundle),
    "comment": any_text,
}
CART = {
    "currency": any_text,
    "lines": st.lists(st.builds(CartLine, **LINE), max_size=2).map(tuple),
    "shipping": charges,
    "tax": charges,
}
carts = st.builds(Cart, **CART)


@given(carts)
@settings(max_examples=60)
def test_any_cart_comes_back_exactly(kept):
    read = cart_from(json.loads(json.dumps(as_json(kept))))
    assert read == kept
    assert repr(read) == repr(kept)  # equal decimals may differ in their zeros


@pytest.mark.parametrize(("parts", "kind"), [(PRICE, Price), (ITEM, Item), (LINE, CartLine), (CART, Cart)])
def test_no_part_is_left_out(parts, kind):
    """A field added to a cart must be kept too, so the carts above must have it."""
    assert parts.keys() == {each.name for each in fields(kind)}


def test_zeros_at_the_end_are_kept():
    assert as_json(cart())["lines"][0]["item"]["price"]["net"]["amount"] == "104.990"


def test_keeping_changes_nothing():
    configured = item(configuration={"size": [1, {"b": Decimal(2) == 2}]})
    kept = cart(line(item=configured))
    as_json(kept)["lines"][0]["item"]["configuration"]["size"].append(3)
    assert kept.lines[0].item.configuration == {"size": [1, {"b": True}]}


@pytest.mark.parametrize("data", [{}, {"version": 2, "currency": "EUR", "lines": [], "shipping": None, "tax": None}])
def test_other_versions_are_refused(data):
    with pytest.raises(ValueError, match="version"):
        cart_from(data)


def test_what_no_database_keeps_is_left_out():
    text = "Größe\x00 \ud83d\n\t€"
    kept = as_json(cart(line(item=item(descriptions=(Text(text),), extrinsics={"a\x00": "b\x00"}))))
    assert storable(text) == "Größe \n\t€"
    [sold] = [each["item"] for each in kept["lines"]]
    assert sold["descriptions"][0]["text"] == "Größe \n\t€"
    assert sold["extrinsics"] == {"a": "b"}
