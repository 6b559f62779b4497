"""Prepare: a cart as its link wants it, before it is written in any format.

Freight and tax become lines or go, prices become gross, and where a format knows no bundles only those lines are left
that carry the price. What has to be rounded is rounded here, before anything is added up or kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from wagtail_punchout.models import LinkFormat, PunchoutLink
from wagtail_punchout.models.links import ChargeAs, Prices
from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Charge, Item, Price, Text
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.limits import limits_from

#: Part numbers of the lines that freight and tax become. A shop has no articles of these names.
FREIGHT, TAX = "FREIGHT", "TAX"
CHARGES = frozenset({FREIGHT, TAX})
#: A price that has too many decimals is told for so many times as many units.
STEPS = (1, 10, 100, 1000, 10_000)
#: "Lump sum" of UN/ECE Recommendation 20.
LUMP_SUM = "LS"


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared(Cart):
    """A cart on its way home, and the same as the shopper chose it."""

    chosen: Cart


def chosen(cart: Cart) -> Cart:
    """``cart`` as the shop gave it: net, with freight and tax where they were, and with all its lines."""
    return cart.chosen if isinstance(cart, Prepared) else cart


def prepare(cart: Cart, link: PunchoutLink) -> Prepared:
    """What of ``cart`` goes home, and at which prices. Raises ``UnsendableCart`` where a gross price is not known."""
    lines = cart.lines
    if link.is_oci and link.format != LinkFormat.OCI5:
        lines = _without_bundles(lines)
    if link.prices == Prices.GROSS:
        lines = tuple(_gross(line) for line in lines)
    limit = None if link.is_oci else limits_from(link.limits).get("UnitPrice")
    if limit and limit.decimals is not None:
        lines = tuple(_sayable(line, limit.decimals) for line in lines)
    shipping, freight_line = _charge(cart.shipping, _shipping_as(link), FREIGHT)
    tax, tax_line = _charge(cart.tax, _tax_as(link), TAX)
    lines = (*lines, *freight_line, *tax_line)
    return Prepared(currency=cart.currency, lines=lines, shipping=shipping, tax=tax, chosen=cart)


def _shipping_as(link: PunchoutLink) -> str:
    if link.shipping_as != ChargeAs.AUTO:
        return link.shipping_as
    # OCI has no header: freight that is no line is lost (Webmercs and others make it one).
    return ChargeAs.LINE if link.is_oci else ChargeAs.HEADER


def _tax_as(link: PunchoutLink) -> str:
    if link.tax_as != ChargeAs.AUTO:
        return link.tax_as
    # OCI has no place for it, and the buyer's system knows its own taxes. Gross prices have it in them.
    return ChargeAs.OMIT if link.is_oci or link.prices == Prices.GROSS else ChargeAs.HEADER


def _charge(charge: Charge | None, how: str, sku: str) -> tuple[Charge | None, tuple[CartLine, ...]]:
    if charge is None or how == ChargeAs.OMIT:
        return None, ()
    if how == ChargeAs.HEADER:
        return charge, ()
    if not charge.amount.amount:
        return None, ()  # receivers refuse lines that cost nothing
    item = Item(
        sku=sku,
        descriptions=(charge.description if charge.description.text else Text(_charge_name(sku)),),
        unit=LUMP_SUM,
        price=Price(net=charge.amount),
        is_service=True,
    )
    return None, (CartLine(line_id=f"punchout-{sku.lower()}", item=item, quantity=Decimal(1)),)


def _charge_name(sku: str) -> str:
    return _("Freight") if sku == FREIGHT else _("Tax")


def _gross(line: CartLine) -> CartLine:
    if line.item.price is None:
        return line
    if line.item.tax_rate is None:
        message = _("There is no tax rate for %(sku)s, so its gross price is not known.") % {"sku": line.item.sku}
        raise UnsendableCart(message, sku=line.item.sku)
    return replace(line, item=replace(line.item, price=_with_tax(line.item)))


def told_price(item: Item, link: PunchoutLink) -> Price:
    """The price of an item as buyers of this link see it."""
    return _with_tax(item) if link.prices == Prices.GROSS and item.tax_rate is not None else item.price


def _with_tax(item: Item) -> Price:
    return replace(item.price, net=item.price.net * (1 + item.tax_rate))


def _sayable(line: CartLine, decimals: int) -> CartLine:
    """``line`` at a price with so few ``decimals``: per 10, 100 … units where that makes it exact, else rounded."""
    price = line.item.price
    if price is None or _fits(price.of(Decimal(1)).amount, decimals):
        return line
    step = next((each for each in STEPS if _fits(price.net.amount * each, decimals)), STEPS[-1])
    net = replace(price.net, amount=rounded(price.net.amount * step, decimals))
    # What the shop says of "per 100" is not true of "per 1000".
    description = price.description if step == 1 else None
    sayable = replace(price, net=net, basis=price.basis * step, description=description)
    return replace(line, item=replace(line.item, price=sayable))


def _fits(amount: Decimal, decimals: int) -> bool:
    return rounded(amount, decimals) == amount


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """``amount`` with at most so many ``decimals``, halves away from zero as invoices are rounded."""
    is_longer = -amount.as_tuple().exponent > decimals
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) if is_longer else amount


def _without_bundles(lines: tuple[CartLine, ...]) -> tuple[CartLine, ...]:
    """Of a bundle priced as a whole only its heading, of one priced by its parts only these; OCI 5 has room for all.

    Below a line that does not say where the price stands, lines with a price of their own stay: the total has it.
    """
    by_id = {line.line_id: line for line in lines}

    def is_priced(line: CartLine) -> bool:
        above = by_id.get(line.parent_id)
        if above is None:
            return True
        has_own = above.bundle is Bundle.PRICED_BY_PART or (above.bundle is None and line.item.price is not None)
        return has_own and is_priced(above)

    return tuple(line for line in lines if line.bundle is not Bundle.PRICED_BY_PART and is_priced(line))
