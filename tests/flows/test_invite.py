"""People asked to join a group, and how they join."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from wagtail_punchout.flows.invite import (
    Closed,
    InvitationClosed,
    Outcome,
    accept,
    find_invitation,
    invite,
    resend,
    withdraw,
)
from wagtail_punchout.models import CustomerGroup, Invitation, NamedUsers, Role, RoleAssignment

pytestmark = pytest.mark.django_db
User = get_user_model()

AT = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery-9"


@pytest.fixture
def group(acme):
    return acme.customer.group


@pytest.fixture
def buyer_role():
    return Role.objects.get(slug="punchoutBuyer")


def ask(group, *emails: str, role: str = "punchoutBuyer", at: datetime = AT, **more) -> list[Outcome]:
    came = invite(group, emails, [Role.objects.get(slug=role)], by=None, at=at, **more)
    return [each.outcome for each in came]


def token() -> str:
    return re.search(r"/invitation/([^/\s]+)/", mail.outbox[-1].body)[1]


def test_invited_person_gets_a_mail_with_a_link(group):
    assert ask(group, "jane@buyer.example") == [Outcome.INVITED]
    [sent] = mail.outbox
    assert sent.to == ["jane@buyer.example"]
    assert str(group) in sent.subject
    assert find_invitation(token(), at=AT).email == "jane@buyer.example"
    assert not User.objects.filter(email="jane@buyer.example").exists()


def test_link_is_in_the_mail_alone(group):
    ask(group, "jane@buyer.example")
    assert token() not in str(Invitation.objects.values())


def test_many_are_invited_at_once_each_for_itself(group):
    emails = ("a@buyer.example", "no address", "A@buyer.example", "", "b@buyer.example")
    assert ask(group, *emails) == [Outcome.INVITED, Outcome.UNUSABLE, Outcome.INVITED]
    assert len(mail.outbox) == 2


def test_whoever_has_an_account_is_added_at_once(group):
    jane = User.objects.create_user("jane", email="jane@buyer.example")
    assert ask(group, "JANE@buyer.example") == [Outcome.ADDED]
    assert ask(group, "jane@buyer.example") == [Outcome.MEMBER]
    assert RoleAssignment.objects.get(user=jane).group == group
    assert mail.outbox == []


def test_account_that_must_not_be_known_is_invited_like_a_newcomer(group):
    jane = User.objects.create_user("jane", email="jane@buyer.example")
    assert ask(group, "jane@buyer.example", may_add=lambda user: False) == [Outcome.INVITED]
    accept(token(), at=AT)
    assert RoleAssignment.objects.get().user == jane
    jane.refresh_from_db()
    assert not jane.has_usable_password()


@pytest.mark.parametrize("facts", [{"is_staff": True}, {"is_superuser": True}])
def test_staff_are_not_invited(group, facts):
    User.objects.create_user("boss", email="boss@shop.example", **facts)
    assert ask(group, "boss@shop.example") == [Outcome.STAFF]


def test_roles_that_do_not_go_together_are_not_added(group):
    jane = User.objects.create_user("jane", email="jane@buyer.example")
    RoleAssignment.objects.create(role=Role.objects.get(slug="requisitioner"), user=jane, company=group.company)
    [came] = invite(group, ["jane@buyer.example"], [Role.objects.get(slug="punchoutBuyer")], by=None, at=AT)
    assert came.outcome is Outcome.CONFLICT
    assert "Take away" in came.said


def test_open_invitation_is_not_made_twice(group):
    assert ask(group, "jane@buyer.example") + ask(group, "jane@buyer.example") == [Outcome.INVITED, Outcome.OPEN]


def test_invitation_that_has_run_out_makes_room(group):
    ask(group, "jane@buyer.example")
    assert ask(group, "jane@buyer.example", at=AT + timedelta(days=15)) == [Outcome.INVITED]


def test_mail_that_cannot_be_sent_keeps_the_invitation(group, monkeypatch, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    [came] = invite(group, ["jane@buyer.example"], list(Role.objects.filter(slug="punchoutBuyer")), by=None, at=AT)
    assert (came.outcome, came.is_sent) == (Outcome.INVITED, False)
    assert Invitation.objects.get().sent_at is None


def test_mail_service_that_breaks_keeps_nobody_else_from_being_invited(group, monkeypatch):
    monkeypatch.setattr(mail.EmailMessage, "send", lambda message: 1 / 0)  # not all services raise what smtplib does
    assert ask(group, "jane@buyer.example", "ron@buyer.example") == [Outcome.INVITED, Outcome.INVITED]
    assert set(Invitation.objects.values_list("sent_at", flat=True)) == {None}


def test_newcomer_joins_with_an_account_of_their_own(group):
    ask(group, "jane@buyer.example")
    _invitation, jane = accept(token(), at=AT, password=PASSWORD, first_name="Jane", last_name="Doe")
    assert (jane.email, jane.first_name, jane.is_staff) == ("jane@buyer.example", "Jane", False)
    assert jane.check_password(PASSWORD)
    assert [each.role.slug for each in jane.punchout_role_assignments.filter(group=group)] == ["punchoutBuyer"]
    assert Invitation.objects.get().user == jane


def closed(token: str, at: datetime = AT) -> Closed:
    with pytest.raises(InvitationClosed) as refusal:
        accept(token, at=at, password=PASSWORD)
    return refusal.value.why


def test_link_works_once(group):
    ask(group, "jane@buyer.example")
    accept(token(), at=AT, password=PASSWORD)
    assert closed(token()) is Closed.ACCEPTED
    assert User.objects.filter(email="jane@buyer.example").count() == 1


def test_link_runs_out(group):
    ask(group, "jane@buyer.example")
    assert closed(token(), AT + timedelta(days=14)) is Closed.LATE


def test_withdrawn_link_opens_nothing(group):
    ask(group, "jane@buyer.example")
    withdraw(Invitation.objects.get(), by=None, at=AT)
    assert closed(token()) is Closed.WITHDRAWN


def test_link_sent_again_replaces_the_old_one(group):
    ask(group, "jane@buyer.example")
    old = token()
    assert resend(Invitation.objects.get(), by=None, at=AT + timedelta(days=10))
    assert closed(old) is Closed.UNKNOWN
    accept(token(), at=AT + timedelta(days=20), password=PASSWORD)


def test_invitation_that_is_over_is_not_sent_again(group):
    ask(group, "jane@buyer.example")
    withdraw(Invitation.objects.get(), by=None, at=AT)
    assert not resend(Invitation.objects.get(), by=None, at=AT)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "ended",
    [lambda: accept(token(), at=AT, password=PASSWORD), lambda: withdraw(Invitation.objects.get(), by=None, at=AT)],
)
def test_invitation_that_ends_while_it_is_sent_again_stays_over(group, ended):
    ask(group, "jane@buyer.example")
    as_it_was = Invitation.objects.get()
    ended()
    assert not resend(as_it_was, by=None, at=AT)
    after = Invitation.objects.get()
    assert after.accepted_at or after.withdrawn_at
    assert len(mail.outbox) == 1


def test_address_too_long_for_an_account_is_not_invited(group):
    assert ask(group, f"{'a' * 60}@{'b' * 60}.{'c' * 40}.example") == [Outcome.UNUSABLE]


def test_password_must_not_be_ones_own_address(group, settings):
    similar = "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": similar}]
    ask(group, "jane@buyer.example")
    with pytest.raises(ValidationError):
        accept(token(), at=AT, password="jane@buyer.example")
    assert not User.objects.filter(email="jane@buyer.example").exists()


def test_account_that_only_calls_itself_like_the_address_is_somebody_elses(group):
    other = User.objects.create_user("jane@buyer.example", email="mallory@elsewhere.example")
    assert ask(group, "jane@buyer.example") == [Outcome.INVITED]
    with pytest.raises(ValidationError, match="This user name is taken"):
        accept(token(), at=AT, password=PASSWORD)
    assert not other.punchout_role_assignments.exists()
    assert Invitation.objects.get().accepted_at is None


def test_account_without_an_address_goes_by_its_name(group):
    User.objects.create_user("jane@buyer.example")
    assert ask(group, "Jane@buyer.example") == [Outcome.ADDED]


def test_somebody_who_became_staff_meanwhile_does_not_join(group):
    ask(group, "jane@buyer.example")
    User.objects.create_user("jane", email="jane@buyer.example", is_staff=True)
    assert closed(token()) is Closed.STAFF
    assert Invitation.objects.get().accepted_at is None


# The page


def address() -> str:
    return reverse("punchout:invitation", args=[token()])


FORM = {"first_name": "Jane", "last_name": "Doe", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def asked(group):
    ask(group, "jane@buyer.example", at=datetime.now(UTC))


def test_looking_at_the_page_uses_nothing_up(client, asked):
    for _ in range(3):
        page = client.get(address())
        assert page.status_code == 200
    assert "jane@buyer.example" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Frame-Options"] == "DENY"
    assert Invitation.objects.get().accepted_at is None


def test_newcomer_joins_on_the_page(client, asked):
    assert "Welcome" in client.post(address(), FORM).content.decode()
    assert User.objects.get(email="jane@buyer.example").check_password(PASSWORD)
    assert "joined already" in client.get(address()).content.decode()


@pytest.mark.parametrize("named", NamedUsers)
def test_shop_promises_to_know_those_alone_whom_it_asks_for(client, asked, group, named):
    CustomerGroup.objects.filter(pk=group.pk).update(named_users=named)
    page = client.post(address(), FORM).content.decode()
    assert ("it will know you" in page) == (named != NamedUsers.SHARED)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"again": "another"}, "The two passwords differ."),
        ({"password": "", "again": ""}, "This field is required."),
        ({"password": "12345678", "again": "12345678"}, "This password is"),
    ],
)
def test_password_that_will_not_do_is_told_at_its_field(client, asked, change, sentence, settings):
    settings.AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    ]
    page = client.post(address(), FORM | change)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert Invitation.objects.get().accepted_at is None


def test_whoever_has_an_account_joins_without_a_password(client, asked):
    jane = User.objects.create_user("jane", email="jane@buyer.example", password="her-own")
    assert "You have an account here already" in client.get(address()).content.decode()
    client.post(address(), {"password": "somebody-elses", "again": "somebody-elses"})
    jane.refresh_from_db()
    assert jane.check_password("her-own")
    assert RoleAssignment.objects.get(user=jane)
    assert "_auth_user_id" not in client.session


def test_conflict_is_told_and_nothing_is_used_up(client, asked, group):
    jane = User.objects.create_user("jane", email="jane@buyer.example")
    RoleAssignment.objects.create(role=Role.objects.get(slug="requisitioner"), user=jane, company=group.company)
    page = client.post(address())
    assert page.status_code == 409
    assert "Take away" in page.content.decode()
    assert Invitation.objects.get().accepted_at is None


def test_address_that_leads_nowhere_says_so(client, db):
    page = client.get(reverse("punchout:invitation", args=["guessed"]))
    assert page.status_code == 410
    assert "leads to no invitation" in page.content.decode()
