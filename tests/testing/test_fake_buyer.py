"""The fake buyer's walk through a shop made of canned pages."""

from __future__ import annotations

import ast
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import wagtail_punchout.testing.buyer
from tests.testing.canned import (
    SETTINGS,
    Shelf,
    a_cancel,
    a_form,
    a_message,
    a_page,
    a_response,
    a_start_page,
    an_item,
    base64_of,
)
from wagtail_punchout.testing.browsing import Page, RequestsTransport
from wagtail_punchout.testing.buyer import FakeBuyer, StepFailed

SHOP = "https://shop.example"
START = f"{SHOP}/start/abc/"
HOOK = "https://buyer.example/hook?v=1"


def redirect(to: str, status: int = 303) -> Page:
    return Page(SHOP, status, {"location": to})


def a_shop(home: str = "", **more) -> Shelf:
    return Shelf(
        {
            SETTINGS.setup_url: a_start_page(START),
            f"GET {START}": a_page(a_form("start")),
            f"POST {START}": redirect("/welcome/"),
            f"{SHOP}/welcome/": a_page('<a href="/chairs/">Chairs</a>', title="Welcome"),
            f"{SHOP}/chairs/": a_page(a_form("add-to-cart", "/add/", sku="A"), a_form("add-to-cart", "/add/", sku="B")),
            f"{SHOP}/add/": redirect("/cart/"),
            f"{SHOP}/cart/": a_page(a_form("return", "/return/", visit="7"), a_form("cancel", "/cancel/")),
            f"{SHOP}/return/": redirect("/home/"),
            f"{SHOP}/home/": a_page(home),
            **more,
        }
    )


def a_buyer(shop: Shelf) -> FakeBuyer:
    return FakeBuyer(SETTINGS, shop, hook_url=HOOK)


def test_a_whole_visit_brings_the_cart_home():
    shop = a_shop()
    buyer = a_buyer(shop)
    reply = buyer.setup(buyer_cookie="c")
    buyer.open(reply.start_url)
    assert buyer.page.title == "Welcome"
    buyer.find("add-to-cart")
    buyer.press("add-to-cart", 1, quantity="3")
    shop.answers[f"{SHOP}/home/"] = a_page(a_form("home", HOOK, **{"cXML-base64": base64_of(a_message(an_item()))}))
    buyer.press("return")
    cart = buyer.home()
    assert ("POST", f"{SHOP}/add/", [("sku", "B"), ("quantity", "3")]) in shop.asked
    assert ("POST", f"{SHOP}/return/", [("visit", "7")]) in shop.asked
    assert [line.part_id for line in cart.lines] == ["KD5555"]
    assert cart.complaints == ()
    assert [step.name for step in buyer.steps] == [
        "setup create", "start", "find add-to-cart", "add-to-cart", "return",
    ]  # fmt: skip


def test_a_cancel_comes_home_as_204():
    buyer = a_buyer(a_shop(**{f"{SHOP}/cancel/": a_page(a_form("home", HOOK, **{"cxml-urlencoded": a_cancel()}))}))
    buyer.setup(buyer_cookie="c")
    buyer.go("/cart/")
    buyer.press("cancel")
    assert buyer.home().is_cancelled


def test_a_refusal_is_a_reply_and_no_failure():
    reply = a_buyer(Shelf({SETTINGS.setup_url: a_response("403", "Forbidden", "Not today.")})).setup()
    assert (reply.is_ok, reply.status, reply.start_url) == (False, 403, "")


def test_documents_are_kept_without_the_secret():
    assert "s3cret" not in a_buyer(a_shop()).setup().sent


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Page("", 500), "HTTP 500 instead of a cXML answer"),
        (Page("", 302, {"location": "/login/"}), "HTTP 302"),
        (a_page("Login"), "root element is html|not well-formed"),
        (a_response(), "no StartPage"),
    ],
)
def test_no_proper_answer_fails_the_setup(answer, sentence):
    with pytest.raises(StepFailed, match=sentence):
        a_buyer(Shelf({SETTINGS.setup_url: answer})).setup()


def test_a_cookie_for_a_machine_is_complained_about():
    shop = Shelf({SETTINGS.setup_url: Page("", 200, {"set-cookie": "a=b"}, a_start_page(START).encode())})
    assert "machine keeps none" in a_buyer(shop).setup().complaints[0]


def test_a_cart_for_another_address_is_complained_about():
    form = a_form("home", "https://elsewhere.example/", **{"cXML-base64": base64_of(a_message(an_item()))})
    buyer = a_buyer(a_shop(form))
    buyer.setup(buyer_cookie="c")
    buyer.go("/home/")
    assert "goes to https://elsewhere.example/" in buyer.home().complaints[0]


def test_a_missing_form_is_named():
    buyer = a_buyer(a_shop())
    buyer.go("/welcome/")
    with pytest.raises(StepFailed, match=r"return: No form number 1 with data-test=“return” on “Welcome”"):
        buyer.press("return")


def test_a_start_page_that_never_ends_fails():
    buyer = a_buyer(a_shop(**{f"POST {START}": a_page(a_form("start"))}))
    with pytest.raises(StepFailed, match="again and again"):
        buyer.open(START)


def test_a_circle_of_redirects_fails():
    with pytest.raises(StepFailed, match="redirects"):
        a_buyer(Shelf({f"{SHOP}/a/": redirect("/a/")})).go("/a/")


def test_an_error_page_of_the_shop_fails_with_its_title():
    page = Page(f"{SHOP}/a/", 410, {}, a_page(title="This link was used"))
    with pytest.raises(StepFailed, match="HTTP 410 and the page “This link was used”"):
        a_buyer(Shelf({f"{SHOP}/a/": page})).go("/a/")


def test_an_edit_sends_the_lines_back():
    shop = a_shop(a_form("home", HOOK, **{"cXML-base64": base64_of(a_message(an_item()))}))
    buyer = a_buyer(shop)
    buyer.setup(buyer_cookie="c")
    buyer.go("/home/")
    buyer.setup("edit", lines=buyer.home().lines)
    sent = shop.asked[-1][2]
    assert b'operation="edit"' in sent
    assert b"<SupplierPartAuxiliaryID>L-1</SupplierPartAuxiliaryID>" in sent


def test_every_visit_has_a_cookie_of_its_own():
    buyer = a_buyer(a_shop())
    assert buyer.setup().buyer_cookie != buyer.setup("edit").buyer_cookie


def test_a_shop_that_is_not_there_is_said_so():
    with pytest.raises(StepFailed, match="cannot be reached"):
        FakeBuyer(SETTINGS, RequestsTransport()).go("http://127.0.0.1:9/")


def test_forms_are_filled_as_a_browser_fills_them():
    page = Page(
        f"{SHOP}/a/",
        body=a_page(
            '<form data-test="f" method="POST"><input name="t" value="1"><input name="off" type="checkbox">'
            '<input name="on" type="checkbox" checked><input name="r" type="radio" value="x">'
            '<input name="gone" disabled value="1"><select name="s"><option value="1">a<option value="2" selected>b'
            '</select><textarea name="a">text</textarea><button name="go" value="1">Go</button>'
            '<button name="other" value="1">Other</button></form>'
        ),
    )
    [form] = page.forms("f")
    assert form.action == f"{SHOP}/a/"
    assert dict(form.fields) == {"t": "1", "on": "on", "s": "2", "a": "text", "go": "1"}


class _CookieShop(BaseHTTPRequestHandler):
    """Sets a Secure cookie and tells what came back."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Set-Cookie", "visit=1; Secure; HttpOnly; SameSite=None; Partitioned")
        self.end_headers()
        self.wfile.write(self.headers.get("Cookie", "none").encode())

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def cookie_shop():
    server = HTTPServer(("127.0.0.1", 0), _CookieShop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_browser_keeps_cookies_and_the_machine_does_not(cookie_shop):
    transport = RequestsTransport()
    assert transport.get(cookie_shop).body == b"none"
    assert transport.get(cookie_shop).body == b"visit=1"
    assert transport.post(cookie_shop, data=[("a", "b")]).body == b"visit=1"
    assert transport.post(cookie_shop, body=b"<cXML/>").body == b"none"
    assert transport.post(cookie_shop, body=b"<cXML/>").body == b"none"


def test_the_buyers_end_shares_nothing_with_the_shops_end():
    """Neither the protocol package nor, at import time, Django: one mistake must not be made at both ends."""
    folder = Path(wagtail_punchout.testing.buyer.__file__).parent
    alone = ("buyer.py", "oci_buyer.py", "shopper.py", "browsing.py", "telling.py", "options.py")
    for path in [*(folder / name for name in alone), *(folder / "documents").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("wagtail_punchout"):
                assert node.module.startswith("wagtail_punchout.testing."), f"{path.name} imports {node.module}"
        for node in tree.body:
            assert "django" not in (getattr(node, "module", "") or ""), f"{path.name} imports {node.module}"
