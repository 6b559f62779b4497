"""Purchase orders as the buyer's people place them, and what a supplier's system may say of them."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from demo_site.buyer.models import Announcement, Dispatch, Line, PurchaseOrder, Requisition, Visit
from demo_site.buyer.ordering import OrderedAlready, order_of
from tests.testing.canned import DETAIL, DOCTYPE, a_message, a_response, an_item, base64_of

TAKEN = a_response()
REFUSED = a_response("400", "Bad Request", "Line 1 has no quantity.")
SECRET = "s3cret &amp; &lt;more&gt;"
numbers = count(1)


@pytest.fixture
def supplier(supplier, shop):
    supplier.order_url = shop.url + "orders/"
    supplier.save()
    shop.answer = TAKEN
    return supplier


@pytest.fixture
def draft(draft):
    draft.currency = "EUR"
    draft.save()
    facts = {"quantity": 2, "unit": "EA", "price": Decimal("763.20"), "amount": Decimal("1526.40"), "currency": "EUR"}
    detail = f"<ItemDetail>{DETAIL}</ItemDetail>"
    Line.objects.create(requisition=draft, position=1, part_id="KD5555", auxiliary_id="L-1", detail=detail, **facts)
    return draft


@pytest.fixture
def order(client, draft, shop):
    client.post(reverse("approve", args=[draft.pk]))
    return PurchaseOrder.objects.get()


def sent(shop) -> etree._Element:
    return etree.fromstring(shop.last.encode()).find("Request/OrderRequest")


def header(shop) -> dict[str, str]:
    return dict(sent(shop).find("OrderRequestHeader").attrib)


def page_of(client, order) -> str:
    return client.get(order.get_absolute_url()).content.decode()


def test_approved_requisition_is_ordered_as_the_shop_offered_it(client, draft, shop):
    answer = client.post(reverse("approve", args=[draft.pk]), {"comment": "Ring at the gate"}, follow=True)
    assert "The supplier answers: 200 OK" in answer.content.decode()
    item = sent(shop).find("ItemOut")
    assert header(shop)["orderID"] == PurchaseOrder.objects.get().number
    assert (item.get("quantity"), item.findtext("ItemID/SupplierPartAuxiliaryID")) == ("2", "L-1")
    assert item.findtext("ItemDetail/UnitPrice/Money") == "763.20"
    assert sent(shop).findtext("OrderRequestHeader/Total/Money") == "1526.4"
    assert sent(shop).findtext("OrderRequestHeader/Comments").strip() == "Ring at the gate"


def filled(draft, *, lines: int = 1, **line):
    """Another requisition of the same supplier's."""
    other = Requisition.objects.create(connection=draft.connection, currency="EUR", filled_at=timezone.now())
    facts = {"quantity": 1, "unit": "EA", "price": 5, "amount": 5, "currency": "EUR", **line}
    for position in range(1, lines + 1):
        Line.objects.create(requisition=other, position=position, part_id=f"OTHER-{position}", **facts)
    return other


def test_several_requisitions_become_one_order(client, draft, shop):
    other = filled(draft, lines=2)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert other.number in page
    client.post(reverse("approve", args=[draft.pk]), {"together": [other.pk]})
    lines = [(each.get("lineNumber"), each.findtext("ItemID/SupplierPartID")) for each in sent(shop).iter("ItemOut")]
    assert lines == [("1", "KD5555"), ("2", "OTHER-1"), ("3", "OTHER-2")]
    assert sent(shop).findtext("OrderRequestHeader/Total/Money") == "1536.4"
    order = PurchaseOrder.objects.get()
    assert set(order.requisitions.all()) == {draft, other}
    assert "Ordered" in client.get(reverse("requisitions")).content.decode()


@pytest.mark.parametrize("given", ["4711", "x"])
def test_only_requisitions_of_this_supplier_go_along(client, draft, supplier, given):
    supplier.pk, supplier.name = None, "Another"
    supplier.save()
    stranger = Requisition.objects.create(connection=supplier, currency="EUR", filled_at=timezone.now())
    answer = client.post(reverse("approve", args=[draft.pk]), {"together": [given, stranger.pk]})
    assert "Please look at the marked fields." in answer.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_requisition_that_was_ordered_meanwhile_makes_no_order(draft):
    other = filled(draft)
    order_of([other], ship_to=None)
    with pytest.raises(OrderedAlready):
        order_of([draft, other], ship_to=None)
    assert PurchaseOrder.objects.count() == 1
    assert not Requisition.objects.get(pk=draft.pk).is_ordered


def test_approver_says_where_when_and_on_whose_account(client, draft, shop):
    form = {
        "address_id": "HAM-02",
        "street": "Kai 3",
        "city": "Hamburg",
        "postal_code": "20457",
        "country_code": "DE",
        "requested_on": "2026-12-24",
        "cost_center": "0815",
    }
    client.post(reverse("approve", args=[draft.pk]), form)
    address = sent(shop).find("OrderRequestHeader/ShipTo/Address")
    assert (address.get("addressID"), address.findtext("PostalAddress/Street")) == ("HAM-02", "Kai 3")
    item = sent(shop).find("ItemOut")
    assert item.get("requestedDeliveryDate") == "2026-12-24"
    assert item.find("Distribution/Accounting/Segment").get("id") == "0815"
    page = page_of(client, PurchaseOrder.objects.get())
    for words in ("HAM-02", "Hamburg", "0815", "12/24/2026"):
        assert words in page


def test_approval_offers_what_the_settings_say(client, draft):
    page = client.get(draft.get_absolute_url()).content.decode()
    for words in ('value="BER-01"', 'value="4711"', 'value="Speicherstraße 8"'):
        assert words in page


@pytest.mark.parametrize("changes", [{"requested_on": "tomorrow"}, {"comment": "x" * 501}, {"country_code": "DEU"}])
def test_approval_that_cannot_be_read_keeps_what_was_typed(client, draft, shop, changes):
    answer = client.post(reverse("approve", args=[draft.pk]), {"cost_center": "typed", **changes})
    page = answer.content.decode()
    assert "Please look at the marked fields." in page
    assert 'value="typed"' in page
    assert not shop.received
    assert not PurchaseOrder.objects.exists()


def test_oci_orders_go_another_way(client, draft, supplier, shop):
    supplier.format = "oci4"
    supplier.save()
    assert "goes to the supplier by mail" in client.get(draft.get_absolute_url()).content.decode()
    client.post(reverse("approve", args=[draft.pk]))
    assert not PurchaseOrder.objects.exists()
    assert not shop.received


def test_requisition_without_lines_is_not_ordered(client, draft):
    draft.lines.all().delete()
    answer = client.post(reverse("approve", args=[draft.pk]), follow=True)
    assert "cannot be ordered" in answer.content.decode()


def test_cart_that_comes_home_after_the_approval_changes_nothing(client, draft, shop):
    Visit.objects.create(requisition=draft, operation="edit", buyer_cookie="late")
    client.post(reverse("approve", args=[draft.pk]))
    cart = base64_of(a_message(an_item(quantity="9"), cookie="late"))
    assert client.post(reverse("hook", args=[draft.key]), {"cXML-base64": cart}).status_code == 400
    assert draft.lines.get().quantity == 2


def test_ordered_requisition_is_neither_edited_nor_deleted(client, draft, shop):
    draft.operation_allowed = "edit"
    draft.save()
    client.post(reverse("approve", args=[draft.pk]))
    page = client.get(draft.get_absolute_url()).content.decode()
    assert 'data-test="edit"' not in page
    assert 'data-test="delete"' not in page
    assert 'data-test="inspect"' in page
    client.post(reverse("reopen", args=[draft.pk]), {"operation": "edit"})
    client.post(reverse("requisition_delete", args=[draft.pk]))
    assert len(shop.received) == 1
    assert Requisition.objects.filter(pk=draft.pk).exists()


def test_bundle_keeps_together(client, draft, shop):
    heading = {"itemType": "composite", "compositeItemType": "groupLevel"}
    Line.objects.filter(requisition=draft).update(line_number="7", attributes=heading)
    part = {"itemType": "item", "parentLineNumber": "7"}
    Line.objects.create(
        requisition=draft, position=2, part_id="ARM", quantity=2, unit="EA", price=1, currency="EUR", attributes=part
    )
    client.post(reverse("approve", args=[draft.pk]))
    _heading, arm = sent(shop).findall("ItemOut")
    assert (arm.get("parentLineNumber"), arm.get("itemType")) == ("1", "item")
    assert sent(shop).findtext("OrderRequestHeader/Total/Money") == "1526.4"
    order = PurchaseOrder.objects.get()
    answer = client.post(reverse("order_change", args=[order.pk]), {"quantity-1": "0", "quantity-2": "2"}, follow=True)
    assert "An order without lines is cancelled, not changed." in answer.content.decode()


def test_requisition_is_ordered_once(client, draft, order):
    answer = client.post(reverse("approve", args=[draft.pk]), follow=True)
    assert "has been ordered already" in answer.content.decode()
    assert PurchaseOrder.objects.count() == 1


def test_drawing_goes_along(client, draft):
    drawing = SimpleUploadedFile("plan.txt", b"ten by ten", "text/plain")
    client.post(reverse("approve", args=[draft.pk]), {"attachment": drawing})
    dispatch = Dispatch.objects.get()
    assert dispatch.content_type.startswith("multipart/related")
    assert b"plan.txt" in bytes(dispatch.body)
    assert b"dGVuIGJ5IHRlbg" in bytes(dispatch.body)
    assert dispatch.was_taken


def test_what_the_supplier_refuses_is_told(client, draft, shop):
    shop.answer = REFUSED
    answer = client.post(reverse("approve", args=[draft.pk]), follow=True)
    assert "Line 1 has no quantity." in answer.content.decode()
    assert not Dispatch.objects.get().was_taken


@pytest.mark.parametrize(("status", "answer"), [(502, "<h1>Bad gateway</h1>"), (200, "<cXML/>")])
def test_answer_that_is_none_is_told_and_kept(client, draft, shop, status, answer):
    shop.status, shop.answer = status, answer
    page = client.post(reverse("approve", args=[draft.pk]), follow=True).content.decode()
    assert "The supplier answers:" in page
    dispatch = Dispatch.objects.get()
    assert not dispatch.was_taken
    assert dispatch.verdict
    assert dispatch.response == answer


def test_supplier_with_one_address_for_everything_gets_orders_there(client, draft, supplier):
    supplier.order_url = ""
    supplier.save()
    client.post(reverse("approve", args=[draft.pk]))
    assert Dispatch.objects.get().was_taken


def test_change_is_a_new_version_that_names_the_one_before(client, order, shop):
    first = Dispatch.objects.get().payload_id
    client.post(reverse("order_change", args=[order.pk]), {"quantity-1": "5"})
    assert {"type": "update", "orderVersion": "2", "orderID": order.number}.items() <= header(shop).items()
    assert sent(shop).find("OrderRequestHeader/DocumentReference").get("payloadID") == first
    assert sent(shop).find("ItemOut").get("quantity") == "5"


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        ("many", "Line 1 needs a quantity."),
        ("", "Line 1 needs a quantity."),
        ("-1", "Line 1 needs a quantity."),
        ("NaN", "Line 1 needs a quantity."),
        ("0", "An order without lines is cancelled, not changed."),
        ("2", "Nothing was changed."),
    ],
)
def test_change_that_is_none_is_not_sent(client, order, shop, quantity, sentence):
    page = client.post(reverse("order_change", args=[order.pk]), {"quantity-1": quantity}, follow=True).content.decode()
    assert sentence in page
    assert len(shop.received) == 1


def test_cancelled_order_is_said_to_be(client, order, shop):
    client.post(reverse("order_cancel", args=[order.pk]))
    order.refresh_from_db()
    assert header(shop)["type"] == "delete"
    assert (order.is_cancelled, order.version) == (True, 2)
    assert ">Cancelled<" in page_of(client, order)


def test_cancelled_order_is_not_changed(client, order, shop):
    client.post(reverse("order_cancel", args=[order.pk]))
    client.post(reverse("order_change", args=[order.pk]), {"quantity-1": "5"})
    assert len(shop.received) == 2


def test_order_stands_where_its_cancellation_is_refused(client, order, shop):
    shop.answer = a_response("450", "Not Implemented", "Call us.")
    page = client.post(reverse("order_cancel", args=[order.pk]), follow=True).content.decode()
    order.refresh_from_db()
    assert not order.is_cancelled
    assert "Call us." in page


def test_lost_answer_is_asked_for_with_the_same_bytes(client, order, shop):
    client.post(reverse("order_again", args=[order.pk]))
    assert shop.received[0] == shop.received[1]
    assert len({each.payload_id for each in Dispatch.objects.all()}) == 1


def test_secret_is_on_no_page(client, order):
    page = page_of(client, order)
    assert "s3cret" not in page
    assert "SharedSecret" in page


def test_list_says_what_is_to_be_had_where_there_is_nothing(client, db):
    page = client.get(reverse("orders")).content.decode()
    assert "requisition" in page.lower()


# What suppliers send.


def document(body: str, *, secret: str = SECRET) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{DOCTYPE}'
        f'<cXML payloadID="{next(numbers)}@shop.example" timestamp="2026-11-22T10:00:00+01:00" xml:lang="en"><Header>'
        '<From><Credential domain="NetworkID"><Identity>nordlicht</Identity></Credential></From>'
        '<To><Credential domain="NetworkID"><Identity>114729</Identity></Credential></To>'
        '<Sender><Credential domain="NetworkID"><Identity>nordlicht</Identity>'
        f"<SharedSecret>{secret}</SharedSecret></Credential><UserAgent>Shop</UserAgent></Sender></Header>"
        f"<Request>{body}</Request></cXML>"
    ).encode()


def reference(order) -> str:
    first = order.dispatches.last().payload_id
    return f'<OrderReference orderID="{order.number}"><DocumentReference payloadID="{first}"/></OrderReference>'


def a_confirmation(order, states: str, kind: str = "except", quantity: str = "2") -> str:
    return (
        f'<ConfirmationRequest><ConfirmationHeader confirmID="C-1" type="{kind}" noticeDate="2026-11-22T10:00:00Z">'
        f'<Comments xml:lang="en">Short of stock</Comments></ConfirmationHeader>{reference(order)}'
        f'<ConfirmationItem quantity="{quantity}" lineNumber="1"><UnitOfMeasure>EA</UnitOfMeasure>{states}'
        "</ConfirmationItem></ConfirmationRequest>"
    )


def a_state(kind: str, quantity: str) -> str:
    unit = "<UnitOfMeasure>EA</UnitOfMeasure>"
    return f'<ConfirmationStatus quantity="{quantity}" type="{kind}">{unit}</ConfirmationStatus>'


def say(client, raw: bytes) -> tuple[int, str]:
    answer = client.post(reverse("documents"), raw, content_type="text/xml; charset=UTF-8")
    status = etree.fromstring(answer.content).find("Response/Status")
    return int(status.get("code")), status.text or ""


def test_confirmation_is_shown_line_by_line(client, order):
    states = a_state("accept", "1") + a_state("backordered", "1")
    assert say(client, document(a_confirmation(order, states))) == (200, "")
    page = page_of(client, order)
    for words in ("Confirmation", "C-1", "accepted", "later", "Short of stock"):
        assert words in page


def test_confirmation_that_does_not_add_up_is_taken_with_a_complaint(client, order):
    say(client, document(a_confirmation(order, a_state("accept", "1"))))
    complaint = "The parts of line 1 do not add up to its quantity."
    assert complaint in Announcement.objects.get().complaints
    assert complaint in page_of(client, order)


def test_latest_confirmation_counts(client, order):
    for state in ("backordered", "accept"):
        say(client, document(a_confirmation(order, a_state(state, "2"))))
    lines = client.get(order.get_absolute_url()).context["lines"]
    assert [said["what"] for said in lines[0]["said"]] == ["accepted"]


def test_ship_notice_is_shown(client, order):
    notice = (
        '<ShipNoticeRequest><ShipNoticeHeader shipmentID="S-1" noticeDate="2026-11-22T10:00:00+01:00"'
        ' shipmentDate="2026-11-22T10:00:00+01:00" deliveryDate="2026-11-23T10:00:00+01:00"/><ShipControl>'
        '<CarrierIdentifier domain="companyName">Kurier</CarrierIdentifier>'
        "<ShipmentIdentifier>K-99</ShipmentIdentifier>"
        f"</ShipControl><ShipNoticePortion>{reference(order)}"
        '<ShipNoticeItem quantity="2" lineNumber="1"><UnitOfMeasure>EA</UnitOfMeasure></ShipNoticeItem>'
        "</ShipNoticePortion></ShipNoticeRequest>"
    )
    assert say(client, document(notice)) == (200, "")
    page = page_of(client, order)
    for words in ("Ship notice", "Kurier", "K-99", "shipped"):
        assert words in page


def a_ship_notice(order, number: str, quantity: str = "") -> bytes:
    line = f'<ShipNoticeItem quantity="{quantity}" lineNumber="1"><UnitOfMeasure>EA</UnitOfMeasure></ShipNoticeItem>'
    return document(
        f'<ShipNoticeRequest><ShipNoticeHeader shipmentID="{number}" noticeDate="2026-11-22T10:00:00+01:00"'
        ' shipmentDate="2026-11-22T10:00:00+01:00" deliveryDate="2026-11-23T10:00:00+01:00"/>'
        f"<ShipNoticePortion>{reference(order)}{line if quantity else ''}</ShipNoticePortion></ShipNoticeRequest>"
    )


def test_more_than_was_ordered_is_complained_about(client, order):
    say(client, a_ship_notice(order, "S-1", "2"))
    assert Announcement.objects.get().complaints == []
    say(client, a_ship_notice(order, "S-2", "1"))
    assert Announcement.objects.last().complaints == ["Of line 1 2 are ordered, but 3 shipped."]


def test_number_that_has_come_before_is_complained_about(client, order):
    say(client, a_ship_notice(order, "S-1", "1"))
    say(client, a_ship_notice(order, "S-1", "1"))
    assert Announcement.objects.last().complaints == ["The number S-1 has come before."]


def test_goods_of_a_cancelled_order_are_complained_about(client, order):
    client.post(reverse("order_cancel", args=[order.pk]))
    say(client, a_ship_notice(order, "S-1", "1"))
    assert Announcement.objects.get().complaints == ["We have cancelled this order."]


def test_notice_without_lines_is_about_all_of_them(client, order):
    say(client, a_ship_notice(order, "S-1"))
    lines = client.get(order.get_absolute_url()).context["lines"]
    assert [said["what"] for said in lines[0]["said"]] == ["shipped"]


def test_invoice_with_a_wrong_sum_is_complained_about(client, order):
    def money(name: str, amount: str) -> str:
        return f'<{name}><Money currency="EUR">{amount}</Money></{name}>'

    invoice = (
        '<InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID="R-1" purpose="standard" operation="new"'
        ' invoiceDate="2026-11-22T10:00:00+01:00"/>'
        f"<InvoiceDetailOrder><InvoiceDetailOrderInfo>{reference(order)}</InvoiceDetailOrderInfo>"
        '<InvoiceDetailItem invoiceLineNumber="1" quantity="2"><UnitOfMeasure>EA</UnitOfMeasure>'
        f'{money("UnitPrice", "763.20")}<InvoiceDetailItemReference lineNumber="1"/>'
        f"{money('SubtotalAmount', '1526.40')}</InvoiceDetailItem></InvoiceDetailOrder>"
        f"<InvoiceDetailSummary>{money('SubtotalAmount', '1526.40')}{money('Tax', '290.02')}"
        f"{money('NetAmount', '1900.00')}</InvoiceDetailSummary></InvoiceDetailRequest>"
    )
    assert say(client, document(invoice)) == (200, "")
    page = page_of(client, order)
    assert "Goods, tax and freight do not add up to the NetAmount." in page
    assert "invoiced" in page


def test_credit_note_is_called_one(client, order):
    def money(name: str, amount: str) -> str:
        return f'<{name}><Money currency="EUR">{amount}</Money></{name}>'

    credit = (
        '<InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID="C-1" purpose="lineLevelCreditMemo"'
        ' operation="new" invoiceDate="2026-11-22T10:00:00+01:00"/>'
        f"<InvoiceDetailOrder><InvoiceDetailOrderInfo>{reference(order)}</InvoiceDetailOrderInfo>"
        '<InvoiceDetailItem invoiceLineNumber="1" quantity="-2"><UnitOfMeasure>EA</UnitOfMeasure>'
        f'{money("UnitPrice", "763.20")}<InvoiceDetailItemReference lineNumber="1"/>'
        f"{money('SubtotalAmount', '-1526.40')}</InvoiceDetailItem></InvoiceDetailOrder>"
        f"<InvoiceDetailSummary>{money('SubtotalAmount', '-1526.40')}{money('Tax', '-290.02')}"
        f"{money('NetAmount', '-1816.42')}</InvoiceDetailSummary></InvoiceDetailRequest>"
    )
    assert say(client, document(credit)) == (200, "")
    [said] = client.get(order.get_absolute_url()).context["lines"][0]["said"]
    assert (str(said["what"]), said["quantity"]) == ("given back", "2")
    assert order.announcements.get().title == "Credit note"


def test_status_update_is_shown(client, order):
    named = f'<DocumentReference payloadID="{order.dispatches.last().payload_id}"/>'
    update = f'<StatusUpdateRequest>{named}<Status code="200" text="OK">In hand</Status></StatusUpdateRequest>'
    assert say(client, document(update)) == (200, "")
    assert "200 OK In hand" in page_of(client, order)


def test_same_document_twice_is_one(client, order):
    raw = document(a_confirmation(order, a_state("accept", "2")))
    assert say(client, raw) == say(client, raw) == (200, "")
    assert Announcement.objects.count() == 1


def test_wrong_secret_is_refused(client, order):
    code, sentence = say(client, document(a_confirmation(order, a_state("accept", "2")), secret="guessed"))
    assert code == 401
    assert "shared secret" in sentence
    assert not Announcement.objects.exists()


@pytest.mark.parametrize("number", ["4711", "PO-99999", "PO-²", "PO-" + "9" * 40])
def test_document_about_no_order_of_ours_is_refused(client, order, number):
    body = a_confirmation(order, a_state("accept", "2")).replace(
        reference(order), f'<OrderReference orderID="{number}"/>'
    )
    assert say(client, document(body))[0] == 417


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"<cXML/>", b"<a><b></a>", document("<OrderRequest/>"), b"\x00\x01"],
    ids=["nothing", "words", "empty", "torn", "another kind", "bytes"],
)
def test_junk_is_answered_with_what_is_wrong(client, db, raw):
    code, sentence = say(client, raw)
    assert code == 406
    assert sentence


def test_document_that_is_too_large_is_refused(client, db):
    assert say(client, b" " * (5 * 1024 * 1024 + 1))[0] == 499


def test_ping_is_answered(client, db):
    assert etree.fromstring(client.get(reverse("documents")).content).find("Response/Status").get("code") == "200"
