"""A site under gunicorn, and what it costs to ask it."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import free_port

ROOT = Path(__file__).resolve().parent.parent
HEADERS = {"Content-Type": "text/xml; charset=UTF-8"}


@dataclass(frozen=True, slots=True)
class Round:
    """One round of requests, one after the other."""

    per_second: float
    cpu_milliseconds: float  # of the worker, for each request


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    port: int
    worker: int

    def post(self, path: str, document_of: Callable[[int], bytes], count: int) -> Round:
        """Post ``count`` documents; every one of them must be answered with a start page."""
        documents = [document_of(number) for number in range(count)]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cpu, start = self.cpu_seconds(), time.perf_counter()
        for document in documents:
            connection.request("POST", path, document, HEADERS)
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200 or b'code="200"' not in answer or b"<StartPage>" not in answer:
                raise RuntimeError(f"{path} on {self.name} answered {response.status}: {answer[:500]!r}")
        seconds, cpu = time.perf_counter() - start, self.cpu_seconds() - cpu
        connection.close()
        return Round(count / seconds, cpu / count * 1000)

    def cpu_seconds(self) -> float:
        """Time on a processor, user and system; the database server's own is not in it."""
        return int(Path(f"/proc/{self.worker}/schedstat").read_text().split()[0]) / 1e9


def environment(database_url: str) -> dict[str, str]:
    """What a process needs that works on this database."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DEBUG": "0",
        "SECRET_KEY": "only for benchmarks, and long enough for Django not to mind",
        "PUNCHOUT_SECRET_KEYS": "only for benchmarks as well",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def serve(name: str, database_url: str, **more: str) -> Iterator[Site]:
    """The shop on a fresh database with one connected customer, behind one synchronous gunicorn worker.

    ``more`` are further variables of its environment.
    """
    settings = environment(database_url) | more
    subprocess.run([sys.executable, "-m", "benchmarks.prepare"], cwd=ROOT, env=settings, check=True)
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "demo_site.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "sync", "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    master = subprocess.Popen(command, cwd=ROOT, env=settings)
    try:
        yield Site(name, port, _worker_of(master, port))
    finally:
        master.terminate()
        master.wait(timeout=30)


def _worker_of(master: subprocess.Popen[bytes], port: int) -> int:
    """The process that answers, once it does."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and master.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/punchout/cxml/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
            continue
        children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
        return int(children[0])
    raise RuntimeError("gunicorn did not start")


def peak(worker: int) -> int:
    """The most memory the process has had so far, in megabytes."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text(), re.MULTILINE)
    return int(found[1]) // 1024 if found else 0
