"""The one way out: documents go by HTTP to addresses that people have typed.

Whoever can type an address could make this server call its own neighbours. So a name is looked up once, that very
address is called, and addresses inside private networks are refused unless somebody has named the network. No redirect
is followed, no proxy of the environment is used, and neither a slow nor an endless answer is waited for.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress, get_ip_address

from wagtail_punchout.conf import conf
from wagtail_punchout.models.networks import read_networks

#: For the whole call, from looking up the name to the last byte.
DEADLINE_SECONDS = 30
#: For each step of it.
STEP_SECONDS = (5, 20)
MOST_ANSWER_BYTES = 1024 * 1024
USER_AGENT = "wagtail_punchout"
#: Of IPv6, only this is the internet; the rest is local, retired, or IPv4 under another name.
INTERNET_6 = ipaddress.IPv6Network("2000::/3")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CannotReach(Exception):
    """Nobody answered, or nobody who may be called. ``is_forbidden``: trying again is no use."""

    def __init__(self, sentence: str, *, is_forbidden: bool = False) -> None:
        super().__init__(sentence)
        self.is_forbidden = is_forbidden


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    retry_after: int | None = None


def post(url: str, body: bytes, headers: Mapping[str, str], *, private_networks: str = "") -> Reply:
    """Post ``body``. Raises ``CannotReach`` with a sentence for staff."""
    allowed = [*read_networks(private_networks), *read_networks("\n".join(conf().ALLOWED_NETWORKS))]
    scheme, host, port = _parts(url)

    def call() -> Reply:
        address, is_named = _address(host, port, allowed)
        if scheme == "http" and not is_named:
            raise CannotReach("Only https is called outside the networks that are named.", is_forbidden=True)
        return _post(url, body, headers, address=address)

    return _within_deadline(call)


def _parts(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        raise CannotReach("The address cannot be read, or has no port that can be called.", is_forbidden=True) from None
    if scheme not in ("http", "https") or not host or parts.username is not None:
        raise CannotReach("The address is not one of the form https://host/path.", is_forbidden=True)
    return scheme, host, port or (443 if scheme == "https" else 80)


def _address(host: str, port: int, allowed: Iterable[Network]) -> tuple[str, bool]:
    """The address to call, and whether it lies in a network that somebody has named."""
    try:
        found, _port = get_ip_address(host, port, allow_loopback=False)
        is_private = found.version == 6 and found not in INTERNET_6
    except InvalidIPAddress as refusal:
        found, is_private = refusal.args[0], True
    except (socket.gaierror, UnicodeError, ValueError):
        raise CannotReach("The host of the address is not known.") from None
    is_named = any(found.version == each.version and found in each for each in allowed)
    if is_private and not is_named:
        raise CannotReach(
            "The address leads into a private network that nobody has named as one to be called.", is_forbidden=True
        )
    return (f"[{found}]" if found.version == 6 else str(found)), is_named


def _within_deadline(call: Callable[[], Reply]) -> Reply:
    """An answer that drips in byte by byte keeps within every single timeout: only a second thread gives up on it."""
    outcome: list[Reply | Exception] = []

    def run() -> None:
        try:
            outcome.append(call())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True, name="punchout-outbound")
    thread.start()
    thread.join(DEADLINE_SECONDS)
    if not outcome:
        raise CannotReach(f"There was no whole answer within {DEADLINE_SECONDS} seconds.")
    found = outcome[0]
    if isinstance(found, Reply):
        return found
    if isinstance(found, CannotReach):
        raise found
    if isinstance(found, requests.exceptions.SSLError):
        raise CannotReach("The certificate of the address cannot be trusted.") from found
    if isinstance(found, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        raise CannotReach("The address does not answer in time.") from found
    if isinstance(found, requests.exceptions.RequestException | urllib3.exceptions.HTTPError | OSError):
        raise CannotReach("No connection could be made, or it broke off.") from found
    raise found


def _post(url: str, body: bytes, headers: Mapping[str, str], *, address: str) -> Reply:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _Pinned(address))
        session.mount("https://", _Pinned(address))
        with session.post(
            url,
            data=body,
            headers={"User-Agent": USER_AGENT, **headers},
            timeout=STEP_SECONDS,
            allow_redirects=False,
            stream=True,
        ) as response:
            return Reply(response.status_code, _read(response), _seconds(response.headers.get("Retry-After", "")))


def _read(response: requests.Response) -> bytes:
    """What there is, as it comes: nobody waits for the rest of an answer that was given up."""
    found, last = bytearray(), time.monotonic() + DEADLINE_SECONDS
    while chunk := response.raw.read1(64 * 1024, decode_content=True):
        found += chunk
        if len(found) > MOST_ANSWER_BYTES:
            raise CannotReach(f"The answer is longer than {MOST_ANSWER_BYTES} bytes.")
        if time.monotonic() > last:
            raise CannotReach(f"There was no whole answer within {DEADLINE_SECONDS} seconds.")
    return bytes(found)


def _seconds(text: str) -> int | None:
    """Retry-After is a number of seconds or a date (RFC 9110)."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 8:
        seconds = int(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        seconds = int((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return min(seconds, 24 * 3600) if seconds > 0 else None


class _Pinned(HTTPAdapter):
    """Calls the address that was checked, whatever the name would lead to by now; certificates are for the name."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        if host["scheme"] == "https":
            pool = {**pool, "assert_hostname": name, "server_hostname": name}
        shown = f"[{name}]" if ":" in name else name
        request.headers["Host"] = f"{shown}:{host['port']}" if host["port"] else shown
        return {**host, "host": self.address}, pool
