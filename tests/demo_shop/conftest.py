from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.text import slugify

from demo_site.shop.catalogue.seed import seed_home
from demo_site.shop.models import Article, CategoryPage, PriceListEntry, ProductPage


@pytest.fixture
def shelf(db) -> CategoryPage:
    """A category to put products on."""
    home = seed_home()
    return home.add_child(instance=CategoryPage(title="Office", title_de="Büro", slug="office"))


@pytest.fixture
def product(shelf) -> Callable[..., ProductPage]:
    """Makes a product: ``product("A1", price="2.50", unit="BX")``; ``articles`` when it has variants."""

    def make(
        sku: str = "A1",
        *,
        price: str | None = "2.50",
        stock: int | None = None,
        title: str = "Pen",
        articles: list[Article] | None = None,
        **more,
    ) -> ProductPage:
        values = {"title": title, "slug": slugify(f"{title} {sku}"), "unspsc": "44121704", **more}
        page = ProductPage(**{key: Decimal(value) if "quantity" in key else value for key, value in values.items()})
        page.articles = articles or [Article(sku=sku, price=price and Decimal(price), stock=stock)]
        return ProductPage.objects.get(pk=shelf.add_child(instance=page).pk)

    return make


@pytest.fixture
def priced(db) -> Callable[..., PriceListEntry]:
    """Puts a price on the list: ``priced("A1", "2.00", group="industry")``."""

    def make(sku: str, price: str | None, *, group: str = "", currency: str = "EUR", **more) -> PriceListEntry:
        return PriceListEntry.objects.create(
            sku=sku, price=price and Decimal(price), price_group=group, currency=currency, **more
        )

    return make


@pytest.fixture
def put(client) -> Callable[..., object]:
    """Puts something into the cart as the form on a product's page does."""
    return lambda sku="A1", quantity="1", **headers: client.post(
        "/cart/add/", {"sku": sku, "quantity": quantity}, headers=headers
    )


@pytest.fixture
def database_of_threads(tmp_path, monkeypatch) -> Iterator[Callable[[], None]]:
    """From the call on, new threads find what the test has made so far in a database that they can share.

    SQLite's in-memory database cannot be waited for: it answers "table is locked" at once. So it is copied to a file.
    One connection stays open beside those of the threads: whoever turns WAL on first, or closes last, locks out all
    others.
    """
    stays = ExitStack()

    def copy() -> None:
        if connection.vendor == "sqlite":
            file = str(tmp_path / "copy.sqlite3")
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [file])
            stays.enter_context(closing(sqlite3.connect(file))).execute("PRAGMA journal_mode=WAL").fetchall()
            monkeypatch.setitem(connection.settings_dict, "NAME", file)

    with stays:
        yield copy
