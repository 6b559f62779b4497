"""The fake OCI buyer's walk through a shop made of canned pages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html import escape
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.testing.canned import Shelf, a_form, a_page
from wagtail_punchout.testing.browsing import Page, decode_form, encode_form
from wagtail_punchout.testing.oci_buyer import FakeOciBuyer, OciSettings, RequestsTransport, StepFailed

SHOP = "https://shop.example"
OCI = f"{SHOP}/oci/"
HOOK = "https://buyer.example/hook?visit=7&company=ACME%20Ltd"
LATIN = {"content-type": "text/html; charset=iso-8859-1"}
SETTINGS = OciSettings(oci_url=OCI, username="punchout@shop.example", password="s3cret & more")
CHAIR = {
    "NEW_ITEM-DESCRIPTION[1]": "Bürostuhl",
    "NEW_ITEM-QUANTITY[1]": "2.000",
    "NEW_ITEM-UNIT[1]": "PCE",
    "NEW_ITEM-PRICE[1]": "763.200",
    "NEW_ITEM-CURRENCY[1]": "EUR",
    "NEW_ITEM-EXT_PRODUCT_ID[1]": "KD5555",
}

BARE = "https://buyer.example/hook"
SPLIT = {"visit": "7", "company": "ACME Ltd"}


class Shop(Shelf):
    """Knows what was asked for by any address of its entrance."""

    def _answer(self, method, url, sent):
        self.answers.setdefault(f"{method} {url}", self.answers.get(url.split("?")[0], Page(url, 404)))
        return super()._answer(method, url, sent)


def a_home(fields=CHAIR, *, action=HOOK, charset="iso-8859-1", attributes="", method="post") -> Page:
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    form = f'<form data-test="home" action="{escape(action)}" method="{method}" {attributes}>{inputs}</form>'
    body = f"<!DOCTYPE html><title>Home</title>{form}".encode(charset, "xmlcharrefreplace")
    return Page(f"{SHOP}/home/", 200, {"content-type": f"text/html; charset={charset}"}, body)


def a_buyer(home: Page | None = None, **settings) -> FakeOciBuyer:
    answers = {
        OCI: Page(OCI, 303, {"location": "/check/"}),
        f"{SHOP}/check/": Page(SHOP, 302, {"location": "/welcome/"}),
        f"{SHOP}/welcome/": a_page(a_form("return", "/return/"), title="Welcome"),
        f"{SHOP}/return/": Page(SHOP, 303, {"location": "/home/"}),
        f"{SHOP}/home/": home or a_home(),
    }
    return FakeOciBuyer(replace(SETTINGS, **settings), Shop(answers), hook_url=HOOK)


def at_home(home: Page, **settings):
    buyer = a_buyer(home, **settings)
    buyer.go("/home/")
    return buyer.home()


def called(buyer: FakeOciBuyer) -> dict[str, str]:
    _method, url, sent = buyer.transport.asked[0]
    return dict(sent or parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_whole_visit_brings_the_cart_home(method):
    buyer = a_buyer(method=method)
    assert buyer.call_up(COSTCENTER="4711").title == "Welcome"
    buyer.press("return")
    cart = buyer.home()
    assert [(line.description, line.amount) for line in cart.lines] == [("Bürostuhl", Decimal("1526.4"))]
    assert called(buyer)["COSTCENTER"] == "4711"
    assert called(buyer)["PASSWORD"] == "s3cret & more"
    assert called(buyer)["HOOK_URL"] == HOOK
    assert [step.name for step in buyer.steps] == ["call-up", "return"]


def test_the_call_is_kept_without_the_password():
    buyer = a_buyer()
    buyer.call_up()
    assert "PASSWORD=[struck out]" in buyer.sent
    assert "s3cret" not in buyer.sent
    assert "s3cret" not in repr(buyer.settings)


@pytest.mark.parametrize(
    ("version", "target", "expected"),
    [
        ("3.0", "", {"~TARGET": "_top"}),
        ("3.0", "_self", {"~TARGET": "_self"}),
        ("4.0", "", {}),
        ("4.0", "_parent", {"returntarget": "_parent"}),
    ],
)
def test_releases_name_the_target_differently(version, target, expected):
    buyer = a_buyer(version=version, target=target)
    buyer.call_up()
    call = called(buyer)
    assert call["OCI_VERSION"] == version
    assert {name: call[name] for name in ("~TARGET", "returntarget") if name in call} == expected
    assert (call["~OkCode"], call["~CALLER"]) == ("ADDI", "CTLG")


def test_parameters_may_have_other_names():
    buyer = a_buyer(names={"username": "ORGANIZATION", "hook_url": "hook"})
    buyer.call_up()
    assert (called(buyer)["ORGANIZATION"], called(buyer)["hook"]) == (SETTINGS.username, HOOK)
    assert "USERNAME" not in called(buyer)


def test_an_address_with_a_query_of_its_own_keeps_it():
    buyer = a_buyer(oci_url=f"{OCI}?shop=7")
    buyer.call_up()
    assert called(buyer)["shop"] == "7"


def test_a_password_that_stays_in_the_address_fails():
    buyer = a_buyer()
    buyer.transport.answers[OCI] = a_page(title="Welcome")
    buyer.settings = replace(SETTINGS, password="s3cret")
    with pytest.raises(StepFailed, match="leaves the password in the address"):
        buyer.call_up()


@pytest.mark.parametrize("name", ["call_up", "background_search"])
def test_what_failed_is_told_without_the_password(name):
    buyer = FakeOciBuyer(replace(SETTINGS, oci_url="http://127.0.0.1:9/"), RequestsTransport(), hook_url=HOOK)
    with pytest.raises(StepFailed, match="cannot be reached") as failed:
        buyer.call_up() if name == "call_up" else buyer.background_search("chair")
    assert "s3cret" not in str(failed.value)


def test_a_refusal_is_told_without_the_password():
    buyer = a_buyer()
    buyer.transport.answers[OCI] = Page(f"{OCI}?PASSWORD=s3cret+%26+more", 403, {}, a_page(title="Wrong"))
    with pytest.raises(StepFailed, match=r"PASSWORD=\[struck out\]"):
        buyer.call_up()


def test_functions_carry_their_wish():
    buyer = a_buyer()
    buyer.detail("KD5555")
    assert (called(buyer)["FUNCTION"], called(buyer)["PRODUCTID"]) == ("DETAIL", "KD5555")
    buyer = a_buyer()
    buyer.sourcing("chair & table")
    assert (called(buyer)["FUNCTION"], called(buyer)["SEARCHSTRING"]) == ("SOURCING", "chair & table")


def a_server(answer: Page, **settings) -> FakeOciBuyer:
    return FakeOciBuyer(replace(SETTINGS, **settings), Shop({OCI: answer}), hook_url=HOOK)


@pytest.mark.parametrize(("method", "way"), [("get", "FETCH"), ("post", "POST")])
def test_a_validation_is_asked_without_a_browser(method, way):
    buyer = a_server(a_home(), method=method)
    cart = buyer.validate("KD5555", 2)
    assert buyer.transport.asked[0][0] == way
    assert cart.lines[0].price == Decimal("763.2")
    assert cart.complaints == ()


def test_an_article_that_is_gone_comes_back_as_nothing():
    assert a_server(a_home({})).validate("KD5555").is_empty
    assert a_server(Page(OCI, 200, LATIN, b"<p>No longer sold.</p>")).validate("KD5555").is_empty


def test_a_validation_of_something_else_is_complained_about():
    complaints = a_server(a_home()).validate("OTHER", 3).complaints
    assert "VALIDATE was for OTHER, but KD5555 came." in complaints
    assert "VALIDATE was for a quantity of 3, but 2.000 came." in complaints


def test_hits_of_a_search_are_all_read():
    more = {name.replace("[1]", "[2]"): value for name, value in CHAIR.items()}
    assert len(a_server(a_home({**CHAIR, **more})).background_search("chair").lines) == 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Page(OCI, 303, {"location": "/welcome/"}), "sends a program on to https://shop.example/welcome/"),
        (Page(OCI, 403, {}, a_page(title="Wrong password")), "HTTP 403 and the page “Wrong password”"),
    ],
)
def test_a_server_wants_its_answer_at_once(answer, sentence):
    with pytest.raises(StepFailed, match=sentence):
        a_server(answer).validate("KD5555")


@pytest.mark.parametrize(
    ("page_in", "expected", "arrives"),
    [
        ("utf-8", "utf-8", "Bürostuhl „Nord“"),
        ("utf-8", "", "BÃ¼rostuhl â\x80\x9eNordâ\x80\x9c"),
        ("windows-1252", "windows-1252", "Bürostuhl „Nord“"),
        ("iso-8859-15", "iso-8859-15", "Bürostuhl &#8222;Nord&#8220;"),
        ("iso-8859-1", "utf-8", "B�rostuhl �Nord�"),
    ],
)
def test_the_charset_of_the_page_decides_what_arrives(page_in, expected, arrives):
    quoted = {**CHAIR, "NEW_ITEM-DESCRIPTION[1]": "Bürostuhl „Nord“"}
    cart = at_home(a_home(quoted, charset=page_in), charset=expected)
    assert cart.lines[0].description == arrives
    is_fine = page_in == expected and "&#" not in arrives
    assert (cart.complaints == ()) is is_fine


def test_accept_charset_outdoes_the_page():
    cart = at_home(a_home(charset="utf-8", attributes='accept-charset="windows-1252"'), charset="windows-1252")
    assert cart.complaints == ()


def test_browsers_take_latin_1_for_windows_1252_and_the_receiver_does_not():
    home = a_home({**CHAIR, "NEW_ITEM-DESCRIPTION[1]": "5 €"}, charset="iso-8859-1")
    cart = at_home(home)
    assert cart.lines[0].description == "5 \x80"
    assert "cannot be printed" in cart.complaints[0]


def test_a_page_that_does_not_say_its_charset_is_complained_about():
    home = replace(a_home(charset="utf-8"), headers={"content-type": "text/html"})
    assert "does not say its charset" in at_home(home, charset="utf-8").complaints[0]


@pytest.mark.parametrize(
    ("home", "complaints"),
    [
        (a_home(), ()),
        (a_home({**SPLIT, **CHAIR}, action=BARE), ()),
        (a_home({**SPLIT, **CHAIR}, action=BARE, method="get"), ()),
        (
            a_home(CHAIR, method="get"),
            (
                "The hook's own parameter visit=7 does not arrive.",
                "The hook's own parameter company=ACME Ltd does not arrive.",
            ),
        ),
        (a_home({"visit": "7", **CHAIR}), ("The hook's own parameter visit=7 arrives more than once.",)),
        (
            a_home(CHAIR, action=HOOK.replace("buyer", "elsewhere")),
            ("The return form goes to https://elsewhere.example/hook instead of https://buyer.example/hook.",),
        ),
    ],
)
def test_the_way_home_is_looked_at(home, complaints):
    cart = at_home(home)
    assert [line.sku for line in cart.lines] == ["KD5555"]
    assert cart.complaints[-len(complaints) :] == complaints if complaints else cart.complaints == ()


def test_a_get_brings_the_cart_in_the_address():
    cart = at_home(a_home({**SPLIT, **CHAIR}, action=BARE, method="get"))
    assert cart.fields == tuple(CHAIR.items())


def test_the_target_asked_for_is_expected():
    assert at_home(a_home(CHAIR, attributes='target="_parent"'), target="_parent").complaints == ()
    assert "we asked for “_parent”" in at_home(a_home(), target="_parent").complaints[0]


def test_a_page_that_gives_the_password_away_is_complained_about():
    home = a_home({**CHAIR, "NEW_ITEM-CUST_FIELD1[1]": "giveaway"})
    assert "The return page contains our password." in at_home(home, password="giveaway").complaints


def test_line_ends_arrive_as_browsers_send_them():
    sent = encode_form([("a", "one\ntwo\r\nthree"), ("b", "")])
    assert decode_form(sent) == (("a", "one\r\ntwo\r\nthree"), ("b", ""))
