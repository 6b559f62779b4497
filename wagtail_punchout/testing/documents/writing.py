"""What a buyer's system writes: ProfileRequest and PunchOutSetupRequest.

Both stay valid against the DTD of 1.2.014, the version that most buyers still name.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from lxml import etree

DTD_VERSION = "1.2.014"
USER_AGENT = "wagtail_punchout fake buyer"
STRUCK_OUT = "[struck out]"

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SECRET = re.compile(r"(<(SharedSecret|CredentialMac|DigitalSignature)\b[^>]*>).*?(</\2\s*>)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuyerSettings:
    """The values a supplier hands to a buyer, in the buyer's words."""

    from_domain: str = "NetworkID"
    from_identity: str
    to_domain: str = "NetworkID"
    to_identity: str
    sender_domain: str = "NetworkID"
    sender_identity: str
    secret: str = field(repr=False)
    setup_url: str
    order_url: str = ""
    mode: str = "production"  # or "test": becomes Request/@deploymentMode
    #: What the documents call the system. No value that is handed over, hence no field.
    user_agent = USER_AGENT


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """The person who shops, as the procurement system knows them."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    unique_name: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def extrinsics(self) -> dict[str, str]:
        """Under the names that most systems send."""
        given = {
            "UserEmail": self.email,
            "UniqueName": self.unique_name,
            "FirstName": self.first_name,
            "LastName": self.last_name,
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A ship-to address; ``address_id`` is the buyer's own code for it."""

    address_id: str = ""
    name: str = ""
    deliver_to: tuple[str, ...] = ()
    street: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country_code: str = ""
    country: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOut:
    """A line that goes back to the shop for edit or inspect. ``detail`` is the ItemDetail as it once came, as XML."""

    part_id: str
    auxiliary_id: str = ""
    quantity: Decimal = Decimal(1)
    line_number: str = ""
    detail: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What one PunchOutSetupRequest asks for."""

    buyer_cookie: str
    post_url: str
    operation: str = "create"
    user: User = User()
    extrinsics: Mapping[str, str] = field(default_factory=dict)
    ship_to: Address | None = None
    selected_item: tuple[str, str] | None = None  # part id and auxiliary id
    lines: tuple[ItemOut, ...] = ()


def profile_request(settings: BuyerSettings, *, language: str = "en-US", at: datetime | None = None) -> bytes:
    """Asks what the shop can do."""
    root, request = envelope(settings, language, at)
    etree.SubElement(request, "ProfileRequest")
    return serialised(root)


def punchout_setup_request(
    settings: BuyerSettings, setup: Setup, *, language: str = "en-US", at: datetime | None = None
) -> bytes:
    """Asks for a place to shop. The order of the children is the DTD's."""
    root, request = envelope(settings, language, at)
    body = etree.SubElement(request, "PunchOutSetupRequest", operation=setup.operation)
    add(body, "BuyerCookie", setup.buyer_cookie)
    for name, value in {**setup.user.extrinsics(), **setup.extrinsics}.items():
        add(body, "Extrinsic", value, name=name)
    add(add(body, "BrowserFormPost"), "URL", setup.post_url)
    if setup.user.full_name:
        contact = add(body, "Contact", role="endUser")
        _add_name(contact, setup.user.full_name, language)
        if setup.user.email:
            add(contact, "Email", setup.user.email)
    if setup.ship_to:
        add_ship_to(body, setup.ship_to, language)
    if setup.selected_item:
        add_item_id(add(body, "SelectedItem"), *setup.selected_item)
    _add_lines(body, setup.lines)
    return serialised(root)


def without_secrets(document: str) -> str:
    """The document as it may be shown and kept."""
    return _SECRET.sub(rf"\g<1>{STRUCK_OUT}\g<3>", document)


def envelope(settings: BuyerSettings, language: str, at: datetime | None) -> tuple[etree._Element, etree._Element]:
    moment = at or datetime.now().astimezone()
    root = etree.Element("cXML", payloadID=_payload_id(moment), timestamp=moment.isoformat(timespec="seconds"))
    root.set(XML_LANG, language)
    header = add(root, "Header")
    _add_credential(add(header, "From"), settings.from_domain, settings.from_identity)
    _add_credential(add(header, "To"), settings.to_domain, settings.to_identity)
    sender = add(header, "Sender")
    credential = _add_credential(sender, settings.sender_domain, settings.sender_identity)
    add(credential, "SharedSecret", settings.secret)
    add(sender, "UserAgent", settings.user_agent)
    return root, add(root, "Request", deploymentMode=settings.mode)


def _payload_id(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}.{secrets.token_hex(6)}@buyer.example"


def add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _add_credential(party: etree._Element, domain: str, identity: str) -> etree._Element:
    credential = add(party, "Credential", domain=domain)
    add(credential, "Identity", identity)
    return credential


def _add_name(parent: etree._Element, name: str, language: str) -> None:
    add(parent, "Name", name).set(XML_LANG, language)


def add_ship_to(body: etree._Element, ship_to: Address, language: str) -> None:
    address = add(add(body, "ShipTo"), "Address")
    for attribute, value in (("isoCountryCode", ship_to.country_code), ("addressID", ship_to.address_id)):
        if value:
            address.set(attribute, value)
    _add_name(address, ship_to.name, language)
    postal = add(address, "PostalAddress", name="default")
    for line in ship_to.deliver_to:
        add(postal, "DeliverTo", line)
    for line in ship_to.street or ("",):  # the DTD wants one at least
        add(postal, "Street", line)
    add(postal, "City", ship_to.city)
    if ship_to.state:
        add(postal, "State", ship_to.state)
    if ship_to.postal_code:
        add(postal, "PostalCode", ship_to.postal_code)
    add(postal, "Country", ship_to.country or ship_to.country_code, isoCountryCode=ship_to.country_code)
    if ship_to.email:
        add(address, "Email", ship_to.email, name="default")


def add_item_id(parent: etree._Element, part_id: str, auxiliary_id: str) -> None:
    item_id = add(parent, "ItemID")
    add(item_id, "SupplierPartID", part_id)
    if auxiliary_id:
        add(item_id, "SupplierPartAuxiliaryID", auxiliary_id)


def _add_lines(body: etree._Element, lines: Iterable[ItemOut]) -> None:
    for position, line in enumerate(lines, start=1):
        item = add(body, "ItemOut", quantity=f"{line.quantity:f}", lineNumber=line.line_number or str(position))
        for name, value in line.attributes.items():
            item.set(name, value)
        add_item_id(item, line.part_id, line.auxiliary_id)
        if line.detail:
            item.append(etree.fromstring(line.detail, etree.XMLParser(resolve_entities=False, no_network=True)))


def serialised(root: etree._Element) -> bytes:
    doctype = f'<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/{DTD_VERSION}/cXML.dtd">'
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=doctype, pretty_print=True)
