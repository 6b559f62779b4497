from __future__ import annotations

from decimal import Decimal

import pytest

from tests.protocol.fulfilment import VERSIONS, document, sample
from tests.shared import DTDS, SAMPLES, needs_shared
from wagtail_punchout.protocol.cxml import dtd, tree
from wagtail_punchout.protocol.cxml.status_update import MODULE, decode_status_update, encode_status_update
from wagtail_punchout.protocol.errors import UnacceptableContent, UnreadableDocument
from wagtail_punchout.protocol.fulfilment import StatusUpdate
from wagtail_punchout.protocol.money import Money

DOCUMENTS = {
    "done": StatusUpdate(code=200, sentence="It is on its way.", document="1@buyer & more"),
    "refused": StatusUpdate(code=400, document="1@buyer"),
    "own-words": StatusUpdate(code=201, text="Wait", sentence="\u00fcber <all>"),
}


def read(inside: str) -> StatusUpdate:
    return decode_status_update(tree.parse(f"<StatusUpdateRequest>{inside}</StatusUpdateRequest>".encode()).root)


@needs_shared
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_status_updates_are_valid(name, version):
    raw = document(encode_status_update(DOCUMENTS[name]), MODULE)
    assert dtd.problems(raw, DTDS, version, MODULE) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_status_update_comes_back_as_it_went(name):
    said = decode_status_update(encode_status_update(DOCUMENTS[name]))
    assert (said.code, said.sentence, said.document) == (
        DOCUMENTS[name].code,
        DOCUMENTS[name].sentence,
        DOCUMENTS[name].document,
    )


def test_code_has_its_phrase():
    assert encode_status_update(DOCUMENTS["refused"]).find("Status").get("text") == "Bad Request"


@needs_shared
def test_guide_pays_an_invoice():
    raw = (SAMPLES / "guide-1.2.051-statusupdate-invoice-paid.xml").read_bytes()
    said = decode_status_update(sample(raw, "StatusUpdateRequest"))
    assert (said.document, said.code, said.subject, said.type) == ("Inv123", 200, "InvoiceStatus", "paid")
    assert said.amount == Money(Decimal("10.99"), "USD")
    assert said.comments == ("This charge is paid, minus $2.00 due to missing items.",)


@needs_shared
@pytest.mark.parametrize("name", ["foc-statusupdate", "cxml-1.1.010-example-StatusUpdateRequest"])
def test_hubs_forward_a_document(name):
    said = decode_status_update(sample((SAMPLES / f"{name}.xml").read_bytes(), "StatusUpdateRequest"))
    assert said.document == "0c300508b7863dcclb_14999"
    assert said.sentence.startswith("Forwarded to ")


def test_documents_are_named_in_four_ways():
    ok = '<Status code="200" text=""/>'
    assert read(f'<DocumentReference payloadID=" 1@x "/>{ok}').document == "1@x"
    assert read(f'{ok}<InvoiceStatus type="paid"><InvoiceIDInfo invoiceID="R-1"/></InvoiceStatus>').invoice == "R-1"
    info = '<DocumentInfo documentID="C-1" documentType="ConfirmationRequest"/>'
    assert read(f'{ok}<DocumentStatus type="approved">{info}</DocumentStatus>').number == "C-1"
    assert read(f'{ok}<PaymentStatus orderID="PO-1" type="Sale"><PCard number="4"/></PaymentStatus>').order == "PO-1"


def test_card_number_is_not_read():
    said = read('<Status code="200"/><PaymentStatus orderID="1"><PCard number="4111111111111111"/></PaymentStatus>')
    assert "4111" not in repr(said)


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<Status/>",
        '<Status code=""/>',
        '<Status code="20"/>',
        '<Status code="\u0662\u0660\u0660"/>',
        '<Status code="200"/><InvoiceStatus><PartialAmount><Money>much</Money></PartialAmount></InvoiceStatus>',
    ],
)
def test_what_says_nothing_is_refused(inside):
    with pytest.raises(UnacceptableContent):
        read(inside)


def test_element_inside_the_words_is_refused():
    with pytest.raises(UnreadableDocument):
        read('<Status code="200">paid <b>all</b></Status>')


def test_unknown_subjects_are_passed_over():
    said = read('<Status code="200"/><Extrinsic name="x">y</Extrinsic>')
    assert (said.subject, said.type) == ("", "")
