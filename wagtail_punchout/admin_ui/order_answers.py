"""Confirmations, ship notices, invoices and credit notes by hand, where the shop does not send them by itself."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_punchout.admin_ui.amounts import money
from wagtail_punchout.admin_ui.document_words import readable
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.order_answer_forms import ConfirmForm, CreditForm, InvoiceForm, LinesForm, ShipForm
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import Document, Facts, Section
from wagtail_punchout.flows.answer_order import OrderNotAnswerable, credit_obstacle, obstacle, rehearse
from wagtail_punchout.models import Delivery, PurchaseOrder

ANSWERS: dict[str, tuple[Any, type[LinesForm]]] = {
    "confirm": (_("Confirm to the buyer"), ConfirmForm),
    "ship": (_("Send a ship notice"), ShipForm),
    "invoice": (_("Send an invoice"), InvoiceForm),
}


class AnswerView(InScopeOnly, WagtailAdminTemplateMixin, TemplateView):
    """The form; ``preview`` shows the document first, and ``reject`` fills a confirmation with noes."""

    template_name = "wagtail_punchout/admin/order_answer.html"
    header_icon = "mail"

    @cached_property
    def order(self) -> PurchaseOrder:
        return self.within(PurchaseOrder, self.kwargs["pk"], "act")

    @cached_property
    def form(self) -> LinesForm:
        if self.kwargs["name"] not in ANSWERS:
            raise Http404
        data = self.request.POST if self.request.method == "POST" else None
        return ANSWERS[self.kwargs["name"]][1](data, order=self.order)

    @property
    def back(self) -> str:
        return reverse("punchout_orders:inspect", args=[self.order.pk])

    def get_obstacle(self) -> str:
        return obstacle(self.order, self.form.kind)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.turned_away() or super().get(request, *args, **kwargs)

    def turned_away(self) -> HttpResponse | None:
        """Back, with the reason, where no such document can be sent at all."""
        problem = self.get_obstacle()
        if not problem:
            return None
        messages.warning(self.request, problem)
        return HttpResponseRedirect(self.back)

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Locked before the form is read: of one form posted twice, the second sees what the first has sent.
        PurchaseOrder.objects.select_for_update().get(pk=self.order.pk)
        if "reject" in request.POST and isinstance(self.form, ConfirmForm):
            self.form = self.form.rejecting()
            return self._again()
        if not self.form.is_valid():
            return self._again()
        send = partial(self.form.send, by=request.user, at=timezone.now())
        try:
            if "preview" in request.POST:
                return self._again(preview=sections_of(rehearse(send)))
            delivery = send()
        except OrderNotAnswerable as problem:
            self.form.add_error(None, str(problem))
            return self._again()
        messages.success(request, gettext("%(document)s is on its way.") % {"document": delivery})
        return HttpResponseRedirect(self.back)

    def _again(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context))

    def get_page_title(self) -> str:
        return str(ANSWERS[self.kwargs["name"]][0])

    def get_page_subtitle(self) -> str:
        return self.order.number

    def get_way_here(self) -> list[tuple[str, str]]:
        return [(reverse("punchout_orders:index"), gettext("Purchase orders")), (self.back, self.order.number)]

    def get_breadcrumbs_items(self) -> list[dict]:
        here = [*self.get_way_here(), ("", self.get_page_title())]
        return [*super().get_breadcrumbs_items(), *({"url": url, "label": label} for url, label in here)]

    def _heading(self, name: str, label: Any) -> str:
        return f"{label} ({self.order.currency})" if name == "price" and self.order.currency else str(label)

    def get_context_data(self, **kwargs: Any) -> dict:
        return super().get_context_data(
            form=self.form,
            rows=list(self.form.rows()),
            columns=[self._heading(name, label) for name, label in self.form.columns],
            known=self.form.known,
            others=self.form.others(),
            can_reject=isinstance(self.form, ConfirmForm) and bool(self.form.lines),
            back=self.back,
            heading=f"{self.get_page_title()}: {self.get_page_subtitle()}",
            media=self.form.media + STYLES,
            **kwargs,
        )


class CreditView(AnswerView):
    """Give back what was invoiced, or a part of it: from the page of the invoice, and back to it."""

    @cached_property
    def invoice(self) -> Delivery:
        return self.within(Delivery, self.kwargs["pk"], "act")

    @cached_property
    def order(self) -> PurchaseOrder:
        return self.invoice.order

    @cached_property
    def form(self) -> LinesForm:
        return CreditForm(self.request.POST if self.request.method == "POST" else None, sent=self.invoice)

    @property
    def back(self) -> str:
        return reverse("punchout_deliveries:inspect", args=[self.invoice.pk])

    def get_obstacle(self) -> str:
        return credit_obstacle(self.invoice)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.turned_away() or super().post(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return gettext("Send a credit note")

    def get_page_subtitle(self) -> str:
        return self.invoice.number

    def get_way_here(self) -> list[tuple[str, str]]:
        return [(reverse("punchout_deliveries:index"), gettext("Deliveries")), (self.back, str(self.invoice))]


def sections_of(delivery: Delivery) -> list[Section]:
    """What would be sent, in figures and as it is."""
    said = delivery.data
    sums = [("net", _("Without tax")), ("tax", _("Tax")), ("total", _("To be paid"))]
    figures = [(gettext("Document"), str(delivery)), (gettext("Address"), delivery.url)]
    figures += [(label, money(Decimal(said[name]), said["currency"])) for name, label in sums if name in said]
    return [
        Facts("figures", gettext("Not sent yet"), figures),
        Document("document", gettext("Document"), readable(delivery.body)),
    ]
