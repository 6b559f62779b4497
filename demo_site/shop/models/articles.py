"""What has a part number, and what it costs whom."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable

from demo_site.shop.languages import in_language

#: Amounts keep four digits: a screw costs less than a cent.
PRICE_FIELD = {"max_digits": 12, "decimal_places": 4, "validators": [MinValueValidator(0)]}


class Article(Orderable):
    """One thing to order: a product, or one of its variants. Every product has at least one."""

    product = ParentalKey("shop.ProductPage", on_delete=models.CASCADE, related_name="articles")
    sku = models.CharField(_("part number"), max_length=40, unique=True)
    option = models.CharField(_("variant"), max_length=80, blank=True, help_text=_("What sets it apart: “Size M”"))
    option_de = models.CharField(_("variant (German)"), max_length=80, blank=True)
    price = models.DecimalField(
        _("list price"), **PRICE_FIELD, null=True, blank=True, help_text=_("Net, in euros. Empty: price on request")
    )
    stock = models.PositiveIntegerField(
        _("in stock"), null=True, blank=True, help_text=_("Empty: always available. 0: cannot be bought now")
    )
    manufacturer_part = models.CharField(_("manufacturer’s part number"), max_length=60, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("sku"), FieldPanel("manufacturer_part")]),
        FieldRowPanel([FieldPanel("option"), FieldPanel("option_de")]),
        FieldRowPanel([FieldPanel("price"), FieldPanel("stock")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def __str__(self) -> str:
        return self.sku

    @property
    def name(self) -> str:
        return self.name_in()

    @property
    def option_name(self) -> str:
        return in_language(self.option, self.option_de)

    def name_in(self, language: str | None = None) -> str:
        option = in_language(self.option, self.option_de, language)
        name = self.product.name_in(language)
        return f"{name}, {option}" if option else name

    @property
    def is_available(self) -> bool:
        return self.product.live and self.stock != 0


class PriceListEntry(models.Model):
    """What a group of customers pays for an article, or what everybody pays in another currency than euros.

    The group is named by PunchOut's companies; no group means everybody. An entry holds from its quantity on, until
    another one does: several of them make a scale.
    """

    price_group = models.CharField(_("price group"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    sku = models.CharField(_("part number"), max_length=40)
    price = models.DecimalField(
        _("price"), **PRICE_FIELD, null=True, blank=True, help_text=_("Empty: these customers cannot buy it")
    )
    basis = models.PositiveIntegerField(_("for how many units"), default=1)
    from_quantity = models.DecimalField(
        _("from quantity"), max_digits=9, decimal_places=3, default=0, validators=[MinValueValidator(0)]
    )

    panels = [
        FieldRowPanel([FieldPanel("price_group"), FieldPanel("currency")]),
        FieldRowPanel([FieldPanel("sku"), FieldPanel("from_quantity")]),
        FieldRowPanel([FieldPanel("price"), FieldPanel("basis")]),
    ]

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("price list")
        ordering = ["sku", "price_group", "currency", "from_quantity"]
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "price_group", "currency", "from_quantity"], name="shop_one_price_per_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.price_group or '*'} {self.currency}"
