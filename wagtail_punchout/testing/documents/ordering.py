"""The OrderRequest, as a buyer's system writes it: valid against the DTD of 1.2.014."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage

from babel.numbers import get_currency_precision
from lxml import etree

from wagtail_punchout.testing.documents.carts import ReturnedCart, ReturnedLine
from wagtail_punchout.testing.documents.scrutiny import counted_lines
from wagtail_punchout.testing.documents.writing import (
    XML_LANG,
    Address,
    BuyerSettings,
    add,
    add_item_id,
    add_ship_to,
    envelope,
    serialised,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedLine:
    """One line of an order. ``detail`` is the ItemDetail of the returned cart, as XML; it says unit and price again.

    ``price`` is what one costs. A line of a bundle says where it belongs, as in the cart.
    """

    part_id: str
    auxiliary_id: str = ""
    quantity: Decimal = Decimal(1)
    line_number: int = 0
    parent_line_number: int = 0
    item_type: str = ""
    composite_item_type: str = ""
    price: Decimal = Decimal(0)
    currency: str = "EUR"
    unit: str = "EA"
    description: str = ""
    detail: str = ""
    cost_center: str = ""
    requested_delivery: str = ""
    comment: str = ""

    @property
    def amount(self) -> Decimal:
        """As it is charged: in the decimals of its currency."""
        return round(self.price * self.quantity, get_currency_precision(self.currency))


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderToSend:
    """One OrderRequest. ``replaces`` is the payloadID of the document that an update or a delete speaks of."""

    number: str
    lines: Sequence[OrderedLine]
    action: str = "new"  # or "update", "delete"
    version: int | None = None
    currency: str = "EUR"
    ship_to: Address | None = None
    comment: str = ""
    replaces: str = ""
    payload_id: str = ""
    extrinsics: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[tuple[str, str, bytes]] = ()  # name, media type, content

    @property
    def total(self) -> Decimal:
        return sum((each.amount for each in counted_lines(self.lines)), Decimal(0))


def order_of(cart: ReturnedCart, number: str) -> OrderToSend:
    """Order a returned cart as it is: every line with the detail and at the price it came with."""
    numbers = {each.line_number: number for number, each in enumerate(cart.lines, start=1)}
    return OrderToSend(
        number=number,
        lines=[_of_cart(number, each, numbers) for number, each in enumerate(cart.lines, start=1)],
        currency=cart.total.currency if cart.total else "EUR",
    )


def _of_cart(number: int, line: ReturnedLine, numbers: Mapping[str, int]) -> OrderedLine:
    quantity = line.quantity or Decimal(1)
    return OrderedLine(
        part_id=line.part_id,
        auxiliary_id=line.auxiliary_id,
        quantity=quantity,
        line_number=number,
        parent_line_number=numbers.get(line.parent_line_number, 0) if line.parent_line_number else 0,
        item_type=line.item_type,
        composite_item_type=line.composite_item_type,
        # What one costs: a price may be for a hundred.
        price=(line.amount or Decimal(0)) / quantity,
        currency=line.unit_price.currency if line.unit_price else "EUR",
        unit=line.unit,
        detail=line.detail,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What is posted: the body, its Content-Type, the document alone and its payloadID."""

    body: bytes
    content_type: str
    document: bytes
    payload_id: str


def order_request(
    settings: BuyerSettings, order: OrderToSend, *, language: str = "en-US", at: datetime | None = None
) -> Written:
    """Orders, changes or cancels. With attachments it is a message of several parts (``multipart/related``)."""
    root, request = envelope(settings, language, at)
    if order.payload_id:
        root.set("payloadID", order.payload_id)
    body = add(request, "OrderRequest")
    moment = at or datetime.now().astimezone()
    header = add(body, "OrderRequestHeader", orderID=order.number, orderDate=moment.isoformat(timespec="seconds"))
    header.set("type", order.action)
    if order.version is not None:
        header.set("orderVersion", str(order.version))
    _add_money(add(header, "Total"), order.total, order.currency)
    to = order.ship_to or Address(name=settings.from_identity, street=("–",), city="–", country_code="DE")
    add_ship_to(header, to, language)
    add_ship_to(header, to, language)
    header[-1].tag = "BillTo"
    names = [f"{secrets.token_hex(8)}@buyer.example" for _each in order.attachments]
    if order.comment or names:
        comments = add(header, "Comments", order.comment)
        comments.set(XML_LANG, language)
        for name in names:
            add(add(comments, "Attachment"), "URL", f"cid:{name}")
    if order.replaces:
        add(header, "DocumentReference", payloadID=order.replaces)
    for name, value in order.extrinsics.items():
        add(header, "Extrinsic", value, name=name)
    for position, line in enumerate(order.lines, start=1):
        _add_line(body, position, line, language)
    document = serialised(root)
    payload_id = root.get("payloadID", "")
    if not order.attachments:
        return Written(document, "text/xml; charset=UTF-8", document, payload_id)
    return Written(*_message(document, order.attachments, names), document, payload_id)


def _add_line(body: etree._Element, position: int, line: OrderedLine, language: str) -> None:
    item = add(body, "ItemOut", quantity=f"{line.quantity.normalize():f}", lineNumber=str(line.line_number or position))
    given = {
        "requestedDeliveryDate": line.requested_delivery,
        "parentLineNumber": str(line.parent_line_number or ""),
        "itemType": line.item_type,
        "compositeItemType": line.composite_item_type,
    }
    for name, value in given.items():
        if value:
            item.set(name, value)
    add_item_id(item, line.part_id, line.auxiliary_id)
    if line.detail:
        item.append(etree.fromstring(line.detail, etree.XMLParser(resolve_entities=False, no_network=True)))
    else:
        _add_detail(item, line, language)
    if line.cost_center:
        distribution = add(item, "Distribution")
        accounting = add(distribution, "Accounting", name="Cost center")
        segment = {"type": "Cost center", "id": line.cost_center, "description": "Cost center"}
        add(accounting, "Segment", **segment)
        _add_money(add(distribution, "Charge"), line.amount, line.currency)
    if line.comment:
        add(item, "Comments", line.comment).set(XML_LANG, language)


def _add_detail(item: etree._Element, line: OrderedLine, language: str) -> None:
    detail = add(item, "ItemDetail")
    _add_money(add(detail, "UnitPrice"), line.price, line.currency)
    add(detail, "Description", line.description or line.part_id).set(XML_LANG, language)
    add(detail, "UnitOfMeasure", line.unit)
    add(detail, "Classification", "00000000", domain="UNSPSC")


def _add_money(parent: etree._Element, amount: Decimal, currency: str) -> None:
    add(parent, "Money", f"{amount.normalize():f}", currency=currency)


def _message(document: bytes, attachments: Sequence[tuple[str, str, bytes]], names: Sequence[str]) -> tuple[bytes, str]:
    """Two or more parts, the document first, as the guide prints them (pp. 20-22)."""
    message = EmailMessage()
    message.make_related()
    root = EmailMessage()
    root.set_content(document, "text", "xml", cte="8bit")
    root.replace_header("Content-Type", "text/xml; charset=UTF-8")
    root["Content-ID"] = "<order@buyer.example>"
    message.attach(root)
    for (name, media_type, content), content_id in zip(attachments, names, strict=True):
        part = EmailMessage()
        main, _slash, sub = media_type.partition("/")
        part.set_content(content, main, sub, filename=name, cid=f"<{content_id}>")
        message.attach(part)
    message.set_param("start", "<order@buyer.example>")
    _head, _gap, body = message.as_bytes().partition(b"\n\n")
    # The headers of the message are those of the HTTP request.
    return body, " ".join(str(message["Content-Type"]).split())
