from __future__ import annotations

from typing import Any

import pytest

from tests.protocol.fulfilment import NOON, REFERENCE, VERSIONS, document, euro, line, sample, shape, state
from tests.shared import DTDS, SAMPLES, needs_shared
from wagtail_punchout.protocol.cxml import dtd
from wagtail_punchout.protocol.cxml.confirmation import MODULE, encode_confirmation
from wagtail_punchout.protocol.fulfilment import Confirmation, ConfirmationKind, StateKind

ACCEPT, DETAIL, LATER, REJECT = StateKind.ACCEPT, StateKind.DETAIL, StateKind.BACKORDERED, StateKind.REJECT


def confirmation(kind: ConfirmationKind = ConfirmationKind.ACCEPT, **facts: Any) -> Confirmation:
    return Confirmation(number="C-1", kind=kind, notice_date=NOON, reference=REFERENCE, **facts)


def exceptions(*lines, **facts) -> Confirmation:
    return confirmation(ConfirmationKind.EXCEPT, lines=lines, **facts)


FULL = state(
    DETAIL,
    "2",
    unit_price=euro("4.20"),
    tax=euro("1.60"),
    shipping=euro("0.00"),
    shipment_date=NOON,
    delivery_date=NOON,
    comment="Cheaper <now>",
)
DOCUMENTS = {
    "accept": confirmation(comment="Thank you & see you"),
    "reject": confirmation(ConfirmationKind.REJECT, comment="\u00fcber \x00 all"),
    "update": confirmation(updates="0@shop.example"),
    "sums": confirmation(total=euro("12"), shipping=euro("4.90"), tax=euro("2.28")),
    "split": exceptions(
        line(1, "10", state(ACCEPT, "4"), state(LATER, "5.5", delivery_date=NOON), state(REJECT, "0.5"))
    ),
    "detail": confirmation(ConfirmationKind.DETAIL, lines=(line(3, "2", FULL), line(1, "1", state(ACCEPT, "1")))),
}


@needs_shared
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_confirmations_are_valid(name, version):
    raw = document(encode_confirmation(DOCUMENTS[name]), MODULE)
    assert dtd.problems(raw, DTDS, version, MODULE) == []


def test_tax_and_shipping_change_places_between_header_and_line():
    body = encode_confirmation(exceptions(line(3, "2", FULL), shipping=euro("4.90"), tax=euro("2.28")))
    assert shape(body.find("ConfirmationHeader")) == ["Shipping", "Tax"]
    assert shape(body.find(".//ConfirmationStatus")) == ["UnitOfMeasure", "UnitPrice", "Tax", "Shipping", "Comments"]


def test_update_names_what_it_replaces():
    header = encode_confirmation(confirmation(updates="0@shop.example")).find("ConfirmationHeader")
    assert (header.get("operation"), header.get("confirmID")) == ("update", "C-1")
    assert header.find("DocumentReference").get("payloadID") == "0@shop.example"


def test_first_confirmation_replaces_nothing():
    header = encode_confirmation(confirmation()).find("ConfirmationHeader")
    assert header.get("operation") == "new"
    assert header.find("DocumentReference") is None


@pytest.mark.parametrize(
    "wrong",
    [
        confirmation(lines=(line(1, "1", state(REJECT, "1")),)),
        confirmation(ConfirmationKind.REJECT, lines=(line(1, "1", state(REJECT, "1")),)),
        confirmation(ConfirmationKind.EXCEPT),
        confirmation(ConfirmationKind.DETAIL),
        exceptions(line(1, "3", state(ACCEPT, "1"), state(REJECT, "1"))),
        exceptions(line(1, "1", state(ACCEPT, "2"), state(REJECT, "-1"))),
        exceptions(line(1, "1", state(ACCEPT, "1"), state(REJECT, "0"))),
        exceptions(line(1, "1", state(REJECT, "1")), line(1, "1", state(REJECT, "1"))),
        exceptions(line(1, "1", state(DETAIL, "1", comment="nothing new"))),
        exceptions(line(1, "1")),
    ],
)
def test_what_contradicts_itself_is_not_written(wrong):
    with pytest.raises(ValueError, match="line"):
        encode_confirmation(wrong)


def without_what_suppliers_add(element):
    added = ("Total", "Contact", "Comments", "Extrinsic")
    return [each for each in shape(element) if each not in added]


@needs_shared
@pytest.mark.parametrize("name", ["amazon-confirmation-2014", "officedepot-confirmation-2012"])
def test_others_write_the_same_shape(name):
    theirs = sample((SAMPLES / f"{name}.xml").read_bytes(), "ConfirmationRequest")
    priced = state(DETAIL, "2", unit_price=euro("1"), tax=euro("1"), shipping=euro("0"), delivery_date=NOON)
    ours = encode_confirmation(exceptions(line(1, "2", priced), shipping=euro("0"), tax=euro("1")))
    assert list(dict.fromkeys(shape(theirs))) == shape(ours)
    for path in ("ConfirmationHeader", "ConfirmationItem", "ConfirmationItem/ConfirmationStatus"):
        known = shape(ours.find(path))
        for each in theirs.iterfind(path):
            said = without_what_suppliers_add(each)
            assert said == [tag for tag in known if tag in said], path
    needed = {"lineNumber", "quantity"}
    assert needed <= set(theirs.find("ConfirmationItem").attrib) & set(ours.find("ConfirmationItem").attrib)
