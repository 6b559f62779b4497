"""The same done to many: only to what one sees, and only what one may."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.connections import connect
from wagtail_punchout.admin_ui import bulk
from wagtail_punchout.models import Address, Company, CustomerGroup, PunchoutCustomer, Right

LIST = reverse("punchout_companies:index")


def url(model: type, action: str, *ids: object, **query: object) -> str:
    named = "&".join([*(f"id={each}" for each in ids), *(f"{key}={value}" for key, value in query.items())])
    address = reverse("wagtail_bulk_action", args=["wagtail_punchout", model._meta.model_name, action])
    return f"{address}?{named}&next={LIST}"


def active(model=Company) -> set[str]:
    return set(model.objects.filter(is_active=True).values_list("name", flat=True)) - {"(root)"}


def messages(answer) -> str:
    return " ".join(str(each) for each in answer.context["messages"])


def test_list_has_a_box_for_each_row_and_a_bar_with_what_one_may_do(admin_client, clerk, own):
    for client, may_assign in ((admin_client, True), (clerk, False)):
        page = client.get(LIST).content.decode()
        assert f'data-object-id="{own.pk}"' in page
        assert f'aria-describedby="company_{own.pk}_title"' in page
        assert f'id="company_{own.pk}_title"' in page
        assert "switch_off" in page
        assert ("assign_staff" in page) == may_assign


def test_companies_are_switched_off_together_and_each_has_an_entry(admin_client, own, foreign):
    answer = admin_client.post(url(Company, "switch_off", own.pk, foreign.pk), follow=True)
    assert active() == set()
    assert "0 customers cannot enter any more" in messages(answer)
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.switched_off").count() == 2
    for each in (own, foreign):
        history = admin_client.get(reverse("punchout_companies:history", args=[each.pk])).content.decode()
        assert "Switched off" in history
    admin_client.post(url(Company, "switch_on", own.pk, foreign.pk))
    assert active() == {"Own", "Foreign"}


def test_question_says_what_it_would_mean(admin_client, acme):
    page = admin_client.get(url(Company, "switch_off", acme.company.pk)).content.decode()
    assert "1 customer can no longer enter" in page
    assert active() == {"Acme"}


def test_foreign_rows_are_passed_over_in_silence(clerk, own, foreign):
    address = url(Company, "switch_off", own.pk, foreign.pk)
    assert "Foreign" not in clerk.get(address).content.decode()
    clerk.post(address)
    assert active() == {"Foreign"}


def test_foreign_rows_alone_are_like_rows_that_are_not_there(clerk, foreign):
    for method in (clerk.get, clerk.post):
        answers = [method(url(Company, "switch_off", pk)) for pk in (foreign.pk, 987654, "nonsense")]
        assert [each.status_code for each in answers] == [404, 404, 404]
    assert active() == {"Foreign", "Own"}


def test_all_means_all_of_the_list_one_sees(clerk, own, foreign):
    clerk.post(url(Company, "switch_off", "all"))
    assert active() == {"Foreign"}


def test_all_means_the_level_one_is_looking_at(admin_client, own, foreign, add_company):
    add_company("Branch", below=own)
    admin_client.post(url(Company, "switch_off", "all", childOf=own.pk))
    assert active() == {"Own", "Foreign"}


def test_all_means_what_was_searched_and_filtered(admin_client, own, foreign, add_company):
    add_company("Own branch", below=own, currency="EUR")
    admin_client.post(url(Company, "switch_off", "all", q="branch"))
    assert active() == {"Own", "Foreign"}
    admin_client.post(url(Company, "switch_on", "all", currency="EUR"))
    assert active() == {"Own", "Foreign", "Own branch"}


def test_level_one_may_not_see_has_no_all(clerk, foreign, add_company):
    add_company("Branch", below=foreign)
    assert clerk.post(url(Company, "switch_off", "all", childOf=foreign.pk)).status_code == 404
    assert active() == {"Own", "Foreign", "Branch"}


def test_too_many_at_once_are_refused(admin_client, own, foreign, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 1)
    address = url(Company, "switch_off", own.pk, foreign.pk)
    assert "At most 1 can be changed" in admin_client.get(address).content.decode()
    admin_client.post(address)
    assert active() == {"Own", "Foreign"}


def test_staff_is_assigned_and_taken_away(admin_client, own, foreign, staff):
    person = staff(Right.CRM_COMPANY_EDIT)
    address = url(Company, "assign_staff", own.pk, foreign.pk)
    admin_client.post(address, {"way": "add", "people": [person.pk]})
    assert set(person.assigned_companies.all()) == {own, foreign}
    admin_client.post(address, {"way": "remove", "people": [person.pk]})
    assert not person.assigned_companies.exists()
    history = admin_client.get(reverse("punchout_companies:history", args=[own.pk])).content.decode()
    assert f"Assigned staff: empty → {person}" in history
    assert f"Assigned staff: {person} → empty" in history


def test_staff_is_assigned_by_those_who_see_every_company(clerk, own, staff):
    person = staff(Right.CRM_COMPANY_EDIT)
    address = url(Company, "assign_staff", own.pk)
    page = clerk.get(address).content.decode()
    assert "You may not do this to:" in page
    clerk.post(address, {"way": "add", "people": [person.pk]})
    assert not person.assigned_companies.exists()


def test_shop_users_cannot_be_assigned(admin_client, own, acme):
    admin_client.post(url(Company, "assign_staff", own.pk), {"way": "add", "people": [acme.customer.user.pk]})
    assert not own.assigned_staff.exists()


def test_customers_are_switched_off_together(admin_client, acme):
    other = connect("other")
    admin_client.post(url(PunchoutCustomer, "switch_off", acme.customer.pk, other.customer.pk))
    assert active(PunchoutCustomer) == set()
    answer = admin_client.post(url(PunchoutCustomer, "switch_on", acme.customer.pk), follow=True)
    assert active(PunchoutCustomer) == {"Acme"}
    assert "1 customer can enter again" in messages(answer)


def test_foreign_customers_stay_as_they_are(signed_in, acme):
    other = connect("other")
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])
    clerk.post(url(PunchoutCustomer, "switch_off", "all"))
    assert active(PunchoutCustomer) == {"Other"}
    assert clerk.post(url(PunchoutCustomer, "switch_off", other.customer.pk)).status_code == 404


def test_customers_are_put_into_a_group(admin_client, acme):
    shared = CustomerGroup.objects.create(name="Shared")
    admin_client.post(url(PunchoutCustomer, "put_into_group", acme.customer.pk), {"group": shared.pk})
    acme.customer.refresh_from_db()
    assert acme.customer.group == shared
    history = admin_client.get(reverse("punchout_customers:history", args=[acme.customer.pk])).content.decode()
    assert "Put into another group" in history


def test_group_of_another_company_takes_no_strangers(admin_client, acme):
    other = connect("other")
    answer = admin_client.post(
        url(PunchoutCustomer, "put_into_group", acme.customer.pk), {"group": other.link.group.pk}
    )
    assert "is for customers of “Other” only" in answer.content.decode()
    acme.customer.refresh_from_db()
    assert acme.customer.group == acme.link.group


def test_group_one_may_not_see_cannot_be_chosen(signed_in, acme):
    other = connect("other")
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])
    address = url(PunchoutCustomer, "put_into_group", acme.customer.pk)
    assert "other buyers" not in clerk.get(address).content.decode()
    clerk.post(address, {"group": other.link.group.pk})
    acme.customer.refresh_from_db()
    assert acme.customer.group == acme.link.group


def test_addresses_are_deleted_together_and_remembered(clerk, own, foreign):
    for company in (own, own, foreign):
        Address.objects.create(company=company, name="Depot", street="Quay 7", city="Kiel", country="DE")
    clerk.post(url(Address, "delete", "all"))
    assert [each.company for each in Address.objects.all()] == [foreign]
    history = clerk.get(reverse("punchout_companies:history", args=[own.pk])).content.decode()
    assert history.count("Deleted: address “Depot, Kiel”") == 2


def test_nobody_without_a_right_of_ours_does_anything(own):
    user = get_user_model().objects.create_user("editor", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    from django.test import Client

    client = Client()
    client.force_login(user)
    assert client.post(url(Company, "switch_off", own.pk)).status_code == 404
    assert active() == {"Own"}
