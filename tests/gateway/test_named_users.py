"""As whom a call shops that names a user."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from tests.connections import connect, post, setup_request
from wagtail_punchout.flows.roles import give_role
from wagtail_punchout.models import CustomerGroup, Exchange, NamedUsers, PunchoutSession, Role, RoleAssignment

pytestmark = pytest.mark.django_db
User = get_user_model()


@pytest.fixture
def buyer(goods):
    return connect("acme", return_origins="https://buyer.example.com")


def goes_by(buyer, how: str) -> CustomerGroup:
    buyer.customer.group.named_users = how
    buyer.customer.group.save()
    return buyer.customer.group


def member(buyer, name: str = "jane", *, email: str = "jane@example.com", role: str = "punchoutBuyer", **facts):
    user = User.objects.create_user(name, email=email, **facts)
    RoleAssignment.objects.create(role=Role.objects.get(slug=role), user=user, group=buyer.customer.group)
    return user


def call(client, body: str = "", number: int = 1, email: str = "jane@example.com"):
    document = setup_request(body=body, payload_id=f"{number}@buyer", cookie=f"c{number}")
    return post(client, document.replace("jane@example.com", email))


def refusal(client, *args, **kwargs) -> tuple[int, str]:
    answer = call(client, *args, **kwargs)
    return answer.code, Exchange.objects.latest("pk").cause


def test_shared_group_asks_nobodys_name(client, buyer):
    member(buyer)
    assert call(client).code == 200
    assert PunchoutSession.objects.get().shopper == buyer.customer.user


@pytest.mark.parametrize("how", [NamedUsers.KNOWN, NamedUsers.MAKE])
def test_named_member_shops_under_their_own_name(client, buyer, how):
    goes_by(buyer, how)
    jane = member(buyer)
    answer = call(client)
    assert PunchoutSession.objects.get().shopper == jane
    client.get(answer.start_url, headers={"sec-fetch-dest": "document"}, follow=True)
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "told",
    ["JANE@example.com", "jane"],
    ids=["e-mail in any case", "a user name in the place of an e-mail"],
)
def test_member_is_found_by_name_or_email(client, buyer, told):
    goes_by(buyer, NamedUsers.KNOWN)
    jane = member(buyer)
    assert call(client, email=told).code == 200
    assert PunchoutSession.objects.get().shopper == jane


def test_member_is_found_by_unique_name(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    jane = member(buyer, "jdoe", email="")
    assert call(client, '<Extrinsic name="UniqueName">jdoe</Extrinsic>', email="").code == 200
    assert PunchoutSession.objects.get().shopper == jane


def test_member_of_the_company_is_a_member(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    jane = User.objects.create_user("jane", email="jane@example.com")
    give_role(Role.objects.get(slug="punchoutBuyer"), by=None, user=jane, company=buyer.company)
    call(client)
    assert PunchoutSession.objects.get().shopper == jane


def test_unknown_user_is_refused_with_what_to_do(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    answer = call(client)
    assert answer.code == 403
    assert "Ask the supplier to add this user" in answer.sentence
    assert "invite this person" in Exchange.objects.get().cause
    assert not PunchoutSession.objects.exists()


def test_call_without_a_name_is_refused(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    answer = call(client, email="")
    assert answer.code == 403
    assert "UserEmail or UniqueName" in answer.sentence


def test_unknown_user_is_added_on_first_contact_and_found_afterwards(client, buyer):
    group = goes_by(buyer, NamedUsers.MAKE)
    for number in (1, 2):
        assert call(client, '<Extrinsic name="FirstName">Jane</Extrinsic>', number).code == 200
    [jane] = {each.shopper for each in PunchoutSession.objects.all()}
    assert (jane.email, jane.first_name, jane.is_staff) == ("jane@example.com", "Jane", False)
    assert not jane.has_usable_password()
    assert [each.role.slug for each in jane.punchout_role_assignments.filter(group=group)] == ["punchoutBuyer"]


def test_retry_of_a_call_adds_nobody_twice(client, buyer):
    goes_by(buyer, NamedUsers.MAKE)
    assert call(client).start_url == call(client).start_url
    assert User.objects.filter(email="jane@example.com").count() == 1


@pytest.mark.parametrize("how", [NamedUsers.KNOWN, NamedUsers.MAKE])
def test_account_of_somebody_else_is_never_taken_over(client, buyer, how):
    goes_by(buyer, how)
    member(connect("rival"))
    assert call(client).code == 403
    assert not PunchoutSession.objects.exists()


@pytest.fixture
def shared(buyer):
    """A group without company, with customers of two."""
    group = buyer.customer.group
    group.company = None
    group.save()
    return connect("rival", customer={"group": group}, return_origins="https://buyer.example.com")


@pytest.mark.parametrize("how", [NamedUsers.KNOWN, NamedUsers.MAKE])
def test_group_of_many_companies_lets_none_shop_as_anothers_user(client, buyer, shared, how):
    goes_by(buyer, how)
    jane = member(buyer)
    RoleAssignment.objects.create(role=Role.objects.get(slug="finance"), user=jane, company=shared.company)
    assert call(client).code == 403
    assert not PunchoutSession.objects.exists()


def test_user_added_by_one_company_is_no_user_of_the_others_in_its_group(client, buyer, shared):
    goes_by(buyer, NamedUsers.MAKE)
    assert [call(client, number=number).code for number in (1, 2)] == [200, 200]
    assert User.objects.filter(email="jane@example.com").count() == 1
    document = setup_request(sender=shared.customer.sender_identity, payload_id="3@rival", cookie="c3")
    assert post(client, document).code == 403


@pytest.mark.parametrize("how", [NamedUsers.KNOWN, NamedUsers.MAKE])
@pytest.mark.parametrize("facts", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_staff_and_those_switched_off_are_never_signed_in(client, buyer, how, facts):
    goes_by(buyer, how)
    member(buyer, **facts)
    assert call(client).code == 403


@pytest.mark.parametrize("how", [NamedUsers.KNOWN, NamedUsers.MAKE])
def test_member_who_has_come_to_work_in_the_admin_is_never_signed_in(client, buyer, how):
    goes_by(buyer, how)
    member(buyer).user_permissions.add(Permission.objects.get(codename="access_admin"))
    code, cause = refusal(client)
    assert (code, "staff account" in cause) == (403, True)


def test_two_of_one_name_are_not_guessed_between(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    member(buyer)
    member(buyer, "jane2")
    code, cause = refusal(client)
    assert (code, "Two users" in cause) == (403, True)


def test_member_without_a_buying_role_is_refused(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    member(buyer, role="finance")
    code, cause = refusal(client)
    assert code == 403
    assert "PunchOut buyer" in cause


def test_conflicting_roles_refuse_the_call_and_the_mend_is_told_to_staff(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    jane = member(buyer)
    RoleAssignment.objects.create(role=Role.objects.get(slug="requisitioner"), user=jane, company=buyer.company)
    code, cause = refusal(client)
    assert code == 403
    assert "Take away “PunchOut buyer” or “Requisitioner”." in cause


def test_group_that_shares_costs_no_query_more(client, buyer, django_assert_max_num_queries):
    call(client)
    with django_assert_max_num_queries(8):
        call(client, number=2)


def test_user_switched_off_after_the_call_does_not_get_in(client, buyer):
    goes_by(buyer, NamedUsers.KNOWN)
    jane = member(buyer)
    answer = call(client)
    jane.is_active = False
    jane.save()
    assert client.post(answer.start_path).status_code == 403
    assert PunchoutSession.objects.get().started_at is None
