"""Test this connection, as staff see it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.secret import SECRET
from wagtail_punchout.models import ConnectionTest, Exchange, FirstContact, PunchoutCustomer, Right

pytestmark = pytest.mark.django_db


def new(customer) -> str:
    return reverse("punchout_connection_tests:new", args=[customer.pk])


def content(answer) -> str:
    return answer.content.decode()


def kept(customer, **values) -> ConnectionTest:
    step = {"format": "cXML", "name": "setup", "milliseconds": 7, "is_ok": True, "said": "200 OK"}
    steps = [step | {"reason": "", "sent": "<cXML/>", "answer": "<cXML/>"}]
    return ConnectionTest.objects.create(
        **{"customer": customer, "started_at": timezone.now(), "is_ok": True, "steps": steps, **values}
    )


def test_one_button_plays_the_whole_conversation(admin_client, acme, goods):
    assert "Test now" in content(admin_client.get(new(acme.customer)))
    assert not ConnectionTest.objects.exists()  # to look is not to test
    answer = admin_client.post(new(acme.customer), follow=True)
    page = content(answer)
    test = ConnectionTest.objects.get()
    assert test.is_ok, test.failure
    assert test.started_by.get_username() == "admin"
    assert "The whole conversation went well." in page
    assert "A purchase order comes in, in test mode" in page
    assert "PunchOutOrderMessage" in page
    assert SECRET not in page


def test_staff_stay_signed_in_and_outside_of_the_visit(admin_client, acme, goods):
    before = {name: each.value for name, each in admin_client.cookies.items()}
    admin_client.post(new(acme.customer))
    after = {name: each.value for name, each in admin_client.cookies.items() if name != "messages"}
    assert after == before
    assert admin_client.get(reverse("wagtailadmin_home")).status_code == 200


def test_what_is_missing_is_said_instead_of_a_button(admin_client, acme):
    acme.customer.credentials.all().delete()
    page = content(admin_client.get(new(acme.customer)))
    assert "There is no live API key for test" in page
    assert "Test now" not in page
    answer = admin_client.post(new(acme.customer), follow=True)
    assert "There is no live API key for test" in content(answer)
    assert not ConnectionTest.objects.exists()


def test_failed_step_says_what_to_do(admin_client, acme):
    page = content(admin_client.post(new(acme.customer), follow=True))
    assert "It failed at: An article is looked for" in page
    assert "needs the mark" in page


def test_refused_call_comes_with_its_mend_and_stays_out_of_the_inbox(admin_client, acme, goods):
    PunchoutCustomer.objects.update(is_active=False)
    page = content(admin_client.post(new(acme.customer), follow=True))
    assert "The customer is switched off" in page
    assert Exchange.objects.filter(status=401).exists()
    assert not FirstContact.objects.exists()


def test_customers_page_lists_its_tests(admin_client, acme):
    test = kept(acme.customer)
    kept(acme.customer, is_ok=False, failure="It broke.", steps=[])
    page = content(admin_client.get(reverse("punchout_customers:edit", args=[acme.customer.pk])))
    assert new(acme.customer) in page
    assert reverse("punchout_connection_tests:inspect", args=[test.pk]) in page


def test_customers_page_asks_as_much_for_one_test_as_for_many(admin_client, acme, django_assert_num_queries):
    url = reverse("punchout_customers:inspect", args=[acme.customer.pk])
    kept(acme.customer)
    admin_client.get(url)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(url)
    for _ in range(8):
        kept(acme.customer)
    with django_assert_num_queries(len(one)):
        admin_client.get(url)


def test_those_who_may_not_add_customers_see_no_tests(signed_in, acme):
    test = kept(acme.customer)
    clerk = signed_in(Right.COMPANY_EDIT)
    page = content(clerk.get(reverse("punchout_customers:edit", args=[acme.customer.pk])))
    assert "Test this connection" not in page
    assert clerk.get(new(acme.customer)).status_code == 302
    assert clerk.post(new(acme.customer)).status_code == 302
    assert clerk.get(reverse("punchout_connection_tests:inspect", args=[test.pk])).status_code in {302, 404}
    assert ConnectionTest.objects.count() == 1


def test_held_order_says_why_a_real_one_would_wait(admin_client, acme):
    step = {"format": "cXML", "name": "order", "milliseconds": 7, "is_ok": True, "said": "200 OK", "held": ["ship_to"]}
    test = kept(acme.customer, steps=[step | {"reason": "", "sent": "", "answer": ""}])
    page = content(admin_client.get(reverse("punchout_connection_tests:inspect", args=[test.pk])))
    assert "It goes to an address that this customer has never ordered to." in page


def test_step_of_another_release_is_shown_under_its_code(admin_client, acme):
    step = {"format": "cXML", "name": "teleport", "milliseconds": 7, "is_ok": False, "said": "No."}
    test = kept(acme.customer, is_ok=False, steps=[step | {"reason": "gone", "sent": "", "answer": ""}])
    page = content(admin_client.get(reverse("punchout_connection_tests:inspect", args=[test.pk])))
    assert "teleport" in page


def test_what_a_shop_says_is_shown_as_text(admin_client, acme):
    step = {"format": "cXML", "name": "start", "milliseconds": 7, "is_ok": False, "said": "<script>alert(1)</script>"}
    test = kept(acme.customer, is_ok=False, steps=[step | {"reason": "", "sent": "<b>", "answer": "<i>"}])
    page = content(admin_client.get(reverse("punchout_connection_tests:inspect", args=[test.pk])))
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("query", ["", "?q=acme", "?is_ok=true", "?customer=acme", "?started_at_from=x", "?p=99"])
def test_list_of_all_tests(admin_client, acme, query):
    kept(acme.customer)
    assert admin_client.get(reverse("punchout_connection_tests:index") + query).status_code == 200
