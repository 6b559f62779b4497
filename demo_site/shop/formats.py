"""Numbers and amounts as people write them in the visitor's language."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, format_decimal, get_currency_precision, get_currency_symbol
from django.utils.translation import get_language

from wagtail_punchout.shop import Money

SPACE = "\N{NO-BREAK SPACE}"


def number(value: Decimal) -> str:
    """``2.5``, not ``2.500``."""
    return format_decimal(value, format="#,##0.###", locale=_locale())


def money(value: Money) -> str:
    """As many digits as the currency has, and more only where the amount has them."""
    digits = get_currency_precision(value.currency)
    exact = -value.amount.normalize().as_tuple().exponent
    amount = "#,##0." + "0" * digits + "#" * max(exact - digits, 0)
    if _locale() == "en":
        # "€4.35", but "CHF 4.35".
        gap = SPACE if get_currency_symbol(value.currency, "en")[-1].isalpha() else ""
        pattern = f"¤{gap}{amount}"
    else:
        pattern = f"{amount}{SPACE}¤"
    return format_currency(value.amount, value.currency, format=pattern, locale=_locale(), currency_digits=False)


def _locale() -> str:
    return (get_language() or "en").split("-")[0]
