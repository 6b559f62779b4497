"""The suppliers: whom we may buy from, and on what terms their shop lets us in."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer.acting import acting
from demo_site.buyer.calling import test_call
from demo_site.buyer.forms import ConnectionForm
from demo_site.buyer.leaving import test_connection
from demo_site.buyer.models import Connection, Location, Visit, Window

RECENT = 10


@require_safe
def supplier_list(request: HttpRequest) -> HttpResponse:
    drafts = Count("requisitions", filter=Q(requisitions__filled_at__isnull=False))
    suppliers = Connection.objects.annotate(drafts=drafts).order_by("company", "name", "mode")
    return render(request, "buyer/suppliers.html", {"suppliers": suppliers, "section": "suppliers"})


@require_safe
def supplier(request: HttpRequest, pk: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=pk)
    visits = Visit.objects.filter(requisition__connection=connection).select_related("requisition")
    context = {
        "supplier": connection,
        "visits": visits[:RECENT],
        "windows": sorted(Window, key=lambda each: each != connection.window),
        "arrived": visits.filter(pk=request.GET.get("visit")).first() if _is_number(request.GET.get("visit")) else None,
        "you": acting(request, connection.company),
        "locations": Location.objects.filter(company=connection.company),
        "section": "suppliers",
    }
    return render(request, "buyer/supplier.html", context)


def supplier_settings(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=pk) if pk else None
    form = ConnectionForm(request.POST or None, instance=connection)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("The settings were saved."))
        return redirect(saved)
    context = {"form": form, "supplier": connection, "section": "suppliers"}
    return render(request, "buyer/supplier_settings.html", context)


@require_POST
def supplier_delete(request: HttpRequest, pk: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=pk)
    connection.delete()
    messages.success(request, _("“%(name)s” was deleted.") % {"name": connection.name})
    return redirect("home")


@require_POST
def supplier_test(request: HttpRequest, pk: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=pk)
    if connection.is_oci:
        reply = None
        page, failure, milliseconds = test_call(connection)
    else:
        page = None
        reply, failure, milliseconds = test_connection(connection)
    context = {
        "supplier": connection,
        "reply": reply,
        "page": page,
        "failure": failure,
        "milliseconds": milliseconds,
        "section": "suppliers",
    }
    return render(request, "buyer/supplier_test.html", context)


def _is_number(text: str | None) -> bool:
    return bool(text) and text.isascii() and text.isdigit() and len(text) < 18
