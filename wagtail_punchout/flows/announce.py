"""Announce: ERPs are told of orders by signed webhooks, in the form that Standard Webhooks describes.

A webhook says which order and what has become of it; what is in the order, and whose it is, the ERP asks for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime

from django.urls import reverse

from wagtail_punchout.conf import conf
from wagtail_punchout.flows import outbox
from wagtail_punchout.models import Delivery, ErpClient, PurchaseOrder

WEBHOOK = "webhook"
EVENTS = (
    "order.accepted",
    "order.changed",
    "order.held",
    "order.refused",
    "order.cancelled",
    "order.handed_over",
)


def announce(order: PurchaseOrder, event: str, *, at: datetime) -> list[Delivery]:
    """Queue a webhook for each ERP that may see this order; call it in the transaction that changes the order.

    An ERP without a webhook secret is told nothing: it could not know that it was us.
    """
    told = []
    clients = ErpClient.objects.filter(mode=order.mode, is_active=True)
    for client in clients.exclude(webhook_url="").exclude(webhook_ciphertext="").select_related("company"):
        if not sees(client, order):
            continue
        webhook_id = f"msg_{uuid.uuid4().hex}"
        body = {
            "id": webhook_id,
            "type": event,
            "timestamp": at.isoformat(),
            "data": {
                "key": str(order.key),
                "number": order.number,
                "version": order.version,
                "state": order.state,
                "mode": order.mode,
                "url": f"{conf().base_url}{_path(order)}",
            },
        }
        delivery = Delivery.objects.create(
            order=order,
            client=client,
            kind=WEBHOOK,
            event=event,
            url=client.webhook_url,
            content_type="application/json",
            body=json.dumps(body),
            payload_id=webhook_id,
            created_at=at,
            due_at=at,
        )
        outbox.enqueue(delivery)
        told.append(delivery)
    return told


def sees(client: ErpClient, order: PurchaseOrder) -> bool:
    """Whether an order is one of the client's: its mode, and its company or one below it."""
    is_own_branch = client.company is None or order.company.path.startswith(client.company.path)
    return client.mode == order.mode and is_own_branch


def headers_for(delivery: Delivery, at: datetime) -> dict[str, str]:
    """What proves to the ERP that a webhook is ours, and that it is not an old one sent again."""
    timestamp = str(int(at.timestamp()))
    signed = f"{delivery.payload_id}.{timestamp}.{delivery.body}".encode()
    signature = hmac.new(signing_key(delivery.client.webhook_secret()), signed, hashlib.sha256).digest()
    return {
        "webhook-id": delivery.payload_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def signing_key(secret: str) -> bytes:
    """The bytes behind a secret as it is handed out, ``whsec_`` and base64."""
    return base64.b64decode(secret.removeprefix("whsec_"))


def _path(order: PurchaseOrder) -> str:
    return reverse("punchout:punchout_api:order", args=[order.key])
