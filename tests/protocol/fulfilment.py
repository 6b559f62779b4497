"""Documents after an order, to test with: parts of them, and whole ones as bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import envelope, tree
from wagtail_punchout.protocol.cxml.fulfilment_parts import DTD_VERSION
from wagtail_punchout.protocol.fulfilment import ConfirmedLine, LineState, OrderReference, StateKind
from wagtail_punchout.protocol.money import Money

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
REFERENCE = OrderReference(order_id="DO1234 & more", payload_id="32232995@hub.acme.com", order_date="2026-11-25")
VERSIONS = ("1.2.048", "1.2.071")


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def state(kind: StateKind, quantity: str, **facts: Any) -> LineState:
    return LineState(kind=kind, quantity=Decimal(quantity), **facts)


def line(number: int, quantity: str, *states: LineState) -> ConfirmedLine:
    return ConfirmedLine(line_number=number, quantity=Decimal(quantity), unit="BX", states=states)


def document(body: _Element, module: str) -> bytes:
    """In its envelope, as it is sent."""
    ours = envelope.Credential(domain="DUNS", identity="123456789", shared_secret="a secret & more")
    request = envelope.Request(
        payload_id="1@shop.example",
        timestamp="2026-11-26T12:00:00+00:00",
        language="en",
        dtd_version=DTD_VERSION,
        header=envelope.Header(
            from_=(envelope.Credential(domain="DUNS", identity="123456789"),),
            to=(envelope.Credential(domain="NetworkID", identity="buyer"),),
            sender=(ours,),
            user_agent="shop",
        ),
        name=body.tag,
        body=body,
    )
    return envelope.encode_request(request, module=module)


def shape(element: _Element) -> Any:
    """Names alone, as a receiver walks through them."""
    return [each.tag for each in element]


def sample(raw: bytes, name: str) -> _Element:
    """The element of that name in a document that somebody else wrote."""
    found = tree.parse(raw).root.find(f".//{name}")
    assert found is not None
    return found
