"""Setup requests of real senders, byte for byte but for the Sender's identity and secret, through the whole gateway.

The values a person reads in each are in ``tests/protocol/test_samples.py``; here stands what each sender gets.
"""

from __future__ import annotations

import re

import pytest

from tests.connections import SECRET, connect, post
from tests.protocol.test_samples import VISITS
from tests.shared import SAMPLES, needs_shared
from wagtail_punchout.models import PunchoutSession

pytestmark = [pytest.mark.django_db, needs_shared]

NO_RETURN_URL = (400, "BrowserFormPost/URL is missing")
UNKNOWN_PARTS = (412, "is known here")
CUT_OFF = (406, "ends before its last end tag")

#: What each file gets where it is not a visit, and a word of the sentence that says why.
REFUSED = {
    "ariba-style-posr-edit-two-items.xml": UNKNOWN_PARTS,
    "guide-1.2.051-posr-edit.xml": UNKNOWN_PARTS,
    "business-cxml-punchoutsetup5-request.xml": NO_RETURN_URL,
    "business-cxml-punchoutsetup6-request.xml": NO_RETURN_URL,
    "business-cxml-punchoutsetup7-request.xml": NO_RETURN_URL,
    "buyerquest-posr-2016-truncated.xml": CUT_OFF,
}


def with_our_sender(raw: bytes) -> bytes:
    """Put the test customer's identity and secret into every Sender credential, and change nothing else."""

    def put_in(sender: re.Match[bytes]) -> bytes:
        named = re.sub(rb"(<Identity>)[^<]*(</Identity>)", rb"\1punchout-acme@shop.example\2", sender[0])
        return re.sub(rb"(<SharedSecret>)[^<]*(</SharedSecret>)", rb"\1" + SECRET.encode() + rb"\2", named)

    return re.sub(rb"<Sender>.*</Sender>", put_in, raw, flags=re.DOTALL)


@pytest.mark.parametrize("name", VISITS)
def test_each_sender_gets_a_visit_or_the_right_status(client, name):
    connect("acme")
    answer = post(client, with_our_sender((SAMPLES / name).read_bytes()))
    if name in REFUSED:
        status, says = REFUSED[name]
        assert (answer.code, says in answer.sentence) == (status, True), answer.sentence
        assert not PunchoutSession.objects.exists()
        return
    assert (answer.code, answer.sentence) == (200, "")
    session, read = PunchoutSession.objects.get(), VISITS[name]
    assert (session.buyer_cookie, session.return_url, session.operation) == (read.cookie, read.url, read.operation)
    assert (session.requester["email"], session.requester["name"]) == (read.email, read.name)
    ship_to = session.ship_to and (session.ship_to["address_id"], session.ship_to["city"])
    assert ship_to == read.ship_to
    assert (session.selected or {}).get("sku", "") == read.selected
    assert len(session.carried) == read.lines


def test_with_a_default_return_url_those_without_one_come_in(client):
    connect("acme", default_return_url="https://buyer.example.com/cart")
    for name in (name for name, refusal in REFUSED.items() if refusal is NO_RETURN_URL):
        assert post(client, with_our_sender((SAMPLES / name).read_bytes())).code == 200
