"""Opens a document from the shop: bytes or form value in, a tree and the first complaints out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

DOCTYPE_URL = re.compile(r"^http://xml\.cxml\.org/schemas/cXML/\d+\.\d+\.\d+/\w+\.dtd$", re.IGNORECASE)
# Guide, "timestamp": ISO 8601 with a numeric offset; the letter Z is not allowed.
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$")
LARGEST = 10 * 1024 * 1024


class Unreadable(ValueError):
    """What came is not a cXML document. For a buyer's system that is a transport error, not an answer."""


@dataclass(slots=True)
class Opened:
    """A parsed document together with what was odd about it."""

    root: etree._Element
    source: str
    complaints: list[str] = field(default_factory=list)

    @property
    def payload_id(self) -> str:
        return self.root.get("payloadID", "")

    @property
    def timestamp(self) -> str:
        return self.root.get("timestamp", "")


def open_document(raw: bytes | str) -> Opened:
    """Parse one document. Text is what a form field held, so its declared encoding no longer means anything."""
    if len(raw) > LARGEST:
        raise Unreadable(f"The document has {len(raw)} bytes; more than {LARGEST} are not read.")
    if not raw.strip():
        raise Unreadable("The document is empty.")
    complaints: list[str] = []
    start = raw.lstrip("\ufeff \r\n\t") if isinstance(raw, str) else raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start != raw:
        complaints.append("Something (a blank, a line break or a byte order mark) stands before the document.")
    root = _parse(start)
    source = (
        start if isinstance(start, str) else start.decode(root.getroottree().docinfo.encoding or "utf-8", "replace")
    )
    opened = Opened(root, source, complaints)
    _look_at_envelope(opened)
    return opened


def _parse(start: bytes | str) -> etree._Element:
    is_text = isinstance(start, str)
    parser = etree.XMLParser(
        encoding="utf-8" if is_text else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(start.encode("utf-8", "surrogatepass") if is_text else start, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"The document is not well-formed XML: {error}") from error
    subset = root.getroottree().docinfo.internalDTD
    if subset is not None and any(True for _ in subset.iterentities()):
        raise Unreadable("The document declares entities of its own, which nobody should have to expand.")
    if root.tag != "cXML":
        raise Unreadable(f"The root element is {root.tag}, not cXML.")
    return root


def _look_at_envelope(opened: Opened) -> None:
    complain = opened.complaints.append
    doctype = opened.root.getroottree().docinfo.system_url
    if not doctype:
        complain("The document has no DOCTYPE.")
    elif not DOCTYPE_URL.match(doctype):
        complain(f"The DOCTYPE names “{doctype}”, which is not a cXML DTD.")
    if not opened.payload_id:
        complain("The document has no payloadID.")
    if not TIMESTAMP.match(opened.timestamp):
        complain(f"The timestamp “{opened.timestamp}” is not an ISO 8601 time with a numeric offset.")
    if opened.root.get("version"):
        complain("The attribute “version” on cXML is deprecated since 1.2.007; the DOCTYPE carries the version.")
    if next(opened.root.iter("SharedSecret"), None) is not None:
        complain("The document carries a SharedSecret; nothing but a request may.")


def text_of(parent: etree._Element | None, path: str = ".") -> str:
    """All text below the element at ``path``, trimmed; empty when there is none."""
    found = parent.find(path) if parent is not None else None
    return "".join(found.itertext()).strip() if found is not None else ""
