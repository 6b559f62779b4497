"""The company account in the demo shop: its look, its orders, and visits that may check out."""

from __future__ import annotations

import pytest
from django.test import Client

from demo_site.shop.models import Order
from tests.connections import connect, post, setup_request
from tests.demo_shop.test_checkout import ADDRESS
from wagtail_punchout.models import Company, Role, RoleAssignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return connect("acme")


@pytest.fixture
def give():
    """Gives one of the roles that come ready."""

    def make(slug: str, **holder) -> RoleAssignment:
        return RoleAssignment.objects.create(role=Role.objects.get(slug=slug), **holder)

    return make


@pytest.fixture
def enter(client, acme, product):
    """Comes in from the procurement system, and puts something into the cart."""
    product("A1", price="2.50")

    def walk_in() -> Client:
        answer = post(Client(), setup_request())
        client.get(client.post(answer.start_path)["Location"])
        client.post("/cart/add/", {"sku": "A1", "quantity": "4"})
        return client

    return walk_in


def text(answer) -> str:
    return answer.content.decode()


def test_without_a_role_a_visit_does_not_come_to_the_till(enter):
    browser = enter()
    assert 'href="/checkout/"' not in text(browser.get("/cart/"))
    assert browser.post("/checkout/", ADDRESS).status_code == 403
    assert not Order.objects.exists()


def test_a_requisitioner_checks_out_in_a_visit_and_the_order_knows_its_company(enter, acme, give):
    give("requisitioner", customer=acme.customer)
    browser = enter()
    cart = text(browser.get("/cart/"))
    assert 'href="/checkout/"' in cart
    assert 'data-test="return"' not in cart
    assert 'value="jane@example.com"' in text(browser.get("/checkout/"))
    answer = browser.post("/checkout/", ADDRESS, follow=True)
    order = Order.objects.get()
    assert order.number in text(answer)
    assert order.company_code == "acme"


def test_the_company_sees_the_orders_of_its_people(client, shelf, acme, give, enter, django_user_model):
    give("requisitioner", customer=acme.customer)
    enter().post("/checkout/", ADDRESS)
    clerk = django_user_model.objects.create_user("clerk")
    give("finance", user=clerk, company=acme.company)
    browser = Client()
    browser.force_login(clerk)
    page = text(browser.get("/punchout/account/orders/"))
    order = Order.objects.get()
    assert f'href="/orders/{order.pk}/"' in page
    assert "€10.00" in page
    assert "Kerstin Lindqvist" in page


def test_orders_of_other_companies_and_of_nobody_do_not_show(client, shelf, acme, give, django_user_model):
    above = Company.objects.get(pk=acme.company.pk).get_parent().add_child(name="Above", code="above")
    for code in ("", "above", "rival"):
        Order.objects.create(company_code=code, currency="EUR", total=1, name=f"of {code or 'nobody'}")
    clerk = django_user_model.objects.create_user("clerk")
    give("finance", user=clerk, company=acme.company)
    client.force_login(clerk)
    assert "No orders yet" in text(client.get("/punchout/account/orders/"))
    give("finance", user=clerk, company=above)
    page = text(client.get("/punchout/account/orders/?company=above"))
    assert "of above" in page
    assert "of nobody" not in page
    assert "of rival" not in page


def test_a_person_orders_for_the_company_of_their_role(client, product, put, acme, give, django_user_model):
    product("A1", price="2.50")
    clerk = django_user_model.objects.create_user("clerk")
    give("finance", user=clerk, company=acme.company)
    client.force_login(clerk)
    put("A1", "4")
    client.post("/checkout/", ADDRESS)
    assert Order.objects.get().company_code == "acme"


def test_an_ordinary_order_is_of_no_company(client, product, put):
    product("A1", price="2.50")
    put("A1", "4")
    client.post("/checkout/", ADDRESS)
    assert Order.objects.get().company_code == ""


def test_the_account_looks_like_the_shop_and_is_linked_from_it(enter, acme, give):
    give("companyAdmin", customer=acme.customer)
    browser = enter()
    assert 'href="/punchout/account/"' in text(browser.get("/"))
    answer = browser.get("/punchout/account/", follow=True)
    page = text(answer)
    assert 'class="top"' in page
    assert "shop/company.css" in page
    assert "wagtail_punchout/account.css" in page
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "<style" not in page
    assert {each for each in ("Visits", "Returned carts", "Orders", "Users", "Connection") if each not in page} == set()


def test_the_ordinary_account_leads_to_the_company(client, shelf, acme, give, django_user_model):
    clerk = django_user_model.objects.create_user("clerk")
    client.force_login(clerk)
    assert "/punchout/account/" not in text(client.get("/account/"))
    give("tech", user=clerk, company=acme.company)
    assert "/punchout/account/" in text(client.get("/account/"))
