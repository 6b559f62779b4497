"""Documents without their secrets, for keeping; and their fingerprint, for recognizing a retry.

Secrets turn up in places the standard does not foresee: in From as well as Sender, twice, under names like
``SharedSecret1`` or as an Extrinsic. So names decide, and generously.
"""

from __future__ import annotations

import hashlib
import re
from copy import deepcopy
from functools import lru_cache

from lxml import etree
from lxml.etree import _Element

_WORDS = "secret|passw|passphrase|pwd|token|api_?key|credentialmac|digitalsignature"
_SECRET = re.compile(_WORDS, re.IGNORECASE)
# From a telling word to the end tag that repeats one, or to the end: a broken document gives no better hold.
_SECRET_STRETCH = re.compile(rf"((?:{_WORDS})[\w:.-]*+)(.*?)(?=</[^<>]*?(?:{_WORDS})|\Z)", re.IGNORECASE | re.DOTALL)
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

EXCERPT = 200


def without_secrets(root: _Element) -> _Element:
    """A copy to store and show; what was struck out says how long it was."""
    copy = deepcopy(root)
    for element in list(copy.iter("*")):
        name = element.tag.rpartition("}")[2]
        if _sounds_secret(name) or (name == "Extrinsic" and _SECRET.search(element.get("name", ""))):
            _strike_content(element)
        for key, value in element.items():
            if _is_secret_attribute(name, str(key)):
                element.set(key, _struck(str(value)))
    return copy


def struck_if_secret(name: str, value: str) -> str:
    """``value``, unless what is called ``name`` is likely to be a secret."""
    return _struck(value) if _SECRET.search(name) else value


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
    try:
        said = etree.tostring(copy, method="c14n")
    except etree.C14NError:
        said = etree.tostring(copy)  # C14N refuses relative namespace names, which well-formed XML may have
    return hashlib.sha256(said).hexdigest()


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
    if element == "PCard" and attribute == "number":
        return True
    return _sounds_secret(attribute) or (_sounds_secret(element) and attribute not in ("type", "encoding"))


def _struck(value: str) -> str:
    return f"[struck out, {len(value)} characters]"
