"""What staff say of an order to its buyer, line by line: confirmation, ship notice, invoice, and what is given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from wagtail_punchout.flows.answer_order import (
    CONFIRMATION,
    INVOICE,
    SHIP_NOTICE,
    confirm_order,
    credit_invoice,
    left_to,
    left_to_credit,
    notify_shipment,
    send_invoice,
)
from wagtail_punchout.models import Delivery, OrderLine, OrderState, PurchaseOrder
from wagtail_punchout.protocol.fulfilment import ConfirmationKind, LineState, StateKind
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import line_from

#: Lines that can be told apart in one form; of more only all together are answered here.
MOST_LINES = 200


class LinesForm(forms.Form):
    """Quantities line by line.

    ``columns`` are the fields of a line with their labels; ``known`` heads the quantity that is known of it.
    """

    columns: tuple[tuple[str, Any], ...] = (("quantity", _("Quantity")),)
    known: Any = _("Ordered")
    kind = ""

    def __init__(self, *args: Any, order: PurchaseOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.lines = self.all_lines()
        if len(self.lines) > MOST_LINES:
            self.lines = []
        for line in self.lines:
            for name, label in self.columns:
                field = self.field_for(name, line)
                field.label = gettext("Line %(number)s: %(label)s") % {"number": line.number, "label": label}
                self.fields[f"{name}_{line.number}"] = field

    def all_lines(self) -> Sequence[Any]:
        """What can be told apart, or one line more than that."""
        return list(self.order.lines.all()[: MOST_LINES + 1])

    def field_for(self, name: str, line: Any) -> forms.Field:
        left = self.left.get(line.number, Decimal(0))
        return quantity_field(left, most=left)

    @cached_property
    def left(self) -> dict[int, Decimal]:
        return left_to(self.order, self.kind)

    @cached_property
    def newest(self) -> int:
        """The last document of this kind. A form that was opened before it may be the one that it came from."""
        return self.order.deliveries.filter(kind=self.kind).aggregate(last=Max("pk"))["last"] or 0

    def clean(self) -> dict[str, Any]:
        if self.data.get("newest", "0") != str(self.newest):
            self.add_error(
                None,
                gettext(
                    "Since this page was opened, another document of this kind has been sent. Nothing has been sent"
                    " now: look whether this is still to be said."
                ),
            )
        return super().clean()

    def rows(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        for line in self.lines:
            yield line, [self[f"{name}_{line.number}"] for name, _label in self.columns]

    def others(self) -> list[forms.BoundField]:
        """The fields that are of the whole document."""
        of_lines = {field.name for _line, row in self.rows() for field in row}
        return [each for each in self if each.name not in of_lines]

    def quantities(self) -> dict[int, Decimal] | None:
        """By line number; ``None``, which is all that is left, where the order is too long to be told apart."""
        if not self.lines:
            return None
        return {each.number: self.cleaned_data[f"quantity_{each.number}"] or Decimal(0) for each in self.lines}

    def send(self, *, by: Any, at: datetime) -> Delivery:
        raise NotImplementedError


class ConfirmForm(LinesForm):
    """What of each line comes, comes later, or does not come. As it opens, all is accepted that was not held."""

    kind = CONFIRMATION
    columns = (
        ("accept", _("Accepted")),
        ("backordered", _("Later")),
        ("reject", _("Rejected")),
        ("price", _("Price")),
        ("date", _("Delivery date")),
        ("comment", _("Comment")),
    )
    kinds = {"accept": StateKind.ACCEPT, "backordered": StateKind.BACKORDERED, "reject": StateKind.REJECT}
    comment = forms.CharField(label=_("Comment for the buyer"), max_length=1000, required=False)

    def __init__(self, *args: Any, order: PurchaseOrder, **kwargs: Any) -> None:
        self.opens_with = "reject" if order.state in (OrderState.HELD, OrderState.REFUSED) else "accept"
        super().__init__(*args, order=order, **kwargs)
        if not self.lines:
            choices = [("accept", _("Accept everything")), ("reject", _("Reject everything"))]
            self.fields["whole"] = forms.ChoiceField(
                label=_("All lines"), choices=choices, initial=self.opens_with, widget=forms.RadioSelect
            )

    def field_for(self, name: str, line: OrderLine) -> forms.Field:
        if name == "date":
            return forms.DateField(required=False, widget=AdminDateInput())
        if name == "comment":
            return forms.CharField(max_length=500, required=False)
        if name == "price":
            price = self.prices[line.number]
            given = f"{price.amount:f}" if price else ""
            return number_field(given, max_digits=24, decimal_places=10, disabled=not price)
        return quantity_field(line.quantity if name == self.opens_with else Decimal(0), most=line.quantity)

    @cached_property
    def prices(self) -> dict[int, Money | None]:
        """As ordered, for as many units as the buyer's price is for."""
        return {each.number: line_from(each.data).unit_price for each in self.lines}

    def rejecting(self) -> ConfirmForm:
        """The same, with every line rejected."""
        data = self.data.copy()
        for line in self.lines:
            for name in self.kinds:
                data[f"{name}_{line.number}"] = plain(line.quantity if name == "reject" else Decimal(0))
        return ConfirmForm(data, order=self.order)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for line in self.lines:
            parts = [said.get(f"{name}_{line.number}") or Decimal(0) for name in self.kinds]
            if sum(parts) != line.quantity and not any(f"{name}_{line.number}" in self.errors for name in self.kinds):
                problem = gettext("The quantities of line %(number)s must add up to %(quantity)s.")
                facts = {"number": line.number, "quantity": plain(line.quantity)}
                self.add_error(f"accept_{line.number}", problem % facts)
        return said

    def send(self, *, by: Any, at: datetime) -> Delivery:
        states = {line.number: self._states(line.number) for line in self.lines}
        parts = [each for states_of_line in states.values() for each in states_of_line]
        comment, whole = self.cleaned_data["comment"], self.cleaned_data.get("whole")
        is_plain_no = parts and all(each.kind is StateKind.REJECT and not each.comment for each in parts)
        if is_plain_no or whole == "reject":
            return confirm_order(self.order, at=at, kind=ConfirmationKind.REJECT, comment=comment, by=by)
        return confirm_order(self.order, at=at, states=states, comment=comment, by=by)

    def _states(self, number: int) -> list[LineState]:
        said = {name: self.cleaned_data[f"{name}_{number}"] for name, _label in self.columns}
        ordered, when = self.prices[number], noon(said["date"])
        changed = ordered and said["price"] is not None and said["price"] != ordered.amount
        price = Money(said["price"], ordered.currency) if ordered and changed else None
        found = []
        for name, kind in self.kinds.items():
            if quantity := said[name]:
                facts = {} if kind is StateKind.REJECT else {"delivery_date": when, "unit_price": price}
                # Accepted for another day or another price is a detail that differs (guide p. 310).
                shown = StateKind.DETAIL if kind is StateKind.ACCEPT and (when or price) else kind
                found.append(LineState(kind=shown, quantity=quantity, comment=said["comment"], **facts))
        return found


class ShipForm(LinesForm):
    kind = SHIP_NOTICE
    carrier = forms.CharField(label=_("Carrier"), max_length=100, required=False)
    tracking = forms.CharField(label=_("Tracking numbers, separated by commas"), max_length=500, required=False)
    shipment_date = forms.DateField(
        label=_("Leaves on"), required=False, widget=AdminDateInput(), initial=timezone.localdate
    )
    delivery_date = forms.DateField(label=_("Arrives on"), required=False, widget=AdminDateInput())
    comment = forms.CharField(label=_("Comment for the buyer"), max_length=1000, required=False)

    def clean_tracking(self) -> list[str]:
        return [each.strip() for each in self.cleaned_data["tracking"].split(",") if each.strip()]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if bool(said.get("carrier")) != bool(said.get("tracking")):
            name = "carrier" if said.get("tracking") else "tracking"
            self.add_error(name, _("A carrier and a tracking number need each other: say both, or neither."))
        leaves, arrives = said.get("shipment_date"), said.get("delivery_date")
        if leaves and arrives and arrives < leaves:
            self.add_error("delivery_date", _("It cannot arrive before it has left."))
        return said

    def send(self, *, by: Any, at: datetime) -> Delivery:
        said = self.cleaned_data
        leaves_today = said["shipment_date"] in (None, timezone.localdate(at))
        return notify_shipment(
            self.order,
            at=at,
            quantities=self.quantities(),
            shipment_date=at if leaves_today else noon(said["shipment_date"]),
            delivery_date=noon(said["delivery_date"]),
            carrier=said["carrier"],
            tracking_numbers=said["tracking"],
            comment=said["comment"],
            by=by,
        )


class InvoiceForm(LinesForm):
    """As it opens, all is invoiced that is left and has a price, at the rate of the customer's last invoice."""

    kind = INVOICE
    number = forms.CharField(
        label=_("Invoice number"), max_length=100, required=False, help_text=_("Empty: made from the order's number.")
    )
    tax_percent = forms.DecimalField(label=_("Tax in percent"), min_value=0, max_value=100, decimal_places=2)
    shipping = forms.DecimalField(label=_("Freight"), min_value=0, max_digits=12, decimal_places=2, required=False)
    comment = forms.CharField(label=_("Comment for the buyer"), max_length=1000, required=False)

    def __init__(self, *args: Any, order: PurchaseOrder, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        last = Delivery.objects.filter(customer=order.customer_id, kind=INVOICE).order_by("-pk").first()
        if last:
            self.fields["tax_percent"].initial = last.data.get("tax_percent")

    def field_for(self, name: str, line: OrderLine) -> forms.Field:
        left = self.left.get(line.number, Decimal(0)) if line.unit_price is not None else Decimal(0)
        return quantity_field(left, most=left)

    def send(self, *, by: Any, at: datetime) -> Delivery:
        said = self.cleaned_data
        return send_invoice(
            self.order,
            at=at,
            tax_percent=said["tax_percent"],
            quantities=self.quantities(),
            shipping=said["shipping"],
            number=said["number"],
            comment=said["comment"],
            by=by,
        )


@dataclass(frozen=True)
class InvoicedLine:
    """A line as the invoice has it, whatever has become of it in the order."""

    number: int
    sku: str
    description: str
    unit: str
    quantity: Decimal


class CreditForm(LinesForm):
    """As it opens, all is given back that is left of the invoice, and its freight."""

    kind = INVOICE
    columns = (("quantity", _("Given back")),)
    known = _("Invoiced")
    number = forms.CharField(
        label=_("Number of the credit note"),
        max_length=100,
        required=False,
        help_text=_("Empty: made from the order's number."),
    )
    shipping = forms.DecimalField(
        label=_("Freight given back"), min_value=0, max_digits=24, decimal_places=10, required=False
    )
    comment = forms.CharField(label=_("Comment for the buyer"), max_length=1000, required=False)

    def __init__(self, *args: Any, sent: Delivery, **kwargs: Any) -> None:
        self.sent = sent
        self.left, freight = left_to_credit(sent)
        super().__init__(*args, order=sent.order, **kwargs)
        if freight:
            self.fields["shipping"].initial = freight
        else:
            del self.fields["shipping"]

    def all_lines(self) -> list[InvoicedLine]:
        quantities = self.sent.data["lines"]
        return [
            InvoicedLine(int(number), sku, description, unit, Decimal(quantities[number]))
            for number, (sku, description, unit, _price) in self.sent.data["items"].items()
        ]

    def send(self, *, by: Any, at: datetime) -> Delivery:
        said = self.cleaned_data
        return credit_invoice(
            self.sent,
            at=at,
            quantities=self.quantities(),
            shipping=said.get("shipping"),
            number=said["number"],
            comment=said["comment"],
            by=by,
        )


def noon(day: date | None) -> datetime | None:
    """Of a day that stands for itself: the hour that is the same day nearly everywhere."""
    return timezone.make_aware(datetime.combine(day, time(12))) if day else None


def plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def quantity_field(initial: Decimal, *, most: Decimal) -> forms.DecimalField:
    return number_field(plain(initial), max_value=most, max_digits=18, decimal_places=6)


def number_field(initial: str, **facts: Any) -> forms.DecimalField:
    return forms.DecimalField(
        required=False,
        min_value=0,
        initial=initial,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6}),
        **facts,
    )
