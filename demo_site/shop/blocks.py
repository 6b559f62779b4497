"""Building blocks of pages; every text comes in both of the shop's languages."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from demo_site.shop import offers
from demo_site.shop.languages import in_language


class TwoTongued(blocks.StructValue):
    """``value.own.title`` is the title in the visitor's language."""

    @property
    def own(self) -> dict:
        return {name: in_language(self[name], self[f"{name}_de"]) for name in self if f"{name}_de" in self}


class TextBlock(blocks.StructBlock):
    text = blocks.RichTextBlock(features=["bold", "italic", "ul", "link"])
    text_de = blocks.RichTextBlock(features=["bold", "italic", "ul", "link"], required=False, label=_("German"))

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        value_class = TwoTongued
        template = "shop/blocks/text.html"


class FactBlock(blocks.StructBlock):
    label = blocks.CharBlock()
    label_de = blocks.CharBlock(required=False, label=_("German"))
    value = blocks.CharBlock()
    value_de = blocks.CharBlock(required=False, label=_("German"))

    class Meta:
        value_class = TwoTongued


class FactsBlock(blocks.StructBlock):
    facts = blocks.ListBlock(FactBlock())

    class Meta:
        icon = "table"
        label = _("Technical data")
        template = "shop/blocks/facts.html"


class WarningBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    text_de = blocks.TextBlock(required=False, label=_("German"))

    class Meta:
        icon = "warning"
        label = _("Warning")
        value_class = TwoTongued
        template = "shop/blocks/warning.html"


class HeroBlock(blocks.StructBlock):
    title = blocks.CharBlock()
    title_de = blocks.CharBlock(required=False, label=_("German"))
    text = blocks.TextBlock()
    text_de = blocks.TextBlock(required=False, label=_("German"))

    class Meta:
        icon = "title"
        label = _("Opening")
        value_class = TwoTongued
        template = "shop/blocks/hero.html"


class CategoriesBlock(blocks.StaticBlock):
    class Meta:
        icon = "folder-open-inverse"
        label = _("All categories")
        admin_text = _("Shows every category of the shop.")
        template = "shop/blocks/categories.html"


class FeaturedBlock(blocks.StructBlock):
    title = blocks.CharBlock()
    title_de = blocks.CharBlock(required=False, label=_("German"))
    products = blocks.ListBlock(blocks.PageChooserBlock(page_type="shop.ProductPage"), max_num=8)

    class Meta:
        icon = "pick"
        label = _("Featured products")
        value_class = TwoTongued
        template = "shop/blocks/featured.html"

    def get_context(self, value: blocks.StructValue, parent_context: dict | None = None) -> dict:
        context = super().get_context(value, parent_context)
        context["cards"] = offers.cards(value["products"], context["request"])
        return context


class PromiseBlock(blocks.StructBlock):
    title = blocks.CharBlock()
    title_de = blocks.CharBlock(required=False, label=_("German"))
    text = blocks.TextBlock()
    text_de = blocks.TextBlock(required=False, label=_("German"))

    class Meta:
        value_class = TwoTongued


class PromisesBlock(blocks.StructBlock):
    promises = blocks.ListBlock(PromiseBlock(), max_num=4)

    class Meta:
        icon = "tick"
        label = _("Promises")
        template = "shop/blocks/promises.html"


class ProductBody(blocks.StreamBlock):
    text = TextBlock()
    facts = FactsBlock()
    warning = WarningBlock()


class HomeBody(blocks.StreamBlock):
    hero = HeroBlock()
    categories = CategoriesBlock()
    featured = FeaturedBlock()
    promises = PromisesBlock()
    text = TextBlock()
