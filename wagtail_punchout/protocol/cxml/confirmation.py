"""ConfirmationRequest: what of an order will be delivered, when and at which price (guide pp. 299-313)."""

from __future__ import annotations

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.fulfilment_parts import (
    add_comment,
    add_described,
    add_document_reference,
    add_order_reference,
    dates,
)
from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.fulfilment import Confirmation, ConfirmationKind, ConfirmedLine, StateKind

MODULE = "Fulfill"


def encode_confirmation(confirmation: Confirmation, *, language: str = "en") -> _Element:
    """The body. ``ValueError`` where quantities do not add up, or lines and kind contradict each other."""
    _check(confirmation)
    body = tree.element("ConfirmationRequest")
    header = tree.add(
        body,
        "ConfirmationHeader",
        {
            "confirmID": tree.clean(confirmation.number),
            "type": confirmation.kind.value,
            "operation": "update" if confirmation.updates else "new",
            "noticeDate": timestamps.format(confirmation.notice_date),
        },
    )
    if confirmation.updates:
        add_document_reference(header, confirmation.updates)
    if confirmation.total:
        tree.add_money(header, "Total", confirmation.total)
    if confirmation.shipping:
        add_described(header, "Shipping", confirmation.shipping, language)
    if confirmation.tax:
        add_described(header, "Tax", confirmation.tax, language)
    add_comment(header, confirmation.comment, language)
    add_order_reference(body, confirmation.reference)
    for line in confirmation.lines:
        _add_line(body, line, language)
    return body


def _add_line(body: _Element, line: ConfirmedLine, language: str) -> None:
    attributes = {"lineNumber": str(line.line_number), "quantity": plain_number(line.quantity)}
    item = tree.add(body, "ConfirmationItem", attributes)
    tree.add_text(item, "UnitOfMeasure", line.unit)
    for state in line.states:
        status = tree.add(
            item,
            "ConfirmationStatus",
            {
                "quantity": plain_number(state.quantity),
                "type": state.kind.value,
                **dates(shipmentDate=state.shipment_date, deliveryDate=state.delivery_date),
            },
        )
        tree.add_text(status, "UnitOfMeasure", line.unit)
        if state.unit_price:
            tree.add_money(status, "UnitPrice", state.unit_price)
        # Tax before Shipping here, Shipping before Tax in the header: so says the DTD.
        if state.tax:
            add_described(status, "Tax", state.tax, language)
        if state.shipping:
            add_described(status, "Shipping", state.shipping, language)
        add_comment(status, state.comment, language)


def _check(confirmation: Confirmation) -> None:
    if bool(confirmation.lines) != (confirmation.kind in (ConfirmationKind.EXCEPT, ConfirmationKind.DETAIL)):
        raise ValueError("exceptions and details name lines, and nothing else does")
    if len({each.line_number for each in confirmation.lines}) != len(confirmation.lines):
        raise ValueError("a line is named twice")
    for line in confirmation.lines:
        if (
            any(each.quantity <= 0 for each in line.states)
            or sum(each.quantity for each in line.states) != line.quantity
        ):
            raise ValueError(f"the parts of line {line.line_number} do not add up to {line.quantity}")
        if any(each.kind is StateKind.DETAIL and not each.differs for each in line.states):
            raise ValueError(f"the detail of line {line.line_number} says nothing new")
