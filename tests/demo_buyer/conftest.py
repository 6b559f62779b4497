"""The simulated buyer is a Django project of its own, so its tests need a run of their own:

pytest --ds demo_site.buyer.settings tests/demo_buyer
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

SETTINGS = "demo_site.buyer.settings"
HERE = Path(__file__).parent


def is_our_run() -> bool:
    return os.environ.get("DJANGO_SETTINGS_MODULE") == SETTINGS


class NeedsItsOwnRun(pytest.File):
    """Stands for a file that cannot be imported under the shop's settings, and says so in the report."""

    def collect(self):
        yield NotHere.from_parent(self, name="all")


class NotHere(pytest.Item):
    def runtest(self) -> None:
        pytest.skip(f"needs its own run: pytest --ds {SETTINGS} tests/demo_buyer")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector):
    if not is_our_run() and module_path.parent == HERE:
        return NeedsItsOwnRun.from_parent(parent, path=module_path)
    return None


class CannedShop:
    """A supplier's server: answers everything with the same and keeps what it was sent, of a GET the address."""

    def __init__(self) -> None:
        self.answer = ""
        self.status = 200
        self.content_type = "text/xml; charset=UTF-8"
        self.location = ""  # where whoever comes with a query is sent on to
        self.received: list[str] = []
        self.url = ""

    @property
    def last(self) -> str:
        return self.received[-1]


def as_form(fields: Sequence[tuple[str, str]]) -> str:
    """The page in which a shop tells what it found."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields)
    return f'<!DOCTYPE html><title>Hits</title><form method="post" data-test="home">{inputs}</form>'


@pytest.fixture
def shop():
    canned = CannedShop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def do_GET(self):
            self.answer(self.path)

        def answer(self, received):
            canned.received.append(received)
            if canned.location and "?" in received:
                self.send_response(303)
                self.send_header("Location", canned.location)
                self.end_headers()
                return
            self.send_response(canned.status)
            self.send_header("Content-Type", canned.content_type)
            self.end_headers()
            self.wfile.write(canned.answer.encode(canned.content_type.partition("charset=")[2]))

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    canned.url = f"http://127.0.0.1:{server.server_port}/cxml/"
    yield canned
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def supplier(db, shop):
    from demo_site.buyer.models import Connection
    from tests.testing.canned import a_start_page

    shop.answer = a_start_page("https://shop.example/start/abc/")
    return Connection.objects.create(
        company="ACME",
        name="Buying",
        supplier="Nordlicht",
        mode="test",
        sender_identity="punchout@shop.example",
        secret="s3cret & <more>",
        from_identity="114729",
        to_identity="nordlicht",
        setup_url=shop.url,
    )


@pytest.fixture
def draft(supplier):
    from demo_site.buyer.models import Requisition

    return Requisition.objects.create(connection=supplier)
