"""Deletes what was to be kept for a time only."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from wagtail_punchout.flows.purge import purge


class Command(BaseCommand):
    help = (
        "Deletes visits, documents and the like that are older than the settings KEEP_…_DAYS say; never an order, nor "
        "what it rests on. May be stopped and run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")
        parser.add_argument("--batch-size", type=int, default=500, help="how many go in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        try:
            found = purge(at=timezone.now(), dry_run=dry_run, batch_size=max(1, options["batch_size"]))
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        verb = "would go" if dry_run else "are gone"
        for each in found:
            if not each.days:
                self.stdout.write(f"{each.kind.name}: kept for ever.")
                continue
            held = f" {each.kept} stay, because something else needs them." if each.kept else ""
            self.stdout.write(f"{each.kind.name}: {each.gone} older than {each.days} days {verb}.{held}")
