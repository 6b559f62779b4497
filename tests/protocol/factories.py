"""Values and documents to test with: a chair, a cart, a setup request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from wagtail_punchout.protocol.cart import Classification, Text
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.envelope import Credential, Header, Message, Request, encode_message
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID
from wagtail_punchout.protocol.cxml.order_message import ItemIn, OperationAllowed, OrderMessage, encode
from wagtail_punchout.protocol.cxml.party import Address
from wagtail_punchout.protocol.money import Money

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

CHAIR = ItemIn(
    item_id=ItemID("KD5555", "line-1"),
    quantity=Decimal(2),
    detail=ItemDetail(
        unit_price=Money(Decimal("104.99"), "EUR"),
        descriptions=(Text("Desk chair with padded arms", "en", "Desk chair"), Text("Bürostuhl", "de")),
        unit="EA",
        classifications=(Classification("UNSPSC", "56112102"),),
    ),
    line_number=1,
)

OFFICE = Address(
    address_id="HH1",
    name="Acme GmbH",
    deliver_to=("Jana Beispiel", "3. Stock"),
    street=("Kieler Straße 371",),
    city="Hamburg",
    state="HH",
    postal_code="22525",
    country_code="DE",
    country="Germany",
    email="jana@example.com",
)

HEADER = Header(
    from_=(Credential("NetworkId", "AN01"),),
    to=(Credential("DUNS", "123456789"),),
    sender=(Credential("NetworkId", "AN01", "s3cr3t & more"),),
    user_agent="Buyer 1.0",
)


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def chair(*, detail: dict[str, Any] | None = None, **changes: Any) -> ItemIn:
    return replace(CHAIR, detail=replace(CHAIR.detail, **(detail or {})), **changes)


def order(**changes: Any) -> OrderMessage:
    values: dict[str, Any] = {
        "buyer_cookie": "1CX3L4843PPZO",
        "operation_allowed": OperationAllowed.EDIT,
        "total": euro("209.98"),
        "lines": (CHAIR,),
    }
    return OrderMessage(**(values | changes))


def message_bytes(cart: OrderMessage, *, dtd_version: str = "1.2.014", **changes: Any) -> bytes:
    values: dict[str, Any] = {"header": HEADER, "payload_id": "1@shop.example", "timestamp": NOON}
    return encode_message(Message(**(values | changes), body=encode(cart)), dtd_version=dtd_version)


def request(body: str | etree._Element = '<PunchOutSetupRequest operation="create"/>', **changes: Any) -> Request:
    body = etree.fromstring(body) if isinstance(body, str) else body
    values: dict[str, Any] = {
        "payload_id": "7@buyer.example",
        "timestamp": "2026-03-01T12:00:00+00:00",
        "language": "en-US",
        "dtd_version": "1.2.014",
        "header": HEADER,
        "name": body.tag,
        "body": body,
    }
    return Request(**(values | changes))


def parsed(markup: str) -> tree.Document:
    return tree.parse(markup.encode())


#: A whole request as text, to bend in tests.
SETUP = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">
<cXML payloadID="7@buyer.example" timestamp="2026-03-01T12:00:00+00:00" xml:lang="en-US">
  <Header>
    <From><Credential domain="NetworkId"><Identity>AN01</Identity></Credential></From>
    <To><Credential domain="DUNS"><Identity>123456789</Identity></Credential></To>
    <Sender>
      <Credential domain="NetworkId"><Identity>AN01</Identity><SharedSecret>canary</SharedSecret></Credential>
      <UserAgent>Buyer 1.0</UserAgent>
    </Sender>
  </Header>
  <Request deploymentMode="test">
    <PunchOutSetupRequest operation="edit">
      <BuyerCookie>1CX3L4843PPZO</BuyerCookie>
      <Extrinsic name="UserEmail">jana@example.com</Extrinsic>
      <BrowserFormPost><URL>https://buyer.example/return?a=1&amp;b=2</URL></BrowserFormPost>
      <ItemOut quantity="2" lineNumber="00001">
        <ItemID>
          <SupplierPartID>KD5555</SupplierPartID>
          <SupplierPartAuxiliaryID>line-1
          </SupplierPartAuxiliaryID>
        </ItemID>
      </ItemOut>
    </PunchOutSetupRequest>
  </Request>
</cXML>"""
