"""Straight into the very process that serves the shop: a test of a connection needs no network and no second server.

Django's own test client is no help here. It turns switches that other threads of a live server use: signals that close
database connections, and whose exceptions are raised where.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import got_request_exception
from django.urls import get_script_prefix, get_urlconf, set_urlconf
from django.utils import timezone, translation

from wagtail_punchout.testing.browsing import HTML, Page, encode_form

FORM = "application/x-www-form-urlencoded"
HERE = "127.0.0.1"


class InProcessTransport:
    """A browser with a cookie jar of its own, and a server without one. CSRF is checked as in real life.

    ``crash`` says what broke when the shop answers with an error of its own.
    """

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._cookies = SimpleCookie()
        self.crash = ""

    def get(self, url: str) -> Page:
        return self._send("GET", url, HTML, cookies=self._cookies)

    def fetch(self, url: str) -> Page:
        return self._send("GET", url, {})

    def post(
        self,
        url: str,
        *,
        data: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        if body is not None:
            return self._send("POST", url, headers or {}, body)
        sent = {"Content-Type": FORM, **HTML, **(headers or {})}
        return self._send("POST", url, sent, encode_form(data).encode(), cookies=self._cookies)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", cookies: SimpleCookie | None = None
    ) -> Page:
        environ = _environ(method, url, {"User-Agent": self._user_agent, **headers}, body)
        if cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{each.key}={each.coded_value}" for each in cookies.values())
        request = WSGIRequest(environ)
        self.crash = ""
        with _set_apart(), self._crashes_of(request):
            response = _handler(tuple(settings.MIDDLEWARE)).get_response(request)
            # Not closed: that would tell Django that the request around it is over, and it would close its connections.
            content = b"".join(response) if response.streaming else response.content
        told = {name.lower(): value for name, value in response.items()}
        if response.cookies:
            told["set-cookie"] = response.cookies.output(header="", sep=",").strip()
        if cookies is not None:
            _keep(cookies, response.cookies)
        return Page(url, response.status_code, told, content)

    @contextmanager
    def _crashes_of(self, request: WSGIRequest) -> Iterator[None]:
        def note(request: Any = None, **kwargs: Any) -> None:
            if request is ours:
                self.crash = _last_words()

        ours = request
        got_request_exception.connect(note, weak=False)
        try:
            yield
        finally:
            got_request_exception.disconnect(note)


@lru_cache(maxsize=1)
def _handler(middleware: tuple[str, ...]) -> BaseHandler:
    """Made once: some middleware looks through all static files when it is."""
    handler = BaseHandler()
    handler.load_middleware()
    return handler


@contextmanager
def _set_apart() -> Iterator[None]:
    """What a request leaves behind in its thread must not be found by the one that it is made in."""
    urlconf = get_urlconf()
    with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
        try:
            yield
        finally:
            set_urlconf(urlconf)


def _environ(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    parts = urlsplit(url)
    script = get_script_prefix().rstrip("/")
    path = unquote_to_bytes(parts.path or "/").decode("latin-1").removeprefix(script)
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    kind = given.pop("HTTP_CONTENT_TYPE", "")
    return {
        **given,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": script,
        "PATH_INFO": path or "/",
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": HERE,
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _keep(jar: SimpleCookie, fresh: SimpleCookie) -> None:
    for name, morsel in fresh.items():
        if str(morsel["max-age"]) == "0":
            jar.pop(name, None)
        else:
            jar[name] = morsel.value


def _last_words() -> str:
    """The exception that is being handled, and where it was raised."""
    error = sys.exc_info()[1]
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
