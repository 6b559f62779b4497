"""Lists taken along: whole, with the filters of the screen, and without a page being made of them."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests.connections import connect
from wagtail_punchout.admin_ui.listing import Streamed
from wagtail_punchout.models import PunchoutSession, Quote

LISTS = ("companies", "customers", "visits", "quotes", "orders", "deliveries", "documents", "first_contacts", "users")


def rows(client, name: str, form: str, **query: str) -> list:
    answer = client.get(reverse(f"punchout_{name}:index"), {"export": form, **query})
    raw = answer.getvalue()
    if form == "csv":
        return raw.decode().splitlines()[1:]
    return list(load_workbook(BytesIO(raw)).active.iter_rows(values_only=True))[1:]


@pytest.fixture
def many(acme, open_visit):
    """More than one page."""
    for _ in range(60):
        open_visit(acme)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_whole_list_is_taken_along_not_one_page(admin_client, many, form):
    assert len(rows(admin_client, "visits", form)) == 60


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_filters_and_words_hold_for_the_export(admin_client, many, open_visit, form):
    open_visit(connect("other"))
    assert len(rows(admin_client, "visits", form, customer="other")) == 1
    assert len(rows(admin_client, "visits", form, q="other")) == 1


def test_rows_are_asked_for_once(admin_client, many):
    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            rows(admin_client, "visits", "csv")
        return [each["sql"] for each in seen if PunchoutSession._meta.db_table in each["sql"]]

    asked()
    assert len(asked()) == 1


def test_nothing_is_kept_of_what_is_streamed(visit):
    quotes = Quote.objects.all()
    assert list(Streamed(quotes)) == list(Quote.objects.all())
    assert quotes._result_cache is None


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_taken_along(admin_client, visit, name, form):
    shown = admin_client.get(reverse(f"punchout_{name}:index")).context["object_list"]
    assert len(rows(admin_client, name, form)) == len(shown)
