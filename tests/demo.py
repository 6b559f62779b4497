"""The demo, really started: both sites in processes of their own, with data in a folder of their own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wagtail_punchout.testing.buyer import FakeBuyer, RequestsTransport
from wagtail_punchout.testing.documents import BuyerSettings

REPOSITORY = Path(__file__).parents[1]
PATIENCE = 240  # seconds, on a busy machine


@dataclass(frozen=True)
class Demo:
    """``description`` is the content of ``demo.json``."""

    description: dict[str, Any]
    log: Path

    @property
    def shop(self) -> str:
        return self.description["shop"]

    @property
    def buyer(self) -> str:
        return self.description["buyer"]

    def customer(self, company: str = "Hansen Maschinenbau AG", mode: str = "test") -> dict[str, Any]:
        return next(
            each for each in self.description["customers"] if each["company"] == company and each["mode"] == mode
        )

    def fake_buyer(self, company: str = "Hansen Maschinenbau AG", mode: str = "test", **facts: Any) -> FakeBuyer:
        known = self.customer(company, mode)
        names = BuyerSettings.__dataclass_fields__
        return FakeBuyer(BuyerSettings(**{key: known[key] for key in names}), RequestsTransport(), **facts)


@contextmanager
def running_demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """Start ``python -m demo_site`` on free ports, wait until both sites answer, and end it."""
    port, buyer_port = _free_ports(2)
    log = folder / "demo.log"
    settings = {"DEMO_VAR": str(folder), "PORT": str(port), "BUYER_PORT": str(buyer_port), **environment}
    # Nor a cache shared with another demo: it would remember the other one's pictures.
    own = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    inherited = {key: value for key, value in os.environ.items() if key not in own}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo_site"],
            cwd=REPOSITORY,
            env={**inherited, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_up(process, [f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{buyer_port}/"], log)
        yield Demo(json.loads((folder / "demo.json").read_text(encoding="utf-8")), log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_until_up(process: subprocess.Popen[bytes], urls: list[str], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The demo ended at once:\n{log.read_text()[-3000:]}")
        try:
            for url in urls:
                urllib.request.urlopen(url, timeout=10).close()  # noqa: S310
            return
        except urllib.error.HTTPError as answer:
            raise RuntimeError(f"The demo answers {answer}:\n{log.read_text()[-3000:]}") from answer
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"The demo did not answer within {PATIENCE} s:\n{log.read_text()[-3000:]}")


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def temporary_postgres_database(server_url: str) -> Iterator[str]:
    """A fresh database on the server at ``server_url``; dropped afterwards."""
    import psycopg

    name = f"punchout_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server_url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
