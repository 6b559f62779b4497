"""StatusUpdateRequests as buyers' systems send them, about documents that went out from here."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import add_credential, connect, post
from tests.orders import make_order
from tests.secret import SECRET
from wagtail_punchout.flows.answer_order import confirm_order, send_invoice
from wagtail_punchout.models import Exchange, Mode, PurchaseOrder

pytestmark = pytest.mark.django_db

NOW = timezone.now()
PAID = (
    '<InvoiceStatus type="paid">{0}<PartialAmount><Money currency="EUR">10.99</Money></PartialAmount>'
    "<Comments>One was broken.</Comments></InvoiceStatus>"
)


def status_update(
    *, of: str = "", about: str = "", code: str = "200", secret: str = SECRET, mode: str = "production", text: str = ""
) -> str:
    reference = f'<DocumentReference payloadID="{of}"/>' if of else ""
    return (
        '<cXML payloadID="9@buyer" timestamp="2026-11-26T10:00:00+00:00"><Header>'
        '<From><Credential domain="NetworkID"><Identity>buyer</Identity></Credential></From>'
        '<To><Credential domain="DUNS"><Identity>123456789</Identity></Credential></To>'
        '<Sender><Credential domain="NetworkID"><Identity>punchout-acme@shop.example</Identity>'
        f"<SharedSecret>{secret}</SharedSecret></Credential><UserAgent>Test Buyer</UserAgent></Sender></Header>"
        f'<Request deploymentMode="{mode}"><StatusUpdateRequest>{reference}<Status code="{code}" text="">{text}'
        f"</Status>{about}</StatusUpdateRequest></Request></cXML>"
    )


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, documents_url="https://buyer.example/in", sends_invoice=True)


@pytest.fixture
def order(buyer):
    return make_order(buyer)


@pytest.fixture
def invoice(order):
    return send_invoice(order, at=NOW, tax_percent=Decimal(19), number="R-1")


def news() -> list[str]:
    return [each.data["said"] for each in ModelLogEntry.objects.filter(action="wagtail_punchout.order_status")]


@pytest.mark.parametrize("named", ["payload", "number", "invoice"])
def test_paid_invoice_is_news_of_its_order(client, order, invoice, named):
    info = '<InvoiceIDInfo invoiceID="R-1"/>' if named == "invoice" else ""
    of = {"payload": invoice.payload_id, "number": "R-1", "invoice": ""}[named]
    assert post(client, status_update(of=of, about=PAID.format(info))).code == 200
    assert news() == ["paid 10.99 EUR 200 One was broken."]
    assert Exchange.objects.get(kind="StatusUpdateRequest").order == order


def test_confirmation_is_named_by_its_number(client, order):
    number = confirm_order(order, at=NOW).number
    about = f'<DocumentStatus type="approved"><DocumentInfo documentID="{number}" documentType="x"/></DocumentStatus>'
    assert post(client, status_update(about=about)).code == 200
    assert news() == ["approved 200"]


def test_payment_names_the_order(client, order):
    about = (
        '<PaymentStatus orderID="PO-1" transactionTimestamp="2026-11-26T10:00:00+00:00" type="Settlement">'
        '<PCard number="4111111111111111" expiration="2027-03-01"/><Total><Money currency="EUR">9</Money></Total>'
        "</PaymentStatus>"
    )
    assert post(client, status_update(about=about)).code == 200
    assert news() == ["Settlement 200"]


def test_payment_of_a_number_that_two_buyers_use_is_nobodys(client, buyer, order):
    make_order(buyer, "PO-2", buyer="other", buyer_key="other")
    PurchaseOrder.objects.filter(number="PO-2").update(number="PO-1")
    about = '<PaymentStatus orderID="PO-1" transactionTimestamp="x" type="Sale"/>'
    assert post(client, status_update(about=about)).code == 417


@pytest.mark.parametrize("of", ["nobody-knows-it", ""])
def test_unknown_document_is_417(client, invoice, of):
    assert post(client, status_update(of=of)).code == 417
    assert news() == []


def test_documents_of_another_customer_are_unknown(client, invoice):
    connect("rival", secret="another-secret-of-thirty-two-characters", mode=Mode.PRODUCTION)
    said = status_update(of=invoice.payload_id, secret="another-secret-of-thirty-two-characters")
    assert post(client, said.replace("punchout-acme", "punchout-rival")).code == 417
    assert news() == []


def test_trial_says_nothing_of_a_real_invoice(client, buyer, invoice):
    assert post(client, status_update(of=invoice.payload_id, mode="test")).code == 417
    add_credential(buyer.customer, secret="test-secret-of-thirty-two-characters")
    said = status_update(of=invoice.payload_id, secret="test-secret-of-thirty-two-characters")
    assert post(client, said).code == 417
    assert news() == []


@pytest.mark.parametrize("code", ["", "20", "ok!", "2000"])
def test_code_that_is_none_is_refused(client, invoice, code):
    assert post(client, status_update(of=invoice.payload_id, code=code)).code == 400
    assert news() == []


def test_long_and_strange_words_are_kept_in_part(client, invoice):
    assert post(client, status_update(of=invoice.payload_id, text="&#x1F600;&lt;b&gt;" + "x" * 5000)).code == 200
    assert news()[0].startswith("200 \U0001f600<b>xxx")
    assert len(news()[0]) == 1000
