"""What OCI costs the database: calls and returns ask a fixed number of questions, however long the cart is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.storefront.ocibrowser import Browser
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import MappingRow
from wagtail_punchout.protocol.cart import Cart, CartLine, Item, Price, Text
from wagtail_punchout.protocol.money import Money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oci")]


def long_cart(lines: int) -> Cart:
    item = Item(sku="A-1", descriptions=(Text("A thing"),), price=Price(net=Money(Decimal(1), "EUR")))
    return Cart(
        currency="EUR",
        lines=tuple(CartLine(line_id=str(n), item=item, quantity=Decimal(1)) for n in range(lines)),
    )


@pytest.fixture
def adapter(monkeypatch):
    """The demo shop's, with nothing of its own to ask."""
    adapter = get_adapter()
    monkeypatch.setattr(adapter, "put_lines", lambda request, lines: [])
    monkeypatch.setattr(adapter, "clear_cart", lambda request: None)
    return adapter


def asked(work) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        work()
    return [each["sql"] for each in queries.captured_queries]


def test_a_call_asks_a_fixed_number_of_times(browser: Browser, adapter):
    browser.call()
    queries = asked(browser.call)
    assert len(queries) <= 21, "\n".join(queries)


def test_a_wrong_password_asks_twice_and_keeps_one_row(browser: Browser, adapter):
    browser.call(password="guess")
    queries = asked(lambda: browser.call(password="guess"))
    assert len(queries) <= 4, "\n".join(queries)


def test_a_long_cart_asks_no_more_than_a_short_one(browser: Browser, oci, adapter, monkeypatch):
    for number in range(20):
        MappingRow.objects.create(link=oci.link, target=f"FIELD{number}", kind="field", source="product.sku")
    type(oci.link).objects.update(most_fields=0)
    counts = []
    for lines in (1, 80):
        browser.enter()
        monkeypatch.setattr(adapter, "get_cart", lambda request, n=lines: long_cart(n))
        counts.append(len(asked(lambda: browser.press("return"))))
    assert counts[0] == counts[1]
