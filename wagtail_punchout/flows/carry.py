"""Carry: the lines that come along with an edit or inspect, found again in the shop.

The lines of the request are the truth for what is in the cart and how much of it; what they are is found by our own
auxiliary ID, else by part number (guide p. 91). Buyers copy old requisitions, so auxiliary IDs of long ago, of the test
system and of several carts arrive: what can be rebuilt is rebuilt at today's price, and the shopper is told the rest.
The auxiliary ID of a line that survives stays as it came, or the buyer's system would make a second line of it (p. 71).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from wagtail_punchout.flows.prepare import CHARGES, told_price
from wagtail_punchout.models import PunchoutLink, PunchoutSession, QuoteLine
from wagtail_punchout.protocol.cart import Item
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.shop import ItemRef, PricingContext, Problem, ProblemCode, PutLine, ShopAdapter, WantedLine


def pricing_of(session: PunchoutSession) -> PricingContext:
    """For whom this visit's prices are: its company, with what that inherits."""
    return PricingContext(
        user_id=session.user_id or session.customer.user_id,
        company_code=session.company.code,
        price_group=session.company.inherited("price_group"),
        currency=session.company.inherited("currency"),
        language=session.language,
    )


def is_any_line_known(session: PunchoutSession, adapter: ShopAdapter) -> bool:
    """Whether at least one carried line can be found, without keeping anything."""
    return any(adapter.get_items([reference for reference, _then in _traced(session)], pricing_of(session)))


def wanted_lines(session: PunchoutSession, adapter: ShopAdapter) -> list[WantedLine]:
    """The lines to put into the cart. What cannot be is noted in ``session.carried`` (not saved)."""
    if not session.carried:
        return []  # nothing to ask a price for
    wanted = []
    traced = _traced(session)
    pricing = pricing_of(session)
    items = adapter.get_items([reference for reference, _then in traced], pricing)
    for line, (reference, then), item in zip(session.carried, traced, items, strict=True):
        if item is None and reference.sku in CHARGES:
            continue  # freight and tax that went home as lines are reckoned anew on the next return
        quantity = Decimal(line["quantity"])
        if then and item and item.price and told_price(item, session.link).of(Decimal(1)) != then:
            # Dearer or cheaper than one piece: there may be a price for this quantity.
            item = adapter.get_item(reference, pricing, quantity)
        problem = _problem(line["sku"], item, then, link=session.link)
        if problem:
            line["problem"] = {"code": problem.code, "message": problem.message}
        if item is not None and (problem is None or problem.code is ProblemCode.PRICE_CHANGED):
            line["description"] = item.name
            # The reference we asked with, not the answer's: the quote knows the exact configuration.
            wanted.append(WantedLine(key=line["key"], ref=reference, quantity=quantity))
    return wanted


def selected(session: PunchoutSession) -> ItemRef:
    """What the buyer has chosen: a part number, or the ID under which we sent a configured thing home."""
    return ref_of(session, session.selected["sku"])


def ref_of(session: PunchoutSession, product_id: str) -> ItemRef:
    """The thing that a product ID of ours stands for (``EXT_PRODUCT_ID``): its configuration is in the quote."""
    quoted = _quoted(session.customer_id, [product_id]).get(product_id)
    return ItemRef(quoted.sku, quoted.configuration) if quoted else ItemRef(product_id)


def settle(session: PunchoutSession, results: Sequence[PutLine]) -> None:
    """Keep what became of the carried lines: their place in the cart, and what the shopper must know."""
    if not session.carried:
        return
    by_key = {line["key"]: line for line in session.carried}
    for result in results:
        line = by_key[result.key]
        line["line_id"] = result.line_id
        if result.problem:
            line["problem"] = {"code": result.problem.code, "message": result.problem.message}
    session.save(update_fields=["carried"])


def auxiliary_ids(session: PunchoutSession) -> dict[str, str]:
    """The auxiliary ID that came with each line of the cart, by the shop's ``line_id``."""
    kept: dict[str, str] = {}
    for line in session.carried:
        if line.get("line_id") and line["auxiliary_id"]:
            kept.setdefault(line["line_id"], line["auxiliary_id"])
    return kept


def problems(session: PunchoutSession) -> list[dict[str, str]]:
    """What the shopper must be told about the carried lines: ``sku``, ``code`` and ``message`` each."""
    return [{"sku": line["sku"], **line["problem"]} for line in session.carried if line.get("problem")]


def _traced(session: PunchoutSession) -> list[tuple[ItemRef, Money | None]]:
    """For each carried line what it refers to, and its price per ordered unit when the buyer last saw it."""
    ours = _quoted(session.customer_id, [line["auxiliary_id"] for line in session.carried])
    traced = []
    for line in session.carried:
        quoted = ours.get(line["auxiliary_id"])
        # Some systems send one auxiliary ID on all lines: it counts only where the part number agrees.
        if quoted and line["sku"] in ("", quoted.sku):
            traced.append((ItemRef(quoted.sku, quoted.configuration), Money(quoted.unit_price, quoted.currency)))
        else:
            then = Money(Decimal(line["price"]), line["currency"]) if line["price"] else None
            traced.append((ItemRef(line["sku"]), then))
    return traced


def _quoted(customer_id: int, auxiliary_ids: Sequence[str]) -> dict[str, QuoteLine]:
    """The newest quoted line of each auxiliary ID; another customer's lines are nobody's."""
    asked = {each for each in auxiliary_ids if each}
    if not asked:
        return {}
    lines = QuoteLine.objects.filter(quote__customer_id=customer_id, auxiliary_id__in=asked)
    return {line.auxiliary_id: line for line in lines.order_by("quote__created_at", "pk")}


def _problem(sku: str, item: Item | None, then: Money | None, *, link: PunchoutLink) -> Problem | None:
    if item is None:
        return Problem(sku, ProblemCode.UNKNOWN_ITEM, _("%(sku)s is no longer sold here.") % {"sku": sku})
    if not item.available:
        return Problem(sku, ProblemCode.NOT_AVAILABLE, _("%(name)s is not available at present.") % {"name": item.name})
    if item.price is None:
        return Problem(sku, ProblemCode.NO_PRICE, _("There is no price for %(name)s any more.") % {"name": item.name})
    now = told_price(item, link).of(Decimal(1))
    if then and then != now:
        message = _("The price of %(name)s was %(then)s and is now %(now)s.") % {
            "name": item.name,
            "then": _readable(then),
            "now": _readable(now),
        }
        return Problem(sku, ProblemCode.PRICE_CHANGED, message)
    return None


def _readable(money: Money) -> str:
    return format_currency(
        money.amount, money.currency, locale=to_locale(get_language() or "en"), decimal_quantization=False
    )
