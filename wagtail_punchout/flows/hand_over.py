"""Hand over: an accepted order becomes an order of the shop, once.

The queue gives each piece of work to one worker at a time, but a worker may die between the shop's commit and ours and
the work is then done again: the shop knows the order by its key and answers with the order it has made. So there is one
shop order for each purchase order, whenever a process is killed.

A test order is never handed over. It is not queued, not taken from the queue, and the database refuses to note it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from wagtail.log_actions import log

from wagtail_punchout.flows import outbox
from wagtail_punchout.flows.address_book import completed
from wagtail_punchout.flows.announce import announce
from wagtail_punchout.flows.compare import compare_with_today, is_watched, keep_today, order_pricing, ref_of
from wagtail_punchout.models import HandOver, OrderLine, OrderState, PurchaseOrder, Reason
from wagtail_punchout.models.outbox import HandOverKind, WorkState
from wagtail_punchout.protocol import order as order_values
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.shop import (
    AdapterUnavailable,
    IncomingLine,
    IncomingOrder,
    OrderNotTaken,
    PlacedOrder,
    ShopAdapter,
)

logger = logging.getLogger("wagtail_punchout.orders")

#: In which state an order must be for what is to be done with it in the shop.
WANTED_STATE = {
    HandOverKind.PLACE: OrderState.ACCEPTED,
    HandOverKind.CHANGE: OrderState.HANDED_OVER,
    HandOverKind.CANCEL: OrderState.HANDED_OVER,
}
#: What a person need not look at any more once the shop has done it.
SETTLED = {
    HandOverKind.PLACE: (Reason.HAND_OVER_FAILED, Reason.SHOP_REFUSED),
    HandOverKind.CHANGE: (Reason.HAND_OVER_FAILED, Reason.SHOP_REFUSED, Reason.CHANGED_AFTER_HAND_OVER),
    HandOverKind.CANCEL: (
        Reason.HAND_OVER_FAILED,
        Reason.SHOP_REFUSED,
        Reason.CANCELLED_AFTER_HAND_OVER,
        Reason.REFUSED_MEANWHILE,
    ),
}
#: In these the shop should not have the order.
UNWANTED = (OrderState.CANCELLED, OrderState.REFUSED)


def queue_hand_over(order: PurchaseOrder, kind: str = HandOverKind.PLACE, *, at: datetime) -> HandOver | None:
    """Let a worker do it. ``None`` for a test order. Asked twice, it is done once; call it in a transaction."""
    if order.is_test:
        return None
    # The last error stays: it tells that the shop was asked before.
    facts = {"state": WorkState.WAITING, "version": order.version, "due_at": at, "attempts": 0}
    waiting = order.hand_overs.filter(kind=kind)
    if kind != HandOverKind.PLACE:
        waiting = waiting.filter(state__in=(WorkState.WAITING, WorkState.RUNNING))
    work = waiting.first()
    if work is None:
        work = HandOver.objects.create(order=order, kind=kind, **facts)
    elif work.state != WorkState.RUNNING:
        for name, value in {**facts, "finished_at": None}.items():
            setattr(work, name, value)
        work.save()
    outbox.enqueue(work)
    return work


def call_off(order: PurchaseOrder) -> None:
    """What has not begun will not begin. What is under way finds out when it is done. Does not save the order."""
    waiting = order.hand_overs.filter(state=WorkState.WAITING)
    if order.state in UNWANTED and any(_may_have_asked(each) for each in waiting):
        order.add_reason(Reason.MAY_BE_IN_SHOP)
    waiting.update(state=WorkState.STOPPED)


def _may_have_asked(work: HandOver) -> bool:
    """Whether the shop may have made the order in an attempt whose end nobody has seen."""
    return work.kind == HandOverKind.PLACE and (work.attempts > 0 or bool(work.last_error))


def hand_over(work: HandOver, *, adapter: ShopAdapter, at: datetime) -> None:
    """One attempt at work that was claimed. Never raises for what the shop does."""
    order = PurchaseOrder.objects.select_related("customer__group", "company", "link", "address").get(pk=work.order_id)
    if not _is_wanted(work, order):
        _stop(work, at=at)
        return
    version = order.version
    try:
        if work.kind == HandOverKind.PLACE and _is_held_today(order, adapter, at=at):
            _stop(work, at=at)
            return
        placed = _ask(work, order, adapter)
    except AdapterUnavailable as error:
        _later(work, order, str(error) or "The shop cannot be asked right now.", at=at)
    except OrderNotTaken as error:
        _not_taken(work, order, str(error), at=at)
    except Exception as error:  # the shop's own fault must not stop the queue, nor lose the order
        logger.exception("Handing over the order %s failed.", order.key)
        _later(work, order, f"{type(error).__name__}: {error}", at=at)
    else:
        _done(work, order.pk, placed, version, at=at)


def _is_wanted(work: HandOver, order: PurchaseOrder) -> bool:
    return not order.is_test and order.state == WANTED_STATE[HandOverKind(work.kind)]


@transaction.atomic
def _stop(work: HandOver, *, at: datetime) -> None:
    """There is nothing to do, unless somebody has just wanted it again and found it under way."""
    order = _locked(work.order_id)
    if _is_wanted(work, order):
        outbox.again_later(work, "The order was changed at this very moment.", at=at)
        return
    work.attempts -= 1  # this one has asked nothing
    if outbox.stop(work, at=at) and order.state in UNWANTED and _may_have_asked(work):
        order.add_reason(Reason.MAY_BE_IN_SHOP)
        order.save()


def incoming_order(order: PurchaseOrder) -> IncomingOrder:
    """The order in the words of the contract with the shop."""
    rows = list(order.lines.select_related("quote_line"))
    said = order_values.order_from(order.header, [each.data for each in rows])
    ours = {theirs: unit for unit, theirs in order.link.units.items()}
    total = Money(order.total, order.currency) if order.total is not None and order.currency else None
    return IncomingOrder(
        key=str(order.key),
        number=order.number,
        version=order.version,
        company_code=order.company.code,
        user_id=order.customer.user_id,
        pricing=order_pricing(order),
        currency=order.currency,
        total=total,
        lines=tuple(_line(row, line, ours) for row, line in zip(rows, said.lines, strict=True)),
        ship_to=completed(said.ship_to, order.address),
        payment_methods=tuple(order.customer.group.payment_methods),
        said=said,
    )


def _line(row: OrderLine, said: order_values.OrderLine, ours: Mapping[str, str]) -> IncomingLine:
    """``ours`` are the shop's units by the buyer's names for them."""
    return IncomingLine(
        number=row.number,
        ref=ref_of(row),
        quantity=row.quantity,
        unit=row.quote_line.unit if row.quote_line else ours.get(row.unit, row.unit),
        unit_price=Money(row.unit_price, row.currency) if row.unit_price is not None else None,
        description=row.description,
        requested_delivery=row.requested_delivery,
        comment="\n".join(each.text for each in said.comments if each.text),
        said=said,
    )


def _ask(work: HandOver, order: PurchaseOrder, adapter: ShopAdapter) -> PlacedOrder | bool | None:
    incoming = incoming_order(order)
    if work.kind == HandOverKind.PLACE:
        return adapter.place_order(incoming)
    return adapter.change_order(incoming) if work.kind == HandOverKind.CHANGE else adapter.cancel_order(incoming)


def _is_held_today(order: PurchaseOrder, adapter: ShopAdapter, *, at: datetime) -> bool:
    """Compare with the shop's prices of today. Whether the order now waits for somebody."""
    is_different = keep_today(order, compare_with_today(order, adapter))
    if not is_different or not is_watched(order.link) or order.approved_version == order.version:
        return False
    with transaction.atomic():
        fresh = _locked(order.pk)
        if fresh.state != OrderState.ACCEPTED or fresh.version != order.version:
            return True  # changed at this very moment: to be looked at anew
        fresh.state = OrderState.HELD
        fresh.add_reason(Reason.TODAY_DIFFERS)
        fresh.save()
        log(fresh, "wagtail_punchout.order_held", data={"reason": Reason.TODAY_DIFFERS.value})
        announce(fresh, "order.held", at=at)
    return True


def _later(work: HandOver, order: PurchaseOrder, error: str, *, at: datetime) -> None:
    if not outbox.again_later(work, error, at=at):
        _to_person(order.pk, Reason.HAND_OVER_FAILED, error, at=at)


def _not_taken(work: HandOver, order: PurchaseOrder, error: str, *, at: datetime) -> None:
    outbox.give_up(work, error, at=at)
    _to_person(order.pk, Reason.SHOP_REFUSED, error, at=at)


@transaction.atomic
def _to_person(pk: int, reason: Reason, error: str, *, at: datetime) -> None:
    order = _locked(pk)
    if order.state == OrderState.ACCEPTED:
        order.state = OrderState.HELD
    order.add_reason(reason, said=error[:1000])
    order.save()
    log(order, "wagtail_punchout.hand_over_failed", data={"reason": reason.value, "said": error[:1000]})
    announce(order, "order.held", at=at)


@transaction.atomic
def _done(work: HandOver, pk: int, placed: PlacedOrder | bool | None, version: int, *, at: datetime) -> None:
    if not outbox.finished(work, at=at):
        return  # it took so long that another worker has it; the shop tells that one the same
    if not placed:
        if work.kind != HandOverKind.PLACE:
            _to_person(pk, Reason.SHOP_REFUSED, "The shop cannot do this by itself: do it there by hand.", at=at)
        return  # a shop that takes no orders: they wait here
    order = _locked(pk)
    was_cancelled, was_refused = (order.state == each for each in UNWANTED)
    order.drop_reasons(*SETTLED[HandOverKind(work.kind)])
    if isinstance(placed, PlacedOrder):
        order.shop_number, order.shop_url = placed.number[:100], placed.url[:500]
        order.handed_over_at, order.handed_version = order.handed_over_at or at, version
        order.state = OrderState.HANDED_OVER
    else:
        order.state = OrderState.CANCELLED
    # What the buyer wanted while the shop was working.
    if was_cancelled:
        order.add_reason(Reason.CANCELLED_AFTER_HAND_OVER, version=order.version)
    elif was_refused:
        order.add_reason(Reason.REFUSED_MEANWHILE)
    elif order.version != version:
        order.add_reason(Reason.CHANGED_AFTER_HAND_OVER, version=order.version)
    order.save()
    log(order, "wagtail_punchout.order_handed_over", data={"kind_of_work": work.kind, "number": order.shop_number})
    announce(order, "order.handed_over", at=at)


def _locked(pk: int) -> PurchaseOrder:
    return PurchaseOrder.objects.select_for_update().get(pk=pk)
