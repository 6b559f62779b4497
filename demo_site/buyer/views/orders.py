"""Purchase orders: what was approved, and what the supplier has said to it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from demo_site.buyer.acting import acting
from demo_site.buyer.forms import ApproveForm
from demo_site.buyer.models import Announcement, Dispatch, PurchaseOrder, Requisition
from demo_site.buyer.models.orders import is_given_back
from demo_site.buyer.ordering import OrderedAlready, order_of, send, send_again
from demo_site.buyer.views.requisitions import requisition_page

MOST = Decimal(10) ** 6


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    orders = PurchaseOrder.objects.select_related("connection").prefetch_related("dispatches", "announcements")
    return render(request, "buyer/orders.html", {"orders": orders, "section": "orders"})


@require_safe
def order(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(PurchaseOrder.objects.select_related("connection", "requester", "purchaser"), pk=pk)
    said = list(found.announcements.all())
    context = {
        "order": found,
        "supplier": found.connection,
        "lines": [
            {**each, "unit_price": Decimal(each["price"]), "said": _said(said, each["line_number"])}
            for each in found.lines
        ],
        "dispatches": found.dispatches.all(),
        "announcements": said,
        "section": "orders",
    }
    return render(request, "buyer/order.html", context)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(Requisition.objects.select_related("connection", "order", "location"), pk=pk)
    person = acting(request, draft.connection.company)
    form = ApproveForm(draft, request.POST, request.FILES, purchaser=person)
    if draft.is_ordered:
        return _ordered_already(request, draft)
    if draft.connection.needs_approval and not (person and person.may_purchase):
        messages.error(request, _("Only a purchaser of %(company)s orders.") % {"company": draft.connection.company})
        return redirect(draft)
    if draft.connection.is_oci or not draft.may_order or not draft.lines.exists():
        messages.error(request, _("%(number)s cannot be ordered.") % {"number": draft.number})
        return redirect(draft)
    if not form.is_valid():
        return requisition_page(request, draft, form=form)
    given = {name: form.cleaned_data[name] for name in ("comment", "cost_center", "requested_on")}
    try:
        made = order_of(form.requisitions, ship_to=form.ship_to, purchaser=person, **given)
    except OrderedAlready:
        # Pressed twice, or another's order was faster.
        return _ordered_already(request, draft)
    return _sent(request, send(made, "new", attachments=form.attachments))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(PurchaseOrder, pk=pk)
    if not found.may_change:
        messages.error(request, _("%(number)s is cancelled.") % {"number": found.number})
        return redirect(found)
    lines = []
    for line in found.lines:
        quantity = _quantity(request.POST.get(f"quantity-{line['line_number']}", ""))
        if quantity is None:
            messages.error(request, _("Line %(number)s needs a quantity.") % {"number": line["line_number"]})
            return redirect(found)
        # Without its heading a part of a bundle is nothing.
        if quantity and line["parent_line_number"] in {0, *(each["line_number"] for each in lines)}:
            lines.append({**line, "quantity": f"{quantity.normalize():f}"})
    if not lines:
        messages.error(request, _("An order without lines is cancelled, not changed."))
        return redirect(found)
    if lines == found.lines:
        messages.error(request, _("Nothing was changed."))
        return redirect(found)
    found.lines, found.version = lines, found.version + 1
    found.save()
    return _sent(request, send(found, "update"))


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(PurchaseOrder, pk=pk)
    if not found.is_cancelled:
        found.version += 1
    dispatch = send(found, "delete")
    if dispatch.was_taken:
        found.is_cancelled = True
        found.save()
    return _sent(request, dispatch)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel it in our own books alone. The supplier hears nothing of that, and goes on."""
    found = get_object_or_404(PurchaseOrder, pk=pk)
    found.is_withdrawn = True
    found.save(update_fields=["is_withdrawn"])
    messages.success(request, _("%(number)s is cancelled here. The supplier was not told.") % {"number": found.number})
    return redirect(found)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest document once more, under the same payloadID: as after an answer that was lost."""
    last = get_object_or_404(PurchaseOrder, pk=pk).dispatches.first()
    return _sent(request, send_again(last))


def _ordered_already(request: HttpRequest, draft: Requisition) -> HttpResponse:
    messages.error(request, _("%(number)s has been ordered already.") % {"number": draft.number})
    return redirect(draft)


def _sent(request: HttpRequest, dispatch: Dispatch) -> HttpResponse:
    add = messages.success if dispatch.was_taken else messages.error
    add(request, _("The supplier answers: %(verdict)s") % {"verdict": dispatch.verdict})
    return redirect(dispatch.order)


def _quantity(text: str) -> Decimal | None:
    try:
        quantity = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return quantity if quantity.is_finite() and 0 <= quantity <= MOST else None


#: How the pages put it, and in which colour.
WORDS = {
    "accept": (gettext_lazy("accepted"), "good"),
    "detail": (gettext_lazy("accepted, changed"), "open"),
    "reject": (gettext_lazy("rejected"), "bad"),
    "backordered": (gettext_lazy("later"), "open"),
    "shipped": (gettext_lazy("shipped"), "good"),
    "invoiced": (gettext_lazy("invoiced"), "calm"),
    "given back": (gettext_lazy("given back"), "open"),
}


def _said(announcements: list[Announcement], number: int) -> list[dict]:
    """What has been said of one line, the latest confirmation and all that came after."""
    confirmations = [each for each in announcements if each.kind == "ConfirmationRequest"]
    current = [*confirmations[-1:], *(each for each in announcements if each.kind != "ConfirmationRequest")]
    said = []
    for each in current:
        named = [line for line in each.lines if line["number"] == number]
        if each.kind == "ConfirmationRequest" and not named:
            named = [{"what": "reject" if each.says == "reject" else "accept"}]
        elif each.kind == "ShipNoticeRequest" and not each.lines:
            named = [{"what": "shipped"}]
        for line in named:
            if is_given_back(line):
                line = {**line, "what": "given back", "quantity": line["quantity"][1:]}
            word, tone = WORDS.get(line["what"], (line["what"], "calm"))
            said.append({**line, "what": word, "tone": tone})
    return said
