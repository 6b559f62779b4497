"""Asking a shop without going there: what it offers, and what something costs today."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from demo_site.buyer.acting import acting, begin
from demo_site.buyer.arriving_oci import add_lines, add_up, read_again
from demo_site.buyer.calling import check_price, search
from demo_site.buyer.forms import HitForm, SearchForm
from demo_site.buyer.leaving import hook_url_for
from demo_site.buyer.models import Connection, Line, Requisition, Visit


@require_POST
def search_shop(request: HttpRequest, pk: int) -> HttpResponse:
    """BACKGROUND_SEARCH: for a new requisition, or for one that is there."""
    connection = get_object_or_404(Connection.objects.exclude(format="cxml"), pk=pk)
    form = SearchForm(request.POST)
    is_valid = form.is_valid()
    requisition = connection.requisitions.filter(pk=form.cleaned_data.get("requisition")).first()
    if not is_valid:
        messages.error(request, _("Please say what to search for."))
        return redirect(requisition or connection)
    if requisition and not requisition.is_open:
        return _closed(request, requisition)
    if requisition is None:
        person = acting(request, connection.company)
        requisition = begin(connection, person, form.cleaned_data["location"])
    visit, cart = search(requisition, form.cleaned_data["words"], hook_url_for(request, requisition, "search"))
    return redirect(visit) if cart is None else redirect("hits", pk=visit.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def hits(request: HttpRequest, pk: int) -> HttpResponse:
    """What a search has found; a POST takes one hit into the requisition."""
    visit = get_object_or_404(Visit.objects.select_related("requisition__connection"), pk=pk, operation="search")
    cart = read_again(visit)
    if request.method == "POST" and not visit.requisition.is_open:
        return _closed(request, visit.requisition)
    if request.method == "POST":
        form = HitForm(request.POST)
        line = _hit(cart, form.cleaned_data["hit"]) if form.is_valid() else None
        if line is None:
            messages.error(request, _("Please give a quantity above zero."))
        else:
            add_lines(visit.requisition, cart, [line], form.cleaned_data["quantity"])
            said = {"article": line.description or line.sku, "number": visit.requisition.number}
            messages.success(request, _("“%(article)s” was added to %(number)s.") % said)
        return redirect("hits", pk=pk)
    context = {"visit": visit, "cart": cart, "draft": visit.requisition, "section": "suppliers"}
    return render(request, "buyer/hits.html", context)


@require_POST
def check_line(request: HttpRequest, pk: int) -> HttpResponse:
    """VALIDATE for one line of a requisition."""
    line = get_object_or_404(Line.objects.select_related("requisition__connection").exclude(product_id=""), pk=pk)
    if not line.requisition.is_open:
        return _closed(request, line.requisition)
    visit = check_price(line, hook_url_for(request, line.requisition, "check"))
    if visit.was_refused:
        said = {"shop": line.requisition.connection.shop, "sentence": visit.verdict}
        messages.error(request, _("%(shop)s did not answer: %(sentence)s") % said)
    else:
        add_up(line.requisition)
    return redirect(f"{line.requisition.get_absolute_url()}#line-{line.position}")


def _closed(request: HttpRequest, requisition: Requisition) -> HttpResponse:
    said = {"number": requisition.number, "state": requisition.get_state_display()}
    messages.error(request, _("%(number)s may not be changed now: %(state)s.") % said)
    return redirect(requisition)


def _hit(cart, index: int):
    return next((line for line in cart.lines if line.index == index), None)
