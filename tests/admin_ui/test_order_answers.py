"""Confirmations, ship notices and invoices by hand: what the forms open with, refuse, show and send."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import etree, html

from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.flows.answer_order import notify_shipment, send_invoice
from wagtail_punchout.models import Delivery, Mode, OrderState
from wagtail_punchout.protocol.cxml import tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, documents_url="https://buyer.example/in", sends_invoice=True)


@pytest.fixture
def order(buyer):
    return make_order(buyer)


def opened(client, order, name: str) -> Any:
    return client.get(reverse("punchout_orders:answer", args=[order.pk, name])).context["form"]


def values(form: Any) -> dict[str, Any]:
    return {"newest": form.newest} | {each.html_name: each.value() or "" for each in form}


def answer(client, order, name: str, **fields: str) -> Any:
    """The form as it opens, with some fields changed, sent or whatever button is among the fields."""
    given = values(opened(client, order, name))
    return client.post(reverse("punchout_orders:answer", args=[order.pk, name]), {**given, **fields})


def sent() -> etree._Element:
    return tree.parse(Delivery.objects.get().body.encode()).root.find("Request")[0]


def states() -> list[tuple[str, str, str]]:
    return [
        (each.getparent().get("lineNumber"), each.get("type"), each.get("quantity"))
        for each in sent().iterfind(".//ConfirmationStatus")
    ]


def errors(response: Any) -> dict[str, str]:
    return {name: " ".join(said) for name, said in response.context["form"].errors.items()}


def test_confirmation_opens_with_everything_accepted(admin_client, order):
    form = opened(admin_client, order, "confirm")
    values = [form[f"{name}_1"].value() for name in ("accept", "backordered", "reject", "price")]
    assert values == ["2", "0", "0", "4.50"]


@pytest.mark.parametrize("state", [OrderState.HELD, OrderState.REFUSED])
def test_for_what_is_not_accepted_it_opens_with_no(admin_client, buyer, state):
    order = make_order(buyer, state=state)
    form = opened(admin_client, order, "confirm")
    assert (form["accept_1"].value(), form["reject_1"].value()) == ("0", "2")
    assert answer(admin_client, order, "confirm").status_code == 302
    assert sent().find("ConfirmationHeader").get("type") == "reject"


def test_other_price_is_named(admin_client, order):
    answer(admin_client, order, "confirm", price_2="4.20")
    assert states() == [("2", "detail", "2")]
    assert sent().findtext(".//UnitPrice/Money") == "4.20"


def test_same_price_in_other_digits_is_the_same(admin_client, order):
    answer(admin_client, order, "confirm", price_1="4.5000", price_2="")
    assert sent().find("ConfirmationHeader").get("type") == "accept"


def test_line_is_split(admin_client, order):
    answer(admin_client, order, "confirm", accept_1="0.5", backordered_1="1", reject_1="0.5", date_1="2026-12-24")
    assert states() == [("1", "detail", "0.5"), ("1", "backordered", "1"), ("1", "reject", "0.5")]
    dates = [each.get("deliveryDate") for each in sent().iterfind(".//ConfirmationStatus")]
    assert dates[0] == dates[1] != dates[2] is None


def test_reasons_for_rejecting_everything_are_told(admin_client, order):
    fields = {"accept_1": "0", "reject_1": "2", "comment_1": "Sold out", "accept_2": "0", "reject_2": "2"}
    answer(admin_client, order, "confirm", **fields)
    assert states() == [("1", "reject", "2"), ("2", "reject", "2")]
    assert sent().findtext(".//ConfirmationStatus/Comments") == "Sold out"


def test_button_fills_every_line_with_no_and_sends_nothing(admin_client, order):
    page = answer(admin_client, order, "confirm", comment="Sorry", accept_1="1", reject="")
    form = page.context["form"]
    assert [form[name].value() for name in ("accept_1", "reject_1", "reject_2", "comment")] == ["0", "2", "2", "Sorry"]
    assert form.errors == {}
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("name", "fields", "wrong"),
    [
        ("confirm", {"accept_2": "1"}, {"accept_2": "The quantities of line 2 must add up to 2."}),
        ("confirm", {"accept_1": "x"}, {"accept_1": "Enter a number."}),
        ("confirm", {"reject_1": "-1", "accept_1": "3"}, {"reject_1": "equal to 0", "accept_1": "equal to 2"}),
        ("confirm", {"price_1": "-1"}, {"price_1": "equal to 0"}),
        ("confirm", {"date_1": "soon"}, {"date_1": "valid date"}),
        ("ship", {"quantity_1": "3"}, {"quantity_1": "equal to 2"}),
        ("ship", {"carrier": "Kite Post"}, {"tracking": "need each other"}),
        ("ship", {"tracking": "K1, "}, {"carrier": "need each other"}),
        ("ship", {"shipment_date": "2026-12-02", "delivery_date": "2026-12-01"}, {"delivery_date": "cannot arrive"}),
        ("ship", {"quantity_1": "0", "quantity_2": ""}, {"__all__": "Nothing is to be shipped of any line."}),
        ("invoice", {}, {"tax_percent": "required"}),
        ("invoice", {"tax_percent": "101"}, {"tax_percent": "equal to 100"}),
        ("invoice", {"tax_percent": "19", "quantity_2": "NaN"}, {"quantity_2": "Enter a number."}),
    ],
)
def test_mistakes_are_said_where_they_are(admin_client, order, name, fields, wrong):
    page = answer(admin_client, order, name, **fields)
    found = errors(page)
    assert found.keys() == wrong.keys()
    for where, sentence in wrong.items():
        assert sentence in found[where]
        assert sentence in page.content.decode()
    assert not Delivery.objects.exists()


# What is given back


def credit(client, invoice: Delivery, **fields: str) -> Any:
    """As :func:`answer`, of the credit note for an invoice."""
    url = reverse("punchout_deliveries:credit", args=[invoice.pk])
    return client.post(url, {**values(client.get(url).context["form"]), **fields})


def credit_button(client, delivery: Delivery) -> bool:
    url = reverse("punchout_deliveries:credit", args=[delivery.pk])
    return url in client.get(reverse("punchout_deliveries:inspect", args=[delivery.pk])).content.decode()


@pytest.fixture
def invoice(order):
    return send_invoice(order, at=timezone.now(), tax_percent=Decimal(19), shipping=Decimal("4.90"))


def credited() -> dict[str, Any]:
    found = Delivery.objects.get(event="credit")
    return {name: found.data[name] for name in ("lines", "shipping", "credits")} | {"number": found.number}


def test_credit_note_opens_with_all_that_was_invoiced(admin_client, invoice):
    assert credit_button(admin_client, invoice)
    answer = credit(admin_client, invoice)
    assert answer.url == reverse("punchout_deliveries:inspect", args=[invoice.pk])
    assert credited() == {
        "lines": {"1": "-2", "2": "-2"},
        "shipping": "-4.90",
        "credits": invoice.payload_id,
        "number": "PO-1-CN2",
    }


def test_part_is_given_back_at_the_price_of_the_invoice(admin_client, order, invoice):
    order.lines.filter(number=2).delete()
    order.lines.update(unit_price=Decimal(99))
    credit(admin_client, invoice, quantity_1="0", quantity_2="1", shipping="", number="G-7")
    assert credited() == {
        "lines": {"2": "-1"},
        "shipping": "0",
        "credits": invoice.payload_id,
        "number": "G-7",
    }


def test_credit_note_is_shown_before_it_goes(admin_client, invoice):
    page = credit(admin_client, invoice, preview="").content.decode()
    assert "Not sent yet" in page and "lineLevelCreditMemo" in page
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"quantity_1": "3"}, {"quantity_1": "equal to 2"}),
        ({"shipping": "4.91"}, {"__all__": "at most 4.90"}),
        ({"shipping": "9" * 5000}, {"shipping": "24 digits"}),
        ({"quantity_1": "0", "quantity_2": ""}, {"__all__": "Nothing is to be credited of any line."}),
        ({"number": "PO-1-I1"}, {"__all__": "PO-1-I1 already"}),
    ],
)
def test_no_more_than_was_invoiced_is_given_back(admin_client, invoice, fields, wrong):
    found = errors(credit(admin_client, invoice, **fields))
    assert found.keys() == wrong.keys()
    assert all(sentence in found[where] for where, sentence in wrong.items())
    assert Delivery.objects.count() == 1


def test_what_has_been_given_back_is_not_offered_again(admin_client, invoice):
    credit(admin_client, invoice)
    assert not credit_button(admin_client, invoice)
    url = reverse("punchout_deliveries:credit", args=[invoice.pk])
    for answer in (admin_client.get(url, follow=True), admin_client.post(url, follow=True)):
        assert "nothing left to be credited" in answer.content.decode()
    assert Delivery.objects.count() == 2


def test_only_invoices_are_given_back(admin_client, order, invoice):
    credit(admin_client, invoice, quantity_1="1")
    notice = notify_shipment(order, at=timezone.now())
    for other in (Delivery.objects.get(event="credit"), notice):
        assert not credit_button(admin_client, other)
        url = reverse("punchout_deliveries:credit", args=[other.pk])
        assert "is no invoice" in admin_client.post(url, follow=True).content.decode()


@pytest.mark.parametrize("name", ["confirm", "ship", "invoice"])
def test_second_click_sends_nothing_more(admin_client, order, name):
    page = html.fromstring(admin_client.get(reverse("punchout_orders:answer", args=[order.pk, name])).content)
    [send] = [each for each in page.iter("button") if each.text_content().strip() == "Send"]
    assert (send.get("data-controller"), send.get("data-action")) == ("w-progress", "w-progress#activate")


PART = {"quantity_1": "1", "quantity_2": "0"}
TAXED = {**PART, "tax_percent": "19"}


@pytest.mark.parametrize(("name", "part"), [("confirm", {}), ("ship", PART), ("invoice", TAXED)])
def test_form_is_sent_once_however_often_it_is_posted(admin_client, order, name, part):
    url = reverse("punchout_orders:answer", args=[order.pk, name])
    given = {**values(opened(admin_client, order, name)), **part}
    assert admin_client.post(url, given).status_code == 302
    again = admin_client.post(url, given)
    assert "another document of this kind has been sent" in errors(again)["__all__"]
    assert Delivery.objects.count() == 1
    [seen] = html.fromstring(again.content).xpath("//input[@name='newest']/@value")
    admin_client.post(url, {**given, "newest": seen})  # whoever has read it may go on
    assert Delivery.objects.count() == 2


def test_part_is_given_back_once_however_often_it_is_posted(admin_client, invoice):
    url = reverse("punchout_deliveries:credit", args=[invoice.pk])
    given = {**values(admin_client.get(url).context["form"]), "quantity_1": "1"}
    assert admin_client.post(url, given).status_code == 302
    assert "another document of this kind" in errors(admin_client.post(url, given))["__all__"]
    assert credited()["lines"]["1"] == "-1"


@pytest.mark.parametrize("button", ["preview", "reject"])
def test_what_was_sent_meanwhile_is_told_before_anything_is_shown(admin_client, order, button):
    given = values(opened(admin_client, order, "confirm"))
    answer(admin_client, order, "confirm")
    page = admin_client.post(reverse("punchout_orders:answer", args=[order.pk, "confirm"]), {**given, button: ""})
    assert "another document of this kind has been sent" in page.content.decode()


def test_error_is_tied_to_its_field(admin_client, order):
    text = answer(admin_client, order, "confirm", accept_2="1").content.decode()
    assert 'aria-invalid="true"' in text
    assert 'id="id_accept_2_error"' in text


@pytest.mark.parametrize(
    ("name", "fields", "root"),
    [
        ("confirm", {"price_1": "4"}, "ConfirmationRequest"),
        ("ship", {"carrier": "Kite Post", "tracking": "K1"}, "ShipNoticeRequest"),
        ("invoice", {"tax_percent": "19"}, "InvoiceDetailRequest"),
    ],
)
def test_preview_shows_the_document_and_sends_nothing(admin_client, order, name, fields, root):
    page = answer(admin_client, order, name, preview="", **fields)
    text = page.content.decode()
    assert f"&lt;{root}&gt;" in text
    assert f"{root} PO-1-" in text
    assert not Delivery.objects.exists()
    for field, value in fields.items():
        assert page.context["form"][field].value() == value


def test_preview_of_an_invoice_shows_its_sums(admin_client, order):
    text = answer(admin_client, order, "invoice", preview="", tax_percent="19", shipping="4.90").content.decode()
    for amount in ("€22.90", "€4.35", "€27.25"):
        assert amount in text


def test_preview_says_what_sending_would_refuse(admin_client, order):
    fields = {"tax_percent": "19", "number": "R-1", "quantity_2": "1"}
    assert answer(admin_client, order, "invoice", **fields).status_code == 302
    page = answer(admin_client, order, "invoice", preview="", **fields)
    assert "There is an invoice R-1 already." in errors(page)["__all__"]
    assert Delivery.objects.count() == 1


def test_secret_stands_in_no_preview(admin_client, buyer, order):
    assert buyer.secret not in answer(admin_client, order, "confirm", preview="").content.decode()


def test_invoice_opens_with_the_last_rate_and_what_is_left(admin_client, buyer, order):
    send_invoice(make_order(buyer, "PO-0"), at=order.created_at, tax_percent=Decimal("7.50"))
    send_invoice(order, at=order.created_at, tax_percent=Decimal("7.50"), quantities={1: Decimal("0.5")})
    form = opened(admin_client, order, "invoice")
    assert (form["tax_percent"].value(), form["quantity_1"].value(), form["quantity_2"].value()) == ("7.50", "1.5", "2")


def test_line_without_a_price_is_left_out_of_the_invoice(admin_client, order):
    order.lines.filter(number=2).update(unit_price=None)
    assert opened(admin_client, order, "invoice")["quantity_2"].value() == "0"
    answer(admin_client, order, "invoice", tax_percent="0")
    assert Delivery.objects.get().data["lines"] == {"1": "2"}


def test_shipping_on_another_day(admin_client, order):
    answer(admin_client, order, "ship", shipment_date="2026-12-01", delivery_date="2026-12-03")
    header = sent().find("ShipNoticeHeader")
    assert header.get("shipmentDate").startswith("2026-12-01T12:00:00")
    assert header.get("deliveryDate").startswith("2026-12-03T12:00:00")


def test_ship_notice_opens_with_what_is_left(admin_client, order):
    notify_shipment(order, at=order.created_at, quantities={1: Decimal(2), 2: Decimal("1.5")})
    form = opened(admin_client, order, "ship")
    assert (form["quantity_1"].value(), form["quantity_2"].value()) == ("0", "0.5")


@pytest.mark.parametrize(("whole", "kind"), [("accept", "accept"), ("reject", "reject")])
def test_long_order_is_answered_as_a_whole(admin_client, buyer, whole, kind):
    order = make_order(buyer, lines=201)
    page = admin_client.get(reverse("punchout_orders:answer", args=[order.pk, "confirm"]))
    assert "too long to be answered line by line" in page.content.decode()
    assert answer(admin_client, order, "confirm", whole=whole).status_code == 302
    assert sent().find("ConfirmationHeader").get("type") == kind


def test_long_order_is_shipped_as_a_whole(admin_client, buyer):
    answer(admin_client, make_order(buyer, lines=201), "ship")
    assert len(sent().findall(".//ShipNoticeItem")) == 201


@pytest.mark.parametrize("name", ["confirm", "ship", "invoice"])
def test_lines_cost_no_queries(admin_client, buyer, name, django_assert_max_num_queries):
    url = reverse("punchout_orders:answer", args=[make_order(buyer, lines=150).pk, name])
    admin_client.get(url)
    with django_assert_max_num_queries(25):
        admin_client.get(url)


@pytest.mark.parametrize("name", ["ship", "invoice"])
def test_only_a_confirmation_can_be_filled_with_no(admin_client, order, name):
    page = admin_client.get(reverse("punchout_orders:answer", args=[order.pk, name]))
    assert 'name="reject"' not in page.content.decode()
