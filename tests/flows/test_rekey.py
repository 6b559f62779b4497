"""The keys that encrypt secrets are exchanged while the shop is open."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from tests.connections import add_credential, connect, post, setup_request
from wagtail_punchout.flows import rekey as work
from wagtail_punchout.flows.erp_clients import new_webhook_secret
from wagtail_punchout.models import Credential, ErpClient
from wagtail_punchout.models.secretbox import is_current

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(settings):
    """Sets the key ring: ``keys("new", "old")``."""

    def use(*ring: str) -> None:
        settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SECRET_KEYS": list(ring)}

    return use


@pytest.fixture
def several(keys):
    """Three customers, one with a revoked secret beside the live one, all under the old key."""
    keys("old")
    connections = [connect(name, secret=f"secret of {name}") for name in ("acme", "globex", "initech")]
    customer = connections[0].customer
    add_credential(customer, secret="withdrawn", slot=2, revoked_at=connections[0].credential.created_at)
    return connections


def rotate(**options) -> str:
    out = io.StringIO()
    call_command("punchout_rotate_keys", stdout=out, stderr=out, **options)
    return out.getvalue()


def test_afterwards_the_old_key_can_go(client, several, keys):
    keys("new", "old")
    assert "Re-encrypted: 4. Under the newest key already: 0." in rotate()
    keys("new")
    for each in several:
        assert post(client, setup_request(each.customer.sender_identity, each.secret)).code == 200
    assert sorted(each.secret() for each in Credential.objects.all()) == [
        *sorted(each.secret for each in several),
        "withdrawn",
    ]


def test_secrets_of_webhooks_go_along(keys, db):
    keys("old")
    client = ErpClient.objects.create(name="ERP", token_hash="x")
    secret = new_webhook_secret(client, by=None)
    ErpClient.objects.create(name="No webhooks", token_hash="y")
    keys("new", "old")
    assert "Re-encrypted: 1." in rotate()
    keys("new")
    assert ErpClient.objects.get(pk=client.pk).webhook_secret() == secret


def test_webhook_secret_that_cannot_be_opened_is_named(keys, db):
    keys("lost")
    new_webhook_secret(ErpClient.objects.create(name="Old ERP", token_hash="x"), by=None)
    keys("new")
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 of the secrets"):
        call_command("punchout_rotate_keys", stdout=out, stderr=out)
    assert "webhook secret of the ERP client Old ERP" in out.getvalue()


def test_doing_it_again_changes_nothing(several, keys):
    keys("new", "old")
    rotate()
    before = list(Credential.objects.values_list("ciphertext", flat=True))
    assert "Re-encrypted: 0. Under the newest key already: 4." in rotate()
    assert list(Credential.objects.values_list("ciphertext", flat=True)) == before


def test_a_dry_run_only_counts(several, keys):
    keys("new", "old")
    assert "To re-encrypt: 4." in rotate(dry_run=True)
    assert not any(is_current(each.ciphertext) for each in Credential.objects.all())


@pytest.mark.parametrize("size", [1, 3, 4, 5])
def test_batches_reach_every_secret(several, keys, size):
    keys("new", "old")
    assert "Re-encrypted: 4." in rotate(batch_size=size)


def test_what_was_interrupted_goes_on(several, keys, monkeypatch):
    keys("new", "old")
    original, calls = work.reseal, []

    def power_cut(sealed):
        calls.append(sealed)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(sealed)

    monkeypatch.setattr(work, "reseal", power_cut)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    assert "Re-encrypted: 2. Under the newest key already: 2." in rotate()


def test_a_secret_replaced_meanwhile_is_kept(several, keys, monkeypatch):
    keys("new", "old")
    credential, original = several[0].credential, work.reseal

    def somebody_is_faster(sealed):
        fresh = Credential.objects.get(pk=credential.pk)
        fresh.set_secret("made just now")
        fresh.save()
        return original(sealed)

    monkeypatch.setattr(work, "reseal", somebody_is_faster)
    rotate(batch_size=10)
    assert Credential.objects.get(pk=credential.pk).secret() == "made just now"


def test_what_cannot_be_opened_is_named_and_fails(several, keys):
    lost = several[1].credential
    keys("lost")
    lost.set_secret("gone")
    lost.save()
    keys("new", "old")
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 of the secrets cannot be opened"):
        call_command("punchout_rotate_keys", stdout=out, stderr=out)
    told = out.getvalue()
    assert "Re-encrypted: 3." in told
    assert "Globex (punchout-globex@shop.example), test, slot 1, live" in told
    assert "gone" not in told and lost.ciphertext not in told


def test_a_row_copied_from_another_is_named_and_left_alone(several, keys):
    one, other = several[0].credential, several[1].credential
    Credential.objects.filter(pk=other.pk).update(ciphertext=one.ciphertext)
    keys("new", "old")
    with pytest.raises(CommandError):
        rotate()
    assert Credential.objects.get(pk=other.pk).ciphertext == one.ciphertext
