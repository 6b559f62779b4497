"""Elements read and written; the only parser of a stranger's XML.

``parse`` takes bytes from anywhere and gives a tree that has no DTD, no entities, no comments and a known size, or
raises ``Refused`` with a sentence for the sender. The small functions below it are the alphabet of the codecs: what
they read is trimmed and never silently cut short by a child element, what they write can always be written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache

from lxml import etree
from lxml.etree import SubElement, _Element

from wagtail_punchout.protocol.cxml.charset import decode
from wagtail_punchout.protocol.cxml.doctype import blank_prolog, read_prolog
from wagtail_punchout.protocol.cxml.redaction import fingerprint, redact_text, struck_if_secret, without_secrets
from wagtail_punchout.protocol.errors import DocumentTooLarge, UnacceptableContent, UnreadableDocument
from wagtail_punchout.protocol.money import Money

__all__ = [
    "LANG",
    "Document",
    "Limits",
    "add",
    "add_money",
    "add_text",
    "clean",
    "content",
    "decimal",
    "element",
    "fingerprint",
    "language_tag",
    "money",
    "number",
    "only",
    "optional_text",
    "parse",
    "redact_text",
    "require",
    "serialize",
    "struck_if_secret",
    "text",
    "without_secrets",
]

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one document may weigh. Real messages have a depth of 11 and 6 attributes."""

    size: int = 1_048_576  # bytes
    depth: int = 32
    attributes: int = 64  # of one element
    elements: int = 400_000  # "<" signs, counted before a tree exists
    equals: int = 200_000  # "=" signs, likewise: attributes cost most memory
    prolog: int = 4_096  # characters before the root element


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A document that came through the door. ``text`` is all of it, ``encoding`` the codec that read it."""

    root: _Element
    system_id: str = ""
    public_id: str = ""
    encoding: str = "utf-8"
    text: str = field(default="", repr=False)  # it may hold a secret


# What a sender can do about a syntax error, in our words: the parser's own name its functions and files.
_REASONS = {
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH: "an end tag does not match its start tag",
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED: "the document ends before its last end tag",
    etree.ErrorTypes.ERR_GT_REQUIRED: "a > is missing",
    etree.ErrorTypes.ERR_DOCUMENT_END: "something follows the end of the root element",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "only the entities &amp; &lt; &gt; &quot; and &apos; exist in cXML",
    etree.ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING: "an & must be written &amp;",
    etree.ErrorTypes.ERR_NAME_REQUIRED: "a < or & stands alone; write &lt; or &amp;",
    etree.ErrorTypes.ERR_INVALID_CHAR: "a character that XML forbids",
    etree.ErrorTypes.ERR_ATTRIBUTE_REDEFINED: "an attribute is given twice",
    etree.ErrorTypes.ERR_SPACE_REQUIRED: "attributes need blanks between them",
    etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE: "a namespace prefix is not declared",
}
_TOO_MUCH = {etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_ENTITY_LOOP}


def parse(raw: bytes, *, content_type: str = "", limits: Limits = Limits()) -> Document:
    """Bytes to tree; raises ``DocumentTooLarge`` (499) or ``UnreadableDocument`` (406) and nothing else."""
    if len(raw) > limits.size:
        raise DocumentTooLarge(f"The document has {len(raw)} bytes; at most {limits.size} are taken.")
    decoded, encoding = decode(raw, content_type=content_type)
    prolog = read_prolog(decoded, limit=limits.prolog)
    if decoded.count("<") > limits.elements or decoded.count("=") > limits.equals:
        raise DocumentTooLarge("The document has too many elements or attributes.")
    root = _tree(blank_prolog(decoded, prolog))
    _check_shape(root, limits)
    return Document(root=root, system_id=prolog.system_id, public_id=prolog.public_id, encoding=encoding, text=decoded)


def _tree(markup: str) -> _Element:
    # One parser per document: parsers hold a lock and a log. Neither load_dtd nor collect_ids may be touched, the
    # latter looks harmless and opens local files. Comments and instructions go, for they would split the text of an
    # Identity in two.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities="internal",  # type: ignore[arg-type]  # newer than the stubs
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(markup.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        code = error.code  # type: ignore[attr-defined]  # unknown to the stubs
        if code in _TOO_MUCH:
            raise DocumentTooLarge(f"The document is nested too deeply or too large (line {line}).") from None
        reason = _REASONS.get(code, "the markup is broken")
        raise UnreadableDocument(f"Not well-formed XML in line {line}, column {column}: {reason}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableDocument("A document type declaration stands where none is accepted.")
    return root


def _check_shape(root: _Element, limits: Limits) -> None:
    if _has_attribute(limits.attributes + 1)(root):
        raise DocumentTooLarge(f"An element has more than {limits.attributes} attributes.")
    if _has_level(limits.depth + 1)(root):
        raise DocumentTooLarge(f"Elements are nested more than {limits.depth} deep.")


# Asked in XPath because a loop over the elements of the worst body takes ten times as long.
@cache
def _has_attribute(nth: int) -> etree.XPath:
    return etree.XPath(f"boolean(//@*[{nth}])")


@cache
def _has_level(nth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * nth + ")")


# Reading


def content(element: _Element) -> str:
    """The text of an element exactly as it came; an element inside it is refused, for it would cut the text short."""
    if len(element):
        raise UnreadableDocument(f"{element.tag} must hold text only, but holds the element {element[0].tag}.")
    return element.text or ""


def require(parent: _Element, path: str) -> _Element:
    """The first element at ``path``; ``UnacceptableContent`` says what is missing."""
    found = parent.find(path)
    if found is None:
        raise UnacceptableContent(f"{parent.tag}/{path} is missing.")
    return found


def only(parent: _Element, name: str) -> _Element | None:
    """The child of that name, or ``None``; two of them are refused, for which one counts would be chance."""
    found = parent.findall(name)
    if len(found) > 1:
        raise UnreadableDocument(f"{parent.tag} holds {name} {len(found)} times; it may stand there once.")
    return found[0] if found else None


def text(parent: _Element, path: str) -> str:
    """The trimmed text at ``path``, which must be there and not be empty."""
    found = content(require(parent, path)).strip()
    if not found:
        raise UnacceptableContent(f"{parent.tag}/{path} is empty.")
    return found


def optional_text(parent: _Element, path: str) -> str:
    """The trimmed text at ``path``, empty when it is not there: Oracle EBS sends dozens of empty elements."""
    found = parent.find(path)
    return "" if found is None else content(found).strip()


# A comma separates thousands and nothing else (guide p. 44): 1,5 is not read as fifteen, nor guessed at.
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{0,30})(?:\.\d{0,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def decimal(value: str, *, what: str) -> Decimal | None:
    """A number of a document (``1,234.50`` and ``.34`` occur); ``None`` when empty, ``UnacceptableContent`` if none."""
    value = value.strip()
    if not value:
        return None
    try:
        if len(value) <= 60 and _NUMBER.fullmatch(value):
            return Decimal(value.replace(",", ""))
    except InvalidOperation:
        pass
    raise UnacceptableContent(f"{what} is {value[:40]!r}, which is not a number with a decimal point.")


def money(parent: _Element, path: str) -> Money | None:
    """The Money inside the element at ``path``; ``None`` when it is missing or empty."""
    found = parent.find(f"{path}/Money" if path else "Money")
    if found is None:
        return None
    amount = decimal(content(found), what=f"{path or parent.tag}/Money")
    return None if amount is None else Money(amount, found.get("currency", "").strip().upper())


_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=256)
def language_tag(value: str, *, fallback: str = "") -> str:
    """A language tag as XML takes it (``en_UK`` becomes ``en-UK``), else the fallback."""
    value = value.strip().replace("_", "-")
    return value if _LANGUAGE.fullmatch(value) else fallback


# Writing

_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(value: str) -> str:
    """Without the characters XML 1.0 has no way to write: control codes from pasted texts, lone surrogates."""
    return value if value.isprintable() else _FORBIDDEN.sub("", value)


def number(value: Decimal) -> str:
    """A decimal with all its digits, never an exponent."""
    if not value.is_finite():
        raise ValueError(f"{value} cannot be written as a number")
    return f"{value:f}" if value else f"{abs(value):f}"


def element(name: str, **attributes: str) -> _Element:
    """A new element that belongs to nobody yet."""
    return etree.Element(name, {key: clean(value) for key, value in attributes.items()})


def add(parent: _Element, name: str, attributes: dict[str, str] | None = None) -> _Element:
    """Append an empty element. The attributes must already be clean."""
    return SubElement(parent, name, attributes)


def add_text(parent: _Element, name: str, value: str, attributes: dict[str, str] | None = None) -> _Element:
    """Append an element with a text."""
    child = SubElement(parent, name, attributes)
    child.text = value if value.isprintable() else clean(value)
    return child


def add_money(parent: _Element, name: str, value: Money) -> _Element:
    """Append an element that holds one Money."""
    child = SubElement(parent, name)
    SubElement(child, "Money", {"currency": value.currency}).text = number(value.amount)
    return child


def serialize(root: _Element, *, dtd_version: str, module: str = "cXML") -> bytes:
    """The document as it is sent, in ASCII: everything else becomes a character reference.

    Receivers of ``cXML-urlencoded`` ignore the declared encoding and assume US-ASCII (guide pp. 26, 40); written so, no
    umlaut can break on the way, whichever field carries it.
    """
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<!DOCTYPE {root.tag} SYSTEM "http://xml.cxml.org/schemas/cXML/{dtd_version}/{module}.dtd">\n'
    )
    return head.encode("ascii") + etree.tostring(root, encoding="ascii", xml_declaration=False)
