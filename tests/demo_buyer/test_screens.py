"""The procurement system as its user clicks through it, with a canned shop at the other end."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from lxml import etree

from demo_site.buyer.models import Connection, Outcome, Requisition, Visit
from demo_site.buyer.seeding import seed
from tests.testing.canned import DETAIL, a_cancel, a_message, a_response, an_item, base64_of


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=False)


def request_shop(client, supplier, **fields):
    return client.post(reverse("request", args=[supplier.pk]), {"window": "same", **fields})


def hook_of(shop) -> str:
    return etree.fromstring(shop.last.encode()).findtext(".//BrowserFormPost/URL")


def cookie_of(shop) -> str:
    return etree.fromstring(shop.last.encode()).findtext(".//BuyerCookie")


def come_home(shop, document: str, field: str = "cXML-base64", follow: bool = False):
    """The cross-site post of a browser that sends none of our cookies along."""
    stranger = Client(enforce_csrf_checks=True)
    value = base64_of(document) if field == "cXML-base64" else document
    return stranger.post(hook_of(shop).removeprefix("http://testserver"), {field: value}, follow=follow)


def fill(client, supplier, shop, *items: str) -> Requisition:
    request_shop(client, supplier)
    come_home(shop, a_message(*(items or [an_item()]), cookie=cookie_of(shop)))
    return Requisition.objects.latest("pk")


def test_request_sends_the_browser_to_the_start_page(client, supplier, shop):
    answer = request_shop(client, supplier, part_number="KD5555")
    assert (answer.status_code, answer.url) == (302, "https://shop.example/start/abc/")
    sent = etree.fromstring(shop.last.encode())
    assert sent.find("Request").get("deploymentMode") == "test"
    assert sent.findtext(".//SelectedItem/ItemID/SupplierPartID") == "KD5555"
    assert sent.find(".//ShipTo/Address").get("addressID") == "BER-01"
    assert {each.get("name"): each.text for each in sent.iter("Extrinsic")}["CostCenter"] == "4711"


def test_the_hook_url_is_absolute_and_has_a_query(client, supplier, shop):
    request_shop(client, supplier)
    key = Requisition.objects.get().key
    assert hook_of(shop) == f"http://testserver/hook/{key}/?source=kontor&company=ACME"


def test_a_frame_shows_the_start_page_until_the_visit_is_over(client, supplier, shop):
    answer = client.post(reverse("request", args=[supplier.pk]), {"window": "frame"})
    assert b'src="https://shop.example/start/abc/"' in client.get(answer.url).content
    come_home(shop, a_cancel(cookie_of(shop)))
    assert client.get(answer.url).status_code == 302


def test_a_refusal_shows_the_shops_sentence_and_both_documents(client, supplier, shop):
    shop.answer = a_response("401", "Unauthorized", "The secret is wrong.")
    answer = client.get(request_shop(client, supplier).url)
    page = answer.content.decode()
    assert 'data-test="refused"' in page
    assert "401 Unauthorized: The secret is wrong." in page
    assert "PunchOutSetupRequest" in page
    assert "s3cret" not in page


@pytest.mark.parametrize(("status", "answer"), [(500, ""), (200, "<html>Login</html>")])
def test_a_shop_that_answers_no_cxml_is_explained(client, supplier, shop, status, answer):
    shop.status, shop.answer = status, answer
    page = client.get(request_shop(client, supplier).url)
    assert b"There was no cXML answer" in page.content
    assert Visit.objects.get().outcome == Outcome.UNREACHABLE


def test_a_shop_that_is_not_there_is_explained(client, supplier):
    supplier.setup_url = "http://127.0.0.1:9/"
    supplier.save()
    page = client.get(request_shop(client, supplier).url)
    assert b"cannot be reached" in page.content
    assert b"PunchOutSetupRequest" in page.content


@pytest.mark.parametrize("field", ["cXML-base64", "cxml-urlencoded"])
def test_a_cart_comes_home_without_any_cookie(client, supplier, shop, field):
    request_shop(client, supplier)
    answer = come_home(shop, a_message(an_item(), cookie=cookie_of(shop)), field, follow=True)
    page = answer.content.decode()
    assert 'data-part="KD5555"' in page
    assert 'data-outcome="returned"' in page
    assert "no faults that we can see" in page


def test_in_a_window_of_its_own_the_cart_waits_with_a_link(client, supplier, shop):
    request_shop(client, supplier, window="new")
    page = come_home(shop, a_message(an_item(), cookie=cookie_of(shop))).content.decode()
    assert f'data-home="/requisitions/{Requisition.objects.get().pk}/?visit=' in page
    assert 'data-test="continue"' in page


def test_in_a_frame_the_link_leads_to_the_top(client, supplier, shop):
    request_shop(client, supplier, window="frame")
    answer = come_home(shop, a_message(an_item(), cookie=cookie_of(shop)))
    assert b'target="_top"' in answer.content
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "Cross-Origin-Opener-Policy" not in answer


def test_a_cancelled_first_visit_leads_to_the_supplier(client, supplier, shop):
    request_shop(client, supplier)
    answer = come_home(shop, a_cancel(cookie_of(shop)))
    assert answer.url.startswith(supplier.get_absolute_url())
    assert b"Nothing has changed" in client.get(answer.url).content
    assert b"No requisition yet" in client.get(reverse("requisitions")).content


def test_edit_sends_the_lines_back_under_the_same_hook(client, supplier, shop):
    draft = fill(client, supplier, shop)
    hook, cookie = hook_of(shop), cookie_of(shop)
    answer = client.post(reverse("reopen", args=[draft.pk]), {"operation": "edit", "window": "same"})
    sent = etree.fromstring(shop.last.encode())
    assert answer.url == "https://shop.example/start/abc/"
    assert sent.find(".//PunchOutSetupRequest").get("operation") == "edit"
    assert sent.findtext(".//ItemOut/ItemID/SupplierPartAuxiliaryID") == "L-1"
    assert sent.find(".//ItemOut").get("quantity") == "2"
    assert sent.findtext(".//ItemOut/ItemDetail/ManufacturerName") == "Excelsior"
    assert hook_of(shop) == hook
    assert cookie_of(shop) != cookie


def test_an_emptied_edit_leaves_an_empty_draft(client, supplier, shop):
    draft = fill(client, supplier, shop)
    client.post(reverse("reopen", args=[draft.pk]), {"operation": "edit", "window": "same"})
    answer = come_home(shop, a_message(total="0.00", cookie=cookie_of(shop)), follow=True)
    assert b"This requisition has no lines" in answer.content


def test_a_large_quantity_goes_back_as_plain_digits(client, supplier, shop):
    draft = fill(client, supplier, shop, an_item(quantity="1200"))
    client.post(reverse("reopen", args=[draft.pk]), {"operation": "inspect", "window": "same"})
    assert etree.fromstring(shop.last.encode()).find(".//ItemOut").get("quantity") == "1200"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"a": "b"}, "neither cXML-base64 nor cXML-urlencoded"),
        ({"cXML-base64": "%%%"}, "not base64"),
        ({"cxml-urlencoded": "<cXML><oops>"}, "not well-formed"),
        ({"cxml-urlencoded": a_message(an_item(), cookie="foreign")}, "not one of ours"),
    ],
)
def test_what_is_no_cart_of_ours_is_shown_and_not_taken(client, draft, fields, sentence):
    answer = client.post(reverse("hook", args=[draft.key]), fields)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not draft.lines.exists()


def test_a_visit_to_the_hook_by_hand_leads_on(client, draft):
    assert client.get(reverse("hook", args=[draft.key])).url == draft.connection.get_absolute_url()


def test_an_unknown_hook_is_a_readable_page(client, db):
    answer = client.post("/hook/unknown/", {"cXML-base64": ""})
    assert (answer.status_code, b"There is nothing at this address" in answer.content) == (404, True)


def test_markup_from_the_shop_stays_text(client, supplier, shop):
    evil = DETAIL.replace("Desk chair", "&lt;script&gt;alert(1)&lt;/script&gt;").replace("KD", '"&gt;&lt;img')
    draft = fill(client, supplier, shop, an_item(evil))
    page = client.get(draft.get_absolute_url()).content
    assert b"<script>alert" not in page
    assert b"<img" not in page.split(b"</header>")[1]


def test_the_profile_is_shown(client, supplier, shop):
    body = (
        '<ProfileResponse effectiveDate="2026-01-01T00:00:00+00:00"><Transaction requestName="PunchOutSetupRequest">'
        '<URL>https://shop.example/cxml/</URL><Option name="operationAllowed">create edit</Option></Transaction>'
        "</ProfileResponse>"
    )
    shop.answer = a_response(body=body)
    page = client.post(reverse("supplier_test", args=[supplier.pk])).content.decode()
    assert "create edit" in page
    assert "s3cret" not in page


def test_a_failed_test_says_why(client, supplier, shop):
    shop.status = 502
    page = client.post(reverse("supplier_test", args=[supplier.pk])).content.decode()
    assert "HTTP 502 instead of a cXML answer" in page


def test_settings_are_saved(client, supplier):
    values = {name: getattr(supplier, name) for name in ("company", "name", "supplier", "mode", "window")}
    for field in Connection._meta.fields:
        values.setdefault(field.name, getattr(supplier, field.name) or "")
    answer = client.post(reverse("supplier_settings", args=[supplier.pk]), values | {"window": "frame"})
    assert answer.status_code == 302
    supplier.refresh_from_db()
    assert (supplier.window, supplier.secret) == ("frame", "s3cret & <more>")


def test_a_wrong_setting_is_marked(client, supplier):
    answer = client.post(reverse("supplier_settings", args=[supplier.pk]), {"setup_url": "no address"})
    assert answer.status_code == 200
    assert b'aria-invalid="true"' in answer.content


def test_drafts_and_suppliers_can_be_deleted(client, supplier, shop):
    draft = fill(client, supplier, shop)
    client.post(reverse("requisition_delete", args=[draft.pk]))
    assert not Requisition.objects.exists()
    client.post(reverse("supplier_delete", args=[supplier.pk]))
    assert not Connection.objects.exists()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_screen_opens_in_both_languages(client, supplier, shop, language):
    draft = fill(client, supplier, shop)
    client.cookies["buyer_language"] = language
    visit = draft.visits.get()
    for path in (
        "/",
        "/requisitions/",
        "/suppliers/new/",
        supplier.get_absolute_url(),
        reverse("supplier_settings", args=[supplier.pk]),
        draft.get_absolute_url(),
        visit.get_absolute_url(),
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.content.decode()
    assert ("Bestellanforderungen" in client.get("/").content.decode()) == (language == "de")


CUSTOMER = {
    "company": "ACME",
    "name": "Buying",
    "mode": "test",
    "format": "cxml",
    "from_domain": "DUNS",
    "from_identity": "1",
    "to_domain": "NetworkID",
    "to_identity": "shop",
    "sender_domain": "NetworkID",
    "sender_identity": "new@shop.example",
    "secret": "fresh",
    "setup_url": "http://localhost:8000/cxml/",
    "order_url": "http://localhost:8000/orders/",
    "oci_url": None,
}


def test_seeding_twice_updates_and_keeps(client, supplier, shop):
    draft = fill(client, supplier, shop)
    supplier.window = "frame"
    supplier.save()
    for _ in range(2):
        seed([CUSTOMER, {**CUSTOMER, "mode": "production"}, {**CUSTOMER, "name": "No address", "format": "oci4"}])
    supplier.refresh_from_db()
    assert Connection.objects.count() == 2
    assert (supplier.setup_url, supplier.secret, supplier.window) == (CUSTOMER["setup_url"], "fresh", "frame")
    assert Requisition.objects.get() == draft


def test_seeding_reads_the_demos_file(db, tmp_path, capsys):
    import json

    file = tmp_path / "demo.json"
    file.write_text(json.dumps({"customers": [CUSTOMER]}))
    call_command("seed_buyer", file)
    assert Connection.objects.get().sender_identity == "new@shop.example"
