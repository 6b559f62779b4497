"""Reports: rows, shares, filters, exports, and that none of them tells what its reader may not know."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tests.connections import add_credential, connect
from tests.orders import make_order
from wagtail_punchout.admin_ui.reports import REPORTS
from wagtail_punchout.flows.try_connection import try_connection
from wagtail_punchout.models import Credential, Exchange, Mode, Quote, QuoteLine, Right
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.sessions import State

NAMES = [each.name for each in REPORTS]


def report(client, name: str, **query: str):
    return client.get(reverse(f"punchout_reports:{name}"), query)


def rows(client, name: str, **query: str) -> list:
    return list(report(client, name, **query).context["object_list"])


def csv(client, name: str, **query: str) -> list[str]:
    answer = report(client, name, export="csv", **query)
    return b"".join(answer.streaming_content).decode().splitlines()


@pytest.fixture
def add_cart(open_visit):
    def add(buyer, total="10", *, is_cancel=False) -> QuoteLine:
        visit = open_visit(buyer, mode=Mode.PRODUCTION)
        quote = Quote.objects.create(
            session=visit, customer=buyer.customer, currency="EUR", total=Decimal(total), is_cancel=is_cancel
        )
        facts = {"position": 1, "auxiliary_id": "a", "sku": "MUG", "unit": "EA", "currency": "EUR"}
        return QuoteLine.objects.create(quote=quote, quantity=1, unit_price=Decimal(total), **facts)

    return add


def fail(buyer=None, reason="secret_wrong", status=401, **facts) -> Exchange:
    customer = buyer.customer if buyer else None
    return Exchange.objects.create(direction=Direction.IN, customer=customer, reason=reason, status=status, **facts)


def test_share_of_visits_that_return_a_cart(admin_client, acme, open_visit):
    for state in (State.RETURNED, State.RETURNED, State.CANCELLED):
        open_visit(acme, state=state, started_at=timezone.now())
    open_visit(acme, state=State.EXPIRED)
    [row] = rows(admin_client, "conversion")
    assert {key: row[key] for key in ("visits", "started", "returned", "cancelled")} == {
        "visits": 4,
        "started": 3,
        "returned": 2,
        "cancelled": 1,
    }
    assert "50%" in report(admin_client, "conversion").content.decode()


def test_visits_are_filtered_by_mode_connection_and_date(admin_client, acme, open_visit):
    open_visit(acme, mode=Mode.TEST)
    open_visit(connect("other"), mode=Mode.PRODUCTION)
    tomorrow = f"{timezone.localdate() + timedelta(days=1):%Y-%m-%d}"
    assert [each["customer__name"] for each in rows(admin_client, "conversion", mode="test")] == ["Acme"]
    assert [each["customer__name"] for each in rows(admin_client, "conversion", customer="other")] == ["Other"]
    assert [each["customer__name"] for each in rows(admin_client, "conversion", branch="acme")] == ["Acme"]
    assert rows(admin_client, "conversion", created_at_from=tomorrow) == []


def test_carts_are_held_against_their_orders(admin_client, acme, add_cart):
    ordered = add_cart(acme, "30")
    add_cart(acme, "10")
    add_cart(acme, "99", is_cancel=True)
    order = make_order(acme)
    order.lines.update(quote_line=ordered)  # both lines of the order: the cart still counts once
    [row] = rows(admin_client, "orders")
    assert (row["carts"], row["ordered"], row["worth"], row["worth_ordered"]) == (2, 1, 40, 30)


def test_our_own_tests_of_connections_are_in_no_report(admin_client, acme, goods):
    try_connection(acme.customer, by=None, at=timezone.now())
    assert Quote.objects.filter(is_cancel=False).exists()
    Exchange.objects.update(status=500)
    assert [rows(admin_client, each) for each in ("conversion", "orders", "failures")] == [[], [], []]


def test_failures_come_with_what_to_change(admin_client, acme):
    fail(acme)
    fail(connect("other"))
    fail(reason="", status=500)
    Exchange.objects.create(direction=Direction.IN, status=200)
    found = rows(admin_client, "failures")
    assert [(each["reason"], each["status"], each["times"], each["connections"]) for each in found] == [
        ("secret_wrong", 401, 2, 2),
        ("", 500, 1, 0),
    ]
    assert "Reveal the secret in the customer" in report(admin_client, "failures").content.decode()


def test_documents_of_one_reason_are_listed(admin_client, acme):
    wrong, _other = fail(acme), fail(acme, reason="link_off")
    answer = admin_client.get(reverse("punchout_documents:index"), {"reason": "secret_wrong"})
    assert [each.pk for each in answer.context["object_list"]] == [wrong.pk]


@pytest.mark.parametrize(
    ("why", "facts"),
    [
        ("ends", {"ends_at": timedelta(days=5)}),
        ("address", {"seen_in_address_at": timedelta(days=-1)}),
        ("old", {"created_at": timedelta(days=-366), "last_used_at": timedelta(days=-1)}),
        ("unused", {"created_at": timedelta(days=-100)}),
        ("unused", {"created_at": timedelta(days=-100), "last_used_at": timedelta(days=-91)}),
    ],
)
def test_secret_that_should_be_exchanged_is_listed_with_the_reason(admin_client, acme, why, facts):
    add_credential(acme.customer, mode=Mode.PRODUCTION)
    moved = {key: timezone.now() + each for key, each in facts.items()}
    Credential.objects.filter(pk=acme.credential.pk).update(**moved)
    assert [each.pk for each in rows(admin_client, "secrets")] == [acme.credential.pk]
    assert [each.pk for each in rows(admin_client, "secrets", why=why)] == [acme.credential.pk]
    [other] = {"ends", "old"} - {why} if why in {"ends", "old"} else ["ends"]
    assert rows(admin_client, "secrets", why=other) == []
    assert csv(admin_client, "secrets")[1].endswith(
        {
            "ends": "ends within two weeks",
            "address": "has travelled in a web address",
            "old": "older than a year",
            "unused": "not used for 90 days",
        }[why]
    )


def test_secret_that_is_over_is_not_listed(admin_client, acme):
    now = timezone.now()
    Credential.objects.update(created_at=now - timedelta(days=400), revoked_at=now)
    assert rows(admin_client, "secrets") == []


def test_no_report_holds_a_secret(admin_client, acme):
    Credential.objects.update(created_at=timezone.now() - timedelta(days=400))
    told = report(admin_client, "secrets").content.decode() + "".join(csv(admin_client, "secrets"))
    assert acme.secret not in told
    assert acme.credential.ciphertext not in told


@pytest.fixture
def something(acme, add_cart):
    """A row for each report."""
    add_cart(acme)
    fail(acme)
    Credential.objects.update(created_at=timezone.now() - timedelta(days=400))
    return acme


@pytest.mark.parametrize("name", NAMES)
def test_report_can_be_taken_along(admin_client, something, name):
    heading, _row = csv(admin_client, name)
    assert len(heading.split(",")) == len({each.name: each for each in REPORTS}[name].exported)
    workbook = load_workbook(BytesIO(report(admin_client, name, export="xlsx").getvalue()))
    assert len(list(workbook.active.iter_rows(values_only=True))) == 2


@pytest.mark.parametrize("name", NAMES)
def test_report_is_in_the_menu(admin_client, something, name):
    assert reverse(f"punchout_reports:{name}") in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_empty_report_says_what_that_means(admin_client, name):
    advice = str({each.name: each for each in REPORTS}[name].empty_advice)
    assert advice in report(admin_client, name).content.decode()
    assert advice not in report(admin_client, name, created_at_from="2026-01-01").content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_report_says_nothing_of_others(signed_in, something, foreign, name):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS, companies=[foreign])
    assert rows(clerk, name) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ordering", ["customer__name", "-last", "reason", "created_at", "; DROP"])
def test_any_order_can_be_asked_for(admin_client, something, name, ordering):
    assert len(rows(admin_client, name, ordering=ordering)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_questions_do_not_grow_with_the_rows(admin_client, something, add_cart, name):
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert rows(admin_client, name)
        return len(seen)

    asked()
    few = asked()
    for number in range(5):
        buyer = connect(f"more-{number}")
        add_cart(buyer)
        fail(buyer, status=403 + number)
    Credential.objects.update(created_at=timezone.now() - timedelta(days=400))
    assert asked() == few < 10
