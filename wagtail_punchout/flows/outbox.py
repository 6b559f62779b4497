"""The outbox: work that is done at least once, by one worker at a time, and written down once.

The rows are the truth. A worker takes one under a claim; when it dies, the claim ends with its lease and another takes
the work. A result is written only by whoever still holds the claim. A task queue (``TASK_BACKEND``) makes it quicker
and may lose everything it holds: ``punchout_deliver`` finds what is due.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import connections, router, transaction
from django.db.models import Q, QuerySet

from wagtail_punchout.conf import conf
from wagtail_punchout.models.outbox import Work, WorkState

W = TypeVar("W", bound=Work)

#: When it is tried again: about three days in all, as webhook senders of payment services do.
BACKOFF = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 120, 240, 480, 720, 1440, 1440))
#: Of it, up or down, so that what failed together is not tried together.
JITTER = 0.2


def is_due(at: datetime) -> Q:
    """Waits and may be tried, or was left by a worker that has died."""
    return Q(state=WorkState.WAITING, due_at__lte=at) | Q(state=WorkState.RUNNING, lease_until__lte=at)


@transaction.atomic
def claim(work: QuerySet[W], *, at: datetime) -> W | None:
    """The first of ``work`` that is due, now ours until the lease ends."""
    connection = connections[router.db_for_write(work.model)]
    # Where a database cannot pass over what others hold, it has one writer at a time anyway.
    can_skip = connection.features.has_select_for_update_skip_locked
    due = work.filter(is_due(at)).order_by("due_at", "pk")
    found = due.select_for_update(of=("self",) if can_skip else (), skip_locked=can_skip).first()
    if found is None:
        return None
    found.state, found.claim = WorkState.RUNNING, uuid.uuid4()
    found.lease_until = at + timedelta(seconds=conf().LEASE_SECONDS)
    found.attempts += 1
    found.save(update_fields=["state", "claim", "lease_until", "attempts"])
    return found


def finished(work: Work, *, at: datetime) -> bool:
    """It is done. Whether it was ours to say so."""
    return _settle(work, state=WorkState.DONE, finished_at=at, last_error="")


def stop(work: Work, *, at: datetime) -> bool:
    """There is nothing to do any more."""
    return _settle(work, state=WorkState.STOPPED, finished_at=at)


def give_up(work: Work, error: str, *, at: datetime) -> bool:
    """Trying again is no use: a person must look at it."""
    return _settle(work, state=WorkState.FAILED, finished_at=at, last_error=error)


def again_later(work: Work, error: str, *, at: datetime, after: timedelta | None = None) -> bool:
    """Try again, later each time. Whether there is a next time: in the end it is given up."""
    if work.attempts > len(BACKOFF):
        give_up(work, error, at=at)
        return False
    pause = BACKOFF[max(work.attempts, 1) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    _settle(work, state=WorkState.WAITING, due_at=at + max(pause, after or pause), last_error=error)
    return True


def again_now(work: Work, *, at: datetime) -> bool:
    """Somebody wants it tried at once, from the beginning. Whether it will be: what is under way is left alone."""
    idle = type(work).objects.filter(pk=work.pk).exclude(state__in=(WorkState.RUNNING, WorkState.DONE))
    if not idle.update(state=WorkState.WAITING, due_at=at, attempts=0, finished_at=None):
        return False
    enqueue(work)
    return True


def call_off(work: Work, *, at: datetime) -> bool:
    """Nobody wants it any more. Whether it had not begun yet."""
    waiting = type(work).objects.filter(pk=work.pk, state=WorkState.WAITING)
    return bool(waiting.update(state=WorkState.STOPPED, finished_at=at))


def enqueue(work: Work) -> None:
    """Tell the task queue after the commit, if the project names one; else the row waits for ``punchout_deliver``."""
    if conf().TASK_BACKEND:
        # A queue that cannot be reached must not make an answer fail whose order is in the database already.
        transaction.on_commit(partial(_enqueue, work._meta.model_name, work.pk), robust=True)


def _enqueue(model_name: str, pk: int) -> None:
    from wagtail_punchout.flows.tasks import do_work

    do_work.using(backend=conf().TASK_BACKEND).enqueue(model_name, pk)


def _settle(work: Work, **facts: object) -> bool:
    held = type(work).objects.filter(pk=work.pk, claim=work.claim, state=WorkState.RUNNING)
    if not held.update(**facts, claim=None, lease_until=None):
        return False
    for name, value in facts.items():
        setattr(work, name, value)
    return True
