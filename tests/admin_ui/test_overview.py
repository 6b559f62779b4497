"""The overview: what is counted, for whom, and in how few questions to the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.flows.try_connection import try_connection
from wagtail_punchout.models import (
    ConnectionTest,
    Delivery,
    Exchange,
    FirstContact,
    Mode,
    PunchoutSession,
    PurchaseOrder,
    Right,
    UnknownAddress,
)
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.sessions import State


@pytest.fixture
def url() -> str:
    return reverse("punchout_overview:overview")


def section(answer, name):
    return {each.name: each for each in answer.context["sections"]}[name]


def tiles(answer) -> dict[str, str]:
    return {label: number for label, number, _before in section(answer, "figures").tiles}


def aged(visit: PunchoutSession, days: int) -> None:
    PunchoutSession.objects.filter(pk=visit.pk).update(created_at=timezone.now() - timedelta(days=days))


@pytest.fixture
def busy(acme, open_visit):
    """A connection with two visits, an order and a failure."""
    open_visit(acme, mode=Mode.PRODUCTION)
    open_visit(acme, mode=Mode.PRODUCTION, state=State.CANCELLED)
    make_order(acme)
    Exchange.objects.create(direction=Direction.IN, customer=acme.customer, status=401)
    return acme


def test_visits_orders_and_failures_are_counted(admin_client, busy, url):
    assert tiles(admin_client.get(url)) == {
        "Visits": "2",
        "Carts returned": "1",
        "Cancelled": "1",
        "Purchase orders": "1",
        "Refused and failed": "1",
    }


def test_tests_count_apart(admin_client, acme, open_visit, url):
    open_visit(acme, mode=Mode.TEST)
    assert tiles(admin_client.get(url))["Visits"] == "0"
    assert tiles(admin_client.get(url, {"mode": "test"}))["Visits"] == "1"
    assert tiles(admin_client.get(url, {"mode": ""}))["Visits"] == "1"


def test_our_own_tests_of_connections_are_not_counted(admin_client, acme, goods, url):
    try_connection(acme.customer, by=None, at=timezone.now())
    assert PunchoutSession.objects.exists()
    assert PurchaseOrder.objects.exists()
    Exchange.objects.update(status=500)
    answer = admin_client.get(url, {"mode": ""})
    assert set(tiles(answer).values()) == {"0"}
    assert section(answer, "connections").rows == []


def test_period_can_be_chosen(admin_client, acme, open_visit, url):
    aged(open_visit(acme, mode=Mode.PRODUCTION), 20)
    assert tiles(admin_client.get(url, {"period": "7-days"}))["Visits"] == "0"
    assert tiles(admin_client.get(url, {"period": "30-days"}))["Visits"] == "1"
    assert tiles(admin_client.get(url, {"period": "13-months"}))["Visits"] == "1"


def test_time_before_is_told_beside(admin_client, acme, open_visit, url):
    aged(open_visit(acme, mode=Mode.PRODUCTION), 35)
    label, number, before = section(admin_client.get(url), "figures").tiles[0]
    assert (label, number, before) == ("Visits", "0", "before: 1")


def test_one_connection_can_be_chosen(admin_client, busy, open_visit, url):
    open_visit(connect("other"), mode=Mode.PRODUCTION)
    assert tiles(admin_client.get(url))["Visits"] == "3"
    assert tiles(admin_client.get(url, {"customer": "other"}))["Visits"] == "1"
    assert tiles(admin_client.get(url, {"customer": busy.customer.sender_identity}))["Visits"] == "2"


def test_what_is_no_choice_is_as_if_nothing_was_chosen(admin_client, busy, url):
    answer = admin_client.get(url, {"period": "for ever", "mode": "<script>", "customer": "\x00"})
    assert answer.status_code == 200


def test_most_used_connections_come_first(admin_client, busy, open_visit, url):
    other = connect("other")
    for _ in range(3):
        open_visit(other, mode=Mode.PRODUCTION)
    rows = section(admin_client.get(url), "connections").rows
    assert [(each["name"], each["visits"], each["returned"], each["orders"]) for each in rows] == [
        ("Other", 3, 3, 0),
        ("Acme", 2, 1, 1),
    ]


def test_chart_has_its_numbers_as_a_table(admin_client, busy, url):
    visits = section(admin_client.get(url), "figures").charts[0]
    assert visits.rows[-1][1] == ["1", "1", "0"]
    assert len(visits.rows) == 30


def test_connection_that_has_gone_silent_is_named(admin_client, acme, open_visit, url):
    for day in range(20, 60, 2):
        aged(open_visit(acme, mode=Mode.PRODUCTION), day)
    [silence] = section(admin_client.get(url), "silent").rows
    assert (silence.customer, silence.silent, silence.usual) == (acme.customer.pk, 20, 2)
    assert "every 2 days" in admin_client.get("/admin/").content.decode()


def test_tests_make_no_habit(admin_client, acme, open_visit, url):
    for day in range(20, 60, 2):
        aged(open_visit(acme, mode=Mode.TEST), day)
    assert section(admin_client.get(url), "silent").rows == []


def test_our_own_tests_make_no_habit_whatever_their_mode(admin_client, acme, open_visit, url):
    for day in range(20, 60, 2):
        aged(open_visit(acme, mode=Mode.PRODUCTION, user_agent=ConnectionTest.AGENT), day)
    assert section(admin_client.get(url), "silent").rows == []


def test_whatever_waits_is_told_with_the_way_to_it(admin_client, acme, url):
    now = timezone.now()
    order = make_order(acme, needs_person=True)
    Delivery.objects.create(order=order, customer=acme.customer, kind="InvoiceDetailRequest", url="x", state="failed")
    FirstContact.objects.create(key="1", reason="sender_unknown", first_at=now, last_at=now)
    UnknownAddress.objects.create(company=acme.company, address_id="X-1", id_key="x-1", first_at=now, last_at=now)
    acme.credential.ends_at = now + timedelta(days=3)
    acme.credential.save()
    found = section(admin_client.get(url), "needs").needs
    assert [need.sentence for _number, need in found] == [
        "purchase order needs a decision",
        "document could not be delivered",
        "first contact is not settled",
        "secret ends within two weeks",
        "delivery address of Acme is unknown",
    ]
    for _number, need in found:
        assert admin_client.get(need.url).status_code == 200
    home = admin_client.get("/admin/").content.decode()
    assert all(escape(need.url) in home for _number, need in found)


def test_what_has_been_settled_does_not_wait(admin_client, acme, url):
    now = timezone.now()
    make_order(acme)
    FirstContact.objects.create(key="1", reason="sender_unknown", first_at=now, last_at=now, settled_at=now)
    UnknownAddress.objects.create(
        company=acme.company, address_id="X-1", id_key="x-1", first_at=now, last_at=now, dismissed_at=now
    )
    assert section(admin_client.get(url), "needs").needs == []


def test_others_figures_are_not_counted(signed_in, busy, foreign, url):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS, companies=[foreign])
    answer = clerk.get(url)
    assert set(tiles(answer).values()) == {"0"}
    assert "Acme" not in answer.content.decode()


def test_who_may_not_see_documents_is_told_of_no_failures(signed_in, busy, url):
    answer = signed_in(Right.CRM_COMPANY_EDIT, companies=[busy.company]).get(url)
    assert "Refused and failed" not in tiles(answer)
    assert len(section(answer, "figures").charts) == 2


def test_visit_through_a_foreign_connection_counts_without_naming_it(signed_in, acme, own, open_visit, url):
    visit = open_visit(acme, mode=Mode.PRODUCTION)
    PunchoutSession.objects.filter(pk=visit.pk).update(company=own)
    answer = signed_in(Right.CRM_COMPANY_EDIT, companies=[own]).get(url)
    assert tiles(answer)["Visits"] == "1"
    assert section(answer, "connections").rows == []


def test_home_says_nothing_to_editors(signed_in, busy):
    assert "punchout-tiles" not in signed_in().get("/admin/").content.decode()


@pytest.mark.parametrize("address", ["punchout_overview:overview", "wagtailadmin_home"])
def test_questions_do_not_grow_with_what_there_is(admin_client, acme, open_visit, address):
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin_client.get(reverse(address), {"period": "13-months"}).status_code == 200
        return len(seen)

    def more(name: str) -> None:
        buyer = connect(name)
        for day in range(1, 20):
            aged(open_visit(buyer, mode=Mode.PRODUCTION), day * 7)
            make_order(buyer, f"{name}-{day}", needs_person=True)
            Exchange.objects.create(direction=Direction.IN, customer=buyer.customer, status=401)

    more("first")
    asked()
    few = asked()
    for name in ("second", "third", "fourth"):
        more(name)
    asked()  # what is kept for some seconds may have run out meanwhile
    assert asked() == few
