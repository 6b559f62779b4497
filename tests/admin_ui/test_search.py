"""Searching as one types: what is found, by whom, at what cost, and how much of it is counted."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from wagtail_punchout.admin_ui import listing
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, Right, search
from wagtail_punchout.models.companies import on_level

COMPANIES = reverse("punchout_companies:index_results")
CUSTOMERS = reverse("punchout_customers:index_results")
CHOOSER = reverse("punchout_company_chooser:choose_results")


@pytest.fixture
def add_customer(db):
    def add(company: Company, name: str = "", email: str = "") -> PunchoutCustomer:
        number = PunchoutCustomer.objects.count()
        user = get_user_model().objects.create_user(f"user-{number}", email=email)
        group = CustomerGroup.objects.get_or_create(name="Buyers")[0]
        return PunchoutCustomer.objects.create(
            company=company, name=name or f"Customer {number}", user=user, group=group, sender_identity=f"id-{number}"
        )

    return add


@pytest.fixture
def common_words(monkeypatch):
    """As if there were a thousand times as many rows: what a handful match is common, and only so many are counted."""
    monkeypatch.setattr(search, "LIMIT", 4)
    monkeypatch.setattr(search, "COUNTED", 4)
    monkeypatch.setattr(listing, "COUNTED", 4)


def names(answer) -> list[str]:
    return [each.name for each in answer.context["object_list"]]


def found(client, url: str, **query: str) -> list[str]:
    return names(client.get(url, query))


@pytest.mark.parametrize("query", ["mull", "312345678", "an0100", "eller-7", "jane@buyer", "id-0", "jane mull"])
def test_company_is_found_by_all_that_identifies_it(admin_client, add_company, add_customer, query):
    company = add_company("Müller", code="Mueller-7", duns="312345678", network_id="AN0100")
    add_customer(company, email="jane@buyer.example")
    add_company("Other")
    assert found(admin_client, COMPANIES, q=query) == ["Müller"]


@pytest.mark.parametrize("query", ["mull", "312345678", "jane@buyer", "id-0", "purchasing mull"])
def test_customer_is_found_by_all_that_identifies_it(admin_client, add_company, add_customer, query):
    add_customer(add_company("Müller", duns="312345678"), "Purchasing", email="jane@buyer.example")
    add_customer(add_company("Other"), "Sales")
    assert found(admin_client, CUSTOMERS, q=query) == ["Purchasing"]


@pytest.mark.parametrize("common", [False, True])
def test_foreign_companies_are_neither_found_nor_counted(signed_in, add_company, add_customer, common, request):
    if common:
        request.getfixturevalue("common_words")
    own = add_company("Common own")
    below = add_company("Common below", below=own)
    for number in range(6):
        add_customer(add_company(f"Common {number}"), f"Common {number}")
    add_customer(below, "Common customer")
    client = signed_in(Right.CRM_COMPANY_EDIT, companies=[own])
    answer = client.get(COMPANIES, {"q": "common"})
    assert names(answer) == ["Common below", "Common own"]
    assert answer.context["items_count"] == 2
    assert "There are 2 matches" in answer.content.decode()
    assert found(client, CUSTOMERS, q="common") == ["Common customer"]
    assert found(client, COMPANIES, q="id-0") == []
    chosen = client.get(CHOOSER, {"q": "common"}).content.decode()
    assert "Common below" in chosen
    assert "Common 3" not in chosen


def test_common_words_are_not_counted_to_the_end(admin_client, add_company, common_words):
    for number in range(150):
        add_company(f"Common {number:03}", code=f"c{number}")
    answer = admin_client.get(COMPANIES, {"q": "common"})
    page = answer.content.decode()
    assert names(answer) == [f"Common {number:03}" for number in range(len(names(answer)))]
    counted = answer.context["items_count"]
    assert f"There are more than {counted} matches" in page
    assert f"More than {counted} companies" in page


def test_every_page_of_common_words_can_be_reached(admin_client, add_company, common_words):
    for number in range(150):
        add_company(f"Common {number:03}", code=f"c{number}")
    seen, page = [], 1
    while True:
        answer = admin_client.get(COMPANIES, {"q": "common", "p": page})
        assert answer.context["page_obj"].number == page
        seen += names(answer)
        if not answer.context["page_obj"].has_next():
            break
        page += 1
    assert seen == [f"Common {number:03}" for number in range(150)]
    assert "There are 150 matches" in answer.content.decode()


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("ordering", ["code", "-code", "name", "-name", "customer_count", "-numchild", "network_id"])
def test_search_filter_and_order_go_together(admin_client, add_company, add_customer, common, ordering, request):
    if common:
        request.getfixturevalue("common_words")
    made = [
        add_company(f"Common {number}", code=f"z{9 - number}", network_id=str(number), is_active=number != 3)
        for number in range(7)
    ]
    for number, company in enumerate(made):
        for _ in range(number):
            add_customer(company)
    shown = found(admin_client, COMPANIES, q="common", ordering=ordering, is_active="on")
    expected = [f"Common {number}" for number in (0, 1, 2, 4, 5, 6)]
    if ordering == "-numchild":
        assert sorted(shown) == expected
    else:
        assert shown == (expected[::-1] if ordering in ("code", "-name") else expected)


def test_number_of_customers_stands_beside_the_companies_found(admin_client, add_company, add_customer, common_words):
    company = add_company("Common with two")
    for number in range(8):
        add_company(f"Common {number}", code=f"c{number}")
    add_customer(company)
    add_customer(company)
    rows = admin_client.get(COMPANIES, {"q": "common"}).context["object_list"]
    assert {each.name: each.customers_here for each in rows}["Common with two"] == 2


@pytest.mark.parametrize("url", [COMPANIES, CUSTOMERS, CHOOSER])
@pytest.mark.parametrize("query", ["customer", "cu", "c"])
@pytest.mark.parametrize("common", [False, True])
def test_keystroke_costs_the_same_number_of_queries_however_many_there_are(
    admin_client, add_company, add_customer, url, query, common, request
):
    if common:
        request.getfixturevalue("common_words")
    number = 0

    def cost(rows: int) -> int:
        nonlocal number
        while number < rows:
            add_customer(add_company(f"Customer {number}", code=f"c{number}"))
            number += 1
        with CaptureQueriesContext(connection) as asked:
            admin_client.get(url, {"q": query})
        return len(asked)

    cost(22)  # to warm up, and so that there is more than a page
    assert cost(23) == cost(40)


@pytest.mark.parametrize(("url", "most"), [(COMPANIES, 5), (CUSTOMERS, 2), (CHOOSER, 4)])
def test_rare_word_costs_few_queries(admin_client, add_company, add_customer, url, most):
    """The index is asked (twice for companies, whose customers count as well), then the rows are read, uncounted."""
    for number in range(8):
        add_customer(add_company(f"Customer {number}", code=f"c{number}"))
    admin_client.get(url, {"q": "customer 3"})
    with CaptureQueriesContext(connection) as asked:
        admin_client.get(url, {"q": "customer 3"})
    ours = [each["sql"] for each in asked if "punchout_company" in each["sql"] or "punchoutcustomer" in each["sql"]]
    assert len([sql for sql in ours if "sqlite_master" not in sql]) <= most, ours


@pytest.mark.skipif(connection.vendor != "sqlite", reason="speaks SQLite")
def test_a_level_of_the_tree_is_read_from_an_index(add_company):
    city = add_company("City")
    add_company("School", below=city)
    plan = on_level(Company.objects.order_by("name"), city.path).explain()
    assert "punchout_company_level" in plan
    assert "TEMP B-TREE" not in plan


def test_lists_without_a_search_are_counted_to_the_end(admin_client, add_company, common_words):
    for number in range(30):
        add_company(f"Common {number:02}", code=f"c{number}")
    answer = admin_client.get(COMPANIES)
    assert answer.context["paginator"].count == 30
    assert not answer.context["paginator"].goes_on
