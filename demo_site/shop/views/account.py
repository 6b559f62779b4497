from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache


@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/account.html", {"orders": request.user.shop_orders.prefetch_related("lines")})
