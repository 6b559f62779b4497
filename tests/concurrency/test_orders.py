"""Orders come in while everything that takes them in is killed: none is lost, and none is there twice.

``make proof`` does the same with a thousand orders and ten kills.
"""

from __future__ import annotations

import os

import pytest

from benchmarks.killing import run
from tests.demo import temporary_postgres_database

pytestmark = pytest.mark.concurrency

FEW = {"orders": 120, "connections": 8, "kills": 4}


def test_on_sqlite(tmp_path):
    outcome = run(f"sqlite:///{tmp_path / 'killing.sqlite3'}", **FEW)
    assert outcome.faults == []
    assert (outcome.acknowledged, outcome.kills) == (120, 4)


def test_on_postgresql():
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL server")
    with temporary_postgres_database(server) as url:
        outcome = run(url, **FEW)
    assert outcome.faults == []
    assert (outcome.acknowledged, outcome.kills) == (120, 4)
