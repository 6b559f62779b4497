from __future__ import annotations

import pytest
from django.urls import reverse

from wagtail_punchout.models import CustomerGroup, PunchoutLink


@pytest.fixture
def fields(db) -> dict:
    return {
        "name": "cXML",
        "group": CustomerGroup.objects.create(name="All").pk,
        "format": "cxml",
        "is_active": "on",
        "operation_allowed": "edit",
        "visit_minutes": "720",
        "return_origins": "https://buyer.example.com",
        "default_return_url": "",
        "return_encoding": "base64",
        "frame_origins": "",
        "window_target": "_self",
    }


def test_new_link_is_a_draft_until_it_is_published(admin_client, fields):
    admin_client.post(reverse("punchout_links:add"), fields)
    link = PunchoutLink.objects.get()
    assert not link.live
    admin_client.post(reverse("punchout_links:edit", args=[link.pk]), fields | {"action-publish": "1"})
    link.refresh_from_db()
    assert link.live
    assert link.return_origins == "https://buyer.example.com"


def test_draft_changes_nothing_for_buyers(admin_client, fields):
    admin_client.post(reverse("punchout_links:add"), fields | {"action-publish": "1"})
    link = PunchoutLink.objects.get()
    admin_client.post(reverse("punchout_links:edit", args=[link.pk]), fields | {"visit_minutes": "30"})
    link.refresh_from_db()
    assert (link.live, link.visit_minutes) == (True, 720)
    assert link.get_latest_revision_as_object().visit_minutes == 30


@pytest.mark.parametrize("action", [{}, {"action-publish": "1"}])
@pytest.mark.parametrize("field", ["return_origins", "frame_origins"])
def test_line_that_is_no_address_is_a_form_error(admin_client, fields, field, action):
    wrong = {field: "https://good.example\nhttps://bad.example/path"}
    answer = admin_client.post(reverse("punchout_links:add"), fields | wrong | action)
    assert field in answer.context["form"].errors
    assert not PunchoutLink.objects.exists()


def test_second_link_of_a_group_is_a_form_error(admin_client, fields):
    admin_client.post(reverse("punchout_links:add"), fields)
    answer = admin_client.post(reverse("punchout_links:add"), fields)
    assert answer.status_code == 200
    assert PunchoutLink.objects.count() == 1


def test_versions_can_be_compared_and_brought_back(admin_client, fields):
    admin_client.post(reverse("punchout_links:add"), fields | {"action-publish": "1"})
    link = PunchoutLink.objects.get()
    admin_client.post(reverse("punchout_links:edit", args=[link.pk]), fields | {"name": "Other", "action-publish": "1"})
    first, second = link.revisions.order_by("pk").values_list("pk", flat=True)
    compare = admin_client.get(reverse("punchout_links:revisions_compare", args=[link.pk, first, second]))
    assert "Other" in compare.content.decode()
    assert admin_client.get(reverse("punchout_links:revisions_revert", args=[link.pk, first])).status_code == 200


def test_group_without_a_link_is_filled_in(admin_client, fields):
    assert admin_client.get(reverse("punchout_links:add")).context["form"]["group"].value() is not None
