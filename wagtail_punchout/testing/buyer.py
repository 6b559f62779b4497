"""A buyer to test a shop with: the procurement system and its user's browser in one object.

    buyer = FakeBuyer(settings, DjangoTransport())
    reply = buyer.setup()
    buyer.open(reply.start_url)
    buyer.go("/catalogue/")
    buyer.press("add-to-cart", quantity="2")
    buyer.go("/cart/")
    buyer.press("return")
    cart = buyer.home()

Every step either works or raises :class:`StepFailed` with a sentence that says what the shop did instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wagtail_punchout.testing.browsing import DjangoTransport, Page, RequestsTransport, Transport
from wagtail_punchout.testing.documents import (
    Address,
    Answer,
    BuyerSettings,
    ItemOut,
    OrderToSend,
    ReturnedCart,
    ReturnedLine,
    Setup,
    Unreadable,
    User,
    Written,
    complaints_for,
    order_request,
    profile_request,
    punchout_setup_request,
    read_response,
    read_return_form,
    without_secrets,
)
from wagtail_punchout.testing.shopper import Shopper, Step, StepFailed

__all__ = ["BuyerSettings", "DjangoTransport", "FakeBuyer", "Reply", "RequestsTransport", "Step", "StepFailed"]

MACHINE = {"Content-Type": "text/xml; charset=UTF-8", "Accept": "text/xml"}
SHOPPER = User(first_name="Robin", last_name="Buyer", email="robin.buyer@example.com", unique_name="rbuyer")
HOOK_URL = "https://buyer.example/punchout/hook?visit=1&company=ACME%20Ltd"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A document sent and what came of it. Both documents are kept without secrets."""

    answer: Answer
    sent: str
    http_status: int
    buyer_cookie: str = ""
    complaints: tuple[str, ...] = ()
    payload_id: str = ""

    @property
    def is_ok(self) -> bool:
        return self.answer.is_ok

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def start_url(self) -> str:
        return self.answer.start_url


@dataclass(slots=True)
class FakeBuyer(Shopper):
    """Plays one visit after the other. ``page`` is what its browser shows now."""

    settings: BuyerSettings
    transport: Transport
    user: User = SHOPPER
    hook_url: str = HOOK_URL
    language: str = "en-US"
    page: Page | None = None
    steps: list[Step] = field(default_factory=list)
    visit: Setup | None = None
    sent: str = ""  # the last document posted, without its secret

    @property
    def entrance(self) -> str:
        return self.settings.setup_url

    # The machine's part

    def ping(self) -> Answer:
        """GET the set-up URL: a cXML server says that it is alive."""
        return self._timed("ping", lambda: self._read("ping", self.transport.get(self.settings.setup_url)))

    def profile(self) -> Reply:
        """Ask what the shop can do."""
        return self._send("profile", profile_request(self.settings, language=self.language))

    def setup(
        self,
        operation: str = "create",
        *,
        lines: Sequence[ItemOut | ReturnedLine] = (),
        selected_item: tuple[str, str] | None = None,
        ship_to: Address | None = None,
        extrinsics: Mapping[str, str] | None = None,
        buyer_cookie: str = "",
    ) -> Reply:
        """Ask for a place to shop. A refusal is a reply like any other; only silence and nonsense raise."""
        self.visit = Setup(
            operation=operation,
            buyer_cookie=buyer_cookie or new_buyer_cookie(operation),
            post_url=self.hook_url,
            user=self.user,
            extrinsics=extrinsics or {},
            ship_to=ship_to,
            selected_item=selected_item,
            lines=tuple(each.as_item_out() if isinstance(each, ReturnedLine) else each for each in lines),
        )
        document = punchout_setup_request(self.settings, self.visit, language=self.language)
        return replace(self._send(f"setup {operation}", document), buyer_cookie=self.visit.buyer_cookie)

    def order(self, order: OrderToSend) -> Reply:
        """Send a purchase order, a change of it or its cancellation. The reply says what the supplier answered."""
        return self.send_order(order_request(self.settings, order, language=self.language))

    def send_order(self, written: Written) -> Reply:
        """Send one that is written already: as often as one likes, it is the same to the byte."""
        url = self.settings.order_url or self.settings.setup_url
        reply = self._send("order", written.body, url=url, content_type=written.content_type, shown=written.document)
        return replace(reply, payload_id=written.payload_id)

    # The browser's part

    def open(self, url: str) -> Page:
        """Follow the start page into the shop, pressing its button where it waits for one."""
        with self._step("start"):
            self._browse("start", url)
            return self._press_start("start")

    def home(self) -> ReturnedCart:
        """Read the form that carries the cart home. It is not sent anywhere: we are the ones it is meant for."""
        form = self.form("home")
        more = []
        if form.method != "post":
            more.append(f"The return form is sent by {form.method.upper()}, not by POST.")
        if self.visit and form.action != self.visit.post_url:
            more.append(f"The return form goes to {form.action} instead of {self.visit.post_url}.")
        try:
            cart = read_return_form(dict(form.fields))
        except Unreadable as error:
            raise StepFailed("home", str(error), self.page) from error
        if self.visit:
            more.extend(complaints_for(cart, self.settings, self.visit.buyer_cookie, self.visit.operation))
        return replace(cart, complaints=(*cart.complaints, *more))

    # How it is done

    def _send(
        self, step: str, body: bytes, *, url: str = "", content_type: str = "", shown: bytes | None = None
    ) -> Reply:
        url = url or self.settings.setup_url
        self.sent = without_secrets((shown or body).decode())
        headers = {**MACHINE, **({"Content-Type": content_type} if content_type else {})}
        page = self._timed(step, lambda: self.transport.post(url, body=body, headers=headers))
        answer = self._read(step, page)
        complaints = list(answer.complaints)
        if "set-cookie" in page.headers:
            complaints.append("The answer sets a cookie; a machine keeps none.")
        if step.startswith("setup") and answer.is_ok and not answer.start_url:
            raise StepFailed(step, "Status 200, but no StartPage URL.", page)
        return Reply(
            answer=answer,
            sent=self.sent,
            http_status=page.status,
            complaints=tuple(complaints),
        )

    def _read(self, step: str, page: Page) -> Answer:
        if page.status != 200:
            sentence = f"HTTP {page.status} instead of a cXML answer: a buyer's system takes that for a broken line."
            raise StepFailed(step, sentence, page)
        try:
            return read_response(page.body)
        except Unreadable as error:
            raise StepFailed(step, str(error), page) from error


def new_buyer_cookie(operation: str = "create") -> str:
    """Long, structured and different for every visit, as real ones are: nobody should parse or shorten it."""
    return f"KP:{operation}:{secrets.randbelow(10**9):09d}:{secrets.token_hex(24)}"
