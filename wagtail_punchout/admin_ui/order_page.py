"""One purchase order: what is to be decided, what is ordered, how it compares, and all that happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.history import LogEntryUserColumn
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.models import ModelLogEntry

from wagtail_punchout.admin_ui.amounts import money
from wagtail_punchout.admin_ui.exchanges import exchanges_of
from wagtail_punchout.admin_ui.history import Reader
from wagtail_punchout.admin_ui.order_actions import stamp
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Facts, Rows, Section, SectionsView, linked, url_of
from wagtail_punchout.flows import decide
from wagtail_punchout.flows.answer_order import CONFIRMATION, INVOICE, SHIP_NOTICE, obstacle
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import OrderAttachment, OrderLine, PurchaseOrder, Reason
from wagtail_punchout.models.outbox import WorkState
from wagtail_punchout.protocol.comparison import AGAINST_QUOTE, TODAY, Cause, Difference
from wagtail_punchout.protocol.cxml.party import Address, Contact

LINES_A_PAGE = 100

#: What can be done, in the order of the buttons: the name of its page, its label, whether it can be done, its weight.
ACTIONS = (
    ("accept", _("Accept"), decide.can_accept),
    ("hold", _("Hold"), decide.can_hold),
    ("refuse", _("Refuse"), decide.can_refuse),
    ("again", _("Hand over again"), decide.can_hand_over_again),
    ("cancel", _("Cancel in the shop"), decide.can_cancel_in_shop),
    ("look", _("Looked at"), decide.can_look_at),
)
ANSWERS = (
    ("confirm", _("Confirm to the buyer"), CONFIRMATION),
    ("ship", _("Send a ship notice"), SHIP_NOTICE),
    ("invoice", _("Send an invoice"), INVOICE),
)
EXPORTS = (("csv", "CSV"), ("json", "JSON"), ("ubl", "UBL"), ("cxml", "cXML"))


class Attention(Section):
    """Why somebody should look at the order, and what can be done."""

    template_name = "wagtail_punchout/admin/sections/attention.html"

    def __init__(self, order: PurchaseOrder, buttons: list[Button]) -> None:
        super().__init__("attention", gettext("What is to be done"))
        self.order, self.buttons = order, buttons
        self.reasons = [reason_of(each) for each in order.reasons]

    def __bool__(self) -> bool:
        return bool(self.reasons or self.buttons or self.order.is_test)


class OrderInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        order = self.object
        return [
            Attention(order, self._actions()),
            Facts("order", gettext("Order"), self._head()),
            self._lines(),
            *addresses(order, self.request.user),
            people(order),
            Facts("terms", gettext("Terms of the order"), terms_of(order.header)),
            accounting(self._page.object_list),
            attachments(order, self.request.user),
            self._answers(),
            versions(order, self.request.user),
            *exchanges_of(order, self.request),
            timeline(order, self.request.user),
        ]

    @cached_property
    def header_more_buttons(self) -> list:
        return [
            HeaderButton(
                label=gettext("Export as %(format)s") % {"format": label},
                url=reverse("punchout_order_downloads:export", args=[self.object.pk, name]),
                icon_name="download",
            )
            for name, label in EXPORTS
        ]

    def get_page_subtitle(self) -> str:
        return self.object.number

    def _actions(self) -> list[Button]:
        order = self.object
        if not can(self.request.user, "act", order):
            return []
        buttons = [
            Button(
                label,
                url=f"{reverse('punchout_orders:action', args=[order.pk, name])}?{urlencode({'seen': stamp(order)})}",
                classname="button button-small" if name == "accept" else SMALL_BUTTON,
            )
            for name, label, is_possible in ACTIONS
            if is_possible(order)
        ]
        buttons += [
            Button(label, url=reverse("punchout_orders:answer", args=[order.pk, name]), classname=SMALL_BUTTON)
            for name, label, kind in ANSWERS
            if not obstacle(order, kind)
        ]
        return buttons

    def _head(self) -> list[tuple[str, Any]]:
        order, user = self.object, self.request.user
        shop = format_html('<a href="{}">{}</a>', order.shop_url, order.shop_number) if order.shop_url else ""
        total = gettext("%(total)s without tax and freight") % {"total": money(order.total, order.currency)}
        names = ["state", "mode", "company", "routed_by", "customer", "buyer", "version", "ordered_at"]
        later = ["requested_delivery", "order_type", "requisition", "created_at", "handed_over_at", "acknowledged_at"]
        return [
            (gettext("Order number"), order.number),
            *(self.fact(each) for each in names),
            (gettext("Total"), total if order.total is not None else ""),
            (gettext("Number in the shop"), shop or order.shop_number),
            *(self.fact(each) for each in later),
            (gettext("Number in the ERP"), order.erp_number),
            *((gettext("Returned cart"), linked(each, user)) for each in quotes_of(order)),
        ]

    @cached_property
    def _page(self) -> Any:
        lines = self.object.lines.select_related("quote_line")
        return Paginator(lines, LINES_A_PAGE).get_page(self.request.GET.get("lines"))

    def _lines(self) -> Rows:
        columns = [
            Column("number", label=_("Line")),
            Column("sku", label=_("Part number")),
            Column("description", label=_("Description")),
            Column("quantity", label=_("Quantity"), accessor=_quantity, classname="punchout-number"),
            Column("then", label=_("Returned cart"), accessor=_price_then, classname="punchout-number"),
            Column("price", label=_("Order"), accessor=_price, classname="punchout-number"),
            Column("amount", label=_("Amount"), accessor=_amount, classname="punchout-number"),
            Column("differences", label=_("Differences"), accessor=_differences),
        ]
        page = self._page
        more = None
        if page.paginator.num_pages > 1:
            number = page.next_page_number() if page.has_next() else 1
            label = gettext("Lines %(first)s to %(last)s of %(all)s: the next ones") % {
                "first": page.start_index(),
                "last": page.end_index(),
                "all": page.paginator.count,
            }
            more = (f"?lines={number}#lines", label)
        empty = gettext("The order was cancelled before it came: it has no lines.")
        return Rows("lines", gettext("Lines"), columns, page.object_list, empty=empty, more=more)

    def _answers(self) -> Rows:
        columns = [
            TitleColumn(
                "kind", label=_("Document"), accessor=str, get_url=lambda each: url_of(each, self.request.user)
            ),
            Column("event", label=_("Says")),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda each: each.state == WorkState.DONE,
            ),
            DateColumn("created_at", label=_("Time")),
        ]
        deliveries = self.object.deliveries.order_by("pk").defer("body", "answer")
        return Rows("answers", gettext("Sent to the buyer and to ERPs"), columns, deliveries)


def reason_of(reason: Mapping[str, Any]) -> str:
    """In words, with what the shop or a person has said."""
    code = reason.get("code", "")
    words = str(dict(Reason.choices).get(code, code))
    return f"{words} {reason['said']}" if reason.get("said") else words


def quotes_of(order: PurchaseOrder) -> list[Any]:
    """The returned carts it was made from."""
    from wagtail_punchout.models import Quote

    quotes = Quote.objects.filter(lines__order_lines__order=order).select_related("session__company").distinct()
    return list(quotes.defer("document", "cart")[:5])


def addresses(order: PurchaseOrder, user: Any) -> Iterator[Facts]:
    """As the buyer's system wrote them; the delivery address with the entry of the book that it has chosen."""
    entry = [(gettext("In the address book"), linked(order.address, user))] if order.address else []
    for name, heading, stored, more in (
        ("ship-to", gettext("Ship to"), order.ship_to, entry),
        ("bill-to", gettext("Bill to"), order.bill_to, []),
    ):
        if stored or more:
            written = address_rows(Address.from_dict(stored)) if stored else []
            yield Facts(name, heading, [*written, *more])


def address_rows(address: Address) -> list[tuple[str, Any]]:
    place = " ".join(filter(None, [address.postal_code, address.city, address.state]))
    written = [address.name, *address.deliver_to, *address.street, place, address.country or address.country_code]
    return [
        (gettext("Address ID"), address.address_id),
        (gettext("Address"), format_html_join("", "{}<br>", ((each,) for each in written if each))),
        (gettext("E-mail"), address.email),
        (gettext("Phone"), address.phone),
    ]


def people(order: PurchaseOrder) -> Rows:
    columns = [
        Column("role", label=_("Role")),
        Column("name", label=_("Name")),
        Column("email", label=_("E-mail")),
        Column("phone", label=_("Phone")),
    ]
    contacts = [Contact(**each) for each in order.header.get("contacts", ())]
    return Rows("contacts", gettext("Contacts"), columns, contacts)


def terms_of(header: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Payment, freight, tax, delivery, comments and extrinsics of the header."""
    payment, shipping, tax = header.get("payment"), header.get("shipping"), header.get("tax")
    if payment:
        card = gettext("card ending in %(digits)s") % {"digits": payment["card_last_four"]}
        yield gettext("Payment"), card if payment["card_last_four"] else payment["kind"]
    for term in header.get("terms", ()):
        discount = f", {term['discount_percent']} %" if term["discount_percent"] else ""
        yield gettext("Payment term"), gettext("%(days)s days") % {"days": term["days"]} + discount
    for label, charge in ((gettext("Freight"), shipping), (gettext("Tax"), tax)):
        if charge:
            yield label, " ".join(filter(None, [_told_money(charge["amount"]), charge["description"]]))
    yield from carriage_of(header)
    delivery = header.get("terms_of_delivery")
    if delivery:
        parts = [delivery["code"], delivery["payment_method"], delivery["transport_terms"]]
        yield gettext("Terms of delivery"), ", ".join(filter(None, parts))
    for comment in header.get("comments", ()):
        yield gettext("Comment"), comment["text"]
    for name, value in header.get("control_keys", ()):
        yield name, value
    for name, value in header.get("extrinsics", ()):
        yield name, value
    unread = header.get("unread")
    if unread:
        yield gettext("Also in the document"), ", ".join(unread)


def carriage_of(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who carries it and how, as the buyer wants it for an order or a line."""
    for domain, name in said.get("carriers", ()):
        yield gettext("Carrier"), f"{name} ({domain})" if domain else name
    for each in said.get("transports", ()):
        parts = [each["method"], each["means"], each["contract_number"], each["instructions"]]
        yield gettext("Transport"), ", ".join(filter(None, parts))


def accounting(lines: Iterable[OrderLine]) -> Rows:
    """Everything a line says beside its goods: accounting, its own address and dates, comments, extrinsics."""
    columns = [
        Column("line", label=_("Line")),
        Column("what", label=_("Subject")),
        Column("said", label=_("Says")),
    ]
    rows = [
        {"line": line.number, "what": what, "said": said}
        for line in lines
        for what, said in _line_facts(line.data)
        if said
    ]
    return Rows("line-facts", gettext("More about the lines"), columns, rows)


def _line_facts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if data.get("requested_delivery"):
        yield gettext("Wanted by"), data["requested_delivery"][:10]
    if data.get("requested_shipment"):
        yield gettext("To be sent on"), data["requested_shipment"][:10]
    if data.get("confirmation_due"):
        yield gettext("To be confirmed by"), data["confirmation_due"][:10]
    if data.get("is_return"):
        yield gettext("Return"), data.get("return_authorization") or gettext("Yes")
    for each in data.get("distributions", ()):
        segments = ", ".join(f"{one['type']} {one['id']}" for one in each["segments"])
        yield gettext("Accounting"), " ".join(filter(None, [segments, _told_money(each["charge"])]))
    if data.get("ship_to"):
        address = Address.from_dict(data["ship_to"])
        yield gettext("Ship to"), ", ".join(filter(None, [address.address_id, address.name, address.city]))
    yield from carriage_of(data)
    blanket = data.get("blanket") or {}
    for label, amount, quantity in (
        (gettext("At most"), "most_amount", "most_quantity"),
        (gettext("At least"), "least_amount", "least_quantity"),
    ):
        limits = _told_money(blanket.get(amount)), _told_number(blanket.get(quantity))
        yield label, " · ".join(filter(None, limits))
    for each in data.get("schedule", ()):
        yield gettext("Schedule"), f"{each['quantity']} {(each['requested_delivery'] or '')[:10]}"
    for each in data.get("comments", ()):
        yield gettext("Comment"), each["text"]
    detail = data.get("detail") or blanket
    yield from detail.get("extrinsics", ())
    yield from data.get("own_extrinsics", ())


def attachments(order: PurchaseOrder, user: Any) -> Rows:
    may_read = can(user, "view", OrderAttachment)

    def url(attachment: OrderAttachment) -> str | None:
        if not attachment.file or not may_read:
            return None
        return reverse("punchout_order_downloads:attachment", args=[attachment.pk])

    columns = [
        TitleColumn("name", label=_("Attachment"), accessor=str, get_url=url),
        Column("media_type", label=_("Type")),
        Column("size", label=_("Bytes"), classname="punchout-number"),
        Column("line_number", label=_("Line")),
        Column("problem", label=_("Problem")),
    ]
    return Rows("attachments", gettext("Attachments"), columns, order.attachments.all())


def versions(order: PurchaseOrder, user: Any) -> Rows:
    columns = [
        Column("version", label=_("Version")),
        Column("action", label=_("What for"), accessor="get_action_display"),
        Column("verdict", label=_("Verdict"), accessor="get_verdict_display"),
        Column("status", label=_("Status")),
        DateColumn("received_at", label=_("Received")),
    ]
    return Rows("versions", gettext("What the buyer's system sent"), columns, order.documents.defer("answer"))


def timeline(order: PurchaseOrder, user: Any) -> Rows:
    entries = list(ModelLogEntry.objects.for_instance(order).select_related("user").order_by("timestamp", "pk"))
    reader = Reader(user, entries)
    columns = [
        DateColumn("timestamp", label=_("Time")),
        Column("message", label=_("What happened"), accessor=reader.told),
        LogEntryUserColumn("user", label=_("User")),
    ]
    return Rows("timeline", gettext("Course of events"), columns, entries)


def _number(value: Decimal) -> str:
    return format_decimal(value, locale=to_locale(get_language() or "en"), decimal_quantization=False)


def _quantity(line: OrderLine) -> str:
    return f"{_number(line.quantity)} {line.unit}".strip()


def _price(line: OrderLine) -> str:
    return money(line.unit_price, line.currency, exact=True)


def _amount(line: OrderLine) -> str:
    return money(line.amount, line.currency)


def _price_then(line: OrderLine) -> str:
    quoted = line.quote_line
    return money(quoted.unit_price, quoted.currency, exact=True) if quoted else "–"


def _differences(line: OrderLine) -> SafeString:
    """Each with its cause; those of today say so."""
    found = [Difference.from_json(each) for each in line.differences if each.get("code") in set(Cause)]
    rows = ((_weight(each.cause), translated(each.sentence)) for each in found)
    return format_html_join("", '<p class="punchout-difference {}">{}</p>', rows)


def _weight(cause: Cause) -> str:
    return "serious" if cause in AGAINST_QUOTE | TODAY else "light"


def _told_money(data: Mapping[str, str] | None) -> str:
    return money(Decimal(data["amount"]), data["currency"]) if data else ""


def _told_number(text: str | None) -> str:
    return _number(Decimal(text)) if text else ""


def _when(moment: Any) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
