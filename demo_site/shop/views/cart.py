"""The cart. Every form is an ordinary one that answers with a redirect; htmx gets just the parts that changed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from demo_site.shop import carts, offers
from demo_site.shop.formats import number
from demo_site.shop.forms import AddForm, QuantityForm
from demo_site.shop.models import Article, CartLine


@require_GET
@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/cart.html", {"cart": carts.priced(request)})


@require_POST
def cart_add(request: HttpRequest) -> HttpResponse:
    form = AddForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please enter a quantity as a number."))
        return _added(request)
    article = get_object_or_404(Article.objects.select_related("product"), sku=form.cleaned_data["sku"])
    [offer] = offers.for_articles([article], offers.pricing_for(request))
    if not offer.is_buyable:
        messages.error(request, _("%(name)s cannot be bought at the moment.") % {"name": article.name})
        return _added(request)
    quantity = article.product.orderable(form.cleaned_data["quantity"] or article.product.min_quantity)
    carts.cart_of(request).add(article, quantity)
    sentence = _("%(quantity)s × %(name)s added to your cart.")
    messages.success(request, sentence % {"quantity": number(quantity), "name": article.name}, extra_tags="cart")
    return _added(request)


@require_POST
def cart_change(request: HttpRequest, line_id: int) -> HttpResponse:
    line = _line(request, line_id)
    form = QuantityForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please enter a quantity as a number."))
    elif not form.cleaned_data["quantity"]:
        line.delete()
    else:
        wanted, product = form.cleaned_data["quantity"], line.article.product
        line.quantity = product.orderable(wanted)
        line.save(update_fields=["quantity"])
        if line.quantity != wanted:
            messages.info(
                request,
                _("%(name)s is sold in steps of %(step)s, from %(least)s on.")
                % {
                    "name": line.article.name,
                    "step": number(product.quantity_step),
                    "least": number(product.min_quantity),
                },
            )
    return _changed(request)


@require_POST
def cart_remove(request: HttpRequest, line_id: int) -> HttpResponse:
    _line(request, line_id).delete()
    return _changed(request)


def _line(request: HttpRequest, line_id: int) -> CartLine:
    return get_object_or_404(carts.lines_of(request).select_related("article__product"), pk=line_id)


def _added(request: HttpRequest) -> HttpResponse:
    if request.htmx:
        return render(request, "shop/fragments/added.html")
    return redirect(_where_they_came_from(request))


def _changed(request: HttpRequest) -> HttpResponse:
    if request.htmx:
        return render(request, "shop/fragments/cart_changed.html", {"cart": carts.priced(request)})
    return redirect("shop:cart")


def _where_they_came_from(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else "shop:cart"
