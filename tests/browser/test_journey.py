"""A buyer's whole visit in real Chromium, in the three ways a procurement system opens a shop."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

SHELVES = ("/workshop/", "/office/", "/it/")


@contextmanager
def window(chromium, demo: Demo, **options: Any) -> Iterator[Any]:
    """A fresh browser window at the buyer's; fails on what its pages complain of on the console."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(60_000)  # two cores may have much to do
    complaints: list[str] = []
    context.on(
        "console", lambda said: complaints.append(f"{said.text} {said.location}") if said.type == "error" else None
    )
    page = context.new_page()
    page.goto(demo.buyer + "/")
    yield page
    context.close()
    # A 404 of the favicon is the browser's own idea.
    assert [each for each in complaints if "favicon" not in each] == []


class Visit:
    """One visit: the buyer's page, and where the shop is shown (the same page, a frame in it, or a popup)."""

    def __init__(self, page: Any, demo: Demo, mode: str) -> None:
        self.page, self.demo, self.mode = page, demo, mode
        self.shop: Any = page

    def request(self, company: str = "Hansen purchasing") -> None:
        self.page.goto(self.demo.buyer + "/")
        supplier = self.page.locator("[data-test=supplier]", has_text=company).filter(has_text="Test")
        supplier.get_by_role("link").first.click()
        self._prefer()
        self._open(self.page.locator(f"[data-test=window-{self.mode}]"))

    def _prefer(self) -> None:
        """Set the way in which this supplier is opened, for edit and inspect."""
        supplier = self.page.url
        self.page.get_by_role("link", name="Settings").click()
        self.page.locator("select[name=window]").select_option(self.mode)
        self.page.get_by_role("button", name="Save").click()
        self.page.goto(supplier)

    def reopen(self, operation: str) -> None:
        self._open(self.page.locator(f"[data-test={operation}] button"))

    def add_three(self) -> None:
        for shelf in SHELVES:
            self.shop.goto(self.demo.shop + shelf)
            before = self._in_cart()
            self.shop.locator("[data-test=add-to-cart] button").first.click()
            expect(self.shop.locator("#cart-link .count")).not_to_have_text(before)

    def to_cart(self) -> None:
        self.shop.goto(self.demo.shop + self.demo.description["cart_path"])

    def leave(self, how: str) -> None:
        before = self.page.url
        self.shop.locator(f"[data-test={how}] button").click()
        self.page.wait_for_url(lambda url: url.startswith(self.demo.buyer) and url != before)
        self.page.wait_for_selector("[data-test=arrived]")
        if self.mode == "new":
            # The window has a name: left open it would be used again, without being a new popup.
            self.shop.close()

    def _open(self, button: Any) -> None:
        if self.mode == "new":
            with self.page.expect_popup() as popup:
                button.click()
            self.shop = popup.value
            self.shop.wait_for_url(self.demo.shop + "/**")
        else:
            button.click()
            if self.mode == "frame":
                self.page.wait_for_selector("iframe")
                self.shop = self.page.query_selector("iframe").content_frame()
            self.shop.wait_for_url(self.demo.shop + "/**")
        self.shop.wait_for_selector("#cart-link")

    def _in_cart(self) -> str:
        return self.shop.locator("#cart-link .count").inner_text()


@pytest.mark.parametrize("mode", ["same", "new", "frame"])
def test_request_shop_return_edit_inspect_cancel(chromium, running_sites, mode):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, mode)
        visit.request()
        visit.add_three()
        visit.to_cart()
        visit.leave("return")
        lines = page.locator("[data-test=line]")
        assert lines.count() == 3
        ids = [line.get_attribute("data-auxiliary") for line in lines.all()]

        visit.reopen("edit")
        assert running_sites.description["cart_path"] in visit.shop.url
        visit.shop.locator("form[action*=remove] button").first.click()
        expect(visit.shop.locator("form[action*=remove]")).to_have_count(2)
        visit.leave("return")
        assert [line.get_attribute("data-auxiliary") for line in page.locator("[data-test=line]").all()] == ids[1:]

        visit.reopen("inspect")
        assert visit.shop.locator("[data-test=return]").count() == 0
        assert visit.shop.locator("form[action*=remove]").count() == 0
        visit.leave("cancel")

        visit.reopen("edit")
        visit.shop.locator("form[action*=remove] button").first.click()
        visit.leave("cancel")
        assert [line.get_attribute("data-auxiliary") for line in page.locator("[data-test=line]").all()] == ids[1:]


class Held:
    """The one request to an address that is held back, until it is let go. What comes after it passes."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.requests, self.may_pass = page, [], False
        page.route(address, self._meet)

    def _meet(self, route: Any) -> None:
        if self.may_pass:
            route.continue_()
        else:
            self.requests.append(route)

    def wait_for(self) -> None:
        """Until it has been sent: the page knows that earlier than this test does."""
        deadline = time.monotonic() + 60
        while not self.requests and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        assert len(self.requests) == 1

    def let_go(self) -> None:
        self.wait_for()
        self.may_pass = True
        self.requests[0].continue_()


def typing(visit: Visit, quantity: str) -> Held:
    """A quantity is typed, and the cart sent home with the same move. Answers the change, which is held back."""
    held = Held(visit.page, "**/cart/lines/*/")
    visit.page.locator("#cart input.quantity").first.fill(quantity)
    visit.page.locator("[data-test=return] button").click()
    held.wait_for()
    assert visit.page.url.endswith(visit.demo.description["cart_path"])
    return held


def in_the_cart(visit: Visit) -> None:
    visit.request()
    visit.shop.goto(visit.demo.shop + "/office/")
    visit.shop.locator("[data-test=add-to-cart] button").first.click()
    expect(visit.shop.locator("#cart-link .count")).to_contain_text("1")
    visit.to_cart()


def test_quantity_that_was_just_typed_goes_home(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        in_the_cart(visit)
        typing(visit, "3").let_go()
        page.wait_for_selector("[data-test=arrived]")
        expect(page.locator("[data-test=line] td[data-label=Quantity]")).to_contain_text("3")


def test_quantity_that_cannot_be_keeps_the_cart_in_the_shop(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        in_the_cart(visit)
        typing(visit, "-1").let_go()
        expect(page.locator("#messages")).to_contain_text("Please enter a quantity as a number.")
        expect(page.locator("#cart input.quantity")).to_have_value("1")
        assert page.url.endswith(running_sites.description["cart_path"])
        visit.leave("return")


def test_quantities_typed_one_after_the_other_all_go_home(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        visit.request()
        visit.add_three()
        visit.to_cart()
        for number, quantity in enumerate(("300", "4", "5")):
            page.locator("#cart input.quantity").nth(number).fill(quantity)
        visit.leave("return")
        quantities = page.locator("[data-test=line] td[data-label=Quantity]")
        expect(quantities).to_have_text([re.compile(rf"^{each} ") for each in ("300", "4", "5")])


def test_quantity_that_is_typed_while_an_answer_comes_is_sent_too(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        visit.request()
        visit.add_three()
        visit.to_cart()
        change = Held(page, "**/cart/lines/*/")
        quantities = page.locator("#cart input.quantity")
        quantities.nth(0).fill("300")
        quantities.nth(1).focus()
        change.wait_for()
        quantities.nth(1).fill("4")
        change.let_go()
        expect(page.locator("#cart .htmx-request")).to_have_count(0)
        expect(quantities.nth(1)).to_have_value("4")
        with page.expect_response("**/cart/lines/*/"):
            quantities.nth(1).blur()
        page.reload()
        expect(quantities.nth(0)).to_have_value("300")
        expect(quantities.nth(1)).to_have_value("4")


@pytest.mark.parametrize("where", ["narrow", "wide"])
def test_button_that_is_pressed_while_an_answer_comes_is_not_lost(chromium, running_sites: Demo, where):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        removal = removing(visit)
        page.set_viewport_size({"width": 420 if where == "narrow" else 1280, "height": 900})
        page.locator("[data-test=return] button").hover()
        page.mouse.down()
        answer(page, removal)
        page.mouse.up()
        page.wait_for_selector("[data-test=arrived]")
        expect(page.locator("[data-test=line]")).to_have_count(2)


def test_button_that_is_let_go_elsewhere_does_nothing(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        removal = removing(visit)
        page.locator("[data-test=return] button").hover()
        page.mouse.down()
        answer(page, removal)
        page.locator("h1").hover()
        page.mouse.up()
        page.locator("h1").click()
        expect(page.locator("[data-test=return] button")).to_be_visible()
        visit.leave("return")


def test_keyboard_stays_on_its_button_while_an_answer_comes(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        removal = removing(visit)
        sent: list[str] = []
        page.on("request", lambda each: sent.append(each.url) if each.url.endswith("/punchout/return/") else None)
        page.locator("[data-test=return] button").focus()
        page.keyboard.down(" ")
        answer(page, removal)
        expect(page.locator("[data-test=return] button")).to_be_focused()
        page.keyboard.down(" ")  # a key that is held repeats itself
        page.keyboard.up(" ")
        page.wait_for_selector("[data-test=arrived]")
        assert len(sent) == 1
        expect(page.locator("[data-test=line]")).to_have_count(2)


def test_link_to_the_cart_is_pressed_while_an_article_is_added(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Visit(page, running_sites, "same")
        visit.request()
        page.goto(running_sites.shop + "/office/")
        added = Held(page, "**/cart/add/")
        page.locator("[data-test=add-to-cart] button").first.click()
        added.wait_for()
        page.locator("#cart-link .count").hover(force=True)
        page.mouse.down()
        added.let_go()
        expect(page.locator("#cart-link .count")).to_contain_text("1")
        page.mouse.up()
        page.wait_for_url("**" + running_sites.description["cart_path"])


def removing(visit: Visit) -> Held:
    """The first of three lines is being removed. Answers the removal, which is held back."""
    visit.request()
    visit.add_three()
    visit.to_cart()
    held = Held(visit.page, "**/cart/lines/*/remove/")
    visit.page.locator("form[action*=remove] button").first.click()
    held.wait_for()
    return held


def answer(page: Any, held: Held) -> None:
    held.let_go()
    expect(page.locator("form[action*=remove]")).to_have_count(2)
