"""Journey J1 in real Chromium: staff of each kind finds a company, connects a customer, and meets its limits."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest

from tests.browser.test_axe import WIDE
from tests.demo import Demo
from wagtail_punchout.testing.buyer import FakeBuyer, RequestsTransport
from wagtail_punchout.testing.documents import BuyerSettings

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo_admin")]

OWN, FOREIGN = "Hansen Maschinenbau AG", "Lakeside School District"


@pytest.fixture
def desk_of(chromium, running_sites: Demo) -> Iterator[Callable[[str], Any]]:
    """A window in which staff of one kind has signed in."""
    contexts = []

    def sign_in(role: str) -> Any:
        [staff] = [each for each in running_sites.description["staff"] if each["role"] == role]
        context = chromium.new_context(viewport=WIDE, locale="en-GB")
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(running_sites.shop + "/admin/")
        page.fill("[name=username]", staff["username"])
        page.fill("[name=password]", staff["password"])
        page.locator("button[type=submit]").click()
        page.wait_for_url("**/admin/")
        return page

    yield sign_in
    for context in contexts:
        context.close()


def open_companies(page: Any) -> None:
    page.get_by_role("button", name="CRM").click()
    page.get_by_role("link", name="Companies").click()
    page.wait_for_url("**/punchout/companies/")


def open_company(page: Any, name: str) -> None:
    open_companies(page)
    page.get_by_role("link", name=f"Details of {name}").click()
    expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()


def rows(page: Any) -> Any:
    return page.get_by_role("link", name="Details of")


def more(page: Any) -> Any:
    """What the company's More menu offers."""
    page.get_by_role("button", name="Actions").first.click()
    return page.locator("[data-tippy-root]")


@pytest.mark.parametrize("role", ["superuser", "administrator"])
def test_a_name_is_all_it_takes_to_connect_a_customer(desk_of, running_sites: Demo, role):
    page, identity = desk_of(role), f"punchout-{secrets.token_hex(4)}@nordlicht.example"
    open_company(page, OWN)
    more(page).get_by_role("link", name="Add PunchOut customer").click()
    page.fill("[name=sender_identity]", identity)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**#tab-details")
    assign_roles(page, "companyAdmin", "finance")
    page.get_by_role("tab", name="More").click()
    for mode in ("test", "production"):
        visit = buyer_of(running_sites, identity, reveal(page, mode)).setup()
        assert visit.start_url.startswith(running_sites.shop)


def assign_roles(page: Any, *identifiers: str) -> None:
    page.get_by_role("tab", name="Roles").click()
    page.get_by_role("link", name="Assign role").click()
    for identifier in identifiers:
        page.locator("#punchout-filter").fill(identifier)
        page.locator(f"#role-{identifier}").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    page.wait_for_url("**#tab-roles")
    expect(page.get_by_role("button", name="Remove")).to_have_count(len(identifiers))
    page.get_by_role("button", name="Remove").first.click()
    page.wait_for_url("**#tab-roles")
    expect(page.get_by_role("button", name="Remove")).to_have_count(len(identifiers) - 1)


def reveal(page: Any, mode: str) -> str:
    key = page.locator(f"[data-punchout-side={mode}] .punchout-key").first
    key.get_by_role("button", name="Reveal").or_(key.get_by_role("link", name="Reveal")).click()
    shown = key.locator("[data-punchout-secret-target=value]")
    expect(shown).not_to_contain_text("hidden")
    return shown.inner_text().strip()


def buyer_of(demo: Demo, identity: str, secret: str) -> FakeBuyer:
    known = demo.customer(OWN) | {"sender_identity": identity, "secret": secret}
    known["setup_url"] = known["cxml_url"]
    return FakeBuyer(
        BuyerSettings(**{each.name: known[each.name] for each in fields(BuyerSettings)}), RequestsTransport()
    )


def test_companies_are_found_while_typing(desk_of):
    page = desk_of("companyEdit")
    open_companies(page)
    page.locator("#id_q").press_sequentially("giesserei 114731")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_have_accessible_name("Details of Hansen Gießerei GmbH")


def test_who_edits_all_companies_adds_no_customers(desk_of):
    page = desk_of("companyEdit")
    open_company(page, FOREIGN)
    menu = more(page)
    expect(menu.get_by_role("link", name="Move")).to_be_visible()
    expect(menu.get_by_role("link", name="Add PunchOut customer")).to_have_count(0)


def test_who_looks_after_one_company_meets_no_other(desk_of, running_sites: Demo):
    page = desk_of("crmCompanyEdit")
    open_companies(page)
    expect(rows(page)).to_have_count(1)
    page.locator("#id_q").press_sequentially("lakeside")
    expect(page.get_by_text("No companies match your query")).to_be_visible()
    for path in ("companies/edit/5/", "companies/edit/987654/", "customers/edit/3/"):
        assert page.goto(f"{running_sites.shop}/admin/punchout/{path}").status == 404
    page.goto(f"{running_sites.shop}/admin/")
    open_company(page, OWN)
    menu = more(page)
    expect(menu.get_by_role("link", name="Switch off")).to_be_visible()
    expect(menu.get_by_role("link", name="Move")).to_have_count(0)


def test_the_keyboard_alone_reaches_a_company(desk_of):
    page = desk_of("crmCompanyEdit")
    open_companies(page)
    page.get_by_role("link", name=f"Details of {OWN}").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/edit/**")
    page.get_by_role("tab", name="Details").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Customers")).to_have_attribute("aria-selected", "true")
