"""Secrets in exchange: how long the old one goes on, and what is remembered of their use."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import post, setup_request
from wagtail_punchout.flows.issue import NoFreeSlot, issue_secret, note_use, revoke_secret
from wagtail_punchout.models import Credential

pytestmark = pytest.mark.django_db


def issue(acme, at=None, **values) -> Credential:
    return issue_secret(acme.customer, "test", by=None, at=at or timezone.now(), **values)


def code_of(client, secret: str) -> int:
    return post(client, setup_request(secret=secret, payload_id="")).code


def test_old_and_new_both_pass_until_the_overlap_ends(client, acme):
    new = issue(acme, overlap=timedelta(days=1)).secret()
    assert [code_of(client, acme.secret), code_of(client, new)] == [200, 200]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert [code_of(client, acme.secret), code_of(client, new)] == [401, 200]


def test_without_overlap_the_old_one_is_refused_at_once(client, acme):
    new = issue(acme, overlap=timedelta(0)).secret()
    assert [code_of(client, acme.secret), code_of(client, new)] == [401, 200]
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.secret_revoked").count() == 1


def test_a_revoked_secret_is_refused_by_the_next_call(client, acme):
    assert code_of(client, acme.secret) == 200
    revoke_secret(acme.credential, by=None, at=timezone.now())
    assert code_of(client, acme.secret) == 401


def test_without_overlap_there_is_always_a_free_slot(acme):
    issue(acme)
    with pytest.raises(NoFreeSlot):
        issue(acme)
    assert issue(acme, overlap=timedelta(0)).slot == 1
    assert Credential.objects.live().count() == 1


def test_a_longer_overlap_does_not_prolong_an_end_already_set(acme):
    now = timezone.now()
    Credential.objects.update(ends_at=now + timedelta(days=1))
    issue(acme, at=now, overlap=timedelta(days=30))
    assert Credential.objects.get(pk=acme.credential.pk).ends_at == now + timedelta(days=1)


def test_test_and_production_are_exchanged_apart(acme):
    issue_secret(acme.customer, "production", by=None, at=timezone.now())
    acme.credential.refresh_from_db()
    assert acme.credential.ends_at is None


def used(acme) -> tuple:
    acme.credential.refresh_from_db()
    return acme.credential.last_used_at, acme.credential.last_used_from


def test_a_call_that_is_let_in_is_remembered(client, acme):
    client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    code_of(client, acme.secret)
    when, whence = used(acme)
    assert timezone.now() - when < timedelta(minutes=1)
    assert whence == "198.51.100.7"


@pytest.mark.parametrize("secret", ["wrong", None])
def test_a_call_that_is_refused_does_not_count(client, acme, secret):
    code_of(client, secret)
    assert used(acme) == (None, "")


def test_it_is_the_secret_in_use_that_is_remembered(client, acme):
    new = issue(acme)
    code_of(client, new.secret())
    new.refresh_from_db()
    assert new.last_used_at
    assert used(acme) == (None, "")


def test_use_is_written_once_a_minute(client, acme, django_assert_num_queries):
    now = timezone.now()
    note_use(acme.credential, address="192.0.2.1", at=now)
    acme.credential.refresh_from_db()
    with django_assert_num_queries(0):
        note_use(acme.credential, address="192.0.2.2", at=now + timedelta(seconds=59))
    note_use(acme.credential, address="192.0.2.3", at=now + timedelta(seconds=61))
    assert used(acme) == (now + timedelta(seconds=61), "192.0.2.3")


def test_of_calls_at_the_same_moment_one_writes(acme):
    now = timezone.now()
    for address in ("192.0.2.1", "192.0.2.2"):  # the second has read the row before the first has written it
        note_use(acme.credential, address=address, at=now)
    assert used(acme) == (now, "192.0.2.1")
