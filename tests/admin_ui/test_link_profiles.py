"""Profiles: a new link is filled once, an existing one only by somebody who has seen what would change."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from lxml.html import fromstring

from tests.admin_ui.link_pages import ADD, add, edit, edit_url
from wagtail_punchout.admin_ui.profile_words import CONFIDENCE, facts_in_words, limit_in_words
from wagtail_punchout.flows.profiles import apply_profile, profiles
from wagtail_punchout.models import CustomerGroup, MappingRow, PunchoutLink
from wagtail_punchout.protocol.buyers import Confidence, Kind
from wagtail_punchout.protocol.limits import Limit


@pytest.fixture
def group(db) -> CustomerGroup:
    return CustomerGroup.objects.create(name="All")


@pytest.fixture
def link(group) -> PunchoutLink:
    return PunchoutLink.objects.create(name="Ours", group=group, format="oci4", live=True)


def url_for(link: PunchoutLink) -> str:
    return reverse("punchout_links:profile", args=[link.pk])


def draft_of(link: PunchoutLink) -> PunchoutLink:
    return PunchoutLink.objects.get(pk=link.pk).get_latest_revision_as_object()


def said(answer) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


# A new link


@pytest.mark.parametrize("slug", profiles())
def test_new_link_is_filled_by_every_profile(admin_client, group, slug):
    profile = profiles()[slug]
    expected = PunchoutLink()
    apply_profile(expected, profile)
    assert add(admin_client, name="New", buyer_profile=profile.name).status_code == 302
    made = PunchoutLink.objects.get()
    for field in ("buyer_profile", "limits", "format", *profile.within(expected.format).settings):
        assert getattr(made, field) == getattr(expected, field), field


def test_message_says_what_was_filled(admin_client, group):
    answer = add(admin_client, name="New", buyer_profile="SAP SRM, Enterprise Buyer")
    assert "Format: OCI 4" in said(answer)
    assert "Send empty fields too: Yes" in said(answer)


def test_what_was_entered_by_hand_goes_before(admin_client, group):
    add(admin_client, name="New", buyer_profile="sap-srm", format="oci5", allow_get=None)
    made = PunchoutLink.objects.get()
    assert (made.format, made.allow_get, made.send_empty_fields) == ("oci5", False, True)


def test_system_that_is_not_known_to_speak_the_wanted_format_fills_nothing(admin_client, group):
    answer = add(admin_client, name="New", buyer_profile="coupa", format="oci4")
    made = PunchoutLink.objects.get()
    assert (made.format, made.buyer_profile, made.limits) == ("oci4", "coupa", {})
    assert "Nothing" in said(answer)


def test_group_that_has_a_link_of_the_filled_format_is_a_form_error(admin_client, link):
    answer = add(admin_client, name="New", group=link.group.pk, buyer_profile="sap-srm")
    assert answer.status_code == 200
    assert "already has a link of this format" in answer.content.decode()


def test_link_without_a_system_is_left_alone(admin_client, group):
    answer = add(admin_client, name="New")
    assert PunchoutLink.objects.get().buyer_profile == ""
    assert "illed" not in said(answer)


def test_unknown_system_is_a_form_error(admin_client, group):
    answer = add(admin_client, name="New", buyer_profile="Nobody's system")
    assert "buyer_profile" in answer.context["form"].errors


def test_every_system_is_suggested_by_name(admin_client, group):
    page = fromstring(admin_client.get(reverse(ADD)).content.decode())
    assert page.xpath("//datalist[@id='punchout-systems']/option/@value") == [each.name for each in profiles().values()]


def test_saving_an_existing_link_fills_nothing(admin_client, link):
    PunchoutLink.objects.update(buyer_profile="sap-srm")
    edit(admin_client, link, name="Renamed", buyer_profile="coupa", publish=True)
    kept = PunchoutLink.objects.get()
    assert (kept.buyer_profile, kept.send_empty_fields, kept.format) == ("sap-srm", False, "oci4")


# An existing link


def test_form_leads_to_the_page_that_fills(admin_client, link):
    PunchoutLink.objects.update(buyer_profile="sap-srm")
    page = admin_client.get(edit_url(link)).content.decode()
    assert "SAP SRM, Enterprise Buyer" in page
    assert f'href="{url_for(link)}?profile=sap-srm"' in page


@pytest.mark.parametrize("slug", profiles())
def test_page_shows_every_fact_with_its_source(admin_client, link, slug):
    answer = admin_client.get(url_for(link), {"profile": slug})
    shown = profiles()[slug]
    apply_profile(changed := draft_of(link), shown)
    for fact in facts_in_words(shown.within(changed.format)):
        for part in (fact.what, fact.value, fact.source, fact.confidence):
            assert escape(part) in answer.content.decode(), part


def test_looking_changes_nothing(admin_client, link):
    answer = admin_client.get(url_for(link), {"profile": "sap-srm"})
    page = fromstring(answer.content.decode())
    [row] = page.xpath("//section[@id='changes-section']//tr[td[contains(., 'Send empty fields')]]")
    assert [each.text_content().strip() for each in row.xpath("td")][1:] == ["No", "Yes"]
    assert draft_of(link).send_empty_fields is False


def test_filling_makes_a_draft_and_no_more(admin_client, link):
    answer = admin_client.post(url_for(link), {"profile": "sap-srm"})
    assert answer.url == edit_url(link)
    assert (draft_of(link).buyer_profile, draft_of(link).send_empty_fields) == ("sap-srm", True)
    live = PunchoutLink.objects.get()
    assert (live.buyer_profile, live.send_empty_fields, live.has_unpublished_changes) == ("", False, True)


def test_filling_builds_on_the_draft(admin_client, link):
    edit(admin_client, link, notice="Mind the step")
    admin_client.post(url_for(link), {"profile": "sap-srm"})
    assert draft_of(link).notice == "Mind the step"


def test_filled_draft_is_published_as_any_other(admin_client, link):
    admin_client.post(url_for(link), {"profile": "oracle-iprocurement"})
    filled = draft_of(link)
    edit(admin_client, link, mapping=[], publish=True)
    live = PunchoutLink.objects.get()
    assert (live.buyer_profile, live.limits, live.format) == ("oracle-iprocurement", filled.limits, filled.format)


def test_nothing_to_change_makes_no_draft(admin_client, link):
    admin_client.post(url_for(link), {"profile": "sap-srm"})
    before = link.revisions.count()
    assert "has all that is known" in admin_client.get(url_for(link), {"profile": "sap-srm"}).content.decode()
    admin_client.post(url_for(link), {"profile": "sap-srm"})
    assert link.revisions.count() == before


def test_rows_that_could_not_work_then_are_named(admin_client, link):
    MappingRow.objects.create(link=link, target="VENDORMAT", source="product.sku")
    page = admin_client.get(url_for(link), {"profile": "coupa"}).content.decode()
    assert "cXML has no field “VENDORMAT”" in page


def test_format_that_the_group_has_already_is_refused(admin_client, link):
    PunchoutLink.objects.create(name="Other", group=link.group, format="cxml")
    answer = admin_client.post(url_for(link), {"profile": "coupa"})
    assert "already has a link of this format" in answer.content.decode()
    assert draft_of(link).format == "oci4"


@pytest.mark.parametrize("sent", [{}, {"profile": "nobody"}])
def test_without_a_known_system_nothing_happens(admin_client, link, sent):
    for answer in (admin_client.get(url_for(link), sent), admin_client.post(url_for(link), sent)):
        assert answer.status_code == 200
    assert not link.revisions.exists()


def test_limits_are_shown_with_their_sources(admin_client, link):
    jaggaer = profiles()["jaggaer"]
    PunchoutLink.objects.update(format="cxml")
    admin_client.post(url_for(link), {"profile": "jaggaer"})
    page = fromstring(admin_client.get(edit_url(link)).content.decode())
    [tab] = page.xpath("//*[@id='tab-mapping']")
    for fact in jaggaer.facts:
        if fact.kind is Kind.LIMIT:
            [row] = tab.xpath(f".//tr[td[normalize-space()='{fact.about}']]")
            assert limit_in_words(fact.value) in row.text_content()
            assert fact.source in row.text_content()


# Words


def test_every_confidence_has_words():
    assert set(CONFIDENCE) == set(Confidence)


def test_limit_in_words():
    assert limit_in_words(Limit(characters=1, bytes=40, decimals=2, forbidden="?{")) == (
        "1 character, 40 bytes, 2 decimals, none of ? {"
    )


def test_profile_that_is_gone_is_called_by_its_slug(admin_client: Client, link):
    PunchoutLink.objects.update(buyer_profile="gone")
    assert "gone" in admin_client.get(edit_url(link)).content.decode()
    assert admin_client.get(reverse("punchout_links:inspect", args=[link.pk])).status_code == 200
