"""How often screens ask the database: by what they show, never by how much there is of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log

from benchmarks.history import columns
from tests.admin_ui.test_permissions import QUERIES, TABLE, World, address, browser, own  # noqa: F401  (fixtures)
from tests.connections import Connection
from tests.orders import make_order
from wagtail_punchout.flows.onboard import add_customer
from wagtail_punchout.models import (
    Address,
    CustomerGroup,
    Invitation,
    PunchoutLink,
    Role,
    RoleAssignment,
    RoutingRule,
    UnknownAddress,
)

pytestmark = pytest.mark.django_db


def fill(acme: Connection, open_visit, number: int) -> None:
    """One more of everything that pages list, with its entry in the history."""
    company, group, now = acme.company, acme.customer.group, timezone.now()
    open_visit(acme)
    make_order(acme, f"PO-{number}")
    told = {"address_id": f"U{number}"}
    UnknownAddress.objects.create(
        company=company, address_id=f"U{number}", id_key=f"u{number}", told=told, first_at=now, last_at=now
    )
    Invitation.objects.create(group=group, email=f"{number}@buyer.example", token_hash=str(number), expires_at=now)
    customer = add_customer(company, f"customer-{number}@acme.example", by=None, at=now)
    another = CustomerGroup.objects.create(name=f"Group {number}", company=company)
    address = {"address_id": f"D{number}", "name": "Dock", "street": "Quay", "country": "DE"}
    for thing in (
        customer,
        another,
        PunchoutLink.objects.create(name=f"Link {number}", group=another),
        Address.objects.create(company=company, **address),
        RoleAssignment.objects.create(role=Role.objects.first(), customer=customer),
        RoutingRule.objects.create(customer=customer, source="ship_to_id", value="7", company=company, position=1),
    ):
        log(thing, "wagtail.edit")


@pytest.mark.parametrize(
    ("screen", "page"),
    [
        ("companies", "edit"),
        ("companies", "history"),
        ("customers", "edit"),
        ("customers", "inspect"),
        ("groups", "edit"),
        ("groups", "inspect"),
    ],
)
def test_page_of_one_thing_asks_no_more_when_it_has_more(admin_client, acme, open_visit, screen, page):
    thing = {"companies": acme.company, "customers": acme.customer, "groups": acme.customer.group}[screen]
    url = reverse(f"punchout_{screen}:{page}", args=[thing.pk])

    def asked() -> list[str]:
        admin_client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert admin_client.get(url).status_code == 200
        return [each["sql"] for each in seen]

    fill(acme, open_visit, 1)
    few = asked()
    fill(acme, open_visit, 2)
    fill(acme, open_visit, 3)
    many = asked()
    assert len(many) == len(few), [each for each in many if each not in few]


SCREENS = {name for name, row in TABLE.items() if row.method == "get"}
#: Screens that may ask more often.
REASONS = {
    "punchout_documents:try_again": "it takes the document in once more, as a call does",
    "punchout_links:revisions_compare": "Wagtail makes two versions of the link",
    "punchout_links:revisions_unschedule": "Wagtail makes a version of the link",
    "punchout_companies:switch": "it reckons who is shut out",
    "punchout_companies:history": "it asks for each of the kinds of things that belong to a company",
    "punchout_companies:history_results": "it asks for each of the kinds of things that belong to a company",
}


def is_page(answer) -> bool:
    """And no file, no part of one to be looked at in JavaScript, and no way to another page."""
    is_html = answer["Content-Type"].startswith("text/html")
    return answer.status_code == 200 and is_html and not answer.streaming and bool(answer.content.strip())


@pytest.mark.parametrize("name", sorted(SCREENS - REASONS.keys()))
def test_screen_asks_fewer_than_ten_statements_and_one_a_column(own: World, browser, name):  # noqa: F811
    for thing in own.things.values():
        log(thing, "wagtail.edit")  # no history is empty
    client, url = browser("superuser"), address(name, own) + QUERIES.get(name, "")
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(url)
    if is_page(answer):
        shown = max(columns(answer.content.decode()), 1)  # an empty list is a sentence without headings
        assert len(seen) < 10 + shown, [each["sql"] for each in seen]
