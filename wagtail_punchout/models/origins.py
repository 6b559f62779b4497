"""Origins (scheme, host, port) as people type them and as headers need them."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Underscores are no part of a host name by the book; real return URLs have them, and browsers go there.
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:[0-9]{1,5})?", re.ASCII)
_URL = re.compile(
    r"(https?://[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[0-9]{1,5})?)([/?#][\x21-\x5b\x5d-\x7e]*)?", re.ASCII
)
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}
MAX_URL = 2048


def origin_of(url: str) -> str | None:
    """The origin of an absolute http(s) URL, or ``None`` when browsers and Python might read its host differently.

    Python's URL parser and Chromium disagree about backslashes, user names, blanks and encoded hosts, so all of those
    are refused rather than interpreted.
    """
    match = _URL.fullmatch(url) if len(url) <= MAX_URL else None
    return _without_default_port(match[1].lower()) if match else None


def read_origins(text: str) -> list[str]:
    """The origins in a text field, one a line."""
    return [_without_default_port(line.strip().rstrip("/").lower()) for line in text.splitlines() if line.strip()]


def validate_origins(text: str) -> None:
    """Refuse lines that are no plain origin; they end up in a header and in a security check."""
    for origin in read_origins(text):
        if not _ORIGIN.fullmatch(origin):
            raise ValidationError(
                _("“%(origin)s” is not an address like https://buyer.example.com (without a path)."),
                params={"origin": origin[:100]},
            )


def _without_default_port(origin: str) -> str:
    return origin.removesuffix(_DEFAULT_PORTS[origin.partition("://")[0]]) if "://" in origin else origin
