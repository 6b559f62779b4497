"""Take a status: a buyer's system says what it does with a document of ours, an invoice above all."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from wagtail.log_actions import log

from wagtail_punchout.flows.identify import Caller
from wagtail_punchout.flows.order_documents import INVOICE
from wagtail_punchout.models import Delivery, Mode, PurchaseOrder
from wagtail_punchout.protocol.cxml.envelope import Request
from wagtail_punchout.protocol.errors import ReferenceUnknown
from wagtail_punchout.protocol.fulfilment import StatusUpdate
from wagtail_punchout.protocol.snapshot import storable

#: Characters of what is said that the history keeps.
LONGEST = 1000


def take_status_update(caller: Caller, request: Request, update: StatusUpdate, *, at: datetime) -> PurchaseOrder:
    """The order it is about, with the news in its history. ``ReferenceUnknown`` for a document we have not sent.

    A trial says nothing of what is real: documents go out of real orders only, so it never names one.
    """
    is_trial = caller.credential.mode == Mode.TEST or request.deployment_mode == "test"
    found = None if is_trial else _document(caller, update) or _order(caller, update)
    if found is None:
        raise ReferenceUnknown("The document that this status speaks of was not sent from here.")
    order = found.order if isinstance(found, Delivery) else found
    amount = str(update.amount) if update.amount else ""
    said = [update.type, amount, str(update.code), update.sentence, *update.comments]
    facts = {"document": str(found), "said": storable(" ".join(filter(None, said)))[:LONGEST]}
    log(order, "wagtail_punchout.order_status", data=facts)
    return order


def _document(caller: Caller, update: StatusUpdate) -> Delivery | None:
    """The youngest of our documents that it can mean."""
    named = Q(pk__in=())
    if update.document:
        # The guide's own example gives an invoice's number as its payloadID.
        document = storable(update.document)
        named |= Q(payload_id=document) | Q(kind=INVOICE, number=document)
    if update.invoice:
        named |= Q(kind=INVOICE, number=storable(update.invoice))
    if update.number:
        named |= Q(number=storable(update.number))
    known = Delivery.objects.filter(named, customer=caller.customer, order__isnull=False)
    return known.select_related("order").order_by("-pk").first()


def _order(caller: Caller, update: StatusUpdate) -> PurchaseOrder | None:
    """The order that was paid: a PaymentStatus names it by its number. Two buyers may use the same: then none."""
    if not update.order:
        return None
    orders = PurchaseOrder.objects.filter(customer=caller.customer, mode=Mode.PRODUCTION, number=storable(update.order))
    found = list(orders[:2])
    return found[0] if len(found) == 1 else None
