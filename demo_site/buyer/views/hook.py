"""Where carts come home. The shop's page posts here, so neither our session nor a CSRF token can be expected."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from demo_site.buyer.arriving import AlreadyHome, NotOurs, take_home
from demo_site.buyer.models import Requisition, Visit, Window
from wagtail_punchout.testing.documents import Unreadable, read_return_form, without_secrets


@csrf_exempt
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Read the cart and send the browser on to the requisition: in this tab, past the frame, or in the first window."""
    requisition = get_object_or_404(Requisition.objects.select_related("connection"), key=key)
    if request.method != "POST":
        return redirect(destination(requisition))
    try:
        visit = take_home(requisition, read_return_form(request.POST.dict()))
    except Unreadable as error:
        return _refuse(request, requisition, "unreadable", str(error))
    except NotOurs:
        return _refuse(request, requisition, "not_ours")
    except AlreadyHome:
        return _refuse(request, requisition, "already_home")
    url = destination(requisition, visit)
    if visit.window == Window.SAME:
        return redirect(url)
    return render(request, "buyer/hook.html", {"visit": visit, "url": url})


def destination(requisition: Requisition, visit: Visit | None = None) -> str:
    """A basket that never held anything is not worth a page; then the supplier's says what happened."""
    is_draft = Requisition.objects.filter(pk=requisition.pk, filled_at__isnull=False).exists()
    if is_draft:
        url = reverse("requisition", args=[requisition.pk])
    else:
        url = reverse("supplier", args=[requisition.connection_id])
    return f"{url}?visit={visit.pk}" if visit else url


def _refuse(request: HttpRequest, requisition: Requisition, reason: str, sentence: str = "") -> HttpResponse:
    document = next(iter(request.POST.values()), "") if request.POST else ""
    context = {
        "requisition": requisition,
        "reason": reason,
        "sentence": sentence,
        "document": without_secrets(document)[:100_000],
        "url": destination(requisition),
    }
    return render(request, "buyer/hook_refused.html", context, status=400)
