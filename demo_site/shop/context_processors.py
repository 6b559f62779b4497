from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from demo_site.shop import carts
from demo_site.shop.models import CategoryPage


def shop(request: HttpRequest) -> dict:
    """What the frame around every page shows. Lazy: Wagtail's admin renders templates too and asks for none of it."""
    return {
        "categories": SimpleLazyObject(lambda: list(CategoryPage.objects.live().order_by("path"))),
        "cart_count": SimpleLazyObject(lambda: carts.lines_of(request).count()),
        "is_read_only": SimpleLazyObject(lambda: bool(request.punchout and request.punchout.is_inspect)),
        "may_check_out": SimpleLazyObject(lambda: not request.punchout or request.punchout.may("checkout_directly")),
    }
