"""Which cart a request belongs to, and what stands in it at today's prices."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest

from demo_site.shop import offers
from demo_site.shop.models import Article, Cart, CartLine
from demo_site.shop.offers import Offer
from wagtail_punchout.protocol.money import zero
from wagtail_punchout.shop import Money

SESSION_KEY = "cart"


@dataclass(frozen=True, slots=True)
class PricedLine:
    id: int
    offer: Offer
    quantity: Decimal

    @property
    def amount(self) -> Money | None:
        return self.offer.of(self.quantity)


@dataclass(frozen=True, slots=True)
class PricedCart:
    lines: Sequence[PricedLine]
    currency: str

    @property
    def total(self) -> Money:
        return sum((line.amount for line in self.lines if line.amount), zero(self.currency))

    @property
    def is_orderable(self) -> bool:
        return bool(self.lines) and all(line.offer.is_buyable for line in self.lines)


def cart_of(request: HttpRequest) -> Cart:
    """The cart to put things in. A visit never shares one, neither with another visit nor with an ordinary session."""
    return Cart.objects.get_or_create(pk=_key_of(request) or _new_key(request))[0]


def lines_of(request: HttpRequest) -> Sequence[CartLine]:
    return CartLine.objects.filter(cart_id=_key_of(request))


def priced(request: HttpRequest) -> PricedCart:
    """The request's cart with its customer's prices and pictures: three queries, however long it is."""
    pricing = offers.pricing_for(request)
    lines = list(
        lines_of(request)
        .select_related("article__product__image")
        .prefetch_related("article__product__image__renditions")
    )
    return PricedCart(
        lines=[
            PricedLine(line.pk, offer.at(line.quantity), line.quantity)
            for line, offer in zip(lines, offers.for_articles([each.article for each in lines], pricing), strict=True)
        ],
        currency=offers.currency_of(pricing),
    )


def clear(request: HttpRequest) -> None:
    Cart.objects.filter(pk=_key_of(request)).delete()


def fill(request: HttpRequest, quantities: Mapping[Article, Decimal]) -> Sequence[CartLine]:
    """Put many things at once into a cart that is empty."""
    cart = cart_of(request)
    return CartLine.objects.bulk_create(
        CartLine(cart=cart, article=article, quantity=quantity) for article, quantity in quantities.items()
    )


def _key_of(request: HttpRequest) -> uuid.UUID | None:
    if request.punchout:
        return request.punchout.id
    remembered = request.session.get(SESSION_KEY)
    return uuid.UUID(remembered) if remembered else None


def _new_key(request: HttpRequest) -> uuid.UUID:
    key = uuid.uuid4()
    request.session[SESSION_KEY] = str(key)
    return key
