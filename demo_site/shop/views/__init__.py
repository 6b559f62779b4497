from demo_site.shop.views.account import account
from demo_site.shop.views.cart import cart, cart_add, cart_change, cart_remove
from demo_site.shop.views.checkout import checkout, order_placed
from demo_site.shop.views.search import search

__all__ = ["account", "cart", "cart_add", "cart_change", "cart_remove", "checkout", "order_placed", "search"]
