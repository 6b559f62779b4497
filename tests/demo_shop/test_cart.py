from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from demo_site.shop.models import Article, Cart, CartLine


def quantities() -> dict[str, Decimal]:
    return dict(CartLine.objects.values_list("article__sku", "quantity"))


def test_a_product_lands_in_the_cart(client, product, put):
    page = product("A1", title="Pen")
    assert put("A1", "3")["Location"] == "/cart/"
    assert quantities() == {"A1": 3}
    assert page.title in client.get("/cart/").content.decode()


def test_without_scripts_people_stay_on_the_page_they_were_on(client, product):
    page = product()
    response = client.post("/cart/add/", {"sku": "A1", "next": page.url})
    assert response["Location"] == page.url


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client, product, elsewhere):
    product()
    assert client.post("/cart/add/", {"sku": "A1", "next": elsewhere})["Location"] == "/cart/"


def test_with_htmx_only_the_count_and_a_sentence_come_back(product, put):
    product()
    response = put("A1", "2", **{"HX-Request": "true"})
    assert response.status_code == 200
    text = response.content.decode()
    assert '<a id="cart-link" class="cart-link" href="/cart/" hx-swap-oob="innerHTML">' in text
    assert "added to your cart" in text
    assert "<html" not in text


def test_the_same_again_makes_one_line(product, put):
    product()
    put(quantity="2")
    put(quantity="3")
    assert quantities() == {"A1": 5}


def test_a_quantity_between_two_steps_is_rounded_up(product, put):
    product("A1", min_quantity="100", quantity_step="100")
    put("A1", "150")
    assert quantities() == {"A1": 200}


def test_half_metres_are_possible_where_the_product_says_so(product, put):
    product("A1", unit="MTR", min_quantity="0.5", quantity_step="0.5")
    put("A1", "2.5")
    assert quantities() == {"A1": Decimal("2.5")}


def test_no_quantity_means_the_smallest(product, put):
    product("A1", min_quantity="12", quantity_step="12")
    put("A1", "")
    assert quantities() == {"A1": 12}


@pytest.mark.parametrize("nonsense", ["many", "-1", "1e400", "NaN", "1000000"])
def test_nonsense_is_no_quantity(client, product, put, nonsense):
    product()
    put("A1", nonsense)
    assert quantities() == {}
    assert "Please enter a quantity" in client.get("/cart/").content.decode()


@pytest.mark.parametrize("trouble", [{"price": None}, {"stock": 0}])
def test_what_cannot_be_bought_stays_out_of_the_cart(client, product, put, trouble):
    page = product("A1", **trouble)
    assert "add-to-cart" not in client.get(page.url).content.decode()
    assert "add-to-cart" not in client.get("/office/").content.decode()
    put("A1")
    assert quantities() == {}


def test_a_part_number_nobody_knows_is_not_found(db, put):
    assert put("NOTHING").status_code == 404


def test_a_changed_quantity_is_kept(client, product, put):
    product()
    put()
    client.post(f"/cart/lines/{CartLine.objects.get().pk}/", {"quantity": "7"})
    assert quantities() == {"A1": 7}


def test_a_change_that_is_not_possible_is_explained(client, product, put):
    product("A1", min_quantity="10", quantity_step="10")
    put("A1", "10")
    line = CartLine.objects.get()
    page = client.post(f"/cart/lines/{line.pk}/", {"quantity": "11"}, follow=True)
    assert "sold in steps of 10" in page.content.decode()
    assert quantities() == {"A1": 20}


@pytest.mark.parametrize("nothing", ["0", ""])
def test_zero_takes_a_line_out(client, product, put, nothing):
    product()
    put()
    client.post(f"/cart/lines/{CartLine.objects.get().pk}/", {"quantity": nothing})
    assert quantities() == {}


def test_a_line_can_be_removed(client, product, put):
    product()
    put()
    client.post(f"/cart/lines/{CartLine.objects.get().pk}/remove/")
    assert "Your cart is empty" in client.get("/cart/").content.decode()


def test_with_htmx_the_cart_comes_back_changed(client, product, put):
    product(price="2.50")
    put()
    line = CartLine.objects.get()
    response = client.post(f"/cart/lines/{line.pk}/", {"quantity": "4"}, headers={"HX-Request": "true"})
    assert "€10.00" in response.content.decode()


def test_nobody_reaches_into_another_cart(client, product, put):
    product()
    put()
    line = CartLine.objects.get()
    client.cookies.clear()
    assert client.post(f"/cart/lines/{line.pk}/remove/").status_code == 404
    assert client.post(f"/cart/lines/{line.pk}/", {"quantity": "9"}).status_code == 404
    assert quantities() == {"A1": 1}


def test_looking_never_changes_the_cart(client, db):
    assert client.get("/cart/add/").status_code == 405
    client.get("/cart/")
    assert not Cart.objects.exists()


def test_the_cart_survives_signing_in(client, product, put, django_user_model):
    product()
    django_user_model.objects.create_user("customer", password="customer")
    put(quantity="4")
    client.post("/account/login/", {"username": "customer", "password": "customer"})
    assert "€10.00" in client.get("/cart/").content.decode()


def test_a_long_cart_needs_no_more_queries_than_a_short_one(client, product, put, django_assert_max_num_queries):
    for number in range(8):
        product(f"A{number}")
        put(f"A{number}")
    client.get("/cart/")
    with django_assert_max_num_queries(12):
        client.get("/cart/")


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_all_count(product, database_of_threads):
    product("A1")
    article, cart = Article.objects.get(sku="A1"), Cart.objects.create()
    database_of_threads()

    def click(_number: int) -> list[Decimal]:
        try:
            cart.add(article, Decimal(1))
            return [line.quantity for line in cart.lines.all()]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(click, range(12)))
    assert max(seen) == [12]
