"""A company takes another place in the tree, and people are told what that changes before it happens."""

from __future__ import annotations

import pytest
from django.urls import reverse

from wagtail_punchout.admin_ui.company_moves import CannotMove, move_company
from wagtail_punchout.models import Company, Right, company_root


def url(company: Company) -> str:
    return reverse("punchout_companies:move", args=[company.pk])


def move(client, company: Company, parent: Company | None):
    return client.post(url(company), {"parent": parent.pk if parent else "", "confirmed": "1"})


def asked(client, company: Company, parent: Company | None) -> str:
    """What the page says that asks before it is done."""
    answer = client.post(url(company), {"parent": parent.pk if parent else ""})
    assert Company.objects.get(pk=company.pk).path == company.path
    return " ".join(answer.context["sentences"])


@pytest.fixture
def city(add_company) -> Company:
    return add_company("City", price_group="public", currency="EUR")


@pytest.fixture
def land(add_company) -> Company:
    return add_company("Land", price_group="rural", currency="EUR")


@pytest.fixture
def school(city, add_company) -> Company:
    return add_company("School", below=city)


def test_company_moves_with_all_that_is_below(admin_client, land, school, add_company):
    branch = add_company("Branch", below=school)
    assert move(admin_client, school, land).status_code == 302
    branch.refresh_from_db()
    assert [each.name for each in branch.lineage] == ["Branch", "School", "Land"]


def test_company_moves_to_the_top(admin_client, school):
    move(admin_client, school, None)
    school.refresh_from_db()
    assert school.depth == 2


@pytest.mark.parametrize("target", ["itself", "child", "root", "where it is"])
def test_company_cannot_move_to_where_it_makes_no_sense(admin_client, city, school, add_company, target):
    branch = add_company("Branch", below=school)
    pk = {"itself": school, "child": branch, "root": company_root(), "where it is": city}[target].pk
    answer = admin_client.post(url(school), {"parent": pk, "confirmed": "1"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["parent"]
    assert Company.objects.get(pk=school.pk).path == school.path


def test_loop_is_refused_in_words(admin_client, city, school):
    answer = admin_client.post(url(city), {"parent": school.pk})
    assert "“School” is itself below “City”" in answer.content.decode()


def test_loop_made_by_somebody_else_meanwhile_is_refused(city, land, admin_user):
    Company.objects.get(pk=city.pk).move(land, pos="last-child")
    with pytest.raises(CannotMove):
        move_company(land, city, by=admin_user)
    land.refresh_from_db()
    assert land.depth == 2


def test_question_says_how_many_move_along_and_what_they_inherit(admin_client, land, school, add_company):
    for number in range(3):
        add_company(f"Class {number}", below=school)
    told = asked(admin_client, school, land)
    assert "3 companies below it move along" in told
    assert "price group it inherits changes from public to rural" in told
    assert "currency" not in told


def test_own_values_are_not_inherited_anew(admin_client, land, school):
    Company.objects.filter(pk=school.pk).update(price_group="pupils")
    assert "price group" not in asked(admin_client, school, land)


def test_question_names_who_gains_and_who_loses_sight_of_it(admin_client, city, land, school, staff):
    for company, name in ((city, "ben"), (land, "eve"), (school, "kim")):
        person = staff(Right.CRM_COMPANY_EDIT, companies=[company])
        person.username = name
        person.save()
    told = asked(admin_client, school, land)
    assert "No longer see it as assigned staff: ben." in told
    assert "See it from now on as assigned staff: eve." in told


def test_question_says_when_customers_are_shut_out(admin_client, land, school):
    Company.objects.filter(pk=land.pk).update(is_active=False)
    assert "can no longer enter" in asked(admin_client, school, land)


def test_history_tells_where_from_and_where_to(admin_client, city, land, school):
    move(admin_client, school, land)
    page = admin_client.get(reverse("punchout_companies:history", args=[school.pk])).content.decode()
    assert "From City to Land" in page


def test_history_does_not_name_places_one_may_not_see(admin_client, signed_in, city, land, school):
    move(admin_client, school, land)
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[school])
    for name in ("history", "edit"):
        page = clerk.get(reverse(f"punchout_companies:{name}", args=[school.pk])).content.decode()
        assert "Moved to another place" in page
        assert "City" not in page
        assert "Land" not in page


def test_only_those_who_see_every_company_move_one(signed_in, land, school):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[school, land])
    assert move(clerk, school, land).status_code == 302
    school.refresh_from_db()
    assert school.depth == 3
    move(signed_in(Right.COMPANY_EDIT), school, None)
    school.refresh_from_db()
    assert school.depth == 2
