"""A session's life, in the database."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from tests.connections import item_out, post, setup_request
from tests.storefront.test_visit import start
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.errors import IllegalTransition
from wagtail_punchout.protocol.lifecycle import Event, State, after
from wagtail_punchout.shop import AdapterUnavailable
from wagtail_punchout.signals import cart_transferred, session_cancelled, session_opened, session_started


@pytest.mark.parametrize("state", [State.RETURNED, State.CANCELLED, State.EXPIRED])
@pytest.mark.parametrize("event", list(Event))
def test_what_is_over_stays_over(state, event):
    with pytest.raises(IllegalTransition):
        after(state, event)


def test_a_session_starts_once():
    assert after(State.CREATED, Event.START) is State.STARTED
    with pytest.raises(IllegalTransition, match="started cannot start"):
        after(State.STARTED, Event.START)


@pytest.mark.django_db
def test_visits_nobody_ended_expire(client, acme):
    post(client, setup_request(payload_id="never-started@x"))
    start(client, payload_id="left-open@x")
    said = StringIO()
    call_command("punchout_expire", stdout=said)
    assert said.getvalue().startswith("0 visits")
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        call_command("punchout_expire", stdout=said)
    assert set(PunchoutSession.objects.values_list("state", flat=True)) == {State.EXPIRED}


def unavailable(*args, **kwargs):
    raise AdapterUnavailable


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["sign_in", "put_lines"])
def test_a_shop_that_is_down_at_the_start_can_be_tried_again(client, acme, goods, monkeypatch, verb):
    path = post(client, setup_request()).start_path
    with monkeypatch.context() as patch:
        patch.setattr(get_adapter(), verb, unavailable)
        assert client.post(path).status_code == 503
    assert client.post(path).status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["landing_url", "get_cart"])
def test_a_shop_that_is_down_later_gets_a_page(client, acme, goods, monkeypatch, verb):
    answer = post(client, setup_request())
    check = client.post(answer.start_path)["Location"]
    monkeypatch.setattr(get_adapter(), verb, unavailable)
    if verb == "landing_url":
        assert client.get(check).status_code == 503
    else:
        visit = client.get(check) and client.get("/cart/").wsgi_request.punchout
        assert client.post("/punchout/return/", {"visit": visit.proof}).status_code == 503


@pytest.mark.django_db
def test_a_shop_that_is_down_at_the_call_asks_for_a_retry(client, acme, monkeypatch):
    monkeypatch.setattr(get_adapter(), "get_items", unavailable)
    document = setup_request(operation="edit", body=item_out("x"))
    assert post(client, document).code == 560


@pytest.mark.django_db
def test_others_are_told_once_everything_is_committed(client, acme, goods, django_capture_on_commit_callbacks):
    told = []

    def remember(sender, signal, session, **facts):
        told.append((signal, session.state))

    for signal in (session_opened, session_started, cart_transferred, session_cancelled):
        signal.connect(remember)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            start(client)
            visit = client.get("/cart/").wsgi_request.punchout
            client.post("/punchout/cancel/", {"visit": visit.proof})
    finally:
        for signal in (session_opened, session_started, cart_transferred, session_cancelled):
            signal.disconnect(remember)
    assert [signal for signal, _ in told] == [session_opened, session_started, session_cancelled]
