"""People and addresses: where goods go, and who is shopping.

Buyers fill an Address as they like: the Name is a company or a person, DeliverTo a person and then a place (guide p.
116), the ``addressID`` is the buyer's own code and often the only reliable part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.tree import LANG

#: For a number whose country nobody said, which the DTD demands; one of the codes that ISO 3166 gives to no country.
UNKNOWN_COUNTRY = "ZZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A postal address; everything may be empty."""

    address_id: str = ""
    address_id_domain: str = ""
    name: str = ""
    deliver_to: tuple[str, ...] = ()
    street: tuple[str, ...] = ()
    city: str = ""
    municipality: str = ""
    state: str = ""
    postal_code: str = ""
    country_code: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Address:
        """From JSON; keys of another release are left alone."""
        known = {each.name for each in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**(values | lists))


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Somebody the buyer names; ``role`` is free text such as ``endUser``."""

    role: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""


def read_ship_to(parent: _Element) -> Address | None:
    """The Address inside ShipTo, if there is one."""
    address = parent.find("ShipTo/Address")
    return None if address is None else read_address(address)


def read_address(address: _Element) -> Address:
    postal = address.find("PostalAddress")
    country = None if postal is None else postal.find("Country")
    code = country.get("isoCountryCode", "") if country is not None else ""
    return Address(
        address_id=address.get("addressID", "").strip(),
        address_id_domain=address.get("addressIDDomain", "").strip(),
        name=tree.optional_text(address, "Name"),
        deliver_to=_lines(address, "PostalAddress/DeliverTo"),
        street=_lines(address, "PostalAddress/Street"),
        city=tree.optional_text(address, "PostalAddress/City"),
        municipality=tree.optional_text(address, "PostalAddress/Municipality"),
        state=tree.optional_text(address, "PostalAddress/State"),
        postal_code=tree.optional_text(address, "PostalAddress/PostalCode"),
        country_code=(code or address.get("isoCountryCode", "")).strip().upper(),
        country=tree.optional_text(address, "PostalAddress/Country"),
        email=tree.optional_text(address, "Email"),
        phone=read_phone(address),
    )


def read_contact(contact: _Element) -> Contact:
    return Contact(
        role=contact.get("role", "").strip(),
        name=tree.optional_text(contact, "Name"),
        email=tree.optional_text(contact, "Email"),
        phone=read_phone(contact),
    )


def read_phone(parent: _Element) -> str:
    """The first Phone of an Address or Contact as one would dial it: ``+1 410 5550100 8888``."""
    if parent.find("Phone/TelephoneNumber") is None:
        return ""
    parts = [
        tree.optional_text(parent, f"Phone/TelephoneNumber/{name}")
        for name in ("CountryCode", "AreaOrCityCode", "Number", "Extension")
    ]
    if parts[0]:
        parts[0] = "+" + parts[0].lstrip("+")
    return " ".join(part for part in parts if part)


def add_ship_to(parent: _Element, address: Address, *, language: str) -> None:
    """Write an Address as the DTD wants it, which demands a country with every postal address and phone number."""
    if not address.country_code:
        address = Address(
            address_id=address.address_id,
            address_id_domain=address.address_id_domain,
            name=address.name,
            email=address.email,
        )
    add_address(tree.add(parent, "ShipTo"), address, language=language)


def add_address(parent: _Element, address: Address, *, language: str) -> None:
    """Write all of it; the DTD takes no postal address and no phone number without a country."""
    attributes = {"addressID": address.address_id, "addressIDDomain": address.address_id_domain}
    given = {name: tree.clean(value) for name, value in attributes.items() if value}
    element = tree.add(parent, "Address", given)
    tree.add_text(element, "Name", address.name, {LANG: tree.language_tag(language, fallback="en")})
    country = {"isoCountryCode": tree.clean(address.country_code)}
    if any((address.deliver_to, address.street, address.city, address.municipality, address.state)) or any(
        (address.postal_code, address.country, address.country_code)
    ):
        _add_postal(element, address, country)
    if address.email:
        tree.add_text(element, "Email", address.email)
    if address.phone:
        _add_phone(element, address.phone, address.country_code)


def add_contact(parent: _Element, contact: Contact, *, language: str) -> None:
    element = tree.add(parent, "Contact", {"role": tree.clean(contact.role)} if contact.role else None)
    tree.add_text(element, "Name", contact.name, {LANG: tree.language_tag(language, fallback="en")})
    if contact.email:
        tree.add_text(element, "Email", contact.email)
    if contact.phone:
        _add_phone(element, contact.phone)


def _add_postal(address_element: _Element, address: Address, country: dict[str, str]) -> None:
    postal = tree.add(address_element, "PostalAddress")
    for line in address.deliver_to:
        tree.add_text(postal, "DeliverTo", line)
    for line in address.street or ("",):
        tree.add_text(postal, "Street", line)
    tree.add_text(postal, "City", address.city)
    for name, value in (
        ("Municipality", address.municipality),
        ("State", address.state),
        ("PostalCode", address.postal_code),
    ):
        if value:
            tree.add_text(postal, name, value)
    tree.add_text(postal, "Country", address.country, country)


def _add_phone(parent: _Element, phone: str, country_code: str = "") -> None:
    # One string cannot be cut into its parts again; the whole of it stands in Number.
    number = tree.add(tree.add(parent, "Phone"), "TelephoneNumber")
    tree.add_text(number, "CountryCode", "", {"isoCountryCode": tree.clean(country_code or UNKNOWN_COUNTRY)})
    tree.add_text(number, "AreaOrCityCode", "")
    tree.add_text(number, "Number", phone)


def _lines(address: _Element, path: str) -> tuple[str, ...]:
    lines = (tree.content(each).strip() for each in address.findall(path))
    return tuple(line for line in lines if line)
