from __future__ import annotations

import pytest
from django.utils import timezone

from tests.connections import connect, post
from tests.order_documents import LINE, item_out, order_request
from wagtail_punchout.flows import decide
from wagtail_punchout.flows.erp_clients import CannotAcknowledge, acknowledge
from wagtail_punchout.models import (
    CustomerGroup,
    ErpClient,
    HandOver,
    Mode,
    OrderDocument,
    OrderState,
    PurchaseOrder,
    Reason,
)
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.models.outbox import WorkState

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(db):
    """Customers of this link are asked nothing."""
    return connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)


def test_order_is_in_the_database_when_the_answer_leaves(client, buyer):
    answer = post(client, order_request())
    assert answer.code == 200
    order = PurchaseOrder.objects.get()
    assert (order.number, order.state, order.line_count) == ("PO-1", OrderState.ACCEPTED, 1)
    line = order.lines.get()
    assert (line.sku, line.quantity, line.unit_price) == (LINE[0], 2, 4.5)
    assert HandOver.objects.get().order == order


def test_same_document_gets_the_same_answer(client, buyer):
    first, again = post(client, order_request()), post(client, order_request())
    assert first.raw == again.raw
    assert PurchaseOrder.objects.count() == OrderDocument.objects.count() == HandOver.objects.count() == 1


def test_other_content_under_the_same_number_is_refused(client, buyer):
    post(client, order_request())
    answer = post(client, order_request(lines=[item_out(1, "MUG-BLUE", "200", "4.50")]))
    assert answer.code == 409
    assert PurchaseOrder.objects.get().lines.get().quantity == 2


def test_test_order_is_not_queued(client, buyer):
    assert post(client, order_request(deployment_mode="test")).code == 200
    order = PurchaseOrder.objects.get()
    assert (order.mode, HandOver.objects.count()) == (Mode.TEST, 0)


def test_order_that_was_tried_in_test_mode_comes_again_for_real(client, buyer):
    CustomerGroup.objects.update(mode=Mode.TEST)
    assert post(client, order_request()).code == 200
    CustomerGroup.objects.update(mode=Mode.PRODUCTION)
    for _ in range(2):
        assert post(client, order_request()).code == 200
    assert sorted(PurchaseOrder.objects.values_list("mode", flat=True)) == [Mode.PRODUCTION, Mode.TEST]
    assert HandOver.objects.get().order.mode == Mode.PRODUCTION


def test_second_cancellation_cancels_what_was_accepted_in_between(client, buyer):
    post(client, order_request())
    post(client, order_request(action="delete", payload_id="d1"))
    post(client, order_request(version="2", payload_id="n2"))
    order = decide.accept(PurchaseOrder.objects.get(), by=None, at=timezone.now())
    post(client, order_request(action="delete", payload_id="d2"))
    order.refresh_from_db()
    assert (order.state, HandOver.objects.get().state) == (OrderState.CANCELLED, WorkState.STOPPED)


def test_change_back_is_applied_and_held(client, buyer):
    post(client, order_request())
    for number, quantity in enumerate(("5", "10", "5")):
        lines = [item_out(1, "MUG-BLUE", quantity, "4.50")]
        post(client, order_request(action="update", lines=lines, payload_id=f"u{number}"))
    order = PurchaseOrder.objects.get()
    assert (order.lines.get().quantity, order.state, order.has_reason(Reason.BACK)) == (5, OrderState.HELD, True)


def test_change_of_an_acknowledged_order_waits_for_the_erp_again(client, buyer):
    post(client, order_request())
    erp = ErpClient.objects.create(name="ERP", mode=Mode.PRODUCTION, token_hash="x")
    acknowledge(erp, PurchaseOrder.objects.get(), "A-1", at=timezone.now())
    post(client, order_request(action="update", version="2", lines=[item_out(1, "MUG-BLUE", "50", "4.50")]))
    order = PurchaseOrder.objects.get()
    assert (order.acknowledged_at, order.erp_number, order.has_reason(Reason.AFTER_ERP)) == (None, "A-1", True)
    order = acknowledge(erp, order, "A-1", at=timezone.now())
    assert (order.acknowledged_at is None, order.has_reason(Reason.AFTER_ERP), order.needs_person) == (False,) * 3
    with pytest.raises(CannotAcknowledge):
        acknowledge(erp, order, "A-2", at=timezone.now())
