"""An OrderRequest written, as an example for a buyer's people: plain, and valid since 1.2.014."""

from __future__ import annotations

from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.item import add_detail, add_extrinsics, add_item_id, plain_number
from wagtail_punchout.protocol.cxml.party import Address, add_contact, add_ship_to
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.order import Order


def encode_order_request(order: Order, *, language: str = "en") -> _Element:
    """The body. ``ValueError`` without a date, a total, or a price on each line: the DTD demands them."""
    if order.order_date is None or order.total is None:
        raise ValueError("an order needs a date and a total")
    body = etree.Element("OrderRequest")
    header = tree.add(
        body,
        "OrderRequestHeader",
        {
            "orderID": tree.clean(order.order_id),
            "orderDate": timestamps.format(order.order_date),
            "type": order.action.value,
        },
    )
    if order.version is not None:
        header.set("orderVersion", str(order.version))
    tree.add_money(header, "Total", order.total)
    if order.ship_to:
        add_ship_to(header, order.ship_to, language=language)
    _add_bill_to(header, order.bill_to or order.ship_to or Address(), language)
    for contact in order.contacts:
        add_contact(header, contact, language=language)
    for comment in order.comments:
        tree.add_text(header, "Comments", comment.text, {LANG: tree.language_tag(language, fallback="en")})
    add_extrinsics(header, order.extrinsics)
    for line in order.lines:
        item = tree.add(body, "ItemOut", {"quantity": plain_number(line.quantity), "lineNumber": str(line.number)})
        add_item_id(item, line.item_id)
        if line.detail is None or line.detail.unit_price is None:
            raise ValueError(f"line {line.number} needs a price")
        add_detail(item, line.detail, line.detail.unit_price, language=language)
    return body


def _add_bill_to(header: _Element, address: Address, language: str) -> None:
    add_ship_to(header, address, language=language)
    header[-1].tag = "BillTo"
