"""Going to a shop: for new goods, to change a draft, or to look at it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer.forms import RequestForm
from demo_site.buyer.leaving import hook_url_for, visit_shop
from demo_site.buyer.models import Connection, Requisition, Visit, Window


@require_POST
def request_shop(request: HttpRequest, pk: int) -> HttpResponse:
    """*Request from …*: opens a basket and asks the shop in."""
    connection = get_object_or_404(Connection, pk=pk)
    form = RequestForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    requisition = Requisition.objects.create(connection=connection)
    visit = visit_shop(
        requisition,
        operation="create",
        window=given.get("window") or connection.window,
        hook_url=hook_url_for(request, requisition),
        part_number=given.get("part_number", ""),
    )
    return _enter(visit)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """*Edit* or *inspect*: the lines travel back to the shop, under the same hook URL."""
    requisition = get_object_or_404(Requisition.objects.select_related("connection"), pk=pk)
    form = RequestForm(request.POST)
    visit = visit_shop(
        requisition,
        operation="inspect" if request.POST.get("operation") == "inspect" else "edit",
        window=form.cleaned_data["window"] if form.is_valid() else requisition.connection.window,
        hook_url=hook_url_for(request, requisition),
        lines=[line.as_item_out() for line in requisition.lines.all()],
    )
    return _enter(visit)


@require_safe
def visit_detail(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_object_or_404(Visit.objects.select_related("requisition__connection"), pk=pk)
    return render(request, "buyer/visit.html", {"visit": visit, "section": "suppliers"})


@require_safe
def visit_frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The shop inside our own page. Once the visit is over a reload must not open it again."""
    visit = get_object_or_404(Visit.objects.select_related("requisition__connection"), pk=pk)
    if not visit.is_open:
        return redirect(visit)
    return render(request, "buyer/frame.html", {"visit": visit})


def _enter(visit: Visit) -> HttpResponse:
    if not visit.is_open:
        return redirect(visit)
    if visit.window == Window.FRAME:
        return redirect("frame", pk=visit.pk)
    return redirect(visit.start_url)
