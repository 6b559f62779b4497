"""Throttle: floods of failed sign-ins, counted in Django's cache.

A secret of 256 bits needs no lock-out, and a lock-out by identity would let a stranger shut a buyer out. So failures
are counted by client address, good credentials are never slowed, and the documents kept of failures are bounded.
A person's password is another matter: who is signed in already and asked for it again gets a few tries a minute.
"""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

from wagtail_punchout.conf import conf

#: Passwords somebody may try each minute. All tries count: whoever knows it needs one.
PASSWORD_TRIES = 5


def is_flooding(address: str, *, at: datetime) -> bool:
    """Count one more failure of ``address``; true when it has had its share of this minute."""
    return _count(f"failed:{address}:{at:%Y%m%d%H%M}", seconds=120) > conf().FAILURES_PER_MINUTE


def may_keep_failure(*, at: datetime) -> bool:
    """Whether one more failed document may be kept this hour."""
    return _count(f"kept:{at:%Y%m%d%H}", seconds=7200) <= conf().FAILURES_KEPT_PER_HOUR


def contacts_due(key: str) -> int:
    """Count one more call in vain of the same kind: how many to write now, 0 when that was done within this minute."""
    counted = f"wagtail_punchout:contact-again:{key}"
    if not cache.add(f"wagtail_punchout:contact:{key}", 1, timeout=60):
        _count(f"contact-again:{key}", seconds=3600)
        return 0
    waiting = cache.get(counted, 0)
    if waiting:
        cache.delete(counted)
    return 1 + waiting


def may_begin_contact(whose: str, *, most: int, at: datetime) -> bool:
    """Whether this hour may see one more first contact of this origin."""
    return _count(f"contacts:{whose}:{at:%Y%m%d%H}", seconds=7200) <= most


def may_try_password(user_id: object, *, at: datetime) -> bool:
    """Count one more try of this user; false when it has had its share of this minute."""
    return _count(f"password:{user_id}:{at:%Y%m%d%H%M}", seconds=120) <= PASSWORD_TRIES


def _count(name: str, *, seconds: int) -> int:
    key = f"wagtail_punchout:{name}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it was evicted between the two calls
        return 1
