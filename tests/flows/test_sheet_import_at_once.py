"""Sheets that are applied at the same moment: one after the other, or the second one not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from tests.connections import connect
from wagtail_punchout.flows import sheet_import
from wagtail_punchout.flows.import_addresses import AddressImporter
from wagtail_punchout.flows.import_users import UserImporter
from wagtail_punchout.flows.sheet_import import NotApplied
from wagtail_punchout.models import Address, CustomerGroup, Role, RoleAssignment, SheetImport

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where a table is locked and nobody waits"
)

QUAY = {"address_id": "HH-1", "name": "Quay", "street": "Quay 7", "city": "Hamburg", "country": "DE", "phone": "1"}
User = get_user_model()


def read(cells):
    return {**cells, **({"roles": ["finance"]} if "email" in cells else {})}, {}


def checked(importer, cells, by) -> SheetImport:
    upload = sheet_import.keep(importer, "a.csv", [(2, cells)], by=by, at=timezone.now())
    return sheet_import.check_next(upload, importer, read)


def at_once(*todo) -> list[bool]:
    """Which of them were applied."""
    barrier = Barrier(len(todo))

    def apply(each) -> bool:
        upload, importer = each
        barrier.wait(timeout=30)
        try:
            sheet_import.apply(upload, importer, by=upload.uploaded_by, at=timezone.now())
        except NotApplied:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(todo)) as pool:
        return list(pool.map(apply, todo))


@pytest.fixture
def people(transactional_db):
    return [User.objects.create_user(name) for name in ("one", "other")]


def test_two_sheets_with_the_same_new_address_make_it_once(people):
    company = connect("acme").company
    one, other = (checked(AddressImporter(company), {**QUAY, "name": each.username}, each) for each in people)
    done = at_once((one, AddressImporter(company)), (other, AddressImporter(company)))
    assert sorted(done) == [False, True]
    first = one if done[0] else other
    assert Address.objects.get(address_id="HH-1").name == first.uploaded_by.username
    assert SheetImport.objects.get(applied_at__isnull=False) == first


def test_one_sheet_applied_by_two_clicks_is_applied_once(people):
    company = connect("acme").company
    upload = checked(AddressImporter(company), QUAY, people[0])
    assert sorted(at_once(*[(upload, AddressImporter(company))] * 3)) == [False, False, True]
    assert Address.objects.filter(address_id="HH-1").count() == 1


def test_somebody_new_in_two_groups_gets_one_account(people):
    Role.objects.get_or_create(slug="finance", defaults={"name": "Finance"})
    groups = [connect("acme").customer.group, CustomerGroup.objects.create(name="Everybody's")]
    importers = [UserImporter(each, User.objects.all()) for each in groups]
    todo = [
        (checked(importer, {"email": "jane@acme.example"}, by), importer)
        for importer, by in zip(importers, people, strict=True)
    ]
    done = at_once(*todo)
    jane = User.objects.get(email="jane@acme.example")
    # The second one finds things changed: it would no longer make an account.
    assert 1 <= sum(done) <= 2
    assert RoleAssignment.objects.filter(user=jane).count() == sum(done)
