"""Items and carts, as every dialect of PunchOut sees them.

These are the values a shop's adapter speaks in and the values that become a PunchOutOrderMessage or an OCI form.
They say what is sold and for how much; how a buyer's system wants to hear it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from wagtail_punchout.protocol.money import Money, zero


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one language; ``short`` is the name a buyer's list shows where the whole text has no room.

    ``language`` is an RFC 5646 tag (``de``, ``en-US``); empty means the language of the visit.
    """

    text: str
    language: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """A commodity code, e.g. ``Classification("UNSPSC", "44121706")``."""

    domain: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What ``basis`` units cost, without tax.

    Most prices are for one ordered unit and need only ``net``. "4.50 per 100" is ``basis=100``. Where the price is
    quoted in another unit than the one ordered (ordered by the box, priced by the kilogram), ``unit`` names it and
    ``conversion`` says how many of those make one ordered unit.
    """

    net: Money
    basis: Decimal = Decimal(1)
    unit: str = ""
    conversion: Decimal = Decimal(1)
    description: Text | None = None

    def of(self, quantity: Decimal) -> Money:
        """The unrounded price of ``quantity`` ordered units."""
        return Money(self.net.amount * quantity * self.conversion / self.basis, self.net.currency)

    @property
    def is_plain(self) -> bool:
        """Whether the price is simply for one ordered unit."""
        return self.basis == 1 and self.conversion == 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One thing a shop sells, at the price one customer pays.

    ``configuration`` is whatever JSON the shop needs to find exactly this variant again; it never leaves the shop's
    side of the conversation. ``unit`` is the ordered unit as a UN/ECE Recommendation 20 code (``EA``, ``KGM``,
    ``MTR``). ``price`` is ``None`` when this customer has no price: such an item is shown but cannot be taken home.
    ``tax_rate`` is a fraction (``Decimal("0.19")`` for 19 %), ``None`` when it is not known; only buyers who want gross
    prices need it.
    """

    sku: str
    descriptions: tuple[Text, ...]
    unit: str = "EA"
    price: Price | None = None
    tax_rate: Decimal | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    classifications: tuple[Classification, ...] = ()
    manufacturer_name: str = ""
    manufacturer_part_id: str = ""
    lead_time_days: int | None = None
    url: str = ""
    image_url: str = ""
    available: bool = True
    is_service: bool = False
    extrinsics: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call it: the first text's short name, else the beginning of that text."""
        first = self.descriptions[0] if self.descriptions else Text(self.sku)
        return first.short or first.text


class Bundle(StrEnum):
    """How the lines of a bundle share its price (cXML ``compositeItemType``)."""

    PRICED_AS_WHOLE = "groupLevel"  # the parent line has the price, its parts are listed without
    PRICED_BY_PART = "itemLevel"  # the parts have prices, the parent is a heading


@dataclass(frozen=True, kw_only=True, slots=True)
class CartLine:
    """One line of a visit's cart.

    ``line_id`` is the shop's own name of the line, stable while the cart lives. ``parent_id`` is the ``line_id`` of
    the bundle this line belongs to; the bundle's own line says in ``bundle`` where the price stands.
    """

    line_id: str
    item: Item
    quantity: Decimal
    parent_id: str = ""
    bundle: Bundle | None = None
    comment: str = ""

    @property
    def amount(self) -> Money | None:
        """The line's value rounded to its currency; ``None`` without a price."""
        return self.item.price.of(self.quantity).rounded() if self.item.price else None


@dataclass(frozen=True, slots=True)
class Charge:
    """Freight or tax of a whole cart; buyers' systems want a sentence with the amount."""

    amount: Money
    description: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Cart:
    """What one visit has chosen so far, in one currency."""

    currency: str
    lines: tuple[CartLine, ...] = ()
    shipping: Charge | None = None
    tax: Charge | None = None

    @property
    def total(self) -> Money:
        """Sum of the lines without tax and freight, as a PunchOutOrderMessage's Total wants it (guide p. 85)."""
        return sum((line.amount for line in self.lines if line.amount), zero(self.currency))
