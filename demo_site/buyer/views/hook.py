"""Where carts come home. The shop's page posts here, so neither our session nor a CSRF token can be expected."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from demo_site.buyer import arriving, arriving_oci
from demo_site.buyer.arriving import AlreadyHome, NotOurs
from demo_site.buyer.leaving import hook_url_for
from demo_site.buyer.models import Requisition, Visit, Window
from wagtail_punchout.testing.documents import STRUCK_OUT, Unreadable, read_return_form, without_secrets


@csrf_exempt
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Read the cart and send the browser on to the requisition: in this tab, past the frame, or in the first window."""
    requisition = get_object_or_404(Requisition.objects.select_related("connection"), key=key)
    # By OCI a cart may come by GET too; then the address names a visit.
    if request.method != "POST" and "visit" not in request.GET:
        return redirect(destination(requisition))
    try:
        if requisition.connection.is_oci:
            visit = _take_form_home(request, requisition)
        else:
            visit = arriving.take_home(requisition, read_return_form(request.POST.dict()))
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


def _take_form_home(request: HttpRequest, requisition: Requisition) -> Visit:
    """OCI: the bytes as they came, because only the connection says in which charset they have to be read."""
    sent = (request.META.get("QUERY_STRING", ""), request.body)
    return arriving_oci.take_home(requisition, sent, lambda key: hook_url_for(request, requisition, key))


def destination(requisition: Requisition, visit: Visit | None = None) -> str:
    """A basket that never held anything is not worth a page; then the supplier's says what happened."""
    is_draft = Requisition.objects.filter(pk=requisition.pk, filled_at__isnull=False).exists()
    if is_draft:
        url = reverse("requisition", args=[requisition.pk])
    else:
        url = reverse("supplier", args=[requisition.connection_id])
    return f"{url}?visit={visit.pk}" if visit else url


def _refuse(request: HttpRequest, requisition: Requisition, reason: str, sentence: str = "") -> HttpResponse:
    if requisition.connection.is_oci:
        sent = f"{request.META.get('QUERY_STRING', '')}\n{request.body.decode('latin-1')}"
        document = sent.replace("&", "\n").replace(requisition.connection.secret, STRUCK_OUT)
    else:
        document = next(iter(request.POST.values()), "") if request.POST else ""
    context = {
        "requisition": requisition,
        "reason": reason,
        "sentence": sentence,
        "document": without_secrets(document)[:100_000],
        "url": destination(requisition),
    }
    return render(request, "buyer/hook_refused.html", context, status=400)
