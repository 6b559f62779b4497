"""Returned carts, as they went home."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from babel.numbers import format_decimal
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from wagtail_punchout.admin_ui.amounts import money
from wagtail_punchout.admin_ui.document_page import as_file
from wagtail_punchout.admin_ui.document_words import readable
from wagtail_punchout.admin_ui.form_fields import document_section
from wagtail_punchout.admin_ui.listing import (
    WIDE,
    BranchFilter,
    CustomerFilter,
    ListView,
    PeriodFilterSet,
    ReadOnlyViewSet,
)
from wagtail_punchout.admin_ui.orders import orders_from
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.scoped import InScopeOnly, ScopedThroughConnections
from wagtail_punchout.admin_ui.sections import Facts, Rows, Section, SectionsView, linked
from wagtail_punchout.models import Exchange, Quote, QuoteLine


class QuoteFilterSet(PeriodFilterSet):
    customer = CustomerFilter()
    branch = BranchFilter("session__company")

    class Meta:
        model = Quote
        fields = ["is_cancel", "currency"]


class QuoteList(ScopedThroughConnections, ListView):
    related = ("session__company", "customer")
    word_lookups = ("session__company__search_text__contains",)
    plain_lookups = ("lines__sku__icontains",)
    empty_advice = _("A cart appears here as soon as a shopper has returned it to the procurement system.")

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().defer("document", "cart")

    @cached_property
    def no_results_message(self) -> str:
        # Wagtail's sentence declines nothing, and an adjective in the name needs it.
        if self.is_searching or self.is_filtering:
            return gettext("No returned carts match your query.")
        return gettext("There are no returned carts to display.")

    def search_queryset(self, queryset: Any) -> Any:
        found = super().search_queryset(queryset)
        return found.distinct() if self.is_searching else found

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column_class(TitleColumn)(
                "company",
                label=_("Company"),
                accessor="session.company",
                sort_key="session__company__name",
                get_url=self.get_inspect_url,
            ),
            StatusTagColumn(
                "outcome",
                label=_("Outcome"),
                accessor=outcome_of,
                primary=lambda each: not each.is_cancel,
                sort_key="is_cancel",
            ),
            NumberColumn("line_count", label=_("Lines"), sort_key="line_count", classname=WIDE),
            Column("total", label=_("Total"), accessor=total_of, sort_key="total"),
            DateColumn("created_at", label=_("Returned"), sort_key="created_at"),
        ]


class QuoteInspect(SectionsView):
    @cached_property
    def header_more_buttons(self) -> list:
        if not may_read(self.request.user, self.object):
            return []
        url = reverse("punchout_quotes:download", args=[self.object.pk])
        return [HeaderButton(label=gettext("Download"), url=url, icon_name="download")]

    def get_sections(self) -> list[Section]:
        quote = self.object
        details = self.facts("details", gettext("Details"), ["customer", "session", "created_at"])
        outcome = [(gettext("Outcome"), outcome_of(quote)), (gettext("Total without tax and freight"), total_of(quote))]
        document = quote.document if may_read(self.request.user, quote) else ""
        return [
            Facts("details", gettext("Details"), [*outcome, *details.rows]),
            lines_of(quote),
            *orders_from(quote, self.request),
            document_section("document", gettext("Document"), document, readable(document)),
        ]


class DownloadCart(InScopeOnly, View):
    """The very document that the browser carried."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        quote = self.within(Quote, pk)
        if not may_read(request.user, quote):
            raise PermissionDenied
        return as_file(quote.document, f"cart-{timezone.localtime(quote.created_at):%Y-%m-%d-%H%M%S}-{pk}")


def may_read(user: Any, quote: Quote) -> bool:
    """The document itself names the connection that the cart went through."""
    return can(user, "view", Exchange) and can(user, "view", quote.customer)


def outcome_of(quote: Quote) -> str:
    return gettext("cancelled") if quote.is_cancel else gettext("returned")


def total_of(quote: Quote) -> str:
    return money(quote.total, quote.currency)


def quantity_of(line: QuoteLine) -> str:
    number = format_decimal(line.quantity, locale=to_locale(get_language() or "en"), decimal_quantization=False)
    return f"{number} {line.unit}"


def lines_of(quote: Quote) -> Rows:
    columns = [
        Column("position", label=_("Line")),
        Column("sku", label=_("Part number")),
        Column("description", label=_("Description")),
        Column("quantity", label=_("Quantity"), accessor=quantity_of, classname="punchout-number"),
        Column(
            "unit_price",
            label=_("Unit price"),
            accessor=lambda line: money(line.unit_price, line.currency, exact=True),
            classname="punchout-number",
        ),
        Column(
            "amount",
            label=_("Amount"),
            accessor=lambda line: money(line.unit_price * line.quantity, line.currency),
            classname="punchout-number",
        ),
    ]
    empty = gettext("The shopper went back without a cart.") if quote.is_cancel else gettext("The cart was empty.")
    return Rows("lines", gettext("Lines"), columns, quote.lines.all(), empty=empty)


def quote_of(session: Any, request: Any) -> list[Section]:
    """What a visit took home, in a few words."""
    quote = Quote.objects.filter(session=session).defer("document").first()
    if quote is None:
        return []
    rows = [
        (gettext("Returned cart"), linked(quote, request.user)),
        (gettext("Outcome"), outcome_of(quote)),
        (gettext("Lines"), str(quote.line_count)),
        (gettext("Total"), total_of(quote)),
    ]
    return [Facts("cart", gettext("Returned cart"), rows)]


class QuoteViewSet(ReadOnlyViewSet):
    model = Quote
    name = "punchout_quotes"
    url_prefix = "punchout/carts"
    menu_label = _("Returned carts")
    icon = "punchout-cart"
    index_view_class = QuoteList
    inspect_view_class = QuoteInspect
    filterset_class = QuoteFilterSet
    ordering = "-created_at"
    list_export = [
        "created_at",
        "session.company.name",
        "session.company.code",
        "customer.name",
        "customer.sender_identity",
        "line_count",
        "total",
        "currency",
        "is_cancel",
    ]
    export_headings = {
        "session.company.name": _("Company"),
        "session.company.code": _("Company code"),
        "customer.name": _("Customer"),
        "customer.sender_identity": _("Sender identity"),
    }
    export_filename = "returned-carts"

    def get_urlpatterns(self) -> list:
        return [*super().get_urlpatterns(), path("download/<int:pk>/", DownloadCart.as_view(), name="download")]


quotes = QuoteViewSet()
