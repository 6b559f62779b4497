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
