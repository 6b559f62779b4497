"""Every address of every screen, also with a search, an order and filters that make no sense."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from wagtail_punchout.admin_ui.addresses import addresses
from wagtail_punchout.admin_ui.assigning import role_assignments
from wagtail_punchout.admin_ui.companies import companies
from wagtail_punchout.admin_ui.credentials import credentials
from wagtail_punchout.admin_ui.customers import customers
from wagtail_punchout.admin_ui.exchanges import exchanges
from wagtail_punchout.admin_ui.groups import groups
from wagtail_punchout.admin_ui.links import links
from wagtail_punchout.admin_ui.quotes import quotes
from wagtail_punchout.admin_ui.roles import roles
from wagtail_punchout.admin_ui.users import users
from wagtail_punchout.admin_ui.visits import visits
from wagtail_punchout.models import Company, CustomerGroup, PunchoutLink, Role, company_root

SCREENS = [
    *(companies, customers, addresses, credentials, roles, role_assignments),
    *(groups, links, visits, quotes, exchanges),
]
POST_ONLY = {"new_secret", "remove", "check_mapping", "dismiss"}
NO_PAGES = {"check_identity", "mapping_download"}
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


@pytest.mark.parametrize("digits", [19, 30, 5000])
@pytest.mark.parametrize(
    "asked",
    [
        *("punchout_users:switch_off?id", "punchout_users:index?role", "punchout_orders:index?p"),
        *(f"punchout_role_assignments:add?{each}" for each in ("user", "customer", "roles", "company")),
        *(f"punchout_{each}:add?company" for each in ("groups", "addresses", "customers")),
        *("punchout_addresses:add?unknown", "punchout_links:add?group", "punchout_customers:check_identity?customer"),
        *("punchout_branch_chooser:choose?below", "punchout_customers:index?group"),
    ],
)
def test_number_too_long_for_a_key_is_none(admin_client, acme, asked, digits):
    name, key = asked.split("?")
    assert admin_client.get(reverse(name), {key: "9" * digits}).status_code in (200, 302, 404)


@pytest.mark.parametrize("digits", [19, 30, 5000])
@pytest.mark.parametrize("model", ["company", "punchoutcustomer", "routingrule"])
def test_number_too_long_for_a_key_chooses_nothing(admin_client, acme, model, digits):
    action = "delete" if model == "routingrule" else "switch_off"
    url = reverse("wagtail_bulk_action", args=["wagtail_punchout", model, action])
    assert admin_client.get(url, {"id": "9" * digits}).status_code == 404
    assert admin_client.get(url, {"id": "all", "childOf": "9" * digits}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        *((f"punchout_{each}:index", "created_at") for each in ("visits", "orders", "quotes", "documents")),
        ("punchout_reports:conversion", "created_at"),
        ("punchout_first_contacts:index", "last_at"),
        ("punchout_connection_tests:index", "started_at"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_day_at_the_end_of_the_calendar_is_none(admin_client, acme, settings, name, date, zone):
    settings.TIME_ZONE = zone
    for first, last in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31"), ("2020-01-01", "9998-12-31")):
        query = {f"{date}_from": first, f"{date}_to": last}
        assert admin_client.get(reverse(name), query).status_code == 200, first


@pytest.mark.parametrize(("screen", "name"), LISTS, ids=lambda each: getattr(each, "url_namespace", each))
def test_list_can_be_sorted_by_every_heading_while_searching(admin_client, visit, role, screen, name):
    url = address(screen, name)
    view = admin_client.get(url).context["view"]
    for key in view.get_valid_orderings():
        answer = admin_client.get(url, {"q": "acme", "ordering": key, "p": 1})
        assert answer.status_code == 200, key
        # Two that are equal in it could change places between two pages, and one of them be on none.
        assert answer.context["paginator"].object_list.query.order_by[-1].lstrip("-") == "pk", key


@pytest.mark.parametrize("ordering", ["format", "-format"])
def test_rows_equal_in_what_they_are_sorted_by_come_in_the_usual_order(admin_client, acme, ordering):
    for name in ("C", "A", "B"):
        group = CustomerGroup.objects.create(name=name, company=acme.company)
        PunchoutLink.objects.create(name=name, group=group, format="oci4")
    shown = admin_client.get(reverse("punchout_links:list"), {"ordering": ordering}).context["page_obj"]
    assert [each.name for each in shown if each.format == "oci4"] == ["A", "B", "C"]


@pytest.mark.parametrize("name", ["conversion", "orders", "failures", "secrets"])
def test_report_sorted_by_equal_values_tells_its_rows_apart(admin_client, visit, name):
    shown = admin_client.get(reverse(f"punchout_reports:{name}")).context["paginator"].object_list
    ties = {"conversion": {"customer"}, "orders": {"customer", "currency"}, "failures": {"reason", "status"}}
    assert {each.lstrip("-") for each in shown.query.order_by} >= ties.get(name, {"pk"})


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
    read_only = {"index", "index_results", "inspect", "download", "try_again"}
    assert {each.name for each in screen.get_urlpatterns()} <= read_only


def test_menu_leads_to_every_list(admin_client, db):
    page = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    for screen in (companies, customers, roles, users, groups, links, visits, quotes, exchanges):
        assert screen.menu_url in page
    assert reverse("wagtailsnippets:index") not in page
