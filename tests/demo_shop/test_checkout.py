from __future__ import annotations

import pytest
from django.test import Client

from demo_site.shop.models import Article, CartLine, Order

ADDRESS = {
    "name": "Kerstin Lindqvist",
    "email": "kerstin@example.com",
    "street": "Nordring 12",
    "postcode": "23560",
    "city": "Lübeck",
    "country": "Germany",
}


@pytest.fixture
def filled(product, put):
    product("A1", price="2.50")
    put("A1", "4")


def test_an_order_is_written_down_and_the_cart_is_empty(client, filled):
    response = client.post("/checkout/", ADDRESS)
    order = Order.objects.get()
    assert response["Location"] == f"/orders/{order.pk}/"
    assert (order.total, order.currency) == (10, "EUR")
    assert [line.sku for line in order.lines.all()] == ["A1"]
    assert not CartLine.objects.exists()


def test_the_confirmation_names_the_order(client, filled):
    page = client.post("/checkout/", ADDRESS, follow=True).content.decode()
    assert Order.objects.get().number in page
    assert "€10.00" in page


def test_an_address_must_be_whole(client, filled):
    page = client.post("/checkout/", {**ADDRESS, "city": ""})
    assert "This field is required" in page.content.decode()
    assert not Order.objects.exists()


def test_nobody_checks_out_with_an_empty_cart(client, db):
    assert client.get("/checkout/")["Location"] == "/cart/"


def test_what_sold_out_meanwhile_must_leave_the_cart_first(client, filled):
    Article.objects.update(stock=0)
    assert client.post("/checkout/", ADDRESS)["Location"] == "/cart/"
    assert "please remove it" in client.get("/cart/").content.decode()


def test_a_customer_finds_the_order_in_the_account(client, filled, django_user_model):
    client.force_login(django_user_model.objects.create_user("customer"))
    client.post("/checkout/", ADDRESS)
    assert Order.objects.get().number in client.get("/account/").content.decode()


def test_the_account_asks_who_one_is(db):
    assert Client().get("/account/")["Location"].startswith("/account/login/")


def test_signing_out_leads_to_the_entrance(client, shelf, django_user_model):
    client.force_login(django_user_model.objects.create_user("customer"))
    assert client.post("/account/logout/")["Location"] == "/"
