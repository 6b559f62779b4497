"""The procurement system with suppliers that speak OCI, with a canned shop at the other end."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from demo_site.buyer.models import Connection, Line, Outcome, Requisition, Visit
from demo_site.buyer.seeding import seed
from tests.demo_buyer.conftest import as_form
from wagtail_punchout.testing.browsing import encode_form

CHAIR = {
    "DESCRIPTION": "Bürostuhl",
    "QUANTITY": "2.000",
    "UNIT": "PCE",
    "PRICE": "763.200",
    "CURRENCY": "EUR",
    "PRICEUNIT": "1",
    "VENDORMAT": "KD5555",
    "EXT_PRODUCT_ID": "KD5555/black",
}
BOLT = {**CHAIR, "DESCRIPTION": "Bolt M8", "QUANTITY": "100", "PRICE": "14.750", "PRICEUNIT": "100", "VENDORMAT": "B8"}


def fields(*lines: dict[str, str]) -> list[tuple[str, str]]:
    """The lines as a shop names them."""
    named = [(place, name, value) for place, line in enumerate(lines, start=1) for name, value in line.items()]
    return [(f"NEW_ITEM-{name}[{place}]", value) for place, name, value in named]


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def oci(supplier, shop):
    supplier.format, supplier.oci_url = "oci4", shop.url
    supplier.save()
    return supplier


def request_shop(client, supplier, **given) -> dict[str, str]:
    """Press *Request from …* and follow to the shop: the parameters of the call."""
    answer = client.post(reverse("request", args=[supplier.pk]), {"window": "same", **given})
    answer = client.get(answer.url)
    return {name: value for name, [value] in parse_qs(urlsplit(answer.url).query).items()}


def come_home(call, *lines, charset="iso-8859-1", method="post", follow=True, **changes):
    """The cross-site return of a browser that sends none of our cookies along."""
    stranger, hook = Client(enforce_csrf_checks=True), urlsplit(call["HOOK_URL"])
    body = encode_form([*fields(*lines), ("~OkCode", "ADDI")], charset)
    if method == "get":
        return stranger.get(f"{hook.path}?{hook.query}&{body}", follow=follow)
    path = f"{hook.path}?{changes.get('query', hook.query)}"
    return stranger.post(path, body, content_type="application/x-www-form-urlencoded", follow=follow)


@pytest.fixture
def filled(client, oci):
    come_home(request_shop(client, oci), CHAIR)
    return Requisition.objects.get()


def test_a_call_by_get_carries_the_sign_in_and_the_way_home(client, oci):
    call = request_shop(client, oci)
    assert (call["USERNAME"], call["PASSWORD"]) == ("punchout@shop.example", "s3cret & <more>")
    assert (call["OCI_VERSION"], call["~OkCode"]) == ("4.0", "ADDI")
    visit = Visit.objects.get()
    hook = f"http://testserver/hook/{visit.requisition.key}/?source=kontor&company=ACME&visit={visit.buyer_cookie}"
    assert call["HOOK_URL"] == hook


def test_a_call_by_post_is_a_form_that_nobody_keeps(client, oci):
    oci.method, oci.charset, oci.target, oci.parameters = "post", "utf-8", "_parent", "COSTCENTER=4711\n\nLANGU = DE"
    oci.save()
    answer = client.post(reverse("request", args=[oci.pk]), {"window": "same"})
    answer = client.get(answer.url)
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode()))
    assert f'<form action="{oci.oci_url}" method="post"' in answer.content.decode()
    assert sent["PASSWORD"] == "s3cret &amp; &lt;more&gt;"
    assert (sent["COSTCENTER"], sent["LANGU"]) == ("4711", "DE")
    assert (sent["http_content_charset"], sent["returntarget"]) == ("utf-8", "_parent")
    assert "no-store" in answer["Cache-Control"]


def test_words_open_the_shop_at_its_hits(client, oci):
    call = request_shop(client, oci, words="chair & table")
    assert (call["FUNCTION"], call["SEARCHSTRING"]) == ("SOURCING", "chair & table")


def test_the_password_is_kept_in_the_connection_only(client, oci):
    come_home(request_shop(client, oci), {**CHAIR, "CUST_FIELD5": oci.secret})
    visit = Visit.objects.get()
    assert "PASSWORD=[struck out]" in visit.request
    for kept in (visit.request, visit.cart, str(visit.wish)):
        assert "s3cret" not in kept


def test_a_frame_shows_the_call(client, oci):
    answer = client.post(reverse("request", args=[oci.pk]), {"window": "frame"})
    page = client.get(answer.url).content.decode()
    assert f'<iframe name="kontor-shop" src="/visits/{Visit.objects.get().pk}/call/"' in page


def test_a_call_is_not_repeated_once_the_visit_is_over(client, oci):
    come_home(request_shop(client, oci), CHAIR)
    visit = Visit.objects.get()
    assert client.get(reverse("call", args=[visit.pk])).url == visit.get_absolute_url()


@pytest.mark.parametrize("method", ["post", "get"])
def test_a_cart_becomes_a_draft(client, oci, method):
    page = come_home(request_shop(client, oci), CHAIR, BOLT, method=method).content.decode()
    draft = Requisition.objects.get()
    chair, bolt = draft.lines.all()
    assert (chair.part_id, chair.product_id, chair.amount) == ("KD5555", "KD5555/black", Decimal("1526.4"))
    assert (bolt.basis, bolt.price, bolt.amount) == ("100 PCE", Decimal("14.75"), Decimal("14.75"))
    assert (draft.total, draft.currency) == (Decimal("1541.15"), "EUR")
    assert "Bürostuhl" in page
    assert "no faults that we can see" in page
    assert 'data-outcome="returned"' in page


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252"])
def test_a_cart_is_read_in_the_charset_that_was_asked_for(client, oci, charset):
    oci.charset = charset
    oci.save()
    come_home(request_shop(client, oci), CHAIR, charset=charset)
    assert Line.objects.get().texts[0]["short"] == "Bürostuhl"


def test_a_wrong_charset_is_complained_about(client, oci):
    page = come_home(request_shop(client, oci), CHAIR, charset="utf-8").content.decode()
    assert "was written in one charset and read in another: “BÃ¼rostuhl”" in page


def test_a_large_cart_is_not_cut(client, oci):
    come_home(request_shop(client, oci), *[CHAIR] * 200)
    assert Line.objects.count() == 200


def test_a_return_without_lines_leaves_everything_as_it_was(client, oci):
    page = come_home(request_shop(client, oci)).content.decode()
    assert Visit.objects.get().outcome == Outcome.CANCELLED
    assert "Nothing came back from the shop" in page
    assert b"No requisition yet" in client.get(reverse("requisitions")).content


def test_the_same_return_twice_changes_nothing_and_another_is_refused(client, oci):
    call = request_shop(client, oci)
    come_home(call, CHAIR)
    assert come_home(call, CHAIR).status_code == 200
    assert come_home(call, BOLT).status_code == 400
    assert Line.objects.get().part_id == "KD5555"


def test_a_return_that_lost_our_parameter_is_shown_and_not_taken(client, oci):
    answer = come_home(request_shop(client, oci), CHAIR, query="source=kontor")
    assert answer.status_code == 400
    assert "our parameter “visit” has not come along" in answer.content.decode()
    assert not Line.objects.exists()


def test_a_hook_without_its_other_parameters_is_complained_about(client, oci):
    call = request_shop(client, oci)
    page = come_home(call, CHAIR, query=f"visit={Visit.objects.get().buyer_cookie}").content.decode()
    assert "parameter source=kontor does not arrive" in page


def test_more_goods_come_below_those_that_are_there(client, oci, filled):
    answer = client.post(reverse("reopen", args=[filled.pk]), {"window": "same", "words": "bolt"})
    url = client.get(answer.url).url
    come_home({name: value for name, [value] in parse_qs(urlsplit(url).query).items()}, BOLT)
    assert [(line.position, line.part_id) for line in filled.lines.all()] == [(1, "KD5555"), (2, "B8")]
    filled.refresh_from_db()
    assert filled.total == Decimal("1541.15")


def test_parts_are_indented_below_their_bundle(client, oci):
    oci.format = "oci5"
    oci.save()
    parts = [{**CHAIR, "ITEM_TYPE": "R"}, {**BOLT, "ITEM_TYPE": "O", "PARENT_ID": "1"}]
    page = come_home(request_shop(client, oci), *parts, {**BOLT, "ITEM_TYPE": "L", "PARENT_ID": "2"}).content.decode()
    assert [line.depth for line in Line.objects.all()] == [0, 1, 2]
    assert page.count('class="part" style="--depth: ') == 2


def test_detail_opens_the_article(client, oci, filled):
    answer = client.post(reverse("detail", args=[Line.objects.get().pk]), {"window": "same"})
    query = parse_qs(urlsplit(client.get(answer.url).url).query)
    assert (query["FUNCTION"], query["PRODUCTID"]) == (["DETAIL"], ["KD5555/black"])


@pytest.mark.parametrize(
    ("answer", "shown", "price", "total"),
    [
        ([CHAIR], "Price unchanged", "763.2", "1526.4"),
        ([{**CHAIR, "PRICE": "800.00"}], "New price", "800", "1600"),
        ([{**CHAIR, "PRICEUNIT": "10"}], "New price", "763.2", "152.64"),
        ([], "No longer sold", "763.2", "1526.4"),
    ],
)
def test_a_price_is_checked(client, oci, filled, shop, answer, shown, price, total):
    shop.answer, shop.content_type = as_form(fields(*answer)), "text/html; charset=iso-8859-1"
    page = client.post(reverse("check", args=[Line.objects.get().pk]), follow=True).content.decode()
    assert shown in page
    assert (Line.objects.get().price, Requisition.objects.get().total) == (Decimal(price), Decimal(total))
    asked = {name: value for name, [value] in parse_qs(urlsplit(shop.last).query).items()}
    assert (asked["FUNCTION"], asked["PRODUCTID"], asked["QUANTITY"]) == ("VALIDATE", "KD5555/black", "2")


def test_a_price_is_checked_by_post_where_the_shop_is_called_so(client, oci, filled, shop):
    oci.method = "post"
    oci.save()
    shop.answer, shop.content_type = as_form(fields(CHAIR)), "text/html; charset=iso-8859-1"
    client.post(reverse("check", args=[Line.objects.get().pk]))
    assert parse_qs(shop.last)["FUNCTION"] == ["VALIDATE"]


def test_a_line_whose_quantity_could_not_be_read_is_checked_for_one(client, oci, shop):
    come_home(request_shop(client, oci), {**CHAIR, "QUANTITY": "two"})
    shop.answer, shop.content_type = as_form(fields(CHAIR)), "text/html; charset=iso-8859-1"
    client.post(reverse("check", args=[Line.objects.get().pk]))
    assert "QUANTITY=1" in shop.last
    assert Line.objects.get().amount is None


def test_a_shop_that_does_not_tell_prices_is_quoted(client, oci, filled, shop):
    shop.status, shop.answer = 404, "<title>Not here</title>"
    page = client.post(reverse("check", args=[Line.objects.get().pk]), follow=True).content.decode()
    assert "did not answer: The shop answered HTTP 404 and the page “Not here”" in page
    assert "New price" not in page


@pytest.fixture
def hits(client, oci, shop):
    shop.answer, shop.content_type = as_form(fields(CHAIR, BOLT)), "text/html; charset=iso-8859-1"
    return client.post(reverse("search", args=[oci.pk]), {"words": "nord"}).url


def test_a_search_lists_its_hits(client, hits, shop):
    page = client.get(hits).content.decode()
    assert "2 hits" in page
    assert "Bolt M8" in page
    assert "SEARCHSTRING=nord" in shop.last
    assert "s3cret" not in page


def test_a_hit_is_taken_in_the_quantity_wanted(client, hits):
    page = client.post(hits, {"hit": "2", "quantity": "250"}, follow=True).content.decode()
    assert "“Bolt M8” was added to REQ-" in page
    [bolt] = Line.objects.all()
    assert (bolt.part_id, bolt.quantity, bolt.amount) == ("B8", 250, Decimal("36.875"))


@pytest.mark.parametrize("given", [{"hit": "2", "quantity": "0"}, {"hit": "9", "quantity": "1"}, {}])
def test_a_hit_that_cannot_be_taken_is_not(client, hits, given):
    assert b"quantity above zero" in client.post(hits, given, follow=True).content
    assert not Line.objects.exists()


def test_hits_for_a_draft_are_added_to_it(client, oci, filled, shop):
    shop.answer, shop.content_type = as_form(fields(BOLT)), "text/html; charset=iso-8859-1"
    url = client.post(reverse("search", args=[oci.pk]), {"words": "bolt", "requisition": filled.pk}).url
    client.post(url, {"hit": "1", "quantity": "1"})
    assert [line.part_id for line in filled.lines.all()] == ["KD5555", "B8"]


def test_a_search_for_nothing_asks_for_words(client, oci):
    page = client.post(reverse("search", args=[oci.pk]), {"words": " "}, follow=True).content
    assert b"Please say what to search for" in page


def test_a_search_that_is_refused_shows_the_shops_page(client, oci, shop):
    shop.status, shop.answer = 403, "<title>Wrong password</title>"
    page = client.post(reverse("search", args=[oci.pk]), {"words": "nord"}, follow=True).content.decode()
    assert 'data-test="refused"' in page
    assert "HTTP 403 and the page “Wrong password”" in page
    assert Visit.objects.get().outcome == Outcome.REFUSED


def test_a_connection_is_tested_by_signing_in(client, oci, shop):
    shop.answer, shop.content_type, shop.location = "<title>Welcome</title>", "text/html; charset=utf-8", "/welcome/"
    page = client.post(reverse("supplier_test", args=[oci.pk])).content.decode()
    assert "We landed on “Welcome”" in page


def test_a_test_that_fails_says_why(client, oci, shop):
    shop.status, shop.answer = 403, "<title>Wrong password</title>"
    page = client.post(reverse("supplier_test", args=[oci.pk])).content.decode()
    assert "HTTP 403 and the page “Wrong password”" in page
    assert "s3cret" not in page


def test_a_shop_that_leaves_the_password_in_the_address_fails_the_test(client, oci, shop):
    shop.answer, shop.content_type = "<title>Welcome</title>", "text/html; charset=utf-8"
    page = client.post(reverse("supplier_test", args=[oci.pk])).content.decode()
    assert "leaves the password in the address" in page


def test_markup_from_the_shop_stays_text(client, oci):
    evil = {**CHAIR, "DESCRIPTION": "<script>alert(1)</script>", "VENDORMAT": '"><img src=x>'}
    page = come_home(request_shop(client, oci), evil).content.decode().split("</header>")[1]
    assert "<script>alert" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"format": "oci4", "oci_url": "https://shop.example/oci/"}, []),
        ({"format": "oci4"}, ["oci_url"]),
        ({"format": "cxml"}, ["from_identity", "to_identity", "setup_url"]),
    ],
)
def test_each_format_needs_its_own_values(client, db, values, wrong):
    given = {"company": "ACME", "name": "New", "mode": "test", "window": "same", "sender_identity": "a", "secret": "b"}
    more = {"sender_domain": "NetworkID", "from_domain": "NetworkID", "to_domain": "NetworkID", "method": "get"}
    answer = client.post(reverse("supplier_new"), {**given, **more, **values})
    assert (list(answer.context["form"].errors) if answer.context else []) == wrong
    assert Connection.objects.filter(name="New").exists() is not bool(wrong)


def test_seeding_makes_oci_suppliers(db):
    given = {"company": "ACME", "name": "OCI", "mode": "test", "sender_identity": "u", "secret": "p", "setup_url": None}
    for _ in range(2):
        seed([{**given, "format": "oci5", "oci_url": "http://localhost:8000/punchout/oci/"}])
    seeded = Connection.objects.get()
    assert (seeded.format, seeded.address, seeded.setup_url) == ("oci5", "http://localhost:8000/punchout/oci/", "")
    assert seeded.as_oci_settings().version == "5.0"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_screen_opens_in_both_languages(client, oci, filled, hits, language):
    client.cookies["buyer_language"] = language
    paths = [each.get_absolute_url() for each in (oci, filled, *Visit.objects.all())]
    for path in ("/", hits, reverse("supplier_settings", args=[oci.pk]), *paths):
        answer = client.get(path)
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.content.decode()
