"""Purchase orders that have come by PunchOut become orders of this shop: one each, whatever is asked twice."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from demo_site.shop.models import Order, OrderLine, OrderState
from wagtail_punchout.shop import IncomingLine, IncomingOrder, OrderNotTaken, PlacedOrder

#: What has left the house cannot be changed or called back.
GONE = (OrderState.SHIPPED, OrderState.INVOICED)
#: What our columns hold.
MOST = Decimal(10) ** 12


def place(incoming: IncomingOrder) -> PlacedOrder:
    """The order of this key, made now or found, as this version of it wants it."""
    try:
        with transaction.atomic():
            if not Order.objects.filter(punchout_key=incoming.key).exists():
                made = Order(punchout_key=UUID(incoming.key))
                _write(made, incoming)
                return _placed(made)
    except IntegrityError:
        pass  # made by another process in this very moment
    return change(incoming)


@transaction.atomic
def change(incoming: IncomingOrder) -> PlacedOrder:
    order = _locked(incoming)
    if order.punchout_version != incoming.version:
        _not_gone(order)
        # What the buyer wants now, nobody here has agreed to yet.
        order.state = OrderState.NEW
        _write(order, incoming)
    return _placed(order)


@transaction.atomic
def cancel(incoming: IncomingOrder) -> bool:
    order = _locked(incoming)
    _not_gone(order)
    order.state = OrderState.CANCELLED
    order.save()
    return True


def _locked(incoming: IncomingOrder) -> Order:
    return Order.objects.select_for_update().get(punchout_key=incoming.key)


def _not_gone(order: Order) -> None:
    if order.state in GONE:
        raise OrderNotTaken(f"{order.number} has left the house already.")


def _write(order: Order, incoming: IncomingOrder) -> None:
    said = incoming.said
    to, contact = incoming.ship_to or said.bill_to, next(iter(said.contacts), None)
    order.customer_id, order.company_code = incoming.user_id, incoming.company_code
    order.reference, order.punchout_version = incoming.number, incoming.version
    order.payment_methods = list(incoming.payment_methods)
    if to:
        order.company, order.street = to.name[:120], ", ".join(to.street)[:160]
        order.postcode, order.city = to.postal_code[:12], to.city[:80]
        order.country = (to.country or to.country_code)[:80]
        order.name, order.email = (next(iter(to.deliver_to), "") or to.name)[:120], to.email[:254]
    if contact:
        order.name, order.email = (contact.name or order.name)[:120], (contact.email or order.email)[:254]
    order.currency = incoming.currency
    lines = [_line(order, each) for each in incoming.lines]
    order.total = sum((each.amount for each in lines), Decimal(0))
    if max((order.total, *(each.amount for each in lines))) >= MOST:
        raise OrderNotTaken("The shop cannot keep amounts that large.")
    order.save()
    order.lines.all().delete()
    OrderLine.objects.bulk_create(lines, batch_size=500)


def _line(order: Order, line: IncomingLine) -> OrderLine:
    amount = line.said.amount
    return OrderLine(
        order=order,
        number=line.number,
        sku=line.ref.sku,
        name=(line.description or line.ref.sku)[:255],
        quantity=line.quantity,
        unit=line.unit,
        amount=round(amount.amount, 2) if amount else Decimal(0),
    )


def _placed(order: Order) -> PlacedOrder:
    return PlacedOrder(order.number, reverse("shop_orders:inspect", args=[order.pk]))
