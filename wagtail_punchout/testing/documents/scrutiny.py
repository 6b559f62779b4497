"""What a strict buyer's system would not like about a cart, one sentence each.

The limits are those that some system out there enforces: the guide's where it gives one, else the narrowest known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from lxml import etree

if TYPE_CHECKING:
    from wagtail_punchout.testing.documents.carts import ReturnedCart, ReturnedLine
    from wagtail_punchout.testing.documents.ordering import OrderedLine
    from wagtail_punchout.testing.documents.writing import BuyerSettings

_Line = TypeVar("_Line", "ReturnedLine", "OrderedLine")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HTML = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", re.IGNORECASE)
# Bytes that were UTF-8 and were read as Latin-1 or Windows-1252.
MOJIBAKE = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u0192\u0152-\u0178]|\u00e2\u201a\u00ac|\ufffd")
UNIT = re.compile(r"^[A-Z0-9]{2,3}$")

# Children in the DTD's order; a receiver that validates refuses any other.
ORDER = {
    "Message": "Status PunchOutOrderMessage",
    "PunchOutOrderMessage": "BuyerCookie PunchOutOrderMessageHeader ItemIn",
    "PunchOutOrderMessageHeader": "SourcingStatus Total ShipTo Shipping Tax SupplierOrderInfo",
    "ItemIn": "ItemID Path ItemDetail SupplierID SupplierList ShipTo Shipping Tax SpendDetail Distribution"
    " Contact Comments ScheduleLine BillTo Batch Period DateInfo Extrinsic",
    "ItemID": "SupplierPartID SupplierPartAuxiliaryID BuyerPartID IdReference",
    "ItemDetail": "UnitPrice Description OverallLimit ExpectedLimit UnitOfMeasure PriceBasisQuantity Classification"
    " ManufacturerPartID ManufacturerName URL LeadTime Dimension ItemDetailIndustry AttachmentReference"
    " PlannedAcceptanceDays Extrinsic",
}


def of_urlencoded(value: str) -> list[str]:
    """The guide counts this field as us-ascii: everything else has to be a character reference."""
    if value.isascii():
        return []
    foreign = next(character for character in value if ord(character) > 127)
    return [f"cXML-urlencoded holds “{foreign}”; outside ASCII only character references survive."]


def of_tree(root: etree._Element, body: etree._Element) -> Iterator[str]:
    """Things that are lost once the document has become values."""
    if not root.findtext("Header/Sender/UserAgent"):
        yield "Sender has no UserAgent."
    for element in body.getparent().iter(*ORDER):
        known = ORDER[element.tag].split()
        places = [known.index(child.tag) for child in element if child.tag in known]
        if places != sorted(places):
            yield f"The children of {element.tag} are not in the order of the DTD."
        for child in element:
            if child.tag not in known:
                yield f"{element.tag} holds {child.tag}, which the DTD does not know there."
    for element in body.iter("Description"):
        if not element.get(XML_LANG):
            yield "A Description has no xml:lang."


def of_cart(cart: ReturnedCart) -> Iterator[str]:
    if not cart.buyer_cookie:
        yield "There is no BuyerCookie: the cart cannot be matched with a visit."
    if cart.operation_allowed not in {"create", "inspect", "edit"}:
        yield f"operationAllowed is “{cart.operation_allowed}”."
    if cart.quote_status not in {"final", "pending"}:
        yield f"quoteStatus is “{cart.quote_status}”."
    if cart.status not in {200, 204}:
        yield f"Message/Status has the code {cart.status}."
    if cart.is_cancelled and cart.lines:
        yield "Status 204 says that nothing changed, but the message carries lines."
    yield from _of_money(cart)
    yield from _of_keys(cart)
    for line in cart.lines:
        yield from _of_line(line)


def complaints_for(
    cart: ReturnedCart, settings: BuyerSettings, buyer_cookie: str, operation: str = "create"
) -> tuple[str, ...]:
    """What does not fit the visit that this cart should belong to."""
    return tuple(_misfits(cart, settings, buyer_cookie, operation))


def _misfits(cart: ReturnedCart, settings: BuyerSettings, buyer_cookie: str, operation: str) -> Iterator[str]:
    if cart.buyer_cookie != buyer_cookie:
        yield f"The BuyerCookie came back as “{cart.buyer_cookie}” instead of “{buyer_cookie}”."
    if cart.from_identity != (settings.to_domain, settings.to_identity):
        yield f"From should be the supplier as we named it, but is {' '.join(cart.from_identity)}."
    if cart.to_identity != (settings.from_domain, settings.from_identity):
        yield f"To should be the buyer as we named it, but is {' '.join(cart.to_identity)}."
    if cart.deployment_mode != settings.mode:
        yield f"The visit is in {settings.mode} mode, the message in {cart.deployment_mode}."
    if settings.secret and settings.secret in cart.document:
        yield "The message contains our shared secret, and the browser has seen it."
    if operation == "inspect" and cart.lines:
        yield "The visit was for inspection only, but the message carries lines."


def _of_money(cart: ReturnedCart) -> Iterator[str]:
    currencies = {line.unit_price.currency for line in cart.lines if line.unit_price}
    if cart.total:
        currencies.add(cart.total.currency)
    if len(currencies) > 1:
        yield f"The cart mixes currencies: {', '.join(sorted(currencies))}."
    elif cart.total:
        amounts = [line.amount or Decimal(0) for line in counted_lines(cart.lines)]
        # Rounding each line or only the sum are both seen.
        leeway = Decimal("0.005") * (len(amounts) + 1)
        if abs(cart.total.amount - sum(amounts)) > leeway:
            yield f"The Total is {cart.total}, but the lines add up to {sum(amounts):f}."


def counted_lines(lines: Sequence[_Line]) -> list[_Line]:
    """The lines whose amounts make the total: of a bundle either the heading or its parts, never both."""
    headings = {line.line_number: line.composite_item_type for line in lines if line.item_type == "composite"}
    return [
        line
        for line in lines
        if headings.get(line.parent_line_number) != "groupLevel"
        and not (line.item_type == "composite" and line.composite_item_type == "itemLevel")
    ]


def _of_keys(cart: ReturnedCart) -> Iterator[str]:
    keys = Counter((line.part_id, line.auxiliary_id) for line in cart.lines)
    for (part_id, auxiliary_id), times in keys.items():
        if times > 1:
            yield f"Part {part_id} with auxiliary ID “{auxiliary_id}” comes {times} times; many systems key on both."
    numbers = {line.line_number for line in cart.lines}
    for line in cart.lines:
        if line.parent_line_number and line.parent_line_number not in numbers:
            yield f"Line {line.part_id} belongs to line {line.parent_line_number}, which is not there."


def _of_line(line: ReturnedLine) -> Iterator[str]:
    for sentence in (*_of_ids(line), *_of_numbers(line), *_of_texts(line), *_of_codes(line)):
        yield f"Line {line.part_id or '?'}: {sentence}"


def _of_ids(line: ReturnedLine) -> Iterator[str]:
    if not line.part_id:
        yield "no SupplierPartID."
    if len(line.part_id) > 100 or set(line.part_id) & set("?{}"):
        yield "the part number is longer than 100 characters or holds one of ? { }."
    if len(line.auxiliary_id) > 100 or set(line.auxiliary_id) & set("<>{}\"'"):
        yield "the auxiliary ID is long or holds markup, which gets damaged on the way."


def _of_numbers(line: ReturnedLine) -> Iterator[str]:
    if line.quantity is not None and line.quantity <= 0:
        yield f"the quantity is {line.quantity:f}."
    if line.unit_price and line.unit_price.amount <= 0 and not (line.item_type or line.parent_line_number):
        yield f"the price is {line.unit_price}."
    if line.unit_price and -line.unit_price.amount.as_tuple().exponent > 4:
        yield "the price has more than four decimals."
    if line.basis and line.basis.quantity <= 0:
        yield "the price basis is not a positive quantity."
    if line.lead_time and not line.lead_time.isdigit():
        yield f"the lead time “{line.lead_time}” is not a number of days."


def _of_texts(line: ReturnedLine) -> Iterator[str]:
    if not line.descriptions:
        yield "no Description."
    for text in line.descriptions:
        whole = f"{text.short_name} {text.text}"
        if not whole.strip():
            yield f"the Description in “{text.language}” is empty."
        if HTML.search(whole):
            yield "the Description contains HTML."
        if MOJIBAKE.search(whole):
            yield f"the Description looks as if it was decoded twice: “{whole.strip()[:40]}”."
        if len(text.short_name) > 50:
            yield "the ShortName has more than 50 characters."


def _of_codes(line: ReturnedLine) -> Iterator[str]:
    if not UNIT.match(line.unit):
        yield f"the unit “{line.unit}” is no UN/CEFACT code."
    codes = {domain.upper(): code for domain, code in line.classifications.items()}
    if not codes:
        yield "no Classification."
    elif "UNSPSC" not in codes:
        yield "no UNSPSC code."
    elif not re.fullmatch(r"\d{8}", codes["UNSPSC"]):
        yield f"the UNSPSC code “{codes['UNSPSC']}” is not eight digits."
