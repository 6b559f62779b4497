"""The pictures of the docs, taken again: ``make screenshots``.

Starts the demo in a folder of its own, gives it a past, lets a buyer come, fail and order, and looks at the screens in
Chromium, all at one size. Dates and numbers are those of the day; all else is the same each time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.test_journey import Visit
from tests.demo import REPOSITORY, Demo, running_demo

IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1280, "height": 800}
COLORS = 256
COMPANY = "Hansen Maschinenbau AG"
#: Two windows, one before the other.
WINDOWS = """<style>
body {{ margin: 0; width: 1480px; height: 1010px; background: #e6ebef; position: relative }}
img {{ position: absolute; border-radius: 12px; box-shadow: 0 12px 40px #1d2b3655 }}
.back {{ left: 40px; top: 40px; width: 960px }}
.front {{ right: 40px; bottom: 24px; width: 920px }}
</style><img class="back" src="{back}"><img class="front" src="{front}">"""


def main() -> int:
    chromium = shutil.which("chromium")
    if not chromium:
        print("The pictures are taken in chromium, which is not there.", file=sys.stderr)
        return 1
    with TemporaryDirectory(prefix="screenshots-") as folder, running_demo(Path(folder)) as demo:
        give_past(Path(folder))
        call_in_vain(demo)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(
                viewport=SIZE, device_scale_factor=1, locale="en-GB", reduced_motion="reduce", color_scheme="light"
            )
            context.set_default_timeout(60_000)
            page = context.new_page()
            shop_and_return(page, demo)
            sign_in(page, demo)
            look_around(page, demo)
            browser.close()
    print(f"{sum(each.stat().st_size for each in IMAGES.glob('*.png')) / 1e6:.2f} MB of pictures")
    return 0


def give_past(folder: Path) -> None:
    own = {"DJANGO_SETTINGS_MODULE": "demo_site.settings", "DEMO_VAR": str(folder)}
    inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = [sys.executable, "-m", "django", "punchout_demo_history", "--visits", "2000"]
    subprocess.run(command, cwd=REPOSITORY, env=inherited | own, check=True)  # noqa: S603


def call_in_vain(demo: Demo) -> None:
    """With a secret that is wrong, and as somebody whom nobody knows."""
    buyer = demo.fake_buyer(COMPANY)
    everybody = demo.customer(COMPANY)["cxml_url"]
    stranger = {"sender_identity": "buying@stranger.example", "from_identity": "STRANGER", "setup_url": everybody}
    for wrong in ({"secret": "not-the-secret"}, stranger):
        replace(buyer, settings=replace(buyer.settings, **wrong)).setup()


def shop_and_return(page: Page, demo: Demo) -> None:
    """The shop as its visitor sees it, and the cart as it came home; together they make ``visit.png``."""
    visit = Visit(page, demo, "same")
    visit.request()
    visit.add_three()
    visit.to_cart()
    back = page.screenshot(animations="disabled")
    visit.leave("return")
    front = page.screenshot(animations="disabled")
    page.set_viewport_size({"width": 1480, "height": 1010})
    page.set_content(WINDOWS.format(back=as_url(back), front=as_url(front)))
    take(page, "visit")
    page.set_viewport_size(SIZE)


def as_url(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


def sign_in(page: Page, demo: Demo) -> None:
    [boss] = [each for each in demo.description["staff"] if each["role"] == "superuser"]
    page.goto(demo.shop + "/admin/login/")
    page.fill("[name=username]", boss["username"])
    page.fill("[name=password]", boss["password"])
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/admin/")


def look_around(page: Page, demo: Demo) -> None:
    def visit(path: str) -> None:
        page.goto(f"{demo.shop}/admin/punchout/{path}")

    def first_row() -> None:
        page.goto(demo.shop + page.locator(".listing tbody .title a").first.get_attribute("href"))

    visit("overview/?period=13-weeks")
    take(page, "overview", top="#figures-section")
    visit("visits/?state=returned&mode=production")
    first_row()
    take(page, "visit-timeline")
    visit("orders/?mode=production")
    first_row()
    take(page, "order")
    visit("first-contacts/?state=open")
    take(page, "first-contacts")
    first_row()
    take(page, "first-contact")
    visit("customers/?q=Hansen")
    first_row()
    customer = page.url.split("#")[0]
    page.goto(f"{customer}#tab-developer_fields")
    take(page, "developer-fields")
    test_connection(page, customer)
    visit("links/edit/2/#tab-mapping")
    take(page, "mapping")
    visit("reports/failures/")
    take(page, "failures")


def test_connection(page: Page, customer: str) -> None:
    page.goto(f"{customer}#tab-tests")
    page.get_by_role("link", name="Test this connection").click()
    page.get_by_role("button", name="Test now").click()
    page.wait_for_url("**/connection-tests/inspect/**")
    take(page, "connection-test")


def take(page: Page, name: str, top: str = "") -> None:
    """One picture, in few colors: screens have few, and a repository keeps every picture for ever.

    ``top`` is the part of the page that comes first.
    """
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    if top:
        page.locator(top).evaluate("each => each.scrollIntoView({behavior: 'instant'})")
    shot = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    shot.quantize(COLORS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
