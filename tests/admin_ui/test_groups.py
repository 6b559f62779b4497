"""A group of a company: its purchasing system, its own connection, and what its people may choose."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.connections import connect
from wagtail_punchout.admin_ui.connection import rows
from wagtail_punchout.models import Address, CustomerGroup, Mode, PunchoutCustomer, PunchoutLink, Right, UnknownAddress

pytestmark = pytest.mark.django_db
ADD = "punchout_groups:add"


def make(client, company, **facts):
    form = {"name": "Berlin", "company": company.pk, "named_users": "shared", "own_address": "on", **facts}
    return client.post(reverse(ADD), form)


def test_new_group_with_a_purchasing_system_can_be_connected_at_once(admin_client, acme):
    answer = make(admin_client, acme.company, buyer_profile="Coupa")
    group = CustomerGroup.objects.get(name="Berlin")
    assert answer.url.endswith("#tab-connection")
    customer, link = group.customers.get(), group.links.get()
    assert (link.buyer_profile, link.live, group.mode) == ("coupa", True, Mode.TEST)
    assert set(customer.credentials.values_list("mode", flat=True)) == {Mode.TEST, Mode.PRODUCTION}
    page = admin_client.get(reverse("punchout_groups:edit", args=[group.pk])).content.decode()
    for value in (
        f"acme-{group.pk}",
        customer.sender_identity,
        *(each.path_key for each in customer.credentials.all()),
    ):
        assert value in page
    assert customer.credentials.first().secret() not in page


def test_values_of_two_groups_are_different(admin_client, acme):
    for name in ("Berlin", "Kiel"):
        make(admin_client, acme.company, name=name, buyer_profile="Coupa")
    made = PunchoutCustomer.objects.exclude(pk=acme.customer.pk)
    assert len({each.from_identity for each in made}) == len({each.sender_identity for each in made}) == 2


def test_group_without_a_system_is_connected_later(admin_client, acme):
    make(admin_client, acme.company)
    group = CustomerGroup.objects.get(name="Berlin")
    assert not group.customers.exists()
    assert not group.links.exists()
    page = admin_client.get(reverse("punchout_groups:edit", args=[group.pk])).content.decode()
    assert "No connection yet. Choose the purchasing system under Details, and save." in page


def test_group_is_connected_once_its_system_is_known(admin_client, acme):
    make(admin_client, acme.company)
    group = CustomerGroup.objects.get(name="Berlin")
    url = reverse("punchout_groups:edit", args=[group.pk])
    form = {"name": "Berlin", "company": acme.company.pk, "named_users": "shared", "buyer_profile": "Coupa"}
    assert admin_client.post(url, form).url.endswith("#tab-connection")
    assert (group.customers.count(), group.links.count()) == (1, 1)
    admin_client.post(url, {**form, "notes": "known by now"})
    assert (group.customers.count(), group.links.count()) == (1, 1)


def test_system_is_not_saved_where_the_connection_cannot_be_made(admin_client, acme):
    make(admin_client, acme.company)
    group = CustomerGroup.objects.get(name="Berlin")
    acme.company.is_active = False
    acme.company.save()
    form = {"name": "Berlin", "company": acme.company.pk, "named_users": "shared", "buyer_profile": "Coupa"}
    page = admin_client.post(reverse("punchout_groups:edit", args=[group.pk]), form)
    assert page.status_code == 200
    group.refresh_from_db()
    assert group.buyer_profile == ""
    assert not group.customers.exists()


def test_connection_is_tested_from_the_groups_page(admin_client, acme):
    page = admin_client.get(reverse("punchout_groups:edit", args=[acme.customer.group_id])).content.decode()
    assert page.count(reverse("punchout_connection_tests:new", args=[acme.customer.pk])) == 1


def test_group_leads_to_the_address_book_of_its_company(admin_client, acme):
    make(admin_client, acme.company)
    group = CustomerGroup.objects.get(name="Berlin")
    book = reverse("punchout_companies:edit", args=[acme.company.pk]) + "#tab-addresses"
    page = admin_client.get(reverse("punchout_groups:edit", args=[group.pk])).content.decode()
    assert "The company has 0 addresses." in page
    assert book in page


def test_group_is_added_from_the_menu_of_its_company(admin_client, acme):
    page = admin_client.get(reverse("punchout_companies:edit", args=[acme.company.pk])).content.decode()
    assert page.count(f"{reverse(ADD)}?company={acme.company.pk}") >= 2


def test_identity_of_a_group_stands_in_both_tables(admin_client, acme):
    make(admin_client, acme.company, buyer_profile="Coupa")
    customer = CustomerGroup.objects.get(name="Berlin").customers.get()
    identity = next(each for each in rows(customer, "key") if each.name == "from_identity")
    assert identity.default.text == identity.known.text == customer.from_identity


def test_nothing_is_made_for_a_company_that_is_switched_off(admin_client, acme):
    acme.company.is_active = False
    acme.company.save()
    page = make(admin_client, acme.company, buyer_profile="Coupa")
    assert page.status_code == 200
    assert not CustomerGroup.objects.filter(name="Berlin").exists()
    assert PunchoutLink.objects.count() == 1


def test_unknown_system_is_told_at_its_field(admin_client, acme):
    page = make(admin_client, acme.company, buyer_profile="Nobody's").content.decode()
    assert "No such system is known." in page


def test_who_may_not_add_customers_makes_a_group_without_one(client, staff, acme):
    client.force_login(staff(Right.CRM_COMPANY_EDIT, Right.EDIT_LINKS, companies=[acme.company]))
    make(client, acme.company, buyer_profile="Coupa")
    assert not CustomerGroup.objects.get(name="Berlin").customers.exists()


def test_group_chooses_what_its_people_may_use(admin_client, acme):
    group = acme.customer.group
    dock = Address.objects.create(company=acme.company, name="Dock", street="Quay 1", city="Kiel", country="DE")
    form = {
        "name": group.name,
        "company": acme.company.pk,
        "named_users": "shared",
        "asks_approval": "on",
        "payment_methods": ["invoice"],
        "addresses": [dock.pk],
    }
    answer = admin_client.post(reverse("punchout_groups:edit", args=[group.pk]), form)
    assert answer.status_code == 302
    group.refresh_from_db()
    assert (group.asks_approval, group.own_address, group.payment_methods) == (True, False, ["invoice"])
    assert list(group.addresses.all()) == [dock]


def test_addresses_of_another_company_cannot_be_chosen(admin_client, acme):
    foreign = connect("rival")
    theirs = Address.objects.create(company=foreign.company, name="X", street="Y", city="Z", country="DE")
    Address.objects.create(company=acme.company, name="Dock", street="Quay 1", city="Kiel", country="DE")
    group = acme.customer.group
    form = {"name": group.name, "company": acme.company.pk, "named_users": "shared", "addresses": [theirs.pk]}
    assert admin_client.post(reverse("punchout_groups:edit", args=[group.pk]), form).status_code == 200
    assert not group.addresses.exists()


def test_chosen_addresses_that_one_may_not_see_stay_chosen(client, staff, acme):
    below = acme.company.add_child(name="Branch", code="branch")
    group = CustomerGroup.objects.create(name="Branch buyers", company=below)
    place = {"street": "Quay 1", "city": "Kiel", "country": "DE"}
    above = Address.objects.create(company=acme.company, name="Head office", **place)
    Address.objects.create(company=below, name="Dock", **place)
    group.addresses.set([above])
    client.force_login(staff(Right.CRM_COMPANY_EDIT, Right.EDIT_LINKS, companies=[below]))
    form = {"name": "Branch people", "company": below.pk, "named_users": "shared"}
    assert client.post(reverse("punchout_groups:edit", args=[group.pk]), form).status_code == 302
    group.refresh_from_db()
    assert (group.name, list(group.addresses.all())) == ("Branch people", [above])


# Addresses


ADDRESS = {
    "address_id": "D7",
    "name": "Acme",
    "street": "Quay 1",
    "postal_code": "24103",
    "city": "Kiel",
    "country": "DE",
    "phone": "+49 431 1234567",
}


def enter(client, acme, query: str = "", **facts):
    return client.post(reverse("punchout_addresses:add") + query, {"company": acme.company.pk, **ADDRESS, **facts})


def test_address_is_checked_by_the_rules_of_its_country(admin_client, acme):
    page = enter(admin_client, acme, postal_code="1234", phone="12").content.decode()
    assert "This is no postal code of this country." in page
    assert "Nobody can be called by this number." in page
    assert enter(admin_client, acme).status_code == 302


def test_address_needs_a_phone(admin_client, acme):
    assert "phone" in enter(admin_client, acme, phone="").context["form"].errors


def test_there_is_one_default(admin_client, acme):
    enter(admin_client, acme, is_default_ship_to="on")
    enter(admin_client, acme, address_id="D8", is_default_ship_to="on")
    assert Address.objects.get(is_default_ship_to=True).address_id == "D8"


@pytest.fixture
def unknown(acme):
    told = {"address_id": "D9", "name": "Dock 9", "street": ["Quay 9"], "city": "Kiel", "country_code": "DE"}
    now = timezone.now()
    return UnknownAddress.objects.create(
        company=acme.company, address_id="D9", id_key="d9", told=told, times=3, first_at=now, last_at=now
    )


def test_unknown_id_is_adopted_with_what_the_buyer_has_said(admin_client, acme, unknown):
    tab = admin_client.get(reverse("punchout_companies:edit", args=[acme.company.pk])).content.decode()
    assert "Dock 9, Quay 9, Kiel" in tab
    query = f"?company={acme.company.pk}&unknown={unknown.pk}"
    initial = admin_client.get(reverse("punchout_addresses:add") + query).context["form"].initial
    assert (initial["address_id"], initial["street"], initial["country"]) == ("D9", "Quay 9", "DE")
    enter(admin_client, acme, query, address_id="D9")
    assert not UnknownAddress.objects.exists()


def test_unknown_id_is_dismissed(admin_client, acme, unknown):
    admin_client.post(reverse("punchout_addresses:dismiss", args=[unknown.pk]))
    tab = admin_client.get(reverse("punchout_companies:edit", args=[acme.company.pk])).content.decode()
    assert "Dock 9" not in tab.replace("“D9”", "")


def test_page_of_a_group_says_how_its_people_shop(admin_client, acme):
    group = acme.customer.group
    dock = Address.objects.create(company=acme.company, name="Dock", street="Quay 1", city="Kiel", country="DE")
    group.addresses.add(dock)
    CustomerGroup.objects.filter(pk=group.pk).update(
        payment_methods=["invoice", "barter"], own_address=False, asks_approval=True
    )
    page = admin_client.get(reverse("punchout_groups:inspect", args=[group.pk]))
    [shopping] = [each for each in page.context["sections"] if each.name == "shopping"]
    assert dict(shopping.rows) == {
        "Who shops": "Everybody shops as the customer's own user",
        "Own addresses": "No",
        "Shared addresses": "Dock, Kiel",
        "Payment methods": "Invoice, 30 days; barter",
        "Approval at the buyer's": "Yes",
    }
