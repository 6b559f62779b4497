from decimal import Decimal

from django import template

from demo_site.shop import formats, units
from wagtail_punchout.shop import Money

register = template.Library()


@register.filter
def money(value: Money) -> str:
    return formats.money(value)


@register.filter
def number(value: Decimal) -> str:
    return formats.number(value)


@register.filter
def plain(value: Decimal) -> str:
    """A number as a form field wants it: with a point, whatever the language."""
    return f"{value.normalize():f}"


register.filter(units.unit_name)
