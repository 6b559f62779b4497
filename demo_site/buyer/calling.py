"""On the way out by OCI: the browser calls the shop up, or our server asks it something on the side.

Nothing is agreed between the two servers beforehand. What the browser takes along is put together anew each time it is
needed, so that the password is kept nowhere but in the connection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from demo_site.buyer.arriving_oci import price_of, struck_out
from demo_site.buyer.models import Connection, Line, Outcome, Person, Requisition, Visit, new_key
from wagtail_punchout.testing.browsing import Page
from wagtail_punchout.testing.documents import STRUCK_OUT, OciSettings, ReturnedOciCart
from wagtail_punchout.testing.documents.oci_call import as_sent, call_pairs
from wagtail_punchout.testing.oci_buyer import FakeOciBuyer, RequestsTransport, StepFailed

TIMEOUT = 15
LONGEST_ANSWER = 100_000
REFUSALS = {401, 403, 429}


def open_call(requisition: Requisition, *, operation: str, window: str, **wish: str) -> Visit:
    """A visit that begins as soon as the browser opens its ``start_url``."""
    key = new_key()
    visit = Visit(requisition=requisition, operation=operation, window=window, buyer_cookie=key, wish=wish)
    visit.save()
    visit.start_url = reverse("call", args=[visit.pk])
    visit.save(update_fields=["start_url"])
    return visit


def call_of(visit: Visit, hook_url: str, person: Person | None = None) -> tuple[tuple[str, str], ...]:
    """What the browser takes along, password included; for the ``person`` who goes."""
    return call_pairs(_settings(visit.requisition, person), hook_url, **visit.wish)


def note_call(visit: Visit, pairs: Sequence[tuple[str, str]]) -> None:
    visit.request = as_sent(visit.requisition.connection.as_oci_settings(), pairs)
    visit.save(update_fields=["request"])


def search(requisition: Requisition, text: str, hook_url: str) -> tuple[Visit, ReturnedOciCart | None]:
    """BACKGROUND_SEARCH: what the shop has to offer, without going there."""
    visit = Visit(requisition=requisition, operation="search", buyer_cookie=new_key(), wish={"search": text})
    return visit, _ask(visit, hook_url, lambda buyer: buyer.background_search(text))


def check_price(line: Line, hook_url: str) -> Visit:
    """VALIDATE: what the article costs today. The line takes the new price and remembers the one before."""
    visit = Visit(
        requisition=line.requisition,
        operation="validate",
        buyer_cookie=new_key(),
        wish={"product_id": line.product_id, "quantity": f"{(line.quantity or Decimal(1)).normalize():f}"},
    )
    cart = _ask(visit, hook_url, lambda buyer: buyer.validate(**visit.wish))
    if cart is None:
        return visit
    line.checked_at = timezone.now()
    line.is_gone = cart.is_empty
    if not cart.is_empty:
        line.price_before, line.basis_before = line.price, line.basis
        for name, value in price_of(cart.lines[0], quantity=line.quantity).items():
            setattr(line, name, value)
    line.save()
    return visit


def test_call(connection: Connection) -> tuple[Page | None, str, int]:
    """Sign in as a browser would: the page we land on, or a sentence why there is none, and how long it took."""
    buyer = FakeOciBuyer(connection.as_oci_settings(), RequestsTransport(TIMEOUT))
    page, failure = None, ""
    try:
        page = buyer.call_up()
    except StepFailed as failed:
        failure = failed.sentence
    return page, failure, round(sum(step.milliseconds for step in buyer.steps))


def _settings(requisition: Requisition, person: Person | None = None) -> OciSettings:
    who = person or requisition.requester
    return requisition.connection.as_oci_settings(who.as_user() if who else None)


def _ask(visit: Visit, hook_url: str, question) -> ReturnedOciCart | None:
    """Ask server to server and keep both sides of it with the visit."""
    connection = visit.requisition.connection
    buyer = FakeOciBuyer(_settings(visit.requisition), RequestsTransport(TIMEOUT), hook_url=hook_url)
    cart = None
    try:
        cart = question(buyer)
    except StepFailed as failed:
        was_refused = failed.page is not None and failed.page.status in REFUSALS
        visit.outcome = Outcome.REFUSED if was_refused else Outcome.UNREACHABLE
        visit.verdict = failed.sentence
    else:
        visit.outcome = Outcome.ANSWERED
        visit.verdict = f"HTTP 200, {len(cart.lines)} {'line' if len(cart.lines) == 1 else 'lines'}"
        visit.complaints = list(cart.complaints)
        visit.cart = json.dumps(struck_out(cart.fields, connection), ensure_ascii=False)
    visit.request = buyer.sent
    visit.response = buyer.answer.text.replace(connection.secret, STRUCK_OUT)[:LONGEST_ANSWER] if buyer.answer else ""
    visit.milliseconds = round(sum(step.milliseconds for step in buyer.steps))
    visit.save()
    return cart
