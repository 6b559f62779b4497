"""StatusUpdateRequest: what has become of a document, in either direction (guide pp. 290-297).

A supplier says what became of an order that it has taken with 201; a buyer says what it does with an invoice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.fulfilment_parts import add_document_reference
from wagtail_punchout.protocol.cxml.order_parts import attribute, read_comments
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.errors import STATUS_TEXTS, UnacceptableContent
from wagtail_punchout.protocol.fulfilment import StatusUpdate

MODULE = "cXML"
_SUBJECTS = ("InvoiceStatus", "DocumentStatus", "PaymentStatus", "SourcingStatus", "IntegrationStatus")


def encode_status_update(update: StatusUpdate, *, language: str = "en") -> _Element:
    body = tree.element("StatusUpdateRequest")
    if update.document:
        add_document_reference(body, update.document)
    phrase = update.text or STATUS_TEXTS.get(update.code, "")
    tag = tree.language_tag(language, fallback="en")
    tree.add_text(body, "Status", update.sentence, {"code": str(update.code), "text": tree.clean(phrase), LANG: tag})
    return body


def decode_status_update(body: _Element) -> StatusUpdate:
    """Read it; ``UnacceptableContent`` where it says nothing of anything."""
    status = tree.require(body, "Status")
    code, reference = attribute(status, "code"), body.find("DocumentReference")
    if not (code.isascii() and code.isdigit() and len(code) == 3):
        raise UnacceptableContent("StatusUpdateRequest/Status/@code is not a number of three digits.")
    said = StatusUpdate(
        code=int(code),
        text=attribute(status, "text"),
        sentence=tree.content(status).strip(),
        document="" if reference is None else attribute(reference, "payloadID"),
    )
    subject = next((each for each in body if each.tag in _SUBJECTS), None)
    return said if subject is None else replace(said, **_about(subject))


def _about(subject: _Element) -> dict[str, Any]:
    return {
        "subject": subject.tag,
        "type": attribute(subject, "type"),
        "invoice": _named(subject, "InvoiceIDInfo", "invoiceID"),
        "number": _named(subject, "DocumentInfo", "documentID"),
        "order": attribute(subject, "orderID"),
        "amount": tree.money(subject, "PartialAmount"),
        "comments": tuple(each.text for each in read_comments(subject)),
    }


def _named(parent: _Element, name: str, key: str) -> str:
    found = parent.find(name)
    return "" if found is None else attribute(found, key)
