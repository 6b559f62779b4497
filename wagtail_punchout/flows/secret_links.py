"""One-time links: a secret is handed to the buyer's people by an address that shows it once.

Opening the address shows a button and uses nothing up, for mail scanners open everything. Of two who press it in the
same moment one is shown the secret.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from wagtail_punchout.models import Credential, SecretLink

#: What staff can choose, in hours.
LIVES = (1, 24, 168)


class Closed(StrEnum):
    """Why a link shows nothing."""

    UNKNOWN = "unknown"
    USED = "used"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class LinkClosed(Exception):
    def __init__(self, why: Closed) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def make_link(credential: Credential, *, hours: int, by: Any, at: datetime) -> str:
    """The token of a new link, which is told once; kept is its hash."""
    token = secrets.token_urlsafe(32)
    SecretLink.objects.create(
        credential=credential, token_hash=_hash(token), created_by=by, expires_at=at + timedelta(hours=hours)
    )
    _log(credential, "secret_link_made", by)
    return token


def find_link(token: str, *, at: datetime) -> SecretLink:
    """The link, if it can still be opened; ``LinkClosed`` says why not."""
    links = SecretLink.objects.select_related("credential__customer__company")
    link = links.filter(token_hash=_hash(token)).first()
    if link is None:
        raise LinkClosed(Closed.UNKNOWN)
    if link.opened_at:
        raise LinkClosed(Closed.USED)
    if link.withdrawn_at:
        raise LinkClosed(Closed.WITHDRAWN)
    if link.expires_at <= at:
        raise LinkClosed(Closed.LATE)
    if not link.credential.is_live:
        raise LinkClosed(Closed.REVOKED)
    return link


@transaction.atomic
def open_link(token: str, *, address: str, at: datetime) -> tuple[SecretLink, str]:
    """The link and its secret, once. A secret that cannot be read (``UnreadableSecret``) leaves the link unused."""
    link = find_link(token, at=at)
    still_closed = SecretLink.objects.filter(pk=link.pk, opened_at=None, withdrawn_at=None)
    if not still_closed.update(opened_at=at, opened_from=address[:45]):
        find_link(token, at=at)  # says whether it was opened or withdrawn a moment ago
        raise LinkClosed(Closed.USED)
    _log(link.credential, "secret_link_opened", None, address=address[:45])
    return link, link.credential.secret()


@transaction.atomic
def withdraw_link(link: SecretLink, *, by: Any, at: datetime) -> None:
    if SecretLink.objects.filter(pk=link.pk, opened_at=None, withdrawn_at=None).update(withdrawn_at=at):
        _log(link.credential, "secret_link_withdrawn", by)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _log(credential: Credential, action: str, by: Any, **facts: str) -> None:
    data = {"mode": credential.mode, "slot": credential.slot, "credential": credential.pk, **facts}
    log(credential.customer, f"wagtail_punchout.{action}", user=by, data=data)
