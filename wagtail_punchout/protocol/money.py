"""Money: a decimal amount and its currency, never a float.

Unit prices keep the digits the shop gave them; only sums are rounded, to the digits their currency has (two for
EUR, none for JPY, three for KWD).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` in ``currency`` (ISO 4217, upper case)."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add; ``ValueError`` when the currencies differ, for a cart has one currency."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def rounded(self) -> Money:
        """Round to the digits this currency is paid in, halves away from zero as invoices do."""
        exponent = Decimal(1).scaleb(-get_currency_precision(self.currency))
        return Money(self.amount.quantize(exponent, rounding=ROUND_HALF_UP), self.currency)


def zero(currency: str) -> Money:
    """Nothing, in ``currency``."""
    return Money(Decimal(0), currency).rounded()
