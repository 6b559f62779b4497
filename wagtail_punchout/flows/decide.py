"""Decide: what a person does with a purchase order.

Each is done once, however often the button is pressed: the order is locked, and what is there already stays as it is.
What cannot be done in the order's state is refused with ``NotPossible``, and so is a decision about a version that is
not the present one any more: the buyer may change the order while somebody looks at it. A test order can be decided on
like any other, and goes nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from wagtail_punchout.flows.announce import announce
from wagtail_punchout.flows.answer_order import CONFIRMATION, confirm_order, obstacle
from wagtail_punchout.flows.hand_over import call_off, queue_hand_over
from wagtail_punchout.models import OrderState, PurchaseOrder, Reason
from wagtail_punchout.models.outbox import HandOverKind
from wagtail_punchout.protocol.fulfilment import ConfirmationKind

#: In which states what can be done; what has been done already is done again without effect.
ACCEPTABLE = (OrderState.HELD, OrderState.REFUSED)
HOLDABLE = (OrderState.ACCEPTED,)
REFUSABLE = (OrderState.HELD, OrderState.ACCEPTED)


class NotPossible(Exception):
    """The order is not in a state for this; the text says so, to staff."""


@transaction.atomic
def accept(order: PurchaseOrder, *, by: Any, at: datetime) -> PurchaseOrder:
    """Let it go to the shop, whatever any rule says of this version."""
    seen, order = order, _locked(order)
    if order.state in (OrderState.ACCEPTED, OrderState.HANDED_OVER):
        return order
    _demand(order, order.state in ACCEPTABLE)
    _demand_seen(order, seen)
    order.state, order.approved_version = OrderState.ACCEPTED, order.version
    order.drop_reasons()
    order.save()
    log(order, "wagtail_punchout.order_accepted", user=by)
    queue_hand_over(order, at=at)
    announce(order, "order.accepted", at=at)
    return order


@transaction.atomic
def hold(order: PurchaseOrder, why: str, *, by: Any, at: datetime) -> PurchaseOrder:
    """Keep it from the shop until somebody accepts it."""
    order = _locked(order)
    if order.state == OrderState.HELD:
        return order
    _demand(order, order.state in HOLDABLE)
    order.state = OrderState.HELD
    order.add_reason(Reason.BY_HAND, said=why)
    call_off(order)
    order.save()
    log(order, "wagtail_punchout.order_held", user=by, data={"why": why})
    announce(order, "order.held", at=at)
    return order


@transaction.atomic
def refuse(order: PurchaseOrder, why: str, *, by: Any, at: datetime, tell_buyer: bool = False) -> PurchaseOrder:
    """It will not be delivered; ``tell_buyer`` sends a confirmation that rejects it."""
    seen, order = order, _locked(order)
    if order.state == OrderState.REFUSED:
        return order
    _demand(order, order.state in REFUSABLE)
    _demand_seen(order, seen)
    order.state = OrderState.REFUSED
    order.drop_reasons()
    call_off(order)
    order.save()
    log(order, "wagtail_punchout.order_refused", user=by, data={"why": why})
    if tell_buyer and not obstacle(order, CONFIRMATION):
        confirm_order(order, at=at, kind=ConfirmationKind.REJECT, comment=why, by=by)
    announce(order, "order.refused", at=at)
    return order


@transaction.atomic
def hand_over_again(order: PurchaseOrder, *, by: Any, at: datetime) -> PurchaseOrder:
    """Ask the shop once more: to take the order, or, where it has it, to change it to what the buyer wants now."""
    order = _locked(order)
    _demand(order, not order.is_test and order.state in (OrderState.ACCEPTED, OrderState.HANDED_OVER))
    is_there = order.state == OrderState.HANDED_OVER
    if is_there and order.handed_version == order.version:
        return order
    queue_hand_over(order, HandOverKind.CHANGE if is_there else HandOverKind.PLACE, at=at)
    log(order, "wagtail_punchout.order_queued", user=by)
    return order


@transaction.atomic
def cancel_in_shop(order: PurchaseOrder, *, by: Any, at: datetime) -> PurchaseOrder:
    """What the buyer has cancelled or somebody has refused is in the shop: cancel it there, too. Nothing else does."""
    order = _locked(order)
    if order.state == OrderState.CANCELLED:
        return order
    _demand(order, can_cancel_in_shop(order))
    queue_hand_over(order, HandOverKind.CANCEL, at=at)
    log(order, "wagtail_punchout.order_queued", user=by)
    return order


@transaction.atomic
def look_at(order: PurchaseOrder, *, by: Any, at: datetime) -> PurchaseOrder:
    """Somebody has seen to it: it needs nobody any more. An order that is held is accepted or refused instead.

    That the shop has what nobody wants stays true, and stays to be read.
    """
    order = _locked(order)
    if not order.needs_person:
        return order
    _demand(order, order.state != OrderState.HELD)
    kept = (Reason.CANCELLED_AFTER_HAND_OVER, Reason.REFUSED_MEANWHILE)
    order.reasons, order.needs_person = [each for each in order.reasons if each["code"] in kept], False
    order.save()
    log(order, "wagtail_punchout.order_looked_at", user=by)
    return order


def can_accept(order: PurchaseOrder) -> bool:
    return order.state in ACCEPTABLE


def can_hold(order: PurchaseOrder) -> bool:
    return order.state in HOLDABLE


def can_refuse(order: PurchaseOrder) -> bool:
    return order.state in REFUSABLE


def can_hand_over_again(order: PurchaseOrder) -> bool:
    """Also what waits already may be asked for again: the pause after a failure may be long."""
    if order.is_test or order.is_cancelled:
        return False
    is_changed = order.state == OrderState.HANDED_OVER and order.handed_version != order.version
    return is_changed or order.state == OrderState.ACCEPTED


def can_cancel_in_shop(order: PurchaseOrder) -> bool:
    is_unwanted = order.is_cancelled or order.has_reason(Reason.REFUSED_MEANWHILE)
    return not order.is_test and order.state == OrderState.HANDED_OVER and is_unwanted


def can_look_at(order: PurchaseOrder) -> bool:
    return order.needs_person and order.state != OrderState.HELD


def _locked(order: PurchaseOrder) -> PurchaseOrder:
    orders = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("customer", "company", "link")
    return orders.get(pk=order.pk)


def _demand(order: PurchaseOrder, is_possible: bool) -> None:
    if not is_possible:
        raise NotPossible(
            _("The order %(number)s is %(state)s: that cannot be done now.")
            % {"number": order.number, "state": order.get_state_display()}
        )


def _demand_seen(order: PurchaseOrder, seen: PurchaseOrder) -> None:
    if order.version != seen.version:
        raise NotPossible(changed_meanwhile(order))


def changed_meanwhile(order: PurchaseOrder) -> str:
    return _("The order %(number)s was changed since you looked at it. Please look again.") % {"number": order.number}
