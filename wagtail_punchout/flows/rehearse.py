"""Rehearse: what a document that is kept would get if it came today, by today's customers, links and routes.

Nothing happens. It goes through the very flows that take such documents, inside a transaction that is rolled back; the
shop is asked about articles and told nothing, nobody is added as a user, no file is stored, nothing is sent, and no
failure is counted. The secret was struck out when the document was kept, so it is taken for right; so is the address
that it came to, which is not kept either.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.db import transaction
from wagtail.models import ModelLogEntry

from wagtail_punchout.flows import call_up, enter
from wagtail_punchout.flows.identify import Caller, identify_kept
from wagtail_punchout.flows.named_user import expected_shopper
from wagtail_punchout.flows.take_order import Incoming, take_order
from wagtail_punchout.models import (
    Company,
    Exchange,
    Mode,
    OrderAttachment,
    OrderDocument,
    OrderState,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
)
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.orders import Verdict
from wagtail_punchout.protocol.cxml import envelope, order_request, setup, tree
from wagtail_punchout.protocol.errors import NotAllowed, Refused
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.shop import AdapterUnavailable, ShopAdapter

logger = logging.getLogger("wagtail_punchout.rehearse")

#: What was wrong lay in how the document was sent, and that is not kept.
OF_THE_WAY = frozenset(
    {Failure.ENCODING, Failure.MULTIPART, Failure.FORM, Failure.METHOD, Failure.TOO_LARGE, Failure.CALL_TOO_LARGE}
)
#: What the shop may be asked. Everything else would tell it something.
ASKED = frozenset({"get_item", "get_items"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a document, or would. ``code`` names the failure; ``added`` is a user who would be made."""

    status: int = 200
    sentence: str = "OK"
    cause: str = ""
    code: str = ""
    customer: PunchoutCustomer | None = None
    company: Company | None = None
    routed_by: str = ""
    link: PunchoutLink | None = None
    mode: str = ""
    shopper: Any = None
    added: str = ""
    address: str = ""
    return_url: str = ""
    verdict: str = ""
    order_state: str = ""
    reasons: tuple[dict[str, Any], ...] = ()

    @property
    def is_refused(self) -> bool:
        return self.status >= 300


class AskedOnly:
    """The shop's adapter, which answers questions and hears of nothing else."""

    def __init__(self, adapter: ShopAdapter) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        if name not in ASKED:
            raise PermissionError(f"A rehearsal must not call ShopAdapter.{name}.")
        return getattr(self._adapter, name)


def can_rehearse(exchange: Exchange) -> bool:
    """Whether it is a call or an order, and all that counts was kept of it."""
    return (
        exchange.direction == Direction.IN
        and bool(exchange.document)
        and exchange.reason not in OF_THE_WAY
        and _rehearsal_of(exchange) is not None
        and _is_whole(exchange)
    )


def rehearse(exchange: Exchange, *, adapter: ShopAdapter, at: datetime) -> Outcome:
    """The outcome of today. Whatever happens on the way is one, too; only ask for what :func:`can_rehearse`."""
    found: list[Outcome] = []
    try:
        with transaction.atomic():
            _rehearsal_of(exchange)(exchange, AskedOnly(adapter), at, found)
            transaction.set_rollback(True)
    except Refused as refusal:
        return _refused(found, refusal.status, refusal.sentence, refusal.cause, refusal.code)
    except call_up.CannotEnter as refusal:
        return _refused(found, 403, "", refusal.cause, refusal.code)
    except AdapterUnavailable:
        return _refused(found, 560, "", "", Failure.SHOP_UNAVAILABLE)
    except Exception:
        logger.exception("A rehearsal crashed.", extra={"exchange": exchange.pk})
        return _refused(found, 500, "", "", Failure.CRASH)
    return found[-1]


def outcome_then(exchange: Exchange) -> Outcome:
    """What became of the document when it came, as far as that is kept."""
    said = {name: getattr(exchange, name) for name in ("status", "sentence", "cause", "customer")}
    said["code"] = exchange.reason
    if exchange.session:
        return replace(_of_visit(exchange.session), **said)
    if document := OrderDocument.objects.filter(exchange=exchange).select_related("order").first():
        entries = ModelLogEntry.objects.for_instance(document.order).filter(timestamp__gte=document.received_at)
        told = next((each.data for each in entries.order_by("timestamp") if "verdict" in each.data), {})
        return replace(_of_order(document.order, document.verdict), order_state=told.get("state", ""), **said)
    return Outcome(**said)


Rehearsal = Callable[[Exchange, Any, datetime, list[Outcome]], None]


def _rehearsal_of(exchange: Exchange) -> Rehearsal | None:
    if exchange.kind.startswith("OCI"):
        return _call
    return {"PunchOutSetupRequest": _setup, "OrderRequest": _order}.get(exchange.kind)


def _is_whole(exchange: Exchange) -> bool:
    """Of a stranger's document only the beginning may have been kept."""
    if exchange.kind.startswith("OCI"):
        return _pairs(exchange) is not None
    try:
        _read(exchange)
    except Refused:
        return exchange.customer_id is not None
    return True


def _setup(exchange: Exchange, adapter: Any, at: datetime, found: list[Outcome]) -> None:
    request = _read(exchange)
    caller = _caller(request, exchange, at)
    found.append(Outcome(customer=caller.customer, link=caller.link))
    wanted = setup.decode_setup_request(request.body)
    session = enter.session_of(caller, request, wanted, retry_key=None, adapter=adapter, at=at)
    _visit(caller, session, found)


def _call(exchange: Exchange, adapter: Any, at: datetime, found: list[Outcome]) -> None:
    keys = exchange.customer.credentials.values_list("path_key", flat=True) if exchange.customer else ()
    call = call_up.read_call("", urlencode(_pairs(exchange)), path_key=next(filter(None, keys), ""))
    call_up.check_signed(call)
    mode = _mode_then(exchange) or Mode.PRODUCTION
    caller = identify_kept([call.username], [], is_shown=True, at=at, mode=mode)
    found.append(Outcome(customer=caller.customer))
    # How it was sent is not kept, unless that was what was wrong.
    caller = call_up.through_link(caller, call, is_get=exchange.reason == Failure.NO_GET)
    found.append(Outcome(customer=caller.customer, link=caller.link))
    session = call_up.session_of(caller, call, user_agent=exchange.user_agent, at=at)
    call_up.check_function(call, session, adapter)
    try:
        _visit(caller, session, found)
    except NotAllowed as refusal:
        raise call_up.CannotEnter(call_up.Reason.NO_USER, refusal.cause, refusal.code) from refusal


def _visit(caller: Caller, session: PunchoutSession, found: list[Outcome]) -> None:
    """What the visit would be; it counts as found also when its user is refused."""
    found.append(_of_visit(session))
    user, added = expected_shopper(caller, session)
    found.append(replace(_of_visit(session), shopper=user or (None if added else session.shopper), added=added))


def _order(exchange: Exchange, adapter: Any, at: datetime, found: list[Outcome]) -> None:
    request = _read(exchange)
    caller = _caller(request, exchange, at)
    found.append(Outcome(customer=caller.customer, link=caller.link))
    taken = OrderDocument.objects.filter(exchange=exchange).select_related("order").first()
    came_along: list[OrderAttachment] = []
    if taken:
        came_along = [_without_file(each) for each in taken.attachments.all()]
        _set_back(taken)
    order = order_request.decode_order_request(request.body)

    def record(purchase_order: PurchaseOrder, status: int, sentence: str) -> Exchange:
        said = {"status": status, "sentence": sentence}
        kept.append((purchase_order, said))
        return Exchange(direction=Direction.IN, kind=exchange.kind, **said)

    kept: list[tuple[PurchaseOrder, dict[str, Any]]] = []
    take_order(
        Incoming(
            caller=caller,
            request=request,
            order=order,
            dedup_key=f"rehearsal {uuid4().hex}",
            digest=taken.digest if taken else order_request.content_digest(request.body),
            at=at,
            store=lambda: came_along,
            respond=lambda status, sentence: b"",
            record=record,
        )
    )
    purchase_order, said = kept[-1]
    verdict = purchase_order.documents.order_by("pk").last().verdict
    reasons = tuple(purchase_order.reasons)
    found.append(replace(_of_order(purchase_order, verdict), order_state=purchase_order.state, reasons=reasons, **said))


def _without_file(attachment: OrderAttachment) -> OrderAttachment:
    """The mention of it alone: the file belongs to the real order, and who withdraws a row deletes its file."""
    return OrderAttachment(name=attachment.name, problem=attachment.problem, line_number=attachment.line_number)


def _set_back(document: OrderDocument) -> None:
    """Make the order what it was before this document, inside the transaction that is rolled back."""
    order = document.order
    before = order.documents.filter(pk__lt=document.pk, verdict=Verdict.APPLIED).order_by("pk").last()
    order.documents.filter(pk__gte=document.pk).delete()
    this = PurchaseOrder.objects.filter(pk=order.pk)
    if before is None:
        # Nobody has heard of this number; and an order that is refused vouches for no address.
        this.update(number=uuid4().hex, state=OrderState.REFUSED, shop_number="", handed_over_at=None)
        return
    is_over = order.state in (OrderState.CANCELLED, OrderState.REFUSED)
    state = (OrderState.HANDED_OVER if order.handed_over_at else OrderState.ACCEPTED) if is_over else order.state
    this.update(version=before.version, current=before, state=state, reasons=[], needs_person=False)


def _read(exchange: Exchange) -> envelope.Request:
    raw = exchange.document.encode()
    limits = tree.Limits(size=len(raw) * 4 + 1, elements=4_000_000, equals=4_000_000)
    return envelope.decode_request(tree.parse(raw, limits=limits))


def _pairs(exchange: Exchange) -> list[tuple[str, str]] | None:
    try:
        return [(str(name), str(value)) for name, value in json.loads(exchange.document)]
    except (ValueError, TypeError):
        return None


def _caller(request: envelope.Request, exchange: Exchange, at: datetime) -> Caller:
    sender = request.header.sender
    said = Mode.TEST if request.deployment_mode == "test" else Mode.PRODUCTION
    if exchange.reason == Failure.MODE_CONFLICT:
        # Then it came with the secret of the other mode.
        said = Mode.PRODUCTION if said == Mode.TEST else Mode.TEST
    return identify_kept(
        [each.identity for each in sender],
        [each.identity for each in request.header.from_],
        is_shown=any(each.shared_secret or each.mac for each in sender),
        at=at,
        mode=_mode_then(exchange) or said,
    )


def _mode_then(exchange: Exchange) -> str:
    """Of the secret that the document came with, where that is known."""
    made = exchange.session or exchange.order
    credential = made.credential if made else None
    return credential.mode if credential else ""


def _of_visit(session: PunchoutSession) -> Outcome:
    return Outcome(
        customer=session.customer,
        company=session.company,
        routed_by=session.routed_by,
        link=session.link,
        mode=session.mode,
        shopper=session.shopper,
        address=str(session.address or ""),
        return_url=session.return_url,
    )


def _of_order(order: PurchaseOrder, verdict: str) -> Outcome:
    return Outcome(
        customer=order.customer,
        company=order.company,
        routed_by=order.routed_by,
        link=order.link,
        mode=order.mode,
        address=str(order.address or ""),
        verdict=verdict,
    )


def _refused(found: list[Outcome], status: int, sentence: str, cause: str, code: Failure) -> Outcome:
    """The refusal, with what was known by then."""
    known = found[-1] if found else Outcome()
    return replace(known, status=status, sentence=sentence, cause=cause, code=str(code))
