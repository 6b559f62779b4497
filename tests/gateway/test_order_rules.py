"""What a link's rule does with an order, and who may order at all. The carts are real ones that went home."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from demo_site.shop.models import Order
from tests.connections import add_credential, connect, post
from tests.order_documents import SHIP_TO, item_out, order_request
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.issue import note_in_address
from wagtail_punchout.flows.work import run_due
from wagtail_punchout.models import (
    CustomerGroup,
    Mode,
    OrderLine,
    OrderState,
    PurchaseOrder,
    QuoteLine,
    Reason,
)
from wagtail_punchout.models.links import ModeConflict, OrderRule
from wagtail_punchout.protocol.cart import Cart, CartLine, Item, Price, Text
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.shop import PricingContext

pytestmark = pytest.mark.django_db

HELD, ACCEPTED, IN_SHOP, REFUSED, CANCELLED = OrderState


def make(rule: str, **link):
    return connect("acme", mode=Mode.PRODUCTION, order_rule=rule, **link)


@pytest.fixture
def line(goods):
    """Takes a cart with one article home and gives an order line for it, changed as a test wants it."""

    def order_line(connection, number: int = 1, **facts) -> str:
        from wagtail_punchout.flows.transfer import transfer_cart
        from wagtail_punchout.models import PunchoutSession

        now = timezone.now()
        session = PunchoutSession(
            customer=connection.customer,
            company=connection.company,
            link=connection.link,
            mode=Mode.PRODUCTION,
            state="started",
            start_until=now,
            ends_at=now,
            parties={"from": [], "to": [], "sender": []},
            buyer_cookie="x",
        )
        session.start_hash = session.hash_token(session.start_token)
        session.save()
        pricing = PricingContext(user_id=connection.customer.user_id, company_code="acme", currency="EUR")
        item = next(each for each in get_adapter().search_items("", pricing, limit=20) if each.price and each.available)
        cart = Cart(currency="EUR", lines=(CartLine(line_id="1", item=item, quantity=Decimal(2)),))
        transfer_cart(session, cart, at=now)
        quoted = QuoteLine.objects.order_by("-pk").first()
        told = {
            "sku": item.sku,
            "quantity": "2",
            "price": f"{quoted.unit_price:f}",
            "auxiliary_id": quoted.auxiliary_id,
            "unit": item.unit,
            "text": item.descriptions[0].text,
        }
        return item_out(number, **{**told, **facts})

    return order_line


def taken(client, *lines: str, **facts) -> tuple[int, PurchaseOrder | None]:
    answer = post(client, order_request(lines=lines, **facts))
    return answer.code, PurchaseOrder.objects.order_by("-pk").first()


def codes(order) -> set[str]:
    return {each["code"] for each in order.reasons}


def differences(order) -> set[str]:
    return {each["code"] for line in order.lines.all() for each in line.differences}


def test_order_as_the_cart_was_goes_its_way(client, line):
    buyer = make(OrderRule.HOLD)
    code, order = taken(client, line(buyer))
    assert (code, order.state, order.differs, differences(order)) == (200, ACCEPTED, False, set())
    run_due()
    assert Order.objects.count() == 1


def test_line_knows_the_cart_it_comes_from(client, line):
    buyer = make(OrderRule.HOLD)
    taken(client, line(buyer), line(buyer, 2))
    assert len({each.quote_line.quote_id for each in OrderLine.objects.select_related("quote_line")}) == 2


@pytest.mark.parametrize(
    ("facts", "cause"),
    [({"price": "0.01"}, "price_changed"), ({"unit": "BX"}, "unit_changed"), ({"currency": "USD"}, "currency_changed")],
)
@pytest.mark.parametrize(
    ("rule", "status", "state"),
    [(OrderRule.HOLD, 200, HELD), (OrderRule.ACCEPT, 200, ACCEPTED), (OrderRule.REFUSE, 400, REFUSED)],
)
def test_what_a_buyer_may_not_change_is_held_accepted_or_refused(client, line, facts, cause, rule, status, state):
    code, order = taken(client, line(make(rule), **facts))
    assert (code, order.state, differences(order), order.differs) == (status, state, {cause}, True)


def test_quantity_and_shortened_text_are_shown_and_hold_nothing(client, line):
    buyer = make(OrderRule.HOLD)
    _code, order = taken(client, line(buyer, quantity="3", text="A"[:1]))
    assert order.state == ACCEPTED
    assert "quantity_changed" in differences(order)


def test_tolerance_lets_small_differences_pass(client, line):
    buyer = make(OrderRule.REFUSE, price_tolerance=Decimal(5))
    price = Decimal(1)
    _code, order = taken(client, line(buyer, price=str(price)))
    assert (order.state, differences(order)) == (ACCEPTED, set())


def test_refused_order_says_which_line_and_may_be_mended(client, line):
    buyer = make(OrderRule.REFUSE)
    good = line(buyer)
    answer = post(client, order_request(lines=[line(buyer, price="0.01")]))
    assert (answer.code, "line 1: The unit price was" in answer.sentence) == (400, True)
    assert PurchaseOrder.objects.get().state == REFUSED
    assert post(client, order_request(lines=[good], payload_id="mended@buyer")).code == 200
    assert PurchaseOrder.objects.get().state == ACCEPTED


def test_refused_change_leaves_the_order_as_it_was(client, line):
    buyer = make(OrderRule.REFUSE)
    taken(client, line(buyer))
    bad = line(buyer, price="0.01")
    assert post(client, order_request(lines=[bad], action="update", version="2")).code == 400
    order = PurchaseOrder.objects.get()
    assert (order.state, order.version, differences(order)) == (ACCEPTED, 1, set())
    assert [each.verdict for each in order.documents.all()] == ["applied", "refused"]


def test_lines_of_no_cart_wait_for_somebody(client, db):
    make(OrderRule.HOLD)
    _code, order = taken(client, item_out(1, "NOBODY", "1", "1"))
    assert (order.state, codes(order)) == (HELD, {Reason.NO_QUOTE})


def test_price_of_today_is_compared_before_the_shop_gets_it(client, line, monkeypatch):
    buyer = make(OrderRule.HOLD)
    _code, order = taken(client, line(buyer))
    price = Price(net=Money(Decimal(999), "EUR"))
    dearer = Item(sku="X", descriptions=(Text("Dearer"),), price=price)
    monkeypatch.setattr(type(get_adapter()), "get_items", lambda self, refs, pricing: [dearer for _ref in refs])
    monkeypatch.setattr(type(get_adapter()), "get_item", lambda self, ref, pricing, quantity=1: dearer)
    run_due()
    order.refresh_from_db()
    assert (order.state, codes(order), differences(order)) == (HELD, {Reason.TODAY_DIFFERS}, {"price_aged"})
    assert not Order.objects.exists()


def test_another_customers_cart_is_nobodys(client, line):
    theirs = line(connect("rival", mode=Mode.PRODUCTION))
    make(OrderRule.HOLD)
    _code, order = taken(client, theirs)
    assert (codes(order), order.lines.get().quote_line) == ({Reason.NO_QUOTE}, None)


def test_one_auxiliary_id_on_all_lines_is_told_apart_by_part(client, line):
    buyer = make(OrderRule.HOLD)
    first = line(buyer)
    auxiliary_id = QuoteLine.objects.get().auxiliary_id
    _code, order = taken(client, first, item_out(2, "OTHER", "1", "1", auxiliary_id=auxiliary_id))
    assert "part_changed" in differences(order)


def test_new_delivery_address_waits_for_somebody(client, line):
    buyer = make(OrderRule.HOLD)
    taken(client, line(buyer))
    elsewhere = SHIP_TO.replace("Harbour Road 1", "Back Alley 13")
    _code, order = taken(client, line(buyer), number="PO-2", header=elsewhere)
    assert (order.state, codes(order)) == (HELD, {Reason.SHIP_TO})


def test_total_that_is_not_the_sum_waits_for_somebody(client, line):
    buyer = make(OrderRule.HOLD)
    _code, order = taken(client, line(buyer), total="1000")
    assert codes(order) == {Reason.TOTAL}


def test_blanket_order_waits_whatever_the_rule(client, db):
    make(OrderRule.ACCEPT)
    _code, order = taken(client, item_out(1, "X", "1", "1"), attributes=' orderType="blanket"')
    assert (order.state, codes(order)) == (HELD, {Reason.ORDER_TYPE})


def test_key_that_was_in_an_address_signs_nothing_by_itself(client, db):
    buyer = make(OrderRule.ACCEPT)
    note_in_address(buyer.credential, at=timezone.now())
    _code, order = taken(client, item_out(1, "X", "1", "1"))
    assert (order.state, codes(order)) == (HELD, {Reason.KEY_IN_ADDRESS})


# Who, and in which mode


def test_changes_are_refused_where_none_are_taken(client, db):
    make(OrderRule.ACCEPT, takes_changes=False)
    assert taken(client, item_out(1, "X", "1", "1"))[0] == 200
    assert post(client, order_request(action="update", version="2")).code == 450
    assert post(client, order_request(action="delete")).code == 450


@pytest.mark.parametrize(("link", "status"), [({"is_active": False}, 403), ({"live": False}, 403)])
def test_link_that_is_off_takes_no_orders(client, db, link, status):
    make(OrderRule.ACCEPT, **link)
    assert post(client, order_request()).code == status
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("secret_mode", "deployment_mode", "group_mode", "mode"),
    [
        ("production", "production", "production", "production"),
        ("production", "test", "production", "test"),
        ("test", "production", "production", "test"),
        ("test", "test", "production", "test"),
        ("production", "production", "test", "test"),
    ],
)
def test_whoever_says_test_makes_it_one(client, db, secret_mode, deployment_mode, group_mode, mode):
    buyer = connect("acme", mode=secret_mode, order_rule=OrderRule.ACCEPT)
    CustomerGroup.objects.update(mode=group_mode)
    post(client, order_request(deployment_mode=deployment_mode))
    assert PurchaseOrder.objects.get().mode == mode
    run_due()
    assert Order.objects.exists() is (mode == "production")
    assert buyer


def test_disagreement_is_refused_where_the_link_wants_it(client, db):
    connect("acme", mode=Mode.TEST, mode_conflict=ModeConflict.REFUSE)
    answer = post(client, order_request(deployment_mode="production"))
    assert (answer.code, "secret of the same mode" in answer.sentence) == (403, True)
    assert post(client, order_request(deployment_mode="test")).code == 200


def test_same_number_in_test_and_production_are_two_orders(client, db):
    buyer = make(OrderRule.ACCEPT)
    add_credential(buyer.customer, secret="for tests", mode=Mode.TEST)
    post(client, order_request())
    post(client, order_request(secret="for tests", payload_id="2@buyer"))
    assert {each.mode for each in PurchaseOrder.objects.all()} == {"test", "production"}


def test_same_number_of_two_buyers_are_two_orders(client, db):
    make(OrderRule.ACCEPT)
    post(client, order_request(from_identity="one"))
    assert post(client, order_request(from_identity="two", payload_id="2@buyer")).code == 200
    assert PurchaseOrder.objects.count() == 2


def test_constant_payload_id_swallows_no_order(client, db):
    make(OrderRule.ACCEPT)
    for number in ("PO-1", "PO-2"):
        assert post(client, order_request(number, payload_id="always@the.same")).code == 200
    assert PurchaseOrder.objects.count() == 2


def test_retry_with_a_rotated_secret_is_a_retry(client, db):
    buyer = make(OrderRule.ACCEPT)
    first = post(client, order_request())
    add_credential(buyer.customer, secret="the next one", mode=Mode.PRODUCTION, slot=2)
    assert post(client, order_request(secret="the next one")).raw == first.raw
    assert PurchaseOrder.objects.count() == 1


# Too large, and too strange


def test_large_order_of_a_known_sender_is_taken(client, db):
    make(OrderRule.ACCEPT)
    lines = [item_out(number, f"P-{number}", "1", "1.00", text="x" * 300) for number in range(1, 2001)]
    document = order_request(lines=lines)
    assert len(document) > 1024 * 1024
    assert post(client, document).code == 200
    assert PurchaseOrder.objects.get().line_count == 2000


def test_large_document_of_a_stranger_is_not_read(client, db):
    make(OrderRule.ACCEPT)
    lines = [item_out(1, "P", "1", "1.00", text="x" * 1_200_000)]
    assert post(client, order_request(lines=lines, secret="wrong")).code == 401
    junk = "<cXML>" + "<a/>" * 400_000
    assert post(client, junk).code == 499
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("document", "code", "says"),
    [
        (order_request(""), 400, "orderID"),
        (order_request("x" * 256), 400, "255"),
        (order_request(version="one"), 400, "orderVersion"),
        (order_request().replace('type="new"', 'type="gift"'), 400, "new, update or delete"),
        (order_request(lines=[item_out(1, "X", "-1", "1")]), 400, "quantity"),
        (order_request(lines=[item_out(1, "X", "", "1")]), 400, "quantity"),
        (order_request(lines=[item_out(1, "X", "1", "1,5")]), 400, "number"),
        (order_request(lines=[item_out(1, "X", "1", "9" * 25)]), 400, "more than is taken"),
        (order_request().replace("OrderRequestHeader", "Header"), 400, "OrderRequestHeader"),
    ],
)
def test_order_that_cannot_be_one_is_told_why(client, db, document, code, says):
    make(OrderRule.ACCEPT)
    answer = post(client, document)
    assert (answer.code, says in answer.sentence) == (code, True), answer.sentence
    assert not PurchaseOrder.objects.exists()


def test_what_a_database_cannot_keep_is_left_out(client, db):
    make(OrderRule.ACCEPT)
    assert post(client, order_request(lines=[item_out(1, "X", "1", "1", text="a&#x85;b")])).code == 200


def test_query_count_does_not_grow_with_lines(client, db, django_assert_max_num_queries):
    make(OrderRule.ACCEPT)
    post(client, order_request("warm"))
    with django_assert_max_num_queries(34):
        post(client, order_request("many", lines=[item_out(number, "X", "1", "1") for number in range(1, 400)]))
