"""Draft requisitions: what came home from the shops."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer.models import Outcome, Requisition, Visit, Window


@require_safe
def requisition_list(request: HttpRequest) -> HttpResponse:
    drafts = (
        Requisition.objects.filter(filled_at__isnull=False)
        .select_related("connection")
        .annotate(line_count=Count("lines"))
        .order_by("-filled_at")
    )
    return render(request, "buyer/requisitions.html", {"drafts": drafts, "section": "requisitions"})


@require_safe
def requisition(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(Requisition.objects.select_related("connection"), pk=pk)
    visits = list(draft.visits.all())
    context = {
        "draft": draft,
        "lines": draft.lines.all(),
        "visits": visits,
        "last": next((each for each in visits if each.outcome == Outcome.RETURNED), None),
        "arrived": _arrived(visits, request.GET.get("visit", "")),
        "windows": sorted(Window, key=lambda each: each != draft.connection.window),
        "section": "requisitions",
    }
    return render(request, "buyer/requisition.html", context)


@require_POST
def requisition_delete(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(Requisition, pk=pk)
    number = draft.number
    draft.delete()
    messages.success(request, _("%(number)s was deleted.") % {"number": number})
    return redirect("requisitions")


def _arrived(visits: list[Visit], wanted: str) -> Visit | None:
    """The visit that the browser has just come home from; the hook's page put it into the address."""
    return next((each for each in visits if str(each.pk) == wanted), None)
