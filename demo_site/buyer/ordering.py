"""Purchase orders on their way to the supplier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import transaction

from demo_site.buyer.models import Dispatch, Line, PurchaseOrder, Requisition, State, close_visits
from wagtail_punchout.testing.buyer import FakeBuyer, RequestsTransport, StepFailed
from wagtail_punchout.testing.documents import Address, Written, order_request

TIMEOUT = 30


class OrderedAlready(Exception):
    """One of the requisitions is part of an order."""


@transaction.atomic
def order_of(requisitions: Sequence[Requisition], *, ship_to: Address | None, **given: Any) -> PurchaseOrder:
    """Their lines are ordered together, as the shop has offered them."""
    first = requisitions[0]
    order = PurchaseOrder.objects.create(
        connection=first.connection,
        requester=first.requester,
        currency=first.currency,
        ship_to=asdict(ship_to) if ship_to else {},
        lines=list(_lines(requisitions)),
        **given,
    )
    ready = Requisition.objects.filter(pk__in=[each.pk for each in requisitions], order=None)
    if first.connection.needs_approval:
        ready = ready.filter(state=State.APPROVED)
    if ready.update(order=order, state=State.ORDERED) != len(requisitions):
        raise OrderedAlready
    # What is ordered is ordered.
    close_visits(requisitions)
    return order


def send(order: PurchaseOrder, action: str, *, attachments: Sequence[tuple[str, str, bytes]] = ()) -> Dispatch:
    """Send the order as it is now. The dispatch says what the supplier has answered."""
    before = order.dispatches.filter(was_taken=True).first()
    replaces = before.payload_id if before and action != "new" else ""
    document = order.as_order(action=action, replaces=replaces, attachments=attachments)
    return _post(
        Dispatch(order=order, action=action, version=order.version),
        order_request(order.connection.as_settings(), document),
    )


def send_again(last: Dispatch) -> Dispatch:
    """The same bytes once more, as after an answer that was lost on the way."""
    # Where a file came along, the document alone is not what was sent.
    written = Written(bytes(last.body), last.content_type, last.request.encode(), last.payload_id)
    return _post(Dispatch(order=last.order, action=last.action, version=last.version), written)


def _post(dispatch: Dispatch, written: Written) -> Dispatch:
    connection = dispatch.order.connection
    buyer = FakeBuyer(connection.as_settings(), RequestsTransport(TIMEOUT), user=connection.as_user())
    dispatch.body, dispatch.content_type, dispatch.payload_id = written.body, written.content_type, written.payload_id
    try:
        reply = buyer.send_order(written)
    except StepFailed as failed:
        dispatch.verdict = failed.sentence
        dispatch.response = failed.page.body.decode("utf-8", "replace")[:100_000] if failed.page else ""
    else:
        dispatch.was_taken, dispatch.verdict = reply.is_ok, reply.answer.verdict
        dispatch.response = reply.answer.document
    dispatch.request = buyer.sent
    dispatch.milliseconds = round(sum(step.milliseconds for step in buyer.steps))
    dispatch.save()
    return dispatch


def _lines(requisitions: Iterable[Requisition]) -> Iterator[dict[str, Any]]:
    """Numbered through; a part of a bundle finds its heading under the new number."""
    number = 0
    for requisition in requisitions:
        numbers: dict[str, int] = {}
        for line in requisition.lines.all():
            number += 1
            if line.line_number:
                numbers[line.line_number] = number
            yield _line(number, line, requisition.currency, numbers)


def _line(number: int, line: Line, currency: str, numbers: Mapping[str, int]) -> dict[str, Any]:
    """The fields of an ``OrderedLine``, as JSON."""
    words, quantity = line.texts[0] if line.texts else {}, line.quantity or Decimal(1)
    return {
        "line_number": number,
        "parent_line_number": numbers.get(line.attributes.get("parentLineNumber", ""), 0),
        "item_type": line.attributes.get("itemType", ""),
        "composite_item_type": line.attributes.get("compositeItemType", ""),
        "part_id": line.part_id,
        "auxiliary_id": line.auxiliary_id,
        "quantity": f"{quantity.normalize():f}",
        # What one costs: a price may be for a hundred.
        "price": f"{(line.price or 0) if line.amount is None else line.amount / quantity:f}",
        "currency": line.currency or currency,
        "unit": line.unit,
        "description": words.get("short") or words.get("text") or line.part_id,
        "detail": line.detail,
    }
