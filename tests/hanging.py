"""A limit for what a stranger's text could keep busy for ever."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: Of processor time. What is tested takes a hundredth of it: neither a slow machine nor a collection of garbage counts.
LIMIT_SECONDS = 60


@contextmanager
def never_hangs() -> Iterator[None]:
    """Stop the block, and fail, after :data:`LIMIT_SECONDS`.

    It measures nothing (``benchmarks/`` does): hand the block so much text that one whose time grows faster than the
    text would need minutes.
    """

    def stop(*_: Any) -> None:
        pytest.fail(f"not done after {LIMIT_SECONDS} s")

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
