"""Going to a shop: for new goods, to change a draft, or to look at something again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer.acting import acting, begin
from demo_site.buyer.calling import call_of, note_call, open_call
from demo_site.buyer.forms import RequestForm
from demo_site.buyer.leaving import hook_url_for, visit_shop
from demo_site.buyer.models import Connection, Line, Method, Requisition, Visit, Window
from wagtail_punchout.testing.documents.oci_call import call_url


@require_POST
def request_shop(request: HttpRequest, pk: int) -> HttpResponse:
    """*Request from …*: opens a basket and asks the shop in."""
    connection = get_object_or_404(Connection, pk=pk)
    form = RequestForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    person = acting(request, connection.company)
    requisition = begin(connection, person, given.get("location"))
    if connection.is_oci:
        return _enter(_call_for_goods(requisition, given))
    visit = visit_shop(
        requisition,
        operation="create",
        window=given.get("window") or connection.window,
        hook_url=hook_url_for(request, requisition),
        part_number=given.get("part_number", ""),
        person=person,
    )
    return _enter(visit)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """*Edit* or *inspect*: the lines travel back to the shop, under the same hook URL. By OCI: for more goods."""
    requisition = get_object_or_404(Requisition.objects.select_related("connection"), pk=pk)
    form = RequestForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    operation = "inspect" if request.POST.get("operation") == "inspect" else "edit"
    if not requisition.is_open and (operation == "edit" or requisition.connection.is_oci):
        return redirect(requisition)
    if requisition.connection.is_oci:
        return _enter(_call_for_goods(requisition, given))
    visit = visit_shop(
        requisition,
        operation=operation,
        window=given.get("window") or requisition.connection.window,
        hook_url=hook_url_for(request, requisition),
        lines=[line.as_item_out() for line in requisition.lines.all()],
        person=acting(request, requisition.connection.company),
    )
    return _enter(visit)


@require_POST
def show_article(request: HttpRequest, pk: int) -> HttpResponse:
    """DETAIL: the article's page in the shop, for somebody who has to approve it."""
    line = get_object_or_404(Line.objects.select_related("requisition__connection").exclude(product_id=""), pk=pk)
    form = RequestForm(request.POST)
    window = form.cleaned_data["window"] if form.is_valid() else line.requisition.connection.window
    wish = {"function": "DETAIL", "product_id": line.product_id}
    return _enter(open_call(line.requisition, operation="detail", window=window, **wish))


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


@never_cache  # the page holds the password
@require_safe
def visit_call(request: HttpRequest, pk: int) -> HttpResponse:
    """The call-up itself: on to the shop's address, or a page with a form that posts itself there."""
    visit = get_object_or_404(Visit.objects.select_related("requisition__connection"), pk=pk)
    connection = visit.requisition.connection
    if not visit.is_open or not connection.is_oci:
        return redirect(visit)
    hook_url = hook_url_for(request, visit.requisition, visit.buyer_cookie)
    pairs = call_of(visit, hook_url, acting(request, connection.company))
    note_call(visit, pairs)
    if connection.method == Method.GET:
        return redirect(call_url(connection.as_oci_settings(), pairs))
    return render(request, "buyer/call.html", {"visit": visit, "supplier": connection, "pairs": pairs})


def _call_for_goods(requisition: Requisition, given: dict) -> Visit:
    window, words = given.get("window") or requisition.connection.window, given.get("words", "")
    if words:
        return open_call(requisition, operation="sourcing", window=window, function="SOURCING", search=words)
    return open_call(requisition, operation="create", window=window)


def _enter(visit: Visit) -> HttpResponse:
    if not visit.is_open:
        return redirect(visit)
    if visit.window == Window.FRAME:
        return redirect("frame", pk=visit.pk)
    return redirect(visit.start_url)
