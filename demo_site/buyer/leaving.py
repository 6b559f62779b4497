"""On the way out: asks the shop for a place to shop, server to server, and remembers what it said."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from demo_site.buyer.models import Connection, Outcome, Person, Requisition, Visit
from wagtail_punchout.testing.buyer import FakeBuyer, Reply, RequestsTransport, StepFailed, new_buyer_cookie
from wagtail_punchout.testing.documents import ItemOut

TIMEOUT = 15


def visit_shop(
    requisition: Requisition,
    *,
    operation: str,
    window: str,
    hook_url: str,
    part_number: str = "",
    lines: Iterable[ItemOut] = (),
    person: Person | None = None,
) -> Visit:
    """Send the PunchOutSetupRequest, for the ``person`` who goes or whoever has requested it.

    The visit returned says whether there is a start page to go to.
    """
    connection = requisition.connection
    visit = Visit(requisition=requisition, operation=operation, window=window, buyer_cookie=new_buyer_cookie(operation))
    buyer = _buyer(connection, hook_url, person or requisition.requester)
    try:
        reply = buyer.setup(
            operation,
            lines=tuple(lines),
            selected_item=(part_number, "") if part_number else None,
            ship_to=requisition.ship_to,
            extrinsics=connection.as_extrinsics(),
            buyer_cookie=visit.buyer_cookie,
        )
    except StepFailed as failed:
        _note_failure(visit, failed)
    else:
        _note_reply(visit, reply)
    visit.request = buyer.sent
    visit.milliseconds = round(sum(step.milliseconds for step in buyer.steps))
    visit.save()
    return visit


def test_connection(connection: Connection) -> tuple[Reply | None, str, int]:
    """Send a ProfileRequest: the reply, or a sentence why there is none, and how long it took."""
    buyer = _buyer(connection, "")
    reply, failure = None, ""
    try:
        reply = buyer.profile()
    except StepFailed as failed:
        failure = failed.sentence
    return reply, failure, round(sum(step.milliseconds for step in buyer.steps))


def hook_url_for(request: HttpRequest, requisition: Requisition, key: str = "") -> str:
    """Where carts for this requisition come home to; with a query string, as real systems have it.

    An OCI cart says nothing about the visit it belongs to, so the visit's ``key`` is part of the address.
    """
    path = reverse("hook", args=[requisition.key])
    query = urlencode({"source": "kontor", "company": requisition.connection.company} | ({"visit": key} if key else {}))
    base = settings.BUYER_BASE_URL or f"{request.scheme}://{request.get_host()}"
    return f"{base}{path}?{query}"


def _buyer(connection: Connection, hook_url: str, person: Person | None = None) -> FakeBuyer:
    user = (person or connection).as_user()
    return FakeBuyer(connection.as_settings(), RequestsTransport(TIMEOUT), user=user, hook_url=hook_url)


def _note_failure(visit: Visit, failed: StepFailed) -> None:
    visit.outcome = Outcome.UNREACHABLE
    visit.verdict = failed.sentence
    visit.response = failed.page.body.decode("utf-8", "replace")[:100_000] if failed.page else ""


def _note_reply(visit: Visit, reply: Reply) -> None:
    visit.outcome = Outcome.WAITING if reply.is_ok else Outcome.REFUSED
    visit.verdict = reply.answer.verdict
    visit.start_url = reply.start_url
    visit.response = reply.answer.document
    visit.complaints = list(reply.complaints)
