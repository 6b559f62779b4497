from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections

from wagtail_punchout.flows.work import run_due

logger = logging.getLogger("wagtail_punchout.worker")


class Command(BaseCommand):
    help = "Hand accepted orders to the shop and send what waits for buyers and ERPs. Run it for ever, or by cron."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until stopped, looking again and again")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between two looks when nothing is due")
        parser.add_argument("--batch", type=int, default=100, help="at most so many pieces of work in one look")

    def handle(self, *args: Any, forever: bool, pause: float, batch: int, **options: Any) -> None:
        if not forever:
            done = run_due(most=batch)
            self.stdout.write(f"{done} done.")
            return
        stopping = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopping.set())
        while not stopping.is_set():
            if not self._look(batch, stopping):
                stopping.wait(pause)

    def _look(self, batch: int, stopping: threading.Event) -> int:
        """What was due is done; a database that is away for a moment is waited for."""
        try:
            return run_due(most=batch, should_stop=stopping.is_set)
        except Error:
            logger.exception("The database cannot be asked; trying again.")
            return 0
        finally:
            close_old_connections()
