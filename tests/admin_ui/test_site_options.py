"""The option: without it on any site, our screens and menus are gone, for superusers as well."""

from __future__ import annotations

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry, Site

from tests.admin_ui.test_permissions import MODELS, TABLE, address
from tests.admin_ui.worlds import make_world
from wagtail_punchout.models import Right, SiteOption
from wagtail_punchout.models.site_options import is_on_anywhere, switch

SETTINGS = "punchout_site_options:edit"
PAGES = [name for name in TABLE if name != SETTINGS and name.partition("_")[2].partition(":")[0] in MODELS]


@pytest.fixture
def site(db) -> Site:
    return Site.objects.get()


@pytest.fixture
def other(site) -> Site:
    return Site.objects.create(hostname="other.example", root_page=site.root_page)


@pytest.fixture
def off(site) -> None:
    switch(site, is_on=False)


def menus(client) -> str:
    return client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_screen_is_not_there_without_the_option(admin_client, site, name):
    url = address(name, make_world("ownco"))
    switch(site, is_on=False)
    assert getattr(admin_client, TABLE[name].method)(url).status_code == 404
    switch(site, is_on=True)
    assert getattr(admin_client, TABLE[name].method)(url).status_code != 404 or TABLE[name].method == "post"


def test_menus_are_gone_without_the_option(admin_client, off):
    page = menus(admin_client)
    for prefix in ("companies", "customers", "roles", "users", "groups", "links", "visits", "carts", "documents"):
        assert f"/admin/punchout/{prefix}/" not in page
    assert '"crm"' not in page
    assert reverse(SETTINGS) in page


def test_menus_are_there_with_the_option(admin_client, site):
    assert "/admin/punchout/links/" in menus(admin_client)


def test_one_site_with_the_option_is_enough(admin_client, off, other):
    assert admin_client.get(reverse("punchout_links:list")).status_code == 200


def test_bulk_actions_do_nothing_without_the_option(admin_client, acme, off):
    url = reverse("wagtail_bulk_action", args=["wagtail_punchout", "punchoutlink", "delete"])
    admin_client.post(f"{url}?id={acme.link.pk}&next=/admin/")
    acme.link.refresh_from_db()


def test_option_is_switched_for_each_site(admin_client, site, other):
    answer = admin_client.get(reverse(SETTINGS))
    assert answer.context["form"]["sites"].value() == [site.pk, other.pk]
    admin_client.post(reverse(SETTINGS), {"sites": [other.pk]})
    assert dict(SiteOption.objects.values_list("site", "is_on")) == {site.pk: False}
    assert admin_client.get(reverse(SETTINGS)).context["form"]["sites"].value() == [other.pk]


def test_only_changes_are_kept_and_told(admin_client, site, other):
    admin_client.post(reverse(SETTINGS), {"sites": [site.pk, other.pk]})
    assert not SiteOption.objects.exists()
    admin_client.post(reverse(SETTINGS), {})
    assert not is_on_anywhere()
    entries = ModelLogEntry.objects.filter(action="wagtail_punchout.switched_off")
    assert {entry.object_id for entry in entries} == {str(site.pk), str(other.pk)}
    admin_client.post(reverse(SETTINGS), {"sites": [site.pk]})
    assert is_on_anywhere()


def test_site_that_is_not_there_is_a_form_error(admin_client, site):
    answer = admin_client.post(reverse(SETTINGS), {"sites": ["987654321"]})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_only_superusers_find_the_option(signed_in, site):
    client = signed_in(Right.COMPANY_EDIT, Right.EDIT_LINKS)
    assert reverse(SETTINGS) not in menus(client)
    assert client.post(reverse(SETTINGS), {}).url == reverse("wagtailadmin_home")
    assert is_on_anywhere()


def test_setting_of_the_project_counts_where_nothing_was_switched(admin_client, site, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ON_BY_DEFAULT": False}
    assert admin_client.get(reverse("punchout_links:list")).status_code == 404
    assert admin_client.get(reverse(SETTINGS)).context["form"]["sites"].value() == []
