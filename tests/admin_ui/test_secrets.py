from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from wagtail_punchout.admin_ui.listing import ListView
from wagtail_punchout.flows.issue import NoFreeSlot, issue_secret
from wagtail_punchout.models import Credential

from .test_every_page import PAGES, SCREENS, address


def reveal(client, credential):
    return client.post(reverse("punchout_credentials:reveal", args=[credential.pk]))


def new_secret(client, customer, mode="test"):
    return client.post(reverse("punchout_customers:new_secret", args=[customer.pk, mode]))


def test_no_page_holds_the_secret(admin_client, visit, role, acme):
    for screen, name in PAGES:
        page = admin_client.get(address(screen, name)).content.decode()
        assert acme.secret not in page, (screen, name)
        assert acme.credential.ciphertext not in page, (screen, name)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.url_namespace)
def test_no_export_names_a_secret(screen):
    exported = screen.list_export if isinstance(screen.list_export, list) else ListView.list_export
    assert not [name for name in exported if "secret" in name or "ciphertext" in name or "path_key" in name]


def test_reveal_shows_it_once_and_is_noted(admin_client, admin_user, acme):
    answer = reveal(admin_client, acme.credential)
    assert acme.secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.secret_revealed")
    assert (entry.user, entry.object_id) == (admin_user, str(acme.customer.pk))
    assert acme.secret not in str(entry.data)
    history = admin_client.get(reverse("punchout_customers:history", args=[acme.customer.pk])).content.decode()
    assert "Secret for Test revealed" in history


def test_reveal_is_a_post(admin_client, acme):
    answer = admin_client.get(reverse("punchout_credentials:reveal", args=[acme.credential.pk]))
    assert answer.status_code == 405
    assert not ModelLogEntry.objects.exists()


@pytest.mark.parametrize("permissions", [(), ("change_punchoutcustomer", "view_credential")])
def test_reveal_needs_its_permission(signed_in, acme, permissions):
    client = signed_in(*permissions)
    answer = reveal(client, acme.credential)
    assert answer.status_code == 302
    assert not ModelLogEntry.objects.exists()
    assert new_secret(client, acme.customer).url == reverse("wagtailadmin_home")
    assert client.post(reverse("punchout_credentials:revoke", args=[acme.credential.pk])).status_code == 302
    assert Credential.objects.live().count() == Credential.objects.count() == 1


def test_reveal_is_enough_with_change_credential_alone(signed_in, acme):
    assert acme.secret in reveal(signed_in("change_credential"), acme.credential).content.decode()


def test_revoked_secret_is_not_shown_any_more(admin_client, acme):
    admin_client.post(reverse("punchout_credentials:revoke", args=[acme.credential.pk]))
    acme.credential.refresh_from_db()
    assert not acme.credential.is_live
    assert reveal(admin_client, acme.credential).status_code == 302
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.secret_revoked").count() == 1


def test_asking_whether_to_revoke_revokes_nothing(admin_client, acme):
    assert admin_client.get(reverse("punchout_credentials:revoke", args=[acme.credential.pk])).status_code == 200
    assert Credential.objects.live().count() == 1


def test_new_secret_takes_the_free_slot_and_the_same_address(admin_client, acme):
    new_secret(admin_client, acme.customer)
    old, new = Credential.objects.order_by("slot")
    assert (old.slot, new.slot, new.mode) == (1, 2, "test")
    assert new.path_key == old.path_key
    assert new.secret() != old.secret()
    assert timedelta(days=6) < old.ends_at - timezone.now() <= timedelta(days=7)
    assert new.ends_at is None


def test_third_secret_is_refused(admin_client, acme):
    for _ in range(2):
        new_secret(admin_client, acme.customer)
    assert Credential.objects.count() == 2


def test_ended_secret_gives_its_slot_back(acme):
    now = timezone.now()
    issue_secret(acme.customer, "test", by=None, at=now)
    with pytest.raises(NoFreeSlot):
        issue_secret(acme.customer, "test", by=None, at=now)
    third = issue_secret(acme.customer, "test", by=None, at=now + timedelta(days=8))
    assert third.slot == 1
    assert Credential.objects.live(now + timedelta(days=8)).count() == 2


def test_address_survives_the_revocation_of_every_secret(admin_client, acme):
    admin_client.post(reverse("punchout_credentials:revoke", args=[acme.credential.pk]))
    new_secret(admin_client, acme.customer)
    assert Credential.objects.live().get().path_key == acme.credential.path_key


def test_mode_must_be_a_known_one(admin_client, acme):
    assert new_secret(admin_client, acme.customer, "other").status_code == 404


def test_end_can_be_set_and_nothing_else(admin_client, acme):
    url = reverse("punchout_credentials:edit", args=[acme.credential.pk])
    admin_client.post(url, {"ends_at": "2031-01-01 00:00", "mode": "production", "ciphertext": "x"})
    acme.credential.refresh_from_db()
    assert acme.credential.ends_at.year in (2030, 2031)
    assert acme.credential.mode == "test"
    assert acme.credential.secret() == acme.secret
