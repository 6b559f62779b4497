"""What a person can do with an order, in each of its states."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import ModelLogEntry

from demo_site.shop.models import Order
from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.flows import decide
from wagtail_punchout.flows.work import run_due
from wagtail_punchout.models import Delivery, HandOver, Mode, OrderState, Reason

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HELD, ACCEPTED, IN_SHOP, REFUSED, CANCELLED = OrderState
DO = {
    "accept": lambda order, by: decide.accept(order, by=by, at=NOW),
    "hold": lambda order, by: decide.hold(order, "Wait", by=by, at=NOW),
    "refuse": lambda order, by: decide.refuse(order, "No", by=by, at=NOW),
    "again": lambda order, by: decide.hand_over_again(order, by=by, at=NOW),
    "cancel": lambda order, by: decide.cancel_in_shop(order, by=by, at=NOW),
}
NO = None
#: The state afterwards; ``NO`` where it cannot be done.
TABLE = {
    "accept": {HELD: ACCEPTED, ACCEPTED: ACCEPTED, IN_SHOP: IN_SHOP, REFUSED: ACCEPTED, CANCELLED: NO},
    "hold": {HELD: HELD, ACCEPTED: HELD, IN_SHOP: NO, REFUSED: NO, CANCELLED: NO},
    "refuse": {HELD: REFUSED, ACCEPTED: REFUSED, IN_SHOP: NO, REFUSED: REFUSED, CANCELLED: NO},
    "again": {HELD: NO, ACCEPTED: ACCEPTED, IN_SHOP: IN_SHOP, REFUSED: NO, CANCELLED: NO},
    "cancel": {HELD: NO, ACCEPTED: NO, IN_SHOP: NO, REFUSED: NO, CANCELLED: CANCELLED},
}
CASES = [(name, state, after) for name, row in TABLE.items() for state, after in row.items()]


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, documents_url="https://buyer.example/in")


@pytest.fixture
def clerk(db):
    return get_user_model().objects.create_user("clerk")


@pytest.mark.parametrize(("name", "state", "after"), CASES)
def test_each_action_in_each_state(buyer, clerk, name, state, after):
    order = make_order(buyer, state=state)
    if after is NO:
        with pytest.raises(decide.NotPossible):
            DO[name](order, clerk)
        after = state
    else:
        DO[name](order, clerk)
    order.refresh_from_db()
    assert order.state == after


@pytest.mark.parametrize(("name", "state", "after"), [case for case in CASES if case[2] is not NO])
def test_twice_is_once(buyer, clerk, name, state, after):
    order = make_order(buyer, state=state)
    DO[name](order, clerk)
    found = HandOver.objects.count(), Delivery.objects.count()
    DO[name](order, clerk)
    assert (HandOver.objects.count(), Delivery.objects.count()) == found


def test_accepted_order_goes_to_the_shop_whatever_the_rule_says(buyer, clerk):
    order = make_order(buyer, state=HELD, reasons=[{"code": "differs"}], needs_person=True)
    decide.accept(order, by=clerk, at=NOW)
    run_due()
    order.refresh_from_db()
    assert (order.state, order.needs_person, Order.objects.count()) == (IN_SHOP, False, 1)


def test_held_order_does_not_go(buyer, clerk):
    order = make_order(buyer)
    decide.hand_over_again(order, by=clerk, at=NOW)
    decide.hold(order, "Ask the boss", by=clerk, at=NOW)
    run_due()
    order.refresh_from_db()
    assert (order.state, order.reasons) == (HELD, [{"code": Reason.BY_HAND, "said": "Ask the boss"}])
    assert not Order.objects.exists()


def test_refusal_can_be_told(buyer, clerk):
    decide.refuse(make_order(buyer), "Out of business", by=clerk, at=NOW, tell_buyer=True)
    assert (Delivery.objects.get().kind, Delivery.objects.get().event) == ("ConfirmationRequest", "reject")


def test_refusal_tells_nobody_by_itself(buyer, clerk):
    decide.refuse(make_order(buyer), "No", by=clerk, at=NOW)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", DO)
@pytest.mark.parametrize("state", [HELD, ACCEPTED, REFUSED, CANCELLED])
def test_no_action_takes_a_test_order_to_the_shop(buyer, clerk, name, state):
    order = make_order(buyer, mode=Mode.TEST, state=state)
    with suppress(decide.NotPossible):
        DO[name](order, clerk)
    run_due()
    assert not Order.objects.exists()
    assert not HandOver.objects.exists()
    assert not Delivery.objects.exists()


def test_who_decided_stays_in_the_history(buyer, clerk):
    decide.accept(make_order(buyer, state=HELD), by=clerk, at=NOW)
    assert ModelLogEntry.objects.get(action="wagtail_punchout.order_accepted").user == clerk


@pytest.mark.parametrize("name", ["accept", "refuse"])
def test_nobody_decides_on_a_version_they_have_not_seen(buyer, clerk, name):
    seen = make_order(buyer, state=HELD)
    type(seen).objects.update(version=2)
    with pytest.raises(decide.NotPossible, match="look again"):
        DO[name](seen, clerk)
    seen.refresh_from_db()
    assert seen.state == HELD


def test_looking_at_a_cancelled_order_forgets_not_that_it_is_cancelled(buyer, clerk):
    order = make_order(buyer, state=IN_SHOP, reasons=[{"code": Reason.CANCELLED_AFTER_HAND_OVER}], needs_person=True)
    order = decide.look_at(order, by=clerk, at=NOW)
    assert (order.needs_person, order.is_cancelled, decide.can_cancel_in_shop(order)) == (False, True, True)
    order.drop_reasons(Reason.CONFLICT)
    assert not order.needs_person
