from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from demo_site.shop import offers
from demo_site.shop.finding import found_for
from demo_site.shop.models import ProductPage
from demo_site.shop.models.pages import PRODUCTS_PER_PAGE


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").replace("\0", "")[:100].strip()
    products = found_for(wanted).order_by("path") if wanted else ProductPage.objects.none()
    shown = Paginator(products, PRODUCTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "shop/search.html",
        {"wanted": wanted, "shown": shown, "cards": offers.cards(shown.object_list, request)},
    )
