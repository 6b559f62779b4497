"""Documents on their way out, to a real little server on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.flows import outbound, outbox
from wagtail_punchout.flows.answer_order import confirm_order, notify_shipment
from wagtail_punchout.flows.deliver import deliverable
from wagtail_punchout.flows.outbound import CannotReach, post
from wagtail_punchout.flows.work import run_due, run_one
from wagtail_punchout.models import Delivery, DeliveryAttempt, Exchange, Mode
from wagtail_punchout.models.outbox import WorkState

OK = b'<cXML payloadID="1" timestamp="x"><Response><Status code="%d" text="t">said</Status></Response></cXML>'


class Buyer:
    """Answers as it is told, and remembers what was posted."""

    def __init__(self) -> None:
        self.answers: list = []
        self.posted: list[tuple[dict, bytes]] = []

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        self.posted.append((dict(handler.headers), handler.rfile.read(int(handler.headers["Content-Length"]))))
        answer = self.answers.pop(0) if self.answers else (200, OK % 200)
        if callable(answer):
            answer(handler)
            return
        status, body, *headers = answer
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def serving(buyer: Buyer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            buyer.take(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/documents"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def buyer():
    return Buyer()


@pytest.fixture
def url(buyer):
    with serving(buyer) as address:
        yield address


LOOPBACK = "127.0.0.0/8"


@pytest.fixture
def walled(settings):
    """No network is allowed for the whole installation, as in the demo."""
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ALLOWED_NETWORKS": []}


# Where it may go


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "0", "[::ffff:127.0.0.1]", "10.0.0.1",
     "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[64:ff9b::7f00:1]", "224.0.0.1", "[::127.0.0.1]",
     "[::ffff:0:127.0.0.1]", "[2002:7f00:1::]", "[fe80::1]", "[fec0::1]", "[ff0e::1]", "[::]", "127.0.0.1."],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_leads_inside(walled, host, scheme):
    with pytest.raises(CannotReach) as refusal:
        post(f"{scheme}://{host}/", b"", {})
    assert refusal.value.is_forbidden or "not known" in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://buyer.example/",
        "file:///etc/passwd",
        "https://user@buyer.example/",
        "x",
        "http://:80/",
        "https://[::1/",
        "https://buyer.example:99999/",
        "https://a.example\\@b.example/",
    ],
)
def test_other_addresses_are_not_called(walled, url):
    with pytest.raises(CannotReach) as refusal:
        post(url, b"", {})
    assert refusal.value.is_forbidden


def test_plain_http_goes_only_to_named_networks(walled, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 80))])
    with pytest.raises(CannotReach, match="Only https"):
        post("http://buyer.example/", b"", {})


def test_network_that_is_named_is_called(walled, buyer, url):
    assert post(url, b"hello", {}, private_networks=LOOPBACK).status == 200
    assert buyer.posted[0][1] == b"hello"


def test_name_is_looked_up_once(walled, buyer, url, monkeypatch):
    """A name that leads to a good address first and to another one a moment later."""
    asked, really = [], socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        if host != "buyer.example":
            return really(host, port, *args, **kwargs)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.9.9.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = url.split(":")[2].split("/")[0]
    assert post(f"http://buyer.example:{port}/documents", b"x", {}, private_networks=LOOPBACK).status == 200
    assert buyer.posted[0][0]["Host"] == f"buyer.example:{port}"
    assert asked == ["buyer.example"]


def test_redirect_is_not_followed(buyer, url):
    buyer.answers = [(302, b"", ("Location", "http://127.0.0.1:1/"))]
    assert post(url, b"x", {}, private_networks=LOOPBACK).status == 302
    assert len(buyer.posted) == 1


def test_endless_answer_is_not_read(buyer, url):
    buyer.answers = [(200, b"x" * (outbound.MOST_ANSWER_BYTES + 10))]
    with pytest.raises(CannotReach, match="longer than"):
        post(url, b"x", {}, private_networks=LOOPBACK)


def test_dripping_answer_is_not_waited_for(buyer, url, monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE_SECONDS", 0.5)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(50):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    buyer.answers = [drip]
    with pytest.raises(CannotReach, match="no whole answer"):
        post(url, b"x", {}, private_networks=LOOPBACK)


def test_answer_that_breaks_off_is_no_answer(buyer, url):
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "500")
        handler.end_headers()
        handler.wfile.write(b"<cXML")

    buyer.answers = [break_off]
    with pytest.raises(CannotReach, match="broke off"):
        post(url, b"x", {}, private_networks=LOOPBACK)


def test_nobody_goes_on_reading_what_was_given_up(buyer, url, monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE_SECONDS", 0.3)
    gone = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(2000):
            try:
                handler.wfile.write(b"x")
            except OSError:
                gone.set()
                return
            time.sleep(0.05)

    buyer.answers = [drip]
    with pytest.raises(CannotReach, match="no whole answer"):
        post(url, b"x", {}, private_networks=LOOPBACK)
    assert gone.wait(60)


def test_name_that_is_looked_up_for_ever_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: time.sleep(3))
    with pytest.raises(CannotReach, match="no whole answer"):
        post("https://buyer.example/", b"", {})


def test_proxy_of_the_environment_is_not_used(buyer, url, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert post(url, b"x", {}, private_networks=LOOPBACK).status == 200


# How it fares


@pytest.fixture
def connection(db, url):
    return connect("acme", mode=Mode.PRODUCTION, documents_url=url, private_networks=LOOPBACK)


@pytest.fixture
def delivery(connection):
    return confirm_order(make_order(connection), at=timezone.now())


def deliver(delivery: Delivery) -> Delivery:
    run_due()
    delivery.refresh_from_db()
    return delivery


def test_document_arrives_with_the_secret_in_it(buyer, delivery, connection):
    assert deliver(delivery).state == WorkState.DONE
    headers, body = buyer.posted[0]
    assert f"<SharedSecret>{connection.secret}</SharedSecret>".encode() in body
    assert headers["Content-Type"] == "text/xml; charset=UTF-8"


def test_what_is_kept_has_no_secret(delivery, connection):
    deliver(delivery)
    kept = f"{Delivery.objects.values()} {DeliveryAttempt.objects.values()} {Exchange.objects.values()}"
    assert connection.secret not in kept
    assert Exchange.objects.get().order == delivery.order


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, OK % 200), WorkState.DONE),
        ((200, OK % 201), WorkState.DONE),
        ((200, OK % 400), WorkState.FAILED),
        ((200, OK % 401), WorkState.FAILED),
        ((200, OK % 500), WorkState.WAITING),
        ((200, OK % 560), WorkState.WAITING),
        ((200, b"<html>fine</html>"), WorkState.WAITING),
        ((200, b""), WorkState.WAITING),
        ((404, b"nothing here"), WorkState.FAILED),
        ((429, b"slower"), WorkState.WAITING),
        ((503, b"later"), WorkState.WAITING),
        ((302, b""), WorkState.WAITING),
    ],
)
def test_each_answer_has_its_consequence(buyer, delivery, answer, state):
    buyer.answers = [answer]
    assert deliver(delivery).state == state
    assert delivery.attempt_log.count() == 1


def test_buyer_says_when_to_come_again(buyer, delivery):
    buyer.answers = [(429, b"", ("Retry-After", "7200"))]
    assert deliver(delivery).due_at > timezone.now() + timedelta(minutes=110)


def test_buyer_may_say_so_by_a_date(buyer, delivery):
    buyer.answers = [(503, b"", ("Retry-After", format_datetime(timezone.now() + timedelta(hours=3))))]
    assert deliver(delivery).due_at > timezone.now() + timedelta(minutes=170)


@pytest.mark.parametrize("said", ["soon", "-5", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 50, ""])
def test_other_times_to_come_again_are_ours(buyer, delivery, said):
    buyer.answers = [(503, b"", ("Retry-After", said))]
    assert timezone.now() < deliver(delivery).due_at < timezone.now() + timedelta(minutes=2)


def test_repeated_document_is_the_same_to_the_byte(buyer, delivery):
    buyer.answers = [(503, b"")]
    deliver(delivery)
    outbox.again_now(delivery, at=timezone.now())
    assert deliver(delivery).state == WorkState.DONE
    assert buyer.posted[0][1] == buyer.posted[1][1]


def test_it_is_given_up_after_some_days(buyer, delivery):
    Delivery.objects.update(attempts=len(outbox.BACKOFF))
    buyer.answers = [(503, b"")]
    assert deliver(delivery).state == WorkState.FAILED


def test_address_inside_is_given_up_at_once(walled, connection):
    connection.link.private_networks = ""
    connection.link.save()
    delivery = deliver(confirm_order(make_order(connection), at=timezone.now()))
    assert (delivery.state, "private network" in delivery.last_error) == (WorkState.FAILED, True)


def test_ship_notice_waits_for_its_confirmation(buyer, delivery):
    order = delivery.order
    notify_shipment(order, at=timezone.now())
    buyer.answers = [(503, b"")]
    run_due()
    assert [each.kind for each in deliverable()] == ["ConfirmationRequest"]
    Delivery.objects.filter(pk=delivery.pk).update(state=WorkState.FAILED)
    run_due()
    assert order.deliveries.get(kind="ShipNoticeRequest").state == WorkState.DONE


def test_address_that_always_fails_is_tried_rarely(buyer, delivery):
    for _ in range(10):
        DeliveryAttempt.objects.create(delivery=delivery, at=timezone.now(), http_status=503)
    deliver(delivery)
    assert buyer.posted == []
    assert delivery.due_at > timezone.now() + timedelta(minutes=10)


def test_somebody_may_want_it_tried_all_the_same(buyer, delivery):
    for _ in range(10):
        DeliveryAttempt.objects.create(delivery=delivery, at=timezone.now(), http_status=503)
    outbox.again_now(deliver(delivery), at=timezone.now())
    assert deliver(delivery).state == WorkState.DONE
    assert len(buyer.posted) == 1


def test_address_that_always_fails_is_probed_now_and_then(buyer, delivery):
    for _ in range(10):
        DeliveryAttempt.objects.create(delivery=delivery, at=timezone.now() - timedelta(minutes=16), http_status=503)
    assert deliver(delivery).state == WorkState.DONE


def test_secret_of_a_later_rotation_is_the_one_that_is_sent(buyer, delivery, connection):
    connection.credential.set_secret("a-newer-secret")
    connection.credential.save()
    deliver(delivery)
    assert b"a-newer-secret" in buyer.posted[0][1]


def test_two_workers_send_it_once(delivery):
    assert outbox.claim(Delivery.objects.all(), at=timezone.now()) is not None
    assert not run_one(Delivery)


# By a task queue


def test_task_queue_is_told_after_the_commit(settings, connection, django_capture_on_commit_callbacks):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "TASK_BACKEND": "default"}
    from django_tasks import default_task_backend

    with django_capture_on_commit_callbacks(execute=True):
        delivery = confirm_order(make_order(connection), at=timezone.now())
    [result] = default_task_backend.results
    assert result.args == ["delivery", delivery.pk]


def test_immediate_backend_does_it_at_once(settings, connection, django_capture_on_commit_callbacks):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "TASK_BACKEND": "default"}
    with django_capture_on_commit_callbacks(execute=True):
        delivery = confirm_order(make_order(connection), at=timezone.now())
    delivery.refresh_from_db()
    assert delivery.state == WorkState.DONE
