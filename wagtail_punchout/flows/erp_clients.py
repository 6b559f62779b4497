"""ERP clients: their tokens and the keys of their webhooks, made here and told once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from wagtail.log_actions import log

from wagtail_punchout.models import Company, ErpClient, OrderState, PurchaseOrder, Reason

#: A use within this time of the last one noted is not noted again.
NOTED_EVERY = timedelta(minutes=1)
#: States in which an ERP can say that it has an order.
ACKNOWLEDGEABLE = (OrderState.ACCEPTED, OrderState.HANDED_OVER)


class CannotAcknowledge(Exception):
    """The order is not to be taken, or was acknowledged under another number."""


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def no_token() -> str:
    """The hash of a token that nobody has: for a client that is about to get its first."""
    return hash_token(secrets.token_urlsafe(32))


@transaction.atomic
def new_token(client: ErpClient, *, by: Any) -> str:
    """A token in place of the one before, which opens nothing from now on. Only its hash is kept."""
    token = f"po_{secrets.token_urlsafe(32)}"
    client.token_hash, client.token_hint = hash_token(token), f"…{token[-4:]}"
    client.save()
    log(client, "wagtail_punchout.erp_token_issued", user=by)
    return token


@transaction.atomic
def new_webhook_secret(client: ErpClient, *, by: Any) -> str:
    """A key to sign webhooks with, in the form that Standard Webhooks hands keys out."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    client.set_webhook_secret(secret)
    client.save()
    log(client, "wagtail_punchout.erp_webhook_secret_issued", user=by)
    return secret


def client_of(token: str, *, at: datetime) -> ErpClient | None:
    """Whose token it is, if anybody's that is switched on. It is looked up, and compared, as a hash: how long that
    takes tells nothing of the token.
    """
    offered = hash_token(token)
    client = ErpClient.objects.select_related("company").filter(token_hash=offered, is_active=True).first()
    if client is None or not hmac.compare_digest(client.token_hash, offered):
        return None
    is_due = Q(last_used_at=None) | Q(last_used_at__lte=at - NOTED_EVERY)
    ErpClient.objects.filter(is_due, pk=client.pk).update(last_used_at=at)
    return client


def orders_for(client: ErpClient) -> QuerySet[PurchaseOrder]:
    """The orders it may see: of its mode, and of its company and all below it."""
    orders = PurchaseOrder.objects.filter(mode=client.mode).select_related("company", "customer")
    if client.company:
        orders = orders.filter(company__path__range=Company.branch(client.company.path))
    return orders


@transaction.atomic
def acknowledge(client: ErpClient, order: PurchaseOrder, number: str, *, at: datetime) -> PurchaseOrder:
    """The ERP has it as it is now, under this number. Said again it changes nothing; another number is refused.

    When the buyer changes the order, it has to be acknowledged anew.
    """
    order = PurchaseOrder.objects.select_for_update().get(pk=order.pk)
    if order.erp_number and order.erp_number != number:
        raise CannotAcknowledge(f"The order was acknowledged before, as {order.erp_number}.")
    if order.acknowledged_at:
        return order
    if order.state not in ACKNOWLEDGEABLE:
        raise CannotAcknowledge(f"The order is {order.state}: it is not to be taken.")
    order.acknowledged_at, order.erp_number = at, number
    order.drop_reasons(Reason.AFTER_ERP)
    order.save()
    log(order, "wagtail_punchout.order_acknowledged", data={"client": client.name, "number": number})
    return order
