"""Shelves with a handful of the demo shop's products, without pictures."""

from __future__ import annotations

from demo_site.shop.catalogue.goods import categories
from demo_site.shop.catalogue.seed import seed_home, seed_prices, seed_product
from demo_site.shop.models import CategoryPage, ProductPage

#: Part numbers the tests name: priced per 100 and in steps of 100, and one sold by the piece.
NUT = "NL-30110"


def stock(*, of_each: int = 2) -> dict[str, ProductPage]:
    """The first products of each category, by the part number of their first article."""
    home = seed_home()
    pages = {}
    for category in categories():
        shelf = home.add_child(instance=CategoryPage(title=category.name, slug=category.slug))
        for product in category.products[:of_each]:
            pages[product.variants[0].sku] = seed_product(shelf, product, with_image=False)
    seed_prices()
    return pages
