"""The Response: what the shop said to a ProfileRequest or a PunchOutSetupRequest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from wagtail_punchout.testing.documents.opening import Unreadable, open_document, text_of


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request that the shop takes, and where."""

    name: str
    url: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A Response, read. ``message`` is the sentence inside Status, ``text`` the canonical name of the code."""

    status: int
    text: str = ""
    message: str = ""
    start_url: str = ""
    transactions: tuple[Transaction, ...] = ()
    document: str = ""
    complaints: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Exactly 200: Oracle takes even a 201 for a failure."""
        return self.status == 200

    @property
    def verdict(self) -> str:
        named = f"{self.status} {self.text}".strip()
        return f"{named}: {self.message}" if self.message else named


def read_response(body: bytes) -> Answer:
    """Read a Response; ``Unreadable`` when there is none."""
    opened = open_document(body)
    response = opened.root.find("Response")
    if response is None:
        raise Unreadable("The document is cXML but holds no Response.")
    status = response.find("Status")
    code = status.get("code", "") if status is not None else ""
    if not code.isdigit():
        raise Unreadable(f"The Response has no Status with a numeric code (found “{code}”).")
    if opened.root.find("Header") is not None:
        opened.complaints.append("A Response has no Header.")
    if not status.get("text"):
        opened.complaints.append("Status has no text.")
    start_url = _start_url(response, opened.complaints)
    if not code.startswith("2") and len(response) > 1:
        opened.complaints.append(f"Status {code} comes with further elements; only a success may.")
    return Answer(
        status=int(code),
        text=status.get("text", ""),
        message=text_of(status),
        start_url=start_url,
        transactions=tuple(_transaction(each) for each in response.findall("ProfileResponse/Transaction")),
        document=opened.source,
        complaints=tuple(opened.complaints),
    )


def _start_url(response: etree._Element, complaints: list[str]) -> str:
    setup = response.find("PunchOutSetupResponse")
    if setup is None:
        return ""
    raw = "".join(setup.find("StartPage/URL").itertext()) if setup.find("StartPage/URL") is not None else ""
    url = raw.strip()
    if raw != url:
        complaints.append("Blanks or line breaks stand around the StartPage URL; not every receiver trims.")
    if urlsplit(url).scheme not in {"http", "https"}:
        complaints.append(f"The StartPage URL “{url}” is not an absolute web address.")
    if "&" in url:
        complaints.append("The StartPage URL contains “&”, which naive readers do not unescape.")
    return url


def _transaction(element: etree._Element) -> Transaction:
    options = {option.get("name", ""): text_of(option) for option in element.findall("Option")}
    return Transaction(element.get("requestName", ""), text_of(element, "URL"), options)
