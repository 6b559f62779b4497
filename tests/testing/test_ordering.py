from __future__ import annotations

from decimal import Decimal

import pytest

from tests.connections import SECRET, connect
from tests.shared import DTDS, needs_shared
from wagtail_punchout.models import Mode, PurchaseOrder
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.protocol.cxml import dtd
from wagtail_punchout.testing.buyer import DjangoTransport, FakeBuyer
from wagtail_punchout.testing.documents import BuyerSettings, OrderedLine, OrderToSend, order_request

SETTINGS = BuyerSettings(
    from_identity="buyer",
    to_identity="shop",
    sender_identity="punchout-acme@shop.example",
    secret=SECRET,
    setup_url="http://testserver/punchout/cxml/",
)
LINES = [
    OrderedLine(part_id="MUG-BLUE", quantity=Decimal(2), price=Decimal("4.50"), cost_center="4711", comment="Blue")
]
DRAWING = ("Plän.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256)))


@pytest.fixture
def buyer(db):
    connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)
    return FakeBuyer(SETTINGS, DjangoTransport())


@needs_shared
def test_order_is_valid():
    order = OrderToSend(number="4711", lines=LINES, action="update", version=2, replaces="1@b", comment="x")
    written = order_request(SETTINGS, order)
    for version in ("1.2.014", "1.2.071"):
        assert dtd.problems(written.document, DTDS, version) == []


def test_order_arrives(buyer):
    reply = buyer.order(OrderToSend(number="4711", lines=LINES))
    assert reply.is_ok, reply.answer.verdict
    line = PurchaseOrder.objects.get(number="4711").lines.get()
    assert (line.sku, line.quantity, line.data["comments"][0]["text"]) == ("MUG-BLUE", 2, "Blue")


def test_attachment_arrives_as_it_was(buyer, settings, tmp_path):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ATTACHMENT_DIR": str(tmp_path)}
    reply = buyer.order(OrderToSend(number="4712", lines=LINES, comment="See drawing", attachments=[DRAWING]))
    assert reply.is_ok, reply.answer.verdict
    attachment = PurchaseOrder.objects.get().attachments.get()
    assert (attachment.name, attachment.media_type, attachment.problem) == ("Plän.pdf", "application/pdf", "")
    assert attachment.file.read() == DRAWING[2]
    assert attachment.file.name.startswith("orders/")
