"""Roles: what they allow, who holds them, and how they are given and taken."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.connections import Connection, connect
from wagtail_punchout.models import Ability, Company, CustomerGroup, Right, Role, RoleAssignment
from wagtail_punchout.models.roles import READY_MADE

pytestmark = pytest.mark.django_db

ASSIGN = reverse("punchout_role_assignments:add")


@pytest.fixture
def rival() -> Connection:
    return connect("rival")


@pytest.fixture
def below(acme) -> Company:
    return Company.objects.get(pk=acme.company.pk).add_child(name="Below", code="below")


@pytest.fixture
def clerk(signed_in, acme):
    """Staff who look after Acme and nothing else."""
    return signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])


@pytest.fixture
def person():
    return get_user_model().objects.create_user("jane", "jane@people.example")


def role_of(slug: str) -> Role:
    return Role.objects.get(slug=slug)


def to(**holder) -> str:
    return f"{ASSIGN}?{urlencode({key: each.pk for key, each in holder.items()})}"


def assign(browser, address: str, *slugs: str, **values):
    return browser.post(address, {"roles": [role_of(each).pk for each in slugs], **values})


def tab(customer) -> str:
    return reverse("punchout_customers:edit", args=[customer.pk]) + "#tab-roles"


def held(customer) -> set[str]:
    return set(customer.role_assignments.values_list("role__slug", flat=True))


def text(answer) -> str:
    return answer.content.decode()


# Roles themselves


def test_six_roles_come_ready_and_are_marked(admin_client):
    page = text(admin_client.get(reverse("punchout_roles:index")))
    assert {each for each in READY_MADE if each not in page} == set()
    assert page.count("ready-made") == len(READY_MADE) == 6


def test_abilities_are_check_boxes_that_say_what_they_do(admin_client):
    page = text(admin_client.get(reverse("punchout_roles:add")))
    assert page.count('type="checkbox" name="abilities"') == len(Ability)
    for each in Ability:
        assert str(each.explanation).replace("'", "&#x27;") in page


def test_a_role_is_made_of_abilities_and_changed(admin_client):
    values = {"name": "Watcher", "slug": "watcher", "abilities": ["see_company_visits"], "description": "Looks."}
    admin_client.post(reverse("punchout_roles:add"), values)
    role = role_of("watcher")
    assert (role.abilities, role.is_ready_made) == (["see_company_visits"], False)
    values["abilities"] = ["see_company_visits", "see_connection"]
    admin_client.post(reverse("punchout_roles:edit", args=[role.pk]), values)
    assert role_of("watcher").abilities == ["see_company_visits", "see_connection"]


def test_an_ability_nobody_knows_is_refused(admin_client):
    values = {"name": "Bird", "slug": "bird", "abilities": ["fly"], "description": ""}
    assert admin_client.post(reverse("punchout_roles:add"), values).context["form"].errors["abilities"]


@pytest.mark.parametrize(
    ("rights", "may_edit"),
    [
        ([Right.COMPANY_EDIT], False),
        ([Right.COMPANY_EDIT, Right.EDIT_ROLES], True),
        ([Right.CRM_COMPANY_EDIT, Right.EDIT_ROLES], False),
    ],
)
def test_what_a_role_allows_changes_for_everybody_and_is_changed_by_few(signed_in, acme, rights, may_edit):
    browser = signed_in(*rights, companies=[acme.company])
    role = role_of("finance")
    assert browser.get(reverse("punchout_roles:inspect", args=[role.pk])).status_code == 200
    for name in ("edit", "delete"):
        opened = browser.get(reverse(f"punchout_roles:{name}", args=[role.pk])).status_code == 200
        assert opened == may_edit
    assert (browser.get(reverse("punchout_roles:add")).status_code == 200) == may_edit


def test_a_role_that_is_held_is_not_deleted(admin_client, acme):
    role = role_of("finance")
    RoleAssignment.objects.create(role=role, customer=acme.customer)
    page = text(admin_client.post(reverse("punchout_roles:delete", args=[role.pk]), follow=True))
    assert "cannot be deleted" in page
    assert Role.objects.filter(pk=role.pk).exists()
    RoleAssignment.objects.all().delete()
    admin_client.post(reverse("punchout_roles:delete", args=[role.pk]))
    assert not Role.objects.filter(pk=role.pk).exists()


def test_holders_are_named_and_counted_as_far_as_they_may_be_seen(admin_client, clerk, acme, rival, person):
    role = role_of("finance")
    RoleAssignment.objects.create(role=role, customer=acme.customer)
    RoleAssignment.objects.create(role=role, customer=rival.customer)
    RoleAssignment.objects.create(role=role, user=person, company=rival.company)
    inspect, index = reverse("punchout_roles:inspect", args=[role.pk]), reverse("punchout_roles:index")

    def count(browser) -> int:
        return next(each.holders for each in browser.get(index).context["object_list"] if each == role)

    assert (count(admin_client), count(clerk)) == (3, 1)
    assert "Rival" in text(admin_client.get(inspect))
    page = text(clerk.get(inspect))
    assert "Acme" in page
    assert "Rival" not in page
    assert "jane" not in page


def test_list_of_roles_is_exported(clerk):
    lines = b"".join(clerk.get(reverse("punchout_roles:index"), {"export": "csv"}).streaming_content).decode()
    assert "finance" in lines
    assert "See orders of the company" in lines


# Assigning


def test_several_roles_are_assigned_at_once_and_the_tab_shows_them(admin_client, admin_user, acme):
    answer = assign(admin_client, to(customer=acme.customer), "finance", "tech")
    assert answer.url == tab(acme.customer)
    assert held(acme.customer) == {"finance", "tech"}
    page = text(admin_client.get(answer.url))
    assert "Finance" in page
    assert "Technical contact" in page
    entries = ModelLogEntry.objects.filter(action="wagtail_punchout.role_assigned", user=admin_user)
    assert {(each.object_id, each.data["role"]) for each in entries} == {
        (str(acme.customer.pk), "finance"),
        (str(acme.customer.pk), "tech"),
    }


def test_the_tab_leads_to_assigning_and_has_a_button_for_each_role(admin_client, acme):
    assignment = RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    page = text(admin_client.get(tab(acme.customer)))
    assert f"{ASSIGN}?customer={acme.customer.pk}" in page
    assert f'data-w-action-url-value="{reverse("punchout_role_assignments:remove", args=[assignment.pk])}"' in page
    assert "(Finance, Acme)" in page


def test_the_page_names_every_role_with_what_it_allows_and_what_is_held(admin_client, acme):
    RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    page = text(admin_client.get(to(customer=acme.customer)))
    for role in Role.objects.all():
        assert f"<b>{role.name}</b> <code>{role.slug}</code>" in page
    assert "Check out in the shop" in page
    assert page.count("held already: everywhere") == 1


def test_a_role_held_already_is_told_and_nothing_is_assigned(admin_client, acme):
    RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    answer = assign(admin_client, to(customer=acme.customer), "finance", "tech")
    assert "“Acme” has the role “Finance” already (everywhere)." in text(answer)
    assert held(acme.customer) == {"finance"}
    assert not ModelLogEntry.objects.filter(action="wagtail_punchout.role_assigned").exists()


def test_without_a_choice_nothing_happens(admin_client, acme):
    answer = admin_client.post(to(customer=acme.customer), {})
    assert "Choose at least one role." in text(answer)


def test_after_assigning_one_is_back_where_one_came_from_and_never_elsewhere(admin_client, acme):
    back = reverse("punchout_roles:index")
    assert assign(admin_client, to(customer=acme.customer), "finance", next=back).url == back
    answer = assign(admin_client, to(customer=acme.customer), "tech", next="https://evil.example/")
    assert answer.url == tab(acme.customer)


def test_a_customers_role_can_be_for_a_company_below_and_for_no_other(admin_client, acme, below, rival):
    assert "company" not in admin_client.get(to(customer=rival.customer)).context["form"].fields
    assign(admin_client, to(customer=acme.customer), "finance", company=below.pk)
    assert acme.customer.role_assignments.get().company == below
    answer = assign(admin_client, to(customer=acme.customer), "tech", company=rival.company.pk)
    assert "own company or one below" in text(answer)
    assert held(acme.customer) == {"finance"}


def test_a_person_gets_a_role_for_a_company(admin_client, acme, person):
    answer = assign(admin_client, to(user=person), "finance")
    assert "belongs to" in text(answer)
    answer = assign(admin_client, to(user=person), "finance", company=acme.company.pk)
    assert answer.url == reverse("punchout_users:inspect", args=[person.pk])
    assert person.punchout_role_assignments.get().company == acme.company


def test_a_person_gets_a_role_for_a_group(admin_client, acme, person):
    assign(admin_client, to(user=person), "finance", group=acme.customer.group.pk)
    assert person.punchout_role_assignments.get().group == acme.customer.group


@pytest.mark.parametrize("holders", [[], ["customer", "user"]])
def test_a_role_needs_exactly_one_holder(admin_client, acme, person, holders):
    chosen = {"customer": acme.customer.pk, "user": person.pk}
    answer = assign(admin_client, ASSIGN, "finance", **{each: chosen[each] for each in holders})
    assert "Choose either a customer or a person." in text(answer)
    assert not RoleAssignment.objects.exists()


def test_from_a_role_the_holder_is_chosen(admin_client, acme):
    role = role_of("finance")
    address = f"{ASSIGN}?roles={role.pk}"
    assert address in text(admin_client.get(reverse("punchout_roles:inspect", args=[role.pk])))
    page = text(admin_client.get(address))
    assert page.count(" checked") == 1
    assign(admin_client, address, "finance", customer=acme.customer.pk)
    assert held(acme.customer) == {"finance"}


# Whose


def test_staff_assign_to_their_own_customers(clerk, acme):
    assert assign(clerk, to(customer=acme.customer), "finance").url == tab(acme.customer)
    assert held(acme.customer) == {"finance"}


def test_a_foreign_holder_answers_like_an_unknown_one(clerk, rival):
    stranger = get_user_model().objects.create_user("stranger")
    RoleAssignment.objects.create(role=role_of("tech"), user=stranger, company=rival.company)
    for key, thing in {"customer": rival.customer, "user": stranger}.items():
        foreign, unknown = f"{ASSIGN}?{key}={thing.pk}", f"{ASSIGN}?{key}=987654"
        for address in (foreign, unknown, f"{ASSIGN}?{key}=x"):
            assert clerk.get(address).status_code == 404
            assert assign(clerk, address, "finance").status_code == 404
    assert not rival.customer.role_assignments.exists()


@pytest.mark.parametrize("key", ["customer", "user", "company", "group"])
def test_a_foreign_choice_is_refused_like_an_unknown_one(clerk, acme, below, rival, key):
    colleague = get_user_model().objects.create_user("colleague")
    RoleAssignment.objects.create(role=role_of("tech"), user=colleague, company=acme.company)
    stranger = get_user_model().objects.create_user("stranger")
    foreign = {
        "customer": rival.customer,
        "user": stranger,
        "company": rival.company,
        "group": rival.customer.group,
    }
    address = ASSIGN if key in ("customer", "user") else to(user=colleague)
    answers = [assign(clerk, address, "finance", **{key: pk}) for pk in (foreign[key].pk, 987654)]
    errors = [answer.context["form"].errors for answer in answers]
    assert errors[0]
    assert errors[0] == errors[1]
    assert not RoleAssignment.objects.filter(role__slug="finance").exists()


def test_a_group_of_all_companies_is_no_scope_for_staff_of_one(clerk, acme):
    colleague = get_user_model().objects.create_user("colleague")
    RoleAssignment.objects.create(role=role_of("tech"), user=colleague, company=acme.company)
    shared = CustomerGroup.objects.create(name="Everybody")
    answer = assign(clerk, to(user=colleague), "finance", group=shared.pk)
    assert "company that you work with" in text(answer)
    assert not RoleAssignment.objects.filter(role__slug="finance").exists()


def test_without_companies_nobody_assigns(signed_in, acme):
    browser = signed_in()
    assert browser.get(ASSIGN).url == reverse("wagtailadmin_home")
    assert assign(browser, to(customer=acme.customer), "finance").status_code == 302
    assert not RoleAssignment.objects.exists()


# Removing


def test_a_role_is_removed_with_a_way_to_give_it_back(admin_client, admin_user, acme):
    assignment = RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    answer = admin_client.post(reverse("punchout_role_assignments:remove", args=[assignment.pk]))
    assert answer.url == tab(acme.customer)
    assert held(acme.customer) == set()
    page = text(admin_client.get(answer.url))
    assert "“Acme” no longer has the role “Finance” (everywhere)." in page
    again = f"{ASSIGN}?{urlencode({'roles': role_of('finance').pk, 'next': tab(acme.customer)})}"
    assert again.replace("&", "&amp;") in page
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.role_removed")
    assert (entry.user, entry.object_id, entry.data["role"]) == (admin_user, str(acme.customer.pk), "finance")


@pytest.mark.parametrize("holder", ["customer", "user"])
@pytest.mark.parametrize("place", ["company", "group"])
def test_a_role_that_is_given_back_holds_where_it_did(admin_client, acme, person, holder, place):
    scope = {
        holder: {"customer": acme.customer, "user": person}[holder],
        place: {"company": acme.company, "group": acme.customer.group}[place],
    }
    assignment = RoleAssignment.objects.create(role=role_of("finance"), **scope)
    removed = admin_client.post(reverse("punchout_role_assignments:remove", args=[assignment.pk]), follow=True)
    again = unescape(re.search(rf'href="({ASSIGN}[^"]*roles=[^"]*)"', text(removed))[1])
    form = admin_client.get(again).context["form"]
    shown = {each.name: getattr(each.value(), "pk", each.value()) for each in form if each.name in ("company", "group")}
    assert shown[place] == scope[place].pk
    assign(admin_client, again, "finance", **{name: value or "" for name, value in shown.items()})
    assert RoleAssignment.objects.filter(role=role_of("finance"), **scope).exists()


@pytest.mark.parametrize("place", ["company", "group"])
def test_a_place_that_is_gone_or_foreign_is_not_taken_for_everywhere(clerk, acme, rival, place):
    foreign = {"company": rival.company, "group": rival.customer.group}[place]
    for pk in (foreign.pk, 987654):
        assert assign(clerk, f"{to(customer=acme.customer)}&{place}={pk}", "finance").status_code == 404
    assert not acme.customer.role_assignments.exists()


def test_history_of_the_customer_tells_of_roles(admin_client, acme):
    assign(admin_client, to(customer=acme.customer), "finance")
    admin_client.post(reverse("punchout_role_assignments:remove", args=[acme.customer.role_assignments.get().pk]))
    page = text(admin_client.get(reverse("punchout_customers:history", args=[acme.customer.pk])))
    assert "Role “Finance” assigned" in page
    assert "Role “Finance” removed" in page


def test_removing_needs_a_post(admin_client, acme):
    assignment = RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    address = reverse("punchout_role_assignments:remove", args=[assignment.pk])
    assert admin_client.get(address).status_code == 405
    assert held(acme.customer) == {"finance"}


def test_a_foreign_role_is_removed_like_an_unknown_one(clerk, rival, acme, person):
    foreign = [
        RoleAssignment.objects.create(role=role_of("finance"), customer=rival.customer),
        RoleAssignment.objects.create(role=role_of("finance"), user=person, company=rival.company),
    ]
    for pk in (*(each.pk for each in foreign), 987654):
        assert clerk.post(reverse("punchout_role_assignments:remove", args=[pk])).status_code == 404
    assert RoleAssignment.objects.count() == 2
    own = RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    assert clerk.post(reverse("punchout_role_assignments:remove", args=[own.pk])).url == tab(acme.customer)


# The list of all


def test_list_of_who_holds_what_searches_filters_and_exports(admin_client, acme, rival, person):
    RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    RoleAssignment.objects.create(role=role_of("tech"), user=person, company=rival.company)
    index = reverse("punchout_role_assignments:index")

    def found(**query) -> set[str]:
        shown = admin_client.get(index, query).context["object_list"]
        return {str(each.customer or each.user) for each in shown}

    assert found() == {"Acme", "jane"}
    assert found(q="jane@people") == found(q="rival") == found(role=role_of("tech").pk) == {"jane"}
    assert found(q="finance") == {"Acme"}
    exported = b"".join(admin_client.get(index, {"export": "csv"}).streaming_content).decode()
    assert "Acme,,Finance,finance,everywhere" in exported
    assert ",jane,Technical contact,tech,Rival" in exported


def test_list_of_who_holds_what_ends_at_ones_companies(clerk, acme, rival):
    RoleAssignment.objects.create(role=role_of("finance"), customer=acme.customer)
    RoleAssignment.objects.create(role=role_of("finance"), customer=rival.customer)
    page = text(clerk.get(reverse("punchout_role_assignments:index")))
    assert "Acme" in page
    assert "Rival" not in page


def test_nobody_reads_of_a_role_at_a_company_that_they_may_not_see(signed_in, below, person, acme):
    group = CustomerGroup.objects.create(name="Below", company=below)
    RoleAssignment.objects.create(role=role_of("requisitioner"), user=person, company=acme.company)
    RoleAssignment.objects.create(role=role_of("finance"), user=person, company=below)
    sheet = f"E-mail,Roles\n{person.email},PunchOut buyer".encode()

    def pages(browser) -> list[str]:
        roles, file = [role_of("punchoutBuyer").pk], SimpleUploadedFile("users.csv", sheet)
        invite, upload = (reverse(f"punchout_{each}", args=[group.pk]) for each in ("invitations:new", "uploads:users"))
        answers = [
            browser.post(to(user=person), {"roles": roles, "group": group.pk}),
            browser.post(invite, {"roles": roles, "emails": person.email}),
            browser.post(upload, {"file": file}, follow=True),
        ]
        return [text(each) for each in answers]

    for page in pages(signed_in(Right.CRM_COMPANY_EDIT, Right.INVITE_USERS, companies=[below])):
        assert "It does not go together with a role that this person holds elsewhere." in page
        assert "Acme" not in page
    for page in pages(signed_in(Right.COMPANY_EDIT, Right.INVITE_USERS)):
        assert "“Requisitioner” (Acme)" in page
