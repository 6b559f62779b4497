"""Whether something counts: what one side takes for a trial never becomes real."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.connections import add_credential, connect, post, setup_request
from tests.order_documents import order_request
from tests.storefront.ocibrowser import Browser
from wagtail_punchout.flows.identify import identify_user
from wagtail_punchout.flows.modes import is_trying, mode_of
from wagtail_punchout.models import CustomerGroup, Mode, PunchoutSession, PurchaseOrder
from wagtail_punchout.models.links import ModeConflict
from wagtail_punchout.protocol.errors import NotAllowed

pytestmark = pytest.mark.django_db

SECRET = "a-secret-that-counts"


def caller(*, secret: str = Mode.PRODUCTION, group: str = Mode.PRODUCTION, **link):
    acme = connect("acme", secret=SECRET, mode=secret, **link)
    CustomerGroup.objects.update(mode=group)
    return identify_user(acme.customer.sender_identity, SECRET, at=timezone.now()), acme.link


@pytest.mark.parametrize(
    ("secret", "document", "group", "mode"),
    [
        ("production", "production", "production", "production"),
        ("test", "production", "production", "test"),
        ("production", "test", "production", "test"),
        ("production", "production", "test", "test"),
        ("test", "test", "test", "test"),
    ],
)
def test_one_of_three_who_says_test_is_enough(secret, document, group, mode):
    who, link = caller(secret=secret, group=group)
    assert mode_of(who, document, link) == mode
    assert is_trying(who) == (group == "test")


@pytest.mark.parametrize(("secret", "document"), [("test", "production"), ("production", "test")])
def test_link_may_refuse_who_contradicts_himself(secret, document):
    who, link = caller(secret=secret, mode_conflict=ModeConflict.REFUSE)
    with pytest.raises(NotAllowed, match=f"deploymentMode is {document}, but its secret is the one for {secret}"):
        mode_of(who, document, link)


@pytest.mark.parametrize("mode", ["test", "production"])
def test_link_that_refuses_takes_who_agrees_with_himself(mode):
    who, link = caller(secret=mode, mode_conflict=ModeConflict.REFUSE)
    assert mode_of(who, mode, link) == mode


def test_group_that_tries_is_no_contradiction():
    """Its people use the production secret as they will later, and it is a test all the same."""
    who, link = caller(group="test", mode_conflict=ModeConflict.REFUSE)
    assert mode_of(who, "production", link) == Mode.TEST


def test_contradiction_is_told_to_the_buyer(client):
    connect("acme", mode=Mode.TEST, mode_conflict=ModeConflict.REFUSE)
    for document in (setup_request(), order_request()):
        answer = post(client, document)
        assert (answer.code, "Use the secret of the same mode." in answer.sentence) == (403, True)
    assert not PunchoutSession.objects.exists()
    assert not PurchaseOrder.objects.exists()


def test_oci_visit_of_a_group_that_tries_is_a_test(goods):
    connect("acme", secret=SECRET, mode=Mode.PRODUCTION, format="oci4")
    Browser().enter(password=SECRET)
    CustomerGroup.objects.update(mode=Mode.TEST)
    Browser().enter(password=SECRET)
    modes = PunchoutSession.objects.order_by("created_at").values_list("mode", flat=True)
    assert list(modes) == [Mode.PRODUCTION, Mode.TEST]


def test_mode_of_the_group_comes_with_the_caller(django_assert_num_queries):
    acme = connect("acme", secret=SECRET, mode=Mode.PRODUCTION)
    add_credential(acme.customer, secret="another", mode=Mode.TEST)
    who = identify_user(acme.customer.sender_identity, SECRET, at=timezone.now())
    with django_assert_num_queries(0):
        assert mode_of(who, "production", acme.link) == Mode.PRODUCTION
