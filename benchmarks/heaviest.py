"""What the heaviest documents of strangers cost, each a megabyte at most, against the bare parser on the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from lxml import etree

from benchmarks.figures import Goal, Sample, print_table
from tests.protocol.attacks import HEAVY, take
from tests.protocol.factories import SETUP

MOST_SECONDS = 2.0


def run(*, rounds: int) -> list[Goal]:
    rows, medians = [], {}
    for name, raw in {"an ordinary set-up request": SETUP.encode(), **HEAVY}.items():
        ours, bare = [], []
        for _ in range(rounds):
            ours.append(_seconds(take, raw))
            bare.append(_seconds(_parse, raw))
        taken, parsed = Sample(tuple(ours)), Sample(tuple(bare))
        medians[name] = taken.median
        rows.append((name, f"{len(raw):,}", f"{taken.median * 1000:.1f}", taken.over(parsed).show(".1f")))
    print("\nThe heaviest documents, until the sender would be asked for")
    print_table(("document", "bytes", "ms of processor time", "times the bare parser"), rows)
    worst = max(medians, key=medians.__getitem__)
    promise = f"the heaviest document takes at most {MOST_SECONDS:.0f} s"
    return [Goal(promise, f"{medians[worst]:.2f} s ({worst})", medians[worst] <= MOST_SECONDS)]


def _parse(raw: bytes) -> None:
    with suppress(etree.XMLSyntaxError):  # ours refuses some of them, too
        etree.fromstring(raw)


def _seconds(do: Callable[[bytes], None], raw: bytes) -> float:
    began = time.process_time()
    do(raw)
    return time.process_time() - began
