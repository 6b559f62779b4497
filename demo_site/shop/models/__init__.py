from demo_site.shop.models.articles import Article, PriceListEntry
from demo_site.shop.models.carts import Cart, CartLine
from demo_site.shop.models.orders import Order, OrderLine
from demo_site.shop.models.pages import CategoryPage, HomePage, ProductPage

__all__ = [
    "Article",
    "Cart",
    "CartLine",
    "CategoryPage",
    "HomePage",
    "Order",
    "OrderLine",
    "PriceListEntry",
    "ProductPage",
]
