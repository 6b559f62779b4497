from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.protocol.fulfilment import NOON, REFERENCE, VERSIONS, document, euro, sample, shape
from tests.shared import DTDS, SAMPLES, needs_shared
from wagtail_punchout.protocol.cxml import dtd
from wagtail_punchout.protocol.cxml.invoice import MODULE, encode_invoice
from wagtail_punchout.protocol.fulfilment import Invoice, InvoicedLine
from wagtail_punchout.protocol.money import Money


def item(number: int = 1, quantity: str = "2", price: str = "4.50", **facts: Any) -> InvoicedLine:
    given = {"sku": f"MUG-{number}", "description": "A mug & more", "unit": "EA", "unit_price": euro(price), **facts}
    return InvoicedLine(line_number=number, quantity=Decimal(quantity), **given)


def invoice(*lines: InvoicedLine, tax: str | Money = "1.71", **facts: Any) -> Invoice:
    return Invoice(
        number="R-1",
        date=NOON,
        reference=REFERENCE,
        lines=lines or (item(),),
        **{"currency": "EUR", "tax": tax if isinstance(tax, Money) else euro(tax), **facts},
    )


CREDIT = invoice(item(1, "-2"), tax="-1.71", tax_percent=Decimal(19), credits="77@shop.example")
DOCUMENTS = {
    "one-line": invoice(),
    "freight-and-rate": invoice(shipping=euro("4.90"), tax="2.64", tax_percent=Decimal("19.5"), comment="Thanks <3"),
    "bare-line": invoice(item(sku="", description="")),
    "fractions": invoice(item(1, "0.125", "0.0375"), item(7, "3", "1.005")),
    "credit": CREDIT,
}


def sums(body) -> dict[str, str]:
    return {each.tag: each.findtext("Money") for each in body.find("InvoiceDetailSummary")}


@needs_shared
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_invoices_are_valid(name, version):
    raw = document(encode_invoice(DOCUMENTS[name]), MODULE)
    assert dtd.problems(raw, DTDS, version, MODULE) == []


def test_indicators_are_there_and_promise_nothing():
    header = encode_invoice(invoice()).find("InvoiceDetailRequestHeader")
    assert shape(header) == ["InvoiceDetailHeaderIndicator", "InvoiceDetailLineIndicator"]
    assert [dict(each.attrib) for each in header] == [{}, {}]


def test_sums_are_those_of_the_lines():
    body = encode_invoice(invoice(item(1, "3", "1.005"), item(2, "2", "0.10"), tax="0.61", shipping=euro("4.90")))
    # Every line is rounded as it is paid, 3.015 to 3.02.
    lines = [each.findtext("SubtotalAmount/Money") for each in body.iterfind(".//InvoiceDetailItem")]
    assert lines == ["3.02", "0.20"]
    assert sums(body) == {
        "SubtotalAmount": "3.22",
        "Tax": "0.61",
        "ShippingAmount": "4.90",
        "GrossAmount": "8.73",
        "NetAmount": "8.73",
        "DueAmount": "8.73",
    }


def test_yen_have_no_decimals():
    line = item(1, "3", unit_price=Money(Decimal("33.5"), "JPY"))
    body = encode_invoice(invoice(line, currency="JPY", tax=Money(Decimal(10), "JPY")))
    assert sums(body)["SubtotalAmount"] == "101"
    assert sums(body)["DueAmount"] == "111"


def test_tax_is_explained():
    detail = encode_invoice(DOCUMENTS["freight-and-rate"]).find(".//TaxDetail")
    assert dict(detail.attrib) == {"category": "vat", "percentageRate": "19.5"}
    assert detail.findtext("TaxableAmount/Money") == "13.90"


def test_lines_are_counted_and_name_those_of_the_order():
    items = encode_invoice(invoice(item(40), item(7))).findall(".//InvoiceDetailItem")
    assert [each.get("invoiceLineNumber") for each in items] == ["1", "2"]
    assert [each.find("InvoiceDetailItemReference").get("lineNumber") for each in items] == ["40", "7"]


def test_credit_note_gives_back_and_names_its_invoice():
    body = encode_invoice(CREDIT)
    header = body.find("InvoiceDetailRequestHeader")
    assert header.get("purpose") == "lineLevelCreditMemo"
    assert header.find("DocumentReference").get("payloadID") == "77@shop.example"
    assert body.find(".//InvoiceDetailItem").get("quantity") == "-2"
    assert (sums(body)["SubtotalAmount"], sums(body)["DueAmount"]) == ("-9.00", "-10.71")


@pytest.mark.parametrize(
    "wrong",
    [
        replace(invoice(), lines=()),
        invoice(item(1, "-1")),
        replace(CREDIT, lines=(item(1, "1"),)),
        invoice(item(unit_price=Money(Decimal(1), "USD"))),
        replace(invoice(), tax=Money(Decimal(1), "USD")),
        invoice(shipping=Money(Decimal(1), "USD")),
    ],
)
def test_what_cannot_be_paid_is_not_written(wrong):
    with pytest.raises(ValueError, match=r"currency|lines"):
        encode_invoice(wrong)


COUPA = ("taxes-at-total", "taxes-at-line", "multiple-pos", "match-reference", "service-hours", "backed-and-unbacked")


@needs_shared
@pytest.mark.parametrize("name", COUPA)
def test_coupa_shows_the_same_shape(name):
    theirs = sample((SAMPLES / f"coupa-invoice-{name}.xml").read_bytes(), "InvoiceDetailRequest")
    ours = encode_invoice(DOCUMENTS["freight-and-rate"])
    assert list(dict.fromkeys(shape(theirs))) == shape(ours)
    for path in ("InvoiceDetailOrder", "InvoiceDetailSummary"):
        known = shape(ours.find(path))
        said = [tag for tag in dict.fromkeys(shape(theirs.find(path))) if tag in known]
        assert said == [tag for tag in known if tag in said], path
    for each in theirs.iterfind("InvoiceDetailOrder/InvoiceDetailItem"):
        known = shape(ours.find("InvoiceDetailOrder/InvoiceDetailItem"))
        assert [tag for tag in shape(each) if tag in known] == known
        assert each.find("InvoiceDetailItemReference").get("lineNumber")
    assert shape(theirs.find("InvoiceDetailRequestHeader"))[:2] == shape(ours.find("InvoiceDetailRequestHeader"))[:2]
