"""Why a person should look at an order, and whether it waits until somebody has."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from babel.numbers import get_currency_precision

from wagtail_punchout.flows.address_book import Choice, is_place, key_of
from wagtail_punchout.flows.compare import Traced, is_serious, is_unquoted, is_watched
from wagtail_punchout.models import OrderAttachment, OrderState, PunchoutLink, PurchaseOrder, Reason
from wagtail_punchout.protocol.cxml.party import Address as PostalAddress
from wagtail_punchout.protocol.order import Order

if TYPE_CHECKING:
    from wagtail_punchout.flows.take_order import Incoming

#: A release is ordered against an agreement; like a regular order it says what to send.
ORDINARY = frozenset({"", "regular", "release"})


def reasons_of(
    incoming: Incoming,
    purchase_order: PurchaseOrder,
    link: PunchoutLink,
    traced: Sequence[Traced],
    attachments: Sequence[OrderAttachment],
    place: Choice,
) -> dict[Reason, bool]:
    """The reasons that apply; true ones hold the order, whatever else is said of it.

    A link that accepts differences is asked about none of them. What smells of fraud, is no order to be sent or goes
    where the group lets nothing go is held everywhere: a key that others may know, a blanket order.
    """
    order, is_asked = incoming.order, is_watched(link)
    found = {
        Reason.DIFFERS: is_asked and is_serious(traced),
        Reason.NO_QUOTE: is_asked and is_unquoted(traced),
        Reason.TOTAL: is_asked and _is_wrong_total(order),
        Reason.SHIP_TO: is_asked and _is_new_address(purchase_order, order, place),
        Reason.NOT_SHARED: not incoming.caller.credential.own_address and _is_elsewhere(order, place),
        Reason.KEY_IN_ADDRESS: incoming.caller.credential.seen_in_address_at is not None,
        Reason.ORDER_TYPE: order.order_type not in ORDINARY,
        Reason.ATTACHMENT: any(each.problem for each in attachments),
    }
    return {reason: reason is not Reason.ATTACHMENT for reason, applies in found.items() if applies}


def _is_wrong_total(order: Order) -> bool:
    """Whether the total is not what the lines add up to (guide p. 113: without tax and freight)."""
    added = order.lines_total
    if order.total is None or added is None:
        return False
    # Buyers round each line or only the sum: a cent for each line may lie between.
    cent = Decimal(1).scaleb(-get_currency_precision(added.currency))
    apart = abs(added.amount - order.total.amount)
    return added.currency != order.total.currency or apart > len(order.lines) * cent


def _is_new_address(purchase_order: PurchaseOrder, order: Order, place: Choice) -> bool:
    """Whether goods go where this customer has never ordered to, although it has ordered before.

    Fraud with purchase orders works by a changed delivery address.
    """
    if order.ship_to is None:
        return False
    wanted = key_of(order.ship_to)
    others = PurchaseOrder.objects.filter(customer=purchase_order.customer, mode=purchase_order.mode)
    known = list(
        others.exclude(pk=purchase_order.pk)
        .exclude(state=OrderState.REFUSED)
        .filter(ship_to__isnull=False)
        .order_by("-created_at")
        .values_list("ship_to", flat=True)[:200]
    )
    if not known or wanted in {key_of(PostalAddress.from_dict(each)) for each in known}:
        return False
    return not place.is_as_written


def _is_elsewhere(order: Order, place: Choice) -> bool:
    """Whether it goes to none of the group's addresses, or to one that somebody has written otherwise."""
    return is_place(order.ship_to) and not place.is_as_written
