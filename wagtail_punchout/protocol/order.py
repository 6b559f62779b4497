"""A purchase order, as every dialect may say it.

Everything may be empty but the number, and a quantity on each line: buyers leave out what a returned cart has said
already (guide p. 133). Texts are as they came, dates are ``None`` where they could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from wagtail_punchout.protocol.cart import Text
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID
from wagtail_punchout.protocol.cxml.party import Address, Contact
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.values_json import from_json, to_json

VERSION = 1


class OrderAction(StrEnum):
    """What a document wants (``OrderRequestHeader/@type``)."""

    NEW = "new"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentRef:
    """A file that a comment names. Only ``cid:`` addresses are looked for, in the same message; none is ever called."""

    url: str
    name: str = ""
    visibility: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    text: str = ""
    language: str = ""
    type: str = ""
    attachments: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderCharge:
    """Freight, with what the buyer says of the way."""

    amount: Money | None = None
    description: str = ""
    tracking_domain: str = ""
    tracking_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transport:
    """How the buyer wants it carried: often by a carrier of its own, on a contract of its own."""

    method: str = ""
    means: str = ""
    contract_number: str = ""
    instructions: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxDetail:
    """One tax. ``percent`` is 19 for 19 %."""

    category: str = ""
    purpose: str = ""
    percent: Decimal | None = None
    taxable: Money | None = None
    amount: Money | None = None
    location: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tax:
    amount: Money | None = None
    description: str = ""
    details: tuple[TaxDetail, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """How it is paid. Of a card number the last four digits are all that is ever kept."""

    kind: str = ""
    card_last_four: str = ""
    card_name: str = ""
    expiration: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentTerm:
    days: int | None = None
    discount_percent: Decimal | None = None
    discount_amount: Money | None = None
    extrinsics: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TermsOfDelivery:
    code: str = ""
    payment_method: str = ""
    transport_terms: str = ""
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """Somebody else who plays a role (``BusinessPartner``)."""

    role: str = ""
    type: str = ""
    address: Address | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A piece of the buyer's accounting, to be echoed in an invoice."""

    type: str = ""
    id: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    name: str = ""
    segments: tuple[Segment, ...] = ()
    charge: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleLine:
    quantity: Decimal | None = None
    unit: str = ""
    number: str = ""
    requested_delivery: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BlanketDetail:
    """What a blanket order allows; its quantity counts nothing."""

    descriptions: tuple[Text, ...] = ()
    most_amount: Money | None = None
    least_amount: Money | None = None
    most_quantity: Decimal | None = None
    least_quantity: Decimal | None = None
    unit_price: Money | None = None
    unit: str = ""
    extrinsics: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """One line. ``number`` is the buyer's, for ever: confirmations and invoices speak by it (guide p. 135).

    Where none came, or one that is no number or stands there twice, the position takes its place; ``given_number`` is
    what came.
    """

    number: int
    quantity: Decimal
    item_id: ItemID
    position: int = 0
    given_number: str = ""
    parent_number: int | None = None
    item_type: str = ""
    composite_type: str = ""
    detail: ItemDetail | None = None
    blanket: BlanketDetail | None = None
    requested_delivery: datetime | None = None
    requested_shipment: datetime | None = None
    confirmation_due: datetime | None = None
    requisition_id: str = ""
    agreement_item_number: str = ""
    is_ad_hoc: bool = False
    is_return: bool = False
    return_authorization: str = ""
    operation: str = ""
    ship_to: Address | None = None
    carriers: tuple[tuple[str, str], ...] = ()
    transports: tuple[Transport, ...] = ()
    shipping: OrderCharge | None = None
    tax: Tax | None = None
    distributions: tuple[Distribution, ...] = ()
    contacts: tuple[Contact, ...] = ()
    comments: tuple[Comment, ...] = ()
    terms_of_delivery: TermsOfDelivery | None = None
    schedule: tuple[ScheduleLine, ...] = ()
    own_extrinsics: tuple[tuple[str, str], ...] = ()

    @property
    def unit(self) -> str:
        if self.detail:
            return self.detail.unit
        return self.blanket.unit if self.blanket else ""

    @property
    def unit_price(self) -> Money | None:
        if self.detail:
            return self.detail.unit_price
        return self.blanket.unit_price if self.blanket else None

    @property
    def unit_price_of_one(self) -> Money | None:
        """For one ordered unit, whatever number of them the price is for (guide p. 361)."""
        price, basis = self.unit_price, self.detail.price_basis if self.detail else None
        if price is None or basis is None or not basis.quantity:
            return price
        return Money(price.amount * basis.conversion_factor / basis.quantity, price.currency)

    @property
    def descriptions(self) -> tuple[Text, ...]:
        if self.detail:
            return self.detail.descriptions
        return self.blanket.descriptions if self.blanket else ()

    @property
    def description(self) -> str:
        first = self.descriptions[0] if self.descriptions else Text("")
        return first.text or first.short

    @property
    def extrinsics(self) -> tuple[tuple[str, str], ...]:
        """Those of its detail, where they belong, and those that stand in the line itself."""
        of_detail = self.detail.extrinsics if self.detail else self.blanket.extrinsics if self.blanket else ()
        return of_detail + self.own_extrinsics

    @property
    def amount(self) -> Money | None:
        """Its value, unrounded: what the buyer rounds, and when, is not said."""
        price = self.unit_price_of_one
        return None if price is None or self.blanket else price * self.quantity


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One order document. ``version`` is the number it gives itself, ``None`` where it gives none.

    ``replaces`` is the payloadID of the document that an update or a delete speaks of, ``supplier_order_id`` our own
    number where the cart has made an order already. ``unread`` names elements that only the raw document keeps.
    """

    order_id: str
    action: OrderAction = OrderAction.NEW
    version: int | None = None
    order_date: datetime | None = None
    order_date_text: str = ""
    order_type: str = "regular"
    is_internal: bool = False
    ship_complete: bool = False
    requisition_id: str = ""
    agreement_id: str = ""
    agreement_payload_id: str = ""
    effective_date: datetime | None = None
    expiration_date: datetime | None = None
    release_required: bool = False
    total: Money | None = None
    ship_to: Address | None = None
    carriers: tuple[tuple[str, str], ...] = ()
    transports: tuple[Transport, ...] = ()
    bill_to: Address | None = None
    partners: tuple[Partner, ...] = ()
    shipping: OrderCharge | None = None
    tax: Tax | None = None
    payment: Payment | None = None
    terms: tuple[PaymentTerm, ...] = ()
    contacts: tuple[Contact, ...] = ()
    comments: tuple[Comment, ...] = ()
    followup: str = ""
    control_keys: tuple[tuple[str, str], ...] = ()
    replaces: str = ""
    supplier_order_id: str = ""
    terms_of_delivery: TermsOfDelivery | None = None
    requested_delivery: datetime | None = None
    pick_up: datetime | None = None
    delivery_begin: datetime | None = None
    delivery_end: datetime | None = None
    id_references: tuple[tuple[str, str], ...] = ()
    extrinsics: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    lines: tuple[OrderLine, ...] = field(default=())

    @property
    def lines_total(self) -> Money | None:
        """What the lines add up to; ``None`` where a price is missing or currencies are mixed."""
        # What belongs to a bundle that has a price of its own is not paid twice, nor what belongs to such a part.
        paid_with = {each.number for each in self.lines if each.composite_type == "groupLevel"}
        amounts = []
        for line in self.lines:
            if line.parent_number in paid_with:
                paid_with.add(line.number)
            else:
                amounts.append(line.amount)
        priced = [each for each in amounts if each is not None]
        if not priced or len(priced) != len(amounts) or len({each.currency for each in priced}) > 1:
            return None
        return Money(sum((each.amount for each in priced), Decimal(0)), priced[0].currency)

    @property
    def attachments(self) -> list[tuple[int | None, AttachmentRef]]:
        """Every file that is named, with the number of the line that names it."""
        found: list[tuple[int | None, AttachmentRef]] = [
            (None, ref) for each in self.comments for ref in each.attachments
        ]
        found += [(line.number, ref) for line in self.lines for each in line.comments for ref in each.attachments]
        return found


# As JSON and back, exactly


def header_json(order: Order) -> dict[str, Any]:
    """All but the lines."""
    return {"version_of_format": VERSION, **to_json(replace(order, lines=()))}


def line_json(line: OrderLine) -> dict[str, Any]:
    return {"version_of_format": VERSION, **to_json(line)}


def order_from(header: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Order:
    """The order of :func:`header_json` and :func:`line_json`, as it was; ``ValueError`` for other formats."""
    return replace(from_json(Order, _checked(header)), lines=tuple(map(line_from, lines)))


def line_from(data: Mapping[str, Any]) -> OrderLine:
    return from_json(OrderLine, _checked(data))


def _checked(data: Mapping[str, Any]) -> Mapping[str, Any]:
    if data.get("version_of_format") != VERSION:
        raise ValueError(f"a kept order of format {data.get('version_of_format')!r} cannot be read")
    return data
