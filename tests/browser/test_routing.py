"""The routing table in real Chromium: dragged by keyboard, tried beside it, filled from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.test_axe import violations
from tests.browser.test_developer_fields import sign_in
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo_admin")]

TABLE = """Looks at;Value;Company code
Ship-to address ID;KIEL-1;114731
Cost centre;4711;114730
Requester's e-mail domain;hansen.example;114729
"""


@pytest.fixture
def page(chromium, running_sites: Demo) -> Iterator[Any]:
    """The routing table of a customer whose routing is off: nothing here changes what other tests meet."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, locale="en-GB")
    context.set_default_timeout(60_000)  # two cores may have much to do
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = context.new_page()
    sign_in(page, running_sites)
    page.goto(running_sites.shop + "/admin/punchout/customers/?q=Hansen+purchasing")
    page.locator("#listing-results").get_by_role("link", name="Hansen purchasing").first.click()
    page.get_by_role("tab", name="Routing").click()
    page.get_by_role("link", name="Routing table").click()
    yield page
    context.close()
    assert complaints == []


def values(page: Any) -> list[str]:
    """The table as it is read: position and value of each rule."""
    rows = page.locator("#listing-results tbody tr").all()
    return [
        f"{row.locator('.punchout-position').inner_text()} {row.locator('.title a').first.inner_text()}" for row in rows
    ]


def test_a_table_is_uploaded_dragged_and_tried(page, tmp_path):
    home = page.url
    file = tmp_path / "rules.csv"
    file.write_text(TABLE)
    page.goto(home + "upload/")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator(".punchout-counts")).to_contain_text("3 Added")
    assert violations(page) == []
    page.get_by_role("button", name="Change the table").click()
    page.wait_for_url(home)
    assert values(page) == ["1 KIEL-1", "2 4711", "3 hansen.example"]

    handle = page.locator("#listing-results .w-orderable__item__handle").first
    handle.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("has been moved")
    assert values(page) == ["1 4711", "2 KIEL-1", "3 hansen.example"]
    page.reload()
    assert values(page) == ["1 4711", "2 KIEL-1", "3 hansen.example"]

    page.fill("#try_address_id", "kiel-1")
    page.fill("#try_cost_center", "4711")
    page.press("#try_cost_center", "Enter")
    answer = page.locator("#routing-answer")
    expect(answer).to_contain_text("Hansen Service GmbH (114730)")
    expect(answer).to_contain_text("Rule 2 fits too, but comes later.")
    assert page.url.rstrip("?") == home
    assert violations(page) == []
