"""What the developer fields show, typed into the simulated buyer exactly as shown; and keys behind their masks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.test_axe import NARROW, WIDE, violations
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo_admin")]

COMPANY = "Hansen Maschinenbau AG"
VALUES = ("from_domain", "from_identity", "to_domain", "to_identity", "sender_domain", "sender_identity")


@pytest.fixture
def admin(chromium, running_sites: Demo) -> Iterator[Any]:
    """A window of the superuser, who may use the clipboard."""
    context = chromium.new_context(
        viewport=WIDE, permissions=["clipboard-read", "clipboard-write"], bypass_csp=True, locale="en-GB"
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, running_sites)
    yield page
    context.close()


def sign_in(page: Any, demo: Demo) -> None:
    [staff] = [each for each in demo.description["staff"] if each["role"] == "superuser"]
    page.goto(demo.shop + "/admin/login/")
    page.fill("[name=username]", staff["username"])
    page.fill("[name=password]", staff["password"])
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/admin/")


def add_customer(page: Any, demo: Demo, identity: str) -> None:
    """As staff does: the company's page, More, a name."""
    page.goto(demo.shop + "/admin/punchout/customers/new/")
    page.get_by_role("button", name="Choose a company").click()
    page.get_by_role("link", name=COMPANY, exact=True).click()
    page.fill("[name=sender_identity]", identity)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**#tab-details")


def open_developer_fields(page: Any) -> None:
    page.get_by_role("tab", name="More").click()
    page.locator("#tab-developer_fields").wait_for()


def read(page: Any, mode: str, column: int) -> dict[str, str]:
    """What the table says, and the key as its button copies it."""
    side = page.locator(f"[data-punchout-side={mode}]")

    def value(name: str) -> str:
        cells = side.locator(f"[data-punchout-row={name}] td")
        return cells.nth(min(column, cells.count() - 1)).locator("code").inner_text()

    page.evaluate("navigator.clipboard.writeText('')")
    side.locator("[data-punchout-row=secret]").get_by_role("button", name="Copy").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text !== '')")
    expect(page.locator(".punchout-developer > .punchout-copied")).to_have_text("Copied")
    secret = page.evaluate("navigator.clipboard.readText()")
    assert len(secret) >= 43
    return {name: value(name) for name in (*VALUES, "setup_url", "order_url")} | {"secret": secret}


def fill_in(page: Any, demo: Demo, values: dict[str, str], mode: str) -> None:
    """A new supplier in the procurement system, typed from the table."""
    page.goto(demo.buyer + "/suppliers/new/")
    page.fill("[name=company]", "Typed by hand")
    page.fill("[name=name]", f"Nordlicht {secrets.token_hex(3)}")
    page.select_option("[name=mode]", mode)
    for name, value in values.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Save").click()


def test_the_tables_values_connect_at_the_first_try(admin, running_sites: Demo):
    add_customer(admin, running_sites, f"punchout-{secrets.token_hex(4)}@nordlicht.example")
    open_developer_fields(admin)
    tables = {(mode, column): read(admin, mode, column) for mode in ("test", "production") for column in (0, 1)}
    for (mode, _column), values in tables.items():
        fill_in(admin, running_sites, values, mode)
        admin.locator("[data-test=window-same]").click()
        admin.wait_for_url(running_sites.shop + "/")
        admin.locator("#cart-link").wait_for()


def test_the_menu_of_the_page_leads_there(admin, running_sites: Demo):
    admin.goto(running_sites.shop + "/admin/punchout/customers/edit/1/")
    admin.get_by_role("button", name="Actions").first.click()
    admin.get_by_role("link", name="Developer fields").click()
    expect(admin.locator("#tab-developer_fields")).to_be_visible()


def test_a_key_is_shown_and_hidden_again(admin, running_sites: Demo):
    known = running_sites.customer(COMPANY, "test")["secret"]
    admin.goto(running_sites.shop + "/admin/punchout/customers/edit/1/#tab-developer_fields")
    key = admin.locator("[data-punchout-side=test] .punchout-key").first
    assert known not in admin.content()
    key.get_by_role("button", name="Reveal").press("Enter")
    expect(key.locator("code")).to_have_text(known)
    key.get_by_role("button", name="Hide").press("Space")
    expect(key.locator("code")).not_to_contain_text(known)
    assert known not in admin.content()


def test_a_shown_key_does_not_stay(admin, running_sites: Demo):
    known = running_sites.customer(COMPANY, "test")["secret"]
    admin.clock.install(time=0)
    admin.goto(running_sites.shop + "/admin/punchout/customers/edit/1/#tab-developer_fields")
    admin.clock.pause_at(3_600_000)  # from here on, no second passes by itself
    key = admin.locator("[data-punchout-side=test] .punchout-key").first
    key.get_by_role("button", name="Reveal").click()
    expect(key.locator("code")).to_have_text(known)
    admin.clock.run_for(29_000)
    expect(key.locator("code")).to_have_text(known)
    admin.clock.run_for(2_000)
    expect(key.locator("code")).not_to_contain_text(known)


def test_a_script_asks_for_the_password_and_goes_on(admin, running_sites: Demo):
    """The server's answer to an old sign-in, and then the real one."""
    answers = iter([True])

    def once_too_old(route: Any) -> None:
        if next(answers, False):
            route.fulfill(status=401, content_type="application/json", body='{"needs": "password"}')
        else:
            route.continue_()

    admin.route("**/credentials/reveal/**", once_too_old)
    admin.goto(running_sites.shop + "/admin/punchout/customers/edit/1/#tab-developer_fields")
    key = admin.locator("[data-punchout-side=test] .punchout-key").first
    key.get_by_role("button", name="Reveal").click()
    dialog = admin.get_by_role("dialog")
    field = dialog.get_by_label("Your password")
    assert violations(admin, context={"include": [["#punchout-password"]]}) == []
    field.fill("guess")
    field.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("This is not your password.")
    field.fill("admin")
    field.press("Enter")
    expect(dialog).to_have_count(0)
    expect(key.locator("code")).to_have_text(running_sites.customer(COMPANY, "test")["secret"])


def test_without_scripts_a_page_shows_the_key(chromium, running_sites: Demo):
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, running_sites)
    page.goto(running_sites.shop + "/admin/punchout/customers/edit/1/")
    known = running_sites.customer(COMPANY, "test")["secret"]
    [link] = page.locator("[data-punchout-side=test] .punchout-key a[href*=reveal]").all()
    page.goto(running_sites.shop + link.get_attribute("href"))
    page.get_by_role("button", name="Reveal").click()
    assert page.locator("#punchout-secret").input_value() == known
    context.close()


def test_an_identity_is_looked_at_while_it_is_typed(admin, running_sites: Demo):
    taken = running_sites.customer("Alpenblick Pharma AG")["sender_identity"]
    admin.goto(running_sites.shop + "/admin/punchout/customers/edit/1/")
    field = admin.get_by_role("textbox", name="Sender identity")
    field.fill(taken)
    expect(admin.get_by_text("has this name already")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("hansen-new")
    expect(admin.get_by_text("This connection is live")).to_be_visible()
    expect(field).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    "size", [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow", marks=pytest.mark.styling)]
)
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.styling)])
def test_the_screens_are_accessible(admin, running_sites: Demo, size, scheme):
    admin.set_viewport_size(size)
    admin.emulate_media(color_scheme=scheme)
    found = []
    for path in ("edit/1/#tab-developer_fields", "edit/1/#tab-details", "new-secret/1/test/", "new/?company=2"):
        admin.goto("about:blank")
        admin.goto(f"{running_sites.shop}/admin/punchout/customers/{path}")
        admin.locator("main").wait_for()
        if "developer" in path:
            admin.locator("[data-punchout-side=test]").wait_for()
        found += violations(admin, context={"include": [["main"]]})
    assert found == []
