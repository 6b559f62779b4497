"""Rekey: secrets stored under older keys are written anew with the newest.

Calls may come in meanwhile: each secret can be read before and after, and it is replaced only if it is still the one
that was read. What is done already is passed over, so the work can be stopped at any time and begun again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet

from wagtail_punchout.models import Credential, ErpClient
from wagtail_punchout.models.secretbox import UnreadableSecret, is_current, reseal


@dataclass(slots=True)
class Done:
    renewed: int = 0
    current: int = 0
    unreadable: list[Credential | ErpClient] = field(default_factory=list)


def rekey(*, dry_run: bool = False, batch_size: int = 500) -> Done:
    """All secrets, also those that are revoked or have ended: the old key shall not be needed for anything."""
    done = Done()
    credentials = Credential.objects.select_related("customer")
    _rekey_all(credentials, "ciphertext", Credential.secret, done, dry_run=dry_run, batch_size=batch_size)
    signing = ErpClient.objects.exclude(webhook_ciphertext="")
    _rekey_all(signing, "webhook_ciphertext", ErpClient.webhook_secret, done, dry_run=dry_run, batch_size=batch_size)
    return done


def _rekey_all(
    holders: QuerySet[Any], name: str, read: Callable[[Any], str], done: Done, *, dry_run: bool, batch_size: int
) -> None:
    last = 0
    while batch := list(holders.filter(pk__gt=last).order_by("pk")[:batch_size]):
        last = batch[-1].pk
        for holder in batch:
            try:
                read(holder)  # also refuses what was copied from another row
            except UnreadableSecret:
                done.unreadable.append(holder)
                continue
            _rekey(holder, name, done, dry_run=dry_run)


def _rekey(holder: Model, name: str, done: Done, *, dry_run: bool) -> None:
    before = getattr(holder, name)
    if is_current(before):
        done.current += 1
        return
    if not dry_run:
        type(holder)._default_manager.filter(pk=holder.pk, **{name: before}).update(**{name: reseal(before)})
    done.renewed += 1
