"""The link form in real Chromium: rows checked while they are typed, moved and taken out, and formats chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.test_axe import violations
from tests.browser.test_developer_fields import sign_in
from tests.demo import Demo

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo_admin")]


@pytest.fixture
def page(chromium, running_sites: Demo) -> Iterator[Any]:
    """The form of a new link, which is never sent: nothing here changes what other tests meet."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, locale="en-GB")
    context.set_default_timeout(60_000)  # two cores may have much to do
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = context.new_page()
    sign_in(page, running_sites)
    page.goto(running_sites.shop + "/admin/punchout/links/add/")
    yield page
    context.close()
    assert complaints == []


def part(page: Any, row: int, name: str) -> Any:
    return page.locator(f"#id_mapping_rows-{row}-{name}")


def open_mapping(page: Any, format: str) -> None:
    page.select_option("#id_format", format)
    page.get_by_role("tab", name="Mapping").click()


def add_row(page: Any, row: int, target: str, source: str) -> None:
    page.locator("#id_mapping_rows-ADD").click()
    part(page, row, "target").fill(target)
    part(page, row, "source").fill(source)


def suggested(page: Any) -> list[str]:
    return page.eval_on_selector_all("#punchout-suggested option", "options => options.map((each) => each.value)")


def test_row_that_cannot_work_says_so_while_it_is_typed(page):
    open_mapping(page, "oci4")
    add_row(page, 0, "VENDORMAT", "product.skku")
    source = part(page, 0, "source")
    expect(source).to_have_attribute("aria-invalid", "true")
    expect(source).to_have_accessible_description("Row 1: There is no “product.skku”. Is “product.sku” meant?")
    expect(page.locator("[data-punchout-mapping-target=status]")).to_contain_text("Row 1")
    assert violations(page, context={"include": [["main"]]}) == []
    source.fill("product.sku")
    expect(source).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-punchout-mapping-target=status]")).to_have_text("All rows can work.")


def test_row_just_added_is_not_complained_about(page):
    open_mapping(page, "oci4")
    add_row(page, 0, "VENDORMAT", "nonsense")
    page.locator("#id_mapping_rows-ADD").click()
    expect(part(page, 0, "source")).to_have_attribute("aria-invalid", "true")
    expect(part(page, 1, "target")).not_to_have_attribute("aria-invalid", "true")


def test_rows_are_numbered_anew_when_they_are_moved_by_keyboard(page):
    open_mapping(page, "oci4")
    add_row(page, 0, "VENDORMAT", "product.sku")
    add_row(page, 1, "LEADTIME", "nonsense")
    expect(part(page, 1, "source")).to_have_accessible_description("Row 2: There is no “nonsense”.")
    page.locator("#inline_child_mapping_rows-1 [data-inline-panel-child-move-up]").press("Enter")
    expect(part(page, 1, "source")).to_have_accessible_description("Row 1: There is no “nonsense”.")


def test_second_row_of_a_field_is_right_once_the_first_is_taken_out(page):
    open_mapping(page, "oci4")
    add_row(page, 0, "VENDORMAT", "product.sku")
    add_row(page, 1, "VENDORMAT", "product.name")
    expect(part(page, 1, "target")).to_have_attribute("aria-invalid", "true")
    page.locator("#id_mapping_rows-0-DELETE-button").click()
    expect(part(page, 1, "target")).not_to_have_attribute("aria-invalid", "true")


def test_rows_are_checked_anew_when_the_format_changes(page):
    open_mapping(page, "oci4")
    add_row(page, 0, "VENDORMAT", "product.sku")
    expect(page.locator("[data-punchout-mapping-target=status]")).to_have_text("All rows can work.")
    page.get_by_role("tab", name="General").click()
    open_mapping(page, "cxml")
    expect(part(page, 0, "target")).to_have_accessible_description("Row 1: cXML has no field “VENDORMAT”.")


def test_suggestions_go_on_from_what_is_typed(page):
    open_mapping(page, "oci4")
    add_row(page, 0, "", "")
    part(page, 0, "target").focus()
    assert "EXT_QUOTE_ID" in suggested(page)
    part(page, 0, "transforms").fill("one_line | ")
    assert "one_line | cut(40)" in suggested(page)
    part(page, 0, "only_when").fill("product.is_service and not ")
    assert "product.is_service and not line.comment" in suggested(page)
    part(page, 0, "kind").select_option("template")
    part(page, 0, "source").fill("No. {{ ")
    assert "No. {{ product.sku" in suggested(page)
    part(page, 0, "kind").select_option("constant")
    part(page, 0, "source").fill("4711")
    assert suggested(page) == []


def test_only_what_the_format_uses_is_in_sight(page):
    page.get_by_role("tab", name="Return").click()
    expect(page.locator("#id_return_encoding")).to_be_visible()
    expect(page.locator("#id_return_charset")).to_be_hidden()
    page.get_by_role("tab", name="General").click()
    page.select_option("#id_format", "oci5")
    page.get_by_role("tab", name="Return").click()
    expect(page.locator("#id_return_encoding")).to_be_hidden()
    expect(page.locator("#id_return_charset")).to_be_visible()
    assert "return_encoding" in page.evaluate("[...new FormData(document.querySelector('#w-editor-form')).keys()]")


def test_what_is_sent_anyway_is_that_of_the_format(page):
    open_mapping(page, "oci5")
    expect(page.get_by_role("table", name="Sent in OCI 5 without any row")).to_be_visible()
    expect(page.get_by_role("table", name="Sent in OCI 4 without any row")).to_be_hidden()
