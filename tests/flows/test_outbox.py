"""Work is done by one worker at a time, is done again when that one dies, and never stops the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.conf import conf
from wagtail_punchout.flows import deliver, outbox, work
from wagtail_punchout.flows.hand_over import queue_hand_over
from wagtail_punchout.management.commands import punchout_deliver
from wagtail_punchout.models import Delivery, ErpClient, HandOver, Mode
from wagtail_punchout.models.outbox import WorkState

NOW = timezone.now()
LEASE = timedelta(seconds=conf().LEASE_SECONDS)


@pytest.fixture
def delivery(db):
    return make_delivery()


def make_delivery(**facts: object) -> Delivery:
    return Delivery.objects.create(kind="webhook", url="https://erp.example/", body="{}", due_at=NOW, **facts)


def claim(at=NOW):
    return outbox.claim(Delivery.objects.all(), at=at)


# One at a time


def test_what_is_due_first_is_taken_first(delivery):
    earlier = make_delivery()
    Delivery.objects.filter(pk=earlier.pk).update(due_at=NOW - timedelta(minutes=1))
    assert [claim().pk, claim().pk, claim()] == [earlier.pk, delivery.pk, None]


def test_what_is_not_due_waits(delivery):
    assert claim(at=NOW - timedelta(seconds=1)) is None


@pytest.mark.parametrize("state", [WorkState.DONE, WorkState.FAILED, WorkState.STOPPED])
def test_what_is_over_is_not_taken(delivery, state):
    Delivery.objects.update(state=state)
    assert claim() is None


def test_work_of_the_dead_is_taken_again(delivery):
    dead = claim()
    assert claim(at=NOW + LEASE - timedelta(seconds=1)) is None
    taken = claim(at=NOW + LEASE)
    assert (taken.pk, taken.attempts) == (delivery.pk, 2)
    assert taken.claim != dead.claim


@pytest.mark.parametrize("settle", [
    lambda late: outbox.finished(late, at=NOW),
    lambda late: outbox.stop(late, at=NOW),
    lambda late: outbox.give_up(late, "late", at=NOW),
])  # fmt: skip
def test_who_comes_late_says_nothing(delivery, settle):
    late = claim()
    current = claim(at=NOW + LEASE)
    assert not settle(late)
    outbox.again_later(late, "late", at=NOW)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.claim, delivery.last_error) == (WorkState.RUNNING, current.claim, "")


def test_claiming_takes_few_queries(delivery, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # savepoint, look, take, release
        assert claim()


# Again, later


def test_pauses_grow_over_three_days(delivery):
    at, pauses = NOW, []
    for _ in outbox.BACKOFF:
        taken = claim(at=at)
        assert outbox.again_later(taken, "no", at=at)
        pauses.append(taken.due_at - at)
        at = taken.due_at
    for pause, planned in zip(pauses, outbox.BACKOFF, strict=True):
        assert planned * 0.8 <= pause <= planned * 1.2
    assert timedelta(days=2) < at - NOW < timedelta(days=5)
    assert not outbox.again_later(claim(at=at), "still no", at=at)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error, delivery.finished_at) == (WorkState.FAILED, "still no", at)


def test_somebody_may_want_it_at_once(delivery):
    outbox.give_up(claim(), "no", at=NOW)
    outbox.again_now(delivery, at=NOW)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.finished_at) == (WorkState.WAITING, 0, None)
    assert claim()


def test_what_is_under_way_is_left_alone(delivery):
    held = claim()
    outbox.again_now(delivery, at=NOW)
    assert not outbox.call_off(delivery, at=NOW)
    assert outbox.finished(held, at=NOW)


def test_what_has_not_begun_can_be_called_off(delivery):
    assert outbox.call_off(delivery, at=NOW)
    assert claim() is None


# Nothing stops the rest


def test_what_nobody_foresaw_is_tried_later_and_the_rest_goes_on(delivery, monkeypatch):
    other, sent = make_delivery(), []

    def fail_at_the_first(each, *, at):
        if each.pk == delivery.pk:
            raise RuntimeError("nobody foresaw this")
        sent.append(each.pk)
        outbox.finished(each, at=at)

    monkeypatch.setattr(work, "deliver", fail_at_the_first)
    assert work.run_due() == 2
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (WorkState.WAITING, "RuntimeError: nobody foresaw this")
    assert sent == [other.pk]


def test_network_that_nobody_can_read_stops_nothing(delivery, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ALLOWED_NETWORKS": ["10.0.0.1/8"]}
    Delivery.objects.update(kind="ConfirmationRequest")
    work.run_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (WorkState.WAITING, 1)


def test_orders_go_before_documents(db, monkeypatch):
    order = make_order(connect("acme", mode=Mode.PRODUCTION))
    done = []
    monkeypatch.setattr(work, "hand_over", lambda each, *, adapter, at: _note(done, each, at))

    def slow(each, *, at):
        if "order" not in done:
            queue_hand_over(order, at=NOW)  # it comes in while a buyer's system is slow
        _note(done, each, at)

    monkeypatch.setattr(work, "deliver", slow)
    make_delivery(), make_delivery()
    assert work.run_due() == 3
    assert done == ["document", "order", "document"]


def _note(done: list, each: object, at: object) -> None:
    done.append("order" if isinstance(each, HandOver) else "document")
    outbox.finished(each, at=at)


def test_at_most_so_many_at_a_time(delivery, monkeypatch):
    make_delivery(), make_delivery()
    monkeypatch.setattr(work, "deliver", lambda each, *, at: outbox.finished(each, at=at))
    assert (work.run_due(most=2), work.run_due(most=2)) == (2, 1)


def test_client_that_was_switched_off_hears_nothing_more(db, monkeypatch):
    monkeypatch.setattr(deliver, "post", lambda *_a, **_k: pytest.fail("it was called"))
    client = ErpClient.objects.create(name="ERP", mode=Mode.PRODUCTION, token_hash="x", is_active=False)
    delivery = make_delivery(client=client)
    work.run_due()
    delivery.refresh_from_db()
    assert delivery.state == WorkState.STOPPED


def test_queue_that_is_away_harms_nothing(settings, monkeypatch, db, django_capture_on_commit_callbacks):
    from django.db import connection

    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "TASK_BACKEND": "default"}
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks():
        outbox.enqueue(make_delivery())
        assert [robust for _sids, _call, robust in connection.run_on_commit] == [True]


# The command


def test_command_says_how_many(delivery, monkeypatch, capsys):
    monkeypatch.setattr(work, "deliver", lambda each, *, at: outbox.finished(each, at=at))
    call_command("punchout_deliver")
    assert capsys.readouterr().out == "1 done.\n"


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_command_waits_for_a_database_that_is_away(monkeypatch, error):
    looks = []

    def run_due(*, most, should_stop):
        looks.append(most)
        if len(looks) == 1:
            raise error
        signal.raise_signal(signal.SIGTERM)
        assert should_stop()
        return 0

    monkeypatch.setattr(punchout_deliver, "run_due", run_due)
    monkeypatch.setattr(punchout_deliver, "close_old_connections", lambda: None)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("punchout_deliver", "--forever", "--pause", "0.01", "--batch", "7")
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert looks == [7, 7]


# Real processes

WORKER = """
import os, sys, django
django.setup()
from django.db import Error
from django.utils import timezone
from wagtail_punchout.flows import outbox
from wagtail_punchout.models import Delivery
print("ready", flush=True)
sys.stdin.readline()
misses = 0
while misses < 20:
    try:
        work = outbox.claim(Delivery.objects.all(), at=timezone.now())
        if work is None:
            break
        print(work.pk, flush=True)
        while True:
            try:
                outbox.finished(work, at=timezone.now())
                break
            except Error:
                pass
    except Error:
        misses += 1
"""


def at_once(database_url: str, *, rows: int, workers: int) -> list[int]:
    """The rows that workers, let go at the same moment, have taken; a row that was taken twice is in it twice."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "demo_site.settings", "DATABASE_URL": database_url}
    prepare = (
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from wagtail_punchout.models import Delivery\n"
        f"Delivery.objects.bulk_create(Delivery(kind='webhook', url='x', body='') for _ in range({rows}))"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", prepare], env=environment, cwd=root, check=True)  # noqa: S603
    running = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WORKER], env=environment, cwd=root, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(workers)
    ]  # fmt: skip
    try:
        for each in running:
            assert each.stdout.readline() == "ready\n"
        for each in running:
            each.stdin.write("go\n")
            each.stdin.flush()
        return [int(line) for each in running for line in each.communicate(timeout=120)[0].split()]
    finally:
        for each in running:
            each.kill()


@pytest.mark.concurrency
def test_no_work_is_done_twice_on_sqlite(tmp_path):
    taken = at_once(f"sqlite:///{tmp_path / 'outbox.sqlite3'}", rows=200, workers=3)
    assert (len(taken), len(set(taken))) == (200, 200)


@pytest.mark.concurrency
def test_no_work_is_done_twice_on_postgresql():
    from tests.demo import temporary_postgres_database

    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL server")
    with temporary_postgres_database(server) as url:
        taken = at_once(url, rows=300, workers=3)
    assert (len(taken), len(set(taken))) == (300, 300)
