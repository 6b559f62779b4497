"""Start: the browser of the buyer's user arrives with its one-time URL.

Two requests with the same URL may come in the same moment, from the same browser or from a stranger's: one conditional
UPDATE decides, and exactly one wins, on every database.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists

from wagtail_punchout.conf import conf
from wagtail_punchout.models import Company, PunchoutSession
from wagtail_punchout.protocol.errors import PunchoutError
from wagtail_punchout.protocol.lifecycle import Event, State, after, before
from wagtail_punchout.signals import session_started

#: How long a browser that took no cookie may go on in a window of its own.
CONTINUE_WITHIN = timedelta(minutes=2)


class Reason(StrEnum):
    """Why a start URL does not open the shop."""

    UNKNOWN = "unknown"
    USED = "used"
    LATE = "late"
    SWITCHED_OFF = "switched_off"


class CannotStart(PunchoutError):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def find(token: str) -> PunchoutSession:
    """The session of a start token, with all a start needs; ``CannotStart`` when there is none."""
    session = _with_everything().filter(start_hash=PunchoutSession.hash_token(token)).first()
    if session is None:
        raise CannotStart(Reason.UNKNOWN)
    return session


def start_session(session: PunchoutSession, *, at: datetime) -> None:
    """Use the start URL up. Raises ``CannotStart`` for all but the first who come in time."""
    if not is_let_in(session):
        raise CannotStart(Reason.SWITCHED_OFF)
    if session.state == State.CREATED and session.start_until <= at:
        raise CannotStart(Reason.LATE)
    won = PunchoutSession.objects.filter(
        pk=session.pk, state__in=before(Event.START), started_at=None, start_until__gt=at
    ).update(state=after(State.CREATED, Event.START), started_at=at, seen_at=at)
    if not won:
        raise CannotStart(Reason.USED)
    session.state, session.started_at, session.seen_at = State.STARTED, at, at
    transaction.on_commit(partial(session_started.send_robust, PunchoutSession, session=session))


def continue_session(session: PunchoutSession, *, at: datetime) -> None:
    """Open the visit once more, for a browser whose frame took no cookie. Once, and within two minutes."""
    if not is_let_in(session):
        raise CannotStart(Reason.SWITCHED_OFF)
    won = PunchoutSession.objects.filter(
        pk=session.pk, state=State.STARTED, continued_at=None, started_at__gt=at - CONTINUE_WITHIN
    ).update(continued_at=at, seen_at=at)
    if not won:
        raise CannotStart(Reason.USED)


def give_back(session: PunchoutSession) -> None:
    """Undo a start whose shop could not be opened: the same address works again as long as it would have."""
    state = after(State.STARTED, Event.GIVE_BACK)
    PunchoutSession.objects.filter(pk=session.pk, state__in=before(Event.GIVE_BACK)).update(
        state=state, started_at=None, continued_at=None, seen_at=None
    )


def is_let_in(session: PunchoutSession) -> bool:
    """Whether nobody has switched off what this visit stands on. For sessions loaded by this module."""
    return (
        session.customer.is_active
        and all(_may_shop(each) for each in (session.customer.user, session.shopper))
        and session.link.is_active
        and not session.company_is_off
    )


def _may_shop(user: Any) -> bool:
    return user.is_active and not user.is_staff and not user.is_superuser


def running(session_id: str, *, at: datetime) -> PunchoutSession | None:
    """The visit of a browser's session if it may go on: started, in time, not silent too long, not switched off."""
    session = _with_everything().filter(pk=session_id).first()
    if session is None or not session.is_running(at) or not is_let_in(session):
        return None
    silent_since = session.seen_at or session.started_at
    return session if at - silent_since < timedelta(seconds=conf().IDLE_SECONDS) else None


def seen(session: PunchoutSession, *, at: datetime) -> None:
    """Note that the visit is alive; at most once a minute, so that a page with twenty pictures writes once."""
    if session.seen_at is None or at - session.seen_at > timedelta(minutes=1):
        PunchoutSession.objects.filter(pk=session.pk).update(seen_at=at)


def _with_everything():
    return PunchoutSession.objects.select_related("customer__user", "user", "company", "link__group").annotate(
        company_is_off=Exists(Company.switched_off_above("company__path"))
    )
