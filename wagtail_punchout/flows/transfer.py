"""Transfer: the shopper is done, and the cart goes home; or nothing does.

Either ends the visit, once: two clicks must not send two carts. What was sent is kept to the byte as a quote, so that
showing the page again shows the same cart. On *edit* a message without lines deletes the buyer's lines, so a cancel is
told apart by Status 204 and no ItemIn (guide p. 86); OCI knows no cancel, there it is a form without items.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction

from wagtail_punchout.flows.pack import Packed, pack, pack_nothing
from wagtail_punchout.flows.prepare import prepare
from wagtail_punchout.flows.quoted import QuotedLine, with_auxiliary_ids
from wagtail_punchout.models import Exchange, PunchoutSession, Quote, QuoteLine
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.protocol.cart import Cart, CartLine, Item
from wagtail_punchout.protocol.errors import PunchoutError, UnsendableCart
from wagtail_punchout.protocol.lifecycle import Event, State, after, before
from wagtail_punchout.protocol.money import zero
from wagtail_punchout.protocol.snapshot import as_json, storable, storable_json
from wagtail_punchout.signals import cart_transferred, session_cancelled


class SessionOver(PunchoutError):
    """The visit has already ended, in this browser or elsewhere."""


class CartTooLarge(PunchoutError):
    """Typical receivers would take only a part of this cart, and say nothing. The visit goes on."""


def transfer_cart(session: PunchoutSession, cart: Cart, *, at: datetime, however_large: bool = True) -> Quote:
    """End the visit and keep the document that takes ``cart`` home.

    Raises ``UnsendableCart`` (the visit goes on) for a cart that cannot be a document, ``CartTooLarge`` (likewise) if
    that matters to the caller, ``SessionOver`` the second time.
    """
    sent = prepare(cart, session.link)
    lines = with_auxiliary_ids(session, sent)
    packed = pack(session, sent, lines, at=at)
    if packed.is_large and not however_large:
        raise CartTooLarge(session.pk)
    with transaction.atomic():
        _end(session, Event.TRANSFER, at=at)
        quote = Quote.objects.create(
            session=session,
            customer_id=session.customer_id,
            currency=sent.currency,
            total=sent.total.amount,
            line_count=len(lines),
            document=packed.document,
            cart=as_json(cart),
        )
        QuoteLine.objects.bulk_create(
            _quote_line(quote, position, each) for position, each in enumerate(lines, start=1)
        )
        _record(session, packed, status=200)
        transaction.on_commit(partial(cart_transferred.send_robust, PunchoutSession, session=session, quote=quote))
    return quote


def cancel_session(session: PunchoutSession, *, currency: str, at: datetime) -> Quote:
    """End the visit without a cart, in words that change nothing at the buyer."""
    packed = pack_nothing(session, currency=currency, at=at)
    with transaction.atomic():
        _end(session, Event.CANCEL, at=at)
        quote = Quote.objects.create(
            session=session, customer_id=session.customer_id, is_cancel=True, document=packed.document
        )
        _record(session, packed, status=204)
        transaction.on_commit(partial(session_cancelled.send_robust, PunchoutSession, session=session))
    return quote


def note_unsendable(session: PunchoutSession, problem: UnsendableCart) -> None:
    """Let the admin see that a cart could not go home, and why: the shopper can seldom mend it."""
    Exchange.objects.create(
        direction=Direction.OUT,
        kind="Cart not sent",
        customer_id=session.customer_id,
        session=session,
        status=422,
        sentence=str(problem),
        user_agent=session.user_agent,
    )


def _end(session: PunchoutSession, event: Event, *, at: datetime) -> None:
    state = after(State.STARTED, event)
    ended = PunchoutSession.objects.filter(pk=session.pk, state__in=before(event)).update(state=state, over_at=at)
    if not ended:
        raise SessionOver(session.pk)
    session.state, session.over_at = state, at


def _quote_line(quote: Quote, position: int, quoted: QuotedLine) -> QuoteLine:
    line: CartLine = quoted.line
    sold: Item = line.item
    price = sold.price.of(Decimal(1)) if sold.price else zero(quote.currency)
    return QuoteLine(
        quote=quote,
        position=position,
        auxiliary_id=quoted.auxiliary_id,
        sku=storable(sold.sku),
        configuration=storable_json(sold.configuration),
        description=storable(sold.name),
        quantity=line.quantity,
        unit=storable(sold.unit),
        unit_price=price.amount,
        currency=price.currency,
    )


def _record(session: PunchoutSession, packed: Packed, *, status: int) -> None:
    Exchange.objects.create(
        direction=Direction.OUT,
        kind=packed.kind,
        customer_id=session.customer_id,
        session=session,
        status=status,
        payload_id=packed.payload_id,
        user_agent=session.user_agent,
        document=packed.document,
        digest=hashlib.sha256(packed.document.encode()).hexdigest(),
        size=len(packed.document),
    )
