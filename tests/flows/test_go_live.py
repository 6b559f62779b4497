from __future__ import annotations

import secrets

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import connect, post, setup_request
from tests.order_documents import order_request
from tests.orders import make_order
from wagtail_punchout.flows.go_live import activate, back_to_test, proofs
from wagtail_punchout.flows.try_connection import try_connection
from wagtail_punchout.models import (
    CustomerGroup,
    Delivery,
    Mode,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    Quote,
)
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.models.outbox import WorkState
from wagtail_punchout.models.sessions import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(db):
    made = connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)
    CustomerGroup.objects.update(mode=Mode.TEST)
    return made


def group() -> CustomerGroup:
    return CustomerGroup.objects.get()


def proven() -> set[str]:
    return {each.code for each in proofs(group()) if each.is_proven}


def test_new_group_tries_first(db):
    assert CustomerGroup.objects.create(name="New").mode == Mode.TEST


def test_what_has_happened_is_what_is_proven(client, buyer):
    assert proven() == set()
    post(client, setup_request())
    assert proven() == {"setup"}
    post(client, setup_request(secret="wrong", payload_id="2"))
    post(client, order_request())
    post(client, order_request(action="update", version="2"))
    assert proven() == {"setup", "refused", "order", "change"}


def test_each_step_is_proven_by_what_has_happened(buyer):
    now = timezone.now()
    ends = {"start_until": now, "ends_at": now, "link": buyer.link, "company": buyer.company}

    def visit(**facts) -> PunchoutSession:
        values = {"customer": buyer.customer, "mode": Mode.TEST, **ends, **facts}
        return PunchoutSession.objects.create(start_hash=secrets.token_hex(8), **values)

    visit(started_at=now)
    assert proven() == {"setup", "start"}
    edited = visit(operation="edit", state=State.RETURNED, over_at=now)
    Quote.objects.create(session=edited, customer=buyer.customer, line_count=1, document="")
    assert proven() == {"setup", "start", "edit", "return"}
    cancelled = visit(state=State.CANCELLED, over_at=now)
    Quote.objects.create(session=cancelled, customer=buyer.customer, is_cancel=True, document="")
    assert proven() == {"setup", "start", "edit", "return", "cancel"}


def test_latest_of_its_kind_proves_it(client, buyer):
    post(client, setup_request())
    post(client, setup_request(payload_id="2", cookie="two"))
    [setup] = [each for each in proofs(group()) if each.code == "setup"]
    assert (setup.thing.buyer_cookie, setup.at) == ("two", setup.thing.created_at)


def test_cart_that_was_cancelled_is_none_that_went_home(buyer):
    now = timezone.now()
    visit = PunchoutSession.objects.create(
        customer=buyer.customer, company=buyer.company, link=buyer.link, mode="test", start_until=now, ends_at=now
    )
    Quote.objects.create(session=visit, customer=buyer.customer, is_cancel=True, document="")
    assert "return" not in proven()


def test_document_counts_when_it_has_arrived(buyer):
    PunchoutLink.objects.update(documents_url="https://buyer.example/documents")
    order = make_order(buyer)
    delivery = Delivery.objects.create(
        order=order, customer=buyer.customer, kind="ConfirmationRequest", url="https://buyer.example/documents"
    )
    assert "answer" not in proven()
    Delivery.objects.filter(pk=delivery.pk).update(state=WorkState.DONE)
    assert "answer" in proven()


def test_listed_hosts_are_proven_when_every_link_has_some(buyer):
    assert "hosts" not in proven()
    buyer.link.return_origins = "https://buyer.example"
    buyer.link.save()
    [hosts] = [each for each in proofs(group()) if each.code == "hosts"]
    assert (hosts.thing, hosts.at) == (buyer.link, None)
    PunchoutLink.objects.create(name="second", group=group(), format="oci4", live=True)
    assert "hosts" not in proven()


def test_what_others_did_proves_nothing(client, buyer):
    connect("other", secret="another-secret")
    post(client, setup_request(sender="punchout-other@shop.example", secret="another-secret"))
    post(client, setup_request(sender="punchout-other@shop.example", secret="wrong", payload_id="2"))
    assert {each.code for each in proofs(buyer.customer.group) if each.is_proven} == set()


def codes() -> set[str]:
    return {each.code for each in proofs(group())}


def test_nothing_is_asked_that_the_links_do_not_do(buyer):
    assert {"edit", "order", "change"} <= codes()
    assert "answer" not in codes()
    PunchoutLink.objects.update(takes_changes=False, documents_url="https://buyer.example/documents")
    assert "change" not in codes()
    assert "answer" in codes()


def test_of_oci_alone_no_order_is_asked(buyer):
    PunchoutLink.objects.update(format="oci4")
    assert codes() == {"setup", "start", "return", "cancel", "refused", "hosts"}


def test_proofs_cost_a_query_each(buyer, django_assert_max_num_queries):
    asked = group()
    with django_assert_max_num_queries(12):
        proofs(asked)


def test_visit_of_a_group_that_tries_is_a_test(client, buyer):
    post(client, setup_request())
    assert PunchoutSession.objects.get().mode == Mode.TEST


def test_active_mode_counts_from_now_on(client, buyer, django_user_model):
    boss = django_user_model.objects.create_user("boss")
    post(client, order_request("PO-1"))
    activate(group(), by=boss, at=timezone.now(), proven=proofs(group()))
    post(client, order_request("PO-2"))
    assert [each.mode for each in PurchaseOrder.objects.order_by("number")] == ["test", "production"]
    assert (group().activated_by, group().activated_at is not None) == (boss, True)
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.group_activated")
    assert (entry.user, entry.data["proven"]) == (boss, ["order"])


def test_twice_is_once(buyer):
    for _ in range(2):
        activate(group(), by=None, at=timezone.now(), proven=[])
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.group_activated").count() == 1


def test_back_to_test_leaves_what_was_taken(buyer):
    activate(group(), by=None, at=timezone.now(), proven=[])
    make_order(buyer)
    back_to_test(group(), by=None)
    assert (group().mode, PurchaseOrder.objects.get().mode) == (Mode.TEST, Mode.PRODUCTION)


# Our own tests beside it


def tried() -> set[str]:
    return {each.code for each in proofs(group()) if each.tried}


def test_own_test_proves_nothing_of_the_buyer(acme, goods):
    test = try_connection(acme.customer, by=None, at=timezone.now())
    assert test.is_ok, test.failure
    assert proven() == set()
    assert tried() == {"setup", "start", "return", "edit", "cancel", "order", "change"}


def test_buyers_own_deeds_count_beside_our_test(client, acme, goods):
    post(client, setup_request())
    try_connection(acme.customer, by=None, at=timezone.now())
    assert proven() == {"setup"}


def test_only_the_latest_test_says_what_works(acme, goods):
    try_connection(acme.customer, by=None, at=timezone.now())
    PunchoutLink.objects.update(is_active=False)
    PunchoutLink.objects.create(name="OCI", group=group(), format="oci4", live=True)
    try_connection(acme.customer, by=None, at=timezone.now())
    assert tried() == {"setup", "start", "return", "cancel"}


def test_page_tells_our_test_from_what_the_buyer_has_proven(admin_client, client, acme, goods):
    CustomerGroup.objects.update(mode=Mode.TEST)
    post(client, setup_request())
    test = try_connection(acme.customer, by=None, at=timezone.now())
    url = reverse("punchout_go_live:activate", args=[group().pk])
    answer = admin_client.get(url)
    codes = {name: [each["proof"].code for each in answer.context[name]] for name in ("proven", "tried", "missing")}
    assert codes["proven"] == ["setup"]
    assert codes["tried"] == ["start", "return", "edit", "cancel", "order", "change"]
    assert codes["missing"] == ["refused", "hosts"]
    page = answer.content.decode()
    assert "Tested by us alone" in page
    assert reverse("punchout_connection_tests:inspect", args=[test.pk]) in page
    # What only we have tested is still nothing that the buyer has proven.
    assert "Somebody has to know it" in admin_client.post(url, {}).content.decode()
