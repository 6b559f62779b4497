"""Documents about an order, on their way: what all of them need before and after their own words are found."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from lxml.etree import _Element
from wagtail.log_actions import log

from wagtail_punchout.conf import conf
from wagtail_punchout.flows import outbox
from wagtail_punchout.models import Delivery, OrderLine, OrderState, PurchaseOrder
from wagtail_punchout.models.outbox import SECRET_PLACEHOLDER, WorkState
from wagtail_punchout.protocol.cxml import envelope, timestamps
from wagtail_punchout.protocol.cxml.fulfilment_parts import DTD_VERSION
from wagtail_punchout.protocol.fulfilment import OrderReference

USER_AGENT = "wagtail_punchout"
CONFIRMATION, SHIP_NOTICE, STATUS_UPDATE, INVOICE = (
    "ConfirmationRequest",
    "ShipNoticeRequest",
    "StatusUpdateRequest",
    "InvoiceDetailRequest",
)
#: Which of a link's switches lets which document go.
SWITCHES = {
    CONFIRMATION: "sends_confirmation",
    SHIP_NOTICE: "sends_ship_notice",
    STATUS_UPDATE: "sends_status_update",
    INVOICE: "sends_invoice",
}
#: In which states an order can be told what.
STATES = {
    CONFIRMATION: (OrderState.ACCEPTED, OrderState.HANDED_OVER, OrderState.HELD, OrderState.REFUSED),
    SHIP_NOTICE: (OrderState.ACCEPTED, OrderState.HANDED_OVER),
    STATUS_UPDATE: tuple(OrderState),
    INVOICE: (OrderState.ACCEPTED, OrderState.HANDED_OVER),
}
#: What never arrived says nothing of the order.
LOST = (WorkState.FAILED, WorkState.STOPPED)


class OrderNotAnswerable(Exception):
    """This document cannot be sent of this order; the text says why, to staff."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One document about to be queued; ``quantities`` are kept by line number."""

    kind: str
    module: str
    number: str
    body: _Element
    event: str = ""
    quantities: Mapping[int, Decimal] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def obstacle(order: PurchaseOrder, kind: str, *, also: Container[OrderState] = ()) -> str:
    """Why a document of this kind cannot be sent of this order; empty when it can, ``also`` in other states."""
    if order.is_test:
        return _("This is a test order: nothing is sent of it.")
    if order.link is None or not getattr(order.link, SWITCHES[kind]):
        return _("The link does not send documents of this kind.")
    if not order.link.documents_url:
        return _("The link has no address to send documents to.")
    if order.state not in STATES[kind] and order.state not in also:
        return _("The order is %(state)s.") % {"state": order.get_state_display()}
    return ""


def left_to(order: PurchaseOrder, kind: str) -> dict[int, Decimal]:
    """What of each line, by its number, has not been shipped or invoiced yet."""
    told: dict[int, Decimal] = defaultdict(Decimal)
    for data in order.deliveries.filter(kind=kind).exclude(state__in=LOST).values_list("data", flat=True):
        for number, quantity in data.get("lines", {}).items():
            told[int(number)] += Decimal(quantity)
    lines = list(order.lines.values_list("number", "quantity", "parent_number", "data__composite_type"))
    # Parts of a bundle that has a price of its own are paid with it.
    paid_whole = {number for number, _quantity, _parent, bundle in lines if (bundle or "").lower() == "grouplevel"}
    return {
        number: Decimal(0) if kind == INVOICE and parent in paid_whole else max(quantity - told[number], Decimal(0))
        for number, quantity, parent, _bundle in lines
    }


@transaction.atomic
def send_again(delivery: Delivery, *, at: datetime) -> bool:
    """Try a document at once, from the beginning. Whether it will be tried.

    Raises ``OrderNotAnswerable`` where another document has said it since: the buyer would hear of the goods twice.
    """
    if delivery.order_id and delivery.kind in SWITCHES and delivery.state in LOST:
        # Locked, as by whoever writes another document in this very moment.
        order = PurchaseOrder.objects.select_for_update().get(pk=delivery.order_id)
        if _is_replaced(delivery, order):
            raise OrderNotAnswerable(_("Another document has said this since: it is not sent any more."))
    return outbox.again_now(delivery, at=at)


def _is_replaced(delivery: Delivery, order: PurchaseOrder) -> bool:
    if delivery.kind == CONFIRMATION:
        return order.deliveries.filter(kind=CONFIRMATION, pk__gt=delivery.pk).exclude(state__in=LOST).exists()
    left = left_to(order, delivery.kind)
    said = {int(number): Decimal(quantity) for number, quantity in delivery.data.get("lines", {}).items()}
    return any(quantity > left.get(number, quantity) for number, quantity in said.items())


def rehearse(send: Callable[[], Delivery]) -> Delivery:
    """The document as ``send`` would queue it; nothing is kept and nothing goes out. Raises what ``send`` raises."""
    with transaction.atomic():
        delivery = send()
        transaction.set_rollback(True)
    return delivery


def checked(order: PurchaseOrder, kind: str, *, also: Container[OrderState] = ()) -> PurchaseOrder:
    """The order, locked: two documents at once would count the same goods twice."""
    locked = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("customer", "link", "current")
    order = locked.get(pk=order.pk)
    if problem := obstacle(order, kind, also=also):
        raise OrderNotAnswerable(problem)
    return order


def within(
    lines: Container[int], left: Mapping[int, Decimal], wanted: Mapping[int, Decimal] | None, *, what: str
) -> dict[int, Decimal]:
    found = {number: quantity for number, quantity in (left if wanted is None else wanted).items() if quantity}
    for number, quantity in found.items():
        if number not in lines:
            raise OrderNotAnswerable(_("The order has no line %(number)s.") % {"number": number})
        if not 0 < quantity <= left[number]:
            raise OrderNotAnswerable(
                _("Of line %(number)s at most %(left)s can be %(what)s.")
                % {"number": number, "left": f"{left[number].normalize():f}", "what": what}
            )
    if not found:
        problem = (
            _("Nothing is to be %(what)s of any line.")
            if any(left.values())
            else _("There is nothing left to be %(what)s.")
        )
        raise OrderNotAnswerable(problem % {"what": what})
    return found


def unit_of(line: OrderLine) -> str:
    return line.unit or "EA"


def reference_to(order: PurchaseOrder) -> OrderReference:
    document = order.current
    return OrderReference(
        order_id=order.number,
        payload_id=document.payload_id if document else "",
        order_date=order.header.get("order_date_text", ""),
    )


def next_number(order: PurchaseOrder, kind: str, letter: str) -> str:
    """Ours for the document, from the order's: 4711-S2 is its second ship notice. Never one that its customer knows."""
    known = Delivery.objects.filter(customer=order.customer, kind=kind)
    start = order.deliveries.filter(kind=kind).count() + 1
    numbers = (f"{order.number[:80]}-{letter}{each}" for each in count(start))
    return next(each for each in numbers if not known.filter(number=each).exists())


def queue(order: PurchaseOrder, answer: Answer, *, by: Any, at: datetime) -> Delivery:
    payload_id = f"{at:%Y%m%d%H%M%S%f}.{secrets.token_hex(6)}@{conf().host}"
    document = envelope.encode_request(
        envelope.Request(
            payload_id=payload_id,
            timestamp=timestamps.format(at),
            language=order.language or "en",
            dtd_version=DTD_VERSION,
            deployment_mode="production",
            header=_header(order),
            name=answer.kind,
            body=answer.body,
        ),
        module=answer.module,
    )
    delivery = Delivery.objects.create(
        order=order,
        customer=order.customer,
        kind=answer.kind,
        event=answer.event,
        number=answer.number,
        url=order.link.documents_url,
        body=document.decode("ascii"),
        payload_id=payload_id,
        data={**answer.facts, "lines": {str(number): str(each) for number, each in answer.quantities.items()}},
        created_at=at,
        due_at=at,
    )
    log(order, "wagtail_punchout.order_answered", user=by, data={"document": str(delivery)})
    outbox.enqueue(delivery)
    return delivery


def _header(order: PurchaseOrder) -> envelope.Header:
    """The order's header turned round, signed with the secret of the connection."""
    ours = order.parties.get("to") or [{"domain": conf().SUPPLIER_DOMAIN, "identity": conf().SUPPLIER_IDENTITY}]
    buyer = order.parties.get("from") or [{"domain": "NetworkID", "identity": order.buyer}]
    return envelope.Header(
        from_=tuple(envelope.Credential(domain=each["domain"], identity=each["identity"]) for each in ours),
        to=tuple(envelope.Credential(domain=each["domain"], identity=each["identity"]) for each in buyer),
        sender=(
            envelope.Credential(
                domain=ours[0]["domain"], identity=ours[0]["identity"], shared_secret=SECRET_PLACEHOLDER
            ),
        ),
        user_agent=USER_AGENT,
    )
