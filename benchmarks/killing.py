"""``python -m benchmarks.killing``: orders come in while everything that takes them in is killed, again and again.

Many connections post purchase orders, as buyers' systems do: what is not answered is sent again, byte for byte, and
some is sent twice at once. Meanwhile the web server and the worker die by signal 9 at random moments and are started
again.
In the end every order that was answered with Status 200 must be there once, and once in the shop.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

from benchmarks.databases import NotMeasured, free_port, postgresql
from benchmarks.documents import SECRET, SENDER
from benchmarks.server import HEADERS, ROOT, environment
from tests.order_documents import item_out, order_request

#: How long a buyer's system waits before it sends again, and how long all of this may take.
PAUSE, PATIENCE = 0.2, 300
#: Of a hundred orders, so many are sent by two connections at the same moment.
TWICE = 20


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was answered, and what was found afterwards."""

    acknowledged: int
    refused: list[str]
    kills: int
    orders: int
    numbers: int
    documents: int
    handed_over: int
    shop_orders: int
    shop_keys: int
    seconds: float

    @property
    def faults(self) -> list[str]:
        found = [f"an order was answered with {each}" for each in self.refused]
        for name in ("orders", "numbers", "documents", "handed_over", "shop_orders", "shop_keys"):
            if getattr(self, name) != self.acknowledged:
                found.append(f"{self.acknowledged} orders were acknowledged, but {name} are {getattr(self, name)}")
        return found


@dataclass
class Crew:
    """The processes that take orders in, and hand them on."""

    settings: dict[str, str]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0

    def start(self, name: str) -> None:
        options = ["--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "8", "--log-level", "critical"]
        commands = {
            "web": ["-m", "gunicorn", "demo_site.wsgi", *options, "--no-control-socket"],
            "worker": ["-m", "django", "punchout_deliver", "--forever", "--pause", "0.05"],
        }
        self.running[name] = subprocess.Popen(
            [sys.executable, *commands[name]], cwd=ROOT, env=self.settings, start_new_session=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """All of its processes at once, in the middle of whatever they do."""
        process = self.running[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1

    def stop(self) -> None:
        for process in self.running.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run(database_url: str, *, orders: int, connections: int, kills: int, seed: int = 0) -> Outcome:
    """Play it once on an empty database."""
    settings = {**environment(database_url), "BENCH_LEASE_SECONDS": "3"}
    subprocess.run([sys.executable, "-m", "benchmarks.prepare"], cwd=ROOT, env=settings, check=True)
    started, chance = time.monotonic(), random.Random(seed)
    with _crew(settings) as crew:
        answered: dict[int, str] = {}
        posts = [number for number in range(orders) for _time in range(2 if number % 100 < TWICE else 1)]
        killer = threading.Thread(target=_kill_now_and_then, args=(crew, kills, chance, answered, orders))
        killer.start()
        with ThreadPoolExecutor(connections) as pool:
            for number, answer in pool.map(lambda each: (each, _post_until_answered(crew.port, each)), posts):
                if answered.setdefault(number, answer) == "200":
                    answered[number] = answer
        killer.join()
        found = _wait_until_handed_over(settings, orders)
    acknowledged = [number for number, answer in answered.items() if answer == "200"]
    return Outcome(
        acknowledged=len(acknowledged),
        refused=[answer for answer in answered.values() if answer != "200"],
        kills=crew.kills,
        seconds=time.monotonic() - started,
        **found,
    )


@contextmanager
def _crew(settings: dict[str, str]) -> Iterator[Crew]:
    crew = Crew(settings, free_port())
    try:
        for name in ("web", "worker"):
            crew.start(name)
        yield crew
    finally:
        crew.stop()


def _kill_now_and_then(crew: Crew, kills: int, chance: random.Random, answered: dict[int, str], orders: int) -> None:
    """Spread over the orders, so that each kill meets some under way."""
    for kill in range(kills):
        deadline = time.monotonic() + PATIENCE
        while len(answered) < orders * (kill + 0.5) / (kills + 1) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.1)
        name = ("web", "worker")[kill % 2]
        crew.kill(name)
        crew.start(name)


def _post_until_answered(port: int, number: int) -> str:
    """The cXML Status; whatever else happens is a broken line, and the same bytes are sent again."""
    document = order_request(
        f"PO-{number:05d}",
        lines=[item_out(1, "NL-10100", str(number + 1), "3.89"), item_out(2, "NL-30110", "100", "0.05")],
        sender=SENDER,
        secret=SECRET,
    ).encode()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", "/punchout/cxml/", document, HEADERS)
            answer = connection.getresponse().read().decode()
            if 'code="' in answer:
                code = answer.partition('code="')[2][:3]
                # 5xx: to be sent again (guide p. 34).
                if not code.startswith("5"):
                    return code
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(PAUSE)
    return "no answer"


def _wait_until_handed_over(settings: dict[str, str], orders: int) -> dict[str, int]:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = _found(settings)
        if found["handed_over"] >= orders or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def _found(settings: dict[str, str]) -> dict[str, int]:
    """What is in the database, asked in a process of its own."""
    counted = subprocess.run(
        [sys.executable, "-m", "benchmarks.counting"], cwd=ROOT, env=settings, check=True, capture_output=True
    )
    found: dict[str, int] = json.loads(counted.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killing", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10)
    given = parser.parse_args()
    facts = {"orders": given.orders, "connections": given.connections, "kills": given.kills}
    failed = False
    if given.database in ("sqlite", "both"):
        with TemporaryDirectory(prefix="killing-sqlite-") as folder:
            failed |= _told("SQLite", run(f"sqlite:///{folder}/killing.sqlite3", **facts))
    if given.database in ("postgresql", "both"):
        try:
            with postgresql() as url:
                failed |= _told("PostgreSQL", run(url, **facts))
        except NotMeasured as reason:
            print(f"PostgreSQL: not tried, because {reason}.")
    return int(failed)


def _told(name: str, outcome: Outcome) -> bool:
    print(f"{name}: {outcome.kills} kills, {outcome.seconds:.0f} s")
    print(
        f"  acknowledged {outcome.acknowledged}, orders {outcome.orders}, handed over {outcome.handed_over}, "
        f"orders of the shop {outcome.shop_orders}"
    )
    for each in outcome.faults:
        print(f"  FAULT: {each}")
    return bool(outcome.faults)


if __name__ == "__main__":
    sys.exit(main())
