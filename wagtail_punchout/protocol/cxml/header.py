"""Who speaks to whom, and with what proof.

The buyer is found by From, the connection is trusted by Sender. Nothing here decides whether a sender may come in; it
only makes sure that a header can be read in one way and no other (one From, one Sender, one Identity and one secret per
Credential, looked up by their place and never by searching), for two readings of one header are how checks are passed
by.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.errors import UnreadableDocument


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialMac:
    """A proof made by a hub that shares a secret with us (guide pp. 30, 571); the dates are kept as sent."""

    type: str
    algorithm: str
    creation_date: str
    expiration_date: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """One name of a party. ``shared_secret`` is exactly what was sent, blanks included; ``None`` when none was."""

    domain: str
    identity: str
    shared_secret: str | None = field(default=None, repr=False)
    type: str = ""
    mac: CredentialMac | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The parties. ``to`` may be empty: real senders leave it out."""

    from_: tuple[Credential, ...]
    to: tuple[Credential, ...] = ()
    sender: tuple[Credential, ...]
    user_agent: str = ""


# Reading


def read_header(root: _Element) -> Header:
    """Read the one Header of a document; 406 when it is missing or could be read in two ways."""
    header = _exactly_one(root, "Header")
    to = tree.only(header, "To")
    sender = _exactly_one(header, "Sender")
    return Header(
        from_=_credentials(_exactly_one(header, "From")),
        to=() if to is None else _credentials(to),
        sender=_credentials(sender),
        user_agent=tree.optional_text(sender, "UserAgent"),
    )


def _exactly_one(parent: _Element, name: str) -> _Element:
    found = tree.only(parent, name)
    if found is None:
        raise UnreadableDocument(f"{parent.tag}/{name} is missing.")
    return found


def _credentials(party: _Element) -> tuple[Credential, ...]:
    return tuple(_credential(each) for each in party.findall("Credential"))


def _credential(element: _Element) -> Credential:
    secret = tree.only(element, "SharedSecret")
    mac = tree.only(element, "CredentialMac")
    return Credential(
        domain=element.get("domain", "").strip(),
        identity=tree.content(_exactly_one(element, "Identity")).strip(),
        shared_secret=None if secret is None else tree.content(secret),
        type=element.get("type", "").strip(),
        mac=None if mac is None else _credential_mac(mac),
    )


def _credential_mac(element: _Element) -> CredentialMac:
    return CredentialMac(
        type=element.get("type", "").strip(),
        algorithm=element.get("algorithm", "").strip(),
        creation_date=element.get("creationDate", "").strip(),
        expiration_date=element.get("expirationDate", "").strip(),
        value=tree.content(element).strip(),
    )


# Writing


def add_header(root: _Element, header: Header, *, with_proof: bool) -> None:
    """Write the Header; without proof wherever a browser carries the document."""
    element = tree.add(root, "Header")
    _add_party(element, "From", header.from_)
    _add_party(element, "To", header.to)
    sender = _add_party(element, "Sender", header.sender, with_proof=with_proof)
    tree.add_text(sender, "UserAgent", header.user_agent)


def _add_party(
    header: _Element, name: str, credentials: tuple[Credential, ...], *, with_proof: bool = False
) -> _Element:
    party = tree.add(header, name)
    for each in credentials:
        attributes = {"domain": tree.clean(each.domain)}
        if each.type:
            attributes["type"] = tree.clean(each.type)
        element = tree.add(party, "Credential", attributes)
        tree.add_text(element, "Identity", each.identity)
        if with_proof:
            _add_proof(element, each)
    return party


def _add_proof(element: _Element, credential: Credential) -> None:
    if credential.shared_secret is not None:
        tree.add_text(element, "SharedSecret", credential.shared_secret)
    elif credential.mac:
        attributes = {
            "type": credential.mac.type,
            "algorithm": credential.mac.algorithm,
            "creationDate": credential.mac.creation_date,
            "expirationDate": credential.mac.expiration_date,
        }
        tree.add_text(element, "CredentialMac", credential.mac.value, attributes)
