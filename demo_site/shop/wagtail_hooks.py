from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from demo_site.shop.admin import OrderViewSet
from demo_site.shop.models import PriceListEntry


class PriceListViewSet(ModelViewSet):
    model = PriceListEntry
    menu_label = _("Price list")
    icon = "tag"
    add_to_admin_menu = True
    list_display = ["sku", "price_group", "currency", "from_quantity", "price", "basis"]
    list_filter = ["price_group", "currency"]
    search_fields = ["sku"]
    search_backend_name = None


@hooks.register("register_admin_viewset")
def price_list() -> PriceListViewSet:
    return PriceListViewSet("shop_prices")


@hooks.register("register_admin_viewset")
def orders() -> OrderViewSet:
    return OrderViewSet("shop_orders")
