"""What the documents after an order have in common."""

from __future__ import annotations

from datetime import datetime

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.fulfilment import OrderReference
from wagtail_punchout.protocol.money import Money

#: The DTD these documents are written for; the order of their elements is its.
DTD_VERSION = "1.2.048"


def add_order_reference(parent: _Element, reference: OrderReference) -> None:
    attributes = {"orderID": tree.clean(reference.order_id)}
    if reference.order_date:
        attributes["orderDate"] = tree.clean(reference.order_date)
    element = tree.add(parent, "OrderReference", attributes)
    add_document_reference(element, reference.payload_id)


def add_document_reference(parent: _Element, payload_id: str) -> None:
    tree.add(parent, "DocumentReference", {"payloadID": tree.clean(payload_id)})


def add_comment(parent: _Element, comment: str, language: str) -> None:
    if comment:
        tree.add_text(parent, "Comments", comment, {LANG: tree.language_tag(language, fallback="en")})


def add_described(parent: _Element, name: str, value: Money, language: str) -> None:
    """Tax or Shipping: a Money and its Description, which the DTD demands; its name is all there is to say."""
    tag = tree.language_tag(language, fallback="en")
    tree.add_text(tree.add_money(parent, name, value), "Description", name, {LANG: tag})


def dates(**given: datetime | None) -> dict[str, str]:
    return {name: timestamps.format(value) for name, value in given.items() if value}
