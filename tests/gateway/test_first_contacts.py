"""First contacts: who calls in vain is kept, once, with what to change, and cannot fill the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.connections import connect, post, setup_request
from wagtail_punchout.flows import first_contacts
from wagtail_punchout.flows.first_contacts import InVain, note, settle
from wagtail_punchout.models import Exchange, FirstContact
from wagtail_punchout.protocol.failures import Failure

pytestmark = pytest.mark.django_db

STRANGER = "buyer@stranger.example"


def later(minutes: int):
    return timezone.now() + timedelta(minutes=minutes)


def in_vain(name: str = STRANGER, **facts) -> InVain:
    usual = {"code": Failure.SENDER_UNKNOWN, "cause": "Nobody.", "at": timezone.now(), "address": "203.0.113.9"}
    return InVain(**{**usual, "sender": [("NetworkID", name)], **facts})


@pytest.fixture
def no_pause(monkeypatch):
    """Every call is written, as if a minute lay between any two."""
    monkeypatch.setattr(first_contacts, "contacts_due", lambda key: 1)


def test_a_stranger_becomes_a_first_contact(client):
    post(client, setup_request(STRANGER, from_identity="AN01"))
    contact = FirstContact.objects.get()
    assert contact.reason == "sender_unknown"
    assert contact.sender == [{"domain": "NetworkID", "identity": STRANGER}]
    assert contact.from_party == [{"domain": "NetworkID", "identity": "AN01"}]
    assert contact.to_party == [{"domain": "DUNS", "identity": "123456789"}]
    assert (contact.user_agent, contact.kind, contact.times) == ("Test Buyer", "PunchOutSetupRequest", 1)
    assert contact.customer is None and contact.settled_at is None
    assert contact.exchange == Exchange.objects.get()
    assert contact.exchange.reason == "sender_unknown"


def test_the_secret_is_in_no_first_contact(client):
    secret = "a stranger's own secret"
    post(client, setup_request(STRANGER, secret=secret))
    assert secret not in str(FirstContact.objects.values().get())


def test_who_gets_in_leaves_none(client, acme):
    assert post(client, setup_request()).code == 200
    assert not FirstContact.objects.exists()


def test_the_same_call_again_is_counted_in_the_same_row(client, no_pause):
    for _ in range(3):
        post(client, setup_request(STRANGER))
    assert FirstContact.objects.get().times == 3


def test_another_reason_or_another_name_is_another_row(client, acme):
    post(client, setup_request(secret="wrong"))
    post(client, setup_request(secret=None))
    post(client, setup_request(STRANGER))
    assert sorted(FirstContact.objects.values_list("reason", flat=True)) == [
        "secret_missing",
        "secret_wrong",
        "sender_unknown",
    ]


def test_of_the_same_failure_one_is_written_a_minute_and_none_is_forgotten(monkeypatch):
    for _ in range(5):
        note(in_vain())
    with CaptureQueriesContext(connection) as queries:
        note(in_vain())
    assert not queries.captured_queries
    assert FirstContact.objects.get().times == 1
    from django.core.cache import cache

    cache.delete(f"wagtail_punchout:contact:{in_vain().key}")  # a minute later
    note(in_vain())
    assert FirstContact.objects.get().times == 7


def test_spelling_makes_no_other_row(no_pause):
    note(in_vain("Buyer@Stranger.example "))
    note(in_vain("buyer@stranger.example"))
    assert FirstContact.objects.count() == 1


def test_a_wrong_secret_names_the_customer_that_seems_meant(client, acme):
    post(client, setup_request(secret="wrong"))
    assert FirstContact.objects.get().customer == acme.customer


def test_behind_a_hub_nobody_is_guessed(client):
    for name in ("acme", "globex"):
        connect(name, customer={"sender_identity": "hub@network.example", "from_identity": name, "behind_hub": True})
    post(client, setup_request("hub@network.example", from_identity="unknown"))
    contact = FirstContact.objects.get()
    assert (contact.reason, contact.customer) == ("hub_unknown", None)


def test_a_known_customer_without_a_link_is_one_too(client, acme):
    acme.link.delete()
    post(client, setup_request())
    contact = FirstContact.objects.get()
    assert (contact.reason, contact.customer) == ("no_link", acme.customer)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<cXML", "unreadable"),
        ("<html/>", "not_cxml"),
        (b"\xff\xfe\x00", "encoding"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "unreadable"),
    ],
)
def test_what_cannot_be_read_goes_by_its_address(client, document, reason, no_pause):
    for _ in range(2):
        post(client, document)
    contact = FirstContact.objects.get()
    assert (contact.reason, contact.times, contact.remote_address) == (reason, 2, "127.0.0.1")


def test_what_is_nobodys_wrong_setting_is_no_first_contact(client, acme):
    client.put("/punchout/cxml/")
    post(
        client,
        setup_request(
            operation="edit", body='<ItemOut quantity="1"><ItemID><SupplierPartID>X</SupplierPartID></ItemID></ItemOut>'
        ),
    )
    assert Exchange.objects.get(status=412).reason == "cart_unknown"
    assert not FirstContact.objects.exists()


def test_an_oci_call_in_vain_is_one_too(client, acme):
    client.get(
        "/punchout/oci/", {"USERNAME": "nobody@else.example", "PASSWORD": "hush-hush", "HOOK_URL": "https://b.example/"}
    )
    contact = FirstContact.objects.get()
    assert contact.sender == [{"domain": "USERNAME", "identity": "nobody@else.example"}]
    assert (contact.reason, contact.kind) == ("sender_unknown", "OCI call")
    assert "hush-hush" not in str(FirstContact.objects.values().get())


def test_an_oci_call_without_a_link_names_its_customer(client, acme):
    client.post(
        "/punchout/oci/",
        {"USERNAME": acme.customer.sender_identity, "PASSWORD": acme.secret, "HOOK_URL": "https://b.example/"},
    )
    contact = FirstContact.objects.get()
    assert (contact.reason, contact.customer) == ("no_link", acme.customer)


def test_a_stranger_whom_somebody_dismissed_stays_dismissed(admin_user, no_pause):
    note(in_vain())
    settle(FirstContact.objects.get(), by=admin_user, at=timezone.now())
    note(in_vain())
    contact = FirstContact.objects.get()
    assert (contact.times, contact.settled_by) == (2, admin_user)


def test_a_customer_whose_mend_did_not_help_is_open_again(admin_user, acme, no_pause):
    note(in_vain(customer=acme.customer))
    settle(FirstContact.objects.get(), by=admin_user, at=timezone.now())
    note(in_vain(customer=acme.customer))
    contact = FirstContact.objects.get()
    assert (contact.times, contact.settled_at, contact.settled_by) == (2, None, None)


def test_names_without_end_from_one_address_become_one_row(monkeypatch, no_pause):
    monkeypatch.setattr(first_contacts, "MOST_OF_ADDRESS", 3)
    for number in range(10):
        note(in_vain(f"junk-{number}"))
    assert FirstContact.objects.count() == 4
    flood = FirstContact.objects.get(reason="flood")
    assert (flood.times, flood.remote_address, flood.sender) == (7, "203.0.113.9", [])


def test_addresses_without_end_become_one_row(monkeypatch, no_pause):
    monkeypatch.setattr(first_contacts, "MOST_OF_STRANGERS", 5)
    for number in range(40):
        note(in_vain(f"junk-{number}", address=f"203.0.113.{number}"))
    assert FirstContact.objects.count() == 6
    flood = FirstContact.objects.get(reason="flood")
    assert (flood.times, flood.remote_address) == (35, None)


def test_a_flood_of_strangers_keeps_no_customer_out(monkeypatch, acme, no_pause):
    monkeypatch.setattr(first_contacts, "MOST_OF_STRANGERS", 2)
    for number in range(10):
        note(in_vain(f"junk-{number}"))
    note(in_vain(customer=acme.customer, code=Failure.NO_LINK))
    assert FirstContact.objects.filter(customer=acme.customer).exists()


def test_when_there_are_too_many_nobody_goes_whom_one_would_miss(settings, acme, admin_user, monkeypatch, no_pause):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "FIRST_CONTACTS_KEPT": 4}
    note(in_vain("customer", customer=acme.customer, code=Failure.NO_LINK))
    note(in_vain("twice"))
    note(in_vain("twice"))
    note(in_vain("once"))
    note(in_vain("settled"))
    settle(FirstContact.objects.get(sender__0__identity="settled"), by=admin_user, at=timezone.now())

    def names():
        return {each.sender[0]["identity"] for each in FirstContact.objects.all()}

    note(in_vain("first"))
    assert names() == {"customer", "twice", "once", "first"}
    note(in_vain("second", at=later(1)))
    assert names() == {"customer", "twice", "first", "second"}
    note(in_vain("third", at=later(2)))
    assert names() == {"customer", "twice", "second", "third"}


def test_a_stranger_who_is_known_costs_one_question_and_one_write(no_pause):
    note(in_vain())
    with CaptureQueriesContext(connection) as queries:
        note(in_vain())
    assert len(queries) == 2


def test_of_a_flood_each_call_costs_one_question(monkeypatch):
    monkeypatch.setattr(first_contacts, "MOST_OF_STRANGERS", 0)
    note(in_vain("first"))
    with CaptureQueriesContext(connection) as queries:
        note(in_vain("second"))
    assert len(queries) == 1


def test_what_no_database_keeps_is_left_out():
    note(in_vain("nul\x00\ud800", user_agent="a\x00" * 300, cause="c\x00" * 2000, kind="k" * 100))
    contact = FirstContact.objects.get()
    assert contact.sender[0]["identity"] == "nul"
    assert len(contact.user_agent) == 200


def test_names_without_end_in_one_call_are_cut():
    note(in_vain(sender=[("NetworkID", "n" * 5000)] * 100))
    contact = FirstContact.objects.get()
    assert len(contact.sender) == first_contacts.MOST_NAMES
    assert len(contact.sender[0]["identity"]) == 200


def test_a_database_that_fails_keeps_no_answer_back(client, monkeypatch):
    def fail(call):
        raise RuntimeError

    monkeypatch.setattr("wagtail_punchout.gateway.cxml.note", fail)
    assert post(client, setup_request(STRANGER)).code == 401


def test_strangers_under_a_customers_name_push_no_customer_out(client, settings, acme, no_pause):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "FIRST_CONTACTS_KEPT": 3}
    acme.link.delete()
    post(client, setup_request())
    for number in range(5):
        post(client, setup_request(secret="wrong", from_identity=f"forged {number}"))
    assert FirstContact.objects.count() == 3
    assert FirstContact.objects.filter(reason="no_link", customer=acme.customer).exists()
