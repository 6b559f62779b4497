"""A PunchOutSetupRequest as a large buyer's system sends it: about 2.5 kB, each one different."""

from __future__ import annotations

SENDER = "punchout-acme@shop.example"
SECRET = "f3R9yKq0VbWm7uTtZs2LxA8cJd5HnPgE1oQiMw4vB6k"
#: Name and password of somebody who may do everything in the admin.
STAFF = ("bench", "only for benchmarks")

_TEMPLATE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.045/cXML.dtd">
<cXML payloadID="{name}.{number}@procurement.buyer.example" timestamp="2026-11-22T10:00:00+00:00" xml:lang="en-US">
  <Header>
    <From>
      <Credential domain="NetworkID"><Identity>AN01000000042-T</Identity></Credential>
      <Credential domain="DUNS"><Identity>804735132</Identity></Credential>
    </From>
    <To>
      <Credential domain="DUNS"><Identity>123456789</Identity></Credential>
    </To>
    <Sender>
      <Credential domain="NetworkID">
        <Identity>{sender}</Identity>
        <SharedSecret>{secret}</SharedSecret>
      </Credential>
      <UserAgent>Procurement Suite 24.3</UserAgent>
    </Sender>
  </Header>
  <Request deploymentMode="production">
    <PunchOutSetupRequest operation="create">
      <BuyerCookie>{name}-{number}-7c1e4b7a90d54c5f</BuyerCookie>
      <Extrinsic name="CostCenter">4711-PLANT-07</Extrinsic>
      <Extrinsic name="UniqueName">jdoe</Extrinsic>
      <Extrinsic name="UserEmail">jane.doe@buyer.example</Extrinsic>
      <Extrinsic name="FirstName">Jane</Extrinsic>
      <Extrinsic name="LastName">Doe</Extrinsic>
      <Extrinsic name="Language">en_US</Extrinsic>
      <BrowserFormPost>
        <URL>https://procurement.buyer.example/punchout/checkout?id={number}&amp;company=ACME%20Ltd</URL>
      </BrowserFormPost>
      <Contact role="endUser">
        <Name xml:lang="en-US">Jane Doe</Name>
        <Email>jane.doe@buyer.example</Email>
      </Contact>
      <SupplierSetup><URL>https://shop.example/punchout/cxml/</URL></SupplierSetup>
      <ShipTo>
        <Address addressID="PLANT-07" isoCountryCode="DE">
          <Name xml:lang="en">Buyer AG, Plant 7</Name>
          <PostalAddress name="default">
            <DeliverTo>Jane Doe</DeliverTo>
            <DeliverTo>Building 3, Müller's Gate</DeliverTo>
            <Street>Hafenstraße 12</Street>
            <City>Hamburg</City>
            <State>HH</State>
            <PostalCode>20457</PostalCode>
            <Country isoCountryCode="DE">Germany</Country>
          </PostalAddress>
          <Email name="default">plant7@buyer.example</Email>
          <Phone name="work">
            <TelephoneNumber>
              <CountryCode isoCountryCode="DE">49</CountryCode>
              <AreaOrCityCode>40</AreaOrCityCode>
              <Number>5550100</Number>
            </TelephoneNumber>
          </Phone>
        </Address>
      </ShipTo>
    </PunchOutSetupRequest>
  </Request>
</cXML>
"""


def setup_request(name: str, number: int) -> bytes:
    """The document ``number`` of the round ``name``; no two share a payloadID or a BuyerCookie."""
    return _TEMPLATE.format(name=name, number=number, sender=SENDER, secret=SECRET).encode()
