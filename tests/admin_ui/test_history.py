"""Who changed what: on one page for a company with all that belongs to it, and never more than its reader may know."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from tests.admin_ui.link_pages import fields_of
from tests.connections import SECRET
from wagtail_punchout.flows.issue import issue_secret, reveal_secret
from wagtail_punchout.models import Address, Company, Mode, PunchoutCustomer, PunchoutLink, Right


def history(client, thing, **query) -> str:
    kind = {Company: "companies", PunchoutCustomer: "customers", PunchoutLink: "links", Address: "addresses"}[
        type(thing)
    ]
    answer = client.get(reverse(f"punchout_{kind}:history", args=[thing.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def edit(client, company: Company, **values):
    data = {"name": company.name, "code": company.code, "is_active": "on", "currency": company.currency}
    answer = client.post(reverse("punchout_companies:edit", args=[company.pk]), {**data, **values})
    assert answer.status_code == 302, answer.context["form"].errors


@pytest.fixture
def company(acme) -> Company:
    return Company.objects.get(pk=acme.company.pk)


@pytest.fixture
def clerk(signed_in, company):
    return signed_in(Right.CRM_COMPANY_EDIT, companies=[company])


def test_history_says_who_changed_what_and_from_what_to_what(admin_client, company):
    edit(admin_client, company, name="Acme Tools", duns="31-549-1127")
    page = history(admin_client, company)
    assert "Name: Acme → Acme Tools" in page
    assert "DUNS number: empty → 31-549-1127" in page
    assert "admin" in page


def test_form_saved_without_a_change_leaves_no_entry(admin_client, company):
    edit(admin_client, company)
    assert not ModelLogEntry.objects.filter(action="wagtail.edit").exists()


def test_long_texts_are_named_and_not_quoted(admin_client, company):
    edit(admin_client, company, notes="the password is hunter2")
    assert "Notes changed" in history(admin_client, company)
    assert "hunter2" not in str(list(ModelLogEntry.objects.values_list("data", flat=True)))


def test_switch_in_the_form_is_an_entry_of_its_own(admin_client, company):
    edit(admin_client, company, name="Acme Tools", is_active="")
    page = history(admin_client, company)
    assert "Switched off" in page
    assert "Name: Acme → Acme Tools" in page
    assert "Active:" not in page


def test_assigned_staff_is_told_to_those_who_assign_it(admin_client, clerk, company, staff):
    already = company.assigned_staff.get()
    edit(admin_client, company, assigned_staff=[already.pk, staff(Right.CRM_COMPANY_EDIT).pk])
    assert "Assigned staff:" in history(admin_client, company)
    assert "Assigned staff:" not in history(clerk, company)


def test_company_tells_of_its_customers_secrets_links_and_addresses(admin_client, company, acme, admin_user):
    credential = issue_secret(acme.customer, Mode.PRODUCTION, by=admin_user, at=timezone.now())
    reveal_secret(credential, by=admin_user)
    address = Address.objects.create(company=company, name="Depot", street="Quay 7", city="Kiel", country="DE")
    log(address, "wagtail.create", user=admin_user)
    log(acme.link, "wagtail.publish", user=admin_user)
    page = history(admin_client, company)
    for told in ("New secret for Production", "Secret for Production revealed", "Address: ", "PunchOut link: "):
        assert told in page
    assert reverse("punchout_customers:edit", args=[acme.customer.pk]) in page
    assert credential.secret() not in page
    assert SECRET not in page


def test_things_that_happen_in_one_request_are_all_told(admin_client, acme, admin_user):
    from wagtail.log_actions import LogContext

    with LogContext(user=admin_user):
        for mode in Mode.values:
            issue_secret(acme.customer, mode, by=admin_user, at=timezone.now())
    page = history(admin_client, acme.company)
    assert "New secret for Test" in page
    assert "New secret for Production" in page


def test_draft_that_was_saved_again_and_again_counts_as_one(admin_client, acme, admin_user):
    link, key = acme.link, uuid4()
    for _ in range(3):
        revision = link.save_revision(changed=True)
        log(link, "wagtail.edit", user=admin_user, revision=revision, uuid=key, content_changed=True)
    log(link, "wagtail.publish", user=admin_user, revision=revision, uuid=key)
    page = history(admin_client, acme.company)
    assert page.count("PunchOut link:") == 2


def test_other_companies_are_not_in_it(admin_client, company, add_company):
    other, below = add_company("Other"), add_company("Below", below=company)
    edit(admin_client, other, name="Somebody else")
    edit(admin_client, below, name="Somebody below")
    history(admin_client, company)  # takes the messages of both edits
    assert "Somebody" not in history(admin_client, company)
    assert "→ Somebody else" in history(admin_client, other)


def test_newest_comes_first_and_the_rest_on_other_pages(admin_client, company):
    for number in range(25):
        log(company, "wagtail.edit", data={"changed": [{"field": "name", "old": "x", "new": f"n{number}."}]})
    assert history(admin_client, company).index("n24.") < history(admin_client, company).index("n6.")
    assert "n0." not in history(admin_client, company)
    assert "n0." in history(admin_client, company, p=2)


def test_history_is_filtered_by_what_was_done(admin_client, company, admin_user):
    log(company, "wagtail.create", user=admin_user)
    edit(admin_client, company, name="Acme Tools")
    page = history(admin_client, company, action="wagtail_punchout.switched_off")
    assert "Acme Tools →" not in page
    assert "Name: Acme → Acme Tools" in history(admin_client, company, action="wagtail.edit")


def test_reader_learns_no_name_of_what_he_may_not_see(clerk, company, acme, add_company):
    foreign = add_company("Foreign")
    changes = [
        {
            "field": "company",
            "old": {"model": "wagtail_punchout.company", "pk": foreign.pk, "name": "Foreign"},
            "new": {"model": "wagtail_punchout.company", "pk": company.pk, "name": "Acme"},
        },
        {"field": "name", "old": "Old name", "new": "Acme"},
    ]
    log(acme.customer, "wagtail.edit", data={"changed": changes})
    page = history(clerk, company)
    assert "Name: Old name → Acme" in page
    assert "Foreign" not in page


def test_field_of_another_release_is_passed_over(admin_client, company):
    log(company, "wagtail.edit", data={"changed": [{"field": "fax", "old": "1", "new": "2"}]})
    assert "fax" not in history(admin_client, company)


def test_tab_leads_to_the_whole_history(admin_client, company):
    edit(admin_client, company, name="Acme Tools")
    page = admin_client.get(reverse("punchout_companies:edit", args=[company.pk])).content.decode()
    assert "Name: Acme → Acme Tools" in page
    assert reverse("punchout_companies:history", args=[company.pk]) in page


def test_history_of_a_customer_ends_where_the_scope_ends(clerk, signed_in, acme, add_company):
    log(acme.customer, "wagtail.edit")
    assert "Edit" in history(clerk, acme.customer)
    stranger = signed_in(Right.CRM_COMPANY_EDIT, companies=[add_company("Elsewhere")])
    for name, thing in (("customers", acme.customer), ("companies", acme.company), ("links", acme.link)):
        assert stranger.get(reverse(f"punchout_{name}:history", args=[thing.pk])).status_code == 404


def test_link_is_compared_and_rolled_back_from_its_history(admin_client, acme):
    link = acme.link
    first = link.save_revision(log_action=True, changed=True)
    link.visit_minutes = 30
    second = link.save_revision(log_action=True, changed=True)
    second.publish()
    compare = reverse("punchout_links:revisions_compare", args=[link.pk, first.pk, second.pk])
    revert = reverse("punchout_links:revisions_revert", args=[link.pk, first.pk])
    page = history(admin_client, link)
    assert compare in page
    assert revert in page
    shown = admin_client.get(compare).content.decode()
    assert "720" in shown
    assert "30" in shown
    brought_back = fields_of(admin_client.get(revert)) | {"action-publish": "1"}
    admin_client.post(reverse("punchout_links:edit", args=[link.pk]), brought_back)
    link.refresh_from_db()
    assert link.visit_minutes == 720
