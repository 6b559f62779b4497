"""The gateway: what a buyer's system gets for what it sends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.connections import add_credential, connect, item_out, post, setup_request
from wagtail_punchout.models import Company, Credential, Exchange, Mode, PunchoutSession
from wagtail_punchout.protocol.cxml import envelope, mac

pytestmark = pytest.mark.django_db

SENDER = "punchout-acme@shop.example"


def test_a_setup_request_gets_a_start_page(client, acme):
    answer = post(client, setup_request())
    assert answer.code == 200
    assert answer.start_url.startswith("http://localhost:8000/punchout/start/")
    session = PunchoutSession.objects.get()
    assert session.buyer_cookie == "cookie-1"
    assert session.return_url == "https://buyer.example.com/hook?id=27&x=1"
    assert session.requester["email"] == "jane@example.com"
    assert session.customer == acme.customer


def test_a_setup_request_takes_at_most_six_statements_and_once_a_minute_one_more(client, acme):
    post(client, setup_request(payload_id="warm@up"))
    with CaptureQueriesContext(connection) as queries:
        post(client, setup_request(payload_id="hot@path"))
    assert len(queries) <= 6, [each["sql"] for each in queries]
    Credential.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    with CaptureQueriesContext(connection) as queries:
        post(client, setup_request(payload_id="note@it"))
    assert len(queries) <= 7, [each["sql"] for each in queries]


def test_a_get_is_answered_as_a_ping(client):
    response = client.get("/punchout/cxml/")
    assert response.status_code == 200
    assert b"Ping Response Message" in response.content


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_get_a_status_and_no_html(client, method):
    response = getattr(client, method)("/punchout/cxml/")
    assert response.status_code == 200
    assert b'code="450"' in response.content


def test_a_retry_gets_the_same_bytes_and_no_second_session(client, acme):
    first = post(client, setup_request())
    again = post(client, setup_request())
    assert first.raw == again.raw
    assert PunchoutSession.objects.count() == 1


def test_a_constant_payload_id_does_not_swallow_another_visit(client, acme):
    post(client, setup_request(cookie="one"))
    post(client, setup_request(cookie="two"))
    assert PunchoutSession.objects.count() == 2


def test_without_payload_id_every_call_is_a_visit(client, acme):
    post(client, setup_request(payload_id=""))
    post(client, setup_request(payload_id=""))
    assert PunchoutSession.objects.count() == 2


def test_the_same_document_of_two_customers_makes_two_visits(client, acme):
    connect("globex")
    post(client, setup_request())
    post(client, setup_request("punchout-globex@shop.example"))
    assert PunchoutSession.objects.count() == 2


def switch_off_customer(acme):
    acme.customer.is_active = False
    acme.customer.save()


def switch_off_company(acme):
    acme.company.is_active = False
    acme.company.save()


def switch_off_parent(acme):
    parent = acme.company.get_parent().add_child(name="Parent", code="parent", is_active=False)
    Company.objects.get(pk=acme.company.pk).move(parent, "last-child")


def switch_off_user(acme):
    acme.customer.user.is_active = False
    acme.customer.user.save()


def make_user_staff(acme):
    acme.customer.user.is_staff = True
    acme.customer.user.save()


def revoke(acme):
    acme.credential.revoked_at = acme.credential.created_at
    acme.credential.save()


def nothing(acme):
    pass


@pytest.mark.parametrize(
    ("change", "document", "cause"),
    [
        (nothing, setup_request("nobody@else.example"), "No customer"),
        (nothing, setup_request(secret="wrong"), "secret is wrong"),
        (nothing, setup_request(secret=None), "no shared secret"),
        (nothing, setup_request(secret=""), "no shared secret"),
        (switch_off_customer, setup_request(), "customer Acme is switched off"),
        (switch_off_company, setup_request(), "company Acme"),
        (switch_off_parent, setup_request(), "company Acme, or a company above"),
        (switch_off_user, setup_request(), "shop user"),
        (make_user_staff, setup_request(), "staff"),
        (revoke, setup_request(), "No customer with a live credential"),
    ],
    ids=lambda each: each.__name__ if callable(each) else None,
)
def test_strangers_get_one_answer_and_the_admin_the_cause(client, acme, change, document, cause):
    change(acme)
    answer = post(client, document)
    assert answer.code == 401
    assert answer.sentence == post(client, setup_request("somebody@else.example")).sentence
    assert PunchoutSession.objects.count() == 0
    kept = Exchange.objects.order_by("pk").first()
    assert cause in kept.cause
    assert cause not in kept.sentence


def unset(link, **values):
    for name, value in values.items():
        setattr(link, name, value)
    link.save()


@pytest.mark.parametrize(
    ("link", "document", "code", "says"),
    [
        ({"is_active": False}, setup_request(), 403, "switched off"),
        ({"live": False}, setup_request(), 403, "No cXML link"),
        ({}, setup_request(return_url=None), 400, "BrowserFormPost/URL is missing"),
        ({}, setup_request(return_url="javascript:alert(1)"), 400, "return address"),
        ({}, setup_request(return_url=r"https://a.example\@b.test/"), 400, "return address"),
        ({}, setup_request(return_url="https://user@b.test/"), 400, "return address"),
        ({"allow_http_return": False}, setup_request(return_url="http://buyer.example.com/"), 403, "https"),
        ({"return_origins": "https://buyer.example.org"}, setup_request(), 403, "https://buyer.example.com"),
        ({}, setup_request(operation="source"), 450, "source"),
        ({}, setup_request(operation="edit", body=item_out("no-such-part")), 412, "None of the 1 lines"),
        ({}, setup_request(request="<OrderStatusRequest/>"), 450, "OrderStatusRequest"),
        ({}, "", 406, ""),
        ({}, "<html>", 406, "line 1"),
        ({}, "<cxml/>", 406, "cXML"),
        ({}, setup_request().replace('"http://xml', '"http://x" [<!ENTITY a "b">] "'), 406, ""),
        ({}, "x" * 1_048_577, 499, "bytes"),
    ],
    ids=str,
)
def test_every_refusal_says_what_to_fix(client, acme, link, document, code, says):
    unset(acme.link, **link)
    answer = post(client, document)
    assert answer.code == code
    assert says in answer.sentence
    assert PunchoutSession.objects.count() == 0
    assert Exchange.objects.get().status == code


def test_an_inspect_may_go_without_return_url(client, acme):
    assert post(client, setup_request(operation="inspect", return_url=None)).code == 200


def test_the_default_return_url_stands_in(client, acme):
    unset(acme.link, default_return_url="https://buyer.example.com/default")
    assert post(client, setup_request(return_url=None)).code == 200
    assert PunchoutSession.objects.get().return_url == "https://buyer.example.com/default"


def test_identities_are_compared_trimmed_and_in_any_case(client, acme):
    assert post(client, setup_request(" \n PunchOut-ACME@shop.example ")).code == 200


def test_both_secrets_open_the_door_while_one_replaces_the_other(client, acme):
    add_credential(acme.customer, secret="the new one", slot=2, path_key=acme.credential.path_key)
    assert post(client, setup_request(payload_id="1@x")).code == 200
    assert post(client, setup_request(secret="the new one", payload_id="2@x")).code == 200


def test_test_and_production_have_their_own_secrets(client, acme):
    add_credential(acme.customer, secret="for real", mode=Mode.PRODUCTION)
    post(client, setup_request(payload_id="1@x"))
    post(client, setup_request(secret="for real", payload_id="2@x"))
    assert [each.mode for each in PunchoutSession.objects.order_by("payload_id")] == ["test", "production"]


def test_a_customers_own_address_takes_only_that_customer(client, acme):
    connect("globex")
    own = f"/punchout/cxml/{acme.credential.path_key}/setup/"
    assert post(client, setup_request(), path=own).code == 200
    assert post(client, setup_request("punchout-globex@shop.example"), path=own).code == 401


def test_behind_a_hub_the_from_identity_tells_buyers_apart(client, acme):
    for name in ("hub-one", "hub-two"):
        connect(name, customer={"sender_identity": "hub", "behind_hub": True, "from_identity": name})
    assert post(client, setup_request("hub", from_identity="hub-two")).code == 200
    assert PunchoutSession.objects.get().customer.name == "Hub-Two"
    assert post(client, setup_request("hub", from_identity="hub-three")).code == 401


def test_two_secrets_in_one_sender_are_refused(client, acme):
    document = setup_request().replace(
        "<UserAgent>",
        '<Credential domain="DUNS"><Identity>x</Identity><SharedSecret>other</SharedSecret></Credential><UserAgent>',
        1,
    )
    assert post(client, document).code == 401


def test_a_profile_lists_what_is_really_there(client, acme):
    answer = post(client, setup_request(request="<ProfileRequest/>"))
    assert answer.code == 200
    assert b'requestName="PunchOutSetupRequest"' in answer.raw
    assert b'requestName="OrderRequest"' in answer.raw
    own = post(client, setup_request(request="<ProfileRequest/>"), f"/punchout/cxml/{acme.credential.path_key}/")
    assert f"/punchout/cxml/{acme.credential.path_key}/orders/".encode() in own.raw


def test_an_anonymous_profile_is_answered_but_a_wrong_secret_is_not(client, acme):
    anonymous = setup_request("", None, request="<ProfileRequest/>")
    assert post(client, anonymous).code == 200
    assert post(client, setup_request("nobody", "wrong", request="<ProfileRequest/>")).code == 401


def test_the_document_is_kept_without_its_secret(client, acme):
    post(client, setup_request())
    kept = Exchange.objects.get()
    assert "cookie-1" in kept.document
    assert acme.secret not in kept.document
    assert "struck out" in kept.document


def test_an_unreadable_document_is_kept_without_its_secret(client, acme):
    post(client, setup_request()[:-30])
    assert acme.secret not in Exchange.objects.get().document


def test_a_document_posted_as_a_form_field_is_read(client, acme):
    response = client.post("/punchout/cxml/", {"cxml-urlencoded": setup_request()})
    assert b'code="200"' in response.content


def test_a_crash_is_answered_with_a_status_that_asks_for_a_retry(client, acme, monkeypatch):
    monkeypatch.setattr("wagtail_punchout.gateway.cxml.open_session", lambda *a, **k: 1 / 0)
    answer = post(client, setup_request())
    assert answer.code == 500
    assert "division" not in answer.sentence


def test_a_flood_of_failures_is_bounded_and_hurts_nobody_else(client, acme, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "FAILURES_PER_MINUTE": 5, "FAILURES_KEPT_PER_HOUR": 7}
    codes = [post(client, setup_request(secret="wrong")).code for _ in range(20)]
    assert codes == [401] * 5 + [560] * 15
    assert Exchange.objects.count() == 7
    assert post(client, setup_request()).code == 200


def test_an_edit_of_a_known_part_is_let_in(client, acme, monkeypatch):
    monkeypatch.setattr("wagtail_punchout.flows.enter.is_any_line_known", lambda session, adapter: True)
    assert post(client, setup_request(operation="edit", body=item_out("1001", quantity="2"))).code == 200
    assert PunchoutSession.objects.get().carried[0]["quantity"] == "2"


def test_a_secret_among_the_extrinsics_is_not_kept(client, acme):
    post(client, setup_request(body='<Extrinsic name="ApiPassword">hunter2</Extrinsic>'))
    assert "hunter2" not in str(PunchoutSession.objects.get().extrinsics) + Exchange.objects.get().document


def with_mac(document: str, secret: str) -> str:
    """The same document with a hub's proof in place of the secret, good for the coming hour."""
    created, expires = (
        (timezone.now() + timedelta(minutes=minutes)).isoformat(timespec="seconds") for minutes in (-1, 59)
    )
    from_, sender = envelope.Credential("networkid", "buyer"), envelope.Credential("networkid", SENDER)
    value = mac.compute(from_, sender, created, expires, secret)
    proof = (
        f'<CredentialMac type="FromSenderCredentials" algorithm="HMAC-SHA1-96" creationDate="{created}" '
        f'expirationDate="{expires}">{value}</CredentialMac>'
    )
    return re.sub("<SharedSecret>.*?</SharedSecret>", proof, document)


def test_a_hubs_proof_opens_a_visit_and_nothing_else(client, acme):
    assert post(client, with_mac(setup_request(), acme.secret)).code == 200
    assert post(client, with_mac(setup_request(payload_id="2@x"), "another secret")).code == 401
    assert post(client, with_mac(setup_request(request="<ProfileRequest/>"), acme.secret)).code == 401


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=\xe9"])
def test_a_form_that_cannot_be_read_is_not_asked_for_again(client, acme, content_type):
    assert post(client, b"x", content_type=content_type).code == 406
