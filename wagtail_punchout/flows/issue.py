"""Secrets made, replaced and withdrawn. Two may be live for a while, so that a buyer can change over in peace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from wagtail_punchout.models import Credential, Mode, PunchoutCustomer

#: How long the old secret goes on working beside a new one.
CHANGEOVER = timedelta(days=7)


class NoFreeSlot(Exception):
    """Two secrets of this mode are live already: one must be revoked first."""


@transaction.atomic
def issue_secret(customer: PunchoutCustomer, mode: str, *, by: Any, at: datetime) -> Credential:
    """A new secret for ``mode``, under the URL its predecessor had; the predecessor ends after ``CHANGEOVER``."""
    PunchoutCustomer.objects.select_for_update().get(pk=customer.pk)
    same_mode = customer.credentials.filter(mode=mode)
    # What has run out still holds its slot.
    same_mode.filter(revoked_at=None, ends_at__lte=at).update(revoked_at=at)
    live = list(same_mode.filter(revoked_at=None))
    free = sorted(set(Credential.SLOTS) - {each.slot for each in live})
    if not free:
        raise NoFreeSlot
    credential = Credential(customer=customer, mode=mode, slot=free[0], created_by=by)
    if before := same_mode.order_by("-created_at", "-pk").first():
        credential.path_key = before.path_key
    credential.set_secret()
    credential.save()
    for old in live:
        old.ends_at = min(old.ends_at or at + CHANGEOVER, at + CHANGEOVER)
        old.save(update_fields=["ends_at"])
    _log(credential, "secret_issued", by)
    return credential


def issue_first_secrets(customer: PunchoutCustomer, *, by: Any, at: datetime) -> None:
    """One for test and one for production, as every new customer gets."""
    for mode in Mode.values:
        issue_secret(customer, mode, by=by, at=at)


@transaction.atomic
def revoke_secret(credential: Credential, *, by: Any, at: datetime) -> None:
    """From now on it opens nothing."""
    credential.revoked_at = at
    credential.save(update_fields=["revoked_at"])
    _log(credential, "secret_revoked", by)


def reveal_secret(credential: Credential, *, by: Any) -> str:
    """The clear text, and an entry that says who has seen it."""
    _log(credential, "secret_revealed", by)
    return credential.secret()


def _log(credential: Credential, action: str, by: Any) -> None:
    # On the customer: that is where people look for what has happened. Never the secret itself.
    data = {"mode": credential.mode, "slot": credential.slot, "credential": credential.pk}
    log(credential.customer, f"wagtail_punchout.{action}", user=by, data=data)
