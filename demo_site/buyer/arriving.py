"""On the way home: a browser brings a cart, and the requisition changes as the standard's table says.

=========  ===============  =====================
operation  cart with lines  cart without lines
=========  ===============  =====================
create     lines added      nothing added
edit       lines replaced   **lines deleted**
inspect    ignored          ignored
=========  ===============  =====================

A message with status 204 changes nothing, whatever the operation was (guide, p. 86).
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from demo_site.buyer.models import Line, Outcome, Requisition, Visit
from wagtail_punchout.testing.documents import STRUCK_OUT, ReturnedCart, ReturnedLine, complaints_for, without_secrets


class NotOurs(Exception):
    """The cart names no visit of this requisition."""


class AlreadyHome(Exception):
    """The visit has ended with another cart than this one."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit


@transaction.atomic
def take_home(requisition: Requisition, cart: ReturnedCart) -> Visit:
    """File the cart under its visit. The same cart a second time (a reload, the back button) changes nothing."""
    # The requisition is the lock: two posts of one browser may arrive at the same time.
    requisition = Requisition.objects.select_for_update().get(pk=requisition.pk)
    visit = requisition.visits.filter(buyer_cookie=cart.buyer_cookie).first()
    if visit is None:
        raise NotOurs
    visit.requisition = requisition
    if not visit.is_open:
        if visit.cart == _kept(visit, cart):
            return visit
        raise AlreadyHome(visit)
    _file(visit, cart)
    if visit.outcome == Outcome.RETURNED:
        _fill(requisition, cart)
    return visit


def _file(visit: Visit, cart: ReturnedCart) -> None:
    if cart.is_cancelled:
        visit.outcome = Outcome.CANCELLED
    elif visit.operation == "inspect":
        visit.outcome = Outcome.INSPECTED
    else:
        visit.outcome = Outcome.RETURNED
    settings = visit.requisition.connection.as_settings()
    fitting = complaints_for(cart, settings, visit.buyer_cookie, visit.operation)
    visit.complaints = [*visit.complaints, *cart.complaints, *fitting]
    visit.came_home_at = timezone.now()
    visit.cart = _kept(visit, cart)
    visit.cart_field = cart.field
    visit.save()


def _kept(visit: Visit, cart: ReturnedCart) -> str:
    """The document as it is kept. A secret has no business in it, but a faulty shop may send one."""
    secret = visit.requisition.connection.secret
    return without_secrets(cart.document.replace(secret, STRUCK_OUT) if secret else cart.document)


def _fill(requisition: Requisition, cart: ReturnedCart) -> None:
    requisition.lines.all().delete()
    Line.objects.bulk_create(_line(requisition, place, line) for place, line in enumerate(cart.lines, start=1))
    if cart.lines and requisition.filled_at is None:
        requisition.filled_at = timezone.now()
    requisition.operation_allowed = cart.operation_allowed[:20]
    requisition.quote_status = cart.quote_status[:20]
    requisition.currency = cart.total.currency[:10] if cart.total else ""
    requisition.total = cart.total.amount if cart.total else None
    requisition.shipping, requisition.shipping_text = _charge(cart.shipping)
    requisition.tax, requisition.tax_text = _charge(cart.tax)
    requisition.save()


def _charge(charge) -> tuple:
    if charge is None:
        return None, ""
    return (charge.money.amount if charge.money else None), charge.description


def _line(requisition: Requisition, place: int, line: ReturnedLine) -> Line:
    item = line.as_item_out()
    return Line(
        requisition=requisition,
        position=place,
        part_id=line.part_id,
        auxiliary_id=line.auxiliary_id,
        quantity=line.quantity,
        unit=line.unit[:100],
        price=line.unit_price.amount if line.unit_price else None,
        currency=line.unit_price.currency[:10] if line.unit_price else "",
        basis=_basis(line),
        amount=line.amount,
        texts=[{"language": each.language, "short": each.short_name, "text": each.text} for each in line.descriptions],
        facts=_facts(line),
        line_number=line.line_number[:40],
        attributes=dict(item.attributes),
        detail=line.detail,
    )


def _basis(line: ReturnedLine) -> str:
    if line.basis is None:
        return ""
    unit = line.basis.unit or line.unit
    per = f"{line.basis.quantity.normalize():f} {unit}"
    if line.basis.conversion == 1:
        return per
    return f"{per}, 1 {line.unit} = {line.basis.conversion.normalize():f} {unit}"[:200]


def _facts(line: ReturnedLine) -> dict[str, str]:
    """What else the shop said about the article, under the standard's names."""
    maker = " ".join(filter(None, (line.manufacturer_name, line.manufacturer_part_id)))
    known = {**line.classifications, "Manufacturer": maker, "LeadTime": line.lead_time, "URL": line.url}
    return {name: value for name, value in {**known, **line.extrinsics}.items() if value}
