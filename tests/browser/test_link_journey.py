"""J2 in Chromium: staff make a link, change what it sends, look at it on past carts, publish, and roll back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.procurement import Procurement, procurement
from tests.browser.test_developer_fields import sign_in
from tests.browser.test_oci import shop_and_return
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo_admin")]

NAME = "Lakeside schools, OCI"


class Walk:
    """Two windows: staff in the admin, and a buyer's user without any cookie of theirs."""

    def __init__(self, chromium: Any, demo: Demo, system: Procurement) -> None:
        self.chromium, self.demo, self.system = chromium, demo, system
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.set_default_timeout(60_000)
        self.admin = context.new_page()

    def create(self) -> None:
        """Create new: name, format, group, and nothing else."""
        page = self.admin
        page.goto(self.demo.shop + "/admin/")
        page.get_by_role("button", name="PunchOut").click()
        page.get_by_role("link", name="Links").click()
        page.get_by_role("link", name="Add PunchOut link").first.click()
        page.fill("#id_name", NAME)
        page.select_option("#id_format", "oci4")
        page.get_by_role("button", name="Choose a group").click()
        page.get_by_role("link", name="Lakeside schools", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("tab", name="Return").click()
        page.check("#id_allow_http_return")
        self.publish()

    def open(self) -> None:
        self.admin.goto(self.demo.shop + "/admin/punchout/links/")
        self.admin.get_by_role("link", name=NAME, exact=True).first.click()

    def publish(self) -> None:
        self.admin.get_by_role("button", name="More actions").last.click()
        self.admin.get_by_role("button", name="Publish").click()
        expect(self.admin.locator(".messages")).to_contain_text("published")

    def cart_home(self) -> dict[str, str]:
        """A visit by the literal address; answers the fields that came home."""
        known = self.demo.customer("Lakeside School District", "test")
        page = self.chromium.new_context().new_page()
        page.set_default_timeout(60_000)
        given = {"username": known["sender_identity"], "password": known["secret"], "hook_url": self.system.hook}
        page.goto(self.system.page(f"{self.demo.shop}/ocihome", given))
        page.get_by_role("button").click()
        page.wait_for_selector("#cart-link")
        shop_and_return(page, self.demo)
        page.wait_for_url(self.system.hook)
        page.context.close()
        return self.system.arrived[-1].fields("latin-1")


@pytest.fixture
def walk(chromium, running_sites: Demo):
    with procurement() as system:
        walk = Walk(chromium, running_sites, system)
        yield walk
        walk.admin.context.close()


def test_a_link_is_made_changed_previewed_published_and_rolled_back(walk: Walk):
    page = walk.admin
    sign_in(page, walk.demo)
    walk.create()
    before = walk.cart_home()
    assert "NEW_ITEM-VENDOR[1]" not in before

    walk.open()
    page.get_by_role("tab", name="Mapping").click()
    page.locator("#id_mapping_rows-ADD").click()
    page.fill("#id_mapping_rows-0-target", "VENDOR")
    page.select_option("#id_mapping_rows-0-kind", "constant")
    page.fill("#id_mapping_rows-0-source", "100023")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("updated")
    assert "NEW_ITEM-VENDOR[1]" not in walk.cart_home()

    page.get_by_role("link", name="Preview on past carts").first.click()
    expect(page.locator("main")).to_contain_text("would be different under the draft")
    expect(page.get_by_role("row", name="VENDOR nothing 100023").first).to_be_visible()

    page.get_by_role("link", name="Back to the link").click()
    walk.publish()
    assert walk.cart_home()["NEW_ITEM-VENDOR[1]"] == "100023"

    walk.open()
    page.get_by_role("link", name="History").last.click()
    page.wait_for_url("**/history/**")
    page.locator("table.listing tbody tr").last.get_by_role("button").first.click()
    page.get_by_role("link", name="Review this version").click()
    page.wait_for_url("**/revert/**")
    page.get_by_role("button", name="More actions").last.click()
    page.get_by_role("button", name="Publish this version").click()
    expect(page.locator(".messages")).to_contain_text("published")
    assert "NEW_ITEM-VENDOR[1]" not in walk.cart_home()
