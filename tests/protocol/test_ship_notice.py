from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.protocol.fulfilment import NOON, REFERENCE, VERSIONS, document, sample, shape
from tests.shared import DTDS, SAMPLES, needs_shared
from wagtail_punchout.protocol.cxml import dtd
from wagtail_punchout.protocol.cxml.ship_notice import MODULE, encode_ship_notice
from wagtail_punchout.protocol.fulfilment import ShipNotice, ShippedLine

KITE = {"carrier": "Kite Post", "tracking_numbers": ("8202 8261 1194", "K<2>")}


def notice(**facts: Any) -> ShipNotice:
    return ShipNotice(
        number="S-1", notice_date=NOON, shipment_date=NOON, delivery_date=NOON, reference=REFERENCE, **facts
    )


def shipped(number: int, quantity: str) -> ShippedLine:
    return ShippedLine(line_number=number, quantity=Decimal(quantity), unit="EA")


DOCUMENTS = {
    "whole-order": notice(),
    "with-carrier": notice(**KITE, comment="Ring & wait"),
    "code-of-the-carrier": notice(scac="FDEG", carrier="Federal Express", tracking_numbers=("1",)),
    "parts": notice(lines=(shipped(1, "2"), shipped(40, "0.125")), is_complete=False),
}


@needs_shared
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_ship_notices_are_valid(name, version):
    raw = document(encode_ship_notice(DOCUMENTS[name]), MODULE)
    assert dtd.problems(raw, DTDS, version, MODULE) == []


def test_whole_order_names_no_lines():
    portion = encode_ship_notice(notice()).find("ShipNoticePortion")
    assert shape(portion) == ["OrderReference"]


def test_part_of_an_order_says_so():
    body = encode_ship_notice(DOCUMENTS["parts"])
    assert body.find("ShipNoticeHeader").get("fulfillmentType") == "partial"
    items = [(each.get("lineNumber"), each.get("quantity")) for each in body.iterfind(".//ShipNoticeItem")]
    assert items == [("1", "2"), ("40", "0.125")]


def test_without_a_shipment_nothing_is_said_of_its_way():
    assert encode_ship_notice(notice()).find("ShipControl") is None


@pytest.mark.parametrize(
    "wrong",
    [
        notice(carrier="Kite Post"),
        notice(tracking_numbers=("K1",)),
        notice(lines=(shipped(1, "1"), shipped(1, "1"))),
        notice(lines=(shipped(1, "0"),)),
    ],
)
def test_what_no_buyer_can_follow_is_not_written(wrong):
    with pytest.raises(ValueError, match=r"line|carrier"):
        encode_ship_notice(wrong)


@needs_shared
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("amazon-shipnotice-2014", notice(**KITE, lines=(shipped(1, "2"),))),
        ("foc-shipnotice-whole-order", notice(scac="FDE", carrier="Federal Express", tracking_numbers=("8202",))),
    ],
)
def test_others_write_the_same_shape(name, ours):
    theirs, ours = sample((SAMPLES / f"{name}.xml").read_bytes(), "ShipNoticeRequest"), encode_ship_notice(ours)
    assert shape(theirs) == shape(ours)
    for path in ("ShipControl/CarrierIdentifier", "ShipNoticePortion/ShipNoticeItem"):
        for their, our in zip(theirs.iterfind(path), ours.iterfind(path), strict=False):
            assert set(their.attrib) == set(our.attrib), path
    header = {"shipmentID", "noticeDate", "shipmentDate", "deliveryDate"}
    assert header <= set(theirs.find("ShipNoticeHeader").attrib) & set(ours.find("ShipNoticeHeader").attrib)
    assert shape(theirs.find("ShipNoticePortion"))[0] == shape(ours.find("ShipNoticePortion"))[0] == "OrderReference"
