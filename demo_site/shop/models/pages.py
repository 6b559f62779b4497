"""The shop's pages: a home page, categories below it, products below those."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from demo_site.shop import offers
from demo_site.shop.blocks import HomeBody, ProductBody
from demo_site.shop.languages import folded, in_language
from demo_site.shop.units import UNIT_CHOICES

PRODUCTS_PER_PAGE = 24
#: The most of one article that a line can hold.
MAX_QUANTITY = Decimal(99_999)


class TwoTonguedPage(Page):
    """A page's title is English; the German one stands beside it."""

    title_de = models.CharField(_("title (German)"), max_length=255, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    summary_de = models.TextField(_("summary (German)"), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("title_de"),
        FieldRowPanel([FieldPanel("summary"), FieldPanel("summary_de")]),
    ]

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        return self.name_in()

    @property
    def intro(self) -> str:
        return self.summary_in()

    def name_in(self, language: str | None = None) -> str:
        return in_language(self.title, self.title_de, language)

    def summary_in(self, language: str | None = None) -> str:
        return in_language(self.summary, self.summary_de, language)


class HomePage(Page):
    body = StreamField(HomeBody(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["shop.CategoryPage"]
    max_count = 1

    class Meta:
        verbose_name = _("shop home page")


class CategoryPage(TwoTonguedPage):
    image = models.ForeignKey("wagtailimages.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    content_panels = [*TwoTonguedPage.content_panels, FieldPanel("image")]
    parent_page_types = ["shop.HomePage"]
    subpage_types = ["shop.ProductPage"]

    class Meta:
        verbose_name = _("category")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        products = ProductPage.objects.child_of(self).live().order_by("path")
        shown = Paginator(products, PRODUCTS_PER_PAGE).get_page(request.GET.get("page"))
        return super().get_context(request, *args, **kwargs) | {
            "shown": shown,
            "cards": offers.cards(shown.object_list, request),
        }


class ProductPage(TwoTonguedPage):
    image = models.ForeignKey("wagtailimages.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    body = StreamField(ProductBody(), blank=True)
    unit = models.CharField(_("unit"), max_length=3, choices=UNIT_CHOICES, default="EA")
    price_basis = models.PositiveIntegerField(
        _("price is for"), default=1, validators=[MinValueValidator(1)], help_text=_("100: the price buys 100 units")
    )
    min_quantity = models.DecimalField(_("smallest quantity"), max_digits=9, decimal_places=3, default=1)
    quantity_step = models.DecimalField(
        _("quantity step"),
        max_digits=9,
        decimal_places=3,
        default=1,
        help_text=_("0.5 for half metres; 12 by the dozen"),
    )
    unspsc = models.CharField(
        _("UNSPSC"), max_length=8, validators=[RegexValidator(r"^\d{8}$", _("Eight digits, please."))]
    )
    manufacturer = models.CharField(_("manufacturer"), max_length=80, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(_("lead time in days"), default=1)
    is_service = models.BooleanField(_("is a service"), default=False)
    # Everything the search looks at, folded: no database folds umlauts alike.
    found_by = models.TextField(editable=False, default="")

    content_panels = [
        *TwoTonguedPage.content_panels,
        FieldPanel("image"),
        InlinePanel("articles", heading=_("Part numbers and prices"), label=_("Article"), min_num=1),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("unit"), FieldPanel("price_basis")]),
                FieldRowPanel([FieldPanel("min_quantity"), FieldPanel("quantity_step")]),
                FieldRowPanel([FieldPanel("lead_time_days"), FieldPanel("is_service")]),
            ],
            heading=_("Ordering"),
        ),
        FieldRowPanel([FieldPanel("unspsc"), FieldPanel("manufacturer")]),
        FieldPanel("body"),
    ]
    parent_page_types = ["shop.CategoryPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("product")

    def clean(self) -> None:
        super().clean()
        if self.quantity_step <= 0 or self.min_quantity % self.quantity_step:
            raise ValidationError({"min_quantity": _("The smallest quantity must be a multiple of the step.")})

    def save(self, *args, **kwargs) -> None:
        articles = [f"{each.sku} {each.manufacturer_part}" for each in self.articles.all()]
        words = [self.title, self.title_de, self.summary, self.summary_de, self.manufacturer, *articles]
        self.found_by = folded(" ".join(words))
        super().save(*args, **kwargs)

    def orderable(self, quantity: Decimal) -> Decimal:
        """The next quantity it is sold in: as much as asked or a little more, unless that is beyond all measure."""
        steps = (quantity / self.quantity_step).to_integral_value(ROUND_CEILING)
        largest = MAX_QUANTITY // self.quantity_step * self.quantity_step
        return min(max(steps * self.quantity_step, self.min_quantity), largest)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        found = offers.for_articles(self.articles.all(), offers.pricing_for(request))
        buyable = [each for each in found if each.is_buyable]
        wanted = [each for each in buyable if each.article.sku == request.GET.get("sku")]
        return super().get_context(request, *args, **kwargs) | {
            "offers": found,
            "choice": next(iter(wanted or buyable), None),
        }
