"""Documents without their secrets, for keeping; and their fingerprint, for recognizing a retry.

Secrets turn up in places the standard does not foresee: in From as well as Sender, twice, under names like
``SharedSecret1`` or as an Extrinsic; numbers of cards too. So names decide, and generously. Nothing is looked for in
texts: every tenth long number of a part or a parcel would pass for that of a card.
"""

from __future__ import annotations

import hashlib
import re
from copy import deepcopy
from functools import lru_cache

from lxml import etree
from lxml.etree import _Element

# Their type and the name on them may stay; an Extrinsic that is just called CreditCard may hold the number.
_CARDS = (
    r"card[\s_:.-]*(?:num|no(?![a-z])|nr|nbr|pan|code|#)|(?:p|credit|purchasing)[\s_-]?card$"
    r"|\bcc[\s_:.-]*(?:num|no(?![a-z])|nr)|cvv|cvc|security[\s_-]?code"
)
_WORDS = f"secret|passw|passphrase|pwd|token|api_?key|credentialmac|digitalsignature|{_CARDS}"
_SECRET = re.compile(_WORDS, re.IGNORECASE)
# From a telling word to the end tag that repeats one, or to the end: a broken document gives no better hold.
_STRETCH_WORDS = f"{_WORDS}|pcard"
_SECRET_STRETCH = re.compile(
    rf"((?:{_STRETCH_WORDS})[\w:.-]*+)(.*?)(?=</[^<>]*?(?:{_STRETCH_WORDS})|\Z)", re.IGNORECASE | re.DOTALL
)
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

CARD = "PCard"
EXCERPT = 200


def without_secrets(root: _Element) -> _Element:
    """A copy to store and show; what was struck out says how long it was."""
    copy = deepcopy(root)
    for element in list(copy.iter("*")):
        name = element.tag.rpartition("}")[2]
        if name == CARD:
            _strike_card(element)
        elif _sounds_secret(name) or (name == "Extrinsic" and _SECRET.search(element.get("name", "").strip())):
            _strike_content(element)
        for key, value in element.items():
            if _is_secret_attribute(name, str(key)):
                element.set(key, _struck(str(value)))
    return copy


def struck_if_secret(name: str, value: str) -> str:
    """``value``, unless what is called ``name`` is likely to be a secret."""
    return _struck(value) if _SECRET.search(name.strip()) else value


def last_four(card_number: str) -> str:
    """All that may be kept of the number of a card; some senders have put signs for the others themselves."""
    number = re.sub(r"[\s-]", "", card_number)
    # Of a number so short the last four would be most of it.
    return number[-4:] if len(number) >= 12 and number.isascii() and number[-4:].isdigit() else ""


def redact_text(text: str) -> str:
    """What may be kept of a document nobody could parse: its length, its hash and its beginning."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    # Without NULs and the like first: they would hide the telling words of a UTF-16 document.
    beginning = _FORBIDDEN.sub("", text[: EXCERPT * 20])
    excerpt = _SECRET_STRETCH.sub(lambda found: found[1] + _struck(found[2]), beginning)[:EXCERPT]
    return f"[not readable, {len(text)} characters, SHA-256 {digest}]\n{excerpt}"


def fingerprint(root: _Element) -> str:
    """SHA-256 over what a document says: the same for a retry, whatever its payloadID, timestamp and secret."""
    copy = deepcopy(root)
    for name in ("payloadID", "timestamp"):
        copy.attrib.pop(name, "")
    etree.strip_elements(copy, "SharedSecret", "CredentialMac", "DigitalSignature", with_tail=False)
    # Who knows the rest of a document could find the number of a card by trying.
    for card in copy.iter(CARD):
        card.set("number", last_four(card.get("number", "")))
    try:
        said = etree.tostring(copy, method="c14n", with_tail=False)
    except etree.C14NError:
        # C14N refuses relative namespace names, which well-formed XML may have.
        said = etree.tostring(copy, with_tail=False)
    return hashlib.sha256(said).hexdigest()


def _strike_card(card: _Element) -> None:
    """Its number, wherever it stands. Who owns it, and until when, may stay."""
    if card.text and card.text.strip():
        card.text = _struck(card.text)
    for child in card:
        if child.tag != "PostalAddress":
            _strike_content(child)


def _strike_content(element: _Element) -> None:
    said = "".join(map(str, element.itertext("*")))
    for child in list(element):
        element.remove(child)
    element.text = _struck(said) if said else None


@lru_cache(maxsize=256)
def _sounds_secret(name: str) -> bool:
    """For names of elements and attributes, which are short and few, unlike the values between them."""
    return bool(_SECRET.search(name))


def _is_secret_attribute(element: str, attribute: str) -> bool:
    if element == "CredentialMac":
        return False  # who made it and until when it counts; needed to explain a refusal
    if element == CARD:
        return attribute not in ("name", "expiration")
    return _sounds_secret(attribute) or (_sounds_secret(element) and attribute not in ("type", "encoding"))


def _struck(value: str) -> str:
    return f"[struck out, {len(value)} characters]"
