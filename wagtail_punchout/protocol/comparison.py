"""What an order says of a line, beside what the returned cart said of it and what the shop says today.

Each difference has a cause with a name, so that a rule can weigh it and a person can read it. Quantities and words are
the buyer's to change; prices, units and part numbers are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wagtail_punchout.protocol.cart import Item, Price
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.words import Sentence, gettext_noop


class Cause(StrEnum):
    NOT_QUOTED = "not_quoted"
    PART_CHANGED = "part_changed"
    PRICE_CHANGED = "price_changed"
    CURRENCY_CHANGED = "currency_changed"
    UNIT_CHANGED = "unit_changed"
    QUANTITY_CHANGED = "quantity_changed"
    TEXT_CUT = "text_cut"
    TEXT_CHANGED = "text_changed"
    # Today, in the shop
    LINE_UNKNOWN = "line_unknown"
    NOT_AVAILABLE = "not_available"
    NO_PRICE = "no_price"
    PRICE_AGED = "price_aged"


#: What a buyer may not change by itself: a link's rule looks at these.
AGAINST_QUOTE = frozenset({Cause.PART_CHANGED, Cause.PRICE_CHANGED, Cause.CURRENCY_CHANGED, Cause.UNIT_CHANGED})
#: What has changed in the shop since.
TODAY = frozenset({Cause.LINE_UNKNOWN, Cause.NOT_AVAILABLE, Cause.NO_PRICE, Cause.PRICE_AGED})

SENTENCES: Mapping[Cause, str] = {
    Cause.NOT_QUOTED: gettext_noop("This line belongs to no returned cart."),
    Cause.PART_CHANGED: gettext_noop("The part number was %(then)s in the returned cart and is %(now)s in the order."),
    Cause.PRICE_CHANGED: gettext_noop("The unit price was %(then)s in the returned cart and is %(now)s in the order."),
    Cause.CURRENCY_CHANGED: gettext_noop("The currency was %(then)s in the returned cart and is %(now)s in the order."),
    Cause.UNIT_CHANGED: gettext_noop("The unit was %(then)s in the returned cart and is %(now)s in the order."),
    Cause.QUANTITY_CHANGED: gettext_noop("The quantity was %(then)s in the returned cart and is %(now)s in the order."),
    Cause.TEXT_CUT: gettext_noop("The buyer's system has cut the description after %(now)s characters."),
    Cause.TEXT_CHANGED: gettext_noop("The description is another one than in the returned cart."),
    Cause.LINE_UNKNOWN: gettext_noop("The shop does not sell %(now)s."),
    Cause.NOT_AVAILABLE: gettext_noop("It is not available today."),
    Cause.NO_PRICE: gettext_noop("The shop has no price for this customer today."),
    Cause.PRICE_AGED: gettext_noop("The order says %(then)s a unit; today it costs %(now)s."),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: ``then`` is what was, ``now`` what is. Both are texts, as people read them."""

    cause: Cause
    then: str = ""
    now: str = ""

    @property
    def sentence(self) -> Sentence:
        return Sentence(SENTENCES[self.cause], then=self.then, now=self.now)

    def as_json(self) -> dict[str, str]:
        return {"code": self.cause.value, "then": self.then, "now": self.now}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Difference:
        return cls(Cause(data["code"]), data.get("then", ""), data.get("now", ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What one side says of a line. ``price`` is for one ordered unit; what is empty was not said."""

    sku: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Money | None = None
    descriptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a unit price may lie apart without anybody being asked; either is enough."""

    amount: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)

    def covers(self, one: Decimal, other: Decimal) -> bool:
        apart = abs(one - other)
        return apart <= self.amount or apart <= abs(one) * self.percent / 100


def against_quote(ordered: Said, quoted: Said | None, tolerance: Tolerance = Tolerance()) -> tuple[Difference, ...]:
    """How the order's line differs from the cart's. What the order leaves out differs in nothing (guide p. 133)."""
    if quoted is None:
        return (Difference(Cause.NOT_QUOTED),)
    found = []
    if ordered.sku and quoted.sku and ordered.sku != quoted.sku:
        found.append(Difference(Cause.PART_CHANGED, quoted.sku, ordered.sku))
    if ordered.price and quoted.price:
        found += _prices(Cause.PRICE_CHANGED, quoted.price, ordered.price, tolerance)
    if ordered.unit and quoted.unit and ordered.unit.casefold() != quoted.unit.casefold():
        found.append(Difference(Cause.UNIT_CHANGED, quoted.unit, ordered.unit))
    if ordered.quantity is not None and quoted.quantity is not None and ordered.quantity != quoted.quantity:
        found.append(Difference(Cause.QUANTITY_CHANGED, _plain(quoted.quantity), _plain(ordered.quantity)))
    return (*found, *_texts(ordered.descriptions, quoted.descriptions))


def against_today(
    ordered: Said, item: Item | None, price: Price | None, tolerance: Tolerance = Tolerance()
) -> tuple[Difference, ...]:
    """How the shop's today differs from what was ordered; ``price`` is the one this buyer is told."""
    if item is None:
        return (Difference(Cause.LINE_UNKNOWN, "", ordered.sku),)
    found = [] if item.available else [Difference(Cause.NOT_AVAILABLE)]
    if price is None:
        return (*found, Difference(Cause.NO_PRICE))
    if ordered.price:
        today = price.of(Decimal(1))
        if today.currency != ordered.price.currency or not tolerance.covers(ordered.price.amount, today.amount):
            found.append(Difference(Cause.PRICE_AGED, _money(ordered.price), _money(today)))
    return tuple(found)


def causes(differences: Iterable[Difference]) -> frozenset[Cause]:
    return frozenset(each.cause for each in differences)


def _prices(cause: Cause, then: Money, now: Money, tolerance: Tolerance) -> list[Difference]:
    if then.currency != now.currency:
        return [Difference(Cause.CURRENCY_CHANGED, then.currency, now.currency)]
    if tolerance.covers(then.amount, now.amount):
        return []
    return [Difference(cause, _money(then), _money(now))]


def _texts(ordered: tuple[str, ...], quoted: tuple[str, ...]) -> list[Difference]:
    said, told = [_squeezed(each) for each in ordered if each], [_squeezed(each) for each in quoted if each]
    if not said or not told or any(each in told for each in said):
        return []
    # What a width cuts off is the end, and an ellipsis takes its place here and there.
    begun = [each.removesuffix("…").removesuffix("...").rstrip() for each in said]
    if any(whole.startswith(each) for whole in told for each in begun if each):
        return [Difference(Cause.TEXT_CUT, "", str(max(map(len, said))))]
    return [Difference(Cause.TEXT_CHANGED)]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _money(value: Money) -> str:
    return f"{_plain(value.amount)} {value.currency}"
