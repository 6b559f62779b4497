"""A browser without JavaScript: pages, links, forms, and two ways to reach a shop.

It fills forms as a browser would and nothing else: what works here works for people whose browser runs no script.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lxml import html

if TYPE_CHECKING:
    from django.test import Client

TIMEOUT = 30
HTML = {"Accept": "text/html,application/xhtml+xml"}
LARGEST_PAGE = 20 * 1024 * 1024
# Browsers count these as secure even without TLS, and send Secure cookies there.
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
NOT_SENT = {"submit", "button", "image", "reset", "file"}
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Browsers take these names for a larger set of characters (Encoding Standard, "Names and labels").
LARGER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}


def browser_codec(label: str) -> str:
    """Python's name of what a browser understands by ``label``; empty where it understands nothing."""
    try:
        name = codecs.lookup(label.strip()).name
    except LookupError:
        return ""
    return LARGER.get(name, name)


def encode_form(fields: Sequence[tuple[str, str]], codec: str = "utf-8") -> str:
    """The fields as a browser sends them: CR LF at line ends, ``&#N;`` for what the charset of the page lacks."""
    lines = [(name, "\r\n".join(re.split("\r\n|\r|\n", value))) for name, value in fields]
    return urlencode(lines, encoding=codec, errors="xmlcharrefreplace")


def decode_form(sent: str | bytes, charset: str = "utf-8") -> tuple[tuple[str, str], ...]:
    """The fields as a receiver reads them that expects ``charset``, to the letter and without a browser's leniency."""
    text = sent.decode("latin-1") if isinstance(sent, bytes) else sent
    return tuple(parse_qsl(text, keep_blank_values=True, encoding=charset, errors="replace"))


@dataclass(frozen=True, slots=True)
class Page:
    """One HTTP answer. Header names are in lower case."""

    url: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def redirect(self) -> str:
        """Where the answer sends us, or nothing."""
        location = self.headers.get("location", "")
        return urljoin(self.url, location) if self.status in {301, 302, 303, 307, 308} and location else ""

    @property
    def declared_charset(self) -> str:
        """As the header says, else as the page itself says, else nothing."""
        said = self.headers.get("content-type", "").encode("latin-1", "replace")
        found = CHARSET.search(said) or CHARSET.search(self.body[:1024])
        return found[1].decode("ascii", "replace") if found else ""

    @property
    def codec(self) -> str:
        return browser_codec(self.declared_charset) or "utf-8"

    @property
    def text(self) -> str:
        return self.body.decode(self.codec, "replace")

    @property
    def tree(self) -> html.HtmlElement:
        body = self.text.encode() or b"<html></html>"
        return html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))

    @property
    def title(self) -> str:
        return (self.tree.findtext(".//title") or "").strip()

    def forms(self, name: str) -> list[Form]:
        """The forms marked ``data-test="name"``, in page order."""
        tree = self.tree
        base = urljoin(self.url, next(iter(tree.xpath("//base/@href")), ""))
        return [Form.read(element, base, self.codec) for element in tree.xpath("//form[@data-test=$name]", name=name)]

    def links(self) -> list[str]:
        """The addresses of the page's links on the same site, each once."""
        found = (urljoin(self.url, href).split("#")[0] for href in self.tree.xpath("//a/@href"))
        here = urlsplit(self.url).netloc
        return list(dict.fromkeys(url for url in found if urlsplit(url).netloc == here))


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it would be sent when its first button is pressed. ``codec`` is Python's name of its charset."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]
    target: str = ""
    codec: str = "utf-8"

    @classmethod
    def read(cls, element: html.HtmlElement, base: str, codec: str = "utf-8") -> Form:
        controls = list(element.iter("input", "select", "textarea", "button"))
        if identity := element.get("id"):
            tree = element.getroottree()
            controls += tree.xpath("//*[self::input or self::select or self::textarea][@form=$id]", id=identity)
        fields = [pair for control in controls for pair in _sent_by(control)]
        fields += _sent_by_button(controls)
        accepted = next(iter(re.split(r"[\s,]+", (element.get("accept-charset") or "").strip())), "")
        return cls(
            urljoin(base, element.get("action") or base),
            (element.get("method") or "get").lower(),
            tuple(fields),
            element.get("target") or "",
            browser_codec(accepted) or codec,
        )

    def filled(self, **values: str) -> tuple[tuple[str, str], ...]:
        """The fields with some typed over, and those added that the form has not."""
        kept = [(name, values.pop(name, value)) for name, value in self.fields]
        return (*kept, *values.items())


class Transport(Protocol):
    """How the buyer reaches the shop. Neither method follows redirects.

    ``body`` is a document that a server posts: it travels without cookies. ``data`` is a form that a browser posts.
    ``get`` is the browser's, ``fetch`` the server's.
    """

    def get(self, url: str) -> Page: ...

    def fetch(self, url: str) -> Page: ...

    def post(
        self,
        url: str,
        *,
        data: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page: ...


class RequestsTransport:
    """Over the network, with a cookie jar of its own."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        import requests

        self._timeout = timeout
        self._browser = requests.Session()
        self._browser.headers.update(HTML)
        self._machine = requests.Session()
        for session in (self._browser, self._machine):
            session.trust_env = False

    @property
    def cookies(self):
        """The browser's cookie jar."""
        return self._browser.cookies

    def get(self, url: str) -> Page:
        return self._send(self._browser, "GET", url)

    def fetch(self, url: str) -> Page:
        self._machine.cookies.clear()
        return self._send(self._machine, "GET", url)

    def post(self, url, *, data=(), body=None, headers=None) -> Page:
        if body is None:
            return self._send(self._browser, "POST", url, data=list(data), headers=headers)
        self._machine.cookies.clear()
        return self._send(self._machine, "POST", url, data=body, headers=headers)

    def _send(self, session, method: str, url: str, **given) -> Page:
        from urllib3.exceptions import HTTPError

        given |= {"timeout": self._timeout, "allow_redirects": False, "stream": True}
        with session.request(method, url, **given) as response:
            try:
                body = response.raw.read(LARGEST_PAGE, decode_content=True)
            except HTTPError as error:  # broken off in the middle; requests only translates what happens before
                raise ConnectionError(str(error)) from error
        if urlsplit(url).hostname in LOOPBACK:
            for cookie in session.cookies:
                cookie.secure = False
        return Page(url, response.status_code, {n.lower(): value for n, value in response.headers.items()}, body)


class DjangoTransport:
    """Straight into the Django project under test, without a server. CSRF is checked as in real life."""

    def __init__(self, client: Client | None = None) -> None:
        from django.test import Client

        self._browser = client or Client(enforce_csrf_checks=True)

    def get(self, url: str) -> Page:
        return self._send(self._browser, "GET", url, headers=HTML)

    def fetch(self, url: str) -> Page:
        from django.test import Client

        return self._send(Client(enforce_csrf_checks=True), "GET", url)

    def post(self, url, *, data=(), body=None, headers=None) -> Page:
        from django.test import Client

        if body is not None:
            return self._send(Client(enforce_csrf_checks=True), "POST", url, body, headers)
        sent = {"Content-Type": "application/x-www-form-urlencoded", **HTML, **(headers or {})}
        return self._send(self._browser, "POST", url, urlencode(list(data)).encode(), sent)

    def _send(self, client: Client, method: str, url: str, body: bytes = b"", headers=None) -> Page:
        parts = urlsplit(url)
        given = {"Host": parts.netloc, **(headers or {})}
        kind = given.pop("Content-Type", "application/octet-stream")
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        response = client.generic(method, path, body, kind, secure=parts.scheme == "https", headers=given)
        content = b"".join(response) if response.streaming else response.content
        cookies = {"set-cookie": response.cookies.output(header="", sep=",").strip()} if response.cookies else {}
        return Page(url, response.status_code, {n.lower(): v for n, v in response.items()} | cookies, content)


def _sent_by(control: html.HtmlElement) -> list[tuple[str, str]]:
    name, kind = control.get("name"), (control.get("type") or "text").lower()
    if not name or control.get("disabled") is not None or control.tag == "button" or kind in NOT_SENT:
        return []
    if control.tag == "select":
        options = control.xpath(".//option[not(@disabled)]")
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return [(name, option.get("value", (option.text or "").strip())) for option in chosen]
    if control.tag == "textarea":
        return [(name, control.text or "")]
    if kind in {"checkbox", "radio"} and control.get("checked") is None:
        return []
    return [(name, control.get("value", "on" if kind in {"checkbox", "radio"} else ""))]


def _sent_by_button(controls: Sequence[html.HtmlElement]) -> list[tuple[str, str]]:
    for control in controls:
        kind = (control.get("type") or ("submit" if control.tag == "button" else "text")).lower()
        if kind == "submit" and control.tag in {"button", "input"} and control.get("disabled") is None:
            return [(control.get("name"), control.get("value", ""))] if control.get("name") else []
    return []
