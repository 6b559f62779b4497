"""Invoice an order, or give back what was invoiced. Part of :mod:`wagtail_punchout.flows.answer_order`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_punchout.flows.order_documents import (
    INVOICE,
    LOST,
    Answer,
    OrderNotAnswerable,
    checked,
    left_to,
    next_number,
    obstacle,
    queue,
    reference_to,
    unit_of,
    within,
)
from wagtail_punchout.models import Delivery, OrderLine, OrderState, PurchaseOrder
from wagtail_punchout.protocol.cxml import invoice
from wagtail_punchout.protocol.fulfilment import Invoice, InvoicedLine
from wagtail_punchout.protocol.money import Money

#: In which states, beside those that can be invoiced, an order's invoices can be given back.
CREDITED_TOO = (OrderState.CANCELLED,)


@transaction.atomic
def send_invoice(
    order: PurchaseOrder,
    *,
    at: datetime,
    tax_percent: Decimal,
    quantities: Mapping[int, Decimal] | None = None,
    shipping: Decimal | None = None,
    number: str = "",
    comment: str = "",
    by: Any = None,
) -> Delivery:
    """Invoice ``quantities`` by line number, without them all that is left. ``tax_percent`` is 19 for 19 %."""
    order = checked(order, INVOICE)
    lines = {each.number: each for each in order.lines.all()}
    invoiced = within(lines, left_to(order, INVOICE), quantities, what=_("invoiced"))
    if missing := [each for each in invoiced if lines[each].unit_price is None]:
        raise OrderNotAnswerable(_("Line %(number)s has no price.") % {"number": missing[0]})
    currencies = {lines[each].currency for each in invoiced}
    if len(currencies) > 1:
        raise OrderNotAnswerable(_("The lines have different currencies: send an invoice for each."))
    number = number or next_number(order, INVOICE, "I")
    _demand_new(order, number)
    items = [_invoiced(lines[each], quantity) for each, quantity in sorted(invoiced.items())]
    said = _invoice(
        order, number, items, currency=currencies.pop(), tax_percent=tax_percent, shipping=shipping, at=at, text=comment
    )
    return _queue(order, said, by=by, at=at)


def credit_obstacle(sent: Delivery) -> str:
    """Why nothing of this document can be given back; empty when something can."""
    if sent.kind != INVOICE or sent.order is None or sent.data.get("credits"):
        return _("%(document)s is no invoice.") % {"document": sent}
    if sent.state in LOST:
        return _("%(document)s has never arrived.") % {"document": sent}
    if problem := obstacle(sent.order, INVOICE, also=CREDITED_TOO):
        return problem
    lines, _freight = left_to_credit(sent)
    return "" if any(lines.values()) else _("There is nothing left to be %(what)s.") % {"what": _("credited")}


def left_to_credit(sent: Delivery) -> tuple[dict[int, Decimal], Decimal]:
    """What of an invoice has not been given back yet: quantities by line number, and its freight."""
    left: dict[int, Decimal] = defaultdict(Decimal)
    credits = sent.order.deliveries.filter(kind=INVOICE, data__credits=sent.payload_id).exclude(state__in=LOST)
    said = [sent.data, *credits.values_list("data", flat=True)]
    for data in said:
        for number, quantity in data["lines"].items():
            left[int(number)] += Decimal(quantity)
    return dict(left), sum((Decimal(data["shipping"]) for data in said), Decimal(0))


@transaction.atomic
def credit_invoice(
    sent: Delivery,
    *,
    at: datetime,
    quantities: Mapping[int, Decimal] | None = None,
    shipping: Decimal | None = None,
    number: str = "",
    comment: str = "",
    by: Any = None,
) -> Delivery:
    """Give back ``quantities`` of an invoice by line number, without them all that is left of it, at its prices.

    ``shipping`` is what is given back of its freight. What was given back can be invoiced again.
    """
    if problem := credit_obstacle(sent):
        raise OrderNotAnswerable(problem)
    order = checked(sent.order, INVOICE, also=CREDITED_TOO)
    left, freight_left = left_to_credit(sent)
    items_of = {int(each): item for each, item in sent.data["items"].items()}
    given = within(items_of, left, quantities, what=_("credited"))
    if shipping and shipping > freight_left:
        raise OrderNotAnswerable(_("Of the freight at most %(left)s can be credited.") % {"left": freight_left})
    number = number or next_number(order, INVOICE, "CN")
    _demand_new(order, number)
    currency = sent.data["currency"]
    items = [_given_back(each, items_of[each], -given[each], currency) for each in sorted(given)]
    said = _invoice(
        order,
        number,
        items,
        currency=currency,
        tax_percent=Decimal(sent.data["tax_percent"]),
        shipping=-shipping if shipping else None,
        at=at,
        text=comment,
        credits=sent.payload_id,
    )
    return _queue(order, said, by=by, at=at)


def _invoice(
    order: PurchaseOrder,
    number: str,
    items: Sequence[InvoicedLine],
    *,
    currency: str,
    tax_percent: Decimal,
    shipping: Decimal | None,
    at: datetime,
    text: str,
    credits: str = "",
) -> Invoice:
    net = sum((each.subtotal.amount for each in items), shipping or Decimal(0))
    return Invoice(
        number=number,
        date=at,
        reference=reference_to(order),
        currency=currency,
        lines=tuple(items),
        tax=Money(net * tax_percent / 100, currency).rounded(),
        tax_percent=tax_percent,
        shipping=Money(shipping, currency) if shipping else None,
        comment=text,
        credits=credits,
    )


def _queue(order: PurchaseOrder, said: Invoice, *, by: Any, at: datetime) -> Delivery:
    facts = {
        "net": str(said.gross.amount - said.tax.amount),
        "tax": str(said.tax.amount),
        "total": str(said.gross.amount),
        "currency": said.currency,
        "tax_percent": str(said.tax_percent),
        "shipping": str(said.shipping.amount if said.shipping else 0),
        "credits": said.credits,
        # As they were invoiced: the order may change before something is given back.
        "items": {
            str(each.line_number): [each.sku, each.description, each.unit, str(each.unit_price.amount)]
            for each in said.lines
        },
    }
    answer = Answer(
        kind=INVOICE,
        module=invoice.MODULE,
        number=said.number,
        body=invoice.encode_invoice(said, language=order.language or "en"),
        event="credit" if said.credits else "",
        quantities={each.line_number: each.quantity for each in said.lines},
        facts=facts,
    )
    return queue(order, answer, by=by, at=at)


def _demand_new(order: PurchaseOrder, number: str) -> None:
    known = Delivery.objects.filter(customer=order.customer, kind=INVOICE, number=number)
    if known.exclude(state__in=LOST).exists():
        raise OrderNotAnswerable(_("There is an invoice %(number)s already.") % {"number": number})


def _invoiced(line: OrderLine, quantity: Decimal) -> InvoicedLine:
    return InvoicedLine(
        line_number=line.number,
        sku=line.sku,
        description=line.description,
        quantity=quantity,
        unit=unit_of(line),
        unit_price=Money(line.unit_price, line.currency),
    )


def _given_back(number: int, item: Sequence[str], quantity: Decimal, currency: str) -> InvoicedLine:
    sku, description, unit, price = item
    return InvoicedLine(
        line_number=number,
        sku=sku,
        description=description,
        quantity=quantity,
        unit=unit,
        unit_price=Money(Decimal(price), currency),
    )
