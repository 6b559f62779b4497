"""The simulated buyer is a Django project of its own, so its tests need a run of their own:

pytest --ds demo_site.buyer.settings tests/demo_buyer
"""

from __future__ import annotations

import os
import threading
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
    """A supplier's server: answers every document with the same one and keeps what it was sent."""

    def __init__(self) -> None:
        self.answer = ""
        self.status = 200
        self.received: list[str] = []
        self.url = ""

    @property
    def last(self) -> str:
        return self.received[-1]


@pytest.fixture
def shop():
    canned = CannedShop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            canned.received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(canned.status)
            self.send_header("Content-Type", "text/xml; charset=UTF-8")
            self.end_headers()
            self.wfile.write(canned.answer.encode())

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
