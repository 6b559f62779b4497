"""The life of a PunchOut session, as one table.

::

    created ──start──▶ started ──transfer──▶ returned
       │ ◀──give back──   ├──────cancel────▶ cancelled
       └──expire──────────┴──────expire────▶ expired

A session is *created* by the buyer's system and *started* by the browser of its user, once. When the shop then cannot
be opened, the start is given back, so that the same address works again. Whatever is not in the table cannot happen: a
second start, a cart returned twice, a cancel after the return.
"""

from __future__ import annotations

from enum import StrEnum

from wagtail_punchout.protocol.errors import IllegalTransition


class State(StrEnum):
    CREATED = "created"
    STARTED = "started"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Event(StrEnum):
    START = "start"
    GIVE_BACK = "give back"
    TRANSFER = "transfer"
    CANCEL = "cancel"
    EXPIRE = "expire"


TRANSITIONS = {
    (State.CREATED, Event.START): State.STARTED,
    (State.STARTED, Event.GIVE_BACK): State.CREATED,
    (State.CREATED, Event.EXPIRE): State.EXPIRED,
    (State.STARTED, Event.TRANSFER): State.RETURNED,
    (State.STARTED, Event.CANCEL): State.CANCELLED,
    (State.STARTED, Event.EXPIRE): State.EXPIRED,
}


def after(state: State | str, event: Event) -> State:
    """The state that follows; raises ``IllegalTransition`` for what is not in the table."""
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        raise IllegalTransition(state, event) from None


def before(event: Event) -> frozenset[State]:
    """The states in which ``event`` may happen: the condition of the one UPDATE that makes it happen."""
    return frozenset(state for state, each in TRANSITIONS if each == event)
