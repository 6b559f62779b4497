"""Requisitions on their way through our own house: submitted, decided about, taken back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer import approving
from demo_site.buyer.acting import acting, to_approve, to_order
from demo_site.buyer.models import Requisition
from demo_site.buyer.people_forms import DecisionForm
from demo_site.buyer.views.requisitions import requisition_page


@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for whoever sits at the screen."""
    person = acting(request)
    columns = ("connection", "requester", "location")
    context = {
        "to_approve": to_approve(person).select_related(*columns) if person else [],
        "to_order": to_order(person).select_related(*columns) if person else [],
        "section": "approvals",
    }
    return render(request, "buyer/approvals.html", context)


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _requisition(pk)
    said = _("%(number)s waits for approval.") % {"number": draft.number}
    return _moved(request, draft, said, lambda: approving.submit(draft, acting(request)))


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _requisition(pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return requisition_page(request, draft, decision=form)
    is_approved = form.cleaned_data["is_approved"] == "yes"
    said = _("%(number)s is approved.") if is_approved else _("%(number)s is declined.")
    reason = form.cleaned_data["reason"]
    return _moved(
        request,
        draft,
        said % {"number": draft.number},
        lambda: approving.decide(draft, acting(request), is_approved=is_approved, reason=reason),
    )


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _requisition(pk)
    said = _("%(number)s is a draft again.") % {"number": draft.number}
    return _moved(request, draft, said, lambda: approving.take_back(draft, acting(request)))


def _requisition(pk: int) -> Requisition:
    return get_object_or_404(Requisition.objects.select_related("connection", "order"), pk=pk)


def _moved(request: HttpRequest, draft: Requisition, said: str, move: Callable[[], None]) -> HttpResponse:
    try:
        move()
    except approving.NotAllowed as sentence:
        messages.error(request, str(sentence))
    else:
        messages.success(request, said)
    return redirect(draft)
