"""What a link changes in a cXML cart: rows, units, limits, prices, freight."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from tests.connections import item_out, setup_request
from tests.storefront.test_visit import PEN, carried_home, press, start
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import MappingRow, QuoteLine, UnitRow
from wagtail_punchout.protocol.cart import Cart, CartLine, Charge, Classification, Item, Price, Text
from wagtail_punchout.protocol.cxml import order_message
from wagtail_punchout.protocol.money import Money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

CHAIR = Item(
    sku="KD5555",
    descriptions=(Text("Desk chair with padded arms", "en", "Desk chair"), Text("Bürostuhl mit Polstern", "de", "")),
    unit="EA",
    price=Price(net=Money(Decimal("104.99"), "EUR")),
    tax_rate=Decimal("0.19"),
    classifications=(Classification("UNSPSC", "56112102"),),
)
CART = Cart(
    currency="EUR",
    lines=(CartLine(line_id="1", item=CHAIR, quantity=Decimal(2)),),
    shipping=Charge(Money(Decimal("5.90"), "EUR"), Text("Parcel")),
    tax=Charge(Money(Decimal("41.02"), "EUR"), Text("VAT 19 %")),
)


@pytest.fixture
def sent(client, acme, monkeypatch):
    """Change the link, return the chair, read the message."""
    monkeypatch.setattr(get_adapter(), "get_cart", lambda request: CART)

    def send(rows=(), units=(), **values):
        for target, kind, source in rows:
            MappingRow.objects.create(link=acme.link, target=target, kind=kind, source=source)
        for ours, theirs in units:
            UnitRow.objects.create(link=acme.link, ours=ours, theirs=theirs)
        type(acme.link).objects.filter(pk=acme.link.pk).update(**values)
        start(client)
        return order_message.decode(carried_home(press(client, "return"), client).body)

    return send


def test_without_rows_nothing_changes(sent):
    message = sent()
    [line] = message.lines
    assert line.detail.unit == "EA"
    assert line.detail.descriptions == CHAIR.descriptions
    assert (message.shipping.amount.amount, message.tax.amount.amount) == (Decimal("5.90"), Decimal("41.02"))


def test_rows_put_other_words_into_elements(sent):
    [line] = sent(
        rows=[
            ("Description", "template", "{{ product.name }} ({{ company.code }})"),
            ("Classification:ECLASS", "constant", "21-01-02-03"),
            ("Classification:UNSPSC", "field", "product.classification.UNSPSC"),
            ("Extrinsic:CostCenter", "field", "session.extrinsic.UserEmail"),
            ("Extrinsic:Nothing", "field", "product.manufacturer_name"),
            ("LeadTime", "constant", "3"),
            ("BuyerPartID", "constant", "B-1"),
            ("Comments", "constant", "Handle with care"),
        ]
    ).lines
    assert [each.text for each in line.detail.descriptions] == ["Desk chair (acme)"]
    assert {(each.domain, each.code) for each in line.detail.classifications} == {
        ("ECLASS", "21-01-02-03"),
        ("UNSPSC", "56112102"),
    }
    assert line.detail.extrinsics == (("CostCenter", "jane@example.com"),)
    assert (line.detail.lead_time, line.item_id.buyer_part_id, line.comments) == (3, "B-1", "Handle with care")


def test_units_are_those_of_the_buyer(sent):
    [line] = sent(units=[("EA", "EACH")]).lines
    assert line.detail.unit == "EACH"


def test_texts_are_cut_to_what_the_buyers_system_keeps(sent):
    [line] = sent(limits={"Description": {"bytes": 6}, "ShortName": {"characters": 4}}).lines
    assert [(each.text, each.short) for each in line.detail.descriptions] == [("Desk c", "Desk"), ("Büros", "")]


def test_numbers_are_never_cut(client, acme, monkeypatch):
    monkeypatch.setattr(get_adapter(), "get_cart", lambda request: CART)
    type(acme.link).objects.update(limits={"SupplierPartID": {"characters": 4}})
    start(client)
    response = press(client, "return")
    assert response.status_code == 422
    assert "KD5555 cannot be sent" in response.content.decode()


def test_freight_and_tax_can_be_lines(sent):
    message = sent(shipping_as="line", tax_as="line")
    assert [each.item_id.supplier_part_id for each in message.lines] == ["KD5555", "FREIGHT", "TAX"]
    assert (message.shipping, message.tax) == (None, None)
    assert message.total.amount == Decimal("209.98") + Decimal("5.90") + Decimal("41.02")


def test_freight_and_tax_can_be_left_out(sent):
    message = sent(shipping_as="omit", tax_as="omit")
    assert (message.shipping, message.tax, len(message.lines)) == (None, None, 1)


def test_gross_prices_hold_the_tax(sent):
    message = sent(prices="gross")
    assert message.lines[0].detail.unit_price.amount == Decimal("124.9381")
    assert message.tax is None


@pytest.mark.usefixtures("goods")
def test_an_edit_reckons_freight_anew_and_complains_of_nothing(client, acme):
    body = item_out(PEN, quantity="2") + item_out("FREIGHT", auxiliary_id="abc")
    start(client, setup_request(operation="edit", body=body))
    page = client.get("/cart/").content.decode()
    assert PEN in page
    assert "FREIGHT" not in page


@pytest.mark.usefixtures("goods")
def test_a_gross_price_of_an_earlier_cart_has_not_changed(client, acme):
    type(acme.link).objects.update(prices="gross")
    start(client)
    client.post("/cart/add/", {"sku": PEN, "quantity": "1"})
    [line] = order_message.decode(carried_home(press(client, "return"), client).body).lines
    again = item_out(PEN, auxiliary_id=line.item_id.supplier_part_auxiliary_id)
    other = Client()
    start(other, setup_request(operation="edit", body=again, payload_id="2@buyer"))
    assert "punchout-problems" not in other.get("/cart/").content.decode()


@pytest.mark.parametrize("format", ["cxml", "oci4"])
def test_texts_that_no_database_keeps_do_not_stop_a_cart(client, acme, monkeypatch, format):
    bad = "a\x00b\ud83d"
    odd = Item(
        sku="A",
        descriptions=(Text(bad, "en", bad),),
        price=Price(net=Money(Decimal(1), "EUR")),
        configuration={"text": bad},
        extrinsics={"note": bad},
    )
    cart = Cart(currency="EUR", lines=(CartLine(line_id="1", item=odd, quantity=Decimal(1), comment=bad),))
    monkeypatch.setattr(get_adapter(), "get_cart", lambda request: cart)
    start(client)
    type(acme.link).objects.update(format=format)
    assert press(client, "return").status_code == 303
    assert QuoteLine.objects.get().configuration == {"text": "ab"}
