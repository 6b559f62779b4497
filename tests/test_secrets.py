"""A canary secret, looked for wherever it must not be."""

from __future__ import annotations

import io
import logging

import pytest
from django.apps import apps
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from tests.connections import add_credential, connect, post, setup_request
from wagtail_punchout.models import Credential, Mode
from wagtail_punchout.models.secretbox import reseal, seal, unseal

CANARY = "canary-8f3b1c2d-do-not-leak"

pytestmark = pytest.mark.django_db


@pytest.fixture
def canary(db):
    return connect("acme", secret=CANARY)


def test_no_dump_of_the_database_holds_a_secret(client, canary):
    post(client, setup_request(secret=CANARY))
    post(client, setup_request(secret=CANARY, sender="nobody"))
    post(client, setup_request(secret=CANARY)[:-40])
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    assert CANARY not in dump.getvalue()


def test_no_log_line_holds_a_secret(client, canary, caplog, monkeypatch):
    with caplog.at_level(logging.DEBUG):
        post(client, setup_request(secret=CANARY))
        monkeypatch.setattr("wagtail_punchout.gateway.cxml.open_session", lambda *a, **k: 1 / 0)
        post(client, setup_request(secret=CANARY))
    assert CANARY not in caplog.text


def test_neither_repr_nor_str_shows_a_secret(canary):
    assert CANARY not in repr(canary.credential) + str(canary.credential) + repr(vars(canary.credential))


def test_a_ciphertext_copied_to_another_customer_does_not_open(canary):
    other = connect("globex")
    other.credential.ciphertext = canary.credential.ciphertext
    with pytest.raises(ImproperlyConfigured, match="belongs to another credential"):
        other.credential.secret()


def test_a_ciphertext_copied_from_test_to_production_does_not_open(canary):
    live = add_credential(canary.customer, mode=Mode.PRODUCTION)
    live.ciphertext = canary.credential.ciphertext
    with pytest.raises(ImproperlyConfigured):
        live.secret()


def test_a_new_key_writes_and_the_old_one_still_reads(settings, canary):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SECRET_KEYS": ["old"]}
    sealed = seal("s", context="c")
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SECRET_KEYS": ["new", "old"]}
    assert unseal(sealed, context="c") == "s"
    renewed = reseal(sealed)
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SECRET_KEYS": ["new"]}
    assert unseal(renewed, context="c") == "s"
    with pytest.raises(ImproperlyConfigured, match="key that wrote it is missing"):
        unseal(sealed, context="c")


def test_a_lost_key_is_our_failure_and_not_the_callers(client, canary, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SECRET_KEYS": ["another"]}
    assert post(client, setup_request(secret=CANARY)).code == 500


def test_every_model_can_be_serialized_without_secrets(canary):
    for model in apps.get_app_config("wagtail_punchout").get_models():
        assert CANARY not in serializers.serialize("json", model.objects.all())


def test_generated_secrets_have_256_bits(canary):
    fresh = Credential(customer=canary.customer, mode=Mode.TEST).set_secret()
    assert len(fresh) >= 43
