"""Close visits that nobody ended."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from wagtail_punchout.flows.expire import expire_sessions


class Command(BaseCommand):
    help = "Marks visits that were never started in time, or are past their end, as expired. Run it every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{expire_sessions(at=timezone.now())} visits have expired.")
