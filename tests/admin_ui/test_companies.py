from __future__ import annotations

import pytest
from django.urls import reverse

from wagtail_punchout.models import Company, company_root

LIST = reverse("punchout_companies:index")


def names(answer) -> list[str]:
    return [company.name for company in answer.context["object_list"]]


def form(**values) -> dict:
    return {"name": "Branch", "code": "branch", "is_active": "on", **values}


def test_list_shows_the_top_level_and_leads_down(admin_client, add_company):
    city = add_company("City")
    add_company("School", below=city)
    assert names(admin_client.get(LIST)) == ["City"]
    assert names(admin_client.get(reverse("punchout_companies:children", args=[city.pk]))) == ["School"]


@pytest.mark.parametrize("query", ["mull grosse", "GROSSE Mül", "lle 7/3", "a-77/3", "312345678"])
def test_search_finds_folded_words_in_any_order_at_any_depth(admin_client, add_company, query):
    city = add_company("City")
    add_company("Müller Größe", below=city, code="A-77/3-lle 7/3", duns="312345678")
    add_company("Other", below=city)
    assert names(admin_client.get(LIST, {"q": query})) == ["Müller Größe"]


def test_search_inside_a_branch_stays_there(admin_client, add_company):
    city, land = add_company("City"), add_company("Land")
    add_company("School A", below=city)
    add_company("School B", below=land)
    url = reverse("punchout_companies:children_results", args=[city.pk])
    assert names(admin_client.get(url, {"q": "school"})) == ["School A"]


def test_new_company_hangs_under_the_chosen_parent(admin_client, add_company):
    city = add_company("City")
    admin_client.post(reverse("punchout_companies:add_child", args=[city.pk]), form())
    branch = Company.objects.get(code="branch")
    assert branch.get_parent() == city


def test_new_company_at_the_top_hangs_under_the_hidden_root(admin_client, db):
    admin_client.post(reverse("punchout_companies:add"), form())
    assert Company.objects.get(code="branch").get_parent() == company_root()
    assert names(admin_client.get(LIST)) == ["Branch"]


def test_code_of_another_company_is_a_form_error(admin_client, add_company):
    add_company("City", code="BRANCH")
    answer = admin_client.post(reverse("punchout_companies:add"), form())
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_edit_keeps_the_place_in_the_tree(admin_client, add_company):
    city = add_company("City")
    school = add_company("School", below=city)
    admin_client.post(reverse("punchout_companies:edit", args=[school.pk]), form(name="Renamed", code="new"))
    school.refresh_from_db()
    assert (school.name, school.get_parent()) == ("Renamed", city)


def test_company_moves_with_all_that_is_below(admin_client, add_company):
    city, land = add_company("City"), add_company("Land")
    school = add_company("School", below=city)
    branch = add_company("Branch", below=school)
    url = reverse("punchout_companies:move", args=[school.pk])
    assert admin_client.post(url, {"parent": land.pk}).status_code == 302
    branch.refresh_from_db()
    assert [each.name for each in branch.lineage] == ["Branch", "School", "Land"]
    history = admin_client.get(reverse("punchout_companies:history", args=[school.pk])).content.decode()
    assert "Moved below Land" in history


def test_company_moves_to_the_top(admin_client, add_company):
    school = add_company("School", below=add_company("City"))
    admin_client.post(reverse("punchout_companies:move", args=[school.pk]), {"parent": ""})
    school.refresh_from_db()
    assert school.depth == 2


@pytest.mark.parametrize("target", ["itself", "child", "root"])
def test_company_cannot_move_below_itself_nor_to_the_root(admin_client, add_company, target):
    city = add_company("City")
    school = add_company("School", below=city)
    pk = {"itself": city.pk, "child": school.pk, "root": company_root().pk}[target]
    answer = admin_client.post(reverse("punchout_companies:move", args=[city.pk]), {"parent": pk})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_root_is_never_offered_to_choose(admin_client, add_company):
    add_company("City")
    page = admin_client.get(reverse("punchout_company_chooser:choose_results")).content.decode()
    assert "City" in page
    assert "(root)" not in page
    chosen = reverse("punchout_company_chooser:chosen", args=[company_root().pk])
    assert admin_client.get(chosen).status_code == 404


def test_dialogs_are_closed_to_those_who_may_not_see_the_list(signed_in, add_company):
    add_company("City")
    client = signed_in()
    for name in ("company", "customer", "group", "user", "shop_user"):
        for view in ("choose", "choose_results"):
            assert client.get(reverse(f"punchout_{name}_chooser:{view}")).status_code == 302


def test_export_has_every_company_and_no_formulas(admin_client, add_company):
    add_company("=HYPERLINK(1)", code="x", below=add_company("City"))
    content = b"".join(admin_client.get(LIST, {"export": "csv"}).streaming_content).decode()
    assert "City" in content
    assert ",'=HYPERLINK(1)" in content
    assert "(root)" not in content


def test_reader_sees_but_cannot_change(signed_in, add_company):
    city = add_company("City")
    client = signed_in("view_company")
    assert client.get(reverse("punchout_companies:inspect", args=[city.pk])).status_code == 200
    for name in ("edit", "move", "add_child"):
        assert client.get(reverse(f"punchout_companies:{name}", args=[city.pk])).status_code == 302
