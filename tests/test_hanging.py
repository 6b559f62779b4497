"""The guard against hanging stops what hangs, and nothing else."""

from __future__ import annotations

import signal

import pytest

from tests import hanging


def test_what_never_ends_is_stopped_and_fails(monkeypatch):
    monkeypatch.setattr(hanging, "LIMIT_SECONDS", 0.05)
    with pytest.raises(pytest.fail.Exception, match="not done"), hanging.never_hangs():
        while True:
            pass


def test_what_ends_is_left_alone():
    before = signal.getsignal(signal.SIGVTALRM)
    with hanging.never_hangs():
        pass
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert signal.getsignal(signal.SIGVTALRM) is before
