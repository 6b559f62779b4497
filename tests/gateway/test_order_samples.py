"""Orders of real senders, byte for byte but for the Sender's identity and secret, through the whole gateway.

File by file what a person reads in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from tests.connections import SECRET, connect, post
from tests.gateway.test_samples import with_our_sender
from tests.shared import SAMPLES, needs_shared
from wagtail_punchout.models import Mode, OrderState, PurchaseOrder
from wagtail_punchout.models.links import OrderRule

pytestmark = [pytest.mark.django_db, needs_shared]


@dataclass(frozen=True, kw_only=True)
class Read:
    """``lines`` are number, part number, quantity, unit and unit price."""

    number: str
    lines: tuple[tuple[int, str, str, str, str], ...]
    total: str | None
    currency: str
    ship_to: tuple[str, str]  # address ID and city
    bill_to: str = ""  # city
    buyer: str
    version: int = 1
    comment: str = ""
    contact: str = ""
    segment: tuple[str, str] | None = None
    card: str = ""
    freight: str = ""
    extrinsic: tuple[str, str] | None = None
    attention: tuple[str, ...] = ()
    mode: str = "production"
    has_secret: bool = True


ORDERS = {
    "coupa-orderrequest-2008-segment-accounting.xml": Read(
        number="6112",
        lines=((1, "223-4511", "1", "EA", "1505"), (2, "223-4511", "2", "EA", "1505")),
        total="1505",
        currency="USD",
        ship_to=("3119", "san leandro"),
        bill_to="West Index",
        buyer="",
        has_secret=False,
        comment="header comment goes here if entered by user",
        segment=("Organization", "bbb"),
    ),
    "coupa-orderrequest-2020-distribution.xml": Read(
        number="3309",
        lines=((1, "product:1861", "1", "EA", "8.1"), (2, "product:4884", "9", "EA", "9.29")),
        total="91.71",
        currency="USD",
        ship_to=("21444", "New York"),
        bill_to="New York",
        buyer="kasdflkjasdf",
        contact="c.buyer@example.com",
        segment=("Main Account (PL/BS)", "10012"),
        freight="0.0",
        extrinsic=("legacy_po", ""),
    ),
    "cxml-1.1.010-example-OrderRequest.xml": Read(
        number="DO1234",
        lines=((1, "1233244", "2", "EA", "1.34"),),
        total="2.68",
        currency="USD",
        ship_to=("", "Sunnyvale"),
        bill_to="Sunnyvale",
        buyer="",
        mode="test",
        comment="Anything well formed in XML can go here.",
        card="3456",
        segment=("G/L Account", "23456"),
    ),
    "foc-orderrequest-attachment-url.xml": Read(
        number="DO1234",
        lines=((1, "1233244", "10", "EA", "2.10"), (2, "1233245", "20", "EA", "3.20")),
        total="85",
        currency="EUR",
        ship_to=("", ""),
        buyer="",
        attention=("attachment",),
        mode="test",
    ),
    "foc-orderrequest-builder.xml": Read(
        number="myorder-1",
        lines=((1, "5555", "3", "EA", "763.20"), (2, "666", "5", "EA", "226.20")),
        total="3420.60",
        currency="USD",
        ship_to=("", ""),
        buyer="",
        has_secret=False,
    ),
    "oracle-ebs-orderrequest-2015-iso8859-15.xml": Read(
        number="2015000957:0:55",
        lines=((1, "46648", "1", "UNI", "3960"),),
        total="9825",
        currency="EUR",
        ship_to=("92129", "PARIS CEDEX 020"),
        bill_to="PARIS",
        buyer="381614494",
        comment="Portable Jeanne Exemple Doctorante",
        contact="jeanne.exemple@example.fr",
        freight="0",
        extrinsic=("MARCHE", "13 2 00 05"),
    ),
    "sdi-orderrequest-2015-no-total-no-billto.xml": Read(
        number="ASBCDE12345",
        lines=((1, "0314194878", "1", "EA", "87.94"),),
        total="87.94",
        currency="USD",
        ship_to=("", "Seattle"),
        buyer="SDIDirectOrdering2356630089",
        extrinsic=("email", "james@example.com"),
    ),
}


def test_table_knows_every_order():
    with_orders = {
        each.name
        for each in SAMPLES.iterdir()
        if each.suffix in (".xml", ".mime") and b"<OrderRequestHeader" in each.read_bytes()
    }
    nested = {"guide-1.2.051-multipart-copyrequest-nested.mime"}  # a copy of an order inside another message
    assert with_orders - nested == set(ORDERS)


def with_our_secret(name: str) -> bytes:
    """Two of the files have no secret at all; it stands where the DTD wants it."""
    raw = with_our_sender((SAMPLES / name).read_bytes())
    if ORDERS[name].has_secret:
        return raw
    head, sender, rest = raw.partition(b"<Sender>")
    secret = b"</Identity><SharedSecret>" + SECRET.encode() + b"</SharedSecret>"
    return head + sender + rest.replace(b"</Identity>", secret, 1)


@pytest.mark.parametrize("name", [name for name, read in ORDERS.items() if not read.has_secret])
def test_order_without_a_secret_is_refused(client, name):
    connect("acme", mode=Mode.PRODUCTION)
    assert post(client, with_our_sender((SAMPLES / name).read_bytes())).code == 401
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize("name", ORDERS)
def test_order_is_stored_as_a_person_reads_it(client, name):
    connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)
    answer = post(client, with_our_secret(name))
    assert (answer.code, answer.sentence) == (200, "")
    order, read = PurchaseOrder.objects.get(), ORDERS[name]
    assert (order.number, order.version, order.mode) == (read.number, read.version, read.mode)
    assert order.state == OrderState.ACCEPTED
    assert (order.total, order.currency) == (Decimal(read.total), read.currency)
    assert [(line.number, line.sku, line.quantity, line.unit, line.unit_price) for line in order.lines.all()] == [
        (number, sku, Decimal(quantity), unit, Decimal(price)) for number, sku, quantity, unit, price in read.lines
    ]
    said = order.order()
    if read.ship_to[1]:
        assert (said.ship_to.address_id, said.ship_to.city) == read.ship_to
    if read.bill_to:
        assert said.bill_to.city == read.bill_to
    if read.buyer:
        assert order.buyer == read.buyer
    assert (said.comments[0].text if read.comment else "") == read.comment
    if read.contact:
        assert read.contact in [each.email for each in said.contacts]
    if read.segment:
        segment = said.lines[0].distributions[0].segments[0]
        assert (segment.type, segment.id) == read.segment
    if read.freight:
        assert said.shipping.amount.amount == Decimal(read.freight)
    if read.extrinsic:
        assert read.extrinsic in said.extrinsics
    assert (said.payment.card_last_four if said.payment else "") == read.card
    assert tuple(each["code"] for each in order.reasons) == read.attention


def test_card_number_is_kept_nowhere(client):
    connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)
    raw = (SAMPLES / "cxml-1.1.010-example-OrderRequest.xml").read_bytes()
    assert b"1234567890123456" in raw
    post(client, with_our_sender(raw))
    order = PurchaseOrder.objects.get()
    kept = (
        f"{order.header} {list(order.lines.values())} {list(order.exchanges.values())} {list(order.documents.values())}"
    )
    assert "1234567890123456" not in kept
