"""A switched-off company lets nobody in, from the next call and the next click on; and it all comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.connections import post, setup_request
from wagtail_punchout.models import Company, Right, company_root
from wagtail_punchout.models.sessions import State


def url(company: Company, name: str = "switch") -> str:
    return reverse(f"punchout_companies:{name}", args=[company.pk])


def asked(client, company: Company) -> str:
    return " ".join(client.get(url(company)).context["sentences"])


def messages(answer) -> str:
    return " ".join(str(each) for each in answer.context["messages"])


def may_enter() -> bool:
    return post(Client(), setup_request()).code == 200


@pytest.fixture
def holding(acme, add_company) -> Company:
    """A company above that of the customer."""
    holding = add_company("Holding")
    acme.company.move(holding, pos="last-child")
    return Company.objects.get(pk=holding.pk)


@pytest.mark.parametrize("which", ["own", "above"])
def test_next_call_is_refused_and_welcome_again_after_switching_on(admin_client, acme, holding, which):
    company = holding if which == "above" else Company.objects.get(pk=acme.company.pk)
    assert may_enter()
    admin_client.post(url(company), {"switch": "off"})
    assert post(Client(), setup_request()).code == 401
    admin_client.post(url(company), {"switch": "on"})
    assert may_enter()


def test_visit_under_way_ends_with_its_next_click(admin_client, acme, holding, goods):
    browser = Client()
    browser.get(browser.post(post(Client(), setup_request()).start_path)["Location"])
    assert browser.get("/cart/").wsgi_request.punchout
    admin_client.post(url(holding), {"switch": "off"})
    assert not browser.get("/cart/").wsgi_request.punchout


def test_question_counts_customers_here_and_below_and_visits_under_way(admin_client, acme, holding, open_visit):
    acme.customer.refresh_from_db()
    now = timezone.now()
    open_visit(acme, state=State.STARTED, started_at=now, over_at=None)
    open_visit(acme, state=State.CREATED, over_at=None, start_until=now - timedelta(minutes=1))
    open_visit(acme)
    told = asked(admin_client, holding)
    assert "“Holding” and the company below it" in told
    assert "1 customer can no longer enter" in told
    assert "1 visit is under way" in told


def test_what_is_kept_out_anyway_is_not_counted(admin_client, acme, holding):
    Company.objects.filter(pk=acme.company.pk).update(is_active=False)
    assert "No customer is affected" in asked(admin_client, holding)
    Company.objects.filter(pk=holding.pk).update(is_active=False)
    assert "No customer can enter because of it" in asked(admin_client, holding)


def test_message_says_what_has_happened_and_how_to_reverse_it(admin_client, acme, holding):
    answer = admin_client.post(url(holding), {"switch": "off"}, follow=True)
    told = messages(answer)
    assert "“Holding” is switched off. 1 customer cannot enter any more." in told
    assert url(holding) in told
    told = messages(admin_client.post(url(holding), {"switch": "on"}, follow=True))
    assert "“Holding” is switched on. 1 customer can enter again." in told


def test_switch_in_the_form_says_the_same(admin_client, acme):
    answer = admin_client.post(url(acme.company, "edit"), {"name": "Acme", "code": "acme"}, follow=True)
    assert "1 customer cannot enter any more" in messages(answer)
    assert not may_enter()


def test_second_click_on_the_same_button_changes_nothing(admin_client, acme):
    for _ in range(2):
        admin_client.post(url(acme.company), {"switch": "off"})
    history = admin_client.get(url(acme.company, "history")).content.decode()
    assert history.count("Switched off") == 1
    assert not Company.objects.get(pk=acme.company.pk).is_active


def test_looking_at_the_question_switches_nothing(admin_client, acme):
    admin_client.get(url(acme.company))
    assert may_enter()


def test_assigned_staff_switch_their_companies_and_no_others(signed_in, acme, add_company):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])
    clerk.post(url(acme.company), {"switch": "off"})
    assert not Company.objects.get(pk=acme.company.pk).is_active
    other = add_company("Other")
    assert clerk.post(url(other), {"switch": "off"}).status_code == 404
    assert Company.objects.get(pk=other.pk).is_active


def test_hidden_root_cannot_be_switched_off(admin_client, db):
    assert admin_client.post(url(company_root()), {"switch": "off"}).status_code == 404
    assert company_root().is_active
