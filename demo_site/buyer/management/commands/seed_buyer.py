"""Fill the simulated buyer from the file that the shop's demo writes."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo_site.buyer.seeding import seed


class Command(BaseCommand):
    help = "Creates or updates the buyer's suppliers from the demo's JSON file. Requisitions are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the demo's file, with a list “customers”")
        parser.add_argument("--shop", default="", help="the shop's name, for people")

    def handle(self, *args, path: Path, shop: str, **options) -> None:
        try:
            customers = json.loads(path.read_text(encoding="utf-8"))["customers"]
            seeded = seed([{"supplier": shop, **each} for each in customers])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{path} is not the demo's file: {error!r}") from error
        self.stdout.write(f"{len(seeded)} suppliers are ready.")
