from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from demo_site.shop.catalogue.seed import seed


class Command(BaseCommand):
    help = "Fills the demo shop with its catalogue and makes the customer “customer” (password “customer”)."

    def handle(self, **options) -> None:
        products = seed()
        users = get_user_model().objects
        if not users.filter(username="customer").exists():
            users.create_user(
                "customer", "customer@example.com", "customer", first_name="Kerstin", last_name="Lindqvist"
            )
        self.stdout.write(self.style.SUCCESS(f"{products} products are on the shelves."))
