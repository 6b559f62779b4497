"""Staff test a connection in a real browser: one button, and every step to read."""

from __future__ import annotations

import pytest

from tests.browser.test_axe import violations
from tests.browser.test_operations import desk_of  # noqa: F401
from tests.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

FORM = "document.querySelector('.button-longrunning').form"


def test_connection_is_tested_with_one_button(desk_of, running_sites: Demo):  # noqa: F811
    page = desk_of("administrator")
    page.goto(running_sites.shop + "/admin/punchout/customers/?q=" + running_sites.customer()["sender_identity"])
    page.locator("table.listing td.title a").first.click()
    page.get_by_role("tab", name="Tests").click()
    page.get_by_role("link", name="Test this connection").last.click()
    assert violations(page) == []
    page.evaluate(f"{FORM}.addEventListener('submit', each => each.preventDefault(), {{once: true}})")
    page.get_by_role("button", name="Test now").click()
    waiting = page.get_by_role("button", name="Testing…")
    waiting.wait_for()
    assert waiting.is_disabled()
    page.evaluate(f"{FORM}.submit()")
    page.wait_for_url("**/connection-tests/inspect/*/")
    assert page.get_by_text("The whole conversation went well.").is_visible()
    steps = page.locator(".punchout-steps > li")
    assert steps.count() >= 11
    assert steps.get_by_text("failed", exact=True).count() == 0
    steps.nth(4).locator("summary").click()
    assert "PunchOutOrderMessage" in steps.nth(4).locator("pre").last.inner_text()
    assert violations(page) == []
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
