"""The form in which the buyer's browser carries a document home (guide pp. 26-27, 40-41).

Names are case-insensitive by the book, yet one buyer reads exactly the spellings below. The urlencoded field is encoded
by the browser and by nobody else; the template only escapes it for HTML. The document is ASCII already, so both fields
arrive whole.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Literal

from wagtail_punchout.protocol.errors import UnreadableDocument
from wagtail_punchout.protocol.failures import Failure

Encoding = Literal["base64", "urlencoded"]

BASE64 = "cXML-base64"
URLENCODED = "cxml-urlencoded"


def form_fields(document: bytes, *, encoding: Encoding) -> tuple[tuple[str, str], ...]:
    """Names and values of the hidden inputs, not yet escaped for HTML."""
    if encoding == "base64":
        return ((BASE64, base64.b64encode(document).decode("ascii")),)  # one line, without breaks
    return ((URLENCODED, document.decode("ascii")),)


def read_form(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> bytes:
    """The document of a posted form, base64 first; ``UnreadableDocument`` when there is none."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    found = {name.strip().lower(): value for name, value in pairs}
    if encoded := found.get(BASE64.lower()):
        try:
            return base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            raise UnreadableDocument(f"The field {BASE64} is not valid base64.", code=Failure.FORM) from None
    if document := found.get(URLENCODED.lower()):
        return document.encode("utf-8", "replace")
    raise UnreadableDocument(f"The form has no field {BASE64} and no field {URLENCODED}.", code=Failure.FORM)
