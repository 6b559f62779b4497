"""Orders as files for other systems: complete, harmless, and never a test order that looks like a real one."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from lxml import etree

from tests.order_documents import item_out, order_request
from tests.protocol.factories import NOON, OFFICE, euro
from tests.shared import DTDS, SAMPLES, needs_shared
from wagtail_punchout.protocol.cart import Classification, Text
from wagtail_punchout.protocol.cxml import dtd, envelope, tree
from wagtail_punchout.protocol.cxml.envelope import Credential
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID, PriceBasisQuantity
from wagtail_punchout.protocol.cxml.order_request import decode_order_request
from wagtail_punchout.protocol.cxml.party import Contact
from wagtail_punchout.protocol.errors import PunchoutError
from wagtail_punchout.protocol.exports import Facts
from wagtail_punchout.protocol.exports.document import order_cxml
from wagtail_punchout.protocol.exports.structured import order_json
from wagtail_punchout.protocol.exports.table import order_csv, orders_csv
from wagtail_punchout.protocol.exports.ubl import order_ubl
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import (
    Comment,
    Distribution,
    Order,
    OrderCharge,
    OrderLine,
    PaymentTerm,
    ScheduleLine,
    Segment,
    Tax,
    TaxDetail,
    TermsOfDelivery,
    header_json,
    line_json,
    order_from,
)

FACTS = Facts(
    key="6f1c7d1e-0b43-4e9c-9f0a-0f4f9d1f6a11",
    mode="production",
    state="accepted",
    version=2,
    received=datetime(2026, 11, 26, 10, 0, tzinfo=UTC),
    buyer="AN01",
    company="Acme",
    company_code="acme",
    shop_number="S-77",
)
TEST = replace(FACTS, mode="test")
SUPPLIER = Credential("DUNS", "123456789")
BERLIN = timezone(timedelta(hours=1))
VAT = Tax(
    amount=euro("3.14"),
    details=(TaxDetail(category="vat", percent=Decimal("19"), taxable=euro("16.50"), amount=euro("3.14")),),
)
NAMES = {
    "u": "urn:oasis:names:specification:ubl:schema:xsd:Order-2",
    "a": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "b": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def line(number: int = 1, sku: str = "MUG", quantity: str = "2", price: str = "4.50", **facts) -> OrderLine:
    mugs = (Classification("UNSPSC", "52152101"),)
    detail = ItemDetail(unit_price=euro(price), descriptions=(Text("A mug", "en"),), unit="EA", classifications=mugs)
    given = {"item_id": ItemID(sku), "detail": detail, **facts}
    return OrderLine(number=number, position=number, quantity=Decimal(quantity), **given)


def order(*lines: OrderLine, **facts) -> Order:
    return Order(
        **{"order_id": "PO-1", "order_date": NOON, "total": euro("9.00"), "lines": lines or (line(),), **facts}
    )


RICH = order(
    line(
        1,
        "WIRE",
        "3",
        "450",
        item_id=ItemID("WIRE", "cart-1/line-1", "B-7"),
        detail=ItemDetail(
            unit_price=euro("450"),
            descriptions=(Text("Wire, copper", "en"),),
            unit="ROL",
            price_basis=PriceBasisQuantity(quantity=Decimal(7), conversion_factor=Decimal(2), unit="KGM"),
            classifications=(Classification("UNSPSC", "26121600"),),
            manufacturer_part_id="CU-9",
            manufacturer_name="Copper & Sons",
            extrinsics=(("colour", "red"),),
        ),
        requested_delivery=datetime(2026, 12, 24, 23, 30, tzinfo=BERLIN),
        distributions=(Distribution(segments=(Segment(type="CostCenter", id="4711"),), charge=euro("1")),),
        comments=(Comment(text="On a spool"),),
        tax=VAT,
        ship_to=OFFICE,
    ),
    line(
        2,
        schedule=(
            ScheduleLine(quantity=Decimal(1), requested_delivery=NOON),
            ScheduleLine(quantity=Decimal(1), unit="EA"),
        ),
    ),
    line(3, "OLD", is_return=True, price="-1.25"),
    order_id="PO <1> & \x00more",
    order_date=datetime(2026, 3, 1, 12, 0, 5, tzinfo=BERLIN),
    order_type="blanket",
    requisition_id="R-1",
    agreement_id="FRAME-1",
    effective_date=NOON,
    ship_to=replace(OFFICE, street=("Quay 1", "Gate 3", "Ramp 4")),
    bill_to=OFFICE,
    requested_delivery=NOON,
    shipping=OrderCharge(amount=euro("4.90"), description="By ship"),
    tax=VAT,
    terms=(PaymentTerm(days=30, discount_percent=Decimal("2")), PaymentTerm()),
    terms_of_delivery=TermsOfDelivery(code="CFR", transport_terms="FreeHand"),
    contacts=(Contact(role="buyer", name="Jane", email="jane@example.com", phone="+49 431 1"),),
    comments=(Comment(text="Gate 3"), Comment()),
)


# CSV


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_csv_has_a_row_for_each_line_and_the_header_in_all_of_them():
    first, second, third = rows(order_csv(RICH, FACTS))
    assert {each["order_number"] for each in (first, second, third)} == {RICH.order_id}
    assert (first["ship_to_id"], first["ship_to_deliver_to"]) == ("HH1", "Jana Beispiel, 3. Stock")
    assert (first["line"], first["part_number"], first["auxiliary_part_number"]) == ("1", "WIRE", "cart-1/line-1")
    assert (first["unit_price"], first["amount"]) == ("128.5714285714", "385.71")
    assert (second["quantity"], second["unit"], second["unit_price"], second["currency"]) == ("2", "EA", "4.5", "EUR")
    assert (first["mode"], first["state"], first["shop_number"]) == ("production", "accepted", "S-77")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_of_a_buyer_runs_as_a_formula(text):
    evil = order(
        line(sku=text, detail=ItemDetail(unit_price=Money(Decimal(1), text), descriptions=(Text(text),), unit=text)),
        order_id=text,
        requisition_id=text,
        ship_to=replace(OFFICE, name=text, street=(text,)),
        comments=(Comment(text=text),),
    )
    (row,) = rows(order_csv(replace(evil), replace(FACTS, company=text, buyer=text)))
    assert [name for name, cell in row.items() if cell.startswith(text[0])] == []


def test_number_below_nothing_stays_a_number():
    assert rows(order_csv(RICH, FACTS))[2]["unit_price"] == "-1.25"


def test_order_without_lines_has_a_row_all_the_same():
    (row,) = rows(order_csv(order(lines=()), replace(FACTS, state="cancelled")))
    assert (row["order_number"], row["state"], row["line"]) == ("PO-1", "cancelled", "")


def test_many_orders_make_one_table():
    found = rows(orders_csv([(order(), FACTS), (order(order_id="PO-2"), TEST)]))
    assert [(each["order_number"], each["mode"]) for each in found] == [("PO-1", "production"), ("PO-2", "test")]


# JSON


def test_json_has_everything_that_was_said():
    said = json.loads(json.dumps(order_json(RICH, FACTS)))
    assert (said["mode"], said["received"], said["company_code"]) == ("production", "2026-11-26T10:00:00+00:00", "acme")
    own = {"unit", "description", "unit_price", "amount"}
    lines = [{name: value for name, value in each.items() if name not in own} for each in said["lines"]]
    again = order_from(header_json(RICH) | said["order"], [line_json(RICH.lines[0]) | each for each in lines])
    assert (again.ship_to, again.tax, again.lines[0]) == (RICH.ship_to, RICH.tax, RICH.lines[0])


def test_json_says_of_each_line_what_is_wanted_first():
    first = order_json(RICH, FACTS)["lines"][0]
    assert first["unit_price"] == {"amount": "128.5714285714", "currency": "EUR"}
    assert (first["amount"], first["unit"]) == ({"amount": "385.71", "currency": "EUR"}, "ROL")
    assert first["description"] == "Wire, copper"


# UBL


def ubl(wanted: Order, facts: Facts = FACTS):
    document = etree.fromstring(order_ubl(wanted, facts, supplier="The Shop"))
    assert_is_ubl(document)
    return document


def assert_is_ubl(document) -> None:
    for each in grammars():
        assert each.validate(document), str(each.error_log)


@cache
def grammars() -> list[etree.DTD | etree.XMLSchema]:
    """The order of the elements; and the schema itself where ``PUNCHOUT_UBL_SCHEMA`` names UBL-Order-2.1.xsd."""
    schema = os.environ.get("PUNCHOUT_UBL_SCHEMA")
    own = etree.DTD(str(Path(__file__).with_name("ubl-order.dtd")))
    return [own, etree.XMLSchema(etree.parse(schema))] if schema else [own]


def say(document, path: str) -> list[str]:
    return [each.text for each in document.xpath(path, namespaces=NAMES)]


def test_ubl_of_a_plain_order():
    document = ubl(order(), FACTS)
    assert document.tag == f"{{{NAMES['u']}}}Order"
    assert say(document, "b:ID | b:UUID | b:IssueDate | b:DocumentCurrencyCode | b:OrderTypeCode") == [
        "PO-1",
        FACTS.key,
        "2026-03-01",
        "220",
        "EUR",
    ]
    assert say(document, "a:SellerSupplierParty//b:Name | a:BuyerCustomerParty//b:Name") == ["Acme", "The Shop"]
    assert say(document, ".//a:Price/b:PriceAmount | .//b:PayableAmount") == ["9", "4.5"]
    assert document.xpath("string(.//b:Quantity/@unitCode)", namespaces=NAMES) == "EA"


def test_ubl_says_what_it_has_words_for():
    document = ubl(RICH)
    assert say(document, "b:ID") == ["PO <1> & more"]
    assert say(document, "b:IssueTime") == ["12:00:05+01:00"]
    assert say(document, "a:OriginatorDocumentReference/b:ID | a:Contract/b:ID") == ["R-1", "FRAME-1"]
    assert say(document, "a:Delivery/a:DeliveryAddress/b:MarkAttention") == ["Jana Beispiel, 3. Stock"]
    assert say(document, "a:Delivery//a:AddressLine/b:Line") == ["Ramp 4"]
    assert say(document, "a:BuyerCustomerParty//a:Contact/*") == ["Jane", "+49 431 1", "jane@example.com"]
    assert say(document, "a:AllowanceCharge/*") == ["true", "By ship", "4.9"]
    assert say(document, "a:TaxTotal//a:TaxCategory/b:Percent | a:TaxTotal//a:TaxScheme/b:ID") == ["19", "VAT"]
    # Goods, freight and tax.
    assert say(document, "a:AnticipatedMonetaryTotal/*") == ["392.21", "4.9", "17.04"]
    assert say(document, "a:PaymentTerms/*") == ["30 days", "2"]


def test_ubl_of_a_line():
    first, second, third = ubl(RICH).xpath("a:OrderLine", namespaces=NAMES)
    assert say(first, "a:LineItem/a:Price/*") == ["900", "7"]
    assert say(first, ".//a:SellersItemIdentification/*") == ["WIRE", "cart-1/line-1"]
    assert say(first, ".//a:RequestedDeliveryPeriod/b:StartDate") == ["2026-12-24"]
    assert say(first, ".//b:AccountingCost | .//b:ItemClassificationCode | .//b:Value") == ["4711", "26121600", "red"]
    assert say(second, "a:LineItem/a:Delivery/b:Quantity") == ["1", "1"]
    assert say(third, "b:Note") == ["RETURN - goods come back"]


def test_ubl_knows_no_order_without_lines():
    with pytest.raises(ValueError, match="no lines"):
        order_ubl(order(lines=()), FACTS, supplier="The Shop")


def test_ubl_of_the_barest_order():
    bare = Order(order_id="1", lines=(OrderLine(number=1, quantity=Decimal(1), item_id=ItemID("X")),))
    assert say(ubl(bare), ".//a:Item/b:Name") == ["X"]


# cXML


def cxml(wanted: Order, facts: Facts = FACTS, body=None):
    document = tree.parse(order_cxml(wanted, facts, supplier=SUPPLIER, body=body))
    return document, envelope.decode_request(document)


def test_cxml_written_anew_is_the_same_order():
    said = cxml(order())[1]
    again = decode_order_request(said.body)
    assert (again.order_id, again.total, again.lines[0].item_id) == ("PO-1", euro("9.00"), ItemID("MUG"))
    assert (said.deployment_mode, said.header.from_[0].identity) == ("production", "AN01")


@needs_shared
def test_cxml_written_anew_is_valid():
    document = order_cxml(order(bill_to=OFFICE), FACTS, supplier=SUPPLIER, body=None)
    assert dtd.problems(document, DTDS, envelope.NEWER_DTD) == []


def test_cxml_as_it_came_keeps_what_we_do_not_read_and_nothing_of_the_connection():
    came = order_request(lines=(item_out(1, "MUG", "2", "4.50", more="<SpendDetail>kept</SpendDetail>"),))
    body = envelope.decode_request(tree.parse(came.encode())).body
    raw = order_cxml(order(), FACTS, supplier=SUPPLIER, body=body)
    assert b"<SpendDetail>kept</SpendDetail>" in raw
    assert b"SharedSecret" not in raw
    assert b"punchout-acme@shop.example" not in raw


def test_cxml_that_lacks_what_cxml_demands_is_not_made_up():
    with pytest.raises(ValueError, match="total"):
        order_cxml(order(line(detail=None), total=None), FACTS, supplier=SUPPLIER, body=None)


def test_cxml_written_anew_has_the_sum_of_the_lines_where_no_total_was_said():
    again = decode_order_request(cxml(order(total=None, order_date=None))[1].body)
    assert (again.total, again.order_date) == (euro("9"), FACTS.received)


# Test orders


def test_test_order_says_so_in_every_format():
    came = envelope.decode_request(tree.parse(order_request(deployment_mode="production").encode())).body
    assert rows(order_csv(order(), TEST))[0]["mode"] == "test"
    assert order_json(order(), TEST)["mode"] == "test"
    assert say(ubl(order(), TEST), "b:Note") == ["TEST ORDER - not to be delivered"]
    assert cxml(order(), TEST)[1].deployment_mode == "test"
    # Also where the buyer's own document calls itself real.
    assert cxml(order(), TEST, came)[1].deployment_mode == "test"


@pytest.mark.parametrize("state", ["held", "refused", "cancelled"])
def test_ubl_says_of_an_order_that_is_not_to_be_delivered_that_it_is_not(state):
    assert say(ubl(order(), replace(FACTS, state=state)), "b:Note") == [f"{state.upper()} - not to be delivered"]


# What buyers send


def sample_orders() -> list[Path]:
    return [each for each in sorted(SAMPLES.rglob("*.xml")) if b"<OrderRequestHeader" in each.read_bytes()]


@needs_shared
@pytest.mark.parametrize("path", sample_orders(), ids=lambda each: each.stem)
def test_orders_of_buyers_can_be_exported(path):
    try:
        body = envelope.decode_request(tree.parse(path.read_bytes())).body
        wanted = decode_order_request(body)
    except PunchoutError:
        pytest.skip("no order that is taken")
    assert len(rows(order_csv(wanted, FACTS))) == len(wanted.lines)
    assert json.dumps(order_json(wanted, FACTS))
    if wanted.lines:
        ubl(wanted)
    assert decode_order_request(cxml(wanted, FACTS, body)[1].body) == wanted
