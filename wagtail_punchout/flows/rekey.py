"""Rekey: secrets stored under older keys are written anew with the newest.

Calls may come in meanwhile: each secret can be read before and after, and it is replaced only if it is still the one
that was read. What is done already is passed over, so the work can be stopped at any time and begun again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wagtail_punchout.models import Credential
from wagtail_punchout.models.secretbox import UnreadableSecret, is_current, reseal


@dataclass(slots=True)
class Done:
    renewed: int = 0
    current: int = 0
    unreadable: list[Credential] = field(default_factory=list)


def rekey(*, dry_run: bool = False, batch_size: int = 500) -> Done:
    """All secrets, also those that are revoked or have ended: the old key shall not be needed for anything."""
    done, last = Done(), 0
    while batch := list(Credential.objects.filter(pk__gt=last).select_related("customer").order_by("pk")[:batch_size]):
        last = batch[-1].pk
        for credential in batch:
            _rekey(credential, done, dry_run=dry_run)
    return done


def _rekey(credential: Credential, done: Done, *, dry_run: bool) -> None:
    try:
        credential.secret()  # also refuses what was copied from another row
    except UnreadableSecret:
        done.unreadable.append(credential)
        return
    if is_current(credential.ciphertext):
        done.current += 1
        return
    if not dry_run:
        before = credential.ciphertext
        Credential.objects.filter(pk=credential.pk, ciphertext=before).update(ciphertext=reseal(before))
    done.renewed += 1
