"""Secrets made, replaced and withdrawn. Two may be live for a while, so that a buyer can change over in peace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log

from wagtail_punchout.models import Credential, Mode, PunchoutCustomer

#: How long the old secret goes on working beside a new one, unless somebody says otherwise.
OVERLAP = timedelta(days=7)
#: A use within this time of the last one noted is not noted again.
NOTED_EVERY = timedelta(minutes=1)


class NoFreeSlot(Exception):
    """Two secrets of this mode are live already: one must be revoked first."""


@transaction.atomic
def issue_secret(
    customer: PunchoutCustomer, mode: str, *, by: Any, at: datetime, overlap: timedelta = OVERLAP
) -> Credential:
    """A new secret for ``mode``, under the URL its predecessor had. Predecessors end after ``overlap``.

    Without overlap they are revoked on the spot; there is then always a free slot for the new one.
    """
    PunchoutCustomer.objects.select_for_update().get(pk=customer.pk)
    same_mode = customer.credentials.filter(mode=mode)
    # What has run out still holds its slot.
    same_mode.filter(revoked_at=None, ends_at__lte=at).update(revoked_at=at)
    live = list(same_mode.filter(revoked_at=None))
    if not overlap:
        for old in live:
            revoke_secret(old, by=by, at=at)
        live = []
    free = sorted(set(Credential.SLOTS) - {each.slot for each in live})
    if not free:
        raise NoFreeSlot
    credential = Credential(customer=customer, mode=mode, slot=free[0], created_by=by)
    if before := same_mode.order_by("-created_at", "-pk").first():
        credential.path_key = before.path_key
    credential.set_secret()
    credential.save()
    for old in live:
        old.ends_at = min(old.ends_at or at + overlap, at + overlap)
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
    plain = credential.secret()
    _log(credential, "secret_revealed", by)
    return plain


def note_use(credential: Credential, *, address: str, at: datetime) -> None:
    """Remember when and from where a secret has let somebody in, but do not write for every call of a busy buyer."""
    if credential.last_used_at is not None and credential.last_used_at > at - NOTED_EVERY:
        return
    # Of calls that come at the same moment one writes.
    is_due = Q(last_used_at=None) | Q(last_used_at__lte=at - NOTED_EVERY)
    Credential.objects.filter(is_due, pk=credential.pk).update(last_used_at=at, last_used_from=address)


def note_in_address(credential: Credential, *, at: datetime) -> None:
    """Remember that this secret has travelled in a web address, where histories and logs keep it (OCI by GET)."""
    if credential.seen_in_address_at is None:
        Credential.objects.filter(pk=credential.pk, seen_in_address_at=None).update(seen_in_address_at=at)
        credential.seen_in_address_at = at


def _log(credential: Credential, action: str, by: Any) -> None:
    # On the customer: that is where people look for what has happened. Never the secret itself.
    data = {"mode": credential.mode, "slot": credential.slot, "credential": credential.pk}
    log(credential.customer, f"wagtail_punchout.{action}", user=by, data=data)
