"""Answer an order: confirm it, say what is shipped, send its invoice. For the shop's own events, and for staff.

A document is made and its bytes are fixed here; the outbox carries it to the buyer's system. What the link does not
send, what exceeds the order, and anything about a test order is refused with ``OrderNotAnswerable``, before anything is
written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_punchout.flows.invoice_order import credit_invoice, credit_obstacle, left_to_credit, send_invoice
from wagtail_punchout.flows.order_documents import (
    CONFIRMATION,
    INVOICE,
    LOST,
    SHIP_NOTICE,
    STATUS_UPDATE,
    Answer,
    OrderNotAnswerable,
    checked,
    left_to,
    next_number,
    obstacle,
    queue,
    reference_to,
    rehearse,
    unit_of,
    within,
)
from wagtail_punchout.models import Delivery, OrderState, PurchaseOrder
from wagtail_punchout.protocol.cxml import confirmation, ship_notice, status_update
from wagtail_punchout.protocol.fulfilment import (
    Confirmation,
    ConfirmationKind,
    ConfirmedLine,
    LineState,
    ShipNotice,
    ShippedLine,
    StateKind,
    StatusUpdate,
)
from wagtail_punchout.protocol.money import Money

__all__ = [
    "CONFIRMATION",
    "INVOICE",
    "SHIP_NOTICE",
    "STATUS_UPDATE",
    "OrderNotAnswerable",
    "confirm_order",
    "credit_invoice",
    "credit_obstacle",
    "left_to",
    "left_to_credit",
    "notify_shipment",
    "obstacle",
    "rehearse",
    "send_invoice",
    "update_status",
]

#: What nobody has accepted cannot be confirmed, only rejected.
NOT_ACCEPTED = (OrderState.HELD, OrderState.REFUSED)


@transaction.atomic
def confirm_order(
    order: PurchaseOrder,
    *,
    at: datetime,
    kind: ConfirmationKind = ConfirmationKind.ACCEPT,
    states: Mapping[int, Sequence[LineState]] | None = None,
    total: Money | None = None,
    shipping: Money | None = None,
    tax: Money | None = None,
    comment: str = "",
    by: Any = None,
) -> Delivery:
    """Accept or reject the whole order, or with ``states`` (by line number) all but what is named there.

    With ``ConfirmationKind.DETAIL`` nothing is said of lines that are not named. A later confirmation of the same
    version of the order replaces an earlier one (guide p. 300).
    """
    order = checked(order, CONFIRMATION)
    lines = _confirmed_lines(order, states or {}, is_detail=kind is ConfirmationKind.DETAIL)
    kind = _kind(order, kind, lines)
    reference = reference_to(order)
    told = order.deliveries.filter(kind=CONFIRMATION, data__of=reference.payload_id)
    earlier = told.exclude(state__in=LOST).order_by("-pk").first()
    number = earlier.number if earlier else next_number(order, CONFIRMATION, "C")
    said = Confirmation(
        number=number,
        kind=kind,
        notice_date=at,
        reference=reference,
        lines=lines,
        total=total,
        shipping=shipping,
        tax=tax,
        comment=comment,
        updates=earlier.payload_id if earlier else "",
    )
    body = confirmation.encode_confirmation(said, language=order.language or "en")
    facts = {"type": kind.value, "comment": comment, "of": reference.payload_id}
    answer = Answer(
        kind=CONFIRMATION, module=confirmation.MODULE, number=number, body=body, event=kind.value, facts=facts
    )
    return queue(order, answer, by=by, at=at)


@transaction.atomic
def notify_shipment(
    order: PurchaseOrder,
    *,
    at: datetime,
    quantities: Mapping[int, Decimal] | None = None,
    shipment_date: datetime | None = None,
    delivery_date: datetime | None = None,
    carrier: str = "",
    scac: str = "",
    tracking_numbers: Sequence[str] = (),
    comment: str = "",
    by: Any = None,
) -> Delivery:
    """Say what has left the house: ``quantities`` by line number, without them all that is left.

    ``carrier`` is its name, ``scac`` its code of four letters, where it has one.
    """
    order = checked(order, SHIP_NOTICE)
    lines = {each.number: each for each in order.lines.all()}
    left = left_to(order, SHIP_NOTICE)
    if bool(carrier or scac) != bool(tracking_numbers):
        raise OrderNotAnswerable(_("A carrier and a tracking number need each other: say both, or neither."))
    shipped = within(lines, left, quantities, what=_("shipped"))
    number = next_number(order, SHIP_NOTICE, "S")
    notice = ShipNotice(
        number=number,
        notice_date=at,
        shipment_date=shipment_date or at,
        delivery_date=delivery_date or (shipment_date or at) + timedelta(days=1),
        reference=reference_to(order),
        is_complete=all(shipped.get(each, 0) == left[each] for each in lines),
        carrier=carrier,
        scac=scac,
        tracking_numbers=tuple(tracking_numbers),
        lines=tuple(
            ShippedLine(line_number=each, quantity=quantity, unit=unit_of(lines[each]))
            for each, quantity in sorted(shipped.items())
        ),
        comment=comment,
    )
    body = ship_notice.encode_ship_notice(notice, language=order.language or "en")
    facts = {"carrier": carrier or scac, "tracking": list(tracking_numbers)}
    answer = Answer(
        kind=SHIP_NOTICE, module=ship_notice.MODULE, number=number, body=body, quantities=shipped, facts=facts
    )
    return queue(order, answer, by=by, at=at)


@transaction.atomic
def update_status(order: PurchaseOrder, code: int, sentence: str, *, at: datetime, by: Any = None) -> Delivery:
    """Tell the buyer's system what has become of its order; ``code`` is a cXML Status."""
    order = checked(order, STATUS_UPDATE)
    said = StatusUpdate(code=code, sentence=sentence, document=reference_to(order).payload_id)
    body = status_update.encode_status_update(said, language=order.language or "en")
    number = next_number(order, STATUS_UPDATE, "U")
    facts = {"status": code, "sentence": sentence}
    answer = Answer(kind=STATUS_UPDATE, module=status_update.MODULE, number=number, body=body, facts=facts)
    return queue(order, answer, by=by, at=at)


def _kind(order: PurchaseOrder, kind: ConfirmationKind, lines: Sequence[ConfirmedLine]) -> ConfirmationKind:
    """What is said of the whole, in view of what is said of its lines."""
    parts = [part for line in lines for part in line.states]
    named = {each.line_number for each in lines if all(part.kind is StateKind.REJECT for part in each.states)}
    rejects_all = bool(parts) and named == set(order.lines.values_list("number", flat=True))
    if order.state in NOT_ACCEPTED and not (rejects_all or (kind is ConfirmationKind.REJECT and not lines)):
        raise OrderNotAnswerable(
            _("The order is %(state)s: it can only be rejected.") % {"state": order.get_state_display()}
        )
    if lines:
        return kind if kind is ConfirmationKind.DETAIL else ConfirmationKind.EXCEPT
    if kind is ConfirmationKind.DETAIL:
        raise OrderNotAnswerable(_("Nothing is said of any line."))
    return ConfirmationKind.ACCEPT if kind is ConfirmationKind.EXCEPT else kind


def _confirmed_lines(
    order: PurchaseOrder, states: Mapping[int, Sequence[LineState]], *, is_detail: bool
) -> tuple[ConfirmedLine, ...]:
    lines = {each.number: each for each in order.lines.filter(number__in=states)}
    confirmed = []
    for number, parts in sorted(states.items()):
        if number not in lines:
            raise OrderNotAnswerable(_("The order has no line %(number)s.") % {"number": number})
        line = lines[number]
        if any(each.quantity <= 0 for each in parts) or sum(each.quantity for each in parts) != line.quantity:
            raise OrderNotAnswerable(
                _("The quantities of line %(number)s must add up to %(quantity)s.")
                % {"number": number, "quantity": f"{line.quantity.normalize():f}"}
            )
        if not is_detail and all(_is_as_ordered(each) for each in parts):
            continue  # only exceptions are named
        confirmed.append(
            ConfirmedLine(line_number=number, quantity=line.quantity, unit=unit_of(line), states=tuple(parts))
        )
    return tuple(confirmed)


def _is_as_ordered(state: LineState) -> bool:
    return state.kind is StateKind.ACCEPT and not state.differs and not state.comment
