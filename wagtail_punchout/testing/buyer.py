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
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from wagtail_punchout.testing.browsing import DjangoTransport, Form, Page, RequestsTransport, Transport
from wagtail_punchout.testing.documents import (
    Address,
    Answer,
    BuyerSettings,
    ItemOut,
    ReturnedCart,
    ReturnedLine,
    Setup,
    Unreadable,
    User,
    complaints_for,
    profile_request,
    punchout_setup_request,
    read_response,
    read_return_form,
    without_secrets,
)

__all__ = ["BuyerSettings", "DjangoTransport", "FakeBuyer", "Reply", "RequestsTransport", "Step", "StepFailed"]

MACHINE = {"Content-Type": "text/xml; charset=UTF-8", "Accept": "text/xml"}
SHOPPER = User(first_name="Robin", last_name="Buyer", email="robin.buyer@example.com", unique_name="rbuyer")
HOOK_URL = "https://buyer.example/punchout/hook?visit=1&company=ACME%20Ltd"
MOST_REDIRECTS = 10
_T = TypeVar("_T")


class StepFailed(AssertionError):
    """The shop did something else than a buyer may expect. ``page`` is what it answered, where it did."""

    def __init__(self, step: str, sentence: str, page: Page | None = None) -> None:
        super().__init__(f"{step}: {sentence}")
        self.step, self.sentence, self.page = step, sentence, page


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a visit and how long the shop took for it."""

    name: str
    milliseconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A document sent and what came of it. Both documents are kept without secrets."""

    answer: Answer
    sent: str
    http_status: int
    buyer_cookie: str = ""
    complaints: tuple[str, ...] = ()

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
class FakeBuyer:
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

    # The browser's part

    def open(self, url: str) -> Page:
        """Follow the start page into the shop, pressing its button where it waits for one."""
        with self._step("start"):
            self._browse("start", url)
            for _ in range(3):  # the start page may be followed by one that looks for cookies
                form = next(iter(self.page.forms("start")), None)
                if form is None:
                    return self.page
                self._submit("start", form)
        raise StepFailed("start", "The start page shows its button again and again.", self.page)

    def go(self, url: str) -> Page:
        """Open an address, absolute or relative to the page shown."""
        with self._step(f"go {urlsplit(url).path or url}"):
            return self._browse("go", urljoin(self.page.url if self.page else self.settings.setup_url, url))

    def press(self, name: str, n: int = 0, **fields: str) -> Page:
        """Send the ``n``-th form marked ``data-test="name"``, with some fields typed over."""
        with self._step(name):
            return self._submit(name, self.form(name, n), **fields)

    def find(self, name: str, most: int = 40) -> Page:
        """Look for a form of that mark here and, breadth first, behind the links of this site."""
        with self._step(f"find {name}"):
            known = [self.page.url] if self.page else []
            for place in range(most):
                if self.page and self.page.forms(name):
                    return self.page
                known += [url for url in self._links() if url not in known]
                if place + 1 >= len(known):
                    break
                self.page = self.transport.get(known[place + 1])
        raise StepFailed(name, f"No page with a form data-test=“{name}” among {len(known)} of the shop.", self.page)

    def form(self, name: str, n: int = 0) -> Form:
        """The ``n``-th form of that mark on the page shown."""
        forms = self.page.forms(name) if self.page else []
        if n >= len(forms):
            shown = f"“{self.page.title}” at {self.page.url}" if self.page else "no page"
            raise StepFailed(name, f"No form number {n + 1} with data-test=“{name}” on {shown}.", self.page)
        return forms[n]

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

    def _send(self, step: str, document: bytes) -> Reply:
        url = self.settings.setup_url
        self.sent = without_secrets(document.decode())
        page = self._timed(step, lambda: self.transport.post(url, body=document, headers=MACHINE))
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

    def _browse(self, step: str, url: str) -> Page:
        return self._arrive(step, self.transport.get(url))

    def _submit(self, step: str, form: Form, **fields: str) -> Page:
        data = form.filled(**fields)
        if form.method != "post":
            return self._browse(step, f"{form.action.split('?')[0]}?{urlencode(list(data))}")
        return self._arrive(step, self.transport.post(form.action, data=data, headers=self._origin()))

    def _links(self) -> list[str]:
        is_page = self.page and self.page.headers.get("content-type", "").startswith("text/html")
        return self.page.links() if is_page else []

    def _origin(self) -> dict[str, str]:
        parts = urlsplit(self.page.url)
        return {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": self.page.url}

    def _arrive(self, step: str, page: Page) -> Page:
        for _ in range(MOST_REDIRECTS):
            self.page = page
            if not page.redirect:
                break
            if page.status in {307, 308}:
                raise StepFailed(step, f"HTTP {page.status} asks to send the form again to {page.redirect}.", page)
            page = self.transport.get(page.redirect)
        if page.redirect:
            raise StepFailed(step, f"More than {MOST_REDIRECTS} redirects.", page)
        if page.status != 200:
            said = f" and the page “{page.title}”" if page.title else ""
            raise StepFailed(step, f"The shop answered HTTP {page.status}{said} at {page.url}.", page)
        return page

    def _timed(self, name: str, work: Callable[[], _T]) -> _T:
        with self._step(name):
            return work()

    @contextmanager
    def _step(self, name: str):
        began = time.perf_counter()
        try:
            yield
        except OSError as error:  # requests' errors are among them
            raise StepFailed(name, f"The shop cannot be reached: {error}") from error
        finally:
            self.steps.append(Step(name, (time.perf_counter() - began) * 1000))


def new_buyer_cookie(operation: str = "create") -> str:
    """Long, structured and different for every visit, as real ones are: nobody should parse or shorten it."""
    return f"KP:{operation}:{secrets.randbelow(10**9):09d}:{secrets.token_hex(24)}"
