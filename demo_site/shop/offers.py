"""What one customer may buy, and for how much: articles joined with that customer's prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import get_language

from demo_site.shop.models.articles import Article, PriceListEntry
from wagtail_punchout.shop import Money, PricingContext

if TYPE_CHECKING:
    from demo_site.shop.models import ProductPage

HOME_CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Step:
    """From ``quantity`` on, ``price`` buys ``basis`` units."""

    quantity: Decimal
    price: Money | None
    basis: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An article as one customer sees it. ``price`` buys ``basis`` units; without a price it cannot be bought.

    ``scale`` is the price for every quantity, from nothing upwards.
    """

    article: Article
    price: Money | None
    basis: int
    scale: Sequence[Step] = ()

    @property
    def product(self) -> ProductPage:
        return self.article.product

    @property
    def is_buyable(self) -> bool:
        return self.price is not None and self.article.is_available

    @property
    def larger(self) -> Sequence[Step]:
        """What larger quantities cost."""
        return [each for each in self.scale if each.quantity > 1 and each.price is not None]

    def at(self, quantity: Decimal) -> Offer:
        """The offer for this quantity."""
        step = next((each for each in reversed(self.scale) if each.quantity <= quantity), None)
        return replace(self, price=step.price, basis=step.basis) if step else self

    def of(self, quantity: Decimal) -> Money | None:
        """The rounded price of ``quantity`` units."""
        offer = self.at(quantity)
        if offer.price is None:
            return None
        return Money(offer.price.amount * quantity / offer.basis, offer.price.currency).rounded()


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a listing."""

    product: ProductPage
    offers: Sequence[Offer]

    @property
    def only(self) -> Offer | None:
        """The article that can be bought right here; with variants one must be chosen."""
        return self.offers[0] if len(self.offers) == 1 else None

    @property
    def buyable(self) -> Sequence[Offer]:
        return [each for each in self.offers if each.is_buyable]

    @property
    def available(self) -> Offer:
        """The first that can be had, to tell how soon."""
        return next((each for each in self.offers if each.article.is_available), self.offers[0])

    @property
    def cheapest(self) -> Offer | None:
        priced = [each for each in self.offers if each.price is not None]
        return min(priced, key=lambda each: each.price.amount, default=None)


def pricing_for(request: HttpRequest) -> PricingContext:
    """For whom prices are: the visit's customer, or somebody who walked in and pays list prices."""
    return request.punchout.pricing if request.punchout else PricingContext(language=get_language() or "")


def currency_of(pricing: PricingContext) -> str:
    return pricing.currency or HOME_CURRENCY


def for_articles(articles: Iterable[Article], pricing: PricingContext) -> list[Offer]:
    """One offer for each article, in their order and with a single query."""
    articles = list(articles)
    entries = _entries([each.sku for each in articles], pricing)
    return [_offer(each, entries.get(each.sku, ()), pricing) for each in articles]


def cards(products: Iterable[ProductPage], request: HttpRequest) -> list[Card]:
    products = list(products)
    prefetch_related_objects(products, "articles", "image__renditions")
    articles = [article for product in products for article in product.articles.all()]
    found: dict[int, list[Offer]] = {}
    for offer in for_articles(articles, pricing_for(request)):
        found.setdefault(offer.article.product_id, []).append(offer)
    return [Card(product, found.get(product.pk, [])) for product in products]


def _entries(skus: Sequence[str], pricing: PricingContext) -> dict[str, list[PriceListEntry]]:
    """What the price list says of each part number: the group's own after everybody's, large quantities after small."""
    entries = PriceListEntry.objects.filter(
        sku__in=skus, currency=currency_of(pricing), price_group__in={"", pricing.price_group}
    )
    found: dict[str, list[PriceListEntry]] = {}
    for each in entries.order_by("price_group", "from_quantity"):
        found.setdefault(each.sku, []).append(each)
    return found


def _offer(article: Article, entries: Sequence[PriceListEntry], pricing: PricingContext) -> Offer:
    """At the price of one."""
    scale = list(_scale(article, entries, pricing))
    return Offer(article, None, article.product.price_basis, scale).at(Decimal(1))


def _scale(article: Article, entries: Sequence[PriceListEntry], pricing: PricingContext) -> Iterator[Step]:
    listed = article.price if currency_of(pricing) == HOME_CURRENCY else None
    before = None
    for quantity in sorted({Decimal(0), *(each.from_quantity for each in entries)}):
        entry = next((each for each in reversed(entries) if each.from_quantity <= quantity), None)
        if entry:
            now = (_money(entry.price, entry.currency), entry.basis)
        else:
            now = (_money(listed, HOME_CURRENCY), article.product.price_basis)
        if now != before:
            yield Step(quantity, *now)
        before = now


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
