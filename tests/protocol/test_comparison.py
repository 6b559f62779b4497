from __future__ import annotations

from decimal import Decimal

import pytest

from wagtail_punchout.protocol.cart import Item, Price, Text
from wagtail_punchout.protocol.comparison import (
    SENTENCES,
    Cause,
    Difference,
    Said,
    Tolerance,
    against_quote,
    against_today,
    causes,
)
from wagtail_punchout.protocol.money import Money


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def said(**facts) -> Said:
    return Said(**{"sku": "MUG", "quantity": Decimal(2), "unit": "EA", "price": eur("4.50"), **facts})


def quoted(ordered: Said, **tolerance) -> frozenset[Cause]:
    return causes(against_quote(ordered, said(descriptions=("A blue mug, large", "Mug")), Tolerance(**tolerance)))


def test_same_line_differs_in_nothing():
    assert quoted(said(descriptions=("A blue  mug, large",))) == set()


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"sku": "CUP"}, Cause.PART_CHANGED),
        ({"price": eur("4.51")}, Cause.PRICE_CHANGED),
        ({"price": Money(Decimal("4.50"), "USD")}, Cause.CURRENCY_CHANGED),
        ({"unit": "BX"}, Cause.UNIT_CHANGED),
        ({"quantity": Decimal(3)}, Cause.QUANTITY_CHANGED),
        ({"descriptions": ("A blue mu",)}, Cause.TEXT_CUT),
        ({"descriptions": ("A blue m…",)}, Cause.TEXT_CUT),
        ({"descriptions": ("A red mug",)}, Cause.TEXT_CHANGED),
    ],
)
def test_each_difference_has_its_cause(facts, cause):
    assert quoted(said(**facts)) == {cause}


def test_what_the_order_leaves_out_differs_in_nothing():
    assert quoted(Said()) == set()


def test_unit_in_other_case_is_the_same():
    assert quoted(said(unit="ea")) == set()


@pytest.mark.parametrize(
    ("price", "tolerance", "is_covered"),
    [
        ("4.60", {"amount": Decimal("0.10")}, True),
        ("4.61", {"amount": Decimal("0.10")}, False),
        ("4.59", {"percent": Decimal(2)}, True),
        ("4.60", {"percent": Decimal(2)}, False),
        ("4.60", {"percent": Decimal(2), "amount": Decimal("0.10")}, True),
        ("4.40", {"amount": Decimal("0.10")}, True),
    ],
)
def test_either_tolerance_is_enough(price, tolerance, is_covered):
    assert (quoted(said(price=eur(price)), **tolerance) == set()) is is_covered


def test_line_of_no_cart_says_so():
    assert causes(against_quote(said(), None)) == {Cause.NOT_QUOTED}


def test_today_tells_what_has_changed_in_the_shop():
    item = Item(sku="MUG", descriptions=(Text("Mug"),), price=Price(net=eur("450"), basis=Decimal(100)))
    assert against_today(said(), item, item.price) == ()
    assert causes(against_today(said(), None, None)) == {Cause.LINE_UNKNOWN}
    assert causes(against_today(said(), item, None)) == {Cause.NO_PRICE}
    assert against_today(said(), item, Price(net=eur("5"))) == (Difference(Cause.PRICE_AGED, "4.5 EUR", "5 EUR"),)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_sentence(cause):
    difference = Difference(cause, "then", "now")
    assert difference.sentence
    assert Difference.from_json(difference.as_json()) == difference
    assert cause in SENTENCES
