"""A kept document, tried again: it gets today's answer, and nothing has happened."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from tests.connections import connect, item_out, post, setup_request
from tests.order_documents import item_out as order_line
from tests.order_documents import order_request
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import rehearse as work
from wagtail_punchout.models import (
    Exchange,
    Mode,
    NamedUsers,
    OrderState,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    Routing,
    RoutingRule,
)
from wagtail_punchout.models.links import ModeConflict, OrderRule
from wagtail_punchout.protocol.failures import Failure

pytestmark = pytest.mark.django_db


@pytest.fixture
def oci(acme):
    return PunchoutLink.objects.create(
        name="acme OCI", group=acme.customer.group, format="oci4", live=True, allow_http_return=True
    )


def everything() -> dict[str, list]:
    """Every row of ours, and of everybody else."""
    managed = [each for each in apps.get_models() if each._meta.managed]
    return {each._meta.label: sorted(map(_row, each._base_manager.values_list())) for each in managed}


def _row(values: tuple) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(values))


@pytest.fixture
def again(monkeypatch):
    """Tries the newest document again, and looks whether anything was left behind."""

    def forbidden(*args, **kwargs):
        raise AssertionError("A rehearsal must not write into the cache.")

    def try_it(exchange: Exchange | None = None) -> work.Outcome:
        exchange = Exchange.objects.get(pk=(exchange or Exchange.objects.latest("pk")).pk)
        assert work.can_rehearse(exchange)
        before = everything()
        with monkeypatch.context() as patch:
            for name in ("add", "set", "incr", "set_many", "delete"):
                patch.setattr(type(cache._connections[cache._alias]), name, forbidden)
            outcome = work.rehearse(exchange, adapter=get_adapter(), at=timezone.now())
        assert everything() == before
        assert not mail.outbox
        return outcome

    return try_it


def call(client, acme, secret: str | None = None, **said):
    fields = {"USERNAME": acme.customer.sender_identity, "PASSWORD": secret or acme.secret}
    return client.post("/punchout/oci/", {**fields, "HOOK_URL": "https://buyer.example.com/hook?a=1&b=2", **said})


# Set-up requests


def test_call_that_was_let_in_would_be_again(client, acme, again):
    assert post(client, setup_request()).code == 200
    today = again()
    assert (today.status, today.company, today.link, today.mode) == (200, acme.company, acme.link, Mode.TEST)
    assert today.shopper == acme.customer.user
    assert today.return_url == "https://buyer.example.com/hook?id=27&x=1"
    then = work.outcome_then(Exchange.objects.get())
    assert (then.status, then.company, then.return_url) == (200, acme.company, today.return_url)


def test_call_that_failed_for_a_wrong_secret_is_taken_for_right(client, acme, again):
    assert post(client, setup_request(secret="wrong")).code == 401
    assert again().status == 200


def test_call_without_a_secret_stays_refused(client, acme, again):
    assert post(client, setup_request(secret=None)).code == 401
    assert again().code == Failure.SECRET_MISSING


def test_mended_cause_is_seen(client, acme, again):
    acme.link.is_active = False
    acme.link.save()
    assert post(client, setup_request()).code == 403
    refused = again()
    assert (refused.status, refused.code, refused.customer) == (403, Failure.LINK_OFF, acme.customer)
    PunchoutLink.objects.update(is_active=True)
    assert not again().is_refused


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda acme: type(acme.customer).objects.update(is_active=False), Failure.CUSTOMER_OFF),
        (lambda acme: type(acme.customer).objects.update(sender_identity="x", sender_key="x"), Failure.SENDER_UNKNOWN),
        (lambda acme: acme.link.delete(), Failure.NO_LINK),
        (lambda acme: PunchoutLink.objects.update(return_origins="https://else.example"), Failure.RETURN_FOREIGN),
        (lambda acme: type(acme.customer).objects.update(routing=Routing.REFUSE), Failure.ROUTE_UNKNOWN),
        (
            lambda acme: type(acme.company).objects.filter(pk=acme.company.pk).update(is_active=False),
            Failure.COMPANY_OFF,
        ),
    ],
)
def test_what_was_changed_since_refuses_it_today(client, acme, again, change, code):
    post(client, setup_request())
    exchange = Exchange.objects.get()
    if code is Failure.NO_LINK:
        PunchoutSession.objects.all().delete()
        exchange.pk, exchange.session = None, None
        exchange.save()
    change(acme)
    assert again(exchange).code == code


def test_new_route_leads_elsewhere(client, acme, again):
    post(client, setup_request())
    branch = type(acme.company).objects.get(pk=acme.company.pk).add_child(name="Branch", code="branch")
    type(acme.customer).objects.update(routing=Routing.DEFAULT)
    RoutingRule.objects.create(customer=acme.customer, source="email_domain", value="example.com", company=branch)
    today = again()
    assert today.company == branch
    assert today.routed_by.startswith("Rule 1")


def test_mode_conflict_stays_one_until_the_link_takes_both(client, acme, again):
    PunchoutLink.objects.update(mode_conflict=ModeConflict.REFUSE)
    assert post(client, setup_request()).code == 403
    assert again().code == Failure.MODE_CONFLICT
    PunchoutLink.objects.update(mode_conflict=ModeConflict.TEST)
    assert again().status == 200


def test_nobody_is_added_as_a_user(client, acme, again):
    post(client, setup_request())
    type(acme.customer.group).objects.update(named_users=NamedUsers.MAKE)
    today = again()
    assert (today.added, today.shopper) == ("jane@example.com", None)
    assert not get_user_model().objects.filter(email="jane@example.com").exists()


def test_user_who_is_not_known_is_refused(client, acme, again):
    post(client, setup_request())
    type(acme.customer.group).objects.update(named_users=NamedUsers.KNOWN)
    today = again()
    assert (today.code, today.company) == (Failure.USER_UNKNOWN, acme.company)


def test_shop_is_only_asked(client, acme, goods, again):
    post(client, setup_request(operation="edit", body=item_out("NEVER-HEARD")))
    assert again().code == Failure.CART_UNKNOWN
    with pytest.raises(PermissionError, match="create_user"):
        work.AskedOnly(get_adapter()).create_user("x")


def test_shop_that_fails_fails_the_rehearsal_alone(client, acme, again, monkeypatch):
    post(client, setup_request(operation="edit", body=item_out("NEVER-HEARD")))

    def broken(*args, **kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr(type(get_adapter()), "get_item", broken)
    monkeypatch.setattr(type(get_adapter()), "get_items", broken)
    assert again().code == Failure.CRASH


def test_what_was_wrong_with_the_way_cannot_be_tried(acme):
    document = setup_request()
    for reason in (Failure.MULTIPART, Failure.TOO_LARGE, Failure.FORM):
        assert not work.can_rehearse(Exchange(direction="in", kind="OrderRequest", reason=reason, document=document))


@pytest.mark.parametrize(
    "facts", [{"kind": "ProfileRequest"}, {"direction": "out"}, {"document": ""}, {"document": "<cXML"}, {"kind": ""}]
)
def test_what_is_no_call_cannot_be_tried(db, facts):
    call = {"direction": "in", "kind": "PunchOutSetupRequest", "document": setup_request()}
    assert not work.can_rehearse(Exchange(**{**call, **facts}))


# Calls by OCI


def test_oci_call_would_be_let_in_again(client, acme, oci, again):
    assert call(client, acme).status_code == 303
    today = again()
    assert (today.status, today.link, today.company) == (200, oci, acme.company)
    assert today.return_url == "https://buyer.example.com/hook?a=1&b=2"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda link: PunchoutLink.objects.filter(pk=link.pk).update(is_active=False), Failure.LINK_OFF),
        (lambda link: PunchoutLink.objects.filter(pk=link.pk).update(live=False), Failure.NO_LINK),
        (lambda link: type(link.group).objects.update(named_users=NamedUsers.KNOWN), Failure.USER_UNNAMED),
    ],
)
def test_oci_call_is_refused_for_what_has_changed(client, acme, oci, again, change, code):
    call(client, acme)
    change(oci)
    assert again().code == code


def test_oci_password_is_taken_for_right(client, acme, oci, again):
    call(client, acme, secret="wrong")
    exchange = Exchange.objects.get()
    assert exchange.status == 403
    assert "wrong" not in exchange.document
    assert again().status == 200


def test_oci_call_by_get_stays_refused_until_the_link_takes_it(client, acme, oci, again):
    PunchoutLink.objects.filter(pk=oci.pk).update(allow_get=False)
    fields = {"USERNAME": acme.customer.sender_identity, "PASSWORD": acme.secret, "HOOK_URL": "https://b.example/h"}
    client.get("/punchout/oci/", fields)
    assert again().code == Failure.NO_GET
    PunchoutLink.objects.filter(pk=oci.pk).update(allow_get=True)
    assert again().status == 200


def test_oci_product_is_asked_for(client, acme, oci, goods, again):
    call(client, acme, FUNCTION="DETAIL", PRODUCTID="NEVER-HEARD")
    assert again().code == Failure.UNKNOWN_PRODUCT


def test_letters_of_an_oci_call_come_through(client, acme, oci, again):
    call(client, acme, userid="Jörg & Söhne=1")
    type(acme.customer.group).objects.update(named_users=NamedUsers.MAKE)
    assert again().added == "Jörg & Söhne=1"


def test_damaged_record_of_a_call_cannot_be_tried(db):
    for document in ("[not json", json.dumps({"a": 1}), json.dumps([["a"]])):
        assert not work.can_rehearse(Exchange(direction="in", kind="OCI call", document=document))


# Orders


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, order_rule=OrderRule.ACCEPT)


def test_order_would_be_accepted_again_as_if_it_were_new(client, buyer, again):
    post(client, order_request())
    today = again()
    assert (today.status, today.verdict, today.order_state) == (200, "applied", OrderState.ACCEPTED)
    then = work.outcome_then(Exchange.objects.get())
    assert (then.verdict, then.order_state) == ("applied", OrderState.ACCEPTED)


def test_order_would_be_held_by_the_new_rule(client, buyer, again):
    post(client, order_request())
    PunchoutLink.objects.update(order_rule=OrderRule.HOLD)
    today = again()
    assert today.order_state == OrderState.HELD
    assert "no_quote" in {each["code"] for each in today.reasons}
    assert PurchaseOrder.objects.get().state == OrderState.ACCEPTED


def test_order_in_the_shop_is_tried_without_touching_it(client, buyer, again):
    post(client, order_request())
    PurchaseOrder.objects.update(state=OrderState.HANDED_OVER, handed_over_at=timezone.now(), shop_number="S-1")
    assert again().order_state == OrderState.ACCEPTED
    assert PurchaseOrder.objects.get().shop_number == "S-1"


def test_change_is_tried_on_the_order_before_it(client, buyer, again):
    post(client, order_request(version="1"))
    first = Exchange.objects.latest("pk")
    post(client, order_request(version="2", action="update", lines=[order_line(1, "MUG-BLUE", "9", "4.50")]))
    second = Exchange.objects.latest("pk")
    post(client, order_request(version="3", action="delete"))
    assert PurchaseOrder.objects.get().state == OrderState.CANCELLED
    assert (again(first).verdict, again(second).verdict) == ("applied", "applied")
    assert again(second).order_state == OrderState.ACCEPTED
    assert again().order_state == OrderState.CANCELLED
    PunchoutLink.objects.update(takes_changes=False)
    assert again(second).code == Failure.CHANGES_NOT_TAKEN


def test_order_that_was_turned_away_would_come_in_now(client, buyer, again):
    type(buyer.customer).objects.update(is_active=False)
    assert post(client, order_request()).code == 401
    type(buyer.customer).objects.update(is_active=True)
    assert (again().order_state, PurchaseOrder.objects.count()) == (OrderState.ACCEPTED, 0)


def test_hub_that_lost_its_customer_is_unknown(client, again):
    connect("acme", customer={"from_identity": "buyer"})
    post(client, setup_request())
    type(PunchoutSession.objects.get().customer).objects.update(from_identity="other", from_key="other")
    assert again().code == Failure.HUB_UNKNOWN
