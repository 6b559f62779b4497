"""Returned carts, as they went home."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn, TitleColumn

from wagtail_punchout.admin_ui.exchanges import readable
from wagtail_punchout.admin_ui.listing import (
    WIDE,
    BranchFilter,
    CustomerFilter,
    ListView,
    PeriodFilterSet,
    ReadOnlyViewSet,
)
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.scoped import ScopedThroughConnections
from wagtail_punchout.admin_ui.sections import Document, Facts, Rows, Section, SectionsView, linked
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
    def get_sections(self) -> list[Section]:
        quote = self.object
        details = self.facts("details", gettext("Details"), ["customer", "session", "created_at"])
        outcome = [(gettext("Outcome"), outcome_of(quote)), (gettext("Total without tax and freight"), total_of(quote))]
        document = readable(quote.document) if may_read(self.request.user, quote) else ""
        return [
            Facts("details", gettext("Details"), [*outcome, *details.rows]),
            lines_of(quote),
            Document("document", gettext("Document"), document),
        ]


def may_read(user: Any, quote: Quote) -> bool:
    """The document itself names the connection that the cart went through."""
    return can(user, "view", Exchange) and can(user, "view", quote.customer)


def outcome_of(quote: Quote) -> str:
    return gettext("cancelled") if quote.is_cancel else gettext("returned")


def total_of(quote: Quote) -> str:
    return money(quote.total, quote.currency)


def money(amount: Decimal | None, currency: str, *, exact: bool = False) -> str:
    """In the manner of the reader's language; ``exact`` keeps every digit a unit price has."""
    if amount is None:
        return ""
    locale = to_locale(get_language() or "en")
    if not currency:
        return format_decimal(amount, locale=locale)
    keep_digits = exact and amount != round(amount, 2)
    return format_currency(amount, currency, locale=locale, decimal_quantization=not keep_digits)


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


quotes = QuoteViewSet()
