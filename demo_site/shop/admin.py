"""Orders in the shop's own admin. What staff do here, buyers' systems hear of."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from demo_site.shop.models import Order, OrderState
from demo_site.shop.templatetags.shop_tags import money
from wagtail_punchout.flows.answer_order import OrderNotAnswerable, confirm_order, notify_shipment, send_invoice
from wagtail_punchout.models import PurchaseOrder

TAX_PERCENT = Decimal(19)

#: What can be done with an order in each state: the button, the state after it, and what the buyer hears.
STEPS = {
    OrderState.NEW: ("confirm", gettext_lazy("Confirm"), OrderState.CONFIRMED),
    OrderState.CONFIRMED: ("ship", gettext_lazy("Ship"), OrderState.SHIPPED),
    OrderState.SHIPPED: ("invoice", gettext_lazy("Invoice"), OrderState.INVOICED),
}


def purchase_order_of(order: Order) -> PurchaseOrder | None:
    return PurchaseOrder.objects.filter(key=order.punchout_key).first() if order.punchout_key else None


def tell_buyer(order: Order) -> str:
    """What the buyer's system is told of the new state; for orders of ordinary customers nobody is."""
    purchase_order = purchase_order_of(order)
    if purchase_order is None:
        return ""
    now = timezone.now()
    try:
        if order.state == OrderState.CONFIRMED:
            confirm_order(purchase_order, at=now)
        elif order.state == OrderState.SHIPPED:
            tracking = f"KP{order.number[3:]}"
            notify_shipment(purchase_order, at=now, carrier="Kite Post", tracking_numbers=[tracking])
        else:
            send_invoice(purchase_order, at=now, tax_percent=TAX_PERCENT)
    except OrderNotAnswerable as obstacle:
        return str(obstacle)
    return _("The buyer's system is told.")


@require_POST
@permission_required("shop.change_order")
def take_step(request: HttpRequest, pk: str, step: str) -> HttpResponse:
    with transaction.atomic():
        # Two who press the same button are one step.
        order = get_object_or_404(Order.objects.select_for_update(), pk=pk)
        name, _label, after = STEPS.get(order.state, ("", "", ""))
        is_next = step == name
        if is_next:
            order.state = after
            order.save(update_fields=["state"])
    if is_next:
        messages.success(request, f"{order.number}: {order.get_state_display()}. {tell_buyer(order)}".strip())
    else:
        messages.error(request, _("%(number)s is %(state)s already.") % _facts(order))
    return redirect("shop_orders:inspect", order.pk)


def _facts(order: Order) -> dict[str, str]:
    return {"number": order.number, "state": order.get_state_display()}


class OrderInspect(InspectView):
    template_name = "shop/admin/order.html"

    def get_context_data(self, **kwargs: object) -> dict:
        step = STEPS.get(self.object.state)
        action = (
            {"label": step[1], "url": reverse("shop_orders:step", args=[self.object.pk, step[0]])} if step else None
        )
        return super().get_context_data(
            step=action,
            lines=self.object.lines.all(),
            order=self.object,
            purchase_order=purchase_order_of(self.object),
            **kwargs,
        )


class OrderViewSet(ModelViewSet):
    model = Order
    menu_label = gettext_lazy("Shop orders")
    icon = "list-ul"
    add_to_admin_menu = True
    menu_order = 260
    ordering = "-placed_at"
    search_fields = ["company", "name", "reference"]
    search_backend_name = None
    list_filter = ["state"]
    inspect_view_enabled = True
    inspect_view_class = OrderInspect
    copy_view_enabled = False
    exclude_form_fields = ["placed_at", "punchout_key", "punchout_version", "customer"]

    @property
    def list_display(self) -> list:
        return [
            TitleColumn("number", label=gettext_lazy("Number"), url_name="shop_orders:inspect"),
            Column("company", label=gettext_lazy("Company")),
            Column("reference", label=gettext_lazy("Reference")),
            Column("total", label=gettext_lazy("Total"), accessor=lambda order: money(order.money)),
            StatusTagColumn("state", label=gettext_lazy("State"), accessor="get_state_display"),
            DateColumn("placed_at", label=gettext_lazy("Placed")),
        ]

    def get_urlpatterns(self) -> list:
        return [*super().get_urlpatterns(), path("<uuid:pk>/<str:step>/", take_step, name="step")]
