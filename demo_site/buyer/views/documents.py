"""Where suppliers' systems post what they have to say of our orders."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from demo_site.buyer.models import Announcement, Dispatch, PurchaseOrder
from wagtail_punchout.testing.documents import (
    Heard,
    HeardLine,
    Unreadable,
    complaints_about,
    read_supplier_document,
    response,
    without_secrets,
)

MOST_BYTES = 5 * 1024 * 1024


@csrf_exempt
def take_document(request: HttpRequest) -> HttpResponse:
    """Every answer is a cXML Status inside HTTP 200."""
    if request.method != "POST":
        return _answer(200, "OK", "Ping Response Message")
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return _answer(499, "Document Size Error", "The document is too large.")
    try:
        heard = read_supplier_document(raw)
    except Unreadable as error:
        return _answer(406, "Not Acceptable", str(error))
    order = _order_of(heard)
    if order is None:
        return _answer(417, "Expectation Failed", "We have not ordered anything under this number.")
    if not hmac.compare_digest(heard.secret.encode(), order.connection.secret.encode()):
        return _answer(401, "Unauthorized", "The shared secret of the Sender is not the one of this supplier.")
    Announcement.objects.get_or_create(
        payload_id=heard.payload_id[:255],
        defaults={
            "order": order,
            "kind": heard.kind,
            "number": heard.number[:200],
            "says": heard.says,
            "note": heard.note,
            "lines": [
                {"number": each.number, "what": each.what, "quantity": f"{each.quantity:f}", "note": each.note}
                for each in heard.lines
            ],
            "complaints": [*heard.complaints, *_complaints(heard, order)],
            "document": without_secrets(heard.document),
        },
    )
    return _answer(200, "OK", "")


def _order_of(heard: Heard) -> PurchaseOrder | None:
    dispatch = Dispatch.objects.filter(payload_id=heard.order_payload_id).exclude(payload_id="").first()
    if dispatch:
        return dispatch.order
    digits = heard.order_number.removeprefix("PO-")
    is_ours = digits.isascii() and digits.isdigit() and len(digits) < 18
    return PurchaseOrder.objects.filter(pk=int(digits)).first() if is_ours else None


def _complaints(heard: Heard, order: PurchaseOrder) -> Iterator[str]:
    before = [each for each in order.announcements.filter(kind=heard.kind) if each.payload_id != heard.payload_id]
    told = [
        HeardLine(line["number"], line["what"], Decimal(line["quantity"])) for each in before for line in each.lines
    ]
    yield from complaints_about(heard, order.as_order().lines, told)
    if heard.number and heard.operation == "new" and heard.number in {each.number for each in before}:
        yield f"The number {heard.number} has come before."
    if order.is_cancelled and heard.kind == "ShipNoticeRequest":
        yield "We have cancelled this order."


def _answer(code: int, text: str, sentence: str) -> HttpResponse:
    now = timezone.localtime()
    payload_id = f"{now:%Y%m%d%H%M%S}.{secrets.token_hex(6)}@buyer.example"
    body = response(code, text, sentence, payload_id=payload_id, timestamp=now.isoformat(timespec="seconds"))
    return HttpResponse(body, content_type="text/xml; charset=UTF-8")
