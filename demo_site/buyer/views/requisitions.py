"""Draft requisitions: what came home from the shops."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer.acting import acting
from demo_site.buyer.forms import ApproveForm
from demo_site.buyer.models import Outcome, Person, Requisition, Visit, Window
from demo_site.buyer.people_forms import DecisionForm


@require_safe
def requisition_list(request: HttpRequest) -> HttpResponse:
    drafts = (
        Requisition.objects.filter(filled_at__isnull=False)
        .select_related("connection", "requester")
        .annotate(line_count=Count("lines"))
        .order_by("-filled_at")
    )
    return render(request, "buyer/requisitions.html", {"drafts": drafts, "section": "requisitions"})


@require_safe
def requisition(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(Requisition.objects.select_related("connection", "order"), pk=pk)
    return requisition_page(request, draft)


def requisition_page(
    request: HttpRequest, draft: Requisition, form: ApproveForm | None = None, decision: DecisionForm | None = None
) -> HttpResponse:
    visits = list(draft.visits.all())
    company = draft.connection.company
    context = {
        "draft": draft,
        "lines": draft.lines.all(),
        "form": form or ApproveForm(draft),
        "decision": decision or DecisionForm(),
        # Of this company, or nobody: others have no say here.
        "you": acting(request, company),
        "approvers": Person.objects.filter(company=company, may_approve=True).exclude(pk=draft.requester_id),
        "purchasers": Person.objects.filter(company=company, may_purchase=True),
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
    if not draft.is_open:
        return redirect(draft)
    number = draft.number
    draft.delete()
    messages.success(request, _("%(number)s was deleted.") % {"number": number})
    return redirect("requisitions")


def _arrived(visits: list[Visit], wanted: str) -> Visit | None:
    """The visit that the browser has just come home from; the hook's page put it into the address."""
    return next((each for each in visits if str(each.pk) == wanted), None)
