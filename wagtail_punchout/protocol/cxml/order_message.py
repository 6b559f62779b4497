"""PunchOutOrderMessage: the cart on its way back to the buyer.

The buyer's own browser carries it home in a form field. It offers goods and orders nothing: the order, if one comes,
arrives later as an OrderRequest. A message without lines says "came back with nothing", and on edit empties the cart at
the buyer's (guide p. 86); to leave everything as it was, wrap it in a Message with Status 204.

The DTD fixes the order of the elements and receivers validate against it, so the order in which they are added below is
part of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from lxml import etree
from lxml.etree import SubElement, _Element

from wagtail_punchout.protocol.cart import Charge, Classification, Text
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.envelope import DEFAULT_DTD, NEWER_DTD
from wagtail_punchout.protocol.cxml.item import (
    ItemDetail,
    ItemID,
    add_description,
    add_detail,
    add_item_id,
    plain_number,
    read_detail,
    read_item_id,
    read_text,
)
from wagtail_punchout.protocol.cxml.party import Address, add_ship_to, read_ship_to
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.errors import UnacceptableContent, UnsendableCart
from wagtail_punchout.protocol.money import Money

E = TypeVar("E", bound=StrEnum)


class OperationAllowed(StrEnum):
    """The most a buyer may later ask of this cart; each includes those above it."""

    CREATE = "create"  # order it
    INSPECT = "inspect"  # look at it again
    EDIT = "edit"  # come back and change it


class QuoteStatus(StrEnum):
    PENDING = "pending"  # prices follow
    FINAL = "final"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemIn:
    """One line. Lines of a bundle have numbers, and parts point to the number of their heading (guide p. 87)."""

    item_id: ItemID
    quantity: Decimal
    detail: ItemDetail
    line_number: int | None = None
    parent_line_number: int | None = None
    item_type: str = ""  # composite (the heading) or item (a part)
    composite_item_type: str = ""  # groupLevel (the heading is priced) or itemLevel (its parts are)
    item_classification: str = ""  # material or service
    comments: str = ""

    @property
    def is_newer(self) -> bool:
        """Whether the line says something that 1.2.014 has no words for."""
        return bool(
            self.detail.price_basis
            or self.item_id.buyer_part_id
            or self.parent_line_number is not None
            or self.item_type
            or self.composite_item_type
            or self.item_classification
            or self.comments
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderMessage:
    """The cart. ``total`` is the sum of the lines without tax and freight (guide p. 85)."""

    buyer_cookie: str
    operation_allowed: OperationAllowed
    quote_status: QuoteStatus = QuoteStatus.FINAL
    # Given, not summed here: buyers disagree on rounding, so the dialect decides.
    total: Money
    shipping: Charge | None = None
    tax: Charge | None = None
    ship_to: Address | None = None
    lines: tuple[ItemIn, ...] = ()


def needed_version(message: OrderMessage) -> str:
    """The oldest DTD version that knows every word this message uses."""
    newer = any(line.is_newer for line in message.lines) or (message.ship_to and message.ship_to.address_id_domain)
    return NEWER_DTD if newer else DEFAULT_DTD


# Writing


def encode(message: OrderMessage, *, language: str = "en") -> _Element:
    """Write the cart; ``UnsendableCart`` names the line that cXML or its receivers would refuse.

    ``language`` is that of the visit and stands in for texts that name none.
    """
    language = tree.language_tag(language, fallback="en")
    _check_currency(message.total.currency)
    root = etree.Element("PunchOutOrderMessage")
    tree.add_text(root, "BuyerCookie", message.buyer_cookie)
    _add_header(root, message, language)
    headings = {line.line_number for line in message.lines if line.item_type == "composite"}
    for line in message.lines:
        _add_line(root, line, message.total.currency, headings, language)
    return root


def _add_header(root: _Element, message: OrderMessage, language: str) -> None:
    attributes = {"operationAllowed": message.operation_allowed.value}
    if message.quote_status != QuoteStatus.FINAL:
        attributes["quoteStatus"] = message.quote_status.value  # "final" is the default, and 1.1 has no such word
    header = tree.add(root, "PunchOutOrderMessageHeader", attributes)
    tree.add_money(header, "Total", _sendable(message.total, message.total.currency))
    if message.ship_to:
        add_ship_to(header, message.ship_to, language=language)
    if message.shipping:
        _add_charge(header, "Shipping", message.shipping, message.total.currency, language)
    if message.tax:
        _add_charge(header, "Tax", message.tax, message.total.currency, language)


def _add_charge(header: _Element, name: str, charge: Charge, currency: str, language: str) -> None:
    element = tree.add_money(header, name, _sendable(charge.amount, currency))
    add_description(element, charge.description, language=language)


def _add_line(root: _Element, line: ItemIn, currency: str, headings: set[int | None], language: str) -> None:
    price = _unit_price(line, currency)
    _check(line, headings)
    item = SubElement(root, "ItemIn", _attributes(line))
    add_item_id(item, line.item_id)
    add_detail(item, line.detail, price, language=language)
    if line.comments:
        tree.add_text(item, "Comments", line.comments, {LANG: language})


def _check_currency(currency: str) -> None:
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise UnsendableCart(f"{currency!r} is no ISO 4217 currency")


def _attributes(line: ItemIn) -> dict[str, str]:
    attributes = {"quantity": plain_number(line.quantity)}
    if line.line_number is not None:
        attributes["lineNumber"] = str(line.line_number)
    if line.parent_line_number is not None:
        attributes["parentLineNumber"] = str(line.parent_line_number)
    if line.item_type:
        attributes["itemType"] = line.item_type
    if line.composite_item_type:
        attributes["compositeItemType"] = line.composite_item_type
    if line.item_classification:
        attributes["itemClassification"] = line.item_classification
    return attributes


def _check(line: ItemIn, headings: set[int | None]) -> None:
    sku, detail = line.item_id.supplier_part_id, line.detail
    if not tree.clean(sku).strip():
        raise UnsendableCart("a line has no part id", sku=sku)
    if not (line.quantity.is_finite() and line.quantity > 0):
        raise UnsendableCart(f"{sku} needs a quantity above zero, not {line.quantity}", sku=sku)
    if not any(map(_says_something, detail.descriptions)):
        raise UnsendableCart(f"{sku} needs a description", sku=sku)
    if not any(map(_classifies, detail.classifications)):
        raise UnsendableCart(f"{sku} needs a classification", sku=sku)
    if not detail.unit.strip():
        raise UnsendableCart(f"{sku} needs a unit of measure", sku=sku)
    if line.parent_line_number is not None and line.parent_line_number not in headings:
        raise UnsendableCart(f"{sku} belongs to line {line.parent_line_number}, which is no bundle", sku=sku)


def _classifies(classification: Classification) -> bool:
    return bool(classification.domain.strip() and classification.code.strip())


def _says_something(text: Text) -> bool:
    return bool(text.text.strip() or text.short.strip())


def _unit_price(line: ItemIn, currency: str) -> Money:
    price, sku = line.detail.unit_price, line.item_id.supplier_part_id
    if price is not None:
        return _sendable(price, currency, sku=sku)
    if line.item_type == "composite" or line.parent_line_number is not None:
        return Money(Decimal(0), currency)  # priced elsewhere in its bundle, but the DTD demands a UnitPrice
    raise UnsendableCart(f"{sku} has no price", sku=sku)


def _sendable(money: Money, currency: str, *, sku: str = "") -> Money:
    if money.currency != currency:
        raise UnsendableCart(f"{sku or 'a charge'} is in {money.currency}, the cart in {currency}", sku=sku)
    if not money.amount.is_finite():
        raise UnsendableCart(f"{sku or 'the total'} has the price {money.amount}", sku=sku)
    return money


# Reading


def decode(root: _Element) -> OrderMessage:
    """Read a cart as a buyer's system would, with the patience the samples of other shops call for."""
    header = tree.require(root, "PunchOutOrderMessageHeader")
    total = tree.money(header, "Total")
    if total is None:
        raise UnacceptableContent("PunchOutOrderMessageHeader/Total/Money is missing.")
    return OrderMessage(
        buyer_cookie=tree.content(tree.require(root, "BuyerCookie")),
        operation_allowed=_one_of(OperationAllowed, header, "operationAllowed", OperationAllowed.CREATE),
        quote_status=_one_of(QuoteStatus, header, "quoteStatus", QuoteStatus.FINAL),
        total=total,
        shipping=_read_charge(header, "Shipping"),
        tax=_read_charge(header, "Tax"),
        ship_to=read_ship_to(header),
        lines=tuple(_read_line(each) for each in root.findall("ItemIn")),
    )


def _read_line(item: _Element) -> ItemIn:
    detail = read_detail(item)
    quantity = tree.decimal(item.get("quantity", ""), what="ItemIn/@quantity")
    if detail is None or quantity is None:
        raise UnacceptableContent("ItemIn needs a quantity and an ItemDetail.")
    return ItemIn(
        item_id=read_item_id(item),
        quantity=quantity,
        detail=detail,
        line_number=_line_number(item, "lineNumber"),
        parent_line_number=_line_number(item, "parentLineNumber"),
        item_type=item.get("itemType", "").strip(),
        composite_item_type=item.get("compositeItemType", "").strip(),
        item_classification=item.get("itemClassification", "").strip(),
        comments=_read_comments(item),
    )


def _read_comments(item: _Element) -> str:
    comments = item.find("Comments")  # may hold Attachments, which are left alone
    return "" if comments is None else "".join([comments.text or "", *(each.tail or "" for each in comments)]).strip()


def _read_charge(header: _Element, name: str) -> Charge | None:
    amount, description = tree.money(header, name), header.find(f"{name}/Description")
    if amount is None:
        return None
    return Charge(amount, (None if description is None else read_text(description)) or Text(""))


def _line_number(item: _Element, name: str) -> int | None:
    found = tree.decimal(item.get(name, ""), what=f"ItemIn/@{name}")
    return None if found is None else int(found)


def _one_of(kind: type[E], element: _Element, name: str, default: E) -> E:
    named = element.get(name, "").strip().lower()
    return kind(named) if named in set(kind) else default
