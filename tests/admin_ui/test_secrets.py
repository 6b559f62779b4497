"""Secrets in the admin: hidden until somebody with the right and a fresh password asks, and noted when they do."""

from __future__ import annotations

import io
import logging
import sys
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter
from wagtail.models import ModelLogEntry

from tests.connections import add_credential, connect, post, setup_request
from wagtail_punchout.admin_ui import passwords
from wagtail_punchout.admin_ui.listing import ListView
from wagtail_punchout.flows.issue import issue_secret
from wagtail_punchout.models import Credential, Mode, Right

from .test_every_page import PAGES, SCREENS, address

CANARY = "canary-7d2e9f04-never-in-clear"
JSON = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
PASSWORD_PAGE = reverse("punchout_credentials:password")
HANDLES_SECRETS = (Right.COMPANY_EDIT, Right.REVEAL_SECRET, Right.ROTATE_SECRET)


def reveal_url(credential) -> str:
    return reverse("punchout_credentials:reveal", args=[credential.pk])


def revoke_url(credential) -> str:
    return reverse("punchout_credentials:revoke", args=[credential.pk])


def rotate_url(customer, mode="test") -> str:
    return reverse("punchout_customers:new_secret", args=[customer.pk, mode])


def edit_url(customer) -> str:
    return reverse("punchout_customers:edit", args=[customer.pk])


def rotate(client, customer, mode="test", days=7):
    return client.post(rotate_url(customer, mode), {"days": days})


def minutes_later(client, minutes: int) -> None:
    """As if the password had been entered that long ago."""
    session = client.session
    whose, _ = session[passwords.KEY]
    session[passwords.KEY] = (whose, (timezone.now() - timedelta(minutes=minutes)).isoformat())
    session.save()


# Nowhere in clear


@pytest.fixture
def canary(db):
    """A customer whose secret is looked for everywhere."""
    return connect("acme", secret=CANARY)


def test_no_page_holds_the_secret(admin_client, visit, role, acme):
    for screen, name in PAGES:
        page = admin_client.get(address(screen, name)).content.decode()
        assert acme.secret not in page, (screen, name)
        assert acme.credential.ciphertext not in page, (screen, name)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.url_namespace)
def test_no_export_names_a_secret(screen):
    exported = screen.list_export if isinstance(screen.list_export, list) else ListView.list_export
    assert not [name for name in exported if "secret" in name or "ciphertext" in name or "path_key" in name]


def test_the_secret_is_nowhere_in_clear_after_all_was_done_to_it(admin_client, client, canary, caplog):
    """Called with, revealed, copied, replaced, revoked: and then looked for in database, logs, history and exports."""
    with caplog.at_level(logging.DEBUG):
        post(client, setup_request(secret=CANARY))
        post(client, setup_request(secret=CANARY, sender="nobody"))
        assert CANARY in admin_client.post(reveal_url(canary.credential)).content.decode()
        assert admin_client.post(reveal_url(canary.credential), **JSON).json()["secret"] == CANARY
        rotate(admin_client, canary.customer)
        admin_client.post(revoke_url(canary.credential))
    assert CANARY not in caplog.text
    assert CANARY not in _dump() + _rows()
    history = reverse("punchout_customers:history", args=[canary.customer.pk])
    for url in (edit_url(canary.customer), history, reverse("wagtailadmin_reports:site_history")):
        assert CANARY not in admin_client.get(url).content.decode(), url
    for name in ("punchout_customers:index", "punchout_credentials:index"):
        answer = admin_client.get(reverse(name), {"export": "csv"})
        assert CANARY not in (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def _dump() -> str:
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    return dump.getvalue()


def _rows() -> str:
    """What is in the tables themselves: revisions, sessions and the log, too."""
    found = []
    with database.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed and not model._meta.proxy:
                cursor.execute(f"SELECT * FROM {database.ops.quote_name(model._meta.db_table)}")  # noqa: S608
                found += map(str, cursor.fetchall())
    return "\n".join(found)


def test_rows_would_find_it(canary):
    canary.customer.notes = CANARY
    canary.customer.save()
    assert CANARY in _rows()


def report_of(crash) -> str:
    """What Django would show or mail about a crash, with all local names; from our own code on."""
    try:
        crash()
    except Exception:
        kind, value, trace = sys.exc_info()
        while "/wagtail_punchout/" not in trace.tb_frame.f_code.co_filename:
            trace = trace.tb_next
        return ExceptionReporter(None, kind, value, trace).get_traceback_html()
    raise AssertionError("nothing crashed")


def test_no_report_of_a_crashed_call_holds_the_secret(client, canary, monkeypatch, settings):
    reports = []

    class Reporter(logging.Handler):
        def emit(self, record):
            reports.append(ExceptionReporter(None, *record.exc_info).get_traceback_html())

    logger, reporter = logging.getLogger("wagtail_punchout.gateway"), Reporter()
    monkeypatch.setattr("wagtail_punchout.gateway.cxml.open_session", lambda *a, **k: 1 / 0)
    logger.addHandler(reporter)
    try:
        post(client, setup_request(secret=CANARY))
    finally:
        logger.removeHandler(reporter)
    assert "ZeroDivisionError" in reports[0]
    assert CANARY not in reports[0]


def test_no_report_of_a_crashed_reveal_holds_the_secret(admin_client, canary, monkeypatch):
    template = "wagtail_punchout.admin_ui.credentials.TemplateResponse"
    monkeypatch.setattr(template, lambda request, template, context: 1 / 0)
    report = report_of(lambda: admin_client.post(reveal_url(canary.credential)))
    assert "ZeroDivisionError" in report
    assert CANARY not in report


# Revealing


def test_reveal_shows_it_and_is_noted(admin_client, admin_user, acme):
    answer = admin_client.post(reveal_url(acme.credential))
    assert acme.secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.secret_revealed")
    assert (entry.user, entry.object_id) == (admin_user, str(acme.customer.pk))
    assert acme.secret not in str(entry.data)
    history = admin_client.get(reverse("punchout_customers:history", args=[acme.customer.pk])).content.decode()
    assert "Secret for Test revealed" in history


def test_reveal_answers_scripts_and_is_noted_as_well(admin_client, acme):
    answer = admin_client.post(reveal_url(acme.credential), **JSON)
    assert answer.json() == {"secret": acme.secret, "seconds": 30}
    assert "no-store" in answer["Cache-Control"]
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.secret_revealed").count() == 1


def test_asking_to_reveal_reveals_nothing(admin_client, acme):
    answer = admin_client.get(reveal_url(acme.credential))
    assert answer.status_code == 200
    assert acme.secret not in answer.content.decode()
    assert not ModelLogEntry.objects.exists()


def test_reveal_and_rotate_are_rights_of_their_own(signed_in, acme):
    reveals = signed_in(Right.COMPANY_EDIT, Right.REVEAL_SECRET)
    rotates = signed_in(Right.COMPANY_EDIT, Right.ROTATE_SECRET)
    assert rotates.post(reveal_url(acme.credential)).status_code == 302
    assert rotates.post(reveal_url(acme.credential), **JSON).status_code == 403
    assert reveals.post(revoke_url(acme.credential)).url == reverse("wagtailadmin_home")
    assert rotate(reveals, acme.customer).url == reverse("wagtailadmin_home")
    assert Credential.objects.live().count() == Credential.objects.count() == 1
    assert not ModelLogEntry.objects.exists()
    assert acme.secret in reveals.post(reveal_url(acme.credential)).content.decode()


def test_buttons_are_for_those_who_may(signed_in, acme):
    page = signed_in(Right.COMPANY_EDIT).get(edit_url(acme.customer)).content.decode()
    assert acme.customer.sender_identity in page
    assert "PUNCHOUT API Key" in page
    for url in (revoke_url(acme.credential), rotate_url(acme.customer), "punchout-password"):
        assert url not in page
    assert "Reveal" not in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_secret_does_not_exist(signed_in, acme, add_company, method):
    own = [Right.CRM_COMPANY_EDIT, Right.REVEAL_SECRET, Right.ROTATE_SECRET]
    clerk = signed_in(*own, companies=[add_company("Own")])
    for url in (reveal_url(acme.credential), revoke_url(acme.credential), rotate_url(acme.customer)):
        assert getattr(clerk, method)(url).status_code == 404


def test_a_key_that_cannot_be_opened_says_what_is_missing(admin_client, acme, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SECRET_KEYS": ["another"]}
    answer = admin_client.post(reveal_url(acme.credential), **JSON)
    assert (answer.status_code, "SECRET_KEYS" in answer.json()["error"]) == (500, True)
    assert not ModelLogEntry.objects.exists()


# Rotating and revoking


def test_revoked_secret_is_not_shown_any_more(admin_client, acme):
    admin_client.post(revoke_url(acme.credential))
    acme.credential.refresh_from_db()
    assert not acme.credential.is_live
    assert admin_client.post(reveal_url(acme.credential)).status_code == 302
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.secret_revoked").count() == 1


def test_asking_whether_to_revoke_revokes_nothing(admin_client, acme):
    assert admin_client.get(revoke_url(acme.credential)).status_code == 200
    assert Credential.objects.live().count() == 1


def test_asking_for_a_new_one_makes_none(admin_client, acme):
    page = admin_client.get(rotate_url(acme.customer)).content.decode()
    assert [f'value="{days}"' in page for days in (0, 1, 7, 30)] == [True] * 4
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("days", [1, 7, 30])
def test_rotation_takes_the_free_slot_and_the_same_address(admin_client, admin_user, acme, days):
    rotate(admin_client, acme.customer, days=days)
    old, new = Credential.objects.order_by("slot")
    assert (old.slot, new.slot, new.mode, new.created_by) == (1, 2, "test", admin_user)
    assert new.path_key == old.path_key
    assert new.secret() != old.secret()
    assert timedelta(days=days, minutes=-1) < old.ends_at - timezone.now() <= timedelta(days=days)
    assert new.ends_at is None


def test_rotation_without_overlap_leaves_one(admin_client, acme):
    rotate(admin_client, acme.customer, days=0)
    assert Credential.objects.live().count() == 1
    acme.credential.refresh_from_db()
    assert acme.credential.revoked_at


@pytest.mark.parametrize("days", ["", "2", "-1", "x"])
def test_other_overlaps_are_not_taken(admin_client, acme, days):
    assert rotate(admin_client, acme.customer, days=days).context["form"].errors
    assert Credential.objects.count() == 1


def test_third_secret_is_refused_and_says_what_to_do(admin_client, acme):
    rotate(admin_client, acme.customer)
    assert "Revoke one first" in rotate(admin_client, acme.customer).content.decode()
    assert Credential.objects.count() == 2


def test_first_secret_asks_nothing(admin_client, acme):
    assert 'name="days"' not in admin_client.get(rotate_url(acme.customer, "production")).content.decode()
    admin_client.post(rotate_url(acme.customer, "production"))
    assert Credential.objects.get(mode="production").is_live


def test_address_survives_the_revocation_of_every_secret(admin_client, acme):
    admin_client.post(revoke_url(acme.credential))
    rotate(admin_client, acme.customer)
    assert Credential.objects.live().get().path_key == acme.credential.path_key


def test_ended_secret_gives_its_slot_back(acme):
    now = timezone.now()
    issue_secret(acme.customer, "test", by=None, at=now)
    third = issue_secret(acme.customer, "test", by=None, at=now + timedelta(days=8))
    assert third.slot == 1
    assert Credential.objects.live(now + timedelta(days=8)).count() == 2


def test_mode_must_be_a_known_one(admin_client, acme):
    assert rotate(admin_client, acme.customer, "other").status_code == 404


def test_end_can_be_set_and_nothing_else(admin_client, acme):
    url = reverse("punchout_credentials:edit", args=[acme.credential.pk])
    admin_client.post(url, {"ends_at": "2031-01-01 00:00", "mode": "production", "ciphertext": "x"})
    acme.credential.refresh_from_db()
    assert acme.credential.ends_at.year in (2030, 2031)
    assert acme.credential.mode == "test"
    assert acme.credential.secret() == acme.secret


# What is remembered of their use


def test_the_page_says_when_from_where_and_by_which_slot(admin_client, acme):
    assert "Never used." in admin_client.get(edit_url(acme.customer)).content.decode()
    used_at = timezone.now() - timedelta(minutes=3, seconds=5)
    Credential.objects.update(last_used_at=used_at, last_used_from="198.51.100.7")
    page = admin_client.get(edit_url(acme.customer)).content.decode().replace("\xa0", " ")
    assert "Last used 3 minutes ago from 198.51.100.7 by slot 1." in page


def test_the_old_one_says_until_when_it_works(admin_client, acme):
    add_credential(acme.customer, mode=Mode.TEST, slot=2)
    Credential.objects.filter(pk=acme.credential.pk).update(ends_at=timezone.now() + timedelta(days=2))
    page = admin_client.get(edit_url(acme.customer)).content.decode()
    assert "Works until" in page
    assert "p.m.." not in page and "a.m.." not in page  # English times end with a full stop of their own
    assert "Revoke old now" in page


# The password


@pytest.fixture
def clerk(staff) -> Client:
    """Somebody with a password, who signed in an hour ago."""
    user = staff(*HANDLES_SECRETS)
    user.set_password("sesame")
    user.save()
    client = Client()
    client.force_login(user)
    minutes_later(client, 60)
    return client


@pytest.fixture(autouse=True)
def fast_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_signing_in_is_enough_for_a_while(signed_in, acme):
    client = signed_in(*HANDLES_SECRETS)
    minutes_later(client, 14)
    assert acme.secret in client.post(reveal_url(acme.credential)).content.decode()
    minutes_later(client, 15)
    assert acme.secret not in client.post(reveal_url(acme.credential)).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_everything_done_to_secrets_asks_for_the_password(clerk, acme, method):
    edit = reverse("punchout_credentials:edit", args=[acme.credential.pk])
    for url in (reveal_url(acme.credential), revoke_url(acme.credential), rotate_url(acme.customer), edit):
        answer = getattr(clerk, method)(url, {"days": 0, "ends_at": ""})
        assert answer.url.startswith(f"{PASSWORD_PAGE}?next=")
        assert "no-store" in answer["Cache-Control"]
    assert Credential.objects.live().count() == Credential.objects.count() == 1
    assert not ModelLogEntry.objects.exists()


def test_password_leads_back_to_what_was_wanted(clerk, acme):
    question = clerk.post(rotate_url(acme.customer)).url
    assert "password" in clerk.get(question).content.decode()
    answer = clerk.post(question, {"password": "sesame"})
    assert answer.url == rotate_url(acme.customer)
    assert clerk.get(answer.url).status_code == 200


def test_password_leads_to_no_other_site(clerk):
    answer = clerk.post(f"{PASSWORD_PAGE}?next=https://evil.example/", {"password": "sesame"})
    assert answer.url == reverse("wagtailadmin_home")


def test_scripts_are_told_that_the_password_is_needed(clerk, acme):
    answer = clerk.post(reveal_url(acme.credential), **JSON)
    assert (answer.status_code, answer.json()) == (401, {"needs": "password"})
    wrong = clerk.post(PASSWORD_PAGE, {"password": "guess"}, **JSON)
    assert (wrong.status_code, wrong.json()) == (400, {"error": "This is not your password."})
    assert clerk.post(PASSWORD_PAGE, {"password": "sesame"}, **JSON).status_code == 204
    assert clerk.post(reveal_url(acme.credential), **JSON).json()["secret"] == acme.secret


def test_wrong_password_opens_nothing(clerk, acme):
    answer = clerk.post(PASSWORD_PAGE, {"password": "guess"})
    assert "This is not your password." in answer.content.decode()
    assert "guess" not in answer.content.decode()
    assert clerk.post(reveal_url(acme.credential)).status_code == 302


def test_password_cannot_be_guessed_by_trying(clerk, acme):
    for _ in range(5):
        clerk.post(PASSWORD_PAGE, {"password": "guess"})
    answer = clerk.post(PASSWORD_PAGE, {"password": "sesame"})
    assert "Too many tries" in answer.content.decode()
    assert clerk.post(reveal_url(acme.credential)).status_code == 302


def test_password_of_somebody_else_is_not_ones_own(clerk, acme):
    get_user_model().objects.create_superuser("chief", password="other")
    assert "not your password" in clerk.post(PASSWORD_PAGE, {"password": "other"}).content.decode()


def test_without_password_one_signs_in_again(signed_in, acme):
    client = signed_in(*HANDLES_SECRETS)  # as single sign-on makes users: without a password
    minutes_later(client, 60)
    page = client.get(PASSWORD_PAGE).content.decode()
    assert reverse("wagtailadmin_logout") in page
    assert 'type="password"' not in page
    assert client.post(PASSWORD_PAGE, {"password": ""}).status_code == 200
    assert client.post(reveal_url(acme.credential)).status_code == 302
    client.force_login(get_user_model().objects.latest("pk"))
    assert acme.secret in client.post(reveal_url(acme.credential)).content.decode()


def test_own_way_to_sign_in_is_offered(signed_in, settings):
    settings.WAGTAILADMIN_LOGIN_URL = "/sso/"
    client = signed_in(*HANDLES_SECRETS)
    minutes_later(client, 60)
    assert 'href="/sso/?next=' in client.get(PASSWORD_PAGE).content.decode()


def test_password_is_kept_nowhere(clerk):
    clerk.post(PASSWORD_PAGE, {"password": "sesame"})
    assert "sesame" not in str(dict(clerk.session.items())) + _rows()


def test_somebody_elses_sign_in_does_not_count(clerk, acme, staff):
    session = clerk.session
    session[passwords.KEY] = (str(staff().pk), timezone.now().isoformat())
    session.save()
    assert clerk.post(reveal_url(acme.credential)).status_code == 302


def test_a_visit_is_no_sign_in_of_the_admin(acme, rf):
    request = rf.get("/")
    request.session, request.in_visit_jar = {}, True
    passwords.note_sign_in(None, request, acme.customer.user)
    assert request.session == {}


def test_the_question_is_for_staff_who_see_secrets(signed_in):
    assert signed_in().get(PASSWORD_PAGE).url == reverse("wagtailadmin_home")
