"""Visits, carts and documents, as people read them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.connections import connect
from wagtail_punchout.models import Exchange, Quote, Right
from wagtail_punchout.models.exchanges import Direction


def inspect(client, kind: str, thing) -> str:
    return client.get(reverse(f"punchout_{kind}:inspect", args=[thing.pk])).content.decode()


def found(client, kind: str, **query) -> list:
    return list(client.get(reverse(f"punchout_{kind}:index"), query).context["object_list"])


def test_visit_tells_its_whole_story(admin_client, visit):
    page = inspect(admin_client, "visits", visit)
    for told in ("jane@example.com", "HH-0042", "312345678", "No longer sold.", "PunchOutSetupRequest", "57.50"):
        assert told in page
    for linked in (visit.quote, visit.exchanges.get()):
        kind = "quotes" if isinstance(linked, Quote) else "documents"
        assert reverse(f"punchout_{kind}:inspect", args=[linked.pk]) in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"direction": Direction.IN, "kind": "PunchOutSetupRequest"}, "buyer&#x27;s system called again"),
        (
            {"direction": Direction.OUT, "kind": "PunchOutOrderMessage"},
            "We made a document for the buyer",
        ),
        ({"direction": Direction.OUT, "kind": "Cart not sent", "status": 422}, "The cart could not be sent"),
    ],
)
def test_visit_tells_who_spoke(admin_client, visit, facts, words):
    Exchange.objects.create(customer=visit.customer, session=visit, **facts)
    page = inspect(admin_client, "visits", visit)
    assert words in page
    assert ("called again" in page) == (facts["direction"] == Direction.IN)


def test_visit_strikes_out_what_its_name_calls_a_secret(admin_client, visit):
    page = inspect(admin_client, "visits", visit)
    assert "4711" in page
    assert "hunter2" not in page


def test_start_page_address_is_not_shown(admin_client, visit):
    page = inspect(admin_client, "visits", visit)
    assert visit.start_token not in page
    assert visit.start_hash not in page


def test_visit_hides_documents_from_those_who_may_not_read_them(signed_in, visit):
    page = inspect(signed_in(Right.COMPANY_EDIT), "visits", visit)
    assert "jane@example.com" in page
    assert "PunchOutSetupRequest" not in page


def test_cart_shows_lines_with_every_digit_of_the_price(admin_client, visit):
    page = inspect(admin_client, "quotes", visit.quote)
    for told in ("KD5555", "Desk lamp", "1,000 EA", "€0.0575", "€57.50"):
        assert told in page


def test_document_is_indented_and_escaped(admin_client, visit):
    page = inspect(admin_client, "documents", visit.exchanges.get())
    assert "\n  &lt;Header&gt;\n    &lt;From&gt;" in page


def test_refusal_shows_what_was_told_and_the_true_cause(admin_client, refusal):
    page = inspect(admin_client, "documents", refusal)
    for told in ("401 refused", "Told to them.", "The true cause.", "&lt;cXML &lt;not xml&gt;"):
        assert told in page


@pytest.mark.parametrize(("verdict", "statuses"), [("accepted", [200]), ("refused", [401]), ("failed", [500])])
def test_documents_by_verdict(admin_client, visit, refusal, verdict, statuses):
    Exchange.objects.create(direction="in", status=500)
    assert [each.status for each in found(admin_client, "documents", verdict=verdict)] == statuses


def test_complete_sender_identity_finds_that_customer_alone(admin_client, visit, open_visit):
    other = open_visit(connect("acme-2", customer={"sender_identity": "punchout-acme@shop.example.org"}))
    assert found(admin_client, "visits", customer="Punchout-ACME@shop.example") == [visit]
    assert found(admin_client, "visits", customer="acme-2") == [other]
    assert len(found(admin_client, "visits", customer="punchout shop")) == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"state": "returned"}, 1),
        ({"state": "expired"}, 0),
        ({"operation": "edit", "mode": "test"}, 1),
        ({"mode": "production"}, 0),
        ({"created_at_from": "2000-01-01"}, 1),
        ({"created_at_to": "2000-01-01"}, 0),
        ({"q": "jane@example ACME"}, 1),
        ({"q": "joan"}, 0),
    ],
)
def test_visits_are_found_by(admin_client, visit, query, count):
    assert len(found(admin_client, "visits", **query)) == count


def test_cart_is_found_by_part_number_once(admin_client, visit):
    line = visit.quote.lines.get()
    line.pk, line.position, line.auxiliary_id = None, 2, "a2"
    line.save()
    assert found(admin_client, "quotes", q="kd5555") == [visit.quote]


@pytest.mark.parametrize("kind", ["visits", "quotes", "documents"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_export_works(admin_client, visit, kind, format):
    answer = admin_client.get(reverse(f"punchout_{kind}:index"), {"export": format})
    assert b"".join(answer.streaming_content)
