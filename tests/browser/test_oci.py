"""OCI in real Chromium: the literal address, every window a cart may go into, and charsets to the byte."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.browser.procurement import FRAME, Procurement, procurement
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

WORDS = "Größe 19\" <b>&amp;</b> 'Zoll' – 5 € Łódź %2B"


@pytest.fixture
def system():
    with procurement() as running:
        yield running


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def customer(demo: Demo, format: str = "oci4") -> dict[str, Any]:
    return next(each for each in demo.description["customers"] if each["format"] == format and each["mode"] == "test")


def parameters(demo: Demo, system: Procurement, format: str = "oci4", **more: str) -> dict[str, str]:
    known = customer(demo, format)
    return {"username": known["sender_identity"], "password": known["secret"], "hook_url": system.hook} | more


def shop_and_return(shop: Any, demo: Demo, *, how: str = "return") -> None:
    shop.goto(demo.shop + "/workshop/")
    shop.locator("[data-test=add-to-cart] button").first.click()
    expect(shop.locator("#cart-link .count")).to_contain_text("1")
    shop.goto(demo.shop + demo.description["cart_path"])
    assert shop.locator("a[href*=checkout], form[action*=checkout]").count() == 0
    shop.locator(f"[data-test={how}] button").click()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_literal_address_opens_the_shop_and_the_cart_comes_home(page, running_sites: Demo, system, method):
    given = parameters(running_sites, system)
    address = f"{running_sites.shop}/ocihome"
    if method == "get":
        page.goto(f"{address}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items()))
    else:
        page.goto(system.page(address, given))
        page.get_by_role("button").click()
    page.wait_for_selector("#cart-link")
    assert page.url == running_sites.shop + "/"
    assert given["password"] not in page.content()
    shop_and_return(page, running_sites)
    page.wait_for_url(system.hook)
    [arrived] = system.arrived
    assert (arrived.method, arrived.query) == ("POST", "sap-client=100&id=27")
    told = arrived.fields("latin-1")
    assert told["NEW_ITEM-QUANTITY[1]"]
    assert told["NEW_ITEM-DESCRIPTION[1]"]


@pytest.mark.parametrize(
    ("target", "lands_in"),
    [("_top", "top"), ("_parent", "top"), (FRAME, "frame"), ("_self", "frame"), ("_blank", "new")],
)
def test_the_cart_goes_into_the_window_that_was_asked_for(page, running_sites: Demo, system, target, lands_in):
    given = parameters(running_sites, system, **{"returntarget": target, "~OkCode": "ADDI"})
    page.goto(system.page(f"{running_sites.shop}/punchout/oci/", given, framed=True))
    page.get_by_role("button").click()
    frame = page.frame(name=FRAME)
    frame.wait_for_selector("#cart-link")
    if lands_in == "new":
        with page.context.expect_page() as opened:
            shop_and_return(frame, running_sites)
        opened.value.wait_for_url(system.hook)
    else:
        shop_and_return(frame, running_sites)
        landed = page if lands_in == "top" else page.frame(name=FRAME)
        landed.wait_for_url(system.hook)
    assert system.arrived[-1].fields("latin-1")["~OkCode"] == "ADDI"


def test_back_without_a_cart(page, running_sites: Demo, system):
    page.goto(system.page(f"{running_sites.shop}/ocihome", parameters(running_sites, system)))
    page.get_by_role("button").click()
    page.wait_for_selector("#cart-link")
    shop_and_return(page, running_sites, how="cancel")
    page.wait_for_url(system.hook)
    assert not any("NEW_ITEM" in name for name in system.arrived[-1].fields("latin-1"))


def test_a_wrong_password_is_a_page_inside_the_frame(page, running_sites: Demo, system):
    given = parameters(running_sites, system, password="guess")
    page.goto(system.page(f"{running_sites.shop}/ocihome", given, framed=True))
    page.get_by_role("button").click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("You could not be signed in")


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8"])
@pytest.mark.parametrize("format", ["oci4", "oci5", "oci3"])
def test_texts_arrive_whole_in_the_charset_that_was_asked_for(page, running_sites: Demo, system, format, charset):
    given = parameters(running_sites, system, format, http_content_charset=charset, **{"NEW_ITEM-CUST_FIELD5": WORDS})
    page.goto(system.page(f"{running_sites.shop}/ocihome", given))
    page.get_by_role("button").click()
    page.wait_for_selector("#cart-link")
    shop_and_return(page, running_sites)
    page.wait_for_url(system.hook)
    told = system.arrived[-1].fields(charset)["NEW_ITEM-CUST_FIELD5[1]"]
    expected = {
        "utf-8": WORDS,
        "windows-1252": WORDS.replace("Łódź", "Lódz"),
        "iso-8859-1": WORDS.replace("–", "-").replace("€", "EUR").replace("Łódź", "Lódz"),
    }
    assert told == expected[charset]


def test_validate_sends_itself_and_a_search_does_not(page, running_sites: Demo, system):
    given = parameters(running_sites, system, FUNCTION="VALIDATE", PRODUCTID="NL-30110", QUANTITY="200")
    page.goto(system.page(f"{running_sites.shop}/ocihome", given))
    page.get_by_role("button").click()
    page.wait_for_url(system.hook)
    assert system.arrived[-1].fields("latin-1")["NEW_ITEM-QUANTITY[1]"] == "200"
    given = parameters(running_sites, system, FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING="nut")
    page.goto(system.page(f"{running_sites.shop}/ocihome", given))
    page.get_by_role("button").click()
    page.wait_for_selector("form[data-test=home]", state="attached")
    assert page.locator("input[name^='NEW_ITEM-VENDORMAT']").count() >= 1
    assert page.locator("body").inner_text().strip() == ""
    assert len(system.arrived) == 1
