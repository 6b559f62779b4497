from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tests.connections import connect
from wagtail_punchout.flows.issue import issue_secret
from wagtail_punchout.models import (
    Address,
    Company,
    CustomerGroup,
    Mode,
    PunchoutCustomer,
    PunchoutSession,
    Right,
    company_root,
)

LIST = reverse("punchout_companies:index")
RESULTS = reverse("punchout_companies:index_results")


def names(answer) -> list[str]:
    return [company.name for company in answer.context["object_list"]]


def url(name: str, company: Company) -> str:
    return reverse(f"punchout_companies:{name}", args=[company.pk])


def form(**values) -> dict:
    return {"name": "Branch", "code": "branch", "is_active": "on", **values}


def page(client, *args, **kwargs) -> str:
    return client.get(*args, **kwargs).content.decode()


def buttons(client, address: str) -> str:
    """The header of a page with its menu."""
    return page(client, address).split("<header")[-1].split("</header>")[0]


@pytest.fixture
def add_customer(db):
    def add(company: Company, name: str) -> PunchoutCustomer:
        group, _ = CustomerGroup.objects.get_or_create(name="all")
        user = get_user_model().objects.create_user(f"{name}@shop.example")
        return PunchoutCustomer.objects.create(
            name=name, company=company, user=user, group=group, sender_identity=f"{name}@shop.example"
        )

    return add


@pytest.fixture
def city(add_company) -> Company:
    return add_company("City", code="c-1", currency="CHF", price_group="public")


@pytest.fixture
def school(city, add_company) -> Company:
    return add_company("School", below=city, code="s-1")


@pytest.fixture
def clerk(signed_in, school):
    """Somebody who looks after the school, and not after the city above it."""
    return signed_in(Right.CRM_COMPANY_EDIT, companies=[school])


# The tree


def test_list_shows_the_top_level_and_leads_down(admin_client, city, school):
    assert names(admin_client.get(LIST)) == ["City"]
    assert names(admin_client.get(url("children", city))) == ["School"]
    assert url("children", city) in page(admin_client, LIST)


def test_details_icon_opens_a_company(admin_client, city):
    assert f'<a href="{url("edit", city)}" title="Details of City"' in page(admin_client, LIST)


def test_level_begins_with_its_parent_and_its_facts(admin_client, city, school, add_customer):
    add_customer(school, "pupils")
    shown = admin_client.get(url("children", city)).context["place"]
    assert (shown.company, shown.descendants, shown.customers, shown.beside) == (city, 1, 1, 0)


def test_row_counts_customers_and_companies_below(admin_client, city, school, add_customer):
    add_customer(city, "hall")
    (row,) = admin_client.get(LIST).context["table"].data
    assert (row.customers_here, row.numchild) == (1, 1)


@pytest.mark.parametrize("query", ["mull grosse", "GROSSE Mül", "lle 7/3", "a-77/3", "312345678"])
def test_search_finds_folded_words_in_any_order_at_any_depth(admin_client, city, add_company, query):
    add_company("Müller Größe", below=city, code="A-77/3-lle 7/3", duns="312345678")
    add_company("Other", below=city)
    assert names(admin_client.get(LIST, {"q": query})) == ["Müller Größe"]


def test_search_inside_a_branch_stays_there(admin_client, add_company):
    city, land = add_company("City"), add_company("Land")
    add_company("School A", below=city)
    add_company("School B", below=land)
    assert names(admin_client.get(url("children_results", city), {"q": "school"})) == ["School A"]


def test_search_result_says_where_it_stands(admin_client, city, school, add_company):
    add_company("Class", below=school)
    assert '<div class="punchout-way">City / School</div>' in page(admin_client, RESULTS, {"q": "class"})


@pytest.mark.parametrize("where", ["top", "level", "search"])
def test_page_of_the_list_costs_the_same_for_one_company_and_for_twenty(admin_client, city, school, add_company, where):
    address, query = {
        "top": (LIST, {}),
        "level": (url("children", city), {}),
        "search": (RESULTS, {"q": "school"}),
    }[where]
    admin_client.get(address, query)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address, query)
    for number in range(19):
        add_company(f"School {number}", below=city)
        add_company(f"Class {number}", below=school)
        add_company(f"City {number}")
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address, query)
    assert len(many) <= len(few) < 25


# What somebody sees who looks after a part of it


def test_tree_begins_where_the_scope_begins(clerk, school, add_company):
    add_company("Class", below=school)
    assert names(clerk.get(LIST)) == ["School"]
    assert names(clerk.get(url("children", school))) == ["Class"]


def test_company_assigned_below_another_assigned_one_is_no_beginning(signed_in, city, school):
    assert names(signed_in(Right.CRM_COMPANY_EDIT, companies=[city, school]).get(LIST)) == ["City"]


@pytest.mark.parametrize("name", ["children", "edit", "history", "switch", "move", "add_child"])
def test_what_is_above_has_no_page(clerk, city, name):
    foreign, unknown = clerk.get(url(name, city)), clerk.get(reverse(f"punchout_companies:{name}", args=[987654]))
    assert foreign.status_code in (404, 302)
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("name", ["edit", "children", "history", "switch"])
def test_no_page_names_what_is_above(clerk, school, name):
    shown = page(clerk, url(name, school))
    assert "School" in shown
    assert "City" not in shown
    assert "as set at" not in shown
    assert "public" not in shown


def test_place_of_the_first_company_one_sees_tells_nothing_of_its_surroundings(clerk, school, city, add_company):
    add_company("Twin", below=city)
    place = clerk.get(url("children", school)).context["place"]
    assert (place.above, place.beside) == ([], None)


def test_switch_above_is_told_without_telling_of_a_company(clerk, admin_client, city, school):
    Company.objects.filter(pk=city.pk).update(is_active=False)
    assert "closed by an administrator" in page(clerk, LIST)
    assert "switched off above" in page(admin_client, url("children", city))


@pytest.mark.parametrize("words", ["Move", "Add a company below", "Add PunchOut customer"])
def test_menu_offers_what_one_may_do(clerk, admin_client, school, words):
    assert words in buttons(admin_client, url("edit", school))
    assert words not in buttons(clerk, url("edit", school))


def test_customer_is_added_by_those_with_the_right_to(signed_in, school):
    client = signed_in(Right.CRM_COMPANY_EDIT, Right.ADD_CUSTOMER, companies=[school])
    assert f"{reverse('punchout_customers:add')}?company={school.pk}" in buttons(client, url("edit", school))


def test_code_and_staff_are_for_those_who_see_every_company(clerk, admin_client, school):
    everything, less = admin_client.get(url("edit", school)), clerk.get(url("edit", school))
    assert {"code", "assigned_staff"} <= everything.context["form"].fields.keys()
    assert not {"code", "assigned_staff"} & less.context["form"].fields.keys()
    clerk.post(url("edit", school), form(name="Renamed", code="mine", assigned_staff=[1]))
    school.refresh_from_db()
    assert (school.name, school.code, school.assigned_staff.count()) == ("Renamed", "s-1", 1)


def test_price_groups_are_proposed_from_what_one_sees(clerk, admin_client, school, add_company):
    add_company("Class", below=school, price_group="pupils")
    assert 'value="pupils"' in page(clerk, url("edit", school))
    assert 'value="public"' not in page(clerk, url("edit", school))
    assert 'value="public"' in page(admin_client, url("edit", school))


def test_somebody_without_companies_sees_none(signed_in, city):
    assert "City" not in signed_in(Right.CRM_COMPANY_EDIT).get(LIST, follow=True).content.decode()


# Filters, sorting, export


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"is_active": "off"}, ["Shut"]),
        ({"currency": "CHF"}, ["City"]),
        ({"price_group": "public"}, ["City"]),
        ({"has_customers": "yes"}, ["School"]),
        ({"has_customers": "no"}, ["City", "Shut"]),
    ],
)
def test_filter_looks_through_the_whole_tree(admin_client, city, school, add_company, add_customer, query, found):
    add_customer(school, "pupils")
    add_company("Shut", below=school, is_active=False)
    assert names(admin_client.get(LIST, query)) == found


def test_filter_by_people_is_for_those_who_assign_them(admin_client, clerk, school):
    (person,) = school.assigned_staff.all()
    assert names(admin_client.get(LIST, {"assigned_staff": person.pk})) == ["School"]
    assert "assigned_staff" not in clerk.get(LIST).context["filters"].filters


def test_filters_offer_what_one_sees(clerk, admin_client, city):
    offered = admin_client.get(LIST).context["filters"].form.fields["price_group"].choices
    assert "public" in dict(offered)
    assert "public" not in dict(clerk.get(LIST).context["filters"].form.fields["price_group"].choices)


def test_list_sorts_by_the_number_of_customers(admin_client, add_company, add_customer):
    few, many = add_company("Few"), add_company("Many")
    add_customer(few, "one")
    for name in ("two", "three"):
        add_customer(many, name)
    assert names(admin_client.get(LIST, {"ordering": "-customer_count"})) == ["Many", "Few"]


def test_export_has_every_company_with_its_place_and_no_formulas(admin_client, city, school, add_customer, add_company):
    add_company("=HYPERLINK(1)", code="x", below=school)
    add_customer(school, "pupils")
    content = b"".join(admin_client.get(LIST, {"export": "csv"}).streaming_content).decode()
    assert [row.split(",")[0] for row in content.splitlines()] == [
        "Place in the tree",
        "City",
        "City / School",
        "City / School / =HYPERLINK(1)",
    ]
    assert ",'=HYPERLINK(1)" in content
    assert "(root)" not in content


def test_export_begins_where_the_scope_begins(clerk, school, add_company):
    add_company("Class", below=school)
    answer = clerk.get(LIST, {"export": "xlsx"})
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [row[0] for row in sheet.values] == ["Place in the tree", "School", "School / Class"]


# New companies


def test_new_company_hangs_under_the_chosen_parent(admin_client, city):
    admin_client.post(url("add_child", city), form())
    branch = Company.objects.get(code="branch")
    assert branch.get_parent() == city


def test_new_company_at_the_top_hangs_under_the_hidden_root(admin_client, db):
    answer = admin_client.post(reverse("punchout_companies:add"), form())
    branch = Company.objects.get(code="branch")
    assert branch.get_parent() == company_root()
    assert answer.url == url("edit", branch)


def test_only_those_who_see_every_company_add_one(clerk, signed_in, city, school):
    assert clerk.post(url("add_child", school), form()).status_code == 302
    assert not Company.objects.filter(code="branch").exists()
    signed_in(Right.COMPANY_EDIT).post(url("add_child", city), form())
    assert Company.objects.filter(code="branch").exists()


def test_code_of_another_company_is_refused_in_any_case(admin_client, add_company):
    add_company("City", code="BRANCH")
    answer = admin_client.post(reverse("punchout_companies:add"), form())
    assert answer.context["form"].errors["code"] == ["“City” has this code already."]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "no spaces"),
        ("code", "-root-"),
        ("code", "-ROOT-"),
        ("duns", "12345678"),
        ("duns", "1234567890123456"),
        ("currency", "XYZ"),
        ("currency", "euro"),
        ("language", "xx-yy"),
        ("language", "klingonese"),
    ],
)
def test_what_no_system_understands_is_a_form_error(admin_client, db, field, value):
    answer = admin_client.post(reverse("punchout_companies:add"), form(**{field: value}))
    assert list(answer.context["form"].errors) == [field]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("duns", "31-549-1127", "31-549-1127"),
        ("duns", "315491127+12", "315491127+12"),
        ("currency", "JPY", "JPY"),
        ("language", "EN_us", "en-US"),
        ("language", "German", "de"),
        ("price_group", "as never before", "as never before"),
    ],
)
def test_what_people_write_is_understood(admin_client, db, field, value, kept):
    admin_client.post(reverse("punchout_companies:add"), form(**{field: value}))
    assert getattr(Company.objects.get(code="branch"), field) == kept


def test_currency_of_bygone_days_stays_until_it_is_changed(admin_client, add_company):
    old = add_company("Old", currency="DEM")
    admin_client.post(url("edit", old), form(code="Old", currency="DEM"))
    assert Company.objects.get(pk=old.pk).name == "Branch"


def test_names_are_in_the_language_of_the_admin(admin_client, admin_user, db):
    from wagtail.users.models import UserProfile

    UserProfile.objects.create(user=admin_user, preferred_language="de")
    assert "Schweizer Franken (CHF)" in page(admin_client, reverse("punchout_companies:add"))


# One company


def test_form_says_what_is_inherited_and_from_whom(admin_client, school, city):
    help_texts = {
        name: str(each.help_text) for name, each in admin_client.get(url("edit", school)).context["form"].fields.items()
    }
    assert "Swiss Franc (CHF), as set at “City”" in help_texts["currency"]
    assert "public, as set at “City”" in help_texts["price_group"]


def test_edit_keeps_the_place_in_the_tree(admin_client, city, school):
    admin_client.post(url("edit", school), form(name="Renamed", code="new"))
    school.refresh_from_db()
    assert (school.name, school.get_parent()) == ("Renamed", city)


def test_company_moved_while_somebody_edits_it_stays_where_it_was_put(school, city, admin_user):
    from wagtail_punchout.admin_ui.companies import companies

    loaded = Company.objects.get(pk=school.pk)
    edited = companies.get_form_class()(form(code="s-1"), instance=loaded, for_user=admin_user)
    assert edited.is_valid()
    Company.objects.get(pk=school.pk).move(company_root(), pos="last-child")
    edited.save()
    school.refresh_from_db()
    assert (school.name, school.depth) == ("Branch", 2)


def test_tabs_show_what_belongs_to_the_company(admin_client, visit):
    company = visit.company
    shown = page(admin_client, url("edit", company))
    for each in ("details", "customers", "addresses", "links", "visits", "orders", "history"):
        assert f'id="tab-{each}"' in shown
    for thing in (visit.customer, visit.link, visit.link.group):
        assert str(thing) in shown
    assert reverse("punchout_visits:inspect", args=[visit.pk]) in shown
    assert reverse("punchout_quotes:inspect", args=[visit.quote.pk]) in shown


@pytest.mark.parametrize("screen", ["visits", "quotes"])
def test_tab_leads_to_all_of_the_company_and_to_no_others(admin_client, visit, open_visit, screen):
    open_visit(connect("other"))
    way = f"{reverse(f'punchout_{screen}:index')}?branch={visit.company.code}"
    assert way in page(admin_client, url("edit", visit.company))
    assert len(admin_client.get(way).context["object_list"]) == 1


def test_page_of_a_company_costs_the_same_whatever_belongs_to_it(admin_client, visit, acme, add_customer, open_visit):
    company = Company.objects.get(pk=acme.company.pk)
    admin_client.get(url("edit", company))
    with CaptureQueriesContext(connection) as few:
        admin_client.get(url("edit", company))
    for number in range(5):
        add_customer(company, f"customer {number}")
        open_visit(acme)
        address = {"name": f"Depot {number}", "street": "Quay 7", "city": "Kiel", "country": "DE"}
        Address.objects.create(company=company, **address)
        issue_secret(acme.customer, Mode.PRODUCTION, by=None, at=timezone.now(), overlap=timedelta())
    with CaptureQueriesContext(connection) as many:
        admin_client.get(url("edit", company))
    assert len(many) <= len(few) + 4  # each kind of thing in the history is looked up once


def test_visit_through_a_foreign_connection_does_not_name_it(signed_in, acme, add_company, open_visit):
    branch = add_company("Branch", below=acme.company)
    elsewhere = open_visit(acme)
    PunchoutSession.objects.filter(pk=elsewhere.pk).update(company=branch)
    shown = page(signed_in(Right.CRM_COMPANY_EDIT, companies=[branch]), url("edit", branch))
    assert "jane@example.com" in shown
    assert "Acme" not in shown


def test_root_is_never_offered_to_choose(admin_client, city):
    shown = page(admin_client, reverse("punchout_company_chooser:choose_results"))
    assert "City" in shown
    assert "(root)" not in shown
    chosen = reverse("punchout_company_chooser:chosen", args=[company_root().pk])
    assert admin_client.get(chosen).status_code == 404


def test_dialogs_are_closed_to_those_who_may_not_see_the_list(signed_in, city):
    client = signed_in()
    for name in ("company", "customer", "group", "user", "shop_user"):
        for view in ("choose", "choose_results"):
            assert client.get(reverse(f"punchout_{name}_chooser:{view}")).status_code == 302
