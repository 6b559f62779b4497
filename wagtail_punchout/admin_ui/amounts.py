"""Amounts of money, in the manner of the reader's language."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language, to_locale


def money(amount: Decimal | None, currency: str, *, exact: bool = False) -> str:
    """In the manner of the reader's language; ``exact`` keeps every digit a unit price has."""
    if amount is None:
        return ""
    locale = to_locale(get_language() or "en")
    if not currency:
        return format_decimal(amount, locale=locale)
    keep_digits = exact and amount != round(amount, 2)
    return format_currency(amount, currency, locale=locale, decimal_quantization=not keep_digits)
