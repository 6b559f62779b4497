from __future__ import annotations

import uuid
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.db import SessionStore

from demo_site.shop.adapter import DemoShopAdapter
from demo_site.shop.models import Article, Cart
from wagtail_punchout.shop import ItemRef, PricingContext, ProblemCode, WantedLine

adapter = DemoShopAdapter()


@pytest.fixture
def visit(rf, db):
    """A request in a visit of its own."""

    def make(**pricing):
        request = rf.get("/", HTTP_HOST="localhost")
        request.session = SessionStore()
        request.punchout = SimpleNamespace(id=uuid.uuid4(), pricing=PricingContext(**pricing))
        return request

    return make


def wanted(sku: str, quantity: str = "1", key: str = "") -> WantedLine:
    return WantedLine(key=key or sku, ref=ItemRef(sku), quantity=Decimal(quantity))


def test_lines_put_in_come_out_again(visit, product):
    product("A1")
    product("B1")
    request = visit()
    put = adapter.put_lines(request, [wanted("B1", "2"), wanted("A1", "3")])
    cart = adapter.get_cart(request)
    assert [(line.item.sku, line.quantity) for line in cart.lines] == [("B1", 2), ("A1", 3)]
    assert [each.line_id for each in put] == [line.line_id for line in cart.lines]
    assert (cart.currency, cart.total.amount) == ("EUR", Decimal("12.50"))


def test_lines_put_in_replace_what_was_there(visit, product):
    product("A1")
    request = visit()
    adapter.put_lines(request, [wanted("A1", "3")])
    adapter.put_lines(request, [])
    assert adapter.get_cart(request).lines == ()


def test_the_same_part_twice_becomes_one_line(visit, product):
    product("A1")
    request = visit()
    first, second = adapter.put_lines(request, [wanted("A1", "2", "1"), wanted("A1", "3", "2")])
    assert first.line_id == second.line_id
    [line] = adapter.get_cart(request).lines
    assert line.quantity == 5


def test_two_visits_at_once_have_two_carts(visit, product):
    product("A1")
    one, other = visit(), visit()
    adapter.put_lines(one, [wanted("A1", "3")])
    assert adapter.get_cart(other).lines == ()


def test_a_cart_that_went_home_is_gone(visit, product):
    product("A1")
    request = visit()
    adapter.put_lines(request, [wanted("A1")])
    adapter.clear_cart(request)
    assert adapter.get_cart(request).lines == ()
    assert not Cart.objects.exists()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"price": None}, ProblemCode.NO_PRICE),
        ({"stock": 0}, ProblemCode.NOT_AVAILABLE),
    ],
)
def test_what_cannot_be_bought_is_told_and_left_out(visit, product, trouble, code):
    product("A1", **trouble)
    request = visit()
    [put] = adapter.put_lines(request, [wanted("A1")])
    assert (put.line_id, put.problem.code) == (None, code)


def test_a_stranger_is_told_by_its_number(visit):
    [put] = adapter.put_lines(visit(), [wanted("X9")])
    assert put.problem.code == ProblemCode.UNKNOWN_ITEM
    assert "X9" in put.problem.message


def test_a_quantity_that_is_not_sold_is_rounded_up_and_told(visit, product):
    product("A1", min_quantity="100", quantity_step="100")
    request = visit()
    [put] = adapter.put_lines(request, [wanted("A1", "150")])
    assert put.problem.code == ProblemCode.QUANTITY
    assert adapter.get_cart(request).lines[0].quantity == 200


def test_a_quantity_beyond_measure_does_no_harm(visit, product):
    product("A1")
    request = visit()
    [put] = adapter.put_lines(request, [wanted("A1", "1e20")])
    assert put.problem.code == ProblemCode.QUANTITY
    assert adapter.get_cart(request).lines[0].quantity == 99_999


def test_an_item_tells_what_a_buyers_system_wants_to_know(product):
    page = product(
        "A1", title="Pen “1” <blue>", title_de="Stift", summary="Writes.", summary_de="Schreibt.", unit="BX",
        price="48.00", price_basis=100, manufacturer="Skriva & Co.", lead_time_days=3,
    )  # fmt: skip
    item = adapter.get_item(ItemRef("A1"), PricingContext(language="de-DE"))
    assert [text.language for text in item.descriptions] == ["de", "en"]
    assert item.name == "Stift"
    assert item.descriptions[1].text == "Pen “1” <blue>. Writes."
    assert (item.price.net.amount, item.price.basis, item.unit) == (48, 100, "BX")
    assert item.classifications[0].code == "44121704"
    assert item.manufacturer_name == "Skriva & Co."
    assert item.lead_time_days == 3
    assert item.url == page.full_url
    assert item.url.startswith("http://localhost")


def test_a_variant_is_an_item_of_its_own(product):
    product(articles=[Article(sku="A1-S", option="Small", price=1), Article(sku="A1-L", option="Large", price=2)])
    item = adapter.get_item(ItemRef("A1-L"), PricingContext())
    assert (item.name, item.price.net.amount) == ("Pen, Large", 2)


def test_prices_are_the_customers(product, priced):
    product("A1", price="2.50")
    priced("A1", "2.00", group="industry")
    priced("A1", "2.80", currency="CHF")
    assert adapter.get_item(ItemRef("A1"), PricingContext(price_group="industry")).price.net.amount == 2
    assert adapter.get_item(ItemRef("A1"), PricingContext(currency="CHF")).price.net.currency == "CHF"
    assert adapter.get_item(ItemRef("A1"), PricingContext(currency="USD")).price is None


def test_many_items_come_in_the_order_asked_with_two_queries(product, django_assert_num_queries):
    for number in range(5):
        product(f"A{number}")
    adapter.get_item(ItemRef("A0"), PricingContext())  # where the site's pages live is remembered
    with django_assert_num_queries(2):
        items = adapter.get_items([ItemRef(sku) for sku in ("A3", "X", "A1", "A3")], PricingContext())
    assert [item and item.sku for item in items] == ["A3", None, "A1", "A3"]


def test_an_unpublished_product_is_not_available(product):
    product("A1").unpublish()
    assert not adapter.get_item(ItemRef("A1"), PricingContext()).available


def test_a_visit_lands_where_the_buyer_pointed(visit, product, client):
    page = product("A1")
    request = visit()
    assert adapter.landing_url(request) == "/"
    assert adapter.landing_url(request, ItemRef("A1")) == f"{page.url}?sku=A1"
    assert adapter.landing_url(request, ItemRef("OFFICE")) == "/office/"
    assert adapter.landing_url(request, ItemRef("nothing")) is None
    assert client.get(adapter.landing_url(request, ItemRef("A1"))).status_code == 200


def test_a_visit_that_edits_begins_at_the_cart(visit, client):
    assert client.get(adapter.cart_url(visit())).status_code == 200
