"""Every page of plugin and demo under axe-core's WCAG A and AA rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_journey import Visit
from tests.demo import Demo

Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Without the second, what is right is told at length, too.
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
#: What stands around our screens is Wagtail's.
OURS = {"include": [["main"]], "exclude": [[".w-minimap__list"], [".messages"]]}
NARROW, WIDE = {"width": 400, "height": 800}, {"width": 1280, "height": 900}

SHOP = (
    "/",
    "/office/",
    "/workshop/hexagon-nut-din-934-m8/",
    "/cart/",
    "/search/?q=paper",
    "/account/login/",
    "/nowhere/",
)
ADMIN = (
    "companies/children/2/",
    *(f"companies/edit/2/#tab-{tab}" for tab in ("details", "customers", "addresses", "links", "visits", "history")),
    "companies/move/3/",
    "companies/switch/2/",
    "addresses/new/?company=2",
    "customers/new/?company=2",
    *(f"customers/edit/1/#tab-{tab}" for tab in ("details", "roles", "routing", "visits")),
    "role-assignments/new/?customer=1",
    *(f"links/{each}/2/" for each in ("preview", "files", "units")),
    "links/preview/2/?cart=sample",
    "links/add/",
    *(f"links/edit/2/?{tab}#tab-{tab}" for tab in ("general", "call", "return", "mapping", "units", "shop", "frame")),
    "links/inspect/2/",
    "links/profile/1/?profile=jaggaer",
    "groups/new/?company=2",
    *(f"groups/edit/1/?{tab}#tab-{tab}" for tab in ("details", "connection", "rules", "mode", "users", "links")),
    "groups/inspect/1/",
    "invitations/1/new/",
    "mode/4/activate/",
    "connection-tests/",
    "connection-tests/new/1/",
)
ACCOUNT = ("", "carts/", "orders/", "users/", "connection/")
BUYER = (
    "/",
    "/suppliers/1/",
    "/suppliers/1/settings/",
    "/suppliers/new/",
    "/requisitions/",
    "/approvals/",
    "/people/",
    "/people/1/",
    "/locations/new/",
)


#: Wagtail's messages fade in: half faded, their contrast is nobody's.
CALM = """async () => {
    const isFading = () => {
        const list = document.querySelector('.messages > ul');
        return list && list.children.length && getComputedStyle(list).opacity !== '1';
    };
    const end = Date.now() + 5000;
    while (isFading() && Date.now() < end) await new Promise(done => setTimeout(done, 50));
}"""


def violations(page: Any, context: Any = None) -> list[str]:
    page.wait_for_load_state()  # a click waits until the next page begins, not until all of it is there
    page.evaluate(CALM)
    found = Axe().run(page, context=context, options=RULES).response["violations"]
    return [f"{page.url}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}" for each in found]


SIZES = [
    pytest.param(WIDE, id="wide", marks=pytest.mark.plain),
    pytest.param(NARROW, id="narrow", marks=pytest.mark.styling),
]


@pytest.fixture(params=SIZES)
def page(request, chromium):
    context = chromium.new_context(viewport=request.param, bypass_csp=True)
    context.set_default_timeout(60_000)  # two cores may have much to do
    yield context.new_page()
    context.close()


def test_the_shop(page, running_sites: Demo):
    found = []
    for path in SHOP:
        page.goto(running_sites.shop + path)
        found += violations(page)
    assert found == []


def test_the_shop_in_german(page, running_sites: Demo):
    page.set_extra_http_headers({"Accept-Language": "de"})
    page.goto(running_sites.shop + "/")
    assert page.locator("html").get_attribute("lang") == "de"
    assert violations(page) == []


def test_the_buyer(page, running_sites: Demo):
    found = []
    for path in BUYER:
        page.goto(running_sites.buyer + path)
        found += violations(page)
    assert found == []


def test_a_visit_with_all_its_pages(page, running_sites: Demo):
    """Forms that post themselves are held back, so that the pages they stand on can be looked at."""
    found = []
    buyer = running_sites.fake_buyer(hook_url=running_sites.buyer + "/hook/none/")
    start_url = buyer.setup().start_url
    page.route("**/punchout/start/**", _without_its_script)
    page.goto(start_url)
    found += violations(page)
    page.unroute("**/punchout/start/**")
    page.locator("[data-test=start] button").click()
    page.wait_for_url(running_sites.shop + "/")
    found += violations(page)
    page.goto(running_sites.shop + running_sites.description["cart_path"])
    page.locator("[data-test=return] button").click()
    page.wait_for_selector("text=Your cart is empty")
    found += violations(page)
    page.goto(running_sites.shop + "/checkout/")
    found += violations(page)
    page.goto(running_sites.shop + "/workshop/")
    page.locator("[data-test=add-to-cart] button").first.click()
    page.locator("#cart-link .count", has_text="1").wait_for()
    page.goto(running_sites.shop + running_sites.description["cart_path"])
    found += violations(page)
    with page.expect_response("**/punchout/home/**") as home:
        page.locator("[data-test=return] button").click()
    page.wait_for_url(running_sites.buyer + "/**")
    page.route("**/punchout/home/**", _without_its_script)  # routes see no redirects: open it once more
    page.goto(home.value.url)
    found += violations(page)
    page.goto(start_url)
    page.locator("h1").wait_for()
    found += violations(page)
    assert found == []


def test_a_requisition(page, running_sites: Demo):
    visit = Visit(page, running_sites, "same")
    visit.request()
    visit.add_three()
    visit.to_cart()
    visit.leave("return")
    assert violations(page) == []


def test_the_admin_screens(page, running_sites: Demo):
    _sign_in(page, running_sites)
    found = []
    inner = [f"{running_sites.shop}/admin/punchout/{each}" for each in ADMIN]
    for path in [*_admin_paths(page, running_sites), *inner]:
        answer = page.goto(path)
        assert answer is None or answer.status == 200, path
        page.locator("main, .content-wrapper").first.wait_for()
        found += violations(page, context=OURS)
    assert found == []


def test_an_upload(page, running_sites: Demo):
    """From the faults to what was undone; the page that shows how far it is looks for itself no further."""
    _sign_in(page, running_sites)
    found = []
    for end, words in (("Apply", ".punchout-counts"), ("Nowhere", ".help-critical")):
        page.goto(f"{running_sites.shop}/admin/punchout/uploads/users/1/")
        found += violations(page, context=OURS)
        rows = [f"axe{each}@hansen.example,PunchOut buyer" for each in range(120)]
        rows += ["nobody,Boss"] if end == "Nowhere" else []
        content = "\n".join(["E-mail,Roles", *rows]).encode()
        page.set_input_files("[name=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_role("button", name="Show what would change").click()
        page.locator(words).wait_for()
        found += violations(page, context=OURS)
        for name in ("Apply", "Undo") if end == "Apply" else ():
            page.get_by_role("button", name=name).click()
            page.get_by_text({"Apply": "Applied: ", "Undo": "Undone: "}[name]).last.wait_for()
            found += violations(page, context=OURS)
    assert found == []


def test_an_upload_that_is_checked(page, running_sites: Demo):
    _sign_in(page, running_sites)
    page.goto(f"{running_sites.shop}/admin/punchout/uploads/addresses/2/")
    row = 'A{},"Quay {}",Quay 7,20457,Hamburg,DE,+49 40 1234567'
    heads = "Address ID,Name,Street,Postal code,City,Country,Phone"
    content = "\n".join([heads, *(row.format(each, each) for each in range(2500))]).encode()
    page.set_input_files("[name=file]", {"name": "places.csv", "mimeType": "text/csv", "buffer": content})
    page.route("**/uploads/*/", _without_its_refresh)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_text("2000 of 2500 rows are checked.").wait_for()
    assert violations(page, context=OURS) == []


def test_a_company_s_pages_in_the_shop(page, running_sites: Demo):
    [helga] = [each for each in running_sites.description["people"] if each["role"] == "companyAdmin"]
    page.goto(running_sites.shop + "/account/login/")
    page.fill("[name=username]", helga["username"])
    page.fill("[name=password]", helga["password"])
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "login" not in url)
    found = []
    for path in ACCOUNT:
        assert page.goto(f"{running_sites.shop}/punchout/account/{path}").status == 200
        found += violations(page)
    assert found == []


def _admin_paths(page: Any, demo: Demo) -> list[str]:
    menu = page.evaluate("JSON.parse(document.querySelector('#wagtail-sidebar-props').textContent)")
    return sorted({demo.shop + path for path in _links(menu) if "/punchout" in path})


def _sign_in(page: Any, demo: Demo) -> None:
    [staff] = [each for each in demo.description["staff"] if each["role"] == "superuser"]
    page.goto(demo.shop + "/admin/login/")
    page.fill("[name=username]", staff["username"])
    page.fill("[name=password]", staff["password"])
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/admin/")


def _links(menu: Any) -> list[str]:
    if isinstance(menu, dict):
        own = [menu["url"]] if isinstance(menu.get("url"), str) else []
        return own + [link for value in menu.values() for link in _links(value)]
    return [link for each in menu for link in _links(each)] if isinstance(menu, list) else []


def _without_its_script(route: Any) -> None:
    """Let a page that posts itself stay."""
    if route.request.method == "GET":
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(".submit.call(", ".checkValidity.call("))
    else:
        route.continue_()


def _without_its_refresh(route: Any) -> None:
    """Let a page that asks for itself again stay."""
    if route.request.method == "GET":
        answer = route.fetch()
        route.fulfill(response=answer, headers={key: each for key, each in answer.headers.items() if key != "refresh"})
    else:
        route.continue_()
