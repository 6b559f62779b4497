from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.connections import connect, post
from tests.order_documents import SHIP_TO, item_out, order_request
from tests.orders import make_order
from wagtail_punchout.models import Address, Delivery, Mode, OrderState, PurchaseOrder
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.models.outbox import WorkState
from wagtail_punchout.protocol.cxml.item import ItemID
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import BlanketDetail, Order, Transport, header_json, line_json
from wagtail_punchout.protocol.order import OrderLine as Line

pytestmark = pytest.mark.django_db

INDEX = reverse("punchout_orders:index")


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, documents_url="https://buyer.example/in", sends_invoice=True)


def page_of(client, order) -> str:
    return client.get(reverse("punchout_orders:inspect", args=[order.pk])).content.decode()


def act(client, order, name, **fields):
    return client.post(reverse("punchout_orders:action", args=[order.pk, name]), fields, follow=True)


def test_list_finds_orders_by_number_and_part(admin_client, buyer):
    make_order(buyer, "PO-77"), make_order(buyer, "PO-88")
    assert [each.number for each in admin_client.get(INDEX, {"q": "77"}).context["object_list"]] == ["PO-77"]
    assert len(admin_client.get(INDEX, {"q": "MUG-1"}).context["object_list"]) == 2


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"state": "held"}, {"H"}),
        ({"mode": "test"}, {"T"}),
        ({"needs_person": "true"}, {"H"}),
        ({"customer": "acme"}, {"H", "T", "A"}),
        ({"branch": "acme"}, {"H", "T", "A"}),
    ],
)
def test_filters(admin_client, buyer, query, numbers):
    make_order(buyer, "H", state=OrderState.HELD, needs_person=True)
    make_order(buyer, "T", mode=Mode.TEST)
    make_order(buyer, "A")
    assert {each.number for each in admin_client.get(INDEX, query).context["object_list"]} == numbers


def test_rows_cost_no_queries(admin_client, buyer, django_assert_max_num_queries):
    admin_client.get(INDEX)
    for number in range(30):
        make_order(buyer, f"PO-{number}", lines=1)
    with django_assert_max_num_queries(14):
        admin_client.get(INDEX)


def test_page_says_why_and_what_can_be_done(admin_client, client, buyer):
    post(client, order_request(lines=[item_out(1, "MUG-BLUE", "2", "4.50")], total="99"))
    order = PurchaseOrder.objects.get()
    text = page_of(admin_client, order)
    assert "Lines of it belong to no returned cart." in text
    assert "The total is not the sum of the lines." in text
    for name in ("accept", "refuse"):
        assert reverse("punchout_orders:action", args=[order.pk, name]) in text
    assert reverse("punchout_orders:action", args=[order.pk, "cancel"]) not in text


def test_page_leads_to_the_entry_of_the_address_book(admin_client, buyer):
    order = make_order(buyer, "PO-1")
    assert "In the address book" not in page_of(admin_client, order)
    dock = {"name": "Dock 7", "street": "Quay 1", "city": "Kiel", "country": "DE"}
    order.address = Address.objects.create(company=buyer.company, address_id="D7", **dock)
    order.save()
    text = page_of(admin_client, order)
    assert "In the address book" in text
    assert reverse("punchout_addresses:edit", args=[order.address.pk]) in text


def test_page_shows_what_the_buyer_says(admin_client, client, buyer):
    more = (
        '<Distribution><Accounting name="x"><Segment type="Cost center" id="4711" description="d"/></Accounting>'
        '<Charge><Money currency="EUR">9</Money></Charge></Distribution>'
    )
    line = item_out(1, "MUG-BLUE", "2", "4.50", more=more)
    header = SHIP_TO + "<PaymentTerm payInNumberOfDays='30'/><Comments>Gate &lt;3&gt;</Comments>"
    post(client, order_request(lines=[line], header=header))
    text = page_of(admin_client, PurchaseOrder.objects.get())
    for said in ("DOCK-7", "Harbour Road 1", "Gate &lt;3&gt;", "30 days", "Cost center 4711"):
        assert said in text


def test_page_of_a_long_order_is_cut(admin_client, buyer, django_assert_max_num_queries):
    order = make_order(buyer, lines=450)
    url = reverse("punchout_orders:inspect", args=[order.pk])
    admin_client.get(url)
    with django_assert_max_num_queries(40):
        text = admin_client.get(url).content.decode()
    assert "Lines 1 to 100 of 450" in text
    assert "MUG-101" not in text
    assert "MUG-101" in admin_client.get(url, {"lines": "2"}).content.decode()


def test_accepting_needs_one_click_and_says_so(admin_client, buyer):
    order = make_order(buyer, state=OrderState.HELD)
    answer = act(admin_client, order, "accept")
    order.refresh_from_db()
    assert order.state == OrderState.ACCEPTED
    assert "PO-1: Accepted." in answer.content.decode()


def test_what_cannot_be_done_is_said_politely(admin_client, buyer):
    order = make_order(buyer, state=OrderState.CANCELLED)
    assert "that cannot be done now" in act(admin_client, order, "accept").content.decode()
    page = admin_client.get(reverse("punchout_orders:action", args=[order.pk, "hold"]), follow=True)
    assert "that cannot be done now" in page.content.decode()
    assert admin_client.get(reverse("punchout_orders:action", args=[order.pk, "burn"])).status_code == 404


def test_refusing_offers_to_tell_the_buyer(admin_client, buyer):
    order = make_order(buyer)
    assert (
        "tell_buyer" in admin_client.get(reverse("punchout_orders:action", args=[order.pk, "refuse"])).content.decode()
    )
    act(admin_client, order, "refuse", why="Sold out", tell_buyer="on")
    assert Delivery.objects.get().event == "reject"


def test_test_order_says_so_everywhere(admin_client, buyer):
    order = make_order(buyer, mode=Mode.TEST, state=OrderState.HELD)
    assert "A test order: it never goes to the shop" in page_of(admin_client, order)
    action = admin_client.get(reverse("punchout_orders:action", args=[order.pk, "accept"])).content.decode()
    assert "whatever is decided, it never goes to the shop" in action
    assert reverse("punchout_orders:answer", args=[order.pk, "confirm"]) not in page_of(admin_client, order)
    fields = {"accept_1": "2", "accept_2": "2"}
    answer = admin_client.post(reverse("punchout_orders:answer", args=[order.pk, "confirm"]), fields)
    assert b"This is a test order" in answer.content
    assert not Delivery.objects.exists()


def answer(client, order, name, **fields):
    url = reverse("punchout_orders:answer", args=[order.pk, name])
    page = client.get(url)
    given = {each.html_name: each.value() or "" for each in page.context["form"]}
    return client.post(url, {**given, **fields}, follow=True)


def test_confirming_all_is_one_click(admin_client, buyer):
    order = make_order(buyer)
    text = answer(admin_client, order, "confirm").content.decode()
    assert "ConfirmationRequest PO-1-C1 is on its way." in text
    assert Delivery.objects.get().event == "accept"


def test_confirming_line_by_line(admin_client, buyer):
    order = make_order(buyer)
    answer(admin_client, order, "confirm", accept_1="1", backordered_1="1", date_1="2026-12-24", comment_1="Soon")
    body = Delivery.objects.get().body
    assert 'type="except"' in body
    assert 'type="backordered"' in body
    assert "2026-12-24T12:00:00" in body


def test_quantities_that_do_not_add_up_are_said_at_the_form(admin_client, buyer):
    text = answer(admin_client, make_order(buyer), "confirm", accept_1="1").content.decode()
    assert "The quantities of line 1 must add up to 2." in text
    assert not Delivery.objects.exists()


def test_rejecting_every_line_rejects_the_order(admin_client, buyer):
    fields = {"accept_1": "0", "reject_1": "2", "accept_2": "0", "reject_2": "2"}
    answer(admin_client, make_order(buyer), "confirm", **fields)
    assert Delivery.objects.get().event == "reject"


def test_shipping_what_is_left(admin_client, buyer):
    order = make_order(buyer)
    answer(admin_client, order, "ship", quantity_1="1", quantity_2="0", carrier="Kite Post", tracking="K1, K2")
    page = admin_client.get(reverse("punchout_orders:answer", args=[order.pk, "ship"]))
    assert page.context["form"]["quantity_1"].value() == "1"
    assert Delivery.objects.get().data["tracking"] == ["K1", "K2"]


def test_invoice_is_reckoned(admin_client, buyer):
    answer(admin_client, make_order(buyer), "invoice", tax_percent="19", shipping="4.90")
    assert Delivery.objects.get().data["total"] == str(Decimal("27.25"))


@pytest.mark.parametrize("format", ["csv", "json", "ubl", "cxml"])
def test_exports(admin_client, client, format):
    connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)
    post(client, order_request(lines=[item_out(1, "=MUG", "2", "4.50", text="+evil")]))
    order = PurchaseOrder.objects.get()
    answer = admin_client.get(reverse("punchout_order_downloads:export", args=[order.pk, format]))
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "PO-1" in text
    assert "4.5" in text
    if format == "csv":
        assert "'=MUG" in text
        assert "'+evil" in text


def test_export_of_a_test_order_says_so(admin_client, buyer):
    order = make_order(buyer, mode=Mode.TEST)
    for format in ("csv", "json", "ubl"):
        answer = admin_client.get(reverse("punchout_order_downloads:export", args=[order.pk, format]))
        assert "TEST-" in answer["Content-Disposition"]
        assert "test" in answer.content.decode().lower()


def test_deliveries_can_be_tried_again_and_stopped(admin_client, buyer):
    order = make_order(buyer)
    delivery = Delivery.objects.create(
        order=order,
        customer=buyer.customer,
        kind="ConfirmationRequest",
        url="https://x.example",
        state=WorkState.FAILED,
    )
    page = reverse("punchout_deliveries:inspect", args=[delivery.pk])
    assert "Try again now" in admin_client.get(page).content.decode()
    admin_client.post(reverse("punchout_deliveries:do", args=[delivery.pk, "retry"]))
    delivery.refresh_from_db()
    assert delivery.state == WorkState.WAITING
    admin_client.post(reverse("punchout_deliveries:do", args=[delivery.pk, "stop"]))
    delivery.refresh_from_db()
    assert delivery.state == WorkState.STOPPED
    assert admin_client.get(reverse("punchout_deliveries:index")).status_code == 200


def test_orders_stand_where_their_company_customer_and_cart_are(admin_client, buyer):
    make_order(buyer, "PO-4711")
    for url in (
        reverse("punchout_companies:edit", args=[buyer.company.pk]),
        reverse("punchout_customers:edit", args=[buyer.customer.pk]),
    ):
        assert "PO-4711" in admin_client.get(url).content.decode()


def test_empty_list_says_what_to_do(admin_client, db):
    assert "An order appears here" in admin_client.get(INDEX).content.decode()


def test_carrier_that_the_buyer_wants_stands_in_the_order_and_at_its_line(admin_client, acme):
    wanted = {
        "carriers": (("SCAC", "FDEG"),),
        "transports": (Transport(method="air", contract_number="C-9", instructions="Ring twice"),),
    }
    order = make_order(acme, header=header_json(Order(order_id="PO-1", **wanted)))
    line = Line(number=1, quantity=Decimal(1), item_id=ItemID("MUG"), **wanted)
    order.lines.filter(number=1).update(data=line_json(line))
    page = admin_client.get(reverse("punchout_orders:inspect", args=[order.pk])).content.decode()
    assert page.count("FDEG (SCAC)") == 2
    assert page.count("air, C-9, Ring twice") == 2


def said_of_first_line(client, acme, line: Line) -> dict[str, str]:
    order = make_order(acme)
    order.lines.filter(number=1).update(data=line_json(line))
    page = client.get(reverse("punchout_orders:inspect", args=[order.pk]))
    [facts] = [each for each in page.context["sections"] if each.name == "line-facts"]
    return {each["what"]: each["said"] for each in facts.table.data if each["line"] == 1}


def test_dates_and_return_of_a_line_stand_with_it(admin_client, acme):
    line = Line(
        number=1,
        quantity=Decimal(1),
        item_id=ItemID("MUG"),
        requested_shipment=datetime(2026, 12, 1, tzinfo=UTC),
        confirmation_due=datetime(2026, 11, 30, tzinfo=UTC),
        is_return=True,
        return_authorization="RMA-1",
        own_extrinsics=(("Gate", "3"),),
    )
    said = said_of_first_line(admin_client, acme, line)
    assert said == {"To be sent on": "2026-12-01", "To be confirmed by": "2026-11-30", "Return": "RMA-1", "Gate": "3"}


def test_limits_of_a_blanket_order_stand_with_their_line(admin_client, acme):
    limits = BlanketDetail(
        most_amount=Money(Decimal(5000), "EUR"), most_quantity=Decimal(900), least_quantity=Decimal("1.5")
    )
    line = Line(number=1, quantity=Decimal(1), item_id=ItemID("MUG"), blanket=limits)
    assert said_of_first_line(admin_client, acme, line) == {"At most": "€5,000.00 · 900", "At least": "1.5"}


def test_order_that_has_changed_since_it_was_seen_is_not_decided_on(admin_client, buyer):
    order = make_order(buyer, state=OrderState.HELD)
    link = re.search(r'href="([^"]+/do/accept/[^"]*)"', page_of(admin_client, order)).group(1).replace("&amp;", "&")
    dialog = admin_client.get(link).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', dialog).group(1)
    order.save()  # in some way
    for answer in (admin_client.get(link, follow=True), act(admin_client, order, "accept", seen=seen)):
        assert "was changed since you looked at it" in answer.content.decode()
    order.refresh_from_db()
    assert order.state == OrderState.HELD


def test_second_click_on_the_same_button_says_the_same(admin_client, buyer):
    order = make_order(buyer, state=OrderState.HELD)
    seen = order.updated_at.isoformat()
    for _ in range(2):
        assert "Accepted." in act(admin_client, order, "accept", seen=seen).content.decode()
