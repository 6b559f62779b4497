"""The envelope: the three shapes a document has, and what each says about itself.

``cXML(Header, Request)`` and ``cXML(Header, Message)`` say who is speaking; ``cXML(Response)`` only answers. One
document holds one of them (guide pp. 18, 32).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.header import Credential, CredentialMac, Header, add_header, read_header
from wagtail_punchout.protocol.cxml.tree import LANG, Document
from wagtail_punchout.protocol.errors import (
    STATUS_TEXTS,
    NotImplementedHere,
    UnacceptableContent,
    UnreadableDocument,
)
from wagtail_punchout.protocol.failures import Failure

__all__ = [
    "DEFAULT_DTD",
    "NEWER_DTD",
    "Credential",
    "CredentialMac",
    "DeploymentMode",
    "Header",
    "Message",
    "Request",
    "Response",
    "Status",
    "answer_version",
    "decode_message",
    "decode_request",
    "decode_response",
    "encode_message",
    "encode_request",
    "encode_response",
]

DeploymentMode = Literal["production", "test"]

DEFAULT_DTD = "1.2.014"  # what Coupa and most buyers name, and the oldest grammar this package writes for
NEWER_DTD = "1.2.048"  # the oldest to know PriceBasisQuantity, BuyerPartID, itemType and Comments in a cart

_VERSION = re.compile(r"1\.2\.\d{3}")
_VERSION_IN_SYSTEM_ID = re.compile(r"/cXML/(\d\.\d\.\d{3})/", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A question from the buyer's system. ``name`` and ``body`` are the one element it holds, known to us or not."""

    payload_id: str
    timestamp: str
    language: str = ""
    dtd_version: str = ""
    deployment_mode: DeploymentMode = "production"
    header: Header
    name: str
    body: _Element


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """Something said without expecting an answer; the cart that goes home. ``status`` 204 says "nothing changed"."""

    header: Header
    payload_id: str
    timestamp: datetime | None  # None when a received one could not be read
    language: str = "en"
    deployment_mode: DeploymentMode = "production"
    in_reply_to: str = ""
    status: Status | None = None
    body: _Element


@dataclass(frozen=True, slots=True)
class Status:
    """How it went. ``text`` is the canonical phrase of the code, ``message`` what a person needs to know."""

    code: int
    text: str = ""
    message: str = ""
    language: str = "en"

    @property
    def is_success(self) -> bool:
        """Unknown codes count by their class (guide p. 37)."""
        return 200 <= self.code < 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    status: Status
    payload_id: str = ""
    body: _Element | None = None


def answer_version(requested: str, *, needed: str = DEFAULT_DTD) -> str:
    """The version to name in an answer: the buyer's own within 1.2, raised only for words it does not know yet."""
    version = requested if _VERSION.fullmatch(requested) else DEFAULT_DTD
    return max(version, needed) if needed > DEFAULT_DTD else version


# Reading


def decode_request(document: Document) -> Request:
    """Read a request; 406 for what is not one, 450 for the other two shapes of cXML."""
    header, request = _addressed(document, "Request")
    body = _only_child(request)
    return Request(
        payload_id=document.root.get("payloadID", "").strip(),
        timestamp=document.root.get("timestamp", "").strip(),
        language=tree.language_tag(document.root.get(LANG, "")),
        dtd_version=_dtd_version(document),
        deployment_mode=_deployment_mode(request),
        header=header,
        name=body.tag,
        body=body,
    )


def decode_message(document: Document) -> Message:
    """Read a message, as a buyer's system would."""
    header, message = _addressed(document, "Message")
    status = tree.only(message, "Status")
    return Message(
        header=header,
        payload_id=document.root.get("payloadID", "").strip(),
        timestamp=timestamps.read(document.root.get("timestamp", "")),
        language=tree.language_tag(document.root.get(LANG, "")),
        deployment_mode=_deployment_mode(message),
        in_reply_to=message.get("inReplyTo", "").strip(),
        status=None if status is None else _status(status),
        body=_only_child(message, beside=status),
    )


def decode_response(document: Document) -> Response:
    """Read an answer, whatever its status."""
    _check_root(document)
    response = tree.only(document.root, "Response")
    if response is None:
        raise UnreadableDocument("cXML/Response is missing.")
    status = tree.only(response, "Status")
    if status is None:
        raise UnreadableDocument("Response/Status is missing.")
    bodies = [child for child in response if child is not status]
    return Response(
        status=_status(status),
        payload_id=document.root.get("payloadID", "").strip(),
        body=bodies[0] if bodies else None,
    )


def _addressed(document: Document, shape: str) -> tuple[Header, _Element]:
    _check_root(document)
    found = tree.only(document.root, shape)
    if found is None:
        for other in ("Request", "Message", "Response"):
            if document.root.find(other) is not None:
                raise NotImplementedHere(f"A {shape} is expected here, not a {other}.")
        raise UnreadableDocument(f"cXML/{shape} is missing.")
    if any(document.root.find(other) is not None for other in {"Request", "Message", "Response"} - {shape}):
        raise UnreadableDocument(f"A document holds one {shape} and nothing else beside its Header.")
    return read_header(document.root), found


def _check_root(document: Document) -> None:
    if document.root.tag != "cXML":
        raise UnreadableDocument(f"The root element must be cXML, not {document.root.tag[:80]}.", code=Failure.NOT_CXML)


def _only_child(parent: _Element, *, beside: _Element | None = None) -> _Element:
    children = [child for child in parent if child is not beside]
    if len(children) != 1 or children[0].tag.startswith("{"):
        raise UnreadableDocument(f"{parent.tag} must hold exactly one element, as the cXML DTD names it.")
    return children[0]


def _status(element: _Element) -> Status:
    code = element.get("code", "").strip()
    if not (code.isascii() and code.isdigit() and len(code) == 3):
        raise UnreadableDocument(f"Status/@code is {code[:20]!r}, not a number of three digits.")
    return Status(
        code=int(code),
        text=element.get("text", ""),
        message=tree.content(element).strip(),
        language=tree.language_tag(element.get(LANG, ""), fallback="en"),
    )


def _deployment_mode(element: _Element) -> DeploymentMode:
    mode = element.get("deploymentMode", "").strip().lower()
    if mode in ("", "production"):
        return "production"
    if mode == "test":
        return "test"
    # Taken for production it might ship goods, taken for a test it might lose an order.
    raise UnacceptableContent(f"deploymentMode is {mode[:40]!r}; it can be production or test.")


def _dtd_version(document: Document) -> str:
    # The version attribute is deprecated and often contradicts the DOCTYPE (guide p. 24), so it only helps out.
    named = _VERSION_IN_SYSTEM_ID.search(document.system_id)
    return named[1] if named else document.root.get("version", "").strip()[:20]


# Writing


def encode_request(request: Request, *, module: str = "cXML") -> bytes:
    """Write a request with its secrets. Documents after the order stand in other modules of the DTD."""
    root = _root(request.payload_id, request.timestamp, request.language)
    add_header(root, request.header, with_proof=True)
    holder = tree.add(root, "Request", {"deploymentMode": request.deployment_mode})
    holder.append(request.body)
    return tree.serialize(root, dtd_version=request.dtd_version or DEFAULT_DTD, module=module)


def encode_message(message: Message, *, dtd_version: str = DEFAULT_DTD) -> bytes:
    """Write a message. It passes through the user's browser, so it never holds a secret (guide pp. 29, 38)."""
    if message.timestamp is None:
        raise ValueError("a message needs a timestamp")
    root = _root(message.payload_id, timestamps.format(message.timestamp), message.language)
    add_header(root, message.header, with_proof=False)
    attributes: dict[str, str] = {"deploymentMode": message.deployment_mode}
    if message.in_reply_to:
        attributes["inReplyTo"] = tree.clean(message.in_reply_to)
    holder = tree.add(root, "Message", attributes)
    if message.status:
        _add_status(holder, message.status)
    holder.append(message.body)
    return tree.serialize(root, dtd_version=dtd_version)


def encode_response(
    status: Status,
    *,
    payload_id: str,
    timestamp: datetime,
    language: str = "en",
    body: _Element | None = None,
    dtd_version: str = DEFAULT_DTD,
) -> bytes:
    """Write an answer; anything but success goes without a body (guide p. 34)."""
    if body is not None and not status.is_success:
        raise ValueError(f"a Response with Status {status.code} holds nothing else")
    root = _root(payload_id, timestamps.format(timestamp), language)
    response = tree.add(root, "Response")
    _add_status(response, status)
    if body is not None:
        response.append(body)
    return tree.serialize(root, dtd_version=dtd_version)


def _root(payload_id: str, timestamp: str, language: str) -> _Element:
    root = etree.Element("cXML", {"payloadID": tree.clean(payload_id), "timestamp": tree.clean(timestamp)})
    if tag := tree.language_tag(language):
        root.set(LANG, tag)
    return root


def _add_status(parent: _Element, status: Status) -> None:
    phrase = status.text or STATUS_TEXTS.get(status.code, "")
    language = tree.language_tag(status.language, fallback="en")
    tree.add_text(
        parent, "Status", status.message, {"code": str(status.code), "text": tree.clean(phrase), LANG: language}
    )
