"""Prices in OCI: so much for so many, with three decimals or the fewer that a buyer's system takes.

A screw for 0.0042 has no PRICE in OCI, but ten of them cost 0.042: PRICEUNIT makes small prices exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from wagtail_punchout.protocol.cart import Price
from wagtail_punchout.protocol.oci.fields import FIELDS, Version

#: Digits that PRICE holds behind the point, and before it.
PLACES = 3
_WHOLE_DIGITS = 11


def per_price_unit(price: Price, version: Version, places: int = PLACES) -> tuple[Decimal, int]:
    """PRICE and PRICEUNIT that say what ``price`` says of ordered units.

    A whole basis ("4.50 per 100") stays. Where it would take more decimals than ``places``, or the basis is none that
    PRICEUNIT can hold, tens are tried until the price is exact; if none is, it is rounded half up at the largest.
    """
    if price.is_plain and _is_sayable(price.net.amount, places):
        return price.net.amount, 1  # nearly every price there is
    stated = int(price.basis) if price.conversion == 1 and _holds(price.basis, version) else 1
    each = Fraction(price.net.amount) * Fraction(price.conversion) / Fraction(price.basis)
    tried = [(each * unit * 10**places, unit) for unit in _units(stated, version)]
    most = 10 ** (_WHOLE_DIGITS + places)
    fitting = [(amount, unit) for amount, unit in tried if abs(_half_up(amount)) < most] or tried[:1]
    amount, unit = next(((amount, unit) for amount, unit in fitting if amount.denominator == 1), fitting[-1])
    is_as_stated = unit == price.basis and price.conversion == 1 and amount.denominator == 1
    if is_as_stated and len(f"{price.net.amount:f}".partition(".")[2]) <= places:
        return price.net.amount, unit  # with the digits the shop gave it
    return Decimal(_half_up(amount)).scaleb(-places), unit


def _is_sayable(amount: Decimal, places: int) -> bool:
    """Whether PRICE can say ``amount`` with the digits that the shop gave it."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and -places <= exponent <= 0 and abs(amount) < 10**_WHOLE_DIGITS


def _holds(basis: Decimal, version: Version) -> bool:
    return basis == basis.to_integral_value() and 1 <= basis < 10 ** _digits(version)


def _units(stated: int, version: Version) -> Iterator[int]:
    unit = stated
    while unit < 10 ** _digits(version):
        yield unit
        unit *= 10


def _digits(version: Version) -> int:
    return FIELDS["PRICEUNIT"].widths[version] or 0


def _half_up(amount: Fraction) -> int:
    """Halves away from zero, as invoices are rounded."""
    rounded = int(abs(amount) + Fraction(1, 2))
    return rounded if amount >= 0 else -rounded
