"""From a requisition to an order of the shop, and back to what the buyer hears of it, in real Chromium."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.browser.test_developer_fields import sign_in
from tests.browser.test_journey import Visit, window
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]


class Buying(Visit):
    """A visit that counts: with the production secret of the supplier."""

    def request(self, company: str = "Hansen purchasing") -> None:
        self.page.goto(self.demo.buyer + "/")
        supplier = self.page.locator("[data-test=supplier]", has_text=company).filter(has_text="Production")
        supplier.filter(has_not_text="OCI").get_by_role("link").first.click()
        self._open(self.page.locator(f"[data-test=window-{self.mode}]"))


def until(page: Any, url: str, locator: str, *, text: str = "") -> Any:
    """Look at the page again and again: the worker is another process."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.goto(url)
        found = page.locator(locator, has_text=text) if text else page.locator(locator)
        if found.count():
            return found
        page.wait_for_timeout(500)
    raise AssertionError(f"{locator} {text} never appeared")


@pytest.fixture
def ordered(chromium, running_sites):
    """A buyer who has just sent an order, and its number."""
    with window(chromium, running_sites) as page:
        visit = Buying(page, running_sites, "same")
        visit.request()
        visit.add_three()
        visit.to_cart()
        visit.leave("return")
        page.locator("#comment").fill("To gate 3, please")
        page.locator("#attachment").set_input_files(
            {"name": "Plan für Tor 3.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 a plan"}
        )
        page.locator("[data-test=approve] button").click()
        expect(page.get_by_role("status")).to_contain_text("200 OK")
        yield page, page.locator("h1").inner_text().split()[0]


@pytest.fixture
def staff(chromium, running_sites):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, running_sites)
    yield page
    context.close()


def test_requisition_becomes_an_order_and_its_confirmation_comes_back(ordered, staff, running_sites: Demo):
    buyer, number = ordered
    order_page = buyer.url
    orders = f"{running_sites.shop}/admin/punchout/orders/"
    until(staff, f"{orders}?q={number}", "tbody tr", text="in the shop")
    staff.get_by_role("link", name=number).first.click()
    expect(staff.locator("#ship-to-section")).to_contain_text("BER-01")
    expect(staff.locator("#terms-section")).to_contain_text("To gate 3, please")
    expect(staff.locator("#attachments-section")).to_contain_text("Plan für Tor 3.pdf")
    assert staff.locator(".punchout-difference.serious").count() == 0

    # Into the shop's own admin, where its staff work.
    staff.locator("#order-section").get_by_role("link", name="NL-").click()
    expect(staff.locator("main")).to_contain_text(number)
    for step, kind in (
        ("Confirm", "ConfirmationRequest"),
        ("Ship", "ShipNoticeRequest"),
        ("Invoice", "InvoiceDetailRequest"),
    ):
        staff.get_by_role("button", name=step).click()
        expect(staff.locator(".messages")).to_contain_text("The buyer's system is told.")
        heard = until(buyer, order_page, f"[data-test=announcement][data-kind={kind}]")
        assert heard.locator("[data-test=complaints]").count() == 0
    said = buyer.locator("[data-test=line] [data-test=said]")
    assert said.count() == 3
    for each in said.all():
        for word in ("accepted", "shipped", "invoiced"):
            expect(each).to_contain_text(word)

    # And back again.
    staff.goto(f"{orders}?q={number}")
    staff.get_by_role("link", name=number).first.click()
    staff.locator("#answers-section").get_by_role("link", name="InvoiceDetailRequest").click()
    staff.get_by_role("link", name="Send a credit note").click()
    staff.locator("[name=quantity_1]").fill("1")
    staff.get_by_role("button", name="Send", exact=True).click()
    until(buyer, order_page, "[data-test=announcement]", text="Credit note")
    expect(said.first).to_contain_text("given back")


def test_change_and_cancellation_wait_for_somebody_once_the_shop_has_it(ordered, staff, running_sites: Demo):
    buyer, number = ordered
    orders = f"{running_sites.shop}/admin/punchout/orders/"
    until(staff, f"{orders}?q={number}", "tbody tr", text="in the shop")
    quantity = buyer.locator("[data-test=change] input[name^=quantity]").first
    quantity.fill(str(int(quantity.input_value()) * 2))
    buyer.get_by_role("button", name="Send the change").click()
    expect(buyer.get_by_role("status")).to_contain_text("200 OK")

    staff.goto(f"{orders}?q={number}")
    staff.get_by_role("link", name=number).first.click()
    inspect = staff.url
    expect(staff.locator("#attention-section")).to_contain_text("changed it after it was handed to the shop")
    staff.get_by_role("link", name="Hand over again").click()
    staff.get_by_role("button", name="Hand over again").click()
    until(staff, inspect, "body:not(:has-text('changed it after it was handed to the shop'))")

    buyer.get_by_text("Cancel the order").click()
    buyer.locator("[data-test=cancel] button").click()
    expect(buyer.get_by_role("status")).to_contain_text("200 OK")
    staff.goto(inspect)
    expect(staff.locator("#attention-section")).to_contain_text("cancelled it after it was handed over")
    staff.get_by_role("link", name="Cancel in the shop").click()
    staff.get_by_role("button", name="Cancel in the shop").click()
    until(staff, inspect, "#order-section", text="cancelled")


def test_several_requisitions_become_one_order(chromium, running_sites: Demo):
    with window(chromium, running_sites) as page:
        visit = Buying(page, running_sites, "same")
        numbers = []
        for quantity in ("1", "200"):
            visit.request()
            page.goto(running_sites.shop + "/office/")
            page.locator("[data-test=add-to-cart] input[name=quantity]").first.fill(quantity)
            page.locator("[data-test=add-to-cart] button").first.click()
            expect(page.locator("#cart-link .count")).to_have_text("1 line")
            visit.to_cart()
            visit.leave("return")
            numbers.append(page.locator("h1").inner_text().split()[0])
        page.get_by_role("checkbox", name=numbers[0]).check()
        page.get_by_label("Requested delivery").fill("2026-12-24")
        page.locator("[data-test=approve] button").click()
        expect(page.get_by_role("status")).to_contain_text("200 OK")
        for number in numbers:
            expect(page.locator(".head")).to_contain_text(number)
        # Two hundred reams cost less each than one.
        expect(page.locator("[data-test=line] td[data-label=Price]")).to_have_text(["3.55 EUR", "3.89 EUR"])


def test_order_that_is_sent_again_stays_one(ordered, staff, running_sites: Demo):
    buyer, number = ordered
    buyer.locator("[data-test=again] button").click()
    expect(buyer.get_by_role("status")).to_contain_text("200 OK")
    staff.goto(f"{running_sites.shop}/admin/punchout/orders/?q={number}")
    assert staff.get_by_role("link", name=number, exact=True).count() == 1


def test_order_screens_are_usable_by_keyboard_and_axe_clean(ordered, staff, running_sites: Demo):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    buyer, number = ordered
    base = f"{running_sites.shop}/admin/punchout"
    until(staff, f"{base}/orders/?q={number}", "tbody tr", text="in the shop")
    staff.get_by_role("link", name=number).first.click()
    order = staff.url.rstrip("/").rsplit("/", 1)[1]
    customer = staff.locator("#order-section").get_by_role("link", name="Hansen purchasing").get_attribute("href")
    customer = customer.rstrip("/").rsplit("/", 1)[1]
    pages = [
        f"{base}/orders/inspect/{order}/",
        f"{base}/orders/{order}/answer/confirm/",
        f"{base}/orders/{order}/answer/ship/",
        f"{base}/orders/{order}/answer/invoice/",
        f"{base}/deliveries/",
        f"{base}/erp/",
        f"{base}/erp/add/",
        f"{base}/sheet/{customer}/test/",
        f"{base}/sheet/{customer}/test/link/",
        f"{base}/mode/1/activate/",
        f"{base}/mode/1/test/",
    ]
    found = {}
    for url in pages:
        staff.goto(url)
        staff.wait_for_load_state()
        # What is Wagtail's own is its own affair.
        result = axe.run(staff, context="main", options={"rules": {"color-contrast": {"enabled": False}}})
        found[url.removeprefix(base)] = [each["id"] for each in result.response["violations"]]
    result = axe.run(buyer, options={"rules": {"color-contrast": {"enabled": True}}})
    found["buyer"] = [each["id"] for each in result.response["violations"]]
    assert {url: ids for url, ids in found.items() if ids} == {}
