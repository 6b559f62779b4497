"""The users of a group, on its page and invited from there."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from tests.connections import connect
from wagtail_punchout.models import Invitation, NamedUsers, Right, Role, RoleAssignment

pytestmark = pytest.mark.django_db
User = get_user_model()


@pytest.fixture
def group(acme):
    return acme.customer.group


def page_of(client, group) -> str:
    return client.get(reverse("punchout_groups:edit", args=[group.pk])).content.decode()


def invite(client, group, emails: str, *roles: str):
    chosen = [Role.objects.get(slug=each).pk for each in roles or ("punchoutBuyer",)]
    return client.post(reverse("punchout_invitations:new", args=[group.pk]), {"emails": emails, "roles": chosen})


def test_group_without_anybody_says_how_somebody_comes_in(admin_client, group):
    page = page_of(admin_client, group)
    assert "Whoever is invited, or holds a role for this group or its company, stands here." in page
    assert reverse("punchout_invitations:new", args=[group.pk]) in page


def test_form_offers_the_buying_role(admin_client, group):
    form = admin_client.get(reverse("punchout_invitations:new", args=[group.pk])).context["form"]
    assert [each.slug for each in form.initial["roles"]] == ["punchoutBuyer"]


def test_invited_people_stand_on_the_groups_page(admin_client, group):
    User.objects.create_user("jane", email="jane@buyer.example")
    page = invite(admin_client, group, "jane@buyer.example, ron@buyer.example;nobody").content.decode()
    for words in ("had an account", "invited by e-mail", "this is no e-mail address"):
        assert words in page
    assert len(mail.outbox) == 1
    page = page_of(admin_client, group)
    assert "jane@buyer.example" in page
    assert "ron@buyer.example" in page


def test_day_on_which_an_invitation_ends_is_told(admin_client, group):
    invite(admin_client, group, "ron@buyer.example")
    ends = date_format(localtime(Invitation.objects.get().expires_at))
    page = page_of(admin_client, group)
    assert ends in page
    assert "Just now" not in page


def test_what_could_not_be_invited_stays_in_the_field(admin_client, group):
    page = invite(admin_client, group, "jane@buyer.example nobody")
    assert page.context["form"].initial["emails"] == "nobody"


def test_roles_that_do_not_go_together_are_refused_before_anybody_is_asked(admin_client, group):
    page = invite(admin_client, group, "jane@buyer.example", "punchoutBuyer", "requisitioner").content.decode()
    assert "Nobody may hold these at the same time" in page
    assert "Leave one of them out." in page
    assert mail.outbox == []


def test_more_than_can_be_invited_at_once_is_told(admin_client, group):
    page = invite(admin_client, group, " ".join(f"u{each}@buyer.example" for each in range(201))).content.decode()
    assert "At most 200 at once" in page
    assert not Invitation.objects.exists()


def test_invitation_is_sent_again_and_withdrawn(admin_client, group):
    invite(admin_client, group, "ron@buyer.example")
    pk = Invitation.objects.get().pk
    admin_client.post(reverse("punchout_invitations:resend", args=[pk]))
    assert len(mail.outbox) == 2
    admin_client.post(reverse("punchout_invitations:withdraw", args=[pk]))
    page_of(admin_client, group)  # which tells what has been done
    assert "ron@buyer.example" not in page_of(admin_client, group)


def test_conflict_stands_beside_the_member_in_the_list_and_on_their_page(admin_client, group):
    jane = User.objects.create_user("jane", email="jane@buyer.example")
    for slug, place in {"punchoutBuyer": {"group": group}, "requisitioner": {"company": group.company}}.items():
        RoleAssignment.objects.create(role=Role.objects.get(slug=slug), user=jane, **place)
    mend = "Take away “PunchOut buyer” or “Requisitioner”."
    assert mend in page_of(admin_client, group)
    assert mend in admin_client.get(reverse("punchout_users:inspect", args=[jane.pk])).content.decode()
    assert "roles that do not go together" in admin_client.get(reverse("punchout_users:index")).content.decode()


def test_whoever_sees_one_company_adds_no_account_of_another(client, staff, group, acme):
    clerk = staff(Right.CRM_COMPANY_EDIT, Right.INVITE_USERS, companies=[acme.company])
    client.force_login(clerk)
    User.objects.create_user("stranger", email="stranger@elsewhere.example")
    page = invite(client, group, "stranger@elsewhere.example").content.decode()
    assert "had an account" not in page
    assert len(mail.outbox) == 1


def test_whoever_sees_one_company_learns_of_nobody_elsewhere_in_a_group_of_many(client, staff, group, acme):
    role, other = Role.objects.get(slug="punchoutBuyer"), connect("rival").company
    group.company = None
    group.save()
    for name, place in {"own": {"company": acme.company}, "stranger": {"company": other}}.items():
        user = User.objects.create_user(name, email=f"{name}@buyer.example")
        for where in (place, {"group": group}):
            RoleAssignment.objects.create(role=role, user=user, **where)
    client.force_login(staff(Right.CRM_COMPANY_EDIT, companies=[acme.company]))
    page = client.get(reverse("punchout_groups:inspect", args=[group.pk])).content.decode()
    assert "own@buyer.example" in page
    assert "stranger@buyer.example" not in page


def test_group_says_as_whom_calls_shop(admin_client, group):
    group.named_users = NamedUsers.KNOWN
    group.save()
    assert (
        "one we do not know is refused"
        in admin_client.get(reverse("punchout_groups:inspect", args=[group.pk])).content.decode()
    )


def test_members_cost_no_queries_each(admin_client, group, django_assert_max_num_queries):
    role = Role.objects.get(slug="punchoutBuyer")

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            user = User.objects.create_user(f"u{number}", email=f"u{number}@buyer.example")
            RoleAssignment.objects.create(role=role, user=user, group=group)

    url = reverse("punchout_groups:inspect", args=[group.pk])
    add(0, 2)
    admin_client.get(url)
    with django_assert_max_num_queries(200) as few:
        admin_client.get(url)
    add(2, 12)
    with django_assert_max_num_queries(len(few.captured_queries)):
        admin_client.get(url)
