"""A buyer that comes by OCI: the procurement system and its user's browser in one object.

    buyer = FakeOciBuyer(settings, DjangoTransport())
    buyer.call_up()
    buyer.go("/catalogue/")
    buyer.press("add-to-cart", quantity="2")
    buyer.go("/cart/")
    buyer.press("return")
    cart = buyer.home()

    buyer.validate(cart.lines[0].product_id, quantity=10)
    buyer.background_search("chair")

Every step either works or raises :class:`StepFailed` with a sentence that says what the shop did instead.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from wagtail_punchout.testing.browsing import (
    DjangoTransport,
    Form,
    Page,
    RequestsTransport,
    Transport,
    browser_codec,
    encode_form,
)
from wagtail_punchout.testing.documents.oci import Pairs, ReturnedOciCart, read_oci_fields, read_oci_page
from wagtail_punchout.testing.documents.oci_arrival import arrived
from wagtail_punchout.testing.documents.oci_call import OciSettings, as_sent, call_pairs, call_url
from wagtail_punchout.testing.documents.writing import STRUCK_OUT
from wagtail_punchout.testing.shopper import Shopper, Step, StepFailed

__all__ = ["DjangoTransport", "FakeOciBuyer", "OciSettings", "RequestsTransport", "Step", "StepFailed"]

HOOK_URL = "https://buyer.example/punchout/hook?visit=1&company=ACME%20Ltd"
SHORTEST_SECRET = 6
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}


@dataclass(slots=True)
class FakeOciBuyer(Shopper):
    """Plays one visit after the other. ``page`` is what its browser shows now."""

    settings: OciSettings
    transport: Transport
    hook_url: str = HOOK_URL
    page: Page | None = None
    steps: list[Step] = field(default_factory=list)
    sent: str = ""  # the last call, without its password
    answer: Page | None = None  # what the shop's server said to ours last

    @property
    def entrance(self) -> str:
        return self.settings.oci_url

    # The browser's part

    def call_up(self, **extra: str) -> Page:
        """Open the shop. Keyword arguments are further parameters of this call: ``COSTCENTER="4711"``."""
        return self._open("call-up", self.pairs(extra))

    def detail(self, product_id: str, **extra: str) -> Page:
        """FUNCTION=DETAIL: show an article that came home before."""
        return self._open("detail", self.pairs(extra, function="DETAIL", product_id=product_id))

    def sourcing(self, text: str, **extra: str) -> Page:
        """FUNCTION=SOURCING: open the shop at what it finds."""
        return self._open("sourcing", self.pairs(extra, function="SOURCING", search=text))

    def home(self) -> ReturnedOciCart:
        """Read the form that carries the cart home, as it would arrive: in the page's charset, by its method.

        It is not sent anywhere: we are the ones it is meant for.
        """
        form = self.form("home")
        cart = self._carried(self.page, form)
        return replace(cart, complaints=(*cart.complaints, *self._of_way(form)))

    # The server's part: no cookies, no script, no second address

    def validate(self, product_id: str, quantity: Decimal | str | int = 1) -> ReturnedOciCart:
        """FUNCTION=VALIDATE: what the article costs today, in that quantity. Without a line it is no longer sold."""
        given = {"function": "VALIDATE", "product_id": product_id, "quantity": str(quantity)}
        cart = self._ask("validate", self.pairs({}, **given))
        more = []
        if len(cart.lines) > 1:
            more.append(f"VALIDATE was for one article, but {len(cart.lines)} lines came.")
        for line in cart.lines[:1]:
            if line.product_id != product_id:
                more.append(f"VALIDATE was for {product_id}, but {line.product_id or 'a line without ID'} came.")
            if line.quantity != Decimal(quantity):
                more.append(f"VALIDATE was for a quantity of {quantity}, but {line.quantity} came.")
        return replace(cart, complaints=(*cart.complaints, *more))

    def background_search(self, text: str) -> ReturnedOciCart:
        """FUNCTION=BACKGROUND_SEARCH: all hits at once, for a search over several catalogs."""
        return self._ask("background search", self.pairs({}, function="BACKGROUND_SEARCH", search=text))

    def pairs(self, extra: dict[str, str], **wish: str) -> Pairs:
        """The parameters of a call, password included."""
        return call_pairs(self.settings, self.hook_url, further=extra, **wish)

    def read(self, fields: Pairs) -> ReturnedOciCart:
        """Read fields that came by whatever way."""
        return read_oci_fields(fields, self.settings.version, agreed=self.settings.agreed)

    # How it is done

    def _open(self, step: str, pairs: Pairs) -> Page:
        self.sent = as_sent(self.settings, pairs)
        with self._step(step):
            if self.settings.method == "post":
                hook = urlsplit(self.hook_url)
                origin = {"Origin": f"{hook.scheme}://{hook.netloc}"}
                self._arrive(step, self.transport.post(self.settings.oci_url, data=pairs, headers=origin))
            else:
                self._browse(step, call_url(self.settings, pairs))
            page = self._press_start(step)
        if self._gives_away(page.url) or self.settings.password in dict(parse_qsl(urlsplit(page.url).query)).values():
            raise StepFailed(step, "The shop leaves the password in the address that the browser shows.", page)
        return page

    def _ask(self, step: str, pairs: Pairs) -> ReturnedOciCart:
        self.sent = as_sent(self.settings, pairs)
        page = self.answer = self._timed(step, lambda: self._fetch(pairs))
        if page.redirect:
            where = self._without_password(page.redirect)
            raise StepFailed(step, f"The shop sends a program on to {where} instead of answering it.", page)
        if page.status != 200:
            said = f" and the page “{page.title}”" if page.title else ""
            raise StepFailed(step, f"The shop answered HTTP {page.status}{said}.", page)
        if forms := page.forms("home"):
            return self._carried(page, forms[0])
        return read_oci_page(page.text, self.settings.version, agreed=self.settings.agreed)

    def _fetch(self, pairs: Pairs) -> Page:
        if self.settings.method == "post":
            return self.transport.post(self.settings.oci_url, body=encode_form(pairs).encode(), headers=FORM)
        return self.transport.fetch(call_url(self.settings, pairs))

    def _carried(self, page: Page, form: Form) -> ReturnedOciCart:
        """The cart as a browser would carry it home: by GET the query of the address is dropped, by POST it stays."""
        sent = encode_form(form.fields, form.codec)
        query = sent if form.method != "post" else form.action.partition("?")[2]
        body = sent if form.method == "post" else ""
        fields, complaints = arrived((query, body), self.hook_url, self.settings.expected_charset)
        cart = self.read(fields)
        return replace(cart, complaints=(*cart.complaints, *complaints, *self._of_page(page, form)))

    def _of_page(self, page: Page, form: Form) -> list[str]:
        """The charset of the page decides what arrives, so it has to be the one that we expect."""
        complaints = []
        if not page.declared_charset:
            complaints.append("The return page does not say its charset.")
        elif form.codec != browser_codec(self.settings.expected_charset):
            said = f"The return form is in {form.codec}, but we expect {self.settings.expected_charset}."
            complaints.append(said)
        if self._gives_away(page.text):
            complaints.append("The return page contains our password.")
        return complaints

    @contextmanager
    def _step(self, name: str):
        """As ever, but a call's address holds the password, and sentences about failures quote addresses."""
        try:
            with Shopper._step(self, name):
                yield
        except StepFailed as failed:
            raise StepFailed(failed.step, self._without_password(failed.sentence), failed.page) from None

    def _without_password(self, text: str) -> str:
        password = self.settings.password
        for spelled in {password, quote(password), quote(password, safe=""), quote_plus(password)} - {""}:
            text = text.replace(spelled, STRUCK_OUT)
        return text

    def _gives_away(self, text: str) -> bool:
        """Whether the password stands in it. Short ones are found in any text."""
        return len(self.settings.password) >= SHORTEST_SECRET and self.settings.password in unquote_plus(text)

    def _of_way(self, form: Form) -> list[str]:
        """Whether the cart goes to the hook that we named, and into the frame that we named."""
        complaints = []
        wanted = self.hook_url.partition("?")[0]
        address = form.action.partition("?")[0]
        if address != wanted:
            complaints.append(f"The return form goes to {address} instead of {wanted}.")
        if self.settings.target and form.target != self.settings.target:
            complaints.append(f"The return form is for “{form.target}”, but we asked for “{self.settings.target}”.")
        return complaints
