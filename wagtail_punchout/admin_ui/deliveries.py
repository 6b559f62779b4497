"""Deliveries: what is on its way to buyers' systems and ERPs, how it went, and what to do when it did not."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.document_words import readable
from wagtail_punchout.admin_ui.listing import WIDE, CustomerFilter, ListView, PeriodFilterSet, ReadOnlyViewSet
from wagtail_punchout.admin_ui.order_answers import CreditView
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Document, Facts, Rows, Section, SectionsView
from wagtail_punchout.flows import outbox
from wagtail_punchout.flows.answer_order import credit_obstacle
from wagtail_punchout.flows.order_documents import OrderNotAnswerable, send_again
from wagtail_punchout.models import Delivery, Exchange
from wagtail_punchout.models.outbox import WorkState


class DeliveryFilterSet(PeriodFilterSet):
    customer = CustomerFilter()

    class Meta:
        model = Delivery
        fields = ["state", "kind"]


class DeliveryList(ListView):
    related = ("order",)
    word_lookups = ()
    plain_lookups = ("number__icontains", "order__number__icontains", "kind__icontains", "url__icontains")
    empty_advice = _("Confirmations, ship notices, invoices and webhooks appear here as soon as one is to be sent.")

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().defer("body", "answer")

    def get_overview(self) -> str:
        failed = visible(Delivery.objects.filter(state=WorkState.FAILED), self.request.user).count()
        if not failed or self.is_searching or self.is_filtering:
            return ""
        return ngettext(
            "%(count)d document or webhook could not be delivered, and nobody tries any more.",
            "%(count)d documents and webhooks could not be delivered, and nobody tries any more.",
            failed,
        ) % {"count": failed}

    def get_context_data(self, **kwargs: Any) -> dict:
        overview_url = f"{self.index_url}?state={WorkState.FAILED.value}"
        return super().get_context_data(overview=self.get_overview(), overview_url=overview_url, **kwargs)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("kind", accessor=str),
            state_column(),
            mode_column(),
            Column("order", label=_("Order"), accessor="order", sort_key="order__number"),
            Column("to", label=_("Sent to"), accessor=host_of, classname=WIDE),
            NumberColumn("attempts", label=_("Attempts"), sort_key="attempts", classname=WIDE),
            Column("last_error", label=_("Last error"), classname=WIDE),
            DateColumn("due_at", label=_("Due"), accessor=due_of, sort_key="due_at", classname=WIDE),
            DateColumn("created_at", label=_("Queued"), sort_key="created_at"),
        ]


class Doing(Section):
    """What can be done with a delivery: at once, or on a page of its own."""

    template_name = "wagtail_punchout/admin/sections/doing.html"

    def __init__(self, delivery: Delivery) -> None:
        super().__init__("doing", gettext("What can be done"))
        self.actions = [
            (reverse("punchout_deliveries:do", args=[delivery.pk, name]), label)
            for name, (label, states) in DOINGS.items()
            if delivery.state in states
        ]
        self.buttons = []
        if not credit_obstacle(delivery):
            url = reverse("punchout_deliveries:credit", args=[delivery.pk])
            self.buttons.append(Button(gettext("Send a credit note"), url=url, classname=SMALL_BUTTON))

    def __bool__(self) -> bool:
        return bool(self.actions or self.buttons)

    def get_context_data(self, parent_context: Any) -> dict:
        return super().get_context_data(parent_context) | {"csrf_token": parent_context["csrf_token"]}


class DeliveryInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        delivery = self.object
        course = ["state", "attempts", "last_error", "http_status", "answer_status"]
        course.append("finished_at" if delivery.is_over else "due_at")
        about = ["kind", "event", "number", "order", "customer", "client", "url", "payload_id", "created_at"]
        mode = delivery.order.get_mode_display() if delivery.order else None
        columns = [
            DateColumn("at", label=_("Time")),
            Column("http_status", label=_("HTTP status")),
            Column("status", label=_("Status")),
            Column("sentence", label=_("Answer in words")),
            NumberColumn("milliseconds", label=_("Milliseconds")),
        ]
        may_read = can(self.request.user, "view", Exchange)
        return [
            *([Doing(delivery)] if can(self.request.user, "act", delivery) else []),
            self.facts("course", gettext("Course"), course),
            Facts("about", gettext("About"), [(gettext("Mode"), mode), *map(self.fact, about)]),
            Rows("attempts", gettext("Attempts"), columns, delivery.attempt_log.all(), empty=gettext("None yet.")),
            Document("document", gettext("Document"), readable(delivery.body) if may_read else ""),
            Document("answer", gettext("Answer"), readable(delivery.answer) if may_read else ""),
        ]

    def get_page_subtitle(self) -> str:
        return str(self.object)


#: What can be done in which states. What is under way is left alone, and what has arrived is done.
DOINGS = {
    "retry": (_("Try again now"), (WorkState.WAITING, WorkState.FAILED, WorkState.STOPPED)),
    "stop": (_("Stop"), (WorkState.WAITING,)),
}


class DoView(InScopeOnly, View):
    """POST only; asked twice, it is done once."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        delivery = self.within(Delivery, pk, "act")
        if name not in DOINGS:
            raise Http404
        _label, states = DOINGS[name]
        do, said = {
            "retry": (send_again, gettext("It will be tried in a moment, under the same payload ID.")),
            "stop": (outbox.call_off, gettext("It will not be sent.")),
        }[name]
        back = HttpResponseRedirect(reverse("punchout_deliveries:inspect", args=[pk]))
        try:
            is_done = delivery.state in states and do(delivery, at=timezone.now())
        except OrderNotAnswerable as obstacle:
            messages.error(request, str(obstacle))
            return back
        if is_done:
            messages.success(request, said)
            if delivery.order:
                facts = {"document": str(delivery)}
                log(delivery.order, f"wagtail_punchout.delivery_{name}", user=request.user, data=facts)
        else:
            delivery.refresh_from_db(fields=["state"])
            messages.warning(
                request, gettext("It is %(state)s: that cannot be done now.") % {"state": delivery.get_state_display()}
            )
        return back


def due_of(delivery: Delivery) -> datetime | None:
    return None if delivery.is_over else delivery.due_at


def state_column() -> StatusTagColumn:
    """What was given up leaps to the eye."""
    return StatusTagColumn(
        "state",
        label=_("State"),
        accessor="get_state_display",
        primary=lambda each: each.state != WorkState.FAILED,
        sort_key="state",
    )


def mode_column() -> StatusTagColumn:
    """A webhook to a test client leaps to the eye; production is the normal case."""
    return StatusTagColumn(
        "mode",
        label=_("Mode"),
        accessor=lambda each: each.order.get_mode_display() if each.order else "",
        primary=lambda each: not (each.order and each.order.is_test),
        sort_key="order__mode",
    )


def host_of(delivery: Delivery) -> str:
    """Not the customer's name: by routing that may be another company's, which is then not told."""
    return urlsplit(delivery.url).netloc


class DeliveryViewSet(ReadOnlyViewSet):
    model = Delivery
    name = "punchout_deliveries"
    url_prefix = "punchout/deliveries"
    menu_label = _("Deliveries")
    icon = "mail"
    index_view_class = DeliveryList
    inspect_view_class = DeliveryInspect
    filterset_class = DeliveryFilterSet
    ordering = "-created_at"
    list_export = ["created_at", "kind", "number", "order.number", "url", "get_state_display", "attempts", "last_error"]
    export_headings = {"order.number": _("Order"), "get_state_display": _("State")}
    export_filename = "deliveries"

    def get_urlpatterns(self) -> list:
        own = [
            path("<int:pk>/credit/", CreditView.as_view(), name="credit"),
            path("<int:pk>/<str:name>/", DoView.as_view(), name="do"),
        ]
        return [*super().get_urlpatterns(), *own]


deliveries = DeliveryViewSet()
