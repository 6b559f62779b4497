"""What UBL documents are made of: parties, addresses, periods, amounts and taxes, in the order of the schema."""

from __future__ import annotations

from datetime import datetime

from lxml.etree import SubElement, _Element

from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.cxml.party import Address, Contact
from wagtail_punchout.protocol.cxml.tree import clean
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import Tax, TaxDetail

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


def part(parent: _Element, name: str) -> _Element:
    """A new element that holds others."""
    return SubElement(parent, f"{{{CAC}}}{name}")


def add(parent: _Element, name: str, text: str, **attributes: str) -> None:
    element = SubElement(parent, f"{{{CBC}}}{name}", {key: clean(value) for key, value in attributes.items()})
    element.text = clean(text)


def add_given(parent: _Element, *named: tuple[str, str]) -> None:
    """Those of the texts that are not empty."""
    for name, text in named:
        if text:
            add(parent, name, text)


def add_money(parent: _Element, name: str, money: Money) -> None:
    add(parent, name, plain_number(money.amount), currencyID=money.currency)


def add_period(parent: _Element, name: str, start: datetime | None, end: datetime | None = None) -> None:
    if start or end:
        period = part(parent, name)
        for tag, moment in (("StartDate", start), ("EndDate", end)):
            if moment:
                add(period, tag, moment.date().isoformat())


def add_party(
    holder: _Element, name: str, *, number: str = "", address: Address | None = None, contact: Contact | None = None
) -> None:
    party = part(holder, "Party")
    if number:
        add(part(party, "PartyIdentification"), "ID", number)
    add(part(party, "PartyName"), "Name", name)
    if address:
        add_address(part(party, "PostalAddress"), address)
    if contact and (contact.name or contact.email or contact.phone):
        add_given(
            part(party, "Contact"),
            ("Name", contact.name),
            ("Telephone", contact.phone),
            ("ElectronicMail", contact.email),
        )


def add_address(element: _Element, address: Address) -> None:
    street, more, *rest = (*address.street, "", "")
    add_given(
        element,
        ("ID", address.address_id),
        ("StreetName", street),
        ("AdditionalStreetName", more),
        ("MarkAttention", ", ".join(address.deliver_to)),
        ("CityName", address.city),
        ("PostalZone", address.postal_code),
        ("CountrySubentity", address.state),
    )
    for line in filter(None, rest):
        add(part(element, "AddressLine"), "Line", line)
    if address.country_code:
        add(part(element, "Country"), "IdentificationCode", address.country_code)


def add_tax(parent: _Element, tax: Tax | None) -> None:
    """What the buyer says of tax; without an amount UBL has no place for it."""
    if tax is None or tax.amount is None:
        return
    total = part(parent, "TaxTotal")
    add_money(total, "TaxAmount", tax.amount)
    for each in tax.details:
        if each.amount is None:
            continue
        subtotal = part(total, "TaxSubtotal")
        if each.taxable:
            add_money(subtotal, "TaxableAmount", each.taxable)
        add_money(subtotal, "TaxAmount", each.amount)
        add_tax_category(subtotal, "TaxCategory", each)


def add_tax_category(parent: _Element, name: str, detail: TaxDetail) -> None:
    category = part(parent, name)
    add_given(category, ("Name", detail.description or detail.purpose))
    if detail.percent is not None:
        add(category, "Percent", plain_number(detail.percent))
    scheme = part(category, "TaxScheme")
    add(scheme, "ID", detail.category.upper() or "VAT")
