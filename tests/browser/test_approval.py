"""Noah asks, Ada approves, Omar orders: the way of an order through the simulated buyer's house, in real Chromium."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_axe import violations
from tests.browser.test_journey import Visit, window
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]


def be(page: Any, name: str) -> None:
    """Go on as somebody else, on the same page."""
    form = page.locator("[data-test=you-are]")
    chosen = form.locator("option", has_text=name).get_attribute("value")
    form.get_by_label("You are").select_option(chosen)
    form.get_by_role("button", name="Switch").click()
    expect(form.locator("option:checked")).to_contain_text(name)


def test_requisition_waits_for_approval_before_it_is_ordered(chromium, running_sites: Demo):
    with window(chromium, running_sites, bypass_csp=True) as page:
        be(page, "Noah Kim")
        visit = Visit(page, running_sites, "same")
        visit.request("Lakeside schools")
        expect(page.locator("body")).to_contain_text("Noah Kim")
        page.goto(running_sites.shop + "/office/")
        page.locator("[data-test=add-to-cart] button").first.click()
        expect(page.locator("#cart-link .count")).to_contain_text("1")
        visit.to_cart()
        expect(page.locator("[data-test=return] button")).to_have_text("Submit for approval")
        visit.leave("return")
        draft, number = page.url.partition("?")[0], page.locator("h1").inner_text().split()[0]
        found = violations(page)
        page.locator("[data-test=submit] button").click()
        expect(page.locator("[data-test=state]")).to_have_text("Waiting for approval")

        be(page, "Ada Brandt")
        page.get_by_role("link", name="Approvals").click()
        found += violations(page)
        page.locator("[data-test=to-approve]").get_by_role("link", name=number).click()
        page.locator("[data-test=decide]").get_by_role("button", name="Decline").click()
        expect(page.locator("[data-test=decide]")).to_contain_text("Please say why.")
        found += violations(page)
        page.locator("[data-test=decide]").get_by_role("button", name="Approve").click()
        expect(page.locator("[data-test=state]")).to_have_text("Approved")

        be(page, "Omar Reyes")
        page.goto(draft)
        page.locator("[data-test=approve] summary").click()
        found += violations(page)
        page.get_by_role("button", name="Send the order").click()
        expect(page.get_by_role("status")).to_contain_text("200 OK")
        for words in ("Noah Kim", "Omar Reyes", "WCE-01"):
            expect(page.locator("[data-test=facts]")).to_contain_text(words)

        page.get_by_text("Cancel the order").click()
        found += violations(page)
        page.get_by_role("button", name="Cancel here only").click()
        expect(page.locator("[data-test=withdrawn]")).to_contain_text("order still stands")
        assert found == []
