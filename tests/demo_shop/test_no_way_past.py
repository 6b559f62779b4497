"""No address of the demo shop places an order past the procurement system."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.urls import URLPattern, get_resolver

from demo_site.shop.models import Cart, Order
from tests.connections import connect, post, setup_request
from tests.demo_shop.test_checkout import ADDRESS
from wagtail_punchout.models import Role, RoleAssignment
from wagtail_punchout.storefront import middleware

pytestmark = pytest.mark.django_db

SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": str(uuid.UUID(int=7)), "path": "x"}


def addresses() -> Iterator[str]:
    """Every address that the resolver knows, with something in the place of what it asks for."""

    def walk(patterns: list, before: str = "") -> Iterator[str]:
        for each in patterns:
            route = before + filled(each.pattern)
            if isinstance(each, URLPattern):
                yield route
            else:
                yield from walk(each.url_patterns, route)

    return walk(get_resolver().url_patterns, "/")


def filled(pattern) -> str:
    text = str(pattern)
    text = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "x"), text)
    return "x/" if set(text) & set("^(") else text


def try_everything(browser) -> set[int]:
    """Ask for each address and post an order form to it; the session of the browser survives."""
    answers = set()
    for address in addresses():
        if any(each in address for each in ("logout", "punchout/cancel", "punchout/return", "/admin/")):
            continue  # these end what is to be tested, or ask staff for their password
        for method in ("get", "post"):
            answers.add(getattr(browser, method)(address, ADDRESS).status_code)
            assert not Order.objects.exists(), f"{method.upper()} {address} has placed an order"
    return answers


def test_all_addresses_of_the_shop_are_tried():
    tried = set(addresses())
    assert {"/checkout/", "/cart/", "/cart/add/", "/cart/lines/1/", "/account/login/"} <= tried


@pytest.fixture
def filled_cart(product):
    product("PEN", price="2.50")
    return lambda browser: browser.post("/cart/add/", {"sku": "PEN", "quantity": "1"})


def test_anybody_else_can_check_out(client, filled_cart):
    filled_cart(client)
    client.post("/checkout/", ADDRESS)
    assert Order.objects.count() == 1


@pytest.fixture
def acme(db):
    return connect("acme")


def test_visit_places_no_order_by_any_address(client, acme, filled_cart):
    answer = post(client, setup_request())
    browser = client
    browser.get(browser.post(answer.start_path)["Location"])
    filled_cart(browser)
    assert Cart.objects.get().lines.exists()
    assert 403 in try_everything(browser)


@pytest.fixture
def jane(acme):
    jane = get_user_model().objects.create_user("jane", email="jane@buyer.example", password="pw")
    RoleAssignment.objects.create(role=Role.objects.get(slug="punchoutBuyer"), user=jane, group=acme.customer.group)
    return jane


def test_buyer_who_signs_in_with_a_password_places_no_order_by_any_address(client, jane, filled_cart):
    client.force_login(jane)
    filled_cart(client)
    assert "Please order through your procurement system" in client.get("/checkout/").content.decode()
    assert 403 in try_everything(client)


@pytest.mark.parametrize("off", ["company", "customer"])
def test_what_is_switched_off_opens_no_way_past(client, jane, acme, filled_cart, off):
    if off == "customer":
        RoleAssignment.objects.update(user=None, customer=acme.customer)
        jane = acme.customer.user
    thing = getattr(acme, off)
    thing.is_active = False
    thing.save()
    client.force_login(jane)
    filled_cart(client)
    assert client.post("/checkout/", ADDRESS).status_code == 403
    assert not Order.objects.exists()


def test_requisitioner_checks_out(client, jane, filled_cart):
    RoleAssignment.objects.update(role=Role.objects.get(slug="requisitioner"))
    client.force_login(jane)
    filled_cart(client)
    client.post("/checkout/", ADDRESS)
    assert Order.objects.count() == 1


def test_other_pages_do_not_ask_who_must_return_carts(client, jane, monkeypatch):
    monkeypatch.setattr(middleware, "must_return_carts", lambda user: pytest.fail("was asked"))
    client.force_login(jane)
    assert client.get("/cart/").status_code == 200
