"""The databases to measure on: a file for SQLite, and a PostgreSQL that is found, or made for the occasion."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

UNPRIVILEGED = ("postgres", "nobody")


class NotMeasured(Exception):
    """Why a database cannot be measured here."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database: ``BENCH_DATABASE_URL``, else that of a temporary cluster on loopback."""
    if find_spec("psycopg") is None:
        raise NotMeasured("psycopg is not installed (the extra “postgres”)")
    if given := os.environ.get("BENCH_DATABASE_URL"):
        yield given
        return
    binaries = _binaries()
    with TemporaryDirectory(prefix="bench-postgres-") as folder:
        password, port = secrets.token_urlsafe(16), free_port()
        Path(folder, "password").write_text(password)
        prefix = _as_somebody(folder)
        data = f"{folder}/data"
        _run(
            *prefix, f"{binaries}/initdb", "-D", data, "-U", "bench", "-E", "UTF8", "--locale=C",
            "--auth=scram-sha-256", f"--pwfile={folder}/password",
        )  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -p {port}"
        _run(*prefix, f"{binaries}/pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"postgres://bench:{password}@127.0.0.1:{port}/postgres"
        finally:
            _run(*prefix, f"{binaries}/pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


def _binaries() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True)
    for folder in (*versions, Path("/usr/local/bin"), Path(shutil.which("initdb") or "/none").parent):
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise NotMeasured("neither BENCH_DATABASE_URL is set nor a PostgreSQL server installed")


def _as_somebody(folder: str) -> list[str]:
    """PostgreSQL refuses to run as root: what to put before its commands, the folder being handed over."""
    if os.geteuid() != 0:
        return []
    for name in UNPRIVILEGED:
        try:
            shutil.chown(folder, name)
            shutil.chown(f"{folder}/password", name)
        except LookupError:
            continue
        return ["runuser", "-u", name, "--"]
    raise NotMeasured("this is root, which PostgreSQL refuses, and there is no unprivileged user to run it as")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise NotMeasured(f"{Path(command[-1]).name}: {done.stderr.strip()[-300:]}")
