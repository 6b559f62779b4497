"""Journey J5 in real Chromium: from a company without anything to an approved order, by what the screens say alone."""

from __future__ import annotations

import csv
import io
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from email.policy import default
from typing import Any

import pytest

from tests.browser.test_approval import be
from tests.browser.test_axe import NARROW, WIDE, violations
from tests.browser.test_developer_fields import open_developer_fields, read
from tests.browser.test_journey import Visit, window
from tests.browser.test_order_journey import until
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

PASSWORD = "Kutter, Anker und 93 Tampen"


class Desk:
    """Staff who add a company and all that belongs to it. Every screen is looked at, wide and narrow."""

    def __init__(self, page: Any, demo: Demo, name: str) -> None:
        self.page, self.demo, self.name = page, demo, name
        self.found: list[str] = []

    def look(self) -> None:
        """No rule of axe is broken, and on a phone nothing stands out at the side."""
        self.page.wait_for_load_state()
        here = {"include": [["main"]], "exclude": [[".w-minimap__list"], [".messages"]]}
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)
            self.found += violations(self.page, context=here)
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.found.append(f"{self.page.url} is wider than {size['width']}")

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def save(self) -> None:
        self.page.locator("footer button[type=submit]").first.click()
        expect(self.page.locator(".messages")).to_be_visible()

    def says(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    # The company and its group

    def add_company(self, code: str) -> None:
        page = self.page
        page.get_by_role("button", name="CRM").click()
        page.get_by_role("link", name="Companies").click()
        page.get_by_role("link", name="Add company").click()
        page.fill("[name=name]", self.name)
        page.fill("[name=code]", code)
        self.save()
        page.wait_for_url("**/companies/edit/*/")

    def add_group(self) -> None:
        page = self.page
        self.tab("Links")
        self.look()
        page.get_by_role("link", name="Add a customer group").click()
        page.fill("[name=name]", f"{self.name}, purchasing")
        system = page.get_by_role("combobox", name="Purchasing system")
        system.press_sequentially("precor")
        names = page.eval_on_selector_all("#punchout-systems option", "all => all.map(each => each.value)")
        [chosen] = [each for each in names if "precor" in each.lower()]
        system.fill(chosen)
        self.tab("Shopping")
        page.get_by_role("checkbox", name="Approval at the buyer's").check()
        page.get_by_role("checkbox", name="Own addresses").uncheck()
        page.get_by_role("checkbox", name="Invoice").check()
        self.tab("Users")
        page.get_by_role("combobox", name="Who shops").select_option("known")
        self.look()
        self.save()
        page.wait_for_url("**#tab-connection")
        for words in ("From identity", "Setup request URL", "Order request URL", "Test", "Production"):
            self.says(words)
        self.group_url = page.url.partition("#")[0]
        self.look()

    def open_group(self, tab: str) -> None:
        self.page.goto("about:blank")  # another tab of the same address is no new page
        self.page.goto(f"{self.group_url}#tab-{tab}")

    # Where goods go

    def add_address(self, address_id: str, postal_code: str, wrong: str) -> None:
        page = self.page
        self.open_group("rules")
        self.says("The company has 0 addresses.")
        page.get_by_role("link", name="Address book of the company").click()
        page.get_by_role("link", name="Add address").click()
        page.fill("[name=address_id]", address_id)
        page.fill("[name=name]", f"{self.name}, Kai 3")
        page.fill("[name=street]", "Werftstraße 12")
        page.fill("[name=postal_code]", wrong)
        page.fill("[name=city]", "Kiel")
        page.select_option("[name=country]", "DE")
        self.save()
        self.says("This is no postal code of this country.")
        self.look()
        page.fill("[name=postal_code]", postal_code)
        page.fill("[name=phone]", "+49 431 7001234")
        page.get_by_role("checkbox", name="Weekend delivery").check()
        self.save()
        page.wait_for_url("**#tab-addresses")
        self.says("weekend delivery accepted")

    def upload_addresses(self, *rows: dict[str, str]) -> None:
        self.page.get_by_role("link", name="Upload a spreadsheet").click()
        self.look()
        headings = self._headings()
        self._upload(headings, [{**each, "Postal code": "1"} for each in rows])
        self.says("needs to be mended")
        self.says("This is no postal code of this country.")
        self.look()
        self.page.get_by_role("button", name="Choose another file").click()
        self._upload(headings, list(rows))
        self._apply()

    # Who shops

    def invite(self, *emails: str) -> None:
        page = self.page
        self.open_group("users")
        self.look()
        page.get_by_role("link", name="Invite users").click()
        page.get_by_label("E-mail addresses").fill("\n".join(emails))
        page.get_by_role("checkbox", name="Requisitioner").check()
        page.get_by_role("button", name="Invite", exact=True).click()
        self.says("Nobody may hold these at the same time: PunchOut buyer / Requisitioner.")
        self.look()
        page.get_by_role("checkbox", name="Requisitioner").uncheck()
        page.get_by_role("button", name="Invite", exact=True).click()
        expect(page.get_by_text("invited by e-mail")).to_have_count(len(emails))
        page.get_by_role("link", name="Back to the group").click()
        expect(page.get_by_role("table", name="Invitations").get_by_role("row")).to_have_count(1 + len(emails))

    def upload_user(self, row: dict[str, str]) -> None:
        self.open_group("users")
        self.page.get_by_role("link", name="Upload a spreadsheet").click()
        headings = self._headings()
        self._upload(headings, [{**row, "Roles": "PunchOut buyer, Requisitioner"}])
        self.says("must not be held by the same person. Take away “PunchOut buyer” or “Requisitioner”.")
        self.page.get_by_role("button", name="Choose another file").click()
        self._upload(headings, [row])
        self._apply()

    def try_to_give(self, person: str, role: str) -> None:
        """The role does not go with the one that the person has: the screen says which, and nothing is given."""
        page = self.page
        self.open_group("users")
        page.get_by_role("table", name="Users").get_by_role("link", name=person).click()
        page.get_by_role("link", name="Assign role").click()
        page.get_by_role("checkbox", name=role).check()
        page.get_by_role("button", name="Choose a company").click()
        page.get_by_role("dialog").get_by_role("textbox").first.fill(self.name)
        page.get_by_role("dialog").get_by_role("link", name=self.name, exact=True).click()
        page.get_by_role("button", name="Assign").click()
        self.says("must not be held by the same person. Take away")
        self.look()

    # Into use

    def read_values(self, mode: str) -> dict[str, str]:
        """What the buyer's people are told, read from the screen."""
        self.open_group("connection")
        self.page.get_by_role("link", name="The secret").first.click()
        open_developer_fields(self.page)
        return read(self.page, mode, 0)

    def test_connection(self) -> None:
        page = self.page
        self.open_group("connection")
        page.get_by_role("link", name="Test this connection").click()
        page.get_by_role("button", name="Test now").click()
        page.wait_for_url("**/connection-tests/inspect/*/")
        self.says("The whole conversation went well.")
        self.look()

    def allow_http(self) -> None:
        """The simulated buyer has no certificate."""
        page = self.page
        self.open_group("links")
        page.get_by_role("table", name="Links").get_by_role("link", name=self.name).click()
        self.tab("Return")
        page.locator("[name=allow_http_return]").check()
        page.locator("footer").get_by_role("button", name="More actions").click()
        page.get_by_role("button", name="Publish").click()
        expect(page.locator(".messages")).to_contain_text("published")

    def go_live(self) -> None:
        page = self.page
        self.open_group("mode")
        self.says("Test mode: whatever comes through this group's connections is a test.")
        page.get_by_role("link", name="Switch to active mode").click()
        self.says("Tested by us alone")
        self.says("The buyer's system was let in")
        self.look()
        page.get_by_role("button", name="Switch to active mode").click()
        assert page.locator("[name=know]").evaluate("each => !each.checkValidity()")
        page.get_by_role("checkbox", name="I know what has not been proven").check()
        page.get_by_role("button", name="Switch to active mode").click()
        expect(page.locator(".messages")).to_contain_text("is in active mode")

    # Sheets

    def _headings(self) -> list[str]:
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="CSV").click()
        return next(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))

    def _upload(self, headings: list[str], rows: list[dict[str, str]]) -> None:
        text = io.StringIO()
        sheet = csv.DictWriter(text, headings)
        sheet.writeheader()
        sheet.writerows(rows)
        file = {"name": "sheet.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
        self.page.locator("[type=file]").set_input_files(file)
        self.page.get_by_role("button", name="Show what would change").click()

    def _apply(self) -> None:
        self.look()
        self.page.get_by_role("button", name=re.compile("Apply")).click()
        expect(self.page.locator(".messages")).to_contain_text("Done:")


@contextmanager
def desk(chromium: Any, demo: Demo, name: str) -> Iterator[Desk]:
    [staff] = [each for each in demo.description["staff"] if each["role"] == "administrator"]
    context = chromium.new_context(
        viewport=WIDE, locale="en-GB", bypass_csp=True, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(demo.shop + "/admin/login/")
    page.fill("[name=username]", staff["username"])
    page.fill("[name=password]", staff["password"])
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/admin/")
    yield Desk(page, demo, name)
    context.close()


def mail_to(demo: Demo, address: str) -> str:
    """The demo writes its mail into files beside its log; what is sent in one moment may share one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in (demo.log.parent / "mail").glob("*.log"):
            for text in file.read_text(encoding="utf-8").split("\n" + "-" * 79 + "\n"):
                mail = message_from_string(text, policy=default)
                if mail["To"] == address:
                    return mail.get_content()  # decoded: on the way, links may be broken over lines
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def accept(chromium: Any, demo: Demo, address: str) -> None:
    """Somebody at home follows the link of the mail, which works once."""
    context = chromium.new_context(viewport=NARROW, bypass_csp=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    [link] = re.findall(r"http\S+/invitation/\S+", mail_to(demo, address))
    page.goto(link)
    found = violations(page)
    page.get_by_label("First name").fill("Mara")
    page.get_by_label("Last name").fill("Brandt")
    for password in ("12345678", PASSWORD):
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_label("Password once more").fill(password)
        page.get_by_role("button", name="Accept").click()
        expect(page.locator("main")).to_contain_text("too common" if password != PASSWORD else "You are a member of")
        found += violations(page)
    assert page.goto(link).status == 410
    expect(page.locator("main")).to_contain_text("You have joined already")
    context.close()
    assert found == []


def fill(page: Any, values: dict[str, str]) -> None:
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("each => each.type") == "checkbox":
            field.check()
        elif field.evaluate("each => each.tagName") == "SELECT":
            option = field.locator("option", has_text=value).first.get_attribute("value")
            field.select_option(option)
        else:
            field.fill(value)
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()


def test_a_company_without_anything_comes_to_an_approved_order(chromium, running_sites: Demo):
    mark = secrets.token_hex(2)
    company, domain = f"Möwe Werft {mark}", f"moewe-{mark}.example"
    mara, jan, tom = (f"{each}@{domain}" for each in ("mara", "jan", "tom"))
    with desk(chromium, running_sites, company) as staff, window(chromium, running_sites, bypass_csp=True) as page:
        staff.add_company(f"55{int(mark, 16)}")
        staff.add_group()
        staff.add_address("KIEL-01", "24143", wrong="2414")
        hamburg = {"Address ID": "HH-01", "Name": f"{company}, Hamburg", "Street": "Hafenstraße 1", "City": "Hamburg"}
        staff.upload_addresses({**hamburg, "Postal code": "20457", "Country": "DE", "Phone": "+49 40 300400"})
        staff.invite(mara, jan)
        accept(chromium, running_sites, mara)
        staff.upload_user({"E-mail": tom, "First name": "Tom", "Last name": "Iversen", "Roles": "PunchOut buyer"})
        staff.try_to_give("Mara Brandt", "Requisitioner")
        staff.test_connection()
        staff.allow_http()
        values = staff.read_values("production")
        staff.go_live()
        assert staff.found == []

        buyer = running_sites.buyer
        page.goto(f"{buyer}/suppliers/new/")
        fill(page, {"company": company, "name": f"Nordlicht {mark}", "needs_approval": "yes", **values})
        for first, last, tasks in (("Mara", "Brandt", ()), ("Ole", "Jessen", ("may_approve", "may_purchase"))):
            page.goto(f"{buyer}/people/new/")
            email = f"{first.lower()}@{domain}"
            person = {"company": company, "first_name": first, "last_name": f"{last} {mark}", "email": email}
            fill(page, {**person, "unique_name": email, **dict.fromkeys(tasks, "yes")})
        page.goto(f"{buyer}/locations/new/")
        place = {"address_id": "HH-01", "street": "Hafenstraße 1", "postal_code": "20457", "city": "Hamburg"}
        fill(page, {"company": company, "name": f"Hamburg {mark}", **place})

        be(page, f"Mara Brandt {mark}")
        visit = Visit(page, running_sites, "same")
        page.goto(buyer)
        page.get_by_role("link", name=f"Nordlicht {mark}").click()
        page.get_by_label("Location").select_option(label=f"Hamburg {mark} (HH-01)")
        visit._open(page.locator("[data-test=window-same]"))
        expect(page.locator("body")).to_contain_text("Mara Brandt")
        visit.add_three()
        visit.to_cart()
        expect(page.locator("[data-test=return] button")).to_have_text("Submit for approval")
        expect(page.locator("body")).to_contain_text("Hafenstraße 1")
        visit.leave("return")
        number, draft = page.locator("h1").inner_text().split()[0], page.url.partition("?")[0]
        page.locator("[data-test=submit] button").click()
        be(page, f"Ole Jessen {mark}")
        page.get_by_role("link", name="Approvals").click()
        page.locator("[data-test=to-approve]").get_by_role("link", name=number).click()
        page.locator("[data-test=decide]").get_by_role("button", name="Approve").click()
        page.goto(draft)
        page.get_by_role("button", name="Send the order").click()
        expect(page.get_by_role("status")).to_contain_text("200 OK")
        order = page.locator("h1").inner_text().split()[0]

        desk_page = staff.page
        until(desk_page, f"{running_sites.shop}/admin/punchout/orders/?q={order}", "tbody tr", text="in the shop")
        desk_page.get_by_role("link", name=order).first.click()
        for words in ("HH-01", "Hafenstraße 1", "In the address book", f"{company}, Hamburg"):
            expect(desk_page.locator("#ship-to-section")).to_contain_text(words)
        desk_page.locator("#order-section").get_by_role("link", name="NL-").click()
        for words in (order, "Hafenstraße 1", "Invoice"):
            expect(desk_page.locator("main")).to_contain_text(words)
