"""The catalogue becomes pages, pictures and prices. Doing it again mends what is missing and makes nothing twice."""

from __future__ import annotations

import io
from html import escape

from django.conf import settings
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils.text import slugify
from wagtail.images.models import Image
from wagtail.models import Locale, Page, Site

from demo_site.shop.catalogue.goods import Category, Product, Variant, categories
from demo_site.shop.catalogue.home import FEATURED, home_body
from demo_site.shop.catalogue.pictures import picture
from demo_site.shop.models import Article, CategoryPage, HomePage, PriceListEntry, ProductPage


@transaction.atomic
def seed() -> int:
    """Set the whole shop up; answer how many products it has."""
    home = seed_home()
    for category in categories():
        page = seed_category(home, category)
        for product in category.products:
            seed_product(page, product)
    seed_prices()
    home.body = home_body(list(ProductPage.objects.filter(articles__sku__in=FEATURED).order_by("path")))
    home.save()
    return ProductPage.objects.count()


def seed_home() -> HomePage:
    home = HomePage.objects.first()
    if home is None:
        root = _root()
        root.get_children().delete()  # Wagtail's page of welcome, which would have our slug
        root = Page.objects.get(pk=root.pk)
        home = root.add_child(instance=HomePage(title="Nordlicht Supply", slug="home"))
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": "localhost",
            "port": settings.PORT,
            "root_page": home,
            "site_name": settings.WAGTAIL_SITE_NAME,
        },
    )
    return home


def seed_category(home: HomePage, category: Category) -> CategoryPage:
    page = CategoryPage.objects.filter(slug=category.slug).first() or CategoryPage(slug=category.slug)
    page.title, page.title_de = category.name, category.name_de
    page.summary, page.summary_de = category.summary, category.summary_de
    page.image = page.image or _image(category.name, category.motif, category.slug, category.slug)
    return _saved(page, below=home)


def seed_product(category: CategoryPage, product: Product, with_image: bool = True) -> ProductPage:
    skus = [variant.sku for variant in product.variants]
    page = ProductPage.objects.filter(articles__sku__in=skus).first() or ProductPage(slug=slugify(product.name))
    page.title, page.title_de = product.name, product.name_de
    page.summary, page.summary_de = product.summary, product.summary_de
    page.unit, page.price_basis = product.unit, product.price_basis
    page.min_quantity, page.quantity_step = product.min_quantity, product.quantity_step
    page.unspsc, page.manufacturer = product.unspsc, product.maker
    page.lead_time_days, page.is_service = product.lead_time_days, product.is_service
    page.body = list(_body(product))
    if with_image and page.image is None:
        page.image = _image(product.name, product.motif, category.slug, product.sku)
    known = {article.sku: article for article in page.articles.all()}
    page.articles = [_article(variant, known.get(variant.sku), place) for place, variant in enumerate(product.variants)]
    return _saved(page, below=category)


def seed_prices() -> None:
    PriceListEntry.objects.bulk_create(
        [
            PriceListEntry(
                price_group=group,
                currency=currency,
                sku=variant.sku,
                from_quantity=quantity,
                price=price,
                basis=product.price_basis,
            )
            for category in categories()
            for product in category.products
            for variant in product.variants
            for (group, currency, quantity), price in variant.special_prices.items()
        ],
        update_conflicts=True,
        unique_fields=["sku", "price_group", "currency", "from_quantity"],
        update_fields=["price", "basis"],
    )


def _root() -> Page:
    """Wagtail's migrations make it; a database that was flushed has neither a root nor a language."""
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    return Page.get_first_root_node() or Page.add_root(title="Root", slug="root")


def _article(variant: Variant, article: Article | None, place: int) -> Article:
    article = article or Article(sku=variant.sku)
    article.sort_order = place
    article.option, article.option_de = variant.option, variant.option_de
    article.price, article.stock = variant.price, variant.stock
    article.manufacturer_part = variant.maker_part
    return article


def _body(product: Product):
    if product.text:
        yield "text", {"text": f"<p>{escape(product.text)}</p>", "text_de": f"<p>{escape(product.text_de)}</p>"}
    if product.facts:
        columns = ("label", "label_de", "value", "value_de")
        yield "facts", {"facts": [dict(zip(columns, fact, strict=False)) for fact in product.facts]}
    if product.warning:
        yield "warning", {"text": product.warning, "text_de": product.warning_de}


def _image(title: str, motif: str, category: str, sku: str) -> Image:
    file = ImageFile(io.BytesIO(picture(motif, category, sku)), name=f"{sku.lower()}.png")
    return Image.objects.create(title=title, file=file)


def _saved(page: Page, below: Page) -> Page:
    if page.pk:
        page.save()
        return page
    return below.add_child(instance=page)
