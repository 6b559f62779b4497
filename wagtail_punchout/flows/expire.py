"""Expire: visits nobody ended. Called by ``manage.py punchout_expire`` or a schedule; a running visit checks itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.lifecycle import Event, State, before


def expire_sessions(*, at: datetime) -> int:
    """Mark visits that were never started in time, or are past their end. Returns how many."""
    due = Q(state=State.CREATED, start_until__lte=at) | Q(ends_at__lte=at)
    return PunchoutSession.objects.filter(due, state__in=before(Event.EXPIRE)).update(state=State.EXPIRED, over_at=at)
