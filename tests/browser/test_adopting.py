"""What came in unknown is adopted from the screen where it stands: a connection, and an address."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import pytest

from tests.browser.test_axe import NARROW, WIDE, violations
from tests.browser.test_operations import desk_of  # noqa: F401
from tests.demo import Demo
from wagtail_punchout.testing.documents import Address

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo_admin")]


def look(page: Any) -> list[str]:
    page.locator("main").wait_for()
    found = []
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        found += violations(page, context={"include": [["main"]], "exclude": [[".w-minimap__list"], [".messages"]]})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{page.url} is wider than {size['width']}")
    return found


@pytest.fixture
def page(desk_of):  # noqa: F811
    page = desk_of("superuser")
    page.context.set_default_timeout(30_000)
    return page


def test_stranger_is_adopted_into_a_new_customer(page, running_sites: Demo):
    stranger = f"stranger-{secrets.token_hex(3)}@buyer.example"
    buyer = running_sites.fake_buyer()
    buyer.settings = replace(buyer.settings, sender_identity=stranger, setup_url=running_sites.customer()["cxml_url"])
    assert buyer.setup().status == 401
    page.get_by_role("button", name="PunchOut").click()
    page.get_by_role("link", name="First contacts", exact=True).click()
    page.wait_for_url("**/first-contacts/")
    found = look(page)
    page.locator("main table").get_by_role("link").filter(has_text=stranger).click()
    page.wait_for_url("**/first-contacts/inspect/*/")
    found += look(page)
    page.get_by_role("link", name="Adopt into a new customer").click()
    page.wait_for_url("**/adopt-new/")
    found += look(page)
    expect(page.locator("main form")).to_contain_text("Hansen Maschinenbau AG")  # known by its DUNS number
    page.get_by_role("button", name="Add customer").click()
    expect(page.locator(".messages")).to_be_visible()
    page.goto(f"{running_sites.shop}/admin/punchout/customers/?q={stranger}")
    expect(page.locator("main table")).to_contain_text(stranger)
    assert found == []


def test_unknown_address_is_adopted_into_the_book(page, running_sites: Demo):
    unknown = f"DOCK-{secrets.token_hex(3)}"
    place = {"name": "Dock 9", "street": ("Hafenstraße 9",), "city": "Hamburg", "postal_code": "20457"}
    reply = running_sites.fake_buyer().setup(ship_to=Address(address_id=unknown, country_code="DE", **place))
    assert reply.is_ok
    page.goto(f"{running_sites.shop}/admin/punchout/companies/edit/2/#tab-addresses")
    row = page.get_by_role("row").filter(has_text=unknown)
    expect(row).to_contain_text("Hafenstraße 9")
    found = look(page)
    row.get_by_role("link", name="Adopt").click()
    expect(page.locator("[name=address_id]")).to_have_value(unknown)
    found += look(page)
    page.fill("[name=phone]", "+49 40 300400")
    page.locator("footer button[type=submit]").first.click()
    page.wait_for_url("**#tab-addresses")
    expect(page.get_by_role("table", name="Addresses").get_by_role("row").filter(has_text=unknown)).to_be_visible()
    expect(page.get_by_role("link", name=f"Adopt ({unknown})")).to_have_count(0)
    assert found == []
