"""Which roles do not go together, and where."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse

from wagtail_punchout.flows.role_conflicts import conflicts_of, opposed_to
from wagtail_punchout.flows.roles import give_role
from wagtail_punchout.models import Company, CustomerGroup, Role, RoleAssignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return get_user_model().objects.create_user("jane", email="jane@buyer.example")


@pytest.fixture
def places(acme) -> dict[str, dict]:
    """``above`` acme, acme's own, ``below`` it and ``beside`` it: companies, and a group of each; and everybody's."""
    above = Company.objects.get(pk=acme.company.pk).get_parent().add_child(name="Above", code="above")
    acme.company.move(above, "last-child")
    own = Company.objects.get(pk=acme.company.pk)
    below = own.add_child(name="Below", code="below")
    beside = Company.objects.get(pk=above.pk).add_child(name="Beside", code="beside")
    found = {"above": above, "own": own, "below": below, "beside": beside}
    companies = {name: {"company": Company.objects.get(pk=each.pk)} for name, each in found.items()}
    groups = {
        f"{name} group": {"group": CustomerGroup.objects.create(name=name, company=each["company"])}
        for name, each in companies.items()
    }
    second = {
        "second group": {"group": CustomerGroup.objects.create(name="second", company=companies["own"]["company"])}
    }
    return companies | groups | second | {"open group": {"group": CustomerGroup.objects.create(name="open")}}


def hold(person, slug: str, place: dict) -> RoleAssignment:
    return RoleAssignment.objects.create(role=Role.objects.get(slug=slug), user=person, **place)


@pytest.mark.parametrize(
    ("buyer", "requisitioner", "is_conflict"),
    [
        ("own", "own", True),
        ("own", "above", True),
        ("above", "own", True),
        ("own", "below", True),
        ("own", "beside", False),
        ("below", "beside", False),
        ("own group", "own group", True),
        ("own group", "second group", False),
        ("own group", "own", True),
        ("own group", "above", True),
        ("own", "own group", True),
        ("own group", "below", True),
        ("own group", "beside", False),
        ("own group", "beside group", False),
        ("above group", "own", True),
        ("open group", "beside", True),
        ("open group", "own group", False),
    ],
)
def test_two_roles_conflict_where_both_hold(person, places, buyer, requisitioner, is_conflict):
    hold(person, "punchoutBuyer", places[buyer])
    hold(person, "requisitioner", places[requisitioner])
    assert bool(conflicts_of(person)) is is_conflict


@pytest.mark.parametrize("others", [("finance", "tech"), ("punchoutBuyer", "admin"), ("requisitioner", "finance")])
def test_other_roles_go_together(person, places, others):
    for each in others:
        hold(person, each, places["own"])
    assert conflicts_of(person) == []


def test_conflict_names_both_roles_where_they_hold_and_the_mend(person, places):
    hold(person, "punchoutBuyer", places["own group"])
    hold(person, "requisitioner", places["above"])
    [conflict] = conflicts_of(person)
    assert str(conflict) == "“PunchOut buyer” (own) and “Requisitioner” (Above) must not be held by the same person."
    assert conflict.mend == "Take away “PunchOut buyer” or “Requisitioner”."
    assert conflict.told(lambda held: True) == f"{conflict} {conflict.mend}"


def test_conflict_names_nothing_of_a_role_that_its_reader_may_not_see(person, places):
    hold(person, "requisitioner", places["above"])
    buyer, place = Role.objects.get(slug="punchoutBuyer"), places["own group"]
    with pytest.raises(ValidationError) as refused:
        give_role(buyer, by=None, sees=lambda held: False, user=person, **place)
    assert refused.value.messages == ["It does not go together with a role that this person holds elsewhere."]


def test_role_that_conflicts_is_not_given(person, places):
    hold(person, "requisitioner", places["above"])
    with pytest.raises(ValidationError, match="Take away “Requisitioner” or “PunchOut buyer”"):
        give_role(Role.objects.get(slug="punchoutBuyer"), by=None, user=person, **places["own group"])
    assert RoleAssignment.objects.count() == 1


def test_role_elsewhere_is_given(person, places):
    hold(person, "requisitioner", places["beside"])
    give_role(Role.objects.get(slug="punchoutBuyer"), by=None, user=person, **places["own"])
    assert conflicts_of(person) == []


def test_customers_roles_are_not_a_persons(acme, person):
    for slug in ("punchoutBuyer", "requisitioner"):
        give_role(Role.objects.get(slug=slug), by=None, customer=acme.customer)
    assert conflicts_of(person) == []


def test_rules_are_the_projects(person, places, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ROLE_CONFLICTS": [("finance", "tech")]}
    for each in ("punchoutBuyer", "requisitioner", "finance"):
        hold(person, each, places["own"])
    assert conflicts_of(person) == []
    with pytest.raises(ValidationError):
        give_role(Role.objects.get(slug="tech"), by=None, user=person, **places["own"])


def test_opposed_to_reads_pairs_both_ways():
    assert opposed_to(["punchoutBuyer"]) == {"requisitioner"}
    assert opposed_to(["requisitioner"]) == {"punchoutBuyer"}
    assert opposed_to(["finance"]) == set()


def test_screen_that_gives_roles_says_so_and_how_to_mend_it(admin_client, person, places):
    hold(person, "requisitioner", places["own"])
    url = reverse("punchout_role_assignments:add") + f"?user={person.pk}"
    form = {"roles": [Role.objects.get(slug="punchoutBuyer").pk], "group": places["own group"]["group"].pk}
    page = admin_client.post(url, form).content.decode()
    assert "must not be held by the same person" in page
    assert "Take away “Requisitioner” or “PunchOut buyer”" in page
    assert RoleAssignment.objects.count() == 1
