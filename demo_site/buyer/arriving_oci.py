"""On the way home by OCI: a form without a message around it. Which visit it belongs to, the hook's address says.

OCI only ever adds: there is no way back into a cart, and none to tell that it was canceled. A return without lines
leaves everything as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from demo_site.buyer.arriving import AlreadyHome, NotOurs
from demo_site.buyer.models import Connection, Line, Outcome, Requisition, Visit
from wagtail_punchout.testing.browsing import decode_form
from wagtail_punchout.testing.documents import STRUCK_OUT, ReturnedOciCart, ReturnedOciLine, read_oci_fields
from wagtail_punchout.testing.documents.oci_arrival import arrived

# These have a column of their own on the screen, or say where the line stands.
SHOWN = {"DESCRIPTION", "LONGTEXT", "QUANTITY", "UNIT", "PRICE", "PRICEUNIT", "CURRENCY", "PARENT_ID"}


@transaction.atomic
def take_home(requisition: Requisition, sent: Sequence[str | bytes], hook_url_of: Callable[[str], str]) -> Visit:
    """File what came under its visit. The same a second time (a reload, the back button) changes nothing.

    ``sent`` is the query and the body as they arrived; ``hook_url_of`` tells the address that a visit was given.
    """
    # The requisition is the lock: two posts of one browser may arrive at the same time.
    requisition = Requisition.objects.select_for_update().get(pk=requisition.pk)
    key = next((value for each in sent for name, value in decode_form(each) if name == "visit"), "")
    visit = requisition.visits.filter(buyer_cookie=key).first()
    if visit is None:
        raise NotOurs
    visit.requisition = requisition
    connection = requisition.connection
    settings = connection.as_oci_settings()
    fields, complaints = arrived(sent, hook_url_of(key), settings.expected_charset)
    kept = json.dumps(struck_out(fields, connection), ensure_ascii=False)
    if not visit.is_open:
        if visit.cart == kept:
            return visit
        raise AlreadyHome(visit)
    cart = read_oci_fields(fields, settings.version)
    visit.complaints = [*visit.complaints, *cart.complaints, *complaints]
    if cart.is_empty:
        visit.outcome = Outcome.CANCELLED
    else:
        # Somebody who decides about it may look at an article, and return it by mistake.
        visit.outcome = Outcome.RETURNED if requisition.is_open else Outcome.INSPECTED
    visit.came_home_at = timezone.now()
    visit.cart = kept
    visit.save()
    if requisition.is_open:
        add_lines(requisition, cart, cart.lines)
    return visit


def read_again(visit: Visit) -> ReturnedOciCart:
    """The cart of a visit, from the fields that were kept of it."""
    return read_oci_fields(visit.pairs, visit.requisition.connection.as_oci_settings().version)


def add_lines(
    requisition: Requisition, cart: ReturnedOciCart, lines: Sequence[ReturnedOciLine], quantity: Decimal | None = None
) -> None:
    """Put lines of the cart below those that are there; in another quantity than the shop's, if one is given."""
    if not lines:
        return
    last = requisition.lines.aggregate(last=Max("position"))["last"] or 0
    Line.objects.bulk_create(
        _line(requisition, place, cart, line, quantity or line.quantity) for place, line in enumerate(lines, last + 1)
    )
    if requisition.filled_at is None:
        requisition.filled_at = timezone.now()
    add_up(requisition)


def add_up(requisition: Requisition) -> None:
    """OCI has no total, so we add it up ourselves. Two currencies have none."""
    lines = list(requisition.lines.all())
    currencies = {line.currency for line in lines}
    is_one = len(currencies) == 1
    requisition.currency = currencies.pop() if is_one else ""
    requisition.total = sum((line.amount or Decimal(0) for line in lines), Decimal(0)) if is_one else None
    requisition.save()


def price_of(line: ReturnedOciLine, *, quantity: Decimal | None) -> dict[str, Any]:
    """The columns that a price fills."""
    has_amount = line.unit_price is not None and quantity is not None
    return {
        "price": line.price,
        "currency": line.currency[:10],
        "basis": "" if line.price_unit == 1 else f"{line.price_unit.normalize():f} {line.unit}"[:200],
        "amount": quantity * line.price / line.price_unit if has_amount else None,
    }


def struck_out(fields: Sequence[tuple[str, str]], connection: Connection) -> list[list[str]]:
    """The fields as they are kept. A password has no business in them, but a faulty shop may send it."""
    return [[name, value.replace(connection.secret, STRUCK_OUT)] for name, value in fields]


def _line(
    requisition: Requisition, place: int, cart: ReturnedOciCart, line: ReturnedOciLine, quantity: Decimal | None
) -> Line:
    return Line(
        requisition=requisition,
        position=place,
        part_id=line.sku,
        product_id=line.product_id,
        quantity=quantity,
        unit=line.unit[:100],
        **price_of(line, quantity=quantity),
        texts=[{"language": "", "short": line.description, "text": line.long_text}],
        facts={name: value for name, value in line.fields.items() if value and name not in SHOWN},
        line_number=str(line.index),
        depth=min(cart.depth_of(line), 9),
    )
