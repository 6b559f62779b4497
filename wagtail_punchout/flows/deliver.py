"""Deliver: a queued document goes to the buyer's system, or a webhook to an ERP, and its answer is written down.

A transport error, a time-out, an answer that is no cXML and any 5xx come again later; a 4xx, in HTTP or in cXML, is for
a person (guide p. 34). The bytes are those that were queued: a repeated document is known by its payloadID.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from html import escape

from django.db.models import Exists, OuterRef, Q, QuerySet

from wagtail_punchout.flows import outbox
from wagtail_punchout.flows.announce import headers_for
from wagtail_punchout.flows.outbound import CannotReach, Reply, post
from wagtail_punchout.models import Delivery, DeliveryAttempt, Exchange
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.outbox import SECRET_PLACEHOLDER, WorkState
from wagtail_punchout.protocol.cxml import envelope, tree
from wagtail_punchout.protocol.errors import PunchoutError
from wagtail_punchout.protocol.snapshot import storable

WEBHOOK = "webhook"
#: An address that has failed so often in a row is probed rarely, whatever waits for it.
FAILURES_TO_PAUSE = 10
PAUSE = timedelta(minutes=15)
#: Characters of an answer that are kept.
KEPT_OF_ANSWER = 20_000


def deliverable() -> QuerySet[Delivery]:
    """Deliveries whose turn it is: of one order, one address hears one thing after the other."""
    before = Delivery.objects.filter(
        order=OuterRef("order"),
        url=OuterRef("url"),
        pk__lt=OuterRef("pk"),
        state__in=(WorkState.WAITING, WorkState.RUNNING),
    )
    return Delivery.objects.filter(Q(order=None) | ~Exists(before))


def deliver(work: Delivery, *, at: datetime) -> None:
    """One attempt at a delivery that was claimed."""
    is_test_document = work.order is not None and work.order.is_test and work.kind != WEBHOOK
    is_switched_off = work.client is not None and not work.client.is_active
    if is_test_document or is_switched_off:
        outbox.stop(work, at=at)
        return
    if pause := _pause(work, at=at):
        outbox.again_later(work, "The address has failed many times in a row: it is tried rarely.", at=at, after=pause)
        return
    started = time.perf_counter()
    try:
        reply = post(work.url, _body(work), _headers(work, at=at), private_networks=_networks(work))
    except CannotReach as error:
        _note(work, started, at=at, sentence=str(error))
        if error.is_forbidden:
            outbox.give_up(work, str(error), at=at)
        else:
            outbox.again_later(work, str(error), at=at)
        return
    status, sentence = _verdict(work, reply)
    _note(work, started, at=at, sentence=sentence, http_status=reply.status, status=status, answer=reply.body)
    _settle(work, reply, status, sentence, at=at)


def _settle(work: Delivery, reply: Reply, status: int | None, sentence: str, *, at: datetime) -> None:
    # Without a cXML Status the HTTP status says what to do; 429 and the like are a matter of time.
    code = status if status is not None else reply.status
    if 200 <= code < 300 and (status is not None or work.kind == WEBHOOK):
        outbox.finished(work, at=at)
    elif 400 <= code < 500 and code not in (408, 425, 429):
        outbox.give_up(work, sentence, at=at)
    else:
        after = timedelta(seconds=reply.retry_after) if reply.retry_after else None
        outbox.again_later(work, sentence, at=at, after=after)


def _verdict(work: Delivery, reply: Reply) -> tuple[int | None, str]:
    """The cXML Status and what it says; without one, why there is none."""
    if work.kind == WEBHOOK:
        return None, f"HTTP {reply.status}"
    try:
        said = envelope.decode_response(tree.parse(reply.body)).status
    except PunchoutError:
        return None, f"HTTP {reply.status}, and the answer is no cXML."
    return said.code, storable(f"{said.code} {said.text} {said.message}".strip())[:2000]


def _body(work: Delivery) -> bytes:
    # A buyer may call an order like the placeholder.
    if work.kind == WEBHOOK or SECRET_PLACEHOLDER not in work.body:
        return work.body.encode()
    credential = work.customer.credentials.live().filter(mode=work.order.mode).order_by("-created_at", "-pk").first()
    if credential is None:
        raise CannotReach("The customer has no live secret to sign the document with.", is_forbidden=True)
    secret = escape(credential.secret(), quote=False).encode("ascii", "xmlcharrefreplace")
    return work.body.encode().replace(SECRET_PLACEHOLDER.encode(), secret)


def _headers(work: Delivery, *, at: datetime) -> dict[str, str]:
    signed = headers_for(work, at) if work.kind == WEBHOOK else {}
    return {"Content-Type": work.content_type, **signed}


def _networks(work: Delivery) -> str:
    return work.order.link.private_networks if work.kind != WEBHOOK and work.order and work.order.link else ""


def _pause(work: Delivery, *, at: datetime) -> timedelta | None:
    """How long to leave an address alone that has failed many times in a row."""
    if work.attempts == 1 and work.last_error:
        return None  # it has failed before and begins anew: somebody wants it tried now
    recent = DeliveryAttempt.objects.filter(delivery__url=work.url).order_by("-pk")
    last = list(recent.values_list("at", "status", "http_status")[:FAILURES_TO_PAUSE])
    if len(last) < FAILURES_TO_PAUSE or any(_is_answer(status or http_status) for _at, status, http_status in last):
        return None
    left = last[0][0] + PAUSE - at
    return left if left > timedelta(0) else None


def _is_answer(code: int | None) -> bool:
    return code is not None and code < 500


def _note(
    work: Delivery,
    started: float,
    *,
    at: datetime,
    sentence: str,
    http_status: int | None = None,
    status: int | None = None,
    answer: bytes = b"",
) -> None:
    took = int((time.perf_counter() - started) * 1000)
    said = storable(answer.decode("utf-8", "replace"))[:KEPT_OF_ANSWER]
    DeliveryAttempt.objects.create(
        delivery=work, at=at, http_status=http_status, status=status, sentence=sentence, milliseconds=took
    )
    Delivery.objects.filter(pk=work.pk).update(http_status=http_status, answer_status=status, answer=said)
    Exchange.objects.create(
        direction=Direction.OUT,
        kind=work.kind[:60],
        customer=work.customer,
        order=work.order,
        status=status or http_status or 0,
        sentence=sentence,
        payload_id=work.payload_id,
        document=work.body,
        answer=said,
        size=len(work.body),
        milliseconds=took,
    )
