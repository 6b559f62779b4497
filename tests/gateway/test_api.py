"""ERPs fetch orders: what a client sees, and what it never learns of."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from tests.connections import connect
from tests.orders import AT, make_order
from wagtail_punchout.flows.erp_clients import new_token, no_token
from wagtail_punchout.models import Company, ErpClient, Mode, OrderAttachment, OrderState, PurchaseOrder

pytestmark = pytest.mark.django_db

URL = "/punchout/api/orders"


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION)


def erp(name: str = "ERP", mode: str = Mode.PRODUCTION, **facts) -> dict:
    """The headers of a client."""
    client = ErpClient.objects.create(name=name, mode=mode, token_hash=name, **facts)
    return {"Authorization": f"Bearer {new_token(client, by=None)}"}


def ask(client, headers, path: str = "", **query):
    return client.get(URL + path, query, headers=headers)


def acknowledge(client, headers, order, number="A-1"):
    path = f"{URL}/{order.key}/acknowledge"
    return client.post(path, json.dumps({"number": number}), content_type="application/json", headers=headers)


def test_without_a_token_nothing_is_said(client, buyer):
    make_order(buyer)
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}):
        answer = ask(client, headers)
        assert (answer.status_code, b"PO-1" in answer.content) == (401, False)


def test_client_that_is_switched_off_gets_nothing(client, buyer):
    headers = erp()
    ErpClient.objects.update(is_active=False)
    assert ask(client, headers).status_code == 401


def test_new_token_ends_the_old_one(client, buyer):
    headers = erp()
    new_token(ErpClient.objects.get(), by=None)
    assert ask(client, headers).status_code == 401


def test_orders_are_listed_in_the_order_of_their_change(client, buyer):
    for number in range(5):
        make_order(buyer, f"PO-{number}")
    headers = erp()
    first = ask(client, headers, limit=2).json()
    second = ask(client, headers, limit=2, after=first["next"]).json()
    third = ask(client, headers, limit=2, after=second["next"]).json()
    found = [each["number"] for page in (first, second, third) for each in page["orders"]]
    assert found == [f"PO-{number}" for number in range(5)]
    assert third["next"] == ""


def test_filters(client, buyer):
    make_order(buyer, "H", state=OrderState.HELD)
    taken = make_order(buyer, "A")
    headers = erp()
    acknowledge(client, headers, taken)
    assert [each["number"] for each in ask(client, headers, state="held").json()["orders"]] == ["H"]
    assert [each["number"] for each in ask(client, headers, acknowledged="true").json()["orders"]] == ["A"]
    assert ask(client, headers, changed_since="2099-01-01T00:00:00+00:00").json()["orders"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"state": "burnt"},
        {"limit": 0},
        {"limit": 5000},
        {"after": "x"},
        {"after": "2026-01-01~1"},
        {"after": "20260101T000000.000000Z~-1"},
        {"after": "20260101T000000.000000Z~99999999999999999999"},
        {"after": "00010101T000000.000000+2359~1"},
        {"changed_since": "?"},
        {"changed_since": "2026-01-01T00:00:00"},
        {"changed_since": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_nonsense_is_answered_with_a_sentence(client, buyer, query):
    answer = ask(client, erp(), **query)
    (name,) = query
    assert (answer.status_code, answer.json()["detail"].startswith(f"{name}: ")) == (422, True)


def test_next_list_begins_where_the_cursor_says_also_in_an_address_written_by_hand(client, buyer):
    for number in range(3):
        make_order(buyer, f"PO-{number}")
    headers = erp()
    found = ask(client, headers, limit=2).json()["next"]
    answer = client.get(f"{URL}?limit=2&after={found}", headers=headers)
    assert [each["number"] for each in answer.json()["orders"]] == ["PO-2"]


def test_orders_of_one_moment_are_all_listed(client, buyer):
    for number in range(5):
        make_order(buyer, f"PO-{number}")
    PurchaseOrder.objects.update(updated_at=timezone.now())
    headers, found, after = erp(), [], ""
    while True:
        page = ask(client, headers, limit=2, after=after).json()
        found += [each["number"] for each in page["orders"]]
        if not (after := page["next"]):
            break
    assert found == [f"PO-{number}" for number in range(5)]


def test_token_says_who_it_is_and_nothing_else_does(client, buyer):
    """A client that has just been made, and has no token yet, cannot be guessed."""
    make_order(buyer)
    ErpClient.objects.create(name="Fresh", mode=Mode.PRODUCTION, token_hash=no_token())
    for token in ("Fresh", "none yet: Fresh", "", "é", "x" * 5000):
        assert ask(client, {"Authorization": f"Bearer {token}"}).status_code == 401


def test_wrong_tokens_are_slowed_down_and_right_ones_never(client, buyer, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "FAILURES_PER_MINUTE": 2}
    headers = erp()
    answers = [ask(client, {"Authorization": "Bearer wrong"}) for _ in range(3)]
    assert [each.status_code for each in answers] == [401, 401, 429]
    assert (answers[0]["WWW-Authenticate"], answers[2]["Retry-After"]) == ("Bearer", "60")
    assert ask(client, headers).status_code == 200


def test_use_is_noted_once_a_minute(client, buyer):
    headers = erp()
    with time_machine.travel(AT, tick=False) as clock:
        ask(client, headers)
        first = ErpClient.objects.get().last_used_at
        clock.shift(timedelta(seconds=30))
        ask(client, headers)
        assert ErpClient.objects.get().last_used_at == first
        clock.shift(timedelta(seconds=31))
        ask(client, headers)
        assert ErpClient.objects.get().last_used_at == first + timedelta(seconds=61)


def test_one_order_has_its_lines(client, buyer):
    order = make_order(buyer)
    found = ask(client, erp(), f"/{order.key}").json()
    assert (found["order"]["order_id"], found["mode"], len(found["lines"])) == ("PO-1", "production", 2)
    assert found["lines"][0]["item_id"]["supplier_part_id"] == "MUG-1"
    assert found["lines"][0]["detail"]["unit_price"] == {"amount": "4.50", "currency": "EUR"}


def paths_of(order: PurchaseOrder) -> list[str]:
    """Every address of an order."""
    attachment = OrderAttachment(order=order, name="plan.txt", media_type="text/plain")
    attachment.file.save("plan.txt", ContentFile(b"Gate 3"), save=True)
    formats = ("csv", "json", "ubl", "cxml", "none")
    exports = (f"/{order.key}/export/{each}" for each in formats)
    return [f"/{order.key}", *exports, f"/{order.key}/attachments/{attachment.pk}"]


def test_test_order_does_not_exist_for_a_client_of_production(client, buyer):
    order = make_order(buyer, mode=Mode.TEST)
    headers = erp()
    assert ask(client, headers).json()["orders"] == []
    for path in paths_of(order):
        answer = ask(client, headers, path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "There is no such order."}), path
    assert acknowledge(client, headers, order).status_code == 404
    assert ask(client, erp("Test", Mode.TEST)).json()["orders"][0]["mode"] == "test"


def test_other_companies_do_not_exist(client, buyer):
    other = connect("rival", mode=Mode.PRODUCTION)
    order = make_order(other)
    below = Company.objects.get(pk=buyer.company.pk).add_child(name="Below", code="below")
    make_order(buyer, "PO-2", company=below)
    headers = erp(company=buyer.company)
    assert [each["number"] for each in ask(client, headers).json()["orders"]] == ["PO-2"]
    for path in paths_of(order):
        answer = ask(client, headers, path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "There is no such order."}), path
    assert acknowledge(client, headers, order).status_code == 404


def test_attachment_of_another_order_is_not_found_at_ones_own(client, buyer):
    path = paths_of(make_order(connect("rival", mode=Mode.PRODUCTION)))[-1].rpartition("/")[2]
    own = make_order(buyer)
    assert ask(client, erp(company=buyer.company), f"/{own.key}/attachments/{path}").status_code == 404


def test_attachment_is_handed_out_and_never_shown(client, buyer):
    answer = ask(client, erp(), paths_of(make_order(buyer))[-1])
    assert b"".join(answer.streaming_content) == b"Gate 3"
    assert answer["Content-Disposition"] == 'attachment; filename="plan.txt"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("text/plain", "nosniff")


def test_attachment_that_the_storage_has_lost_is_not_found(client, buyer):
    path = paths_of(make_order(buyer))[-1]
    attachment = OrderAttachment.objects.get()
    attachment.file.storage.delete(attachment.file.name)
    answer = ask(client, erp(), path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is no such file."})


def test_order_that_the_buyer_cancelled_in_the_shop_says_so(client, buyer):
    reasons = [{"code": "cancelled_after_hand_over"}]
    order = make_order(buyer, state=OrderState.HANDED_OVER, shop_number="S-1", needs_person=True, reasons=reasons)
    headers = erp()
    (listed,) = ask(client, headers).json()["orders"]
    found = ask(client, headers, f"/{order.key}").json()
    assert (listed["state"], listed["cancelled"], found["cancelled"]) == ("handed_over", True, True)
    assert found["reasons"] == ["cancelled_after_hand_over"]


def test_acknowledging_twice_is_once_and_another_number_is_refused(client, buyer):
    order, headers = make_order(buyer), erp()
    first, again = acknowledge(client, headers, order), acknowledge(client, headers, order)
    assert first.json() == again.json()
    answer = acknowledge(client, headers, order, "A-2")
    assert (answer.status_code, "as A-1" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize("number", ["", " ", "\x00", "x" * 101, None, 7, "\ud800"])
def test_number_that_is_none_is_refused(client, buyer, number):
    order = make_order(buyer)
    assert acknowledge(client, erp(), order, number).status_code in (400, 422)
    assert PurchaseOrder.objects.get().acknowledged_at is None


def test_number_is_kept_without_what_no_database_takes(client, buyer):
    answer = acknowledge(client, erp(), make_order(buyer), " A\x00-1 ")
    assert (answer.status_code, answer.json()["erp_number"]) == (200, "A-1")


def test_body_that_is_no_json_is_answered(client, buyer):
    path = f"{URL}/{make_order(buyer).key}/acknowledge"
    answer = client.post(path, b"{", content_type="application/json", headers=erp())
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize("state", ["held", "refused", "cancelled"])
def test_order_that_is_not_to_be_taken_cannot_be_acknowledged(client, buyer, state):
    assert acknowledge(client, erp(), make_order(buyer, state=state)).status_code == 409


@pytest.mark.parametrize("format", ["csv", "json", "ubl", "cxml"])
def test_exports(client, buyer, format):
    order = make_order(buyer)
    answer = ask(client, erp(), f"/{order.key}/export/{format}")
    assert (answer.status_code, answer["Content-Disposition"][:10]) == (200, "attachment")


def test_format_that_there_is_none_of(client, buyer):
    answer = ask(client, erp(), f"/{make_order(buyer).key}/export/pdf")
    assert (answer.status_code, "csv, json, ubl, cxml" in answer.json()["detail"]) == (404, True)


def test_order_that_a_format_has_no_words_for(client, buyer):
    answer = ask(client, erp(), f"/{make_order(buyer, lines=0).key}/export/ubl")
    assert (answer.status_code, answer.json()["detail"]) == (409, "UBL knows no order without lines.")


def test_one_order_costs_no_queries_for_lines(client, buyer, django_assert_max_num_queries):
    order, headers = make_order(buyer, lines=40), erp()
    ask(client, headers)
    with django_assert_max_num_queries(5):
        ask(client, headers, f"/{order.key}")


def test_list_costs_no_queries_for_rows(client, buyer, django_assert_max_num_queries):
    headers = erp()
    for number in range(20):
        make_order(buyer, f"PO-{number}", lines=1)
    ask(client, headers)
    with django_assert_max_num_queries(5):
        ask(client, headers)


def test_no_page_loads_anything_from_elsewhere(client, db):
    assert client.get("/punchout/api/docs/").status_code == 404


def test_api_describes_itself(client, db):
    said = client.get("/punchout/api/openapi.json").json()
    assert set(said["paths"]) == {
        "/punchout/api/orders",
        "/punchout/api/orders/{key}",
        "/punchout/api/orders/{key}/export/{format}",
        "/punchout/api/orders/{key}/attachments/{number}",
        "/punchout/api/orders/{key}/acknowledge",
    }
    assert said["components"]["securitySchemes"]["Token"]["scheme"] == "bearer"
