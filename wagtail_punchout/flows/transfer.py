"""Transfer: the shopper is done, and the cart goes home; or nothing does.

Either ends the visit, once: two clicks must not send two carts. What was sent is kept to the byte as a quote, so that
showing the page again shows the same cart. On *edit* a message without lines deletes the buyer's lines, so a cancel is
told apart by Status 204 and no ItemIn (guide p. 86).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.carry import auxiliary_ids
from wagtail_punchout.models import Exchange, PunchoutSession, Quote, QuoteLine
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Classification, Item, Text
from wagtail_punchout.protocol.cxml import envelope, item, order_message
from wagtail_punchout.protocol.errors import PunchoutError, UnsendableCart
from wagtail_punchout.protocol.lifecycle import Event, State, after, before
from wagtail_punchout.protocol.money import Money, zero
from wagtail_punchout.signals import cart_transferred, session_cancelled

#: Decimals of a unit price that every known receiver takes (JAGGAER's limit).
PRICE_DECIMALS = 4
#: For goods the shop has not classified: the DTD demands a Classification, and receivers map what they do not know.
UNCLASSIFIED = Classification("UNSPSC", "00000000")


class SessionOver(PunchoutError):
    """The visit has already ended, in this browser or elsewhere."""


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A cart line with the auxiliary ID it goes home under."""

    line: CartLine
    auxiliary_id: str


def transfer_cart(session: PunchoutSession, cart: Cart, *, at: datetime) -> Quote:
    """End the visit and keep the document that takes ``cart`` home.

    Raises ``UnsendableCart`` (the visit goes on) for a cart that cannot be a document, ``SessionOver`` the second time.
    """
    lines = _with_auxiliary_ids(session, cart)
    payload_id = _payload_id(session)
    document = _encode(session, _message(session, cart, lines), payload_id=payload_id, at=at)
    with transaction.atomic():
        _end(session, Event.TRANSFER, at=at)
        quote = Quote.objects.create(
            session=session,
            customer_id=session.customer_id,
            currency=cart.currency,
            total=cart.total.amount,
            line_count=len(lines),
            document=document.decode(),
        )
        QuoteLine.objects.bulk_create(
            _quote_line(quote, position, each) for position, each in enumerate(lines, start=1)
        )
        _record(session, quote, payload_id=payload_id, status=200)
        transaction.on_commit(partial(cart_transferred.send_robust, PunchoutSession, session=session, quote=quote))
    return quote


def cancel_session(session: PunchoutSession, *, currency: str, at: datetime) -> Quote:
    """End the visit without a cart: a message with Status 204, which changes nothing at the buyer."""
    empty = order_message.OrderMessage(
        buyer_cookie=session.buyer_cookie,
        operation_allowed=order_message.OperationAllowed(session.link.operation_allowed),
        total=zero(currency),
    )
    payload_id = _payload_id(session)
    no_content = envelope.Status(code=204, text="No Content")
    document = _encode(session, empty, payload_id=payload_id, at=at, status=no_content)
    with transaction.atomic():
        _end(session, Event.CANCEL, at=at)
        quote = Quote.objects.create(
            session=session, customer_id=session.customer_id, is_cancel=True, document=document.decode()
        )
        _record(session, quote, payload_id=payload_id, status=204)
        transaction.on_commit(partial(session_cancelled.send_robust, PunchoutSession, session=session))
    return quote


def _end(session: PunchoutSession, event: Event, *, at: datetime) -> None:
    state = after(State.STARTED, event)
    ended = PunchoutSession.objects.filter(pk=session.pk, state__in=before(event)).update(state=state, over_at=at)
    if not ended:
        raise SessionOver(session.pk)
    session.state, session.over_at = state, at


def _with_auxiliary_ids(session: PunchoutSession, cart: Cart) -> list[QuotedLine]:
    """Lines that came along keep their ID; new ones get a short random one, different for every line (guide p. 71)."""
    kept = auxiliary_ids(session)
    taken: set[str] = set()
    lines = []
    for line in cart.lines:
        auxiliary_id = kept.get(line.line_id, "")
        if not auxiliary_id or auxiliary_id in taken:
            auxiliary_id = secrets.token_urlsafe(12)
        taken.add(auxiliary_id)
        lines.append(QuotedLine(line, auxiliary_id))
    return lines


def _message(session: PunchoutSession, cart: Cart, lines: list[QuotedLine]) -> order_message.OrderMessage:
    numbers = {each.line.line_id: number for number, each in enumerate(lines, start=1)}
    with_basis = session.link.send_price_basis
    return order_message.OrderMessage(
        buyer_cookie=session.buyer_cookie,
        operation_allowed=order_message.OperationAllowed(session.link.operation_allowed),
        total=cart.total,
        shipping=cart.shipping,
        tax=cart.tax,
        lines=tuple(_item_in(each, cart.currency, numbers, with_basis=with_basis) for each in lines),
    )


def _item_in(quoted: QuotedLine, currency: str, numbers: dict[str, int], *, with_basis: bool) -> order_message.ItemIn:
    line, sold = quoted.line, quoted.line.item
    unit_price, basis = _unit_price(line, currency, with_basis=with_basis)
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
            unit=sold.unit,
            price_basis=basis,
            classifications=sold.classifications or (UNCLASSIFIED,),
            manufacturer_part_id=sold.manufacturer_part_id,
            manufacturer_name=sold.manufacturer_name,
            url=sold.url,
            lead_time=sold.lead_time_days,
            extrinsics=tuple(sold.extrinsics.items()),
        ),
    )


def _unit_price(line: CartLine, currency: str, *, with_basis: bool) -> tuple[Money, item.PriceBasisQuantity | None]:
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
    is_exact = each.amount == each.amount.quantize(Decimal(1).scaleb(-PRICE_DECIMALS))
    if sold.price.is_plain or (is_exact and not with_basis):
        return each, None
    return sold.price.net, item.PriceBasisQuantity(
        quantity=sold.price.basis,
        conversion_factor=sold.price.conversion,
        unit=sold.price.unit or sold.unit,
        description=sold.price.description,
    )


def _encode(
    session: PunchoutSession,
    message: order_message.OrderMessage,
    *,
    payload_id: str,
    at: datetime,
    status: envelope.Status | None = None,
) -> bytes:
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
            body=order_message.encode(message, language=language),
        ),
        dtd_version=envelope.answer_version(session.dtd_version, needed=order_message.needed_version(message)),
    )


def _header_home(session: PunchoutSession) -> envelope.Header:
    """The request's header turned round: identities as the buyer spells them, and never a secret (guide p. 70)."""

    def credentials(party: str) -> tuple[envelope.Credential, ...]:
        return tuple(envelope.Credential(**each) for each in session.parties.get(party, ()))

    ours = credentials("to") or (envelope.Credential(domain=conf().SUPPLIER_DOMAIN, identity=conf().SUPPLIER_IDENTITY),)
    return envelope.Header(from_=ours, to=credentials("from"), sender=ours, user_agent=USER_AGENT)


USER_AGENT = "wagtail_punchout"


def _payload_id(session: PunchoutSession) -> str:
    """Unique in space and time, as the guide wants it (p. 24)."""
    return f"{session.id}.{secrets.token_hex(4)}@{conf().host}"


def _quote_line(quote: Quote, position: int, quoted: QuotedLine) -> QuoteLine:
    line: CartLine = quoted.line
    sold: Item = line.item
    price = sold.price.of(Decimal(1)) if sold.price else zero(quote.currency)
    return QuoteLine(
        quote=quote,
        position=position,
        auxiliary_id=quoted.auxiliary_id,
        sku=sold.sku,
        configuration=dict(sold.configuration),
        description=sold.name,
        quantity=line.quantity,
        unit=sold.unit,
        unit_price=price.amount,
        currency=price.currency,
    )


def _record(session: PunchoutSession, quote: Quote, *, payload_id: str, status: int) -> None:
    Exchange.objects.create(
        direction=Direction.OUT,
        kind="PunchOutOrderMessage",
        customer_id=session.customer_id,
        session=session,
        status=status,
        payload_id=payload_id,
        user_agent=session.user_agent,
        document=quote.document,
        digest=hashlib.sha256(quote.document.encode()).hexdigest(),
        size=len(quote.document),
    )
