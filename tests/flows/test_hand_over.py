from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from demo_site.shop.models import Order
from tests.connections import connect, post
from tests.order_documents import item_out, order_request
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import decide, outbox
from wagtail_punchout.flows.hand_over import hand_over, queue_hand_over
from wagtail_punchout.flows.work import run_due
from wagtail_punchout.models import HandOver, Mode, OrderState, PurchaseOrder, Reason
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.models.outbox import WorkState
from wagtail_punchout.shop import AdapterUnavailable, OrderNotTaken

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)


@pytest.fixture
def order(client, buyer):
    assert post(client, order_request()).code == 200
    return PurchaseOrder.objects.get()


def claim():
    return outbox.claim(HandOver.objects.all(), at=timezone.now())


def attempt(work):
    hand_over(work, adapter=get_adapter(), at=timezone.now())


def test_order_becomes_one_of_the_shop(order):
    assert run_due() == 1
    order.refresh_from_db()
    placed = Order.objects.get()
    assert (order.state, order.shop_number) == (OrderState.HANDED_OVER, placed.number)
    assert (placed.reference, placed.lines.get().quantity) == ("PO-1", 2)
    assert run_due() == 0


def test_worker_that_died_after_the_shop_had_it_makes_no_second_order(order):
    work = claim()
    attempt(work)
    # What it wrote is lost, as if it had been killed between the shop's commit and ours.
    PurchaseOrder.objects.update(state=OrderState.ACCEPTED, shop_number="", handed_over_at=None)
    HandOver.objects.update(state=WorkState.RUNNING, lease_until=timezone.now() - timedelta(seconds=1))
    assert run_due() == 1
    order.refresh_from_db()
    assert (Order.objects.count(), order.state) == (1, OrderState.HANDED_OVER)


def test_two_workers_do_not_take_the_same_work(order):
    assert claim() is not None
    assert claim() is None


def test_result_of_a_worker_whose_claim_has_ended_is_not_written(order):
    slow = claim()
    HandOver.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_due() == 1
    assert not outbox.again_later(slow, "late", at=timezone.now()) or HandOver.objects.get().state == WorkState.DONE
    assert HandOver.objects.get().state == WorkState.DONE


def test_shop_that_cannot_be_asked_is_asked_again(order, monkeypatch):
    def away(self, order):
        raise AdapterUnavailable("The ERP sleeps.")

    monkeypatch.setattr(type(get_adapter()), "place_order", away)
    run_due()
    work = HandOver.objects.get()
    assert (work.state, work.last_error) == (WorkState.WAITING, "The ERP sleeps.")
    assert work.due_at > timezone.now() + timedelta(seconds=40)


def test_crash_of_the_shop_is_no_crash_of_the_queue(order, monkeypatch):
    monkeypatch.setattr(type(get_adapter()), "place_order", lambda self, order: 1 / 0)
    run_due()
    assert "ZeroDivisionError" in HandOver.objects.get().last_error


def test_shop_that_has_failed_for_days_calls_a_person(order, monkeypatch):
    monkeypatch.setattr(type(get_adapter()), "place_order", lambda self, order: 1 / 0)
    HandOver.objects.update(attempts=len(outbox.BACKOFF))
    run_due()
    order.refresh_from_db()
    assert HandOver.objects.get().state == WorkState.FAILED
    assert (order.state, order.reasons[0]["code"]) == (OrderState.HELD, Reason.HAND_OVER_FAILED)


def test_shop_that_does_not_take_it_says_why(order, monkeypatch):
    def refuse(self, order):
        raise OrderNotTaken("We do not deliver to islands.")

    monkeypatch.setattr(type(get_adapter()), "place_order", refuse)
    run_due()
    order.refresh_from_db()
    assert order.reasons == [{"code": Reason.SHOP_REFUSED, "said": "We do not deliver to islands."}]


def test_shop_without_orders_leaves_them_here(order, monkeypatch):
    monkeypatch.setattr(type(get_adapter()), "place_order", lambda self, order: None)
    run_due()
    order.refresh_from_db()
    assert (order.state, HandOver.objects.get().state) == (OrderState.ACCEPTED, WorkState.DONE)


def test_change_while_the_shop_works_is_not_lost(client, order, monkeypatch):
    place = type(get_adapter()).place_order

    def slow(self, incoming):
        post(client, order_request(action="update", version="2", lines=[item_out(1, "MUG-BLUE", "5", "4.50")]))
        return place(self, incoming)

    monkeypatch.setattr(type(get_adapter()), "place_order", slow)
    run_due()
    order.refresh_from_db()
    assert (order.state, order.version, order.handed_version) == (OrderState.HANDED_OVER, 2, 1)
    assert order.reasons[0]["code"] == Reason.CHANGED_AFTER_HAND_OVER


def test_cancellation_while_the_shop_works_is_not_lost(client, order, monkeypatch):
    place = type(get_adapter()).place_order

    def slow(self, incoming):
        post(client, order_request(action="delete"))
        return place(self, incoming)

    monkeypatch.setattr(type(get_adapter()), "place_order", slow)
    run_due()
    order.refresh_from_db()
    assert order.state == OrderState.HANDED_OVER
    assert order.reasons[0]["code"] == Reason.CANCELLED_AFTER_HAND_OVER


def test_change_reaches_the_shop_when_a_person_wants_it(client, order):
    run_due()
    post(client, order_request(action="update", version="2", lines=[item_out(1, "MUG-BLUE", "5", "4.50")]))
    order.refresh_from_db()
    queue_hand_over(order, "change", at=timezone.now())
    run_due()
    order.refresh_from_db()
    assert (Order.objects.get().lines.get().quantity, order.needs_person, order.handed_version) == (5, False, 2)


def test_cancellation_reaches_the_shop_when_a_person_wants_it(client, order):
    run_due()
    post(client, order_request(action="delete"))
    order.refresh_from_db()
    queue_hand_over(order, "cancel", at=timezone.now())
    run_due()
    order.refresh_from_db()
    assert (Order.objects.get().state, order.state, order.needs_person) == ("cancelled", OrderState.CANCELLED, False)


def test_cancelled_order_is_not_handed_over(client, order):
    post(client, order_request(action="delete"))
    assert run_due() == 0
    assert not Order.objects.exists()


def test_test_order_reaches_the_shop_by_no_way(client, buyer):
    post(client, order_request(deployment_mode="test"))
    order = PurchaseOrder.objects.get()
    assert queue_hand_over(order, at=timezone.now()) is None
    HandOver.objects.create(order=order)  # as somebody might do by hand
    run_due()
    assert (Order.objects.count(), HandOver.objects.get().state) == (0, WorkState.STOPPED)


def test_price_of_today_holds_an_order_where_the_link_wants_it(client, db, goods):
    connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.HOLD)
    post(client, order_request())
    order = PurchaseOrder.objects.get()
    assert (order.state, order.reasons) == (OrderState.HELD, [{"code": Reason.NO_QUOTE}])


# What nobody wants any more, and the shop may have


def refused_while_asking(order, monkeypatch) -> None:
    place, clerk = type(get_adapter()).place_order, get_user_model().objects.create_user("clerk")

    def slow(self, incoming):
        decide.refuse(order, "No", by=clerk, at=timezone.now())
        return place(self, incoming)

    monkeypatch.setattr(type(get_adapter()), "place_order", slow)
    run_due()
    order.refresh_from_db()


def test_order_refused_while_the_shop_takes_it_can_be_cancelled_there(order, monkeypatch):
    refused_while_asking(order, monkeypatch)
    assert (order.state, order.has_reason(Reason.REFUSED_MEANWHILE)) == (OrderState.HANDED_OVER, True)
    decide.cancel_in_shop(order, by=None, at=timezone.now())
    run_due()
    order.refresh_from_db()
    assert (order.state, order.reasons, Order.objects.get().state) == (OrderState.CANCELLED, [], "cancelled")


@pytest.mark.parametrize("end", [TimeoutError("the answer was lost"), KeyboardInterrupt()], ids=["lost", "killed"])
@pytest.mark.parametrize("changed_first", [False, True])
def test_order_cancelled_while_the_shops_answer_is_unknown_calls_a_person(
    client, order, monkeypatch, end, changed_first
):
    place = type(get_adapter()).place_order

    def cut_off(self, incoming):
        place(self, incoming)
        raise end

    monkeypatch.setattr(type(get_adapter()), "place_order", cut_off)
    with suppress(KeyboardInterrupt):
        run_due()
    if changed_first:
        post(client, order_request(action="update", version="2", lines=[item_out(1, "MUG-BLUE", "5", "4.50")]))
    post(client, order_request(action="delete", version="3"))
    before = timezone.now() - timedelta(seconds=1)
    HandOver.objects.update(lease_until=before, due_at=before)
    run_due()
    order.refresh_from_db()
    assert (order.state, order.has_reason(Reason.MAY_BE_IN_SHOP), order.needs_person) == ("cancelled", True, True)


def test_order_cancelled_before_the_shop_was_asked_calls_nobody(client, order):
    post(client, order_request(action="delete"))
    order.refresh_from_db()
    assert (order.state, order.reasons, order.needs_person) == (OrderState.CANCELLED, [], False)
