"""The attacks of ``tests/protocol/attacks.py``, sent to the endpoint: a Status, and nothing written."""

from __future__ import annotations

import pytest

from tests.connections import post, setup_request
from tests.hanging import never_hangs
from tests.protocol.attacks import HEAVY, TRICKS
from wagtail_punchout.models import Exchange, PunchoutSession

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("raw", TRICKS.values(), ids=list(TRICKS))
def test_a_trick_is_answered_406_or_499(client, acme, raw):
    with never_hangs():
        answer = post(client, raw)
    assert answer.code in (406, 499)
    assert "/etc" not in answer.sentence and "passwd" not in answer.sentence
    assert len(Exchange.objects.get().document) < 2_000


@pytest.mark.parametrize("raw", HEAVY.values(), ids=list(HEAVY))
def test_the_heaviest_readable_document_is_refused_without_a_trace(client, acme, raw):
    with never_hangs():
        assert post(client, raw).code in (400, 401, 406, 499)
    assert not PunchoutSession.objects.exists()


def test_a_stranger_cannot_fill_the_database_with_large_documents(client, acme):
    padding = '<Extrinsic name="x">' + "y" * 900_000 + "</Extrinsic>"
    assert post(client, setup_request("stranger", body=padding)).code == 401
    assert len(Exchange.objects.get().document) <= 20_000


def test_a_sender_with_thousands_of_names_is_refused(client, acme):
    names = "".join(f"<Credential domain='x'><Identity>n{n}</Identity></Credential>" for n in range(5_000))
    document = setup_request().replace("<UserAgent>", names + "<UserAgent>")
    assert post(client, document).code == 401
