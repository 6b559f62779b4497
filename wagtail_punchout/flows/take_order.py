"""Take an order: an OrderRequest becomes a purchase order, or changes or cancels one, exactly once.

*Accepted* means: in the database before the answer leaves. Networks repeat themselves and buyers' systems send the same
order for hours, so the same document gets the same answer, the same content under another payloadID makes no second
order, and other content under the same number and version is refused and shown. Nothing slow happens here: the shop is
asked by the hand-over (:mod:`wagtail_punchout.flows.hand_over`), which the same transaction queues.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from wagtail.log_actions import log

from wagtail_punchout.flows.address_book import Choice, choose, note_unknown
from wagtail_punchout.flows.announce import announce
from wagtail_punchout.flows.attach import withdraw
from wagtail_punchout.flows.compare import Traced, compare_with_quotes, is_serious, is_unquoted, summary
from wagtail_punchout.flows.enter import parties, usable_link
from wagtail_punchout.flows.hand_over import call_off, queue_hand_over
from wagtail_punchout.flows.identify import Caller
from wagtail_punchout.flows.modes import mode_of
from wagtail_punchout.flows.order_reasons import reasons_of
from wagtail_punchout.flows.route import route, sent
from wagtail_punchout.models import (
    Company,
    Exchange,
    OrderAttachment,
    OrderDocument,
    OrderLine,
    OrderState,
    PunchoutLink,
    PurchaseOrder,
    Reason,
)
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.models.orders import LONGEST_NUMBER, Verdict
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.envelope import Request
from wagtail_punchout.protocol.errors import NotAllowed, NotImplementedHere, TryLater, UnacceptableContent
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.order import Order, OrderAction, header_json, line_json
from wagtail_punchout.protocol.order_versions import Decision, Standing, decide
from wagtail_punchout.protocol.snapshot import storable, storable_json
from wagtail_punchout.signals import order_changed, order_received

LINES_AT_ONCE = 500
#: Two documents of one order at the same moment: one of them has to look again.
MOST_TRIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One OrderRequest at the door.

    ``store`` puts its attachments into the storage and answers with their rows, not saved; it is asked only for a
    document that is new. ``respond`` makes the bytes of an answer from a status and a sentence, ``record`` the exchange
    of this call.
    """

    caller: Caller
    request: Request
    order: Order
    dedup_key: str
    digest: str
    at: datetime
    respond: Callable[[int, str], bytes]
    record: Callable[[PurchaseOrder, int, str], Exchange]
    store: Callable[[], Sequence[OrderAttachment]] = tuple


def take_order(incoming: Incoming) -> bytes:
    """The answer. Raises ``NotAllowed`` for a link that is missing or switched off, for a call that leads to no company
    and for a mode the link refuses, ``NotImplementedHere`` for a change where none are taken, ``UnacceptableContent``
    for an order that cannot be kept.
    """
    # What finds a caller brings little of its link along; an order needs most of it.
    link = PunchoutLink.objects.get(pk=usable_link(incoming.caller.link).pk)
    _check(incoming, link)
    mode = mode_of(incoming.caller, incoming.request.deployment_mode, link)
    # What was tried in test is no retry when it is meant: each mode has its own.
    key = hashlib.sha256(f"{mode}\n{incoming.dedup_key}".encode()).hexdigest()
    incoming = replace(incoming, dedup_key=key)
    if known := _known(incoming):
        return _again(incoming, known)
    attachments = incoming.store()
    try:
        return _take_once(incoming, link, attachments)
    except BaseException:
        withdraw(attachments)
        raise


def _take_once(incoming: Incoming, link: PunchoutLink, attachments: Sequence[OrderAttachment]) -> bytes:
    for _ in range(MOST_TRIES):
        try:
            with transaction.atomic():
                return _take(incoming, link, attachments)
        except IntegrityError:
            # Another document of this order was faster by a moment, or this very document.
            if known := _known(incoming):
                withdraw(attachments)
                return _again(incoming, known)
    raise TryLater(
        "Other documents of this order arrive at this very moment. Please send it again later.", code=Failure.ORDER_BUSY
    )


def _check(incoming: Incoming, link: PunchoutLink) -> None:
    order = incoming.order
    if order.action is not OrderAction.NEW and not link.takes_changes:
        raise NotImplementedHere(
            "Changes and cancellations of orders are not taken here. Please call the supplier about this order.",
            code=Failure.CHANGES_NOT_TAKEN,
        )
    if len(order.order_id) > LONGEST_NUMBER:
        raise UnacceptableContent(f"OrderRequestHeader/@orderID is longer than {LONGEST_NUMBER} characters.")


def _known(incoming: Incoming) -> OrderDocument | None:
    """The same document, taken before."""
    documents = OrderDocument.objects.select_related("order")
    return documents.filter(customer=incoming.caller.customer, dedup_key=incoming.dedup_key).first()


def _again(incoming: Incoming, known: OrderDocument) -> bytes:
    incoming.record(known.order, known.status, "The same document again, and the same answer.").save()
    return known.answer.encode()


def _take(incoming: Incoming, link: PunchoutLink, attachments: Sequence[OrderAttachment]) -> bytes:
    order, caller = incoming.order, incoming.caller
    traced = compare_with_quotes(caller.customer.pk, order.lines, link)
    purchase_order = _locked(incoming, link) or _fresh(incoming, link, traced)
    is_first = purchase_order.pk is None
    decision = decide(order.action, order.version, incoming.digest, _standing(purchase_order))
    place = choose(purchase_order.company.path, caller.customer.group_id, order.ship_to)
    reasons = reasons_of(incoming, purchase_order, link, traced, attachments, place) if decision.applies else {}
    status, sentence = decision.status, decision.sentence
    is_refused = (
        decision.applies and not decision.cancels and link.order_rule == OrderRule.REFUSE and is_serious(traced)
    )
    if is_refused:
        status, sentence = 400, f"The order differs from the returned cart. {summary(traced)}"
    if is_first:
        purchase_order.state = OrderState.REFUSED if is_refused else OrderState.HELD
        purchase_order.save(force_insert=True)
    document = _keep(incoming, purchase_order, decision, is_refused, status, sentence)
    _attach(attachments, purchase_order, document)
    _note(purchase_order, decision)
    # A change that is refused leaves the order as it was.
    if decision.applies and (not is_refused or purchase_order.state == OrderState.REFUSED):
        _apply(incoming, purchase_order, document, decision, traced, reasons, place, is_refused=is_refused)
    purchase_order.save()
    _tell(purchase_order, document, decision, is_first=is_first, at=incoming.at)
    return document.answer.encode()


def _locked(incoming: Incoming, link: PunchoutLink) -> PurchaseOrder | None:
    orders = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("customer", "company", "link")
    return orders.filter(
        customer=incoming.caller.customer,
        mode=mode_of(incoming.caller, incoming.request.deployment_mode, link),
        buyer_key=_buyer(incoming)[1],
        number=_number(incoming.order),
    ).first()


def _fresh(incoming: Incoming, link: PunchoutLink, traced: Sequence[Traced]) -> PurchaseOrder:
    """The row of an order nobody has heard of, not saved."""
    buyer, key = _buyer(incoming)
    request, caller = incoming.request, incoming.caller
    company, told = _company(incoming, traced)
    return PurchaseOrder(
        customer=caller.customer,
        company=company,
        routed_by=told,
        link=link,
        credential=caller.credential,
        mode=mode_of(caller, request.deployment_mode, link),
        parties=parties(request),
        language=request.language[:35],
        buyer=buyer,
        buyer_key=key,
        number=_number(incoming.order),
        created_at=incoming.at,
    )


def _company(incoming: Incoming, traced: Sequence[Traced]) -> tuple[Company, str]:
    """Where the carts were made; an order that comes from no cart, or from several companies', goes by the table."""
    companies = {each.quoted.quote.session.company_id for each in traced if each.quoted}
    if len(companies) == 1:
        return Company.objects.get(pk=companies.pop()), ""
    order = incoming.order
    email = next((each.email for each in order.contacts if each.email), "")
    extrinsics = [(name, tree.struck_if_secret(name, value)) for name, value in order.extrinsics]
    address_id = order.ship_to.address_id if order.ship_to else ""
    way = route(incoming.caller.customer, sent(address_id=address_id, email=email, extrinsics=extrinsics))
    if way.refusal:
        raise NotAllowed(way.refusal, cause=way.cause, code=way.failure)
    return way.company or Company.objects.get(pk=way.company_id), way.told


def _buyer(incoming: Incoming) -> tuple[str, str]:
    """Whose number it is: one connection may stand for several organizations, each with an order 4711 (guide p. 68)."""
    named = next((each.identity.strip() for each in incoming.request.header.from_ if each.identity.strip()), "")
    return storable(named)[:200], storable(identity_key(named))[:200]


def _number(order: Order) -> str:
    return storable(order.order_id)


def _standing(purchase_order: PurchaseOrder) -> Standing | None:
    """What is known of the order, as the rule for versions needs it."""
    if purchase_order.pk is None:
        return None
    documents = list(purchase_order.documents.all())
    current = next((each for each in documents if each.pk == purchase_order.current_id), None)
    is_refused = purchase_order.state == OrderState.REFUSED
    by_rule = current is not None and current.verdict == Verdict.REFUSED
    return Standing(
        version=purchase_order.version,
        was_given=current is not None and current.given_version is not None,
        is_cancelled=purchase_order.is_cancelled,
        is_refused=is_refused and by_rule,
        is_refused_by_hand=is_refused and not by_rule,
        current=current.digest if current else "",
        taken=frozenset(
            (each.action, each.digest)
            for each in documents
            if each.verdict in (Verdict.APPLIED, Verdict.SAME, Verdict.LATE)
        ),
    )


def _keep(
    incoming: Incoming,
    purchase_order: PurchaseOrder,
    decision: Decision,
    is_refused: bool,
    status: int,
    sentence: str,
) -> OrderDocument:
    exchange = incoming.record(purchase_order, status, sentence)
    exchange.save()
    document = OrderDocument.objects.create(
        order=purchase_order,
        customer=incoming.caller.customer,
        exchange=exchange,
        dedup_key=incoming.dedup_key,
        payload_id=storable(incoming.request.payload_id),
        digest=incoming.digest,
        action=incoming.order.action.value,
        given_version=incoming.order.version,
        version=decision.version,
        verdict=Verdict.REFUSED if is_refused else decision.verdict,
        status=status,
        answer=incoming.respond(status, sentence).decode(),
        received_at=incoming.at,
    )
    return document


def _attach(attachments: Sequence[OrderAttachment], purchase_order: PurchaseOrder, document: OrderDocument) -> None:
    if document.verdict == Verdict.SAME:
        withdraw(attachments)  # it has them already
        return
    for each in attachments:
        each.order, each.document = purchase_order, document
    OrderAttachment.objects.bulk_create(attachments)


def _note(purchase_order: PurchaseOrder, decision: Decision) -> None:
    for code in decision.reasons:
        purchase_order.add_reason(Reason(code), version=decision.version)


def _apply(
    incoming: Incoming,
    purchase_order: PurchaseOrder,
    document: OrderDocument,
    decision: Decision,
    traced: Sequence[Traced],
    reasons: dict[Reason, bool],
    place: Choice,
    *,
    is_refused: bool,
) -> None:
    """Make the order what this document says. ``reasons`` are those to look at it; true ones hold it."""
    was_handed_over = purchase_order.state == OrderState.HANDED_OVER
    if purchase_order.acknowledged_at:
        # The ERP has what came before; under its number it can take this, too.
        purchase_order.acknowledged_at = None
        purchase_order.add_reason(Reason.AFTER_ERP, version=decision.version)
    purchase_order.version, purchase_order.current = decision.version, document
    if was_handed_over:
        late = Reason.CANCELLED_AFTER_HAND_OVER if decision.cancels else Reason.CHANGED_AFTER_HAND_OVER
        purchase_order.add_reason(late, version=decision.version)
    elif decision.cancels:
        purchase_order.state = OrderState.CANCELLED
        call_off(purchase_order)
    if decision.cancels and purchase_order.line_count:
        return  # what was ordered stays to be read; a cancellation names the lines only because the DTD wants some
    _write(purchase_order, incoming.order, traced)
    purchase_order.address = place.entry
    note_unknown(purchase_order.company_id, place, at=incoming.at)
    if decision.cancels:
        return
    for code in reasons:
        purchase_order.add_reason(code)
    if was_handed_over:
        return
    if is_refused:
        purchase_order.state = OrderState.REFUSED
    elif decision.holds or any(reasons.values()):
        purchase_order.state = OrderState.HELD
        call_off(purchase_order)
    else:
        purchase_order.state = OrderState.ACCEPTED
        queue_hand_over(purchase_order, at=incoming.at)


def _write(purchase_order: PurchaseOrder, order: Order, traced: Sequence[Traced]) -> None:
    total = order.total or order.lines_total
    purchase_order.ordered_at = order.order_date
    purchase_order.order_type = storable(order.order_type)[:40]
    purchase_order.requisition = storable(order.requisition_id)[:255]
    purchase_order.currency = storable(total.currency)[:3] if total else ""
    purchase_order.total = round(total.amount, 4) if total else None
    purchase_order.line_count = len(order.lines)
    purchase_order.requested_delivery = order.requested_delivery
    purchase_order.ship_to = storable_json(order.ship_to.as_dict()) if order.ship_to else None
    purchase_order.bill_to = storable_json(order.bill_to.as_dict()) if order.bill_to else None
    purchase_order.header = header_json(order)
    purchase_order.differs = is_serious(traced) or is_unquoted(traced)
    purchase_order.lines.all().delete()
    lines = [_line(purchase_order, position, each) for position, each in enumerate(traced, start=1)]
    OrderLine.objects.bulk_create(lines, batch_size=LINES_AT_ONCE)


def _line(purchase_order: PurchaseOrder, position: int, traced: Traced) -> OrderLine:
    line = traced.line
    price, amount, item_id = line.unit_price_of_one, line.amount, line.item_id
    return OrderLine(
        order=purchase_order,
        position=position,
        number=line.number,
        parent_number=line.parent_number,
        sku=storable(item_id.supplier_part_id)[:255],
        auxiliary_id=storable(item_id.supplier_part_auxiliary_id),
        buyer_part_id=storable(item_id.buyer_part_id)[:255],
        description=storable(line.description),
        quantity=line.quantity,
        unit=storable(line.unit)[:60],
        unit_price=round(price.amount, 10) if price else None,
        amount=round(amount.amount, 4) if amount else None,
        currency=storable(price.currency)[:3] if price else "",
        requested_delivery=line.requested_delivery,
        quote_line=traced.quoted,
        differences=[each.as_json() for each in traced.differences],
        data=line_json(line),
    )


def _tell(
    purchase_order: PurchaseOrder, document: OrderDocument, decision: Decision, *, is_first: bool, at: datetime
) -> None:
    """The history, those who are told by webhook, and the project's own code."""
    facts = {"version": document.version, "state": purchase_order.state, "verdict": document.verdict}
    log(purchase_order, f"wagtail_punchout.{_event(document, is_first=is_first)}", data=facts)
    if document.verdict != Verdict.APPLIED:
        return
    announce(purchase_order, _announced(purchase_order, decision, is_first=is_first), at=at)
    signal = order_received if is_first else order_changed
    transaction.on_commit(partial(signal.send_robust, PurchaseOrder, order=purchase_order))


def _event(document: OrderDocument, *, is_first: bool) -> str:
    if document.verdict == Verdict.APPLIED and document.action == OrderAction.DELETE.value:
        return "order_cancelled"
    if document.verdict == Verdict.APPLIED:
        return "order_received" if is_first else "order_changed"
    return {
        Verdict.CONFLICT: "order_conflict",
        Verdict.LATE: "order_late",
        Verdict.SAME: "order_repeated",
        Verdict.REFUSED: "order_turned_down",
    }[document.verdict]


def _announced(purchase_order: PurchaseOrder, decision: Decision, *, is_first: bool) -> str:
    if decision.cancels:
        return "order.cancelled"
    if purchase_order.state == OrderState.HELD:
        return "order.held"
    return "order.accepted" if purchase_order.state == OrderState.ACCEPTED else "order.changed"
