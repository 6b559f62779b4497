"""Trial: the conversations of a connection test, step by step, as a buyer's system and its user would have them.

They go through the real endpoints, and so leave what every call leaves: documents, a visit, an order in test mode. The
simulated buyer of ``testing`` plays the other end: it shares no code with ours.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils import timezone

from wagtail_punchout.models import ConnectionTest, Exchange, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.links import Allowed
from wagtail_punchout.models.origins import read_origins
from wagtail_punchout.protocol.snapshot import storable
from wagtail_punchout.testing.buyer import HOOK_URL, BuyerSettings, FakeBuyer, Reply, StepFailed
from wagtail_punchout.testing.documents import STRUCK_OUT, Address, OrderToSend, ReturnedCart, User, order_of
from wagtail_punchout.testing.documents.ordering import Written, order_request
from wagtail_punchout.testing.in_process import InProcessTransport
from wagtail_punchout.testing.oci_buyer import FakeOciBuyer, OciSettings
from wagtail_punchout.testing.shopper import Shopper

logger = logging.getLogger("wagtail_punchout.trial")

#: The end of a test that broke off is enough to see why.
LONGEST = 200_000
MOST_COMPLAINTS = 50


class Broken(Exception):
    """A step has failed, and those after it have no ground to stand on. It is noted already."""


@dataclass(slots=True)
class Note:
    """What one step sent and was given; ``said`` sums it up in a sentence."""

    sent: str = ""
    answer: str = ""
    said: str = ""


@dataclass(slots=True)
class Trial:
    """The steps so far, of every format that the customer's links speak."""

    customer: PunchoutCustomer
    steps: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    failure: str = ""
    buyer_cookie: str = ""  # of the first visit
    order_number: str = ""
    transport: InProcessTransport = field(default_factory=lambda: InProcessTransport(ConnectionTest.AGENT))
    format: str = ""

    @contextmanager
    def step(self, name: str) -> Iterator[Note]:
        """Note how it goes. Whatever breaks is told, and ends the conversation."""
        note, at, began, is_ok, reason = Note(), timezone.now(), time.perf_counter(), False, ""
        try:
            yield note
            is_ok = True
        except Exception as error:
            note.said, reason = self._told(error, at)
            if not isinstance(error, StepFailed):
                logger.exception("A connection test of %s broke in the step %s.", self.customer, name)
            if isinstance(error, StepFailed) and error.page is not None and not note.answer:
                note.answer = f"HTTP {error.page.status} {_without_token(error.page.url)}\n{error.page.title}"
            self.failure = self.failure or note.said
            raise Broken from error
        finally:
            self.steps.append(
                {
                    "format": self.format,
                    "name": name,
                    "milliseconds": round((time.perf_counter() - began) * 1000),
                    "is_ok": is_ok,
                    "said": storable(note.said),
                    "reason": reason,
                    "sent": storable(note.sent[:LONGEST]),
                    "answer": storable(note.answer[:LONGEST]),
                }
            )

    def complain(self, *sentences: str) -> None:
        """What a strict buyer would not like although it works; each once."""
        fresh = [storable(each) for each in sentences if each not in self.complaints]
        self.complaints += fresh[: MOST_COMPLAINTS - len(self.complaints)]

    def _told(self, error: Exception, at: datetime) -> tuple[str, str]:
        """The sentence of a failure with its true cause, which strangers are not told, and the code of that cause."""
        said = error.sentence if isinstance(error, StepFailed) else f"{type(error).__name__}: {error}"
        if self.transport.crash:
            return f"{said} {self.transport.crash}", ""
        mine = Q(customer=self.customer) | Q(customer=None)
        refused = Exchange.objects.filter(mine, user_agent=ConnectionTest.AGENT, status__gte=300, created_at__gte=at)
        last = refused.order_by("-pk").first()
        return (f"{said} {last.cause}".strip(), last.reason) if last else (said, "")


def hook_for(link: PunchoutLink) -> str:
    """Where the cart shall go: nowhere, but to a host that the link allows."""
    allowed = [each for each in read_origins(link.return_origins) if each.startswith("https://")]
    path = urlsplit(HOOK_URL)
    return f"{sorted(allowed)[0]}{path.path}?{path.query}" if allowed else HOOK_URL


# By cXML


def try_cxml(
    trial: Trial, link: PunchoutLink, settings: BuyerSettings, user: User, ship_to: Callable[[], Address | None]
) -> None:
    """Set-up, start, an article, the cart home, an edit, a visit that is left, an order, again, changed, cancelled.

    ``ship_to`` is asked when the visit is there: its call may have chosen an address.
    """
    buyer = FakeBuyer(settings, trial.transport, user=user, hook_url=hook_for(link))
    _open(trial, buyer)
    cart = _shop(trial, buyer)
    if link.operation_allowed == Allowed.EDIT:
        cart = _edit(trial, buyer, cart)
    _leave(trial, buyer, link)
    _order(trial, buyer, link, replace(order_of(cart, _fresh_number(trial)), ship_to=ship_to()))


def _open(trial: Trial, buyer: FakeBuyer) -> None:
    with trial.step("setup") as note:
        reply = buyer.setup()
        trial.buyer_cookie = reply.buyer_cookie
        _accept(trial, note, reply)
    with trial.step("start") as note:
        note.said = _shown(buyer.open(reply.start_url))


def _shop(trial: Trial, buyer: FakeBuyer) -> ReturnedCart:
    _fill(trial, buyer)
    with trial.step("return") as note:
        buyer.press("return")
        cart = buyer.home()
        note.answer = cart.document
        trial.complain(*cart.complaints)
        if cart.is_cancelled or not cart.lines:
            raise StepFailed("return", "The cart came home without a line.", buyer.page)
        note.said = _lines(cart)
    return cart


def _fill(trial: Trial, buyer: Shopper) -> None:
    with trial.step("article") as note:
        note.said = _shown(buyer.find("add-to-cart"))
    with trial.step("cart") as note:
        buyer.press("add-to-cart")
        note.said = _shown(buyer.find("return"))


def _edit(trial: Trial, buyer: FakeBuyer, cart: ReturnedCart) -> ReturnedCart:
    """Open the cart that went home, and send it home as it is: a buyer finds its lines by part and auxiliary ID."""
    with trial.step("edit") as note:
        reply = buyer.setup("edit", lines=cart.lines)
        _accept(trial, note, reply)
        buyer.open(reply.start_url)
        buyer.find("return")
        buyer.press("return")
        after = buyer.home()
        note.answer = after.document
        trial.complain(*after.complaints)
        old, new = ([(each.part_id, each.auxiliary_id) for each in found.lines] for found in (cart, after))
        if old != new:
            changed = f"{_ids(old)} went in, and {_ids(new)} came back"
            raise StepFailed("edit", f"The lines changed in an edit that changed nothing: {changed}.", buyer.page)
        note.said = _lines(after)
    return after


def _leave(trial: Trial, buyer: FakeBuyer, link: PunchoutLink) -> None:
    with trial.step("again") as note:
        reply = buyer.setup()
        _accept(trial, note, reply)
        note.said = _shown(buyer.open(reply.start_url))
    with trial.step("cancel") as note:
        buyer.find("cancel")
        buyer.press("cancel")
        note.said = _shown(buyer.page)
        if not link.post_on_cancel:
            return
        empty = buyer.home()
        note.answer = empty.document
        trial.complain(*empty.complaints)
        if not empty.is_cancelled:
            raise StepFailed("cancel", "The visit was cancelled, but a cart came home.", buyer.page)


def _order(trial: Trial, buyer: FakeBuyer, link: PunchoutLink, order: OrderToSend) -> None:
    first = replace(order, version=1)
    written = order_request(buyer.settings, first, language=buyer.language)
    with trial.step("order") as note:
        reply = _send(trial, note, buyer, written)
    with trial.step("retry") as note:
        again = _send(trial, note, buyer, written)
        if again.answer.document != reply.answer.document:
            raise StepFailed("retry", "The same document got another answer than before.")
        note.said = "The same answer as before: it is still one order."
    if not link.takes_changes:
        return
    for name, change in (
        ("change", replace(first, action="update", version=2, comment="Please ring twice.")),
        ("withdraw", replace(first, action="delete", version=3)),
    ):
        with trial.step(name) as note:
            later = replace(change, replaces=written.payload_id)
            _send(trial, note, buyer, order_request(buyer.settings, later, language=buyer.language))


def _send(trial: Trial, note: Note, buyer: FakeBuyer, written: Written) -> Reply:
    reply = buyer.send_order(written)
    _accept(trial, note, reply)
    return reply


def _accept(trial: Trial, note: Note, reply: Reply) -> None:
    note.sent = reply.sent
    note.answer = reply.answer.document
    if reply.start_url:  # it opens the shop: it is not for those who only read documents
        note.answer = note.answer.replace(reply.start_url, _without_token(reply.start_url))
    trial.complain(*reply.complaints)
    note.said = reply.answer.verdict
    if not reply.is_ok:
        raise StepFailed("", f"The shop refused: {reply.answer.verdict}")


def _fresh_number(trial: Trial) -> str:
    trial.order_number = f"TEST-{secrets.token_hex(4).upper()}"
    return trial.order_number


# By OCI


def try_oci(trial: Trial, link: PunchoutLink, settings: OciSettings) -> None:
    """Call-up, an article, the cart home; its price asked again; another visit, left without a cart."""
    buyer = FakeOciBuyer(settings, trial.transport, hook_url=hook_for(link))
    _call_up(trial, buyer, "start")
    _fill(trial, buyer)
    with trial.step("return") as note:
        buyer.press("return")
        cart = buyer.home()
        note.answer = _fields(cart.fields)
        trial.complain(*cart.complaints)
        if cart.is_empty:
            raise StepFailed("return", "The cart came home without a line.", buyer.page)
        note.said = "; ".join(
            f"{each.quantity} {each.unit} {each.sku}, {each.price} {each.currency}" for each in cart.lines
        )
    if product := cart.lines[0].product_id:
        with trial.step("validate") as note:
            checked = buyer.validate(product, cart.lines[0].quantity)
            note.sent, note.answer = buyer.sent, _fields(checked.fields)
            trial.complain(*checked.complaints)
            if checked.is_empty:
                raise StepFailed("validate", "The article that came home is not known when it is asked for again.")
    _call_up(trial, buyer, "again")
    with trial.step("cancel") as note:
        buyer.find("cancel")
        buyer.press("cancel")
        if link.post_on_cancel:
            note.answer = _fields(buyer.home().fields)
        note.said = _shown(buyer.page)


def _call_up(trial: Trial, buyer: FakeOciBuyer, name: str) -> None:
    with trial.step(name) as note:
        try:
            note.said = _shown(buyer.call_up())
        finally:
            note.sent = buyer.sent


def _lines(cart: ReturnedCart) -> str:
    return "; ".join(f"{each.quantity} {each.unit} {each.part_id}, {each.unit_price}" for each in cart.lines)


def _ids(lines: list[tuple[str, str]]) -> str:
    return ", ".join(part for part, _auxiliary in lines) or "nothing"


def _fields(fields: Any) -> str:
    return "\n".join(f"{name}={value}" for name, value in fields)


def _shown(page: Any) -> str:
    return f"{page.title or '–'} ({urlsplit(_without_token(page.url)).path})"


def _without_token(url: str) -> str:
    """Start pages and pages home have a secret at the end of their address."""
    head, mark, _token = url.partition("/start/")
    if not mark:
        head, mark, _token = url.partition("/home/")
    return f"{head}{mark}{STRUCK_OUT}" if mark else url
