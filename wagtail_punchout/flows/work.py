"""Work: do what is due in the outbox, whoever asks for it: a task queue, a command that runs for ever, or cron."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import Error
from django.utils import timezone

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import outbox
from wagtail_punchout.flows.deliver import deliver, deliverable
from wagtail_punchout.flows.hand_over import hand_over
from wagtail_punchout.models import Delivery, HandOver
from wagtail_punchout.models.outbox import Work

logger = logging.getLogger("wagtail_punchout.worker")


def run_due(*, most: int = 100, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Do what is due now, at most so many pieces; how many were done.

    Orders first, each time: a buyer's system that does not answer must not keep them from the shop.
    """
    done = 0
    while done < most and not should_stop() and (run_one(HandOver) or run_one(Delivery)):
        done += 1
    return done


def run_one(model: type[Work], pk: int | None = None) -> bool:
    """Do one piece of work, if one is due; whether there was one."""
    at = timezone.now()
    work = model.objects.all() if model is HandOver else deliverable()
    claimed = outbox.claim(work.filter(pk=pk) if pk else work, at=at)
    if claimed is None:
        return False
    _do(claimed, at=at)
    return True


def _do(work: Work, *, at: datetime) -> None:
    try:
        if isinstance(work, HandOver):
            hand_over(work, adapter=get_adapter(), at=at)
        elif isinstance(work, Delivery):
            deliver(work, at=at)
    except Error:
        raise  # the database is away: the lease ends, and it is done again
    except Exception as error:  # nobody foresaw it: it is told and tried again, and all else goes on
        logger.exception("%s %s failed.", work._meta.label, work.pk)
        outbox.again_later(work, f"{type(error).__name__}: {error}", at=at)
