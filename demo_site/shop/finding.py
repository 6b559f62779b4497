"""The shop's search: every word must occur somewhere in a product."""

from wagtail.query import PageQuerySet

from demo_site.shop.languages import folded
from demo_site.shop.models import ProductPage


def found_for(text: str) -> PageQuerySet:
    """Products for all words of ``text``; for no word, all products."""
    products = ProductPage.objects.live()
    for word in folded(text.replace("\0", "")[:100]).split():
        products = products.filter(found_by__contains=word)
    return products
