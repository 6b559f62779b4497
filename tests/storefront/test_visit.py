"""A visit as its browser meets it: start, shop, return, cancel, and what must never happen."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from tests.connections import connect, item_out, post, setup_request
from tests.goods import NUT
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import Exchange, Mode, PunchoutSession, Quote
from wagtail_punchout.protocol.cxml import browser_form, envelope, order_message, tree
from wagtail_punchout.protocol.lifecycle import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]

PEN = "NL-10100"


def start(client: Client, document: str = "", **kwargs) -> str:
    """Walk from the buyer's call to the first page of the shop; answers its path."""
    answer = post(Client(), document or setup_request(**kwargs))
    assert answer.code == 200, answer.sentence
    response = client.post(answer.start_path)
    assert response.status_code == 303, response.content.decode()
    response = client.get(response["Location"])
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def put(client: Client, sku: str = NUT, quantity: str = "100"):
    return client.post("/cart/add/", {"sku": sku, "quantity": quantity})


def form(client: Client, name: str, path: str = "/cart/") -> dict[str, str]:
    """The hidden fields of the form a person would press."""
    page = client.get(path).content.decode()
    found = re.search(rf'<form[^>]*data-test="{name}".*?</form>', page, re.DOTALL)
    assert found, f"no form {name} on {path}"
    return {key: html.unescape(value) for key, value in re.findall(r'name="([^"]+)" value="([^"]*)"', found[0])}


def press(client: Client, name: str, fields: dict[str, str] | None = None):
    return client.post(f"/punchout/{name}/", form(client, name) if fields is None else fields)


def carried_home(response, client: Client) -> envelope.Message:
    """What the browser would post to the buyer, read from the page."""
    assert response.status_code == 303, response.content.decode()
    page = client.get(response["Location"]).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    raw = browser_form.read_form({key: html.unescape(value) for key, value in fields.items()})
    return envelope.decode_message(tree.parse(raw))


def lines(message: envelope.Message):
    return [(each.item_id.supplier_part_id, each.quantity) for each in order_message.decode(message.body).lines]


# Starting


def test_opening_the_address_changes_nothing(client, acme):
    path = post(client, setup_request()).start_path
    for _ in range(3):
        page = client.get(path)
    assert page.status_code == 200
    assert b'data-test="start"' in page.content
    assert PunchoutSession.objects.get().state == State.CREATED
    assert client.head(path).status_code == 204
    assert client.get(path, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204


def test_the_visit_is_signed_in_with_its_customers_user(client, acme):
    start(client)
    assert client.get("/cart/").wsgi_request.user == acme.customer.user


def test_the_second_browser_with_the_same_address_is_told_so(client, acme):
    path = post(client, setup_request()).start_path
    assert client.post(path).status_code == 303
    second = Client().post(path)
    assert second.status_code == 410
    assert b"already opened" in second.content


def test_a_reload_by_the_same_browser_leads_into_the_shop(client, acme):
    path = post(client, setup_request()).start_path
    client.post(path)
    assert client.post(path).status_code == 302


def test_an_address_waits_ten_minutes(client, acme):
    path = post(client, setup_request()).start_path
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.post(path).status_code == 410


def test_a_customer_switched_off_after_the_call_cannot_start(client, acme):
    path = post(client, setup_request()).start_path
    acme.customer.is_active = False
    acme.customer.save()
    assert client.post(path).status_code == 403


def test_an_invented_address_opens_nothing(client):
    assert client.get("/punchout/start/abc/").status_code == 404


def test_a_browser_without_cookies_is_offered_a_window_of_its_own(client, acme):
    response = client.post(post(client, setup_request()).start_path)
    elsewhere = Client()
    page = elsewhere.get(response["Location"])
    assert b"Open the shop in a new window" in page.content
    again = elsewhere.post(re.search(r'action="([^"]+)"', page.content.decode())[1])
    assert again.status_code == 303
    assert elsewhere.get(again["Location"]).status_code == 302
    assert Client().post(again.request["PATH_INFO"]).status_code == 410  # once


def test_the_ordinary_session_of_the_browser_is_left_alone(client, acme, admin_user):
    client.force_login(admin_user)
    before = client.cookies["sessionid"].value
    start(client)
    assert client.cookies["sessionid"].value == before
    assert client.get("/cart/").wsgi_request.user == acme.customer.user
    assert client.get("/admin/").wsgi_request.user == admin_user


def test_nothing_planted_before_the_visit_is_kept(client, acme):
    put(client)
    start(client)
    assert b"NL-30110" not in client.get("/cart/").content


def test_a_selected_item_is_the_first_page(client, acme):
    where = start(client, body=f"<SelectedItem><ItemID><SupplierPartID>{NUT}</SupplierPartID></ItemID></SelectedItem>")
    assert "nut" in where


def test_an_unknown_selection_opens_the_shop_and_says_so(client, acme):
    where = start(client, body="<SelectedItem><ItemID><SupplierPartID>nope</SupplierPartID></ItemID></SelectedItem>")
    assert b"nope" in client.get(where).content


def test_what_the_buyer_told_is_there_for_the_shops_templates(client, acme):
    ship_to = (
        '<ShipTo><Address addressID="0100"><Name xml:lang="en">Plant 1</Name><PostalAddress>'
        "<Street>Kieler Straße 371</Street><City>Hamburg</City>"
        '<Country isoCountryCode="DE">Germany</Country></PostalAddress></Address></ShipTo>'
    )
    start(client, body=ship_to)
    visit = client.get("/cart/").wsgi_request.punchout
    assert visit.requester.email == "jane@example.com"
    assert visit.ship_to["city"] == "Hamburg"
    assert visit.extrinsics == {"UserEmail": "jane@example.com"}


def test_the_shop_speaks_the_language_the_buyer_asked_for(client, acme):
    start(client, language="de-DE")
    assert 'lang="de' in client.get("/cart/").content.decode()


# Shopping


def test_checkout_is_refused_by_the_server(client, acme):
    start(client)
    put(client)
    assert client.get("/checkout/").status_code == 403
    assert client.post("/checkout/", {"name": "x"}).status_code == 403


def test_ordinary_customers_still_check_out(client):
    put(client)
    assert client.get("/checkout/").status_code == 200


def test_an_inspect_visit_can_change_nothing(client, acme):
    start(client, operation="inspect", body=item_out(NUT, quantity="200"))
    assert put(client).status_code == 403
    assert client.post("/cart/lines/1/remove/").status_code == 403
    assert "NL-30110" in client.get("/cart/").content.decode()


def test_two_visits_of_one_customer_have_two_carts(acme):
    one, two = Client(), Client()
    start(one, payload_id="1@x", cookie="one")
    start(two, payload_id="2@x", cookie="two")
    put(one, quantity="100")
    put(two, quantity="300")
    assert lines(carried_home(press(one, "return"), one)) == [(NUT, 100)]
    assert lines(carried_home(press(two, "return"), two)) == [(NUT, 300)]


def test_a_silent_visit_ends_after_an_hour(client, acme):
    start(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        page = client.get("/cart/")
        assert page.status_code == 410
        assert "punchout_visit" not in client.cookies or not client.cookies["punchout_visit"].value
        assert client.get("/cart/").status_code == 200  # an ordinary visitor from now on


def test_switching_the_customer_off_ends_the_visit_at_once(client, acme):
    start(client)
    acme.customer.is_active = False
    acme.customer.save()
    assert client.get("/cart/").status_code == 410


# Returning


def test_the_cart_goes_home_with_the_buyers_own_cookie_and_parties(client, acme):
    start(client, cookie=" cookie with blanks ")
    put(client, quantity="200")
    message = carried_home(press(client, "return"), client)
    cart = order_message.decode(message.body)
    assert cart.buyer_cookie == " cookie with blanks "
    assert message.header.from_[0].identity == "123456789"
    assert message.header.to[0].identity == "buyer"
    assert message.header.sender[0].shared_secret is None
    assert message.in_reply_to == "1@buyer.example.com"
    assert message.deployment_mode == "test"
    assert lines(message) == [(NUT, 200)]
    assert str(cart.total) == "5.69 EUR"


def test_a_price_per_hundred_is_recomputed_for_one_piece(client, acme):
    start(client)
    put(client)
    [line] = order_message.decode(carried_home(press(client, "return"), client).body).lines
    # 2.8450 per 100 has more digits for one piece than receivers take: it keeps its basis.
    assert line.detail.price_basis.quantity == 100
    assert str(line.detail.unit_price.amount) == "2.8450"


def test_after_the_return_the_visit_is_over_in_this_browser(client, acme):
    start(client)
    put(client)
    press(client, "return")
    assert PunchoutSession.objects.get().state == State.RETURNED
    assert not client.get("/cart/").wsgi_request.user.is_authenticated
    assert b'data-test="return"' not in client.get("/cart/").content


def test_a_second_click_shows_the_same_page_again(client, acme):
    start(client)
    put(client)
    fields = form(client, "return")
    first = carried_home(press(client, "return", fields), client)
    again = carried_home(press(client, "return", fields), client)
    assert again.payload_id == first.payload_id
    assert Quote.objects.count() == 1


def test_the_way_home_is_open_for_ten_minutes(client, acme):
    start(client)
    put(client)
    where = press(client, "return")["Location"]
    assert b'data-test="home"' in client.get(where).content
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get(where).status_code == 410


def test_another_visits_page_sends_nothing(client, acme):
    start(client, cookie="one", payload_id="1@x")
    put(client)
    old = form(client, "return")
    start(client, cookie="two", payload_id="2@x")
    assert press(client, "return", old).status_code == 409
    assert press(client, "return", {"visit": "made-up"}).status_code == 409
    assert not Quote.objects.exists()


def test_an_empty_cart_is_not_returned(client, acme):
    start(client)
    page = press(client, "return")
    assert page.status_code == 200
    assert b"Your cart is empty" in page.content
    assert PunchoutSession.objects.get().state == State.STARTED


def test_a_cancel_sends_204_and_no_lines(client, acme):
    start(client)
    put(client)
    message = carried_home(press(client, "cancel"), client)
    assert message.status.code == 204
    assert lines(message) == []
    assert PunchoutSession.objects.get().state == State.CANCELLED


def test_a_cancel_can_stay_untold(client, acme):
    acme.link.post_on_cancel = False
    acme.link.save()
    start(client)
    page = client.get(press(client, "cancel")["Location"])
    assert b'data-test="home"' not in page.content
    assert b"Your visit has ended" in page.content


def test_every_document_of_a_visit_is_kept(client, acme):
    start(client)
    put(client)
    press(client, "return")
    assert list(Exchange.objects.order_by("pk").values_list("direction", "kind")) == [
        ("in", "PunchOutSetupRequest"),
        ("out", "PunchOutOrderMessage"),
    ]


def test_the_return_page_posts_anywhere_the_buyer_redirects_to(client, acme):
    start(client)
    put(client)
    page = client.get(press(client, "return")["Location"])
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action https:" in policy
    assert "frame-ancestors 'self' https://buyer.example.com" in policy


# Editing


def returned_lines(client) -> list[order_message.ItemIn]:
    start(client, payload_id="first@x")
    put(client, NUT, "200")
    put(client, PEN, "10")
    return list(order_message.decode(carried_home(press(client, "return"), client).body).lines)


def as_item_out(line: order_message.ItemIn, quantity: str = "") -> str:
    return item_out(
        line.item_id.supplier_part_id,
        quantity=quantity or str(line.quantity),
        auxiliary_id=line.item_id.supplier_part_auxiliary_id,
    )


def test_an_edit_keeps_the_auxiliary_ids(client, acme):
    before = returned_lines(client)
    start(client, operation="edit", payload_id="2@x", body="".join(as_item_out(each) for each in before))
    after = order_message.decode(carried_home(press(client, "return"), client).body).lines
    assert [each.item_id for each in after] == [each.item_id for each in before]


def test_an_edit_takes_quantities_from_the_request(client, acme):
    before = returned_lines(client)
    start(client, operation="edit", payload_id="2@x", body=as_item_out(before[0], "500"))
    assert lines(carried_home(press(client, "return"), client)) == [(NUT, 500)]


def test_an_edit_tells_what_is_gone_and_what_costs_more(client, acme, goods):
    before = returned_lines(client)
    article = goods[NUT].articles.get()
    article.price += 1
    article.save()
    body = as_item_out(before[0]) + item_out("gone-for-good")
    where = start(client, operation="edit", payload_id="2@x", body=body)
    page = html.unescape(client.get(where).content.decode())
    assert "gone-for-good is no longer sold here" in page
    assert "The price of" in page


def test_an_edit_knows_that_larger_quantities_cost_less(client, acme):
    start(client, payload_id="first@x")
    put(client, PEN, "50")
    [line] = order_message.decode(carried_home(press(client, "return"), client).body).lines
    assert line.detail.unit_price.amount == Decimal("4.10")
    where = start(client, operation="edit", payload_id="2@x", body=as_item_out(line))
    assert "The price of" not in client.get(where).content.decode()
    where = start(client, operation="edit", payload_id="3@x", body=as_item_out(line, "1"))
    assert "was €4.10 and is now €4.35" in html.unescape(client.get(where).content.decode())


def test_an_emptied_edit_deletes_nothing_by_accident(client, acme):
    before = returned_lines(client)
    start(client, operation="edit", payload_id="2@x", body=as_item_out(before[0]))
    client.post(re.search(r'action="(/cart/lines/\d+/remove/)"', client.get("/cart/").content.decode())[1])
    proof = form(client, "cancel")
    page = press(client, "return", proof)
    assert b"deletes the lines" in page.content
    assert lines(carried_home(press(client, "return", {**proof, "empty": "yes"}), client)) == []
    assert (
        order_message.decode(envelope.decode_message(tree.parse(Quote.objects.first().document.encode())).body).lines
        == ()
    )


def test_another_customers_auxiliary_id_finds_nothing(client, acme):
    [before, _] = returned_lines(client)
    connect("globex")
    stolen = item_out("", quantity="1", auxiliary_id=before.item_id.supplier_part_auxiliary_id)
    document = setup_request("punchout-globex@shop.example", operation="edit", body=stolen)
    assert post(client, document).code == 412


def test_a_create_with_lines_begins_with_these(client, acme):
    start(client, body=item_out(NUT, quantity="300"))
    assert lines(carried_home(press(client, "return"), client)) == [(NUT, 300)]


# Frames


def test_over_https_the_cookies_work_in_a_frame(client, acme):
    path = post(client, setup_request()).start_path
    response = client.post(path, secure=True)
    cookie = response.cookies["punchout_visit"]
    assert (cookie["samesite"], cookie["secure"], cookie["partitioned"]) == ("None", True, True)
    assert cookie["httponly"]
    assert "sessionid" not in response.cookies


def test_over_plain_http_the_cookies_are_ordinary_ones(client, acme):
    response = client.post(post(client, setup_request()).start_path)
    cookie = response.cookies["punchout_visit"]
    assert (cookie["samesite"], bool(cookie["secure"])) == ("Lax", False)


def test_pages_of_a_visit_may_be_framed_by_the_buyer_only(client, acme):
    start(client)
    page = client.get("/cart/")
    assert "X-Frame-Options" not in page
    assert "frame-ancestors 'self' https://buyer.example.com" in page["Content-Security-Policy"]
    assert page["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert page["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_ordinary_pages_keep_their_headers(client):
    page = client.get("/cart/")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors" not in page["Content-Security-Policy"]


def test_a_test_visit_says_so_on_its_pages(client, acme):
    start(client)
    assert b"Test visit" in client.get("/cart/").content
    assert PunchoutSession.objects.get().mode == Mode.TEST


def test_a_staff_user_is_never_signed_in(client, acme):
    path = post(client, setup_request()).start_path
    get_user_model().objects.filter(pk=acme.customer.user_id).update(is_superuser=True)
    assert client.post(path).status_code == 403


def test_problems_of_carried_lines_are_told_in_the_visits_language(client, acme):
    before = returned_lines(client)
    body = as_item_out(before[0]) + item_out("gone-for-good")
    start(client, operation="edit", payload_id="2@x", body=body, language="de-DE")
    [problem] = PunchoutSession.objects.get(operation="edit").carried[1:]
    assert problem["problem"]["message"] == "gone-for-good wird hier nicht mehr verkauft."


def test_a_language_chosen_in_the_visit_stays_in_the_visit(client, acme):
    start(client, language="de-DE")
    client.post("/i18n/setlang/", {"language": "en", "next": "/cart/"})
    assert 'lang="en' in client.get("/cart/").content.decode()
    assert "django_language" not in client.cookies


def test_a_second_click_that_finds_the_cart_gone_gets_the_same_page(client, acme, monkeypatch):
    """Two requests at once: the second one's visit was still running when it came, its cart is empty when it looks."""
    start(client)
    put(client)
    fields = form(client, "return")
    real = get_adapter().get_cart
    meanwhile = Client()
    meanwhile.cookies = client.cookies.copy()

    def get_cart_while_the_other_click_returns_it(request):
        monkeypatch.undo()
        assert press(meanwhile, "return", fields).status_code == 303
        return real(request)

    monkeypatch.setattr(get_adapter(), "get_cart", get_cart_while_the_other_click_returns_it)
    assert press(client, "return", fields)["Location"].startswith("/punchout/home/")
    assert Quote.objects.get().line_count == 1
