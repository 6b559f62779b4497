"""The visit on the command line."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from tests.testing.canned import (
    Shelf,
    a_form,
    a_message,
    a_page,
    a_response,
    a_start_page,
    an_item,
    base64_of,
)
from wagtail_punchout.management.commands import punchout_simulate
from wagtail_punchout.testing.browsing import Page
from wagtail_punchout.testing.documents import read_order_message

URL = "https://shop.example/cxml/"
SHOP = "https://shop.example"


class Shop(Shelf):
    """Answers set-up requests and returns one chair to whoever asked last."""

    def __init__(self) -> None:
        super().__init__(
            {
                f"GET {URL}": a_response(),
                f"{SHOP}/start/": a_page(a_form("add-to-cart", "/add/")),
                f"{SHOP}/add/": a_page(),
                f"{SHOP}/cart/": a_page(a_form("return", "/return/"), a_form("cancel", "/cancel/")),
            }
        )
        self.cookie, self.answer_to_orders = "", a_response()

    def post(self, url, *, data=(), body=None, headers=None):
        if body is not None:
            self.cookie = body.decode().partition("<BuyerCookie>")[2].partition("</BuyerCookie>")[0]
            self.answers[f"POST {URL}"] = a_start_page(f"{SHOP}/start/") if self.cookie else a_response()
        items = [] if "cancel" in url else [an_item()]
        if body is not None and b"<OrderRequest>" in body:
            self.answers[f"POST {URL}"] = self.answer_to_orders
        status = '<Status code="204" text="No Content"/>' if "cancel" in url else ""
        message = a_message(*items, total="1526.40" if items else "0", cookie=self.cookie, status=status)
        message = message.replace('deploymentMode="test"', 'deploymentMode="production"')
        hook = "https://buyer.example/punchout/hook?visit=1&amp;company=ACME%20Ltd"
        for path in ("/return/", "/cancel/"):
            self.answers[SHOP + path] = a_page(a_form("home", hook, **{"cXML-base64": base64_of(message)}))
        return super().post(url, data=data, body=body, headers=headers)


@pytest.fixture
def shop(monkeypatch):
    shop = Shop()
    monkeypatch.setattr(punchout_simulate, "RequestsTransport", lambda timeout: shop)
    monkeypatch.setenv("PUNCHOUT_SECRET", "from-the-environment")
    return shop


def simulate(capsys, *arguments: str) -> str:
    call_command("punchout_simulate", URL, "--sender-identity=114729", "--to-identity=nordlicht", *arguments)
    return capsys.readouterr().out


def test_a_visit_prints_its_steps_and_its_cart(shop, capsys):
    printed = simulate(capsys)
    for expected in ("ping", "profile", "setup create", "KD5555  Desk chair  763.20 EUR", "total 1526.40 EUR"):
        assert expected in printed
    assert "!" not in printed


def test_the_secret_comes_from_the_environment(shop, capsys):
    simulate(capsys, "--profile-only")
    assert b"from-the-environment" in shop.asked[-1][2]


def test_an_edit_sends_the_first_cart_back(shop, capsys):
    simulate(capsys, "--edit")
    last = [sent for _method, url, sent in shop.asked if url == URL][-1]
    assert b'operation="edit"' in last
    assert b"<SupplierPartID>KD5555</SupplierPartID>" in last


def test_a_cancel_is_expected_to_bring_nothing(shop, capsys):
    assert "nothing changes at the buyer" in simulate(capsys, "--cancel")


def ordered(shop) -> list[bytes]:
    return [sent for _method, _url, sent in shop.asked if sent and b"<OrderRequest>" in sent]


def test_cart_that_came_home_is_ordered(shop, capsys):
    printed = simulate(capsys, "--order", "4711")
    assert "order" in printed
    assert "4711, 1 lines" in printed
    [sent] = ordered(shop)
    assert b'orderID="4711"' in sent
    assert b"<SupplierPartAuxiliaryID>L-1</SupplierPartAuxiliaryID>" in sent
    assert b'<Money currency="EUR">763.20</Money>' in sent


def test_number_of_an_order_is_made_up_each_time(shop, capsys):
    for _ in range(2):
        simulate(capsys, "--order")
    first, second = (etree.fromstring(each).find(".//OrderRequestHeader").get("orderID") for each in ordered(shop))
    assert first.startswith("SIM-")
    assert first != second


def test_edited_cart_is_ordered_once(shop, capsys):
    simulate(capsys, "--edit", "--order")
    assert len(ordered(shop)) == 1


def test_nothing_is_ordered_without_a_cart(shop, capsys):
    simulate(capsys, "--cancel", "--order")
    assert ordered(shop) == []


def test_orders_go_to_their_own_address(shop, capsys):
    shop.answers["https://shop.example/orders/"] = a_response()
    simulate(capsys, "--order", "--order-url", "https://shop.example/orders/")
    assert [url for _method, url, sent in shop.asked if sent in ordered(shop)] == ["https://shop.example/orders/"]


def test_refused_order_is_a_failure(shop, capsys):
    shop.answer_to_orders = a_response("417", "Expectation Failed", "We do not know that.")
    with pytest.raises(CommandError, match="We do not know that"):
        simulate(capsys, "--order")


def test_oci_orders_nothing(shop):
    with pytest.raises(CommandError, match="OCI knows no orders"):
        call_command("punchout_simulate", URL, "--sender-identity=a", "--format=oci4", "--order")


def test_json_can_be_read_by_programs(shop, capsys):
    report = json.loads(simulate(capsys, "--json"))
    assert report["ok"] is True
    assert report["carts"][0]["lines"][0]["part_id"] == "KD5555"
    assert {"name", "milliseconds"} == set(report["steps"][0])


def test_a_refusal_ends_it_with_the_shops_sentence(shop, capsys):
    shop.answers[f"GET {URL}"] = a_response()
    shop.post = lambda url, **_: Shelf({url: a_response("401", "Unauthorized", "Wrong secret.")}).post(url)
    with pytest.raises(CommandError, match="401 Unauthorized: Wrong secret"):
        simulate(capsys)


def test_strict_makes_complaints_fail(shop, capsys, monkeypatch):
    monkeypatch.setattr(punchout_simulate.FakeBuyer, "home", lambda self: _complaining(self.visit))
    with pytest.raises(CommandError, match="1 complaints"):
        simulate(capsys, "--strict")


def _complaining(visit):
    return read_order_message(a_message(an_item(), total="1.00", cookie=visit.buyer_cookie))


def test_values_come_from_the_demos_file(shop, capsys, tmp_path):
    values = {
        f"{party}_{what}": f"{party}-{what}" for party in ("from", "to", "sender") for what in ("domain", "identity")
    }
    customer = {"company": "ACME", "name": "Buying", "mode": "test", "secret": "s", "setup_url": URL, **values}
    file = tmp_path / "demo.json"
    file.write_text(json.dumps({"customers": [{"format": "oci"}, customer]}))
    call_command("punchout_simulate", demo=str(file), customer="buying", profile_only=True)
    sent = shop.asked[-1][2]
    assert b"sender-identity" in sent
    assert b'deploymentMode="test"' in sent
    with pytest.raises(CommandError, match="There are: Buying"):
        call_command("punchout_simulate", demo=str(file), customer="nobody")


def test_missing_values_are_asked_for(monkeypatch):
    monkeypatch.delenv("PUNCHOUT_SECRET", raising=False)
    with pytest.raises(CommandError, match="URL is missing"):
        call_command("punchout_simulate")
    with pytest.raises(CommandError, match="set PUNCHOUT_SECRET"):
        call_command("punchout_simulate", URL, "--sender-identity=a")


OCI_URL = "https://shop.example/oci/"
HOOK = "https://buyer.example/punchout/hook?visit=1&company=ACME%20Ltd"
LINE = {"DESCRIPTION": "Desk chair", "QUANTITY": "2", "UNIT": "PCE", "PRICE": "763.200", "CURRENCY": "EUR"}
LINE |= {"VENDORMAT": "KD5555", "EXT_PRODUCT_ID": "KD5555"}


class OciShop(Shelf):
    """Lets everybody in, and answers every function with one chair."""

    def __init__(self) -> None:
        fields = {f"NEW_ITEM-{name}[1]": value for name, value in LINE.items()}
        super().__init__(
            {
                f"{SHOP}/welcome/": a_page(a_form("add-to-cart", "/add/")),
                f"{SHOP}/add/": a_page(),
                f"{SHOP}/cart/": a_page(a_form("return", "/return/"), a_form("cancel", "/cancel/")),
                f"{SHOP}/return/": self.latin(a_form("home", HOOK, **fields)),
                f"{SHOP}/cancel/": self.latin(a_form("home", HOOK)),
            }
        )

    @staticmethod
    def latin(form: str) -> Page:
        return Page(SHOP, 200, {"content-type": "text/html; charset=iso-8859-1"}, a_page(form))

    def _answer(self, method, url, sent):
        is_machine = method == "FETCH" or isinstance(sent, bytes)
        page = self.answers[f"{SHOP}/return/"] if is_machine else Page(SHOP, 303, {"location": "/welcome/"})
        self.answers |= {url: page} if url.startswith(OCI_URL) else {}
        return super()._answer(method, url, sent)


@pytest.fixture
def oci_shop(monkeypatch):
    shop = OciShop()
    monkeypatch.setattr(punchout_simulate, "RequestsTransport", lambda timeout: shop)
    monkeypatch.setenv("PUNCHOUT_SECRET", "from-the-environment")
    return shop


def by_oci(capsys, *arguments: str) -> str:
    call_command("punchout_simulate", OCI_URL, "--format=oci4", "--username=114729", *arguments)
    return capsys.readouterr().out


def test_a_visit_by_oci_prints_its_steps_and_its_cart(oci_shop, capsys):
    printed = by_oci(capsys)
    for expected in ("call-up", "return", "KD5555  Desk chair  763.200 EUR", "total 1526.4 EUR"):
        assert expected in printed
    assert "!" not in printed
    assert "USERNAME=114729&PASSWORD=from-the-environment&OCI_VERSION=4.0" in oci_shop.asked[0][1]


def test_the_call_is_made_as_told(oci_shop, capsys):
    by_oci(capsys, "--method=post", "--charset=utf-8", "--target=_top", "--parameter=LANGU=DE", "--profile-only")
    method, _url, sent = oci_shop.asked[0]
    assert method == "POST"
    expected = {"http_content_charset": "utf-8", "returntarget": "_top", "LANGU": "DE", "USERNAME": "114729"}
    assert dict(sent) | expected == dict(sent)


def test_the_functions_ask_for_the_article_again(oci_shop, capsys):
    printed = by_oci(capsys, "--functions", "--strict")
    for expected in ("detail", "validate", "background search"):
        assert expected in printed
    asked = " ".join(url for _method, url, _sent in oci_shop.asked)
    for expected in ("FUNCTION=DETAIL&PRODUCTID=KD5555", "FUNCTION=VALIDATE", "SEARCHSTRING=KD5555"):
        assert expected in asked


def test_a_cancel_by_oci_brings_no_line(oci_shop, capsys):
    assert "no lines: nothing changes" in by_oci(capsys, "--cancel")


def test_a_cart_by_oci_can_be_read_by_programs(oci_shop, capsys):
    [cart] = json.loads(by_oci(capsys, "--json"))["carts"]
    assert cart["totals"] == {"EUR": "1526.400"}
    assert cart["lines"][0]["product_id"] == "KD5555"


def test_oci_has_no_edit(oci_shop, capsys):
    with pytest.raises(CommandError, match="no way back into a cart"):
        by_oci(capsys, "--edit")


@pytest.mark.parametrize(("given", "version"), [({"format": "oci5"}, "5.0"), ({"customer": "by oci"}, "4.0")])
def test_oci_customers_come_from_the_demos_file(oci_shop, capsys, tmp_path, given, version):
    customer = {"company": "ACME", "mode": "test", "sender_identity": "u", "secret": "p", "oci_url": OCI_URL}
    file = tmp_path / "demo.json"
    others = [{**customer, "name": "By OCI", "format": "oci4"}, {**customer, "name": "New", "format": "oci5"}]
    file.write_text(json.dumps({"customers": others}))
    call_command("punchout_simulate", demo=str(file), profile_only=True, **given)
    assert f"USERNAME=u&PASSWORD=p&OCI_VERSION={version}" in oci_shop.asked[0][1]
