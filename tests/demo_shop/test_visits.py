"""The shop's own pages during a PunchOut visit."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.connections import connect, item_out, post, setup_request

SHIP_TO = (
    '<ShipTo><Address addressID="W7"><Name xml:lang="de">Werk 7</Name><PostalAddress><Street>Nordring 12</Street>'
    '<City>Lübeck</City><Country isoCountryCode="DE">Deutschland</Country></PostalAddress></Address></ShipTo>'
)


@pytest.fixture
def visit(client, product):
    """Walks in from a buyer's system and answers the browser."""
    product("A1", price="2.50")
    connect("acme")

    def walk_in(operation: str = "create", body: str = SHIP_TO) -> Client:
        answer = post(Client(), setup_request(operation=operation, body=body))
        client.get(client.post(answer.start_path)["Location"])
        return client

    return walk_in


def cart_of(browser: Client) -> str:
    return browser.get("/cart/").content.decode()


def test_the_cart_goes_home_instead_of_to_the_till(visit):
    browser = visit()
    browser.post("/cart/add/", {"sku": "A1"})
    page = cart_of(browser)
    assert 'data-test="return"' in page
    assert 'href="/checkout/"' not in page


def test_the_cart_shows_where_the_buyer_wants_it(visit):
    page = cart_of(visit())
    assert "Werk 7" in page
    assert "Lübeck" in page
    assert "jane@example.com" in page


def test_who_only_looks_sees_no_forms_of_the_cart(visit):
    browser = visit("inspect", SHIP_TO + item_out("A1", quantity="3"))
    page = cart_of(browser)
    assert "3 pieces" in page
    assert "/cart/lines/" not in page
    assert "add-to-cart" not in browser.get("/office/").content.decode()


def test_a_visits_cart_is_not_the_ordinary_one(visit, put):
    put("A1", "5")
    assert "Your cart is empty" in cart_of(visit())
