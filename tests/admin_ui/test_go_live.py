"""The step to active mode: a page that says what has been proven, and wants somebody to take it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.connections import connect, post, setup_request
from tests.order_documents import order_request
from wagtail_punchout.models import CustomerGroup, Mode, PurchaseOrder, Right
from wagtail_punchout.models.links import OrderRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db):
    made = connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)
    CustomerGroup.objects.update(mode=Mode.TEST)
    return made


def group() -> CustomerGroup:
    return CustomerGroup.objects.get()


def url(name: str = "activate") -> str:
    return reverse(f"punchout_go_live:{name}", args=[group().pk])


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def part(page: str, name: str) -> str:
    """The section of that name."""
    return page.split(f'id="{name}-section"')[1].split("</section>")[0]


def test_page_tells_what_is_proven_from_what_is_not(admin_client, client, acme):
    post(client, setup_request())
    shown = page(admin_client, url())
    assert "The buyer&#x27;s system was let in" in part(shown, "proven")
    assert "A purchase order was received" in part(shown, "missing")
    assert "A purchase order was received" not in part(shown, "proven")


def test_what_proves_it_can_be_opened(admin_client, client, acme):
    post(client, setup_request())
    post(client, order_request())
    shown = part(page(admin_client, url()), "proven")
    visit, order = acme.customer.sessions.get(), PurchaseOrder.objects.get()
    assert reverse("punchout_visits:inspect", args=[visit.pk]) in shown
    assert reverse("punchout_orders:inspect", args=[order.pk]) in shown


def test_page_says_what_will_follow_and_for_how_many(admin_client, acme):
    shown = page(admin_client, url())
    assert "go to the shop and are delivered" in shown
    assert "This goes for one customer of this group." in shown


def test_somebody_has_to_know_what_is_missing(admin_client, acme):
    answer = admin_client.post(url())
    assert "Somebody has to know it" in answer.content.decode()
    assert group().mode == Mode.TEST
    answer = admin_client.post(url(), {"know": "on"})
    assert (answer.status_code, group().mode) == (302, Mode.PRODUCTION)


def test_history_names_who_switched_and_what_was_missing(admin_client, admin_user, client, acme):
    post(client, setup_request())
    admin_client.post(url(), {"know": "on"})
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.group_activated")
    assert (entry.user, entry.data["proven"]) == (admin_user, ["setup"])
    assert "order" in entry.data["missing"]
    shown = page(admin_client, reverse("punchout_groups:history", args=[group().pk]))
    assert "Switched to active mode" in shown


def test_looking_switches_nothing(admin_client, acme):
    admin_client.get(url())
    admin_client.get(url("test"))
    assert group().mode == Mode.TEST


def test_active_group_has_no_step_to_take(admin_client, acme):
    address = url()
    admin_client.post(address, {"know": "on"})
    since = group().activated_at
    for answer in (admin_client.get(address), admin_client.post(address, {"know": "on"})):
        assert answer["Location"].startswith(reverse("punchout_groups:edit", args=[group().pk]))
    assert group().activated_at == since


def test_way_back_says_what_it_means(admin_client, acme):
    admin_client.post(url(), {"know": "on"})
    assert "also those with a production secret" in page(admin_client, url("test"))
    admin_client.post(url("test"))
    assert group().mode == Mode.TEST
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.group_back_to_test").exists()


def test_mode_is_seen_wherever_the_customer_is(admin_client, acme):
    assert "Test mode" in page(admin_client, reverse("punchout_groups:edit", args=[group().pk]))
    assert "Test mode" in page(admin_client, reverse("punchout_groups:inspect", args=[group().pk]))
    customer = page(admin_client, reverse("punchout_customers:edit", args=[acme.customer.pk]))
    assert "group is in test mode" in customer
    for index in ("punchout_groups:index", "punchout_customers:index"):
        columns = admin_client.get(reverse(index)).context["table"].columns
        [row] = admin_client.get(reverse(index)).context["object_list"]
        assert columns["mode"].get_value(row) == "Test"


def test_customers_can_be_sorted_by_mode(admin_client, acme):
    connect("zebra")
    modes = []
    for order in ("group__mode", "-group__mode"):
        rows = admin_client.get(reverse("punchout_customers:index"), {"ordering": order}).context["object_list"]
        modes.append([each.group.mode for each in rows])
    assert modes == [["production", "test"], ["test", "production"]]


def test_who_may_not_edit_links_may_not_switch(acme):
    user = get_user_model().objects.create_user("clara")
    rights = Permission.objects.filter(codename__in=[Right.COMPANY_EDIT, Right.ADD_CUSTOMER])
    user.user_permissions.add(*rights, Permission.objects.get(codename="access_admin"))
    clara = Client()
    clara.force_login(user)
    clara.post(url(), {"know": "on"})
    assert group().mode == Mode.TEST
    assert "Switch to active mode" not in page(clara, reverse("punchout_groups:inspect", args=[group().pk]))
