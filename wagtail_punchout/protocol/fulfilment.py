"""What a supplier says of an order after it has come: confirmed, shipped, invoiced, or what has become of it.

Lines are named by the buyer's own line numbers, quantities are in the ordered unit, amounts are net unless said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from wagtail_punchout.protocol.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderReference:
    """Which order; number and date exactly as they came (guide p. 300)."""

    order_id: str
    payload_id: str
    order_date: str = ""


class ConfirmationKind(StrEnum):
    """What is said of the whole order (guide p. 299)."""

    ACCEPT = "accept"
    REJECT = "reject"
    EXCEPT = "except"  # as ordered but for the lines that are named
    DETAIL = "detail"  # of the lines that are named, and of no others


class StateKind(StrEnum):
    """What is said of a part of a line. ``DETAIL`` is accepted with a change that is named."""

    ACCEPT = "accept"
    DETAIL = "detail"
    BACKORDERED = "backordered"
    REJECT = "reject"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineState:
    kind: StateKind
    quantity: Decimal
    unit_price: Money | None = None
    tax: Money | None = None
    shipping: Money | None = None
    delivery_date: datetime | None = None
    shipment_date: datetime | None = None
    comment: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything is said that the order does not say."""
        return any((self.unit_price, self.tax, self.shipping, self.delivery_date, self.shipment_date))


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmedLine:
    """The quantities of ``states`` add up to ``quantity``, the ordered one (guide p. 308)."""

    line_number: int
    quantity: Decimal
    unit: str
    states: tuple[LineState, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """``updates`` is the payloadID of the confirmation that this one replaces under the same ``number``.

    ``total``, ``shipping`` and ``tax`` are said where they differ from the order (guide p. 305).
    """

    number: str
    kind: ConfirmationKind
    notice_date: datetime
    reference: OrderReference
    lines: tuple[ConfirmedLine, ...] = ()
    total: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    comment: str = ""
    updates: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippedLine:
    line_number: int
    quantity: Decimal
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShipNotice:
    """Without ``lines`` the whole order is on its way (guide p. 329).

    A carrier, by name or by its code of four letters (``scac``), and a tracking number need each other.
    """

    number: str
    notice_date: datetime
    shipment_date: datetime
    delivery_date: datetime
    reference: OrderReference
    is_complete: bool = True
    carrier: str = ""
    scac: str = ""
    tracking_numbers: tuple[str, ...] = ()
    lines: tuple[ShippedLine, ...] = ()
    comment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoicedLine:
    line_number: int
    sku: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Money

    @property
    def subtotal(self) -> Money:
        return (self.unit_price * self.quantity).rounded()


@dataclass(frozen=True, kw_only=True, slots=True)
class Invoice:
    """An invoice; with ``credits``, the payloadID of another one, a credit note whose quantities are negative.

    ``tax_percent`` is 19 for 19 %.
    """

    number: str
    date: datetime
    reference: OrderReference
    currency: str
    lines: tuple[InvoicedLine, ...]
    tax: Money
    tax_category: str = "vat"
    tax_percent: Decimal | None = None
    shipping: Money | None = None
    comment: str = ""
    credits: str = ""

    @property
    def subtotal(self) -> Money:
        return Money(sum((each.subtotal.amount for each in self.lines), Decimal(0)), self.currency).rounded()

    @property
    def gross(self) -> Money:
        shipping = self.shipping or Money(Decimal(0), self.currency)
        return (self.subtotal + shipping + self.tax).rounded()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusUpdate:
    """What has become of a document, which is named in one of four ways.

    By its payloadID (``document``), by the number we gave an invoice or any other document (``invoice``, ``number``),
    or by the number of the order that was paid (``order``). ``subject`` is what it is about (``InvoiceStatus`` …),
    ``type`` what is said of that, such as ``paid``, and ``amount`` how much of it was, where not all.
    """

    code: int
    text: str = ""
    sentence: str = ""
    document: str = ""
    invoice: str = ""
    number: str = ""
    order: str = ""
    subject: str = ""
    type: str = ""
    amount: Money | None = None
    comments: tuple[str, ...] = ()
