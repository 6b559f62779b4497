"""Pack a cart as a PunchOutOrderMessage, the way its link wants it.

Each line is written as the standard expects it, then the link's mapping may put other words into its elements, and last
what the buyer's system is known to take limits them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.prepare import chosen, rounded
from wagtail_punchout.flows.quoted import QuotedLine
from wagtail_punchout.flows.rows import given_values
from wagtail_punchout.flows.visit_facts import visit_facts
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import PunchoutLink, PunchoutSession
from wagtail_punchout.protocol import limits, units
from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Classification, Text
from wagtail_punchout.protocol.cxml import envelope, item, order_message
from wagtail_punchout.protocol.cxml.elements import as_values, with_values
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.facts import cart_facts, facts_of
from wagtail_punchout.protocol.money import Money, zero

#: Decimals of a unit price that every known receiver takes (JAGGAER's limit).
PRICE_DECIMALS = 4
#: For goods the shop has not classified: the DTD demands a Classification, and receivers map what they do not know.
UNCLASSIFIED = Classification("UNSPSC", "00000000")
USER_AGENT = "wagtail_punchout"
#: What a limit may shorten. Everything else means something else when it is cut.
WORDS = frozenset({"Description", "ShortName", "ManufacturerName", "Comments"})


def message(
    session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine]
) -> order_message.OrderMessage:
    """The cart in cXML's words."""
    return order_message.OrderMessage(
        buyer_cookie=session.buyer_cookie,
        operation_allowed=order_message.OperationAllowed(link.operation_allowed),
        total=cart.total,
        shipping=cart.shipping,
        tax=cart.tax,
        lines=items(session, link, cart, lines),
    )


def items(
    session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine]
) -> tuple[order_message.ItemIn, ...]:
    """The lines, mapped and limited. Raises ``UnsendableCart`` for what cannot be written."""
    found = limits.limits_from(link.limits)
    tell = teller(session, link, cart, lines)
    return tuple(limited(tell(each), found) for each in lines)


def teller(
    session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine]
) -> Callable[[QuotedLine], order_message.ItemIn]:
    """Tells of one of ``lines`` after the other what it becomes, before anything is limited."""
    numbers = {each.line.line_id: number for number, each in enumerate(lines, start=1)}
    whole = chosen(cart)
    originals = {line.line_id: line for line in whole.lines}
    visit = visit_facts(session) | cart_facts(whole) if link.rows else {}
    found = limits.limits_from(link.limits)

    def tell(each: QuotedLine) -> order_message.ItemIn:
        told = _item_in(each, cart.currency, numbers, link, found)
        if not link.rows:
            return told
        line = originals.get(each.line.line_id, each.line)  # freight that became a line was none before
        return _mapped(told, line, whole, link, visit)

    return tell


def nothing(session: PunchoutSession, currency: str) -> order_message.OrderMessage:
    """A message without lines."""
    return order_message.OrderMessage(
        buyer_cookie=session.buyer_cookie,
        operation_allowed=order_message.OperationAllowed(session.link.operation_allowed),
        total=zero(currency),
    )


def encode(
    session: PunchoutSession,
    told: order_message.OrderMessage,
    *,
    payload_id: str,
    at: datetime,
    status: envelope.Status | None = None,
) -> bytes:
    """The document. Its header is the request's turned round."""
    language = session.language or "en"
    return envelope.encode_message(
        envelope.Message(
            header=_header_home(session),
            payload_id=payload_id,
            timestamp=at,
            language=language,
            deployment_mode="test" if session.is_test else "production",
            in_reply_to=session.payload_id,
            status=status,
            body=order_message.encode(told, language=language),
        ),
        dtd_version=envelope.answer_version(session.dtd_version, needed=order_message.needed_version(told)),
    )


def _item_in(
    quoted: QuotedLine,
    currency: str,
    numbers: Mapping[str, int],
    link: PunchoutLink,
    found: Mapping[str, limits.Limit],
) -> order_message.ItemIn:
    line, sold = quoted.line, quoted.line.item
    decimals = found["UnitPrice"].decimals if "UnitPrice" in found else None
    unit_price, basis = _unit_price(
        line,
        currency,
        with_basis=link.send_price_basis,
        decimals=PRICE_DECIMALS if decimals is None else decimals,
        table=link.units,
    )
    if decimals is not None:
        # Of a prepared price these are zeros only, which the buyer's system might count.
        unit_price = replace(unit_price, amount=rounded(unit_price.amount, decimals))
    return order_message.ItemIn(
        item_id=item.ItemID(supplier_part_id=sold.sku, supplier_part_auxiliary_id=quoted.auxiliary_id),
        quantity=line.quantity,
        line_number=numbers[line.line_id],
        parent_line_number=numbers.get(line.parent_id),
        item_classification="service" if sold.is_service else "",
        item_type="composite" if line.bundle else "item" if line.parent_id else "",
        composite_item_type=line.bundle.value if line.bundle else "",
        comments=line.comment,
        detail=item.ItemDetail(
            unit_price=unit_price,
            descriptions=sold.descriptions or (Text(sold.sku),),
            unit=units.to_buyer(sold.unit, link.units, link.format),
            price_basis=basis,
            classifications=sold.classifications or (UNCLASSIFIED,),
            manufacturer_part_id=sold.manufacturer_part_id,
            manufacturer_name=sold.manufacturer_name,
            url=sold.url,
            lead_time=sold.lead_time_days,
            extrinsics=tuple(sold.extrinsics.items()),
        ),
    )


def _unit_price(
    line: CartLine, currency: str, *, with_basis: bool, decimals: int, table: Mapping[str, str]
) -> tuple[Money, item.PriceBasisQuantity | None]:
    """The price for one ordered unit; "per 100" only where the link wants it or nothing shorter is exact."""
    sold = line.item
    if sold.price is None:
        if line.parent_id or line.bundle is Bundle.PRICED_BY_PART:
            return zero(currency), None  # the price stands at the other end of the bundle
        raise UnsendableCart(_("%(sku)s has no price.") % {"sku": sold.sku}, sku=sold.sku)
    if sold.price.net.currency != currency:
        told = {"sku": sold.sku, "other": sold.price.net.currency, "currency": currency}
        raise UnsendableCart(_("%(sku)s is priced in %(other)s, the cart is in %(currency)s.") % told, sku=sold.sku)
    each = sold.price.of(Decimal(1))
    is_exact, is_exact_as_stated = (rounded(told.amount, decimals) == told.amount for told in (each, sold.price.net))
    if sold.price.is_plain or (is_exact and not (with_basis and is_exact_as_stated)):
        return each, None
    return sold.price.net, item.PriceBasisQuantity(
        quantity=sold.price.basis,
        conversion_factor=sold.price.conversion,
        unit=units.to_buyer(sold.price.unit or sold.unit, table, "cxml"),
        description=sold.price.description,
    )


def _mapped(
    told: order_message.ItemIn,
    line: CartLine,
    cart: Cart,
    link: PunchoutLink,
    visit: Mapping[str, str],
) -> order_message.ItemIn:
    price = told.detail.unit_price
    extra = {
        **visit,
        "line.unit": told.detail.unit,
        "line.price": f"{price.amount:f}" if price else "",
        "line.price_unit": f"{told.detail.price_basis.quantity:f}" if told.detail.price_basis else "1",
        "line.auxiliary_id": told.item_id.supplier_part_auxiliary_id,
        "line.parent_number": str(told.parent_line_number or ""),
        "product.product_id": line.item.sku,
    }
    facts = facts_of(cart, line, position=told.line_number, extra=extra)
    values = given_values(link.rows, facts, link, sku=line.item.sku)
    return with_values(told, values)


def limited(told: order_message.ItemIn, found: Mapping[str, limits.Limit]) -> order_message.ItemIn:
    if not found:
        return told
    values = as_values(told)
    shorter = {}
    for target, limit in found.items():
        value = values.get(target, "")
        if target in WORDS or target.startswith("Extrinsic:"):
            if value != limits.cut(value, limit):
                shorter[target] = limits.cut(value, limit)
        elif problem := limits.broken(value, limit):
            sku = told.item_id.supplier_part_id
            message = _("%(sku)s cannot be sent to this procurement system. %(target)s: %(problem)s")
            raise UnsendableCart(message % {"sku": sku, "target": target, "problem": translated(problem)}, sku=sku)
    if limit := found.get("Description"):
        texts = tuple(replace(each, text=limits.cut(each.text, limit)) for each in told.detail.descriptions)
        told = replace(told, detail=replace(told.detail, descriptions=texts))
        shorter.pop("Description", None)
    return with_values(told, shorter) if shorter else told


def _header_home(session: PunchoutSession) -> envelope.Header:
    """The request's header turned round: identities as the buyer spells them, and never a secret (guide p. 70)."""

    def credentials(party: str) -> tuple[envelope.Credential, ...]:
        return tuple(envelope.Credential(**each) for each in session.parties.get(party, ()))

    ours = credentials("to") or (envelope.Credential(domain=conf().SUPPLIER_DOMAIN, identity=conf().SUPPLIER_IDENTITY),)
    return envelope.Header(from_=ours, to=credentials("from"), sender=ours, user_agent=USER_AGENT)
