"""What roles allow, for whom and where."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from wagtail_punchout.flows.abilities import in_visit, of_person
from wagtail_punchout.models import Ability, Company, CustomerGroup, PunchoutSession, Role, RoleAssignment

pytestmark = pytest.mark.django_db

SEES, ORDERS, RETURNS = Ability.SEE_COMPANY_VISITS, Ability.SEE_COMPANY_ORDERS, Ability.TRANSFER_CART


@pytest.fixture
def give():
    """Gives a role with these abilities: ``give(SEES, customer=…)``, ``give(SEES, user=…, company=…)``."""

    def make(*abilities: str, **holder) -> RoleAssignment:
        number = Role.objects.count()
        role = Role.objects.create(name=f"Role {number}", slug=f"role-{number}", abilities=list(abilities))
        return RoleAssignment.objects.create(role=role, **holder)

    return make


@pytest.fixture
def below(acme) -> Company:
    return Company.objects.get(pk=acme.company.pk).add_child(name="Below", code="below")


@pytest.fixture
def beside(acme) -> Company:
    return Company.objects.get(pk=acme.company.pk).get_parent().add_child(name="Beside", code="beside")


@pytest.fixture
def person():
    return get_user_model().objects.create_user("jane")


def visit(acme, company: Company | None = None) -> PunchoutSession:
    """A visit as far as its standing asks for it; not saved."""
    return PunchoutSession(customer=acme.customer, company=company or acme.company)


def abilities(acme, company: Company | None = None) -> set[str]:
    return set(in_visit(visit(acme, company)).abilities)


# In a visit


def test_without_a_role_a_visit_may_return_its_cart_and_nothing_else(acme):
    assert abilities(acme) == {RETURNS}


def test_roles_add_up(acme, give):
    give(SEES, customer=acme.customer)
    give(ORDERS, RETURNS, customer=acme.customer)
    assert abilities(acme) == {SEES, ORDERS, RETURNS}


def test_a_customer_with_a_role_may_only_what_it_says(acme, give):
    give(SEES, customer=acme.customer)
    assert abilities(acme) == {SEES}


def test_a_role_of_the_shop_user_takes_nothing_away(acme, give):
    give(SEES, user=acme.customer.user, company=acme.company)
    assert abilities(acme) == {SEES, RETURNS}


def test_a_customers_role_does_not_let_a_named_buyer_past_the_approval(acme, give, person, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ROLE_CONFLICTS": [("role-0", "role-1")]}
    Role.objects.all().delete()
    give(RETURNS, user=person, company=acme.company)
    give(Ability.CHECKOUT_DIRECTLY, customer=acme.customer)
    give(SEES, customer=acme.customer)
    named = PunchoutSession(customer=acme.customer, company=acme.company, user=person)
    assert set(in_visit(named).abilities) == {RETURNS, SEES}
    assert abilities(acme) == {Ability.CHECKOUT_DIRECTLY, SEES}


def test_a_role_for_a_company_holds_below_it_and_not_above_or_beside(acme, give, below, beside):
    give(SEES, customer=acme.customer, company=below)
    deeper = Company.objects.get(pk=below.pk).add_child(name="Deeper", code="deeper")
    assert abilities(acme, below) == abilities(acme, deeper) == {SEES}
    assert abilities(acme, acme.company) == abilities(acme, beside) == {RETURNS}


def test_a_role_for_a_group_holds_for_its_customers_alone(acme, give):
    other = CustomerGroup.objects.create(name="Others", company=acme.company)
    give(SEES, customer=acme.customer, group=acme.customer.group)
    give(ORDERS, customer=acme.customer, group=other)
    standing = in_visit(visit(acme))
    assert standing.extents == {SEES: frozenset({acme.customer.group_id})}
    assert standing.may(SEES)
    assert not standing.may_for_all(SEES)


def test_roles_of_other_customers_and_people_count_for_nothing(acme, give, person):
    give(SEES, user=person, company=acme.company)
    assert abilities(acme) == {RETURNS}


def test_an_ability_nobody_knows_allows_nothing(acme, give):
    give("fly", RETURNS, customer=acme.customer)
    assert abilities(acme) == {RETURNS}


def test_a_visit_is_asked_once(acme, give, django_assert_num_queries):
    for ability in Ability:
        give(ability, customer=acme.customer)
    session = visit(acme)
    with django_assert_num_queries(1):
        assert in_visit(session).abilities == set(Ability)


# Without a visit


def test_a_person_without_a_role_has_no_standing(person):
    assert of_person(person) == []


def test_a_person_has_a_standing_for_each_company_of_their_roles(acme, give, person, below, beside):
    give(SEES, user=person, company=acme.company)
    give(ORDERS, user=person, company=below)
    give(RETURNS, user=person, company=beside)
    assert [(each.path, set(each.abilities)) for each in of_person(person)] == [
        (acme.company.path, {SEES}),
        (below.path, {SEES, ORDERS}),
        (beside.path, {RETURNS}),
    ]


def test_a_role_for_a_group_leads_to_its_company_and_stays_in_the_group(acme, give, person):
    group = acme.customer.group
    give(SEES, user=person, group=group)
    [standing] = of_person(person)
    assert standing.path == acme.company.path
    assert standing.extents == {SEES: frozenset({group.pk})}
    give(SEES, user=person, company=acme.company)
    assert of_person(person)[0].may_for_all(SEES)


def test_the_shop_user_has_the_customers_roles(acme, give):
    give(SEES, customer=acme.customer)
    [standing] = of_person(acme.customer.user)
    assert (standing.path, standing.abilities) == (acme.company.path, {SEES})


def test_a_customers_role_for_a_group_of_a_company_above_leads_to_its_own_company(acme, give, below):
    acme.customer.company = below
    acme.customer.save()
    give(SEES, customer=acme.customer, group=acme.customer.group)
    assert [each.path for each in of_person(acme.customer.user)] == [below.path]


@pytest.mark.parametrize("switch_off", ["customer", "company", "parent"])
def test_what_is_switched_off_gives_nothing(acme, give, below, switch_off):
    acme.customer.company = below
    acme.customer.save()
    give(SEES, customer=acme.customer)
    thing = {"customer": acme.customer, "company": below, "parent": Company.objects.get(code="acme")}[switch_off]
    assert of_person(acme.customer.user)
    type(thing).objects.filter(pk=thing.pk).update(is_active=False)
    assert of_person(acme.customer.user) == []


def test_a_person_is_asked_once(acme, give, person, below, django_assert_num_queries):
    for company in (acme.company, below):
        give(SEES, user=person, company=company)
    with django_assert_num_queries(1):
        assert len(of_person(person)) == 2


# Giving roles


def test_a_customers_role_holds_in_its_own_branch_alone(acme, give, below, beside):
    role = give(SEES, customer=acme.customer).role
    RoleAssignment(role=role, customer=acme.customer, company=below).full_clean()
    with pytest.raises(ValidationError, match="own company or one below"):
        RoleAssignment(role=role, customer=acme.customer, company=beside).full_clean()


def test_a_customers_role_holds_in_its_own_group_alone(acme, give):
    role, other = give(SEES, customer=acme.customer).role, CustomerGroup.objects.create(name="Others")
    RoleAssignment(role=role, customer=acme.customer, group=acme.customer.group).full_clean()
    with pytest.raises(ValidationError, match="not in this group"):
        RoleAssignment(role=role, customer=acme.customer, group=other).full_clean()


def test_a_persons_role_says_for_which_company(give, person, acme):
    role = give(SEES, customer=acme.customer).role
    with pytest.raises(ValidationError, match="belongs to"):
        RoleAssignment(role=role, user=person).full_clean()
    RoleAssignment(role=role, user=person, company=acme.company).full_clean()
