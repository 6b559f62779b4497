from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from wagtail.models import ModelLogEntry

from wagtail_punchout.admin_ui.connection import obstacles
from wagtail_punchout.models import Credential, CustomerGroup, PunchoutCustomer
from wagtail_punchout.shop import ShopAdapter

ADD = reverse("punchout_customers:add")
IDENTITY = "punchout-114729@shop.example"


@pytest.fixture
def fields(add_company) -> dict:
    company, group = add_company("City"), CustomerGroup.objects.create(name="All")
    return {"name": "City", "company": company.pk, "group": group.pk, "sender_identity": IDENTITY, "user": ""}


def test_adding_makes_a_user_and_a_secret_for_each_mode(admin_client, admin_user, fields):
    answer = admin_client.post(ADD, fields)
    customer = PunchoutCustomer.objects.get()
    assert answer.url == reverse("punchout_customers:edit", args=[customer.pk])
    assert customer.user.get_username() == IDENTITY
    assert not customer.user.has_usable_password()
    assert sorted(customer.credentials.values_list("mode", "slot", "created_by")) == [
        ("production", 1, admin_user.pk),
        ("test", 1, admin_user.pk),
    ]
    assert len({each.secret() for each in customer.credentials.all()}) == 2


def test_adding_takes_a_chosen_user(admin_client, fields):
    user = get_user_model().objects.create_user("existing")
    admin_client.post(ADD, fields | {"user": user.pk})
    assert PunchoutCustomer.objects.get().user == user


@pytest.mark.parametrize("values", [{"is_staff": True}, {"is_superuser": True}])
def test_staff_cannot_be_the_shop_user(admin_client, fields, values):
    user = get_user_model().objects.create_user("boss", **values)
    answer = admin_client.post(ADD, fields | {"user": user.pk})
    assert "user" in answer.context["form"].errors
    assert not PunchoutCustomer.objects.exists()


def test_name_of_an_existing_user_is_not_taken_over(admin_client, fields):
    get_user_model().objects.create_user(IDENTITY)
    answer = admin_client.post(ADD, fields)
    assert "user" in answer.context["form"].errors


def test_nothing_is_kept_when_the_shop_can_make_no_user(admin_client, fields, monkeypatch):
    def refuse(self, name, *, email=""):
        get_user_model().objects.create_user(name)
        return get_user_model().objects.create_user(name)

    monkeypatch.setattr(ShopAdapter, "create_user", refuse)
    answer = admin_client.post(ADD, fields)
    assert "user" in answer.context["form"].errors
    assert not PunchoutCustomer.objects.exists()
    assert not get_user_model().objects.filter(username=IDENTITY).exists()


def test_sender_identity_is_unique_in_any_spelling(admin_client, fields, acme):
    answer = admin_client.post(ADD, fields | {"sender_identity": acme.customer.sender_identity.upper()})
    assert "sender_identity" in answer.context["form"].errors


def test_company_and_the_only_group_are_filled_in(admin_client, acme):
    form = admin_client.get(ADD, {"company": acme.company.pk}).context["form"]
    assert form["company"].value() == acme.company.pk
    assert form["name"].value() == "Acme"
    assert form["group"].value() == acme.customer.group_id


def test_connection_shows_both_sides_ready_to_copy(admin_client, fields, settings):
    settings.WAGTAIL_PUNCHOUT = settings.WAGTAIL_PUNCHOUT | {
        "BASE_URL": "https://shop.test",
        "SUPPLIER_IDENTITY": "our-shop",
    }
    admin_client.post(ADD, fields)
    customer = PunchoutCustomer.objects.get()
    page = admin_client.get(reverse("punchout_customers:edit", args=[customer.pk])).content.decode()
    for credential in Credential.objects.all():
        assert f'value="https://shop.test/punchout/cxml/{credential.path_key}/setup/"' in page
        assert f'value="https://shop.test/punchout/cxml/{credential.path_key}/orders/"' in page
    for value in ("https://shop.test/punchout/cxml/", "our-shop", IDENTITY, customer.company.code):
        assert f'value="{value}"' in page


def test_obstacles_name_what_keeps_a_customer_out(acme):
    assert obstacles(acme.customer) == []
    acme.link.live = False
    acme.link.save()
    acme.company.is_active = False
    acme.company.save()
    assert len(obstacles(PunchoutCustomer.objects.get())) == 2


def test_edit_leaves_secrets_alone(admin_client, acme):
    before = acme.credential.ciphertext
    data = {
        "name": "Renamed",
        "company": acme.company.pk,
        "group": acme.customer.group_id,
        "user": acme.customer.user_id,
        "sender_domain": "NetworkID",
        "sender_identity": acme.customer.sender_identity,
    }
    answer = admin_client.post(reverse("punchout_customers:edit", args=[acme.customer.pk]), data)
    assert answer.status_code == 302
    acme.credential.refresh_from_db()
    assert acme.credential.ciphertext == before
    assert ModelLogEntry.objects.filter(action="wagtail.edit", object_id=str(acme.customer.pk)).exists()


def test_search_finds_by_company_too(admin_client, acme):
    found = admin_client.get(reverse("punchout_customers:index_results"), {"q": "ACME punchout"})
    assert list(found.context["object_list"]) == [acme.customer]


def test_role_is_assigned_and_taken_away_from_the_customers_page(admin_client, acme, role):
    acme.customer.role_assignments.all().delete()
    back = reverse("punchout_customers:edit", args=[acme.customer.pk]) + "#tab-roles"
    add = reverse("punchout_role_assignments:add") + f"?customer={acme.customer.pk}&next={back.replace('#', '%23')}"
    assert add.partition("&")[0] in admin_client.get(back).content.decode()
    empty = {"user": "", "company": "", "group": ""}
    answer = admin_client.post(add, {"role": role.pk, "customer": acme.customer.pk, **empty})
    assert answer.url == back
    assert acme.customer.role_assignments.get().role == role


def test_role_needs_one_holder(admin_client, acme, role):
    data = {"role": role.pk, "customer": "", "user": "", "company": "", "group": ""}
    answer = admin_client.post(reverse("punchout_role_assignments:add"), data)
    assert answer.context["form"].errors


def test_abilities_of_a_role_are_check_boxes(admin_client, role):
    url = reverse("punchout_roles:edit", args=[role.pk])
    page = admin_client.get(url).content.decode()
    assert page.count('type="checkbox" name="abilities"') == 6
    data = {"name": "Buyer", "slug": "buyer", "abilities": ["transfer_cart", "see_connection"], "description": ""}
    admin_client.post(url, data)
    role.refresh_from_db()
    assert role.abilities == ["transfer_cart", "see_connection"]
