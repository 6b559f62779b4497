from __future__ import annotations

import io
from collections import Counter
from decimal import Decimal

import pytest
from django.core.management import call_command
from PIL import Image as Picture

from demo_site.shop.catalogue import pictures
from demo_site.shop.catalogue.goods import categories
from demo_site.shop.models import Article, PriceListEntry, ProductPage
from demo_site.shop.units import UNITS

PRODUCTS = [product for category in categories() for product in category.products]
VARIANTS = [variant for product in PRODUCTS for variant in product.variants]


def test_the_shelves_hold_sixty_products():
    assert len(PRODUCTS) == 60


def test_no_part_number_is_given_twice():
    assert max(Counter(variant.sku for variant in VARIANTS).values()) == 1


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.sku)
def test_a_product_is_complete(product):
    assert product.unit in UNITS
    assert len(product.unspsc) == 8 and product.unspsc.isdigit()
    assert product.motif in pictures.MOTIFS
    assert product.name_de and product.summary_de
    assert product.min_quantity % product.quantity_step == 0
    assert bool(product.text) == bool(product.text_de)


def test_the_catalogue_has_the_troubles_of_real_life():
    assert {"RM", "BX", "PK", "KGM", "MTR", "LTR", "RO", "HUR"} <= {product.unit for product in PRODUCTS}
    assert {1, 100, 1000} <= {product.price_basis for product in PRODUCTS}
    assert any(product.is_service for product in PRODUCTS)
    assert any(product.quantity_step == Decimal("0.5") for product in PRODUCTS)
    assert any(variant.stock == 0 for variant in VARIANTS)
    assert any(variant.price is None for variant in VARIANTS)
    assert any(price is None for variant in VARIANTS for price in variant.special_prices.values())


def test_a_picture_is_always_the_same_and_never_that_of_another():
    one = pictures.picture("pen", "office", "NL-1")
    assert one == pictures.picture("pen", "office", "NL-1")
    assert one != pictures.picture("pen", "office", "NL-2")
    assert Picture.open(io.BytesIO(one)).size == pictures.SIZE


def test_seeding_twice_makes_nothing_twice(db, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    few = [category for category in categories() if category.slug == "services"]
    monkeypatch.setattr("demo_site.shop.catalogue.seed.categories", lambda: few)

    def counted() -> tuple[int, ...]:
        call_command("seed_shop", verbosity=0, stdout=io.StringIO())
        return tuple(model.objects.count() for model in (ProductPage, Article, PriceListEntry))

    first = counted()
    articles = set(Article.objects.values_list("pk", "sku"))
    assert counted() == first == (4, 4, 6)
    assert set(Article.objects.values_list("pk", "sku")) == articles


def test_the_seeded_entrance_opens(client, db, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    few = [category for category in categories() if category.slug == "services"]
    monkeypatch.setattr("demo_site.shop.catalogue.seed.categories", lambda: few)
    call_command("seed_shop", verbosity=0, stdout=io.StringIO())
    page = client.get("/").content.decode()
    assert "Everything a working day uses up" in page
    assert "Services" in page
    assert client.login(username="customer", password="customer")
