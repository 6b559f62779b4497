from demo_site.shop.models.articles import Article, PriceListEntry
from demo_site.shop.models.carts import Cart, CartLine
from demo_site.shop.models.orders import PAYMENT_METHODS, Order, OrderLine, OrderState
from demo_site.shop.models.pages import CategoryPage, HomePage, ProductPage

__all__ = [
    "PAYMENT_METHODS",
    "Article",
    "Cart",
    "CartLine",
    "CategoryPage",
    "HomePage",
    "Order",
    "OrderLine",
    "OrderState",
    "PriceListEntry",
    "ProductPage",
]
