"""Purchase orders in the demo shop: made once, changed, cancelled, and taken through their steps by staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from demo_site.shop.adapter import DemoShopAdapter
from demo_site.shop.models import Order
from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.flows.hand_over import hand_over, queue_hand_over
from wagtail_punchout.flows.outbox import claim
from wagtail_punchout.models import Delivery, HandOver, Mode, OrderState, Reason
from wagtail_punchout.models.outbox import HandOverKind
from wagtail_punchout.protocol.cart import Text
from wagtail_punchout.protocol.cxml.item import ItemDetail
from wagtail_punchout.protocol.cxml.party import Address
from wagtail_punchout.protocol.money import Money as Amount
from wagtail_punchout.shop import OrderNotTaken
from wagtail_punchout.testing.order_contract import make_incoming_order
from wagtail_punchout.testing.visits import make_customer

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
adapter = DemoShopAdapter()


@pytest.fixture
def wanted(product):
    product("PEN", price="2.50")
    product("INK", price="8.00", title="Ink")
    return make_incoming_order(adapter, make_customer(adapter=adapter), {"PEN": Decimal(2), "INK": Decimal(1)})


def fewer(wanted, version: int = 2):
    return replace(wanted, version=version, lines=wanted.lines[:1])


def test_order_says_who_wants_what_where(wanted):
    placed = adapter.place_order(wanted)
    order = Order.objects.get()
    assert placed.number == order.number
    assert (order.reference, order.company_code) == (wanted.number, wanted.company_code)
    assert (order.city, order.country) == ("Kiel", "DE")
    assert order.total == Decimal("13.00")
    assert [(line.number, line.sku, line.quantity) for line in order.lines.all()] == [(1, "PEN", 2), (2, "INK", 1)]


def test_order_says_how_it_may_be_paid(wanted, admin_client):
    adapter.place_order(replace(wanted, payment_methods=("invoice", "gone")))
    order = Order.objects.get()
    assert order.payment_methods == ["invoice", "gone"]
    page = admin_client.get(reverse("shop_orders:inspect", args=[order.pk])).content.decode()
    assert "May be paid by" in page
    assert "Invoice, 30 days, gone" in page


def test_order_asked_for_twice_is_written_once(wanted, django_assert_max_num_queries):
    adapter.place_order(wanted)
    with django_assert_max_num_queries(6):
        adapter.place_order(wanted)
    assert Order.objects.count() == 1
    assert Order.objects.get().lines.count() == 2


def test_order_that_was_changed_before_we_knew_that_it_was_made_is_what_is_wanted_now(wanted):
    first = adapter.place_order(wanted)
    assert adapter.place_order(fewer(wanted)) == first
    assert Order.objects.get().lines.count() == 1


def test_changed_order_must_be_confirmed_anew_once(wanted):
    adapter.place_order(wanted)
    Order.objects.update(state="confirmed")
    adapter.change_order(fewer(wanted))
    assert Order.objects.get().state == "new"
    Order.objects.update(state="confirmed")
    adapter.change_order(fewer(wanted))
    assert Order.objects.get().state == "confirmed"


@pytest.mark.parametrize("state", ["shipped", "invoiced"])
def test_what_has_left_the_house_is_neither_changed_nor_cancelled(wanted, state):
    adapter.place_order(wanted)
    Order.objects.update(state=state)
    for ask in (lambda: adapter.change_order(fewer(wanted)), lambda: adapter.cancel_order(wanted)):
        with pytest.raises(OrderNotTaken, match="left the house"):
            ask()
    assert Order.objects.get().lines.count() == 2


def test_what_has_left_the_house_is_still_the_order_that_was_asked_for(wanted):
    placed = adapter.place_order(wanted)
    Order.objects.update(state="shipped")
    assert adapter.place_order(wanted) == placed


def test_amount_that_no_column_holds_is_refused(wanted):
    line = wanted.lines[0]
    detail = ItemDetail(unit_price=Amount(Decimal(10) ** 12, "EUR"), descriptions=(Text("Pen"),), unit="EA")
    huge = replace(wanted, lines=(replace(line, said=replace(line.said, detail=detail)),))
    with pytest.raises(OrderNotTaken, match="large"):
        adapter.place_order(huge)
    assert not Order.objects.exists()


def test_long_words_are_cut_and_nothing_fails(wanted):
    address = Address(name="A" * 300, street=("S" * 300,), postal_code="1" * 50, city="C" * 300, country="L" * 300)
    adapter.place_order(replace(wanted, ship_to=address))
    assert Order.objects.get().city == "C" * 80


# Staff


@pytest.fixture
def purchase_order(goods):
    """In the shop, and its buyer wants to hear of everything."""
    connection = connect(
        "acme",
        mode=Mode.PRODUCTION,
        documents_url="https://buyer.example/in",
        sends_confirmation=True,
        sends_ship_notice=True,
        sends_invoice=True,
        order_rule="accept",
    )
    made = make_order(connection)
    queue_hand_over(made, at=AT)
    hand_over(claim(HandOver.objects.all(), at=AT), adapter=adapter, at=AT)
    made.refresh_from_db()
    assert made.state == OrderState.HANDED_OVER
    return made


def step(client, name: str):
    return client.post(reverse("shop_orders:step", args=[Order.objects.get().pk, name]), follow=True)


def test_each_step_tells_the_buyer(admin_client, purchase_order):
    for name in ("confirm", "ship", "invoice"):
        assert "The buyer&#x27;s system is told." in step(admin_client, name).content.decode()
    kinds = list(Delivery.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["ConfirmationRequest", "ShipNoticeRequest", "InvoiceDetailRequest"]
    assert Order.objects.get().state == "invoiced"


def test_step_pressed_twice_is_one(admin_client, purchase_order):
    step(admin_client, "confirm")
    assert "is confirmed already" in step(admin_client, "confirm").content.decode()
    assert Delivery.objects.count() == 1


def test_steps_go_in_order(admin_client, purchase_order):
    step(admin_client, "invoice")
    assert Order.objects.get().state == "new"
    assert not Delivery.objects.exists()


def test_staff_read_why_a_buyer_is_not_told(admin_client, purchase_order):
    purchase_order.link.documents_url = ""
    purchase_order.link.save()
    page = step(admin_client, "confirm").content.decode()
    assert "The buyer&#x27;s system is told." not in page
    assert Order.objects.get().state == "confirmed"


def test_order_of_an_ordinary_customer_goes_its_way_without_a_word(admin_client, purchase_order):
    Order.objects.update(punchout_key=None)
    step(admin_client, "confirm")
    assert Order.objects.get().state == "confirmed"
    assert not Delivery.objects.exists()


def test_who_may_only_look_takes_no_step(client, django_user_model, purchase_order):
    clerk = django_user_model.objects.create_user("clerk", password="x")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_order"]))
    client.force_login(clerk)
    step(client, "confirm")
    assert Order.objects.get().state == "new"


def test_orders_are_listed_and_found(admin_client, purchase_order):
    url = reverse("shop_orders:index")
    assert Order.objects.get().number in admin_client.get(url).content.decode()
    assert Order.objects.get().number in admin_client.get(url, {"q": purchase_order.number}).content.decode()
    assert Order.objects.get().number not in admin_client.get(url, {"q": "nothing of the kind"}).content.decode()


def test_shop_that_will_not_change_an_order_asks_for_a_person(purchase_order):
    Order.objects.update(state="shipped", punchout_version=0)
    queue_hand_over(purchase_order, HandOverKind.CHANGE, at=AT)
    hand_over(claim(HandOver.objects.all(), at=AT), adapter=adapter, at=AT)
    purchase_order.refresh_from_db()
    assert Reason.SHOP_REFUSED in [each["code"] for each in purchase_order.reasons]
