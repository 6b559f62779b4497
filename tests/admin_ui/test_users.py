"""Users of the shop, as far as they have to do with companies that one may see."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from tests.connections import Connection, connect
from wagtail_punchout.admin_ui.users import company_names, role_names
from wagtail_punchout.models import Right, Role, RoleAssignment

pytestmark = pytest.mark.django_db

INDEX = reverse("punchout_users:index")
OFF, ON = reverse("punchout_users:switch_off"), reverse("punchout_users:switch_on")
User = get_user_model()


@pytest.fixture
def rival() -> Connection:
    return connect("rival")


@pytest.fixture
def give():
    """Gives a role that came ready."""

    def make(slug: str, **holder) -> RoleAssignment:
        return RoleAssignment.objects.create(role=Role.objects.get(slug=slug), **holder)

    return make


@pytest.fixture
def people(acme, rival, give) -> dict[str, User]:
    """One person of each company, one of both, and one of none."""
    people = {
        name: User.objects.create_user(name, f"{name}@people.example", first_name=name.title(), last_name="Doe")
        for name in ("anna", "rita", "both", "nobody")
    }
    give("finance", user=people["anna"], company=acme.company)
    give("tech", user=people["rita"], company=rival.company)
    give("finance", user=people["both"], company=acme.company)
    give("tech", user=people["both"], company=rival.company)
    return people


@pytest.fixture
def clerk(signed_in, acme) -> Client:
    """Staff who look after Acme and nothing else."""
    return signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])


def text(answer) -> str:
    return answer.content.decode()


def shown(browser, **query) -> set[str]:
    return {each.username for each in browser.get(INDEX, query).context["object_list"]}


def switch(browser, address: str, *people, **values):
    query = "&".join(f"id={each.pk}" for each in people)
    return browser.post(f"{address}?{query}", values, follow=True)


# Who is there


def test_users_are_those_who_stand_behind_a_customer_or_hold_a_role(admin_client, people, acme, rival):
    behind = {acme.customer.user.username, rival.customer.user.username}
    assert shown(admin_client) == {"anna", "rita", "both", *behind}


def test_only_those_of_ones_own_companies_are_there(clerk, people, acme):
    assert shown(clerk) == {"anna", "both", acme.customer.user.username}
    answer = clerk.get(INDEX)
    assert "Rival" not in text(answer)
    [both] = [each for each in answer.context["object_list"] if each == people["both"]]
    assert (company_names(both), role_names(both)) == ("Acme", "Finance")


def test_a_name_of_a_foreign_company_finds_nobody(clerk, admin_client, acme, rival, give):
    # The shop user of a foreign customer with a role in our own company: its customer stays unknown.
    give("finance", user=rival.customer.user, company=acme.company)
    assert shown(clerk, q="finance") == set()
    assert shown(clerk, q="Rival buyers") == set()
    rival.customer.name = "Zebra"
    rival.customer.save()
    assert shown(admin_client, q="zebra") == {rival.customer.user.username}
    assert shown(clerk, q="zebra") == set()
    assert "Zebra" not in text(clerk.get(reverse("punchout_users:inspect", args=[rival.customer.user.pk])))


def test_staff_without_a_role_are_not_there(admin_client, admin_user, people):
    assert admin_user.username not in shown(admin_client)


def test_a_foreign_user_answers_like_an_unknown_one(clerk, people):
    for pk in (people["rita"].pk, people["nobody"].pk, 987654):
        assert clerk.get(reverse("punchout_users:inspect", args=[pk])).status_code == 404
    assert clerk.get(reverse("punchout_users:inspect", args=[people["anna"].pk])).status_code == 200


@pytest.mark.parametrize("address", [INDEX, reverse("punchout_users:index_results"), OFF, ON])
def test_without_companies_nobody_gets_in(signed_in, acme, address):
    assert signed_in().get(address).url == reverse("wagtailadmin_home")
    assert signed_in(Right.CRM_COMPANY_EDIT).get(address).url == reverse("wagtailadmin_home")
    assert Client().get(address).status_code == 302


def test_menu_entry_is_there_for_those_with_companies(clerk, signed_in):
    assert INDEX in text(clerk.get(reverse("wagtailadmin_home")))
    assert INDEX not in text(signed_in().get(reverse("wagtailadmin_home")))


# The list


def test_search_finds_by_any_word(admin_client, people, acme):
    assert shown(admin_client, q="anna") == shown(admin_client, q="ANNA doe") == {"anna"}
    assert shown(admin_client, q="rita@people") == {"rita"}
    assert shown(admin_client, q="acme") == {acme.customer.user.username}
    assert shown(admin_client, q='"') == set()


def test_filters(admin_client, people, acme, give):
    give("finance", customer=acme.customer)
    User.objects.filter(username="anna").update(is_active=False)
    role = Role.objects.get(slug="finance").pk
    assert shown(admin_client, role=role) == {"anna", "both", acme.customer.user.username}
    assert shown(admin_client, is_active="false") == {"anna"}
    assert shown(admin_client, role=role, is_active="true") == {"both", acme.customer.user.username}
    assert shown(admin_client, role="x", is_active="y")


def test_a_role_held_elsewhere_does_not_filter(clerk, people):
    assert shown(clerk, role=Role.objects.get(slug="tech").pk) == set()


def test_sorting(admin_client, people):
    view = admin_client.get(INDEX).context["view"]
    for key in view.get_valid_orderings():
        assert admin_client.get(reverse("punchout_users:index_results"), {"ordering": key, "q": "a"}).status_code == 200
    names = [each.username for each in admin_client.get(INDEX, {"ordering": "-username"}).context["object_list"]]
    assert names == sorted(names, reverse=True)


def test_rows_cost_no_queries(admin_client, people, acme, give, django_assert_max_num_queries):
    admin_client.get(INDEX)
    for number in range(15):
        give("finance", user=User.objects.create_user(f"clerk-{number}"), company=acme.company)
    with django_assert_max_num_queries(20):
        admin_client.get(INDEX)


def test_export_says_what_the_list_says(admin_client, clerk, people):
    lines = b"".join(admin_client.get(INDEX, {"export": "csv"}).streaming_content).decode()
    assert 'both,Both Doe,both@people.example,"Acme, Rival","Finance, Technical contact",,True' in lines
    workbook = load_workbook(BytesIO(b"".join(clerk.get(INDEX, {"export": "xlsx"}).streaming_content)))
    cells = list(workbook.active.iter_rows(values_only=True))
    assert {row[0] for row in cells[1:]} == {"anna", "both", "punchout-acme@shop.example"}
    assert "Rival" not in str(cells)


def test_empty_list_says_what_to_do(admin_client):
    assert "appears here" in text(admin_client.get(INDEX))


# One user


def test_a_user_is_shown_with_roles_company_and_customer(admin_client, acme, give, people):
    give("companyAdmin", customer=acme.customer)
    give("finance", user=acme.customer.user, company=acme.company)
    page = text(admin_client.get(reverse("punchout_users:inspect", args=[acme.customer.user.pk])))
    for part in ("Company administrator", "Finance", reverse("punchout_customers:edit", args=[acme.customer.pk])):
        assert part in page
    assert f"{reverse('punchout_role_assignments:add')}?user={acme.customer.user.pk}" in page


def test_visits_are_those_through_the_customer_and_under_the_users_name(admin_client, acme, open_visit, people):
    mine = open_visit(acme, requester={"email": "ANNA@people.example"})
    other = open_visit(acme, created_at=timezone.now() - timedelta(days=1), requester={"email": "bob@people.example"})

    def links(person) -> set:
        page = text(admin_client.get(reverse("punchout_users:inspect", args=[person.pk])))
        return {each for each in (mine, other) if reverse("punchout_visits:inspect", args=[each.pk]) in page}

    assert links(people["anna"]) == {mine}
    assert links(people["rita"]) == set()
    assert links(acme.customer.user) == {mine, other}


def test_visits_of_foreign_companies_are_not_shown(clerk, rival, open_visit, people):
    foreign = open_visit(rival, requester={"email": "both@people.example"})
    page = text(clerk.get(reverse("punchout_users:inspect", args=[people["both"].pk])))
    assert str(foreign.pk) not in page
    assert "Rival" not in page


def test_wagtails_own_page_is_linked_for_those_who_may_open_it(admin_client, clerk, people):
    inspect = reverse("punchout_users:inspect", args=[people["anna"].pk])
    edit = reverse("wagtailusers_users:edit", args=[people["anna"].pk])
    assert edit in text(admin_client.get(inspect))
    assert edit not in text(clerk.get(inspect))


def test_history_tells_of_roles_to_those_who_see_every_company(admin_client, clerk, acme, people):
    address = f"{reverse('punchout_role_assignments:add')}?user={people['anna'].pk}"
    roles = [Role.objects.get(slug=each).pk for each in ("tech", "admin")]
    admin_client.post(address, {"roles": roles, "company": acme.company.pk})
    switch(admin_client, OFF, people["anna"])
    inspect = reverse("punchout_users:inspect", args=[people["anna"].pk])
    page = text(admin_client.get(inspect))
    for entry in ("Role “Technical contact” assigned", "Role “Administrator” assigned", "Switched off"):
        assert entry in page
    assert "Role “Technical contact” assigned" not in text(clerk.get(inspect))


# Switching


def test_users_are_switched_off_and_on_and_it_is_written_down(admin_client, admin_user, people):
    both = [people["anna"], people["rita"]]
    page = text(admin_client.get(f"{OFF}?id={both[0].pk}&id={both[1].pk}"))
    assert "Anna Doe" in page
    assert "Rita Doe" in page
    assert "2 users are switched off." in text(switch(admin_client, OFF, *both))
    assert set(User.objects.filter(is_active=False)) == set(both)
    entries = ModelLogEntry.objects.filter(action="wagtail_punchout.switched_off", user=admin_user)
    assert {each.object_id for each in entries} == {str(each.pk) for each in both}
    assert "1 user is active again." in text(switch(admin_client, ON, both[0]))
    assert User.objects.get(pk=both[0].pk).is_active


def test_switching_twice_changes_and_writes_nothing(admin_client, people):
    switch(admin_client, OFF, people["anna"])
    assert "0 users are switched off." in text(switch(admin_client, OFF, people["anna"]))
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.switched_off").count() == 1


def test_asking_switches_nobody(admin_client, people):
    admin_client.get(f"{OFF}?id={people['anna'].pk}")
    assert User.objects.get(username="anna").is_active


def test_foreign_users_are_passed_over_like_unknown_ones(clerk, people):
    for query in (f"id={people['rita'].pk}", "id=987654", "id=x", ""):
        assert clerk.get(f"{OFF}?{query}").url == INDEX
    switch(clerk, OFF, people["rita"], people["nobody"])
    assert not User.objects.filter(is_active=False).exists()


def test_whoever_belongs_elsewhere_too_is_switched_by_those_who_see_all(clerk, admin_client, people):
    page = text(clerk.get(f"{OFF}?id={people['both'].pk}"))
    assert "You may not do this to:" in page
    assert "Rival" not in page
    switch(clerk, OFF, people["both"], people["anna"])
    assert set(User.objects.filter(is_active=False)) == {people["anna"]}
    switch(admin_client, OFF, people["both"])
    assert not User.objects.get(username="both").is_active


def test_asking_about_many_costs_no_more_queries(admin_client, acme, give, django_assert_max_num_queries):
    people = [User.objects.create_user(f"clerk-{number}") for number in range(30)]
    for each in people:
        give("finance", user=each, company=acme.company)
    address = f"{OFF}?" + "&".join(f"id={each.pk}" for each in people)
    admin_client.get(address)
    with django_assert_max_num_queries(12):
        assert "clerk-29" in text(admin_client.get(address))


@pytest.mark.parametrize("kind", ["is_staff", "is_superuser", "access_admin"])
def test_staff_with_a_role_are_never_switched(admin_client, acme, give, kind):
    boss = User.objects.create_user("boss")
    give("finance", user=boss, company=acme.company)
    if kind == "access_admin":
        boss.user_permissions.add(Permission.objects.get(codename=kind))
    else:
        User.objects.filter(pk=boss.pk).update(**{kind: True})
    switch(admin_client, OFF, boss)
    assert User.objects.get(username="boss").is_active


def test_nobody_switches_themselves(staff, acme, give):
    me = staff(Right.COMPANY_EDIT)
    give("finance", user=me, company=acme.company)
    User.objects.filter(pk=me.pk).update(is_staff=False)
    browser = Client()
    browser.force_login(me)
    switch(browser, OFF, me)
    assert User.objects.get(pk=me.pk).is_active


def test_from_one_users_page_one_is_back_there(admin_client, people):
    inspect = reverse("punchout_users:inspect", args=[people["anna"].pk])
    answer = switch(admin_client, OFF, people["anna"], next=inspect)
    assert answer.redirect_chain[-1][0] == inspect
    assert "Switch on" in text(answer)
