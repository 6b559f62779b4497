"""The demo shop as PunchOut knows it. Yours will look much like it: begin by copying this file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import urlencode, urljoin

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from demo_site.shop import carts, offers, purchase_orders
from demo_site.shop.finding import found_for
from demo_site.shop.formats import number
from demo_site.shop.models import PAYMENT_METHODS, Article, CategoryPage, Order, ProductPage
from demo_site.shop.offers import Offer
from wagtail_punchout.shop import (
    Cart,
    CartLine,
    Classification,
    CompanyOrder,
    IncomingOrder,
    Item,
    ItemRef,
    PaymentMethod,
    PlacedOrder,
    Price,
    PricingContext,
    Problem,
    ProblemCode,
    PutLine,
    ShopAdapter,
    Text,
    WantedLine,
)

#: Everything in this shop is taxed alike.
TAX_RATE = Decimal("0.19")


class DemoShopAdapter(ShopAdapter):
    checkout_views = ("shop:checkout", "shop:checkout_*")
    harmless_posts = ("set_language",)

    def get_cart(self, request: HttpRequest) -> Cart:
        cart, language = carts.priced(request), request.punchout.pricing.language
        return Cart(
            currency=cart.currency,
            lines=tuple(
                CartLine(line_id=str(line.id), item=as_item(line.offer, language), quantity=line.quantity)
                for line in cart.lines
            ),
        )

    @transaction.atomic
    def put_lines(self, request: HttpRequest, lines: Sequence[WantedLine]) -> Sequence[PutLine]:
        carts.clear(request)
        wanted = self._offers([line.ref for line in lines], request.punchout.pricing)
        quantities: dict[Article, Decimal] = {}
        for line, offer in zip(lines, wanted, strict=True):
            if offer and offer.is_buyable:
                # One line for each article is all this shop can keep: carried lines of the same article are merged.
                so_far = quantities.get(offer.article, Decimal(0))
                quantities[offer.article] = so_far + offer.product.orderable(line.quantity)
        line_ids = {line.article.sku: str(line.pk) for line in carts.fill(request, quantities)}
        return [
            PutLine(key=line.key, line_id=line_ids.get(line.ref.sku), problem=problem_of(line, offer))
            for line, offer in zip(lines, wanted, strict=True)
        ]

    def clear_cart(self, request: HttpRequest) -> None:
        carts.clear(request)

    def get_item(self, ref: ItemRef, pricing: PricingContext, quantity: Decimal = Decimal(1)) -> Item | None:
        [offer] = self._offers([ref], pricing)
        return as_item(offer.at(quantity), pricing.language) if offer else None

    def get_items(self, refs: Sequence[ItemRef], pricing: PricingContext) -> Sequence[Item | None]:
        return [as_item(offer, pricing.language) if offer else None for offer in self._offers(refs, pricing)]

    def landing_url(self, request: HttpRequest, target: ItemRef | None = None) -> str | None:
        if target is None:
            return reverse("wagtail_serve", args=[""])
        article = Article.objects.select_related("product").filter(sku=target.sku, product__live=True).first()
        if article:
            return f"{article.product.get_url(request)}?{urlencode({'sku': article.sku})}"
        category = CategoryPage.objects.live().filter(slug=target.sku.lower()).first()
        return category.get_url(request) if category else None

    def cart_url(self, request: HttpRequest) -> str:
        return reverse("shop:cart")

    def search_items(self, text: str, pricing: PricingContext, *, limit: int) -> Sequence[Item]:
        articles = Article.objects.filter(product__in=found_for(text)).select_related("product__image")
        shown = articles.order_by("product__path", "sort_order", "pk")[:limit]
        return [as_item(offer, pricing.language) for offer in offers.for_articles(shown, pricing)]

    def search_url(self, request: HttpRequest, text: str) -> str:
        return f"{reverse('shop:search')}?{urlencode({'q': text})}"

    def units(self) -> Sequence[str]:
        return list(ProductPage.objects.live().order_by("unit").values_list("unit", flat=True).distinct())

    def payment_methods(self) -> Sequence[PaymentMethod]:
        return [PaymentMethod(code, label) for code, label in PAYMENT_METHODS.items()]

    def company_orders(
        self, company_codes: Sequence[str], *, offset: int = 0, limit: int = 20
    ) -> Sequence[CompanyOrder]:
        orders = Order.objects.filter(company_code__in=company_codes)[offset : offset + limit]
        return [
            CompanyOrder(
                number=order.number,
                placed_at=order.placed_at,
                total=order.money,
                company_code=order.company_code,
                placed_by=order.name,
                reference=order.reference,
                url=reverse("shop:order_placed", args=[order.pk]),
            )
            for order in orders
        ]

    def place_order(self, order: IncomingOrder) -> PlacedOrder:
        return purchase_orders.place(order)

    def change_order(self, order: IncomingOrder) -> PlacedOrder:
        return purchase_orders.change(order)

    def cancel_order(self, order: IncomingOrder) -> bool:
        return purchase_orders.cancel(order)

    def _offers(self, refs: Sequence[ItemRef], pricing: PricingContext) -> list[Offer | None]:
        articles = Article.objects.select_related("product__image").filter(sku__in={ref.sku for ref in refs})
        found = {offer.article.sku: offer for offer in offers.for_articles(articles, pricing)}
        return [found.get(ref.sku) for ref in refs]


def as_item(offer: Offer, language: str) -> Item:
    """An offer in the words every buyer's system understands; its texts in both languages, the wanted one first."""
    article, product = offer.article, offer.product
    return Item(
        sku=article.sku,
        descriptions=tuple(
            Text(article.name_in(language) + ". " + product.summary_in(language), language, article.name_in(language))
            for language in (("de", "en") if language.lower().startswith("de") else ("en", "de"))
        ),
        unit=product.unit,
        price=Price(net=offer.price, basis=Decimal(offer.basis)) if offer.price else None,
        tax_rate=TAX_RATE,
        classifications=(Classification("UNSPSC", product.unspsc),),
        manufacturer_name=product.manufacturer,
        manufacturer_part_id=article.manufacturer_part,
        lead_time_days=product.lead_time_days,
        url=product.full_url or "",
        image_url=urljoin(product.full_url or "", product.image.file.url) if product.image else "",
        available=article.is_available,
        is_service=product.is_service,
    )


def problem_of(line: WantedLine, offer: Offer | None) -> Problem | None:
    """Why a line could not be put into the cart, or not as it was wanted."""
    sku = line.ref.sku
    if offer is None:
        return Problem(sku, ProblemCode.UNKNOWN_ITEM, _("We do not know the part number %(sku)s.") % {"sku": sku})
    name = {"name": offer.article.name}
    if not offer.article.is_available:
        return Problem(sku, ProblemCode.NOT_AVAILABLE, _("%(name)s is sold out at the moment.") % name)
    if offer.price is None:
        return Problem(sku, ProblemCode.NO_PRICE, _("We have no price for you for %(name)s. Please ask us.") % name)
    possible = offer.product.orderable(line.quantity)
    if possible != line.quantity:
        message = _("%(name)s is sold in other quantities; we put %(quantity)s into the cart.")
        return Problem(sku, ProblemCode.QUANTITY, message % {**name, "quantity": number(possible)})
    return None
