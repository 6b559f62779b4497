"""What Kontor's templates need: numbers, outcomes and documents for people."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from demo_site.buyer import xml_view
from demo_site.buyer.models import Line

register = template.Library()

TONES = {
    **dict.fromkeys(("returned", "inspected", "answered", "approved", "ordered"), "good"),
    **dict.fromkeys(("cancelled", "draft"), "calm"),
    "waiting": "open",
}


@register.filter
def quantity(number: Decimal | None) -> str:
    return "?" if number is None else format_decimal(number, format="#,##0.######", locale=get_language())


@register.filter
def plain(number: Decimal | None) -> str:
    """For a field that takes numbers: a point and no zeros behind it."""
    return "1" if number is None else f"{number.normalize():f}"


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> str:
    """At least two decimals; fine prices keep theirs."""
    if amount is None:
        return "–"
    number = format_decimal(amount, format="#,##0.00####", locale=get_language())
    return f"{number} {currency}"


@register.simple_tag
def rounded(amount: Decimal | None, currency: str) -> str:
    """An amount in the currency's own decimals."""
    if amount is None:
        return "–"
    try:
        return format_currency(amount, currency, format="#,##0.00 ¤¤", locale=get_language())
    except (ValueError, LookupError):
        return money(amount, currency)


@register.filter
def words(line: Line) -> dict[str, str]:
    """The line's text in the reader's language, else the first that came."""
    wanted = (get_language() or "en").split("-")[0]
    texts = line.texts or [{"language": "", "short": "", "text": line.part_id}]
    return next((each for each in texts if each["language"].lower().split("-")[0] == wanted), texts[0])


@register.filter
def xml(document: str) -> SafeString:
    return xml_view.in_colors(document)


@register.filter
def tone(outcome: str) -> str:
    return TONES.get(outcome, "bad")
