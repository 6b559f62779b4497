"""A purchase order as files that other systems of the shop's own side read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import OrderLine

#: Digits behind the point of a price; a price for three has no end without.
_DIGITS = Decimal(1).scaleb(-10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What we know of an order beside what the buyer says. ``mode`` is ``test`` or ``production``."""

    key: str
    mode: str
    state: str
    version: int
    received: datetime
    buyer: str = ""
    buyer_domain: str = ""
    company: str = ""
    company_code: str = ""
    shop_number: str = ""


def price_of_one(line: OrderLine) -> Money | None:
    """For one ordered unit, with no more digits than can be kept."""
    price = line.unit_price_of_one
    if price is None or price.amount == price.amount.quantize(_DIGITS):
        return price
    return Money(price.amount.quantize(_DIGITS), price.currency)
