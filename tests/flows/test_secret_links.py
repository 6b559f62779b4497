"""One-time links: what opens them, once, and what closes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import connect
from wagtail_punchout.flows import secret_links
from wagtail_punchout.flows.issue import revoke_secret
from wagtail_punchout.flows.secret_links import Closed, LinkClosed, find_link, make_link, open_link, withdraw_link
from wagtail_punchout.models import Credential, SecretLink
from wagtail_punchout.models.secretbox import UnreadableSecret

pytestmark = pytest.mark.django_db

SECRET = "a-secret-for-one-pair-of-eyes"
NOW = timezone.now()


@pytest.fixture
def acme(db):
    return connect("acme", secret=SECRET)


@pytest.fixture
def boss(django_user_model):
    return django_user_model.objects.create_user("boss")


def made(acme, boss, *, hours: int = 24) -> str:
    return make_link(acme.credential, hours=hours, by=boss, at=NOW)


def why(token: str, *, at=NOW) -> Closed:
    with pytest.raises(LinkClosed) as caught:
        open_link(token, address="192.0.2.7", at=at)
    return caught.value.why


def entry(action: str) -> ModelLogEntry:
    return ModelLogEntry.objects.get(action=f"wagtail_punchout.{action}")


def test_secret_is_shown_once(acme, boss):
    token = made(acme, boss)
    link, secret = open_link(token, address="192.0.2.7", at=NOW)
    assert secret == SECRET
    link.refresh_from_db()
    assert (link.opened_at, link.opened_from) == (NOW, "192.0.2.7")
    assert why(token) is Closed.USED


def test_looking_uses_nothing_up(acme, boss):
    token = made(acme, boss)
    for _ in range(3):
        find_link(token, at=NOW)
    assert open_link(token, address="", at=NOW)[1] == SECRET


def test_of_two_at_the_same_moment_one_is_shown_the_secret(acme, boss, monkeypatch):
    """Both have found the link closed; then the other one is faster by a moment."""
    token = made(acme, boss)
    found, shown = secret_links.find_link, []

    def slow(token, *, at):
        link = found(token, at=at)
        monkeypatch.setattr(secret_links, "find_link", found)
        shown.append(open_link(token, address="192.0.2.8", at=at)[1])
        return link

    monkeypatch.setattr(secret_links, "find_link", slow)
    assert why(token) is Closed.USED
    assert shown == [SECRET]


def test_link_that_is_withdrawn_at_that_moment_shows_nothing(acme, boss, monkeypatch):
    token = made(acme, boss)
    found = secret_links.find_link

    def slow(token, *, at):
        link = found(token, at=at)
        monkeypatch.setattr(secret_links, "find_link", found)
        withdraw_link(link, by=boss, at=at)
        return link

    monkeypatch.setattr(secret_links, "find_link", slow)
    assert why(token) is Closed.WITHDRAWN
    assert SecretLink.objects.get().opened_at is None


def test_time_runs_out(acme, boss):
    token = made(acme, boss, hours=1)
    assert why(token, at=NOW + timedelta(hours=1)) is Closed.LATE
    assert open_link(token, address="", at=NOW + timedelta(minutes=59))[1] == SECRET


def test_withdrawn_link_is_closed(acme, boss):
    token = made(acme, boss)
    withdraw_link(SecretLink.objects.get(), by=boss, at=NOW)
    assert why(token) is Closed.WITHDRAWN


def test_opened_link_cannot_be_withdrawn(acme, boss):
    token = made(acme, boss)
    open_link(token, address="", at=NOW)
    withdraw_link(SecretLink.objects.get(), by=boss, at=NOW)
    assert SecretLink.objects.get().withdrawn_at is None
    assert not ModelLogEntry.objects.filter(action="wagtail_punchout.secret_link_withdrawn").exists()


def test_link_to_a_revoked_secret_is_closed(acme, boss):
    token = made(acme, boss)
    revoke_secret(acme.credential, by=boss, at=NOW)
    assert why(token) is Closed.REVOKED


@pytest.mark.parametrize("token", ["", "nobody", "x" * 5000, "\ud800", "nul\x00"])
def test_made_up_link_is_closed(db, token):
    assert why(token) is Closed.UNKNOWN


def test_secret_that_cannot_be_read_leaves_the_link_unused(acme, boss):
    token = made(acme, boss)
    Credential.objects.update(ciphertext="nonsense")
    with pytest.raises(UnreadableSecret):
        open_link(token, address="", at=NOW)
    assert SecretLink.objects.get().opened_at is None


def test_only_a_hash_of_the_address_is_kept(acme, boss):
    token = made(acme, boss)
    assert len(token) >= 43  # 256 bits
    assert token not in str(SecretLink.objects.values().get())


def test_history_says_who_made_it_and_from_where_it_was_opened(acme, boss):
    token = made(acme, boss)
    open_link(token, address="192.0.2.7", at=NOW)
    assert entry("secret_link_made").user == boss
    opened = entry("secret_link_opened")
    assert (opened.user, opened.data["address"], opened.data["mode"]) == (None, "192.0.2.7", "test")
    assert "192.0.2.7" in opened.message
    assert SECRET not in str(opened.data)


def test_history_says_who_withdrew_it(acme, boss):
    made(acme, boss)
    withdraw_link(SecretLink.objects.get(), by=boss, at=NOW)
    assert entry("secret_link_withdrawn").user == boss
