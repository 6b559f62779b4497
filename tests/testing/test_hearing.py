"""What a buyer's system reads of a supplier's answers to its order, and what it does not like about them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.shared import SAMPLES, needs_shared
from tests.testing.canned import DOCTYPE, OPEN, a_message, an_item
from wagtail_punchout.testing.documents import (
    Heard,
    HeardLine,
    OrderedLine,
    OrderToSend,
    Unreadable,
    complaints_about,
    order_of,
    read_order_message,
    read_supplier_document,
)

ORDERED = [
    OrderedLine(part_id="PEN", line_number=1, quantity=Decimal(10), price=Decimal("2.50")),
    OrderedLine(part_id="NUT", line_number=2, quantity=Decimal(200), price=Decimal("0.02845"), unit="EA"),
]


def heard(kind: str, *lines: HeardLine) -> Heard:
    return Heard(
        kind=kind, payload_id="1@shop", number="1", order_number="4711", order_payload_id="", says="", lines=lines
    )


def a_line(number: int, what: str, quantity: int, **more) -> HeardLine:
    return HeardLine(number, what, Decimal(quantity), **{"unit": "EA", **more})


@needs_shared
@pytest.mark.parametrize(
    ("name", "kind", "order", "lines"),
    [
        ("amazon-confirmation-2014.xml", "ConfirmationRequest", "E010653511913xxx", 4),
        ("officedepot-confirmation-2012.xml", "ConfirmationRequest", "400-2591453-0", 3),
        ("amazon-shipnotice-2014.xml", "ShipNoticeRequest", "E010653511xxxx", 15),
        ("foc-shipnotice-whole-order.xml", "ShipNoticeRequest", "DO1234", 0),
        ("coupa-invoice-multiple-pos.xml", "InvoiceDetailRequest", "", 2),
        ("cxml-1.1.010-example-StatusUpdateRequest.xml", "StatusUpdateRequest", "", 0),
    ],
)
def test_answers_of_other_suppliers_are_understood(name, kind, order, lines):
    read = read_supplier_document((SAMPLES / name).read_bytes())
    assert (read.kind, read.order_number, len(read.lines)) == (kind, order, lines)


@pytest.mark.parametrize(
    "kind", ["ConfirmationRequest", "ShipNoticeRequest", "InvoiceDetailRequest", "StatusUpdateRequest"]
)
def test_answer_that_says_nothing_is_complained_about(kind):
    document = f"{DOCTYPE}{OPEN}<Header/><Request><{kind}/></Request></cXML>".encode()
    assert read_supplier_document(document).complaints


def test_cart_is_no_answer_to_an_order():
    with pytest.raises(Unreadable):
        read_supplier_document(a_message(an_item()).encode())


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (heard("ConfirmationRequest", a_line(1, "accept", 10)), ""),
        (heard("ConfirmationRequest", a_line(1, "accept", 6), a_line(1, "backordered", 4)), ""),
        (heard("ConfirmationRequest", a_line(1, "accept", 6)), "Of line 1 10 are ordered and 6 confirmed."),
        (heard("ConfirmationRequest", a_line(3, "accept", 1)), "Line 3 was not ordered."),
        (heard("ShipNoticeRequest", a_line(1, "shipped", 4)), ""),
        (heard("ShipNoticeRequest", a_line(1, "shipped", 11)), "Of line 1 10 are ordered, but 11 shipped."),
        (heard("ShipNoticeRequest", a_line(1, "shipped", 4, unit="BX")), "Line 1 was ordered by EA, not by BX."),
        (heard("InvoiceDetailRequest", a_line(2, "invoiced", 200, amount=Decimal("5.69"))), ""),
        (
            heard("InvoiceDetailRequest", a_line(1, "invoiced", 10, amount=Decimal("26.00"))),
            "Line 1 is invoiced at 26.00; at the price of the order it is 25.00.",
        ),
    ],
)
def test_answer_is_held_against_the_order(answer, complaint):
    assert complaints_about(answer, ORDERED) == ((complaint,) if complaint else ())


def test_shipments_add_up_and_confirmations_replace_each_other():
    before = [a_line(1, "shipped", 8)]
    assert complaints_about(heard("ShipNoticeRequest", a_line(1, "shipped", 2)), ORDERED, before) == ()
    assert complaints_about(heard("ShipNoticeRequest", a_line(1, "shipped", 3)), ORDERED, before)
    assert complaints_about(heard("ConfirmationRequest", a_line(1, "accept", 10)), ORDERED, before) == ()


def test_what_is_given_back_may_be_invoiced_again():
    before = [a_line(1, "invoiced", 10), a_line(1, "invoiced", -4)]
    again = heard("InvoiceDetailRequest", a_line(1, "invoiced", 4, amount=Decimal("10.00")))
    assert complaints_about(again, ORDERED, before) == ()


def test_total_is_in_the_decimals_of_its_currency():
    thirds = OrderedLine(part_id="NUT", quantity=Decimal(300), price=Decimal("8.54") / 300)
    assert str(OrderToSend(number="1", lines=[thirds]).total) == "8.54"
    assert str(replace(thirds, currency="JPY").amount) == "9"


def test_bundle_is_ordered_as_a_bundle_and_paid_once():
    cart = read_order_message(
        a_message(
            an_item(attributes=' itemType="composite" compositeItemType="groupLevel"', quantity="1"),
            an_item(attributes=' itemType="item" parentLineNumber="1"').replace('lineNumber="1"', 'lineNumber="7"', 1),
        )
    )
    order = order_of(cart, "4711")
    assert [(each.line_number, each.parent_line_number) for each in order.lines] == [(1, 0), (2, 1)]
    assert order.total == Decimal("763.20")
