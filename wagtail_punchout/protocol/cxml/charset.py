"""Bytes to text, decided by us and not by the XML parser.

A parser honors whatever charset a stranger declares: a DOCTYPE hidden in UTF-7 passes every scanner that looks at
bytes. So the text is decoded here, strictly and once, and everything after this module sees only ``str``.

Senders get their label wrong (Oracle EBS declares ISO-8859-15 and sends UTF-8, .NET declares UTF-16 over UTF-8), hence
the order: what the bytes prove, then UTF-8, then the label, then Latin-1. Text in another charset is practically never
valid UTF-8 by accident.
"""

from __future__ import annotations

import re

from wagtail_punchout.protocol.errors import UnreadableDocument
from wagtail_punchout.protocol.failures import Failure

_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "us-ascii",
    "ascii": "us-ascii",
    "iso-8859-1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "iso_8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "iso8859-15": "iso-8859-15",
    "iso_8859-15": "iso-8859-15",
    "latin-9": "iso-8859-15",
    "windows-1252": "windows-1252",
    "cp1252": "windows-1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
}
_SINGLE_BYTE = {"iso-8859-1", "iso-8859-15", "windows-1252"}

# The longer ones first: a UTF-32 mark begins with a UTF-16 mark.
_FIRST_BYTES = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"<\x00\x00\x00", "utf-32"),
    (b"\x00\x00\x00<", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x1f\x8b", "gzip"),
)

_CHARSET = re.compile(r"""charset\s*=\s*["']?([^"';\s]+)""", re.IGNORECASE)
_DECLARED = re.compile(r"""\s*+<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")


def decode(raw: bytes, *, content_type: str = "") -> tuple[str, str]:
    """Return the text without its byte order mark, and the codec that read it; raises ``UnreadableDocument``."""
    proven = next((codec for start, codec in _FIRST_BYTES if raw.startswith(start)), "")
    if proven in ("utf-32", "gzip"):
        raise UnreadableDocument(
            f"The body is {proven}. Send the document uncompressed, in UTF-8.", code=Failure.ENCODING
        )
    if proven:
        text = _strictly(raw, proven)
        _must_agree(proven, _declared(text))
        return text.removeprefix("\ufeff"), proven
    labels = [_codec(label) for label in (_charset(content_type), _declared(raw[:1024].decode("latin-1"))) if label]
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        codec = next((label for label in labels if label in _SINGLE_BYTE), "iso-8859-1")
        return _strictly(raw, codec), codec


def _strictly(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"Byte {error.start + 1} of the body is not valid {codec}. Send UTF-8.", code=Failure.ENCODING
        ) from None


def _must_agree(proven: str, declared: str) -> None:
    # A mark that contradicts the declaration means that somebody else reads another text than we do.
    if declared and _codec(declared) not in (proven, proven[:6]):
        raise UnreadableDocument(
            f"The bytes are {proven}, but the XML declaration says {declared[:40]!r}.", code=Failure.ENCODING
        )


def _charset(content_type: str) -> str:
    found = _CHARSET.search(content_type)
    return found[1] if found else ""


def _declared(text: str) -> str:
    found = _DECLARED.match(text[:1024].lstrip("\ufeff"))
    return found[1].strip() if found else ""


def _codec(label: str) -> str:
    try:
        return _CODECS[label.lower()]
    except KeyError:
        raise UnreadableDocument(
            f"The encoding {label[:40]!r} is not accepted. Send UTF-8.", code=Failure.ENCODING
        ) from None
