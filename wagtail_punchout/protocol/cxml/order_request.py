"""OrderRequest: a buyer's system orders, changes an order or cancels one (guide, chapter 5).

What the DTD demands and real orders leave out (Total, BillTo, seen at SDI; ItemDetail, guide p. 133) may be missing.
Only what makes an order useless is refused: no number, no line, a line without a quantity.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import count

from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.item import ItemDetail, read_detail, read_item_id, read_text
from wagtail_punchout.protocol.cxml.order_parts import (
    MOST_MONEY,
    all_text,
    attribute,
    is_yes,
    moment,
    money,
    read_address_in,
    read_carriers,
    read_charge,
    read_comments,
    read_distributions,
    read_open_extrinsics,
    read_payment,
    read_tax,
    read_terms,
    read_terms_of_delivery,
    read_transports,
    told,
    without_secrets,
)
from wagtail_punchout.protocol.cxml.party import read_address, read_contact
from wagtail_punchout.protocol.errors import DocumentTooLarge, UnacceptableContent
from wagtail_punchout.protocol.order import BlanketDetail, Order, OrderAction, OrderLine, Partner, ScheduleLine

MOST_LINES = 20_000
MOST_OF_A_LINE = Decimal(10) ** 9
#: Numbers of lines that databases keep.
HIGHEST_NUMBER = 2**31 - 1

_TYPES = {each.lower(): each for each in ("regular", "release", "blanket", "stockTransport", "stockTransportRelease")}
#: Children that are kept in the raw document alone.
_READ_OF_HEADER = frozenset(
    (
        "Total",
        "ShipTo",
        "BillTo",
        "BusinessPartner",
        "Shipping",
        "Tax",
        "Payment",
        "PaymentTerm",
        "Contact",
        "Comments",
        "Followup",
        "ControlKeys",
        "DocumentReference",
        "SupplierOrderInfo",
        "TermsOfDelivery",
        "DeliveryPeriod",
        "IdReference",
        "Extrinsic",
    )
)
_READ_OF_LINE = frozenset(
    (
        "ItemID",
        "ItemDetail",
        "BlanketItemDetail",
        "ShipTo",
        "Shipping",
        "Tax",
        "Distribution",
        "Contact",
        "Comments",
        "TermsOfDelivery",
        "ScheduleLine",
        "Extrinsic",
    )
)


def decode_order_request(body: _Element) -> Order:
    """Read it. ``UnacceptableContent`` names what is missing or impossible, ``DocumentTooLarge`` too many lines."""
    header = tree.require(body, "OrderRequestHeader")
    items = body.findall("ItemOut")
    if not items:
        raise UnacceptableContent("OrderRequest/ItemOut is missing: an order has at least one line.")
    if len(items) > MOST_LINES:
        raise DocumentTooLarge(f"The order has {len(items)} lines; at most {MOST_LINES} are taken.")
    lines = tuple(map(_line, range(1, len(items) + 1), items, _numbers(items)))
    period, replaced = header.find("DeliveryPeriod/Period"), header.find("DocumentReference")
    order_date = attribute(header, "orderDate")
    ours = header.find("SupplierOrderInfo")
    return Order(
        order_id=_order_id(header),
        action=_action(header),
        version=_version(header),
        order_date=moment(header, "orderDate"),
        order_date_text=order_date,
        order_type=_TYPES.get(attribute(header, "orderType").lower(), attribute(header, "orderType")) or "regular",
        is_internal=is_yes(header, "isInternalVersion"),
        ship_complete=is_yes(header, "shipComplete"),
        requisition_id=attribute(header, "requisitionID"),
        agreement_id=attribute(header, "agreementID") or attribute(header, "parentAgreementID"),
        agreement_payload_id=attribute(header, "agreementPayloadID"),
        effective_date=moment(header, "effectiveDate"),
        expiration_date=moment(header, "expirationDate"),
        release_required=is_yes(header, "releaseRequired"),
        total=money(header, "Total"),
        ship_to=read_address_in(header, "ShipTo"),
        carriers=read_carriers(header),
        transports=read_transports(header),
        bill_to=read_address_in(header, "BillTo"),
        partners=tuple(_read_partner(each) for each in header.findall("BusinessPartner")),
        shipping=read_charge(header),
        tax=read_tax(header),
        payment=read_payment(header),
        terms=read_terms(header),
        contacts=tuple(read_contact(each) for each in header.findall("Contact")),
        comments=read_comments(header),
        followup=told(header, "Followup/URL"),
        control_keys=_control_keys(header),
        replaces="" if replaced is None else attribute(replaced, "payloadID"),
        supplier_order_id="" if ours is None else attribute(ours, "orderID"),
        terms_of_delivery=read_terms_of_delivery(header),
        requested_delivery=moment(header, "requestedDeliveryDate"),
        pick_up=moment(header, "pickUpDate"),
        delivery_begin=None if period is None else moment(period, "startDate"),
        delivery_end=None if period is None else moment(period, "endDate"),
        id_references=tuple(
            (attribute(each, "domain"), attribute(each, "identifier")) for each in header.findall("IdReference")
        ),
        extrinsics=read_open_extrinsics(header),
        unread=_unread(header, items),
        lines=lines,
    )


def content_digest(body: _Element) -> str:
    """SHA-256 of what is ordered: the same under another payloadID, at another time, with another secret."""
    return hashlib.sha256(etree.tostring(body, method="c14n")).hexdigest()


def _order_id(header: _Element) -> str:
    order_id = attribute(header, "orderID")
    if not order_id:
        raise UnacceptableContent("OrderRequestHeader/@orderID is missing: an order needs a number.")
    return order_id


def _action(header: _Element) -> OrderAction:
    named = attribute(header, "type").lower() or OrderAction.NEW.value
    try:
        return OrderAction(named)
    except ValueError:
        # Taken for new it might be ordered twice, taken for a change it might be lost.
        raise UnacceptableContent(
            f"OrderRequestHeader/@type is {named[:40]!r}; it can be new, update or delete."
        ) from None


def _version(header: _Element) -> int | None:
    named = attribute(header, "orderVersion")
    if not named:
        return None
    if not (named.isascii() and named.isdigit() and len(named) <= 9):
        raise UnacceptableContent(f"OrderRequestHeader/@orderVersion is {named[:40]!r}, which is no number.")
    return int(named)


def _control_keys(header: _Element) -> tuple[tuple[str, str], ...]:
    keys = header.find("ControlKeys")
    return () if keys is None else tuple((each.tag, attribute(each, "value")) for each in keys)


def _read_partner(partner: _Element) -> Partner:
    address = partner.find("Address")
    return Partner(
        role=attribute(partner, "role"),
        type=attribute(partner, "type"),
        address=None if address is None else read_address(address),
    )


def _unread(header: _Element, items: list[_Element]) -> tuple[str, ...]:
    found = {each.tag for each in header} - _READ_OF_HEADER
    for item in items:
        found.update(each.tag for each in item if each.tag not in _READ_OF_LINE)
    return tuple(sorted(found))


def _line(position: int, item: _Element, number: int) -> OrderLine:
    """A line. What is wrong with it is told with its number: an order may have thousands."""
    where = f"ItemOut {attribute(item, 'lineNumber') or position}"
    try:
        return _read_line(position, item, number, where)
    except UnacceptableContent as refusal:
        if where in str(refusal):
            raise
        raise UnacceptableContent(f"{where}: {refusal}", code=refusal.code) from refusal


def _read_line(position: int, item: _Element, number: int, where: str) -> OrderLine:
    given = attribute(item, "lineNumber")
    blanket = item.find("BlanketItemDetail")
    line = OrderLine(
        number=number,
        given_number=given,
        position=position,
        parent_number=_digits(attribute(item, "parentLineNumber")),
        item_type=attribute(item, "itemType").lower(),
        composite_type=attribute(item, "compositeItemType"),
        item_id=read_item_id(item),
        quantity=_quantity(item, where, is_blanket=blanket is not None),
        detail=_detail(item),
        blanket=None if blanket is None else _read_blanket(blanket),
        requested_delivery=moment(item, "requestedDeliveryDate"),
        requested_shipment=moment(item, "requestedShipmentDate"),
        confirmation_due=moment(item, "confirmationDueDate"),
        requisition_id=attribute(item, "requisitionID"),
        agreement_item_number=attribute(item, "agreementItemNumber"),
        is_ad_hoc=is_yes(item, "isAdHoc"),
        is_return=is_yes(item, "isReturn"),
        return_authorization=attribute(item, "returnAuthorizationNumber"),
        operation=attribute(item, "operation").lower(),
        ship_to=read_address_in(item, "ShipTo"),
        carriers=read_carriers(item),
        transports=read_transports(item),
        shipping=read_charge(item),
        tax=read_tax(item),
        distributions=read_distributions(item),
        contacts=tuple(read_contact(each) for each in item.findall("Contact")),
        comments=read_comments(item),
        terms_of_delivery=read_terms_of_delivery(item),
        schedule=tuple(_read_schedule_line(each) for each in item.findall("ScheduleLine")),
        own_extrinsics=read_open_extrinsics(item),
    )
    _check_amounts(line, where)
    return line


def _detail(item: _Element) -> ItemDetail | None:
    detail = read_detail(item)
    return replace(detail, extrinsics=without_secrets(detail.extrinsics)) if detail and detail.extrinsics else detail


def _check_amounts(line: OrderLine, where: str) -> None:
    """A price for the tiniest part of a unit may be as absurd as a long number."""
    for what, value, most in (
        ("unit price", line.unit_price_of_one, MOST_MONEY),
        ("amount", line.amount, MOST_MONEY * 1_000),
    ):
        if value is not None and abs(value.amount) >= most:
            raise UnacceptableContent(f"The {what} of {where} is {value.amount:.3e}, which is more than is taken.")


def _digits(text: str) -> int | None:
    """Zero-padded numbers occur: they are compared as numbers."""
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= HIGHEST_NUMBER:
        return int(text)
    return None


def _numbers(items: list[_Element]) -> list[int]:
    """A number for each line, no two the same: nothing that follows could tell the lines apart.

    Lines without a number, or with another line's, go by their position, or by the first number that is free.
    """
    given = [_digits(attribute(each, "lineNumber")) for each in items]
    times = Counter(given)
    used = {each for each in given if each and times[each] == 1}
    free = (each for each in count(1) if each not in used)
    found = []
    for position, each in enumerate(given, start=1):
        number = each if each and times[each] == 1 else position if position not in used else next(free)
        used.add(number)
        found.append(number)
    return found


def _quantity(item: _Element, where: str, *, is_blanket: bool) -> Decimal:
    quantity = tree.decimal(item.get("quantity", ""), what=f"{where}/@quantity")
    if quantity is None and is_blanket:
        return Decimal(1)  # it counts nothing there
    if quantity is None or not 0 <= quantity <= MOST_OF_A_LINE:
        raise UnacceptableContent(f"{where} needs a quantity from 0 to {MOST_OF_A_LINE:f}.")
    return quantity


def _read_blanket(blanket: _Element) -> BlanketDetail:
    return BlanketDetail(
        descriptions=tuple(text for each in blanket.findall("Description") if (text := read_text(each))),
        most_amount=money(blanket, "MaxAmount"),
        least_amount=money(blanket, "MinAmount"),
        most_quantity=_limit(blanket, "MaxQuantity"),
        least_quantity=_limit(blanket, "MinQuantity"),
        unit_price=money(blanket, "UnitPrice"),
        unit=tree.optional_text(blanket, "UnitOfMeasure"),
        extrinsics=read_open_extrinsics(blanket),
    )


def _limit(blanket: _Element, name: str) -> Decimal | None:
    """The DTD has the number as text; an attribute, as quantities have it elsewhere, is taken as well."""
    found = blanket.find(name)
    return None if found is None else tree.decimal(all_text(found) or attribute(found, "quantity"), what=name)


def _read_schedule_line(line: _Element) -> ScheduleLine:
    return ScheduleLine(
        quantity=tree.decimal(line.get("quantity", ""), what="ScheduleLine/@quantity"),
        unit=tree.optional_text(line, "UnitOfMeasure"),
        number=attribute(line, "lineNumber"),
        requested_delivery=moment(line, "requestedDeliveryDate"),
    )
