"""The benchmarks still run; what they measure is not judged here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks", "--quick", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600).stdout  # noqa: S603


def test_the_order_message_is_measured():
    printed = bench("--only", "message")
    assert "100    PunchOut" in printed
    assert "a message of 100 lines" in printed


@pytest.mark.concurrency
def test_setup_requests_are_measured():
    printed = bench("--only", "setup")
    assert "SQLite" in printed
    assert "PostgreSQL" in printed  # its figures, or why there are none


@pytest.mark.concurrency
def test_searching_is_measured():
    printed = bench("--only", "search")
    assert "the commonest word: gmbh" in printed
    assert "A company added among 300" in printed
    assert "a keystroke for rare words on SQLite" in printed
    assert "PostgreSQL" in printed  # its figures, or why there are none
