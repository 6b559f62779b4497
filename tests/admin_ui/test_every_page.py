"""Every address of every screen, also with a search, an order and filters that make no sense."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from wagtail_punchout.admin_ui.addresses import addresses
from wagtail_punchout.admin_ui.companies import companies
from wagtail_punchout.admin_ui.credentials import credentials
from wagtail_punchout.admin_ui.customers import customers
from wagtail_punchout.admin_ui.exchanges import exchanges
from wagtail_punchout.admin_ui.groups import groups
from wagtail_punchout.admin_ui.links import links
from wagtail_punchout.admin_ui.quotes import quotes
from wagtail_punchout.admin_ui.roles import role_assignments, roles
from wagtail_punchout.admin_ui.users import users
from wagtail_punchout.admin_ui.visits import visits
from wagtail_punchout.models import Company, Role, company_root

SCREENS = [
    *(companies, customers, addresses, credentials, roles, role_assignments),
    *(groups, links, visits, quotes, exchanges),
]
POST_ONLY = {"new_secret", "remove"}
NO_PAGES = {"check_identity"}
NEED_A_REVISION = {"revisions_revert", "revisions_compare", "revisions_unschedule"}
PAGES = [
    (screen, each.name)
    for screen in SCREENS
    for each in screen.get_urlpatterns()
    if each.name not in POST_ONLY | NEED_A_REVISION | NO_PAGES
]
LISTS = [page for page in PAGES if page[1] in {"index", "index_results", "list", "list_results", "children"}]


def address(screen, name: str) -> str:
    found = Company.objects.filter(depth=2) if screen.model is Company else screen.model.objects.all()
    try:
        return reverse(screen.get_url_name(name))
    except NoReverseMatch:
        return reverse(screen.get_url_name(name), args=[found.first().pk])


@pytest.mark.parametrize(("screen", "name"), PAGES, ids=lambda each: getattr(each, "url_namespace", each))
def test_page_opens(admin_client, visit, role, screen, name):
    assert admin_client.get(address(screen, name)).status_code == 200


@pytest.mark.parametrize(("screen", "name"), PAGES, ids=lambda each: getattr(each, "url_namespace", each))
def test_page_is_closed_to_those_without_permission(signed_in, visit, role, screen, name):
    answer = signed_in().get(address(screen, name))
    assert answer.status_code == 404 or answer.url == reverse("wagtailadmin_home")


@pytest.mark.parametrize(("screen", "name"), LISTS, ids=lambda each: getattr(each, "url_namespace", each))
def test_list_survives_any_query(admin_client, visit, role, screen, name):
    for query in ('q="', "q=acme+buyer", "ordering=nonsense", "p=999", "created_at_from=x&customer=acme&state=x"):
        assert admin_client.get(f"{address(screen, name)}?{query}").status_code == 200, query


@pytest.mark.parametrize(("screen", "name"), LISTS, ids=lambda each: getattr(each, "url_namespace", each))
def test_list_can_be_sorted_by_every_heading_while_searching(admin_client, visit, role, screen, name):
    url = address(screen, name)
    view = admin_client.get(url).context["view"]
    for key in view.get_valid_orderings():
        assert admin_client.get(url, {"q": "acme", "ordering": key, "p": 1}).status_code == 200, key


@pytest.mark.parametrize(("screen", "name"), [page for page in LISTS if page[1] != "children"])
def test_empty_list_says_what_to_do(admin_client, db, screen, name):
    Role.objects.all().delete()  # some come ready
    answer = admin_client.get(reverse(screen.get_url_name(name)))
    assert str(answer.context["empty_advice"])
    assert str(answer.context["empty_advice"]).replace("'", "&#x27;") in answer.content.decode()


@pytest.mark.parametrize("name", ["edit", "history", "move", "switch", "children", "add_child"])
def test_hidden_root_has_no_page(admin_client, acme, name):
    assert admin_client.get(reverse(f"punchout_companies:{name}", args=[company_root().pk])).status_code == 404


@pytest.mark.parametrize("screen", [visits, quotes, exchanges])
def test_what_happened_can_only_be_read(screen):
    assert {each.name for each in screen.get_urlpatterns()} == {"index", "index_results", "inspect"}


def test_menu_leads_to_every_list(admin_client, db):
    page = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    for screen in (companies, customers, roles, users, groups, links, visits, quotes, exchanges):
        assert screen.menu_url in page
    assert reverse("wagtailsnippets:index") not in page
