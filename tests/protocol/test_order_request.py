from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree

from tests.order_documents import SHIP_TO, item_out, order_request
from tests.shared import DTDS, needs_shared
from wagtail_punchout.protocol.cxml import dtd, envelope, tree
from wagtail_punchout.protocol.cxml.order_request import MOST_LINES, content_digest, decode_order_request
from wagtail_punchout.protocol.errors import DocumentTooLarge, UnacceptableContent
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import Order, OrderAction, Transport, header_json, line_json, order_from


def body(document: str):
    return envelope.decode_request(tree.parse(document.encode())).body


def read(*lines: str, **facts: str) -> Order:
    return decode_order_request(body(order_request(lines=lines, **facts)))


def line(more: str = "", **facts):
    return read(item_out(1, "MUG", "2", "4.50", more=more), **facts).lines[0]


RICH = (
    SHIP_TO
    + SHIP_TO.replace("ShipTo", "BillTo")
    + '<Shipping trackingDomain="Kite" trackingId="K1"><Money currency="EUR">4.90</Money><Description xml:lang="en">By '
    "<ShortName>air</ShortName></Description></Shipping>"
    '<Tax><Money currency="EUR">1.71</Money><Description xml:lang="en">VAT</Description><TaxDetail category="vat" '
    'percentageRate="19"><TaxAmount><Money currency="EUR">1.71</Money></TaxAmount></TaxDetail></Tax>'
    '<Payment><PCard number="4111111111111234" expiration="2030-01-31" name="J. Doe"/></Payment>'
    '<PaymentTerm payInNumberOfDays="30"><Discount><DiscountPercent percent="2"/></Discount></PaymentTerm>'
    '<Contact role="buyer"><Name xml:lang="en">Jane</Name><Email>jane@buyer.example</Email></Contact>'
    '<Comments xml:lang="de" type="terms">Bitte <Attachment visibility="internal"><URL>cid:a@b</URL></Attachment>'
    "bald</Comments>"
    "<Followup><URL>https://buyer.example/follow</URL></Followup>"
    '<ControlKeys><OCInstruction value="requiredBeforeASN"/></ControlKeys>'
    '<DocumentReference payloadID="before@buyer"/><SupplierOrderInfo orderID="S-1"/>'
    '<TermsOfDelivery><TermsOfDeliveryCode value="CFR"/><ShippingPaymentMethod value="Collect"/></TermsOfDelivery>'
    '<DeliveryPeriod><Period startDate="2026-12-01" endDate="2026-12-24T12:00:00+01:00"/></DeliveryPeriod>'
    '<IdReference identifier="7" domain="plant"/><Extrinsic name="Cost">4711</Extrinsic>'
    '<Extrinsic name="apiToken">hush</Extrinsic><LegalEntity/>'
)


def test_header_is_read_whole():
    order = read(
        header=RICH, total="9.00", version="3", action="update", attributes=' shipComplete="yes" requisitionID="R1"'
    )
    assert (order.action, order.version, order.replaces, order.supplier_order_id) == (
        OrderAction.UPDATE,
        3,
        "before@buyer",
        "S-1",
    )
    assert (order.ship_to.address_id, order.bill_to.city) == ("DOCK-7", "Kiel")
    assert (order.shipping.amount, order.shipping.description) == (Money(Decimal("4.90"), "EUR"), "By air")
    assert (order.tax.details[0].percent, order.tax.details[0].category) == (19, "vat")
    assert (order.terms[0].days, order.terms[0].discount_percent) == (30, 2)
    assert (order.contacts[0].role, order.contacts[0].email) == ("buyer", "jane@buyer.example")
    assert (order.comments[0].text, order.comments[0].language) == ("Bitte bald", "de")
    assert (order.comments[0].attachments[0].url, order.comments[0].attachments[0].visibility) == (
        "cid:a@b",
        "internal",
    )
    assert order.control_keys == (("OCInstruction", "requiredBeforeASN"),)
    assert (order.terms_of_delivery.code, order.terms_of_delivery.payment_method) == ("CFR", "Collect")
    assert order.delivery_begin == datetime(2026, 12, 1, tzinfo=UTC)
    assert (order.ship_complete, order.requisition_id, order.unread) == (True, "R1", ("LegalEntity",))
    assert dict(order.extrinsics) == {"Cost": "4711", "apiToken": "[struck out, 4 characters]"}


CARRIAGE = SHIP_TO.replace(
    "</ShipTo>",
    '<CarrierIdentifier domain="SCAC">FDEG</CarrierIdentifier><CarrierIdentifier domain="companyName"/>'
    '<TransportInformation><Route method="Air" means="Night express"/><ShippingContractNumber>C-9'
    '</ShippingContractNumber><ShippingInstructions><Description xml:lang="en">Ring twice</Description>'
    "</ShippingInstructions></TransportInformation><TransportInformation/></ShipTo>",
)


@pytest.mark.parametrize("found", [read(header=CARRIAGE), line(CARRIAGE)], ids=["header", "line"])
def test_carrier_that_the_buyer_wants_is_read(found):
    assert found.carriers == (("SCAC", "FDEG"),)
    assert found.transports == (
        Transport(method="air", means="Night express", contract_number="C-9", instructions="Ring twice"),
    )


def test_of_a_card_four_digits_are_left():
    payment = read(header=RICH).payment
    assert (payment.card_last_four, payment.card_name) == ("1234", "J. Doe")
    assert "41111111" not in repr(payment) + str(header_json(read(header=RICH)))


def test_card_number_is_struck_out_of_what_is_kept():
    kept = tree.without_secrets(tree.parse(order_request(header=RICH).encode()).root)
    assert b"4111111111111234" not in etree.tostring(kept)


@pytest.mark.parametrize("number", ["", "1234", "12345678"])
def test_of_a_short_number_nothing_is_left(number):
    header = f'<Payment><PCard number="{number}" expiration="x"/></Payment>'
    assert read(header=header).payment.card_last_four == ""


def test_line_is_read_whole():
    found = line(
        more='<ShipTo><Address addressID="L1"><Name xml:lang="en">Hall</Name></Address></ShipTo>'
        '<Distribution><Accounting name="a"><AccountingSegment id="9"><Name xml:lang="en">Cost center</Name>'
        '<Description xml:lang="en">Shop</Description></AccountingSegment></Accounting>'
        '<Charge><Money currency="EUR">9</Money></Charge></Distribution>'
        '<Comments>Careful</Comments><ScheduleLine quantity="1" requestedDeliveryDate="2026-12-01" lineNumber="1">'
        "<UnitOfMeasure>EA</UnitOfMeasure></ScheduleLine>"
    )
    assert (found.ship_to.address_id, found.comments[0].text) == ("L1", "Careful")
    [segment] = found.distributions[0].segments
    assert (segment.type, segment.id, segment.description) == ("Cost center", "9", "Shop")
    assert found.distributions[0].charge == Money(Decimal(9), "EUR")
    assert (found.schedule[0].quantity, found.schedule[0].unit) == (1, "EA")


def test_dates_and_extrinsics_of_the_line_itself_are_read():
    said = item_out(
        1, "MUG", "2", "4.50", more='<Extrinsic name="Gate">3</Extrinsic><Extrinsic name="pwd">hush</Extrinsic>'
    )
    dates = 'requestedShipmentDate="2026-12-01" confirmationDueDate="2026-11-30" returnAuthorizationNumber="RMA-1"'
    found = read(said.replace("<ItemOut ", f'<ItemOut isReturn="yes" {dates} ')).lines[0]
    assert (found.requested_shipment.day, found.confirmation_due.day) == (1, 30)
    assert (found.is_return, found.return_authorization) == (True, "RMA-1")
    assert dict(found.extrinsics) == {"Gate": "3", "pwd": "[struck out, 4 characters]"}


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        (["00001", "00010"], [1, 10]),
        (["", ""], [1, 2]),
        (["5", "5"], [1, 2]),
        (["one", "7"], [1, 7]),
        (["0", "99999999999"], [1, 2]),
    ],
)
def test_line_numbers(given, numbers):
    lines = [item_out(each, "X", "1", "1") for each in (1, 2)]
    lines = [
        text.replace(f'lineNumber="{at}"', f'lineNumber="{number}"')
        for at, (text, number) in enumerate(zip(lines, given, strict=True), 1)
    ]
    assert [each.number for each in read(*lines).lines] == numbers


def test_minimal_line_has_a_part_and_a_quantity():
    found = read('<ItemOut quantity="3"><ItemID><SupplierPartID>X</SupplierPartID></ItemID></ItemOut>').lines[0]
    assert (found.item_id.supplier_part_id, found.quantity, found.unit_price, found.number) == ("X", 3, None, 1)


def test_price_for_a_hundred_is_reckoned_for_one():
    basis = (
        '<PriceBasisQuantity quantity="100" conversionFactor="1"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>'
    )
    text = item_out(1, "NUT", "500", "4.75").replace("<Classification", basis + "<Classification")
    found = read(text).lines[0]
    assert (found.unit_price_of_one.amount, found.amount.amount) == (Decimal("0.0475"), Decimal("23.75"))


def test_bundle_priced_as_a_whole_is_counted_once():
    whole = item_out(1, "SET", "1", "10").replace(
        "<ItemOut", '<ItemOut itemType="composite" compositeItemType="groupLevel"'
    )
    part = item_out(2, "PART", "1", "6").replace("<ItemOut", '<ItemOut parentLineNumber="1" itemType="item"')
    assert read(whole, part).lines_total == Money(Decimal(10), "EUR")


def test_blanket_order():
    blanket = (
        '<ItemOut quantity="1" lineNumber="1"><ItemID><SupplierPartID>B</SupplierPartID></ItemID><BlanketItemDetail>'
        '<Description xml:lang="en">All year</Description><MaxAmount><Money currency="EUR">5000</Money></MaxAmount>'
        '<MaxQuantity>900</MaxQuantity><MinQuantity quantity="10"/>'
        "<UnitOfMeasure>EA</UnitOfMeasure></BlanketItemDetail></ItemOut>"
    )
    order = read(blanket, attributes=' orderType="Blanket" expirationDate="2027-12-31" releaseRequired="yes"')
    assert (order.order_type, order.release_required, order.expiration_date.year) == ("blanket", True, 2027)
    [line] = order.lines
    assert (line.blanket.most_amount.amount, line.blanket.most_quantity, line.blanket.least_quantity) == (5000, 900, 10)
    assert line.amount is None


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("<BlanketItemDetail><MaxQuantity>about 5</MaxQuantity></BlanketItemDetail>", "MaxQuantity"),
        ('<BlanketItemDetail><MaxAmount><Money currency="EUR">x</Money></MaxAmount></BlanketItemDetail>', "MaxAmount"),
        ('<ScheduleLine quantity="some"><UnitOfMeasure>EA</UnitOfMeasure></ScheduleLine>', "ScheduleLine"),
    ],
)
def test_refusal_names_the_line_that_is_wrong(inside, named):
    wrong = (
        f'<ItemOut quantity="1" lineNumber="70"><ItemID><SupplierPartID>B</SupplierPartID></ItemID>{inside}</ItemOut>'
    )
    with pytest.raises(UnacceptableContent, match=f"ItemOut 70.*{named}"):
        read(item_out(10, "A", "1", "6"), wrong)


def test_dozens_of_empty_elements_are_nothing():
    order = read(header="<ShipTo><Address><Name/></Address></ShipTo><Shipping/><Tax/><Comments/><Contact/>")
    assert (order.ship_to, order.shipping.amount, order.tax.amount, order.comments) == (None, None, None, ())


@pytest.mark.parametrize(
    "date", ["2026-11-26", "2026-11-26T10:00:00Z", "2026-11-26T10:00:00-0500", "Thu, 26 Nov 2026 10:00:00 +0000"]
)
def test_dates_as_they_come(date):
    document = order_request().replace("2026-11-26T09:59:00+00:00", date)
    order = decode_order_request(body(document))
    assert (order.order_date.year, order.order_date_text) == (2026, date)


def test_date_that_is_none_is_kept_as_text():
    order = decode_order_request(body(order_request().replace("2026-11-26T09:59:00+00:00", "soon")))
    assert (order.order_date, order.order_date_text) == (None, "soon")


def test_enumerations_in_any_case():
    document = order_request().replace('type="new"', 'type="Update"')
    assert decode_order_request(body(document)).action is OrderAction.UPDATE


def test_too_many_lines():
    with pytest.raises(DocumentTooLarge, match=str(MOST_LINES)):
        text = order_request(lines=["<ItemOut/>" * (MOST_LINES + 1)])
        decode_order_request(envelope.decode_request(tree.parse(text.encode())).body)


@pytest.mark.parametrize("price", ["1e40", "999999999999"])
def test_absurd_prices_are_refused(price):
    detail = f"<ItemDetail><UnitPrice><Money currency='EUR'>{price}</Money></UnitPrice></ItemDetail>"
    item_id = "<ItemID><SupplierPartID>X</SupplierPartID></ItemID>"
    with pytest.raises(UnacceptableContent, match="more than is taken"):
        read(f'<ItemOut quantity="999999999">{item_id}{detail}</ItemOut>')


def test_content_is_the_same_under_another_payload_id_and_secret():
    one = content_digest(body(order_request()))
    assert one == content_digest(
        body(order_request(payload_id="2@b", secret="x", timestamp="2027-01-01T00:00:00+00:00"))
    )
    assert one != content_digest(body(order_request(lines=[item_out(1, "MUG", "3", "4.50")])))


def test_json_and_back():
    order = read(item_out(1, "MUG", "2", "4.50", more="<Comments>x</Comments>"), header=RICH, total="9.00")
    assert order_from(header_json(order), [line_json(each) for each in order.lines]) == order


def test_json_of_another_format_is_not_guessed_at():
    data = header_json(read())
    with pytest.raises(ValueError, match="99"):
        order_from({**data, "version_of_format": 99}, [])


@needs_shared
def test_documents_of_these_tests_are_what_buyers_send():
    document = order_request(total="9.00", header=SHIP_TO + SHIP_TO.replace("ShipTo", "BillTo"))
    assert dtd.problems(document.encode(), DTDS, "1.2.014") == []


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        (("1", "2", "3"), [1, 2, 3]),
        (("2", "2", "1"), [2, 3, 1]),
        (("2", None), [2, 1]),
        (("3", None, "2", ""), [3, 1, 2, 4]),
        ((None, "010", None), [1, 10, 3]),
        (("0", "x", "1"), [2, 3, 1]),
    ],
)
def test_no_two_lines_have_one_number(given, numbers):
    said = ["" if each is None else f'lineNumber="{each}"' for each in given]
    lines = [item_out(1, "A", "1", "6").replace('lineNumber="1"', each) for each in said]
    assert [each.number for each in read(*lines).lines] == numbers
