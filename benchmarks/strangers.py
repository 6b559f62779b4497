"""Strangers: a flood of calls in vain, and what a known buyer and the database notice of it.

Strangers come from thousands of addresses, some of them ever again, nearly all under a new name. They call one after
the other as fast as they are answered, while a buyer calls every now and then.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.databases import NotMeasured, postgresql
from benchmarks.documents import SENDER, setup_request
from benchmarks.figures import Goal, print_table
from benchmarks.server import HEADERS, ROOT, Site, environment, serve
from wagtail_punchout.conf import Conf

PATH = "/punchout/cxml/"
MOST_TIMES = 2.0
#: A buyer that calls ever faster would be a flood of its own.
PAUSE_SECONDS = 0.1
#: What a flood of any length may add: some hundred documents of 20 kB, and as many rows.
MOST_MEGABYTES = 16
ADDRESSES = 5000


def run(*, count: int, quiet: int) -> list[Goal]:
    """Measure, print, and say which goals are met."""
    print(f"\n{count} calls of strangers, and a buyer that calls meanwhile")
    rows, goals = [], []
    for name, open_database in (("SQLite", _sqlite), ("PostgreSQL", postgresql)):
        try:
            with open_database() as url, serve(name, url, BENCH_PROXIES="1") as site:
                figures = _measure(site, url, count=count, quiet=quiet)
        except NotMeasured as reason:
            goals.append(Goal(_promise(name), str(reason), None))
            continue
        rows.append((name, *figures.pop("row")))
        goals += [Goal(f"{promise}, on {name}", *found) for promise, found in figures.items()]
    print_table(HEAD, rows)
    return goals


HEAD = (
    "database", "quiet, ms", "in the flood, ms", "times", "strangers/s", "first contacts", "counted", "documents",
    "added, MB",
)  # fmt: skip


def _promise(name: str) -> str:
    return f"a known buyer during a flood, at most {MOST_TIMES} times of quiet, on {name}"


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory(prefix="bench-strangers-") as folder:
        yield f"sqlite:///{folder}/bench.sqlite3?conn_max_age=60"


def _measure(site: Site, url: str, *, count: int, quiet: int) -> dict[str, Any]:
    _call_known(site, "Warm", lambda done: done >= 10)
    before = _kept(url)
    calm = _call_known(site, "Quiet", lambda done: done >= quiet)
    between = _kept(url)
    fork = get_context("fork")
    flood = fork.Process(target=_flood, args=(site.port, count))
    start = time.perf_counter()
    flood.start()
    busy = _call_known(site, "Busy", lambda done: not flood.is_alive())
    flood.join()
    seconds = time.perf_counter() - start
    if flood.exitcode:
        raise RuntimeError("a stranger was not refused")
    after = _kept(url)
    times = median(busy) / median(calm)
    # The known buyer's own visits are not the strangers' doing: what one of them takes is known from the quiet time.
    visits = (between["bytes"] - before["bytes"]) / len(calm) * len(busy)
    added = max(0, after["bytes"] - between["bytes"] - visits) / 2**20
    most_documents = Conf.FAILURES_KEPT_PER_HOUR * (int(seconds // 3600) + 2)
    return {
        f"a known buyer during a flood, at most {MOST_TIMES} times of quiet": (f"{times:.2f}", times <= MOST_TIMES),
        f"first contacts, at most {Conf.FIRST_CONTACTS_KEPT}": (
            str(after["contacts"]),
            after["contacts"] <= Conf.FIRST_CONTACTS_KEPT,
        ),
        f"documents of strangers, at most {most_documents}": (
            str(after["documents"]),
            after["documents"] <= most_documents,
        ),
        f"added to the database, at most {MOST_MEGABYTES} MB": (f"{added:.1f} MB", added <= MOST_MEGABYTES),
        "row": (
            f"{median(calm) * 1000:.1f}",
            f"{median(busy) * 1000:.1f} ({len(busy)} calls)",
            f"{times:.2f}",
            f"{count / seconds:.0f}",
            str(after["contacts"]),
            str(after["counted"]),
            str(after["documents"]),
            f"{added:.1f}",
        ),
    }


def _call_known(site: Site, name: str, is_done: Callable[[int], bool]) -> list[float]:
    """Seconds of each call of the known buyer. It must always be let in."""
    found: list[float] = []
    while not is_done(len(found)):
        document = setup_request(name, len(found))
        start = time.perf_counter()
        answer = _post(site.port, document, "198.51.100.1")
        found.append(time.perf_counter() - start)
        if b"<StartPage>" not in answer:
            raise RuntimeError(f"the known buyer was answered {answer[:500]!r}")
        time.sleep(PAUSE_SECONDS)
    return found


def _flood(port: int, count: int) -> None:
    random = Random(7)
    for number in range(count):
        name = f"junk-{number if random.random() < 0.9 else number % 100}@stranger.example"
        document = setup_request("Junk", number).replace(SENDER.encode(), name.encode())
        host = random.randrange(ADDRESSES) if random.random() < 0.7 else 0
        answer = _post(port, document, f"203.0.{host // 250}.{host % 250}")
        if b'code="401"' not in answer and b'code="560"' not in answer:
            sys.exit(1)


def _post(port: int, document: bytes, address: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", PATH, document, {**HEADERS, "X-Forwarded-For": address})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def _kept(url: str) -> dict[str, int]:
    command = [sys.executable, "-m", "benchmarks.kept"]
    done = subprocess.run(command, cwd=Path(ROOT), env=environment(url), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
