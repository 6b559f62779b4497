"""What others refer to says no; it does not break."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse

from wagtail_punchout.admin_ui.deleting import explanation, obstacles
from wagtail_punchout.models import Credential, CustomerGroup, PunchoutCustomer, PunchoutLink, Right, Role


@pytest.mark.parametrize("kind", ["customers", "groups", "links", "roles"])
def test_protected_thing_stays_and_says_why(admin_client, visit, role, kind):
    thing = {
        "customers": visit.customer,
        "groups": visit.customer.group,
        "links": visit.link,
        "roles": role,
    }[kind]
    answer = admin_client.post(reverse(f"punchout_{kind}:delete", args=[thing.pk]), follow=True)
    assert "refer to it" in answer.content.decode()
    assert type(thing).objects.filter(pk=thing.pk).exists()


def test_customer_nobody_has_used_can_go(admin_client, acme):
    admin_client.post(reverse("punchout_customers:delete", args=[acme.customer.pk]))
    assert not PunchoutCustomer.objects.exists()
    assert not Credential.objects.exists()


def test_company_has_no_delete_page():
    with pytest.raises(NoReverseMatch):
        reverse("punchout_companies:delete", args=[1])


def test_shop_user_of_a_customer_cannot_be_deleted(admin_client, acme):
    url = reverse("wagtailusers_users:delete", args=[acme.customer.user_id])
    answer = admin_client.post(url, follow=True)
    assert "Delete the customer first" in answer.content.decode()
    assert get_user_model().objects.filter(pk=acme.customer.user_id).exists()


def test_shop_users_cannot_be_deleted_in_bulk(admin_client, acme):
    url = reverse("wagtail_bulk_action", args=["auth", "user", "delete"])
    answer = admin_client.post(f"{url}?id={acme.customer.user_id}&next=/admin/users/", follow=True)
    assert "cannot be deleted: PunchOut customers refer to it" in answer.content.decode()
    assert get_user_model().objects.filter(pk=acme.customer.user_id).exists()


def test_links_in_use_cannot_be_deleted_in_bulk(admin_client, visit):
    url = reverse("wagtail_bulk_action", args=["wagtail_punchout", "punchoutlink", "delete"])
    answer = admin_client.post(f"{url}?id={visit.link.pk}&next=/admin/punchout/links/", follow=True)
    assert "cannot be deleted: visits refer to it" in answer.content.decode()
    assert PunchoutLink.objects.filter(pk=visit.link.pk).exists()


def test_other_users_can_still_be_deleted(admin_client, acme):
    other = get_user_model().objects.create_user("other")
    admin_client.post(reverse("wagtailusers_users:delete", args=[other.pk]))
    assert not get_user_model().objects.filter(pk=other.pk).exists()


def test_role_nobody_holds_can_go(admin_client, role):
    role.assignments.all().delete()
    admin_client.post(reverse("punchout_roles:delete", args=[role.pk]))
    assert not Role.objects.filter(pk=role.pk).exists()


def test_what_one_may_not_see_is_in_the_way_and_not_named(staff, visit, add_company):
    """A group without company is everybody's, and so are its links; the customer in it is of another company."""
    CustomerGroup.objects.filter(pk=visit.customer.group_id).update(company=None)
    group = CustomerGroup.objects.get(pk=visit.customer.group_id)
    told = explanation([group], obstacles([group]), staff(Right.CRM_COMPANY_EDIT, companies=[add_company("Own")]))
    assert "PunchOut links refer to it" in told
    assert "customers" not in told
    assert "it is in use" in explanation([group], {visit.customer}, staff(Right.CRM_COMPANY_EDIT))


def test_shop_user_of_a_customer_one_may_not_see_stays_without_a_word_of_it(signed_in, acme):
    editor = signed_in("delete_user", "change_user")
    answer = editor.post(reverse("wagtailusers_users:delete", args=[acme.customer.user_id]), follow=True)
    assert "it is in use" in answer.content.decode()
    assert "PunchOut customer" not in answer.content.decode()
    assert get_user_model().objects.filter(pk=acme.customer.user_id).exists()
