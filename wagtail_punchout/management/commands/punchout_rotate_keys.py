"""Writes stored secrets anew, so that an old encryption key can be taken away."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtail_punchout.flows.rekey import rekey
from wagtail_punchout.models import Credential, ErpClient


class Command(BaseCommand):
    help = "Re-encrypts all stored secrets with the newest of SECRET_KEYS. May be stopped and run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are to do")
        parser.add_argument("--batch-size", type=int, default=500, help="how many are read at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        done = rekey(dry_run=dry_run, batch_size=max(1, options["batch_size"]))
        what = "To re-encrypt" if dry_run else "Re-encrypted"
        self.stdout.write(f"{what}: {done.renewed}. Under the newest key already: {done.current}.")
        for holder in done.unreadable:
            self.stderr.write(f"Cannot be opened with any key: {_name(holder)}")
        if done.unreadable:
            raise CommandError(
                f"{len(done.unreadable)} of the secrets cannot be opened. Put the key that wrote them back into "
                "SECRET_KEYS and run this again, or make new secrets for these."
            )


def _name(holder: Credential | ErpClient) -> str:
    if isinstance(holder, ErpClient):
        return f"webhook secret of the ERP client {holder}"
    customer = holder.customer
    state = "live" if holder.is_live else "not live"
    return f"{customer} ({customer.sender_identity}), {holder.mode}, slot {holder.slot}, {state}"
