"""The page behind a one-time link, as the buyer's people and their mail scanners meet it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.connections import connect
from wagtail_punchout.flows.issue import revoke_secret
from wagtail_punchout.flows.secret_links import make_link, withdraw_link
from wagtail_punchout.models import Credential, SecretLink

pytestmark = pytest.mark.django_db

SECRET = "<b>shown-once</b>&nobody-else"  # in a page it must be escaped


@pytest.fixture
def acme(db):
    return connect("acme", secret=SECRET)


@pytest.fixture
def path(acme) -> str:
    token = make_link(acme.credential, hours=24, by=None, at=timezone.now())
    return reverse("punchout:secret", args=[token])


def text(answer) -> str:
    return answer.content.decode()


def test_page_has_a_button_and_no_secret(client, path):
    answer = client.get(path)
    assert (answer.status_code, '<form method="post"' in text(answer)) == (200, True)
    assert "shown-once" not in text(answer)


@pytest.mark.parametrize("method", ["get", "head"])
def test_scanners_use_nothing_up(client, path, method):
    for _ in range(5):
        assert getattr(client, method)(path).status_code == 200
    assert SecretLink.objects.get().opened_at is None


def test_button_shows_the_secret_once(client, path):
    assert "&lt;b&gt;shown-once&lt;/b&gt;&amp;nobody-else" in text(client.post(path))
    for answer in (client.post(path), client.get(path)):
        assert answer.status_code == 410
        assert "shown before" in text(answer)
        assert "shown-once" not in text(answer)


def test_button_needs_neither_cookie_nor_script(path):
    """Who comes from a mail has no session of ours, and the token is the proof."""
    strict = Client(enforce_csrf_checks=True)
    assert "shown-once" in text(strict.post(path))
    assert "<script" not in text(strict.get(path))


def test_page_names_the_company_and_not_what_staff_call_the_customer(client, acme, path):
    acme.customer.name = "the difficult one"
    acme.customer.save()
    for answer in (client.get(path), client.post(path)):
        assert "Acme" in text(answer)
        assert "the difficult one" not in text(answer)


def test_address_that_opened_it_is_kept(client, path):
    client.post(path, REMOTE_ADDR="192.0.2.7")
    assert SecretLink.objects.get().opened_from == "192.0.2.7"


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_keeps_frames_or_passes_on_the_page(client, path, method):
    answer = getattr(client, method)(path)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Robots-Tag"] == "noindex"
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert re.findall(r"frame-ancestors ([^;]*)", policy) == ["'none'"]
    assert "unsafe" not in policy


def test_closed_pages_are_kept_by_nobody_either(client, path):
    client.post(path)
    assert client.get(path)["Cache-Control"] == "no-store"


def test_late_link_says_so(client, path):
    SecretLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, "has run out" in text(answer)) == (410, True)


def test_withdrawn_link_says_so(client, path):
    withdraw_link(SecretLink.objects.get(), by=None, at=timezone.now())
    assert "withdrawn" in text(client.post(path))


def test_link_to_a_revoked_secret_says_so(client, acme, path):
    revoke_secret(acme.credential, by=None, at=timezone.now())
    answer = client.post(path)
    assert "opens nothing any more" in text(answer)
    assert "shown-once" not in text(answer)


def test_unknown_link_tells_whom_to_ask(client, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SUPPLIER_CONTACT": "Ms Sommer, +49 431 555"}
    answer = client.get(reverse("punchout:secret", args=["nothing"]))
    assert answer.status_code == 410
    assert "not copied to its end" in text(answer)
    assert "Ms Sommer, +49 431 555" in text(answer)


@pytest.mark.parametrize("token", ["%00", "%ED%A0%80", "x" * 3000])
def test_odd_links_are_unknown_links(client, token):
    assert client.get(f"/punchout/secret/{token}/").status_code == 410


def test_who_tries_many_is_slowed_and_a_good_link_is_not(client, path, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "FAILURES_PER_MINUTE": 3}
    tries = [client.get(f"/punchout/secret/try-{number}/").status_code for number in range(9)]
    assert {410, 429} >= set(tries)
    assert 429 in tries
    assert "shown-once" in text(client.post(path))


def test_secret_that_cannot_be_read_is_not_lost(client, path):
    ciphertext = Credential.objects.get().ciphertext
    Credential.objects.update(ciphertext="nonsense")
    assert client.post(path).status_code == 500
    Credential.objects.update(ciphertext=ciphertext)
    assert "shown-once" in text(client.post(path))


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_none(client, path, method):
    assert getattr(client, method)(path).status_code == 405
