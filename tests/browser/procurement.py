"""A procurement system of a few pages, for what only a browser shows: frames, windows, the bytes of a posted form."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_to_bytes

FRAME = "catalog"


@dataclass
class Arrived:
    """One request to the hook: its method, its whole query and the bytes of its body."""

    method: str
    query: str
    body: bytes

    def fields(self, charset: str) -> dict[str, str]:
        raw = self.query.encode() if self.method == "GET" else self.body
        return {
            unquote_to_bytes(name).decode(charset): unquote_to_bytes(value).decode(charset)
            for name, _sign, value in (part.replace(b"+", b" ").partition(b"=") for part in raw.split(b"&"))
        }


@dataclass
class Procurement:
    """``url`` is where it runs. Its pages are asked for by :meth:`page`, which say how to open the shop."""

    url: str
    arrived: list[Arrived] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def hook(self) -> str:
        return f"{self.url}/hook?sap-client=100&id=27"

    def page(self, shop: str, parameters: dict[str, str], *, method: str = "post", framed: bool = False) -> str:
        """The address of a page with a button that makes this call, into a frame of it or instead of it."""
        inputs = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in parameters.items()
        )
        target = FRAME if framed else "_self"
        frame = (
            f'<iframe name="{FRAME}" title="Shop" width="1200" height="800" src="/blank"></iframe>' if framed else ""
        )
        form = f'<form method="{method}" action="{escape(shop)}" target="{target}">{inputs}<button>Open</button></form>'
        path = f"/page/{len(self.pages)}"
        self.pages[path] = f"<!doctype html><title>Procurement</title>{form}{frame}"
        return self.url + path


@contextmanager
def procurement() -> Iterator[Procurement]:
    """It runs on 127.0.0.1, which is another site than localhost, in a thread of the test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, method: str, body: bytes) -> None:
            path, _mark, query = self.path.partition("?")
            if path == "/hook":
                system.arrived.append(Arrived(method, query, body))
            html = (
                "<!doctype html><title>Arrived</title><h1>Arrived</h1>" if path == "/hook" else system.pages.get(path)
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((html or "<!doctype html><title>Nothing</title>").encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system = Procurement(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
