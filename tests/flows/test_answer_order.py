from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import connect, post
from tests.order_documents import item_out, order_request
from tests.shared import DTDS, needs_shared
from wagtail_punchout.flows.answer_order import (
    OrderNotAnswerable,
    confirm_order,
    credit_invoice,
    left_to,
    notify_shipment,
    rehearse,
    send_invoice,
    update_status,
)
from wagtail_punchout.flows.order_documents import send_again
from wagtail_punchout.models import Delivery, Mode, OrderState, PurchaseOrder
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.models.outbox import SECRET_PLACEHOLDER, WorkState
from wagtail_punchout.protocol.cxml import dtd, tree
from wagtail_punchout.protocol.fulfilment import ConfirmationKind, LineState, StateKind
from wagtail_punchout.protocol.money import Money

pytestmark = pytest.mark.django_db

NOW = timezone.now()
MODULES = {"ConfirmationRequest": "Fulfill", "ShipNoticeRequest": "Fulfill", "InvoiceDetailRequest": "InvoiceDetail"}


@pytest.fixture
def buyer(db):
    return connect(
        "acme",
        mode=Mode.PRODUCTION,
        order_rule=OrderRule.ACCEPT,
        documents_url="https://buyer.example/documents",
        sends_status_update=True,
        sends_invoice=True,
    )


@pytest.fixture
def order(client, buyer):
    lines = [item_out(1, "MUG-BLUE", "2", "4.50"), item_out(2, "MUG-RED", "10", "1.20", unit="BX")]
    assert post(client, order_request(lines=lines)).code == 200
    return PurchaseOrder.objects.get()


def body_of(delivery: Delivery):
    """The one element in its Request."""
    return tree.parse(delivery.body.encode()).root.find("Request")[0]


def documents(order):
    states = {1: [LineState(kind=StateKind.BACKORDERED, quantity=Decimal(2), delivery_date=NOW, comment="Soon & safe")]}
    yield confirm_order(order, at=NOW)
    yield confirm_order(order, at=NOW, states=states, comment="<b>")
    yield confirm_order(order, at=NOW, kind=ConfirmationKind.REJECT)
    yield notify_shipment(order, at=NOW, quantities={1: Decimal(1)}, carrier="Kite Post", tracking_numbers=["K1"])
    yield notify_shipment(order, at=NOW)
    yield send_invoice(order, at=NOW, tax_percent=Decimal(19), quantities={2: Decimal(3)}, shipping=Decimal("4.90"))
    yield send_invoice(order, at=NOW, tax_percent=Decimal("0"))
    whole = order.deliveries.get(number="PO-1-I1")
    yield credit_invoice(whole, at=NOW, quantities={2: Decimal("0.5")}, shipping=Decimal("1.50"), comment="Broken")
    yield update_status(order, 200, "It is on its way.", at=NOW)


@needs_shared
@pytest.mark.parametrize("version", ["1.2.048", "1.2.071"])
def test_documents_are_valid(order, version):
    for each in documents(order):
        module = MODULES.get(each.kind, "cXML")
        assert dtd.problems(each.body.encode(), DTDS, version, module) == [], each


def test_secret_stands_in_no_waiting_document(order, buyer):
    for each in documents(order):
        assert SECRET_PLACEHOLDER in each.body
        assert buyer.secret not in each.body


def test_document_names_the_order_as_the_buyer_does(order):
    reference = body_of(confirm_order(order, at=NOW)).find("OrderReference")
    assert reference.attrib == {"orderID": "PO-1", "orderDate": "2026-11-26T09:59:00+00:00"}
    assert reference.find("DocumentReference").get("payloadID") == "PO-1.1.new@buyer.example.com"


def test_later_confirmation_replaces_the_earlier_one(order):
    first, second = confirm_order(order, at=NOW), confirm_order(order, at=NOW, kind=ConfirmationKind.REJECT)
    header = body_of(second).find("ConfirmationHeader")
    assert header.get("operation") == "update"
    assert header.find("DocumentReference").get("payloadID") == first.payload_id
    assert second.number == first.number


def test_confirmation_that_never_arrived_is_replaced_by_none(order):
    confirm_order(order, at=NOW)
    Delivery.objects.update(state=WorkState.FAILED)
    assert body_of(confirm_order(order, at=NOW)).find("ConfirmationHeader").get("operation") == "new"


def test_document_that_was_replaced_is_not_sent_again(order):
    first = notify_shipment(order, at=NOW, quantities={2: Decimal(6)})
    Delivery.objects.update(state=WorkState.FAILED)
    notify_shipment(order, at=NOW, quantities={2: Decimal(6)})
    first.refresh_from_db()
    with pytest.raises(OrderNotAnswerable, match="said this since"):
        send_again(first, at=NOW)


def test_document_of_other_goods_is_sent_again(order):
    first = notify_shipment(order, at=NOW, quantities={2: Decimal(4)})
    Delivery.objects.update(state=WorkState.FAILED)
    notify_shipment(order, at=NOW, quantities={2: Decimal(6)})
    first.refresh_from_db()
    assert send_again(first, at=NOW)


def test_confirmation_that_a_later_one_replaces_is_not_sent_again(order):
    first = confirm_order(order, at=NOW)
    Delivery.objects.update(state=WorkState.STOPPED)
    confirm_order(order, at=NOW, kind=ConfirmationKind.REJECT)
    first.refresh_from_db()
    with pytest.raises(OrderNotAnswerable):
        send_again(first, at=NOW)


def test_changed_order_is_confirmed_anew(client, order):
    first = confirm_order(order, at=NOW)
    lines = [item_out(1, "MUG-BLUE", "1", "4.50")]
    post(client, order_request(lines=lines, action="update", version="2"))
    second = confirm_order(order, at=NOW)
    body = body_of(second)
    assert body.find("ConfirmationHeader").get("operation") == "new"
    assert body.find(".//DocumentReference").get("payloadID") == "PO-1.2.update@buyer.example.com"
    assert second.number != first.number


def part(kind: StateKind, quantity: str, **facts) -> LineState:
    return LineState(kind=kind, quantity=Decimal(quantity), **facts)


@pytest.mark.parametrize("quantities", [["1"], ["3"], ["3", "-1"], ["2", "0"], []])
def test_quantities_of_a_line_must_add_up(order, quantities):
    with pytest.raises(OrderNotAnswerable, match="add up to 2"):
        confirm_order(order, at=NOW, states={1: [part(StateKind.REJECT, each) for each in quantities]})
    assert not Delivery.objects.exists()


def test_lines_as_ordered_are_no_exceptions(order):
    states = {1: [part(StateKind.ACCEPT, "2")], 2: [part(StateKind.ACCEPT, "10", comment="Fresh")]}
    body = body_of(confirm_order(order, at=NOW, states=states))
    assert [each.get("lineNumber") for each in body.iterfind("ConfirmationItem")] == ["2"]
    assert body.findtext(".//ConfirmationStatus/Comments") == "Fresh"
    accepted = body_of(confirm_order(order, at=NOW, states={1: states[1]}))
    assert accepted.find("ConfirmationHeader").get("type") == "accept"


def test_details_name_what_they_are_asked_for(order):
    states = {1: [part(StateKind.ACCEPT, "2")]}
    body = body_of(confirm_order(order, at=NOW, kind=ConfirmationKind.DETAIL, states=states))
    assert body.find("ConfirmationHeader").get("type") == "detail"
    assert len(body.findall("ConfirmationItem")) == 1
    with pytest.raises(OrderNotAnswerable, match="Nothing is said"):
        confirm_order(order, at=NOW, kind=ConfirmationKind.DETAIL)


def test_freight_and_tax_of_the_whole_are_confirmed(order):
    sums = {
        "total": Money(Decimal(21), "EUR"),
        "shipping": Money(Decimal("4.90"), "EUR"),
        "tax": Money(Decimal(5), "EUR"),
    }
    header = body_of(confirm_order(order, at=NOW, **sums)).find("ConfirmationHeader")
    assert {each.tag: each.findtext("Money") for each in header} == {"Total": "21", "Shipping": "4.90", "Tax": "5"}


@pytest.mark.parametrize("state", [OrderState.HELD, OrderState.REFUSED])
def test_what_nobody_has_accepted_can_only_be_rejected(order, state):
    PurchaseOrder.objects.update(state=state)
    some = {1: [part(StateKind.REJECT, "2")]}
    for facts in ({}, {"states": some}, {"kind": ConfirmationKind.REJECT, "states": some}):
        with pytest.raises(OrderNotAnswerable, match="only be rejected"):
            confirm_order(order, at=NOW, **facts)
    assert confirm_order(order, at=NOW, kind=ConfirmationKind.REJECT).event == "reject"
    every = {**some, 2: [part(StateKind.REJECT, "10", comment="Sold out")]}
    assert confirm_order(order, at=NOW, states=every).event == "except"


@pytest.mark.parametrize("send", [notify_shipment, partial(send_invoice, tax_percent=Decimal(19))])
def test_cancelled_order_is_neither_shipped_nor_invoiced(order, send):
    PurchaseOrder.objects.update(state=OrderState.CANCELLED)
    with pytest.raises(OrderNotAnswerable, match="cancelled"):
        send(order, at=NOW)


def test_line_that_is_not_there_is_refused(order):
    for send in (notify_shipment, partial(send_invoice, tax_percent=Decimal(19))):
        with pytest.raises(OrderNotAnswerable, match="no line 7"):
            send(order, at=NOW, quantities={7: Decimal(1)})
    with pytest.raises(OrderNotAnswerable, match="no line 7"):
        confirm_order(order, at=NOW, states={7: [part(StateKind.REJECT, "1")]})


@pytest.mark.parametrize("said", [{"carrier": "Kite Post"}, {"scac": "KITE"}, {"tracking_numbers": ["K1"]}])
def test_carrier_and_tracking_number_need_each_other(order, said):
    with pytest.raises(OrderNotAnswerable, match="need each other"):
        notify_shipment(order, at=NOW, **said)


def test_numbers_are_unique_to_the_customer(client, buyer, order):
    post(client, order_request(from_identity="other"))
    other = PurchaseOrder.objects.exclude(pk=order.pk).get(number="PO-1")
    numbers = [notify_shipment(each, at=NOW).number for each in (order, other)]
    assert numbers == ["PO-1-S1", "PO-1-S2"]


def test_parts_of_a_priced_bundle_are_shipped_but_not_paid_again(client, buyer):
    bundle = item_out(1, "KIT", "1", "100").replace(
        "<ItemOut ", '<ItemOut compositeItemType="groupLevel" itemType="composite" '
    )
    child = item_out(2, "LEG", "4", "25").replace("<ItemOut ", '<ItemOut itemType="item" parentLineNumber="1" ')
    assert post(client, order_request(lines=[bundle, child])).code == 200
    order = PurchaseOrder.objects.get()
    assert left_to(order, "ShipNoticeRequest") == {1: 1, 2: 4}
    assert left_to(order, "InvoiceDetailRequest") == {1: 1, 2: 0}
    assert send_invoice(order, at=NOW, tax_percent=Decimal(0)).data["total"] == "100.00"


def test_price_for_a_hundred_is_paid_by_the_piece(client, buyer):
    basis = (
        '<PriceBasisQuantity quantity="100" conversionFactor="1"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>'
    )
    line = item_out(1, "NUT", "250", "3.00").replace("<Classification", f"{basis}<Classification")
    assert post(client, order_request(lines=[line])).code == 200
    assert send_invoice(PurchaseOrder.objects.get(), at=NOW, tax_percent=Decimal(0)).data["total"] == "7.50"


def test_rehearsal_leaves_nothing_behind(order):
    document = rehearse(partial(confirm_order, order, at=NOW))
    assert body_of(document).find("ConfirmationHeader").get("type") == "accept"
    assert not Delivery.objects.exists()
    assert not ModelLogEntry.objects.filter(action="wagtail_punchout.order_answered").exists()
    assert confirm_order(order, at=NOW).number == document.number


def test_sender_is_who_the_buyer_wrote_to(order):
    header = tree.parse(confirm_order(order, at=NOW).body.encode()).root.find("Header")
    identities = {each: header.findtext(f"{each}/Credential/Identity") for each in ("From", "To", "Sender")}
    assert identities == {"From": "123456789", "To": "buyer", "Sender": "123456789"}


def test_answer_stands_in_the_history(order, admin_user):
    notify_shipment(order, at=NOW, by=admin_user)
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.order_answered")
    assert (entry.user, entry.data["document"]) == (admin_user, "ShipNoticeRequest PO-1-S1")


def test_no_more_is_shipped_than_was_ordered(order):
    notify_shipment(order, at=NOW, quantities={2: Decimal(4)})
    assert left_to(order, "ShipNoticeRequest") == {1: 2, 2: 6}
    with pytest.raises(OrderNotAnswerable, match="at most 6"):
        notify_shipment(order, at=NOW, quantities={2: Decimal(7)})
    whole = notify_shipment(order, at=NOW)
    assert body_of(whole).find("ShipNoticeHeader").get("fulfillmentType") == "complete"
    with pytest.raises(OrderNotAnswerable, match="nothing left"):
        notify_shipment(order, at=NOW)


def test_invoice_adds_up(order):
    body = body_of(send_invoice(order, at=NOW, tax_percent=Decimal(19), shipping=Decimal("4.90")))
    summary = body.find("InvoiceDetailSummary")
    said = {each.tag: each.findtext("Money") for each in summary}
    assert (said["SubtotalAmount"], said["Tax"], said["GrossAmount"]) == ("21.00", "4.92", "30.82")


def test_invoice_number_is_used_once(order):
    send_invoice(order, at=NOW, tax_percent=Decimal(19), number="R-1", quantities={1: Decimal(1)})
    with pytest.raises(OrderNotAnswerable, match="R-1 already"):
        send_invoice(order, at=NOW, tax_percent=Decimal(19), number="R-1", quantities={1: Decimal(1)})


def test_credit_note_gives_back_at_the_price_of_its_invoice(order):
    sent = send_invoice(order, at=NOW, tax_percent=Decimal(19), shipping=Decimal("4.90"))
    order.lines.filter(number=2).delete()
    order.lines.update(unit_price=Decimal(99))
    credit = credit_invoice(sent, at=NOW, quantities={1: Decimal(1), 2: Decimal(10)}, shipping=Decimal("4.90"))
    body = body_of(credit)
    said = {each.tag: each.findtext("Money") for each in body.find("InvoiceDetailSummary")}
    assert (said["SubtotalAmount"], said["ShippingAmount"], said["Tax"]) == ("-16.50", "-4.90", "-4.07")
    assert said["DueAmount"] == "-25.47"
    assert body.find("InvoiceDetailRequestHeader/DocumentReference").get("payloadID") == sent.payload_id
    assert (credit.number, credit.event) == ("PO-1-CN2", "credit")


def test_no_more_is_given_back_than_was_invoiced(order):
    sent = send_invoice(order, at=NOW, tax_percent=Decimal(19), quantities={2: Decimal(4)}, shipping=Decimal(5))
    credit_invoice(sent, at=NOW, quantities={2: Decimal(3)}, shipping=Decimal(3))
    with pytest.raises(OrderNotAnswerable, match="at most 1 "):
        credit_invoice(sent, at=NOW, quantities={2: Decimal(2)})
    with pytest.raises(OrderNotAnswerable, match="freight at most 2"):
        credit_invoice(sent, at=NOW, shipping=Decimal("2.01"))
    with pytest.raises(OrderNotAnswerable, match="no line 1"):
        credit_invoice(sent, at=NOW, quantities={1: Decimal(1)})
    assert Decimal(credit_invoice(sent, at=NOW).data["lines"]["2"]) == -1
    with pytest.raises(OrderNotAnswerable, match="nothing left"):
        credit_invoice(sent, at=NOW)


def test_what_was_given_back_can_be_invoiced_again(order):
    sent = send_invoice(order, at=NOW, tax_percent=Decimal(19))
    credit_invoice(sent, at=NOW, quantities={2: Decimal(3)})
    assert left_to(order, "InvoiceDetailRequest") == {1: 0, 2: 3}


def test_only_an_invoice_that_may_have_arrived_is_credited(order):
    sent = send_invoice(order, at=NOW, tax_percent=Decimal(19))
    credit = credit_invoice(sent, at=NOW, quantities={1: Decimal(1)})
    for other in (credit, notify_shipment(order, at=NOW)):
        with pytest.raises(OrderNotAnswerable, match="is no invoice"):
            credit_invoice(other, at=NOW)
    Delivery.objects.update(state=WorkState.FAILED)
    sent.refresh_from_db()
    with pytest.raises(OrderNotAnswerable, match="never arrived"):
        credit_invoice(sent, at=NOW)


def test_currencies_are_not_added_up(order):
    order.lines.filter(number=2).update(currency="USD")
    with pytest.raises(OrderNotAnswerable, match="different currencies"):
        send_invoice(order, at=NOW, tax_percent=Decimal(19))
    assert send_invoice(order, at=NOW, tax_percent=Decimal(0), quantities={2: Decimal(1)}).data["currency"] == "USD"


def test_nothing_is_sent_of_a_test_order(client, buyer):
    post(client, order_request(deployment_mode="test"))
    order = PurchaseOrder.objects.get()
    for send in (confirm_order, notify_shipment):
        with pytest.raises(OrderNotAnswerable, match="test order"):
            send(order, at=NOW)
    assert not Delivery.objects.exists()


def test_link_decides_what_is_sent(order, buyer):
    buyer.link.sends_confirmation = False
    buyer.link.save()
    with pytest.raises(OrderNotAnswerable, match="does not send"):
        confirm_order(order, at=NOW)


def test_invoice_of_a_cancelled_order_can_be_given_back(order):
    sent = send_invoice(order, at=NOW, tax_percent=Decimal(19))
    PurchaseOrder.objects.update(state=OrderState.CANCELLED)
    assert credit_invoice(sent, at=NOW).data["credits"] == sent.payload_id
    with pytest.raises(OrderNotAnswerable):
        send_invoice(order, at=NOW, tax_percent=Decimal(19))
