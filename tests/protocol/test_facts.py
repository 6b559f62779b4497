"""The vocabulary: what a row can say of a line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.protocol.carts import LONG, cart, facts, item, line
from tests.protocol.factories import euro
from wagtail_punchout.protocol.cart import Charge, Price, Text
from wagtail_punchout.protocol.facts import (
    PREFIXES,
    VOCABULARY,
    cart_facts,
    facts_of,
    is_known,
    names,
    number_in,
    plain,
)

CHAIR = {
    "line.position": "1",
    "line.quantity": "2",
    "line.unit": "EA",
    "line.price": "104.99",
    "line.price_unit": "1",
    "line.amount": "209.98",
    "product.sku": "KD-5555",
    "product.product_id": "KD-5555",
    "product.name": "Desk chair",
    "product.description": LONG,
    "product.long_text": LONG,
    "product.description.de": "Bürostuhl mit Armlehnen",
    "product.unit": "EA",
    "product.price": "104.99",
    "product.currency": "EUR",
    "product.tax_rate": "0.19",
    "product.manufacturer_name": "Stahlwerk",
    "product.manufacturer_part": "SW-77",
    "product.lead_time_days": "3",
    "product.url": "https://shop.example/chair/",
    "product.image_url": "https://shop.example/chair.jpg",
    "product.is_service": "",
    "product.classification.unspsc": "56112102",
    "product.classification.eclass-8.0": "25-05-02-01",
    "product.extrinsic.gtin": "04012345678901",
    "product.extrinsic.cost center": "4711",
    "cart.currency": "EUR",
    "cart.total": "209.98",
    "cart.line_count": "1",
    "cart.shipping": "",
}


@pytest.mark.parametrize(("name", "value"), CHAIR.items())
def test_fact_of_a_chair(name, value):
    assert facts()[name] == value


def test_every_term_has_a_value():
    assert VOCABULARY.keys() <= facts().keys()


def test_every_fact_is_a_text():
    assert {type(value) for value in facts(item(price=None, lead_time_days=None, tax_rate=None)).values()} == {str}


def test_every_fact_is_known():
    assert [name for name in facts(call__PLANT="1") if not is_known(name)] == []


def test_what_the_visit_says_wins():
    assert facts(line__unit="PCE", product__product_id="k2")["line.unit"] == "PCE"


def test_open_names_are_read_in_any_case():
    assert facts(session__extrinsic__CostCenter="4711")["session.extrinsic.costcenter"] == "4711"


def test_without_a_price_there_is_no_amount():
    unpriced = facts(item(price=None))
    assert {unpriced[name] for name in ("line.price", "line.price_unit", "line.amount", "product.price")} == {""}


def test_price_is_for_one_ordered_unit():
    assert facts(item(price=Price(net=euro("4.50"), basis=Decimal(100))))["product.price"] == "0.045"


def test_freight_and_tax_of_the_cart():
    charged = cart(shipping=Charge(euro("4.90"), Text("Freight")), tax=Charge(euro("40.00"), Text("VAT")))
    assert (cart_facts(charged)["cart.shipping"], cart_facts(charged)["cart.tax"]) == ("4.90", "40.00")


def test_cart_is_added_up_once():
    known = {"cart.total": "1.00"}
    assert facts_of(cart(), line(), position=1, extra=known)["cart.total"] == "1.00"


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("de", "Bürostuhl"),
        ("DE", "Bürostuhl"),
        ("de-AT", "Bürostuhl"),
        ("en-US", "Desk chair"),
        ("fr", "Desk chair"),
        ("", "Desk chair"),
    ],
)
def test_texts_are_in_the_language_of_the_visit(language, name):
    assert facts(session__language=language)["product.name"] == name


def test_text_without_a_language_is_in_that_of_the_visit():
    sold = item(descriptions=(Text("Chair", "en"), Text("Chaise")))
    found = facts(sold, session__language="fr-CH")
    assert (found["product.name"], found["product.description.fr"]) == ("Chaise", "Chaise")


def test_exact_language_goes_before_its_kin():
    sold = item(descriptions=(Text("Sessel", "de-AT"), Text("Stuhl", "de")))
    found = facts(sold, session__language="de")
    assert (found["product.description"], found["product.description.de-at"]) == ("Stuhl", "Sessel")


def test_item_without_texts_is_called_by_its_number():
    assert facts(item(descriptions=()))["product.name"] == "KD-5555"


@pytest.mark.parametrize(
    ("text", "long"),
    [
        (Text("Desk chair"), ""),
        (Text("x" * 40), ""),
        (Text("x" * 41), "x" * 41),
        (Text("Desk chair with arms", short="Desk chair"), "Desk chair with arms"),
        (Text("Chair", short="Desk chair with arms"), ""),
        (Text("", short="Desk chair"), ""),
    ],
)
def test_long_text_says_more_than_the_short_one(text, long):
    assert facts(item(descriptions=(text,)))["product.long_text"] == long


@pytest.mark.parametrize("name", ["product.sku", " Product.SKU ", "call.PLANT", "product.description.de", "call.a.b c"])
def test_name_is_known(name):
    assert is_known(name)


@pytest.mark.parametrize("name", ["", "product", "product.", "call.", "product.sku.x", "__class__", "product.price.a"])
def test_name_is_unknown(name):
    assert not is_known(name)


def test_editors_suggest_everything():
    assert set(names()) == {*VOCABULARY, *PREFIXES}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2.000", "2"),
        ("2.50", "2.5"),
        ("1E+3", "1000"),
        ("0.0010", "0.001"),
        ("-0.0", "0"),
        ("100", "100"),
        ("-1.0", "-1"),
    ],
)
def test_number_is_written_plainly(value, text):
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), (" -1.50 ", Decimal("-1.5")), ("1e5", None), ("NaN", None), ("1,5", None), ("", None), ("٣", None)],
)
def test_number_is_read(text, value):
    assert number_in(text) == value
