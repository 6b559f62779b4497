from django.core.management.base import BaseCommand, CommandParser

from demo_site.history import make_history


class Command(BaseCommand):
    help = "Gives the demo a past of thirteen months: visits, carts, orders and failures of invented companies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--visits", type=int, default=50_000, help="how many visits (default: 50000)")
        parser.add_argument("--seed", type=int, default=7, help="another number makes another past (default: 7)")

    def handle(self, *, visits: int, seed: int, **options: object) -> None:
        for done in make_history(visits, seed=seed):
            if options["verbosity"] > 1:
                self.stdout.write(f"{done} visits")
        self.stdout.write(self.style.SUCCESS(f"{visits} visits have been written."))
