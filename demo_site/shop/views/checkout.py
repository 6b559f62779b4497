"""The ordinary way to the till.

In a PunchOut visit the cart goes home instead, and the server refuses this way unless a role of the customer allows it.
"""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from demo_site.shop import carts
from demo_site.shop.carts import PricedCart
from demo_site.shop.forms import CheckoutForm
from demo_site.shop.models import Order, OrderLine
from wagtail_punchout.storefront.standing import company_of


@never_cache
def checkout(request: HttpRequest) -> HttpResponse:
    cart = carts.priced(request)
    if not cart.is_orderable:
        return redirect("shop:cart")
    form = CheckoutForm(request.POST or None, initial=_known(request))
    if request.method == "POST" and form.is_valid():
        order = place(request, cart, form)
        return redirect("shop:order_placed", key=order.pk)
    return render(request, "shop/checkout.html", {"cart": cart, "form": form})


@require_GET
@never_cache
def order_placed(request: HttpRequest, key) -> HttpResponse:
    return render(request, "shop/order_placed.html", {"order": get_object_or_404(Order, pk=key)})


@transaction.atomic
def place(request: HttpRequest, cart: PricedCart, form: CheckoutForm) -> Order:
    order = form.save(commit=False)
    order.customer = request.user if request.user.is_authenticated else None
    company = company_of(request)
    order.company_code = company.code if company else ""
    order.currency, order.total = cart.currency, cart.total.amount
    order.save()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            sku=line.offer.article.sku,
            name=line.offer.article.name,
            quantity=line.quantity,
            unit=line.offer.product.unit,
            amount=line.amount.amount,
        )
        for line in cart.lines
    )
    carts.clear(request)
    return order


def _known(request: HttpRequest) -> dict[str, str]:
    if request.punchout:
        by, company = request.punchout.requester, request.punchout.company
        return {"company": company, "name": by.name, "email": by.email}
    if not request.user.is_authenticated:
        return {}
    return {"name": request.user.get_full_name(), "email": request.user.email}
