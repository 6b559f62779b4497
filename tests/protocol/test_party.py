from __future__ import annotations

import json

from lxml import etree

from tests.protocol.factories import OFFICE
from wagtail_punchout.protocol.cxml import party, tree
from wagtail_punchout.protocol.cxml.party import Address, Contact

ADDRESS = """
<Address isoCountryCode="US" addressID=" 171210 " addressIDDomain="buyer">
  <Name xml:lang="en">CarMax</Name>
  <PostalAddress name="default">
    <DeliverTo>Jane Example</DeliverTo><DeliverTo/>
    <Street>10201 Philadelphia Rd</Street><Street>Suite 5</Street>
    <City>White Marsh</City><State>MD</State><PostalCode>21162-3401</PostalCode>
    <Country isoCountryCode="us">United States</Country>
  </PostalAddress>
  <Email name="default">jane@example.com</Email>
  <Phone name="default"><TelephoneNumber>
    <CountryCode isoCountryCode="US">1</CountryCode><AreaOrCityCode>410</AreaOrCityCode>
    <Number>5550100</Number><Extension/>
  </TelephoneNumber></Phone>
</Address>"""


def test_address_is_read_line_by_line():
    assert party.read_address(etree.fromstring(ADDRESS)) == Address(
        address_id="171210",
        address_id_domain="buyer",
        name="CarMax",
        deliver_to=("Jane Example",),
        street=("10201 Philadelphia Rd", "Suite 5"),
        city="White Marsh",
        state="MD",
        postal_code="21162-3401",
        country_code="US",
        country="United States",
        email="jane@example.com",
        phone="+1 410 5550100",
    )


def test_address_survives_json():
    assert Address.from_dict(json.loads(json.dumps(OFFICE.as_dict()))) == OFFICE


def test_address_of_another_release_is_read_as_far_as_known():
    assert Address.from_dict({"city": "Hamburg", "planet": "Earth"}) == Address(city="Hamburg")


def test_address_is_read_as_it_was_written():
    root = tree.element("x")
    party.add_ship_to(root, OFFICE, language="de")
    assert party.read_ship_to(root) == OFFICE


def test_bare_addresses_are_legal():
    assert party.read_address(etree.fromstring("<Address/>")) == Address()
    assert party.read_ship_to(etree.fromstring("<x><ShipTo/></x>")) is None


def test_contact_is_read_as_it_was_written():
    contact = Contact(role="endUser", name="Jana Beispiel", email="jana@example.com")
    root = tree.element("x")
    party.add_contact(root, contact, language="de")
    assert party.read_contact(root[0]) == contact
