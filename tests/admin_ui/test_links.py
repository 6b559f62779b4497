from __future__ import annotations

import json

import pytest
from django.urls import reverse
from lxml.html import fromstring

from tests.admin_ui.link_pages import ADD, add, edit, edit_url, fields_of
from wagtail_punchout.admin_ui.link_form import USED_IN
from wagtail_punchout.models import CustomerGroup, PunchoutLink, Right

ROWS = [
    {"target": "VENDORMAT", "source": "product.sku"},
    {"target": "CUST_FIELD1", "kind": "constant", "source": "4711"},
]


@pytest.fixture
def group(db) -> CustomerGroup:
    return CustomerGroup.objects.create(name="All")


@pytest.fixture
def link(admin_client, group) -> PunchoutLink:
    """A published OCI link with two rows and a unit."""
    add(admin_client, name="OCI", format="oci4", mapping=ROWS, units=[("EA", "ST")], publish=True)
    return PunchoutLink.objects.get()


def test_new_link_is_a_draft_until_it_is_published(admin_client, group):
    add(admin_client, name="cXML", return_origins="https://buyer.example.com")
    link = PunchoutLink.objects.get()
    assert not link.live
    edit(admin_client, link, publish=True)
    link.refresh_from_db()
    assert link.live
    assert link.return_origins == "https://buyer.example.com"


def test_whoever_edits_links_publishes_them_and_takes_them_back(signed_in, link):
    client = signed_in(Right.COMPANY_EDIT, Right.EDIT_LINKS)
    page = client.get(edit_url(link)).content.decode()
    assert 'name="action-publish"' in page
    assert reverse("punchout_links:unpublish", args=[link.pk]) in page
    assert 'name="action-publish"' in client.get(reverse(ADD)).content.decode()
    edit(client, link, visit_minutes=30, publish=True)
    link.refresh_from_db()
    assert link.visit_minutes == 30


def test_draft_changes_nothing_for_buyers(admin_client, link):
    edit(admin_client, link, visit_minutes=30, mapping=ROWS[:1], units=[])
    kept = PunchoutLink.objects.get()
    assert (kept.live, kept.visit_minutes, len(kept.rows), kept.units) == (True, 720, 2, {"EA": "ST"})
    draft = kept.get_latest_revision_as_object()
    assert (draft.visit_minutes, len(draft.rows), draft.units) == (30, 1, {})


@pytest.mark.parametrize("publish", [False, True])
@pytest.mark.parametrize("field", ["return_origins", "frame_origins"])
def test_line_that_is_no_address_is_a_form_error(admin_client, group, field, publish):
    wrong = {field: "https://good.example\nhttps://bad.example/path"}
    answer = add(admin_client, publish=publish, **wrong)
    assert field in answer.context["form"].errors
    assert not PunchoutLink.objects.exists()


def test_second_link_of_a_format_is_a_form_error(admin_client, link):
    answer = add(admin_client, name="Again", format="oci4", group=link.group.pk)
    assert answer.status_code == 200
    assert add(admin_client, name="Other", format="oci5", group=link.group.pk).status_code == 302


def test_group_without_a_link_is_filled_in(admin_client, group):
    assert admin_client.get(reverse(ADD)).context["form"]["group"].value() == group.pk


def test_page_is_chosen_for_the_landing(admin_client, link):
    from wagtail.models import Page

    page = Page.objects.get(depth=1)
    edit(admin_client, link, landing_page=page.pk, publish=True)
    assert PunchoutLink.objects.get().landing_page == page


# Formats


def test_fields_of_other_formats_are_out_of_sight_and_not_out_of_the_form(admin_client, link):
    page = fromstring(admin_client.get(edit_url(link)).content.decode())
    for field, formats in USED_IN.items():
        panel = page.xpath(f"//*[.//*[@name='{field}']][@data-w-rules]")[-1]  # its own, in a group that may have one
        assert json.loads(panel.get("data-w-rules")) == {"format": [str(each) for each in formats]}
        assert panel.get("hidden") is None  # without script it is in sight


def test_other_format_keeps_what_it_does_not_use(admin_client, link):
    edit(admin_client, link, return_charset="utf-8", publish=True)
    edit(admin_client, link, format="cxml", mapping=[], publish=True)
    assert PunchoutLink.objects.get().return_charset == "utf-8"


def test_field_of_another_format_is_in_sight_when_it_is_wrong(admin_client, link):
    answer = edit(admin_client, link, format="cxml", mapping=[], return_method="get")
    page = fromstring(answer.content.decode())
    assert page.xpath("//*[.//*[@name='return_method']][@data-w-rules]") == []
    assert "return_method" in answer.context["form"].errors


# Versions


def test_versions_can_be_compared(admin_client, link):
    edit(admin_client, link, mapping=[*ROWS, {"target": "LEADTIME", "kind": "constant", "source": "3"}], publish=True)
    first, second = link.revisions.order_by("pk").values_list("pk", flat=True)
    compare = admin_client.get(reverse("punchout_links:revisions_compare", args=[link.pk, first, second]))
    page = fromstring(compare.content.decode()).text_content()
    assert "LEADTIME" in page
    assert "Constant" in page


def test_version_is_brought_back_with_its_rows(admin_client, link):
    first = link.revisions.get()
    edit(admin_client, link, name="Other", mapping=ROWS[:1], units=[], publish=True)
    shown = fields_of(admin_client.get(reverse("punchout_links:revisions_revert", args=[link.pk, first.pk])))
    admin_client.post(edit_url(link), shown | {"action-publish": "1"})
    back = PunchoutLink.objects.get()
    assert back.name == "OCI"
    assert [row.target for row in back.rows] == ["VENDORMAT", "CUST_FIELD1"]
    assert back.units == {"EA": "ST"}


# Pages to read


def test_list_asks_ten_times_at_most(admin_client, group, django_assert_max_num_queries):
    for number in range(20):
        owner = CustomerGroup.objects.create(name=f"Group {number}")
        PunchoutLink.objects.create(name=f"Link {number}", group=owner)
    url = reverse("punchout_links:list")
    admin_client.get(url)
    with django_assert_max_num_queries(10):
        assert "Link 19" in admin_client.get(url).content.decode()


def test_page_to_read_shows_rows_units_and_texts(admin_client, link):
    PunchoutLink.objects.update(notice="Mind the step", buyer_profile="jaggaer", limits={"DESCRIPTION": {"bytes": 40}})
    page = admin_client.get(reverse("punchout_links:inspect", args=[link.pk])).content.decode()
    for told in ("VENDORMAT", "product.sku", "4711", "ST", "Mind the step", "JAGGAER (SciQuest)", "40 bytes"):
        assert told in page
    assert "Encoding of the cart" not in page  # which is for cXML
