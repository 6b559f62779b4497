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


def test_the_oci_form_is_measured():
    printed = bench("--only", "oci")
    assert "100    OCI form" in printed
    assert "a form of 100 lines" in printed


def test_the_heaviest_documents_are_measured():
    printed = bench("--only", "heaviest")
    assert "an ordinary set-up request" in printed
    assert "the heaviest document takes at most" in printed


@pytest.mark.concurrency
def test_setup_requests_are_measured():
    printed = bench("--only", "setup")
    assert "SQLite" in printed
    assert "PostgreSQL" in printed  # its figures, or why there are none


@pytest.mark.concurrency
def test_large_orders_are_measured():
    printed = bench("--only", "orders")
    assert "an order of 100 lines with 1 MB attached" in printed


@pytest.mark.concurrency
def test_searching_is_measured():
    printed = bench("--only", "search")
    assert "the commonest word: gmbh" in printed
    assert "A company added among 300" in printed
    assert "a keystroke for rare words on SQLite" in printed
    assert "PostgreSQL" in printed  # its figures, or why there are none


@pytest.mark.concurrency
def test_a_flood_of_strangers_is_measured():
    printed = bench("--only", "strangers")
    assert "300 calls of strangers" in printed
    assert "a known buyer during a flood" in printed
    assert "first contacts, at most 500, on SQLite" in printed


@pytest.mark.concurrency
def test_uploads_are_measured():
    printed = bench("--only", "uploads")
    assert "Uploads of 100 rows, 50 of them wrong at first" in printed
    assert "100 users on SQLite, each step at most 60 s" in printed
    assert "PostgreSQL" in printed  # its figures, or why there are none
