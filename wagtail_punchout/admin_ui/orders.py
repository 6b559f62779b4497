"""Purchase orders: the list, and what everybody should see at a glance."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.amounts import money
from wagtail_punchout.admin_ui.listing import (
    WIDE,
    BranchFilter,
    CustomerFilter,
    ListView,
    PeriodFilterSet,
    ReadOnlyViewSet,
    TestColumn,
)
from wagtail_punchout.admin_ui.order_page import EXPORTS, OrderInspect
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.scoped import ScopedThroughConnections
from wagtail_punchout.admin_ui.sections import Rows, Section, url_of
from wagtail_punchout.models import Company, OrderState, PurchaseOrder

SHOWN = 20
#: States in which nothing is left to be done here.
CALM = (OrderState.ACCEPTED, OrderState.HANDED_OVER)


class OrderFilterSet(PeriodFilterSet):
    customer = CustomerFilter()
    branch = BranchFilter()

    class Meta:
        model = PurchaseOrder
        fields = ["state", "mode", "needs_person", "differs"]


class OrderList(ScopedThroughConnections, ListView):
    related = ("company", "customer")
    word_lookups = ("company__search_text__contains",)
    plain_lookups = ("number__icontains", "shop_number__icontains", "erp_number__icontains", "lines__sku__iexact")
    empty_advice = _(
        "An order appears here as soon as a buyer's system has sent one. The address for it is in a customer's "
        "Developer fields."
    )

    def get_base_queryset(self) -> QuerySet:
        # All that a header says may be long.
        return super().get_base_queryset().defer("header", "parties", "ship_to", "bill_to")

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().search_queryset(queryset)
        return found.distinct() if self.is_searching else found

    @cached_property
    def header_more_buttons(self) -> list:
        """The table of orders, and below it the orders themselves, as the list is searched and filtered."""
        query = self.request.GET.urlencode()
        whole = [
            Button(
                gettext("Orders with all lines, %(format)s") % {"format": label},
                url=f"{reverse('punchout_order_downloads:together', args=[name])}?{query}",
                icon_name="download",
                priority=200 + number,
            )
            for number, (name, label) in enumerate(EXPORTS)
        ]
        return [*super().header_more_buttons, *whole]

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("number"),
            Column("company", label=_("Company"), accessor="company", sort_key="company__name"),
            *order_columns(),
            NumberColumn("line_count", label=_("Lines"), sort_key="line_count", classname=WIDE),
            Column("total", label=_("Total"), accessor=total_of, sort_key="total"),
            Column("shop_number", label=_("Number in the shop"), classname=WIDE),
            DateColumn("created_at", label=_("Received"), sort_key="created_at"),
        ]


def order_columns() -> list[BaseColumn]:
    """What lists of orders say of each, wherever they stand."""
    return [
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda each: each.state in CALM,
            sort_key="state",
        ),
        Column("attention", label=_("Attention"), accessor=attention_of),
        TestColumn(),
    ]


def attention_of(order: PurchaseOrder) -> str:
    if order.needs_person:
        return gettext("needs a person")
    return gettext("differs") if order.differs else ""


def total_of(order: PurchaseOrder) -> str:
    return money(order.total, order.currency)


def orders_table(orders: QuerySet, user: Any, *, empty: str, more: tuple[str, str] | None = None) -> Rows:
    columns = [
        TitleColumn("number", label=_("Order"), get_url=lambda each: url_of(each, user)),
        StatusTagColumn(
            "state", label=_("State"), accessor="get_state_display", primary=lambda each: each.state in CALM
        ),
        Column("attention", label=_("Attention"), accessor=attention_of),
        Column("get_mode_display", label=_("Mode")),
        Column("total", label=_("Total"), accessor=total_of, classname="punchout-number"),
        Column("created_at", label=_("Received"), accessor=_when),
    ]
    shown = visible(orders.select_related("company"), user).order_by("-created_at")[:SHOWN]
    return Rows("orders", gettext("Purchase orders"), columns, shown, empty=empty, more=more if shown else None)


def orders_at(company: Company, request: Any) -> list[Section]:
    """For the company's page."""
    empty = gettext("No purchase order has come from here yet.")
    more = f"{reverse('punchout_orders:index')}?{urlencode({'branch': company.code})}"
    return [orders_table(company.orders.all(), request.user, empty=empty, more=(more, gettext("All purchase orders")))]


def orders_of(customer: Any, request: Any) -> list[Section]:
    """For the customer's page."""
    empty = gettext("No purchase order has come through this connection yet.")
    query = urlencode({"customer": customer.sender_identity})
    more = f"{reverse('punchout_orders:index')}?{query}"
    return [orders_table(customer.orders.all(), request.user, empty=empty, more=(more, gettext("All purchase orders")))]


def orders_from(quote: Any, request: Any) -> list[Section]:
    """The orders that were made of one returned cart."""
    orders = PurchaseOrder.objects.filter(lines__quote_line__quote=quote).distinct()
    return [orders_table(orders, request.user, empty="")] if quote else []


def _when(order: PurchaseOrder) -> str:
    return date_format(localtime(order.created_at), "SHORT_DATETIME_FORMAT")


class OrderViewSet(ReadOnlyViewSet):
    model = PurchaseOrder
    name = "punchout_orders"
    url_prefix = "punchout/orders"
    menu_label = _("Purchase orders")
    icon = "list-ul"
    index_view_class = OrderList
    inspect_view_class = OrderInspect
    filterset_class = OrderFilterSet
    ordering = "-created_at"
    list_export = [
        "created_at",
        "number",
        "version",
        "company.name",
        "company.code",
        "customer.name",
        "buyer",
        "get_mode_display",
        "get_state_display",
        "needs_person",
        "differs",
        "line_count",
        "total",
        "currency",
        "shop_number",
        "erp_number",
    ]
    export_headings = {
        "company.name": _("Company"),
        "company.code": _("Company code"),
        "customer.name": _("Customer"),
        "get_mode_display": _("Mode"),
        "get_state_display": _("State"),
    }
    export_filename = "purchase-orders"

    def get_urlpatterns(self) -> list:
        from wagtail_punchout.admin_ui.order_actions import urlpatterns

        return [*super().get_urlpatterns(), *urlpatterns]


orders = OrderViewSet()
