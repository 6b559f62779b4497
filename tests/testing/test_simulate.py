"""The visit on the command line."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

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
        self.cookie, self.price = "", "763.20"

    def post(self, url, *, data=(), body=None, headers=None):
        if body is not None:
            self.cookie = body.decode().partition("<BuyerCookie>")[2].partition("</BuyerCookie>")[0]
            self.answers[f"POST {URL}"] = a_start_page(f"{SHOP}/start/") if self.cookie else a_response()
        items = [] if "cancel" in url else [an_item()]
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
