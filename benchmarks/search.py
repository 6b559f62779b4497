"""Search as you type and the tree, at full size: a keystroke against one indexed SELECT, on each database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.databases import NotMeasured, postgresql
from benchmarks.figures import Goal, print_table
from benchmarks.server import ROOT, environment

MOST_TIMES_RARE, MOST_TIMES_COMMON, MOST_GROWTH = 10, 100, 1.5
RARE = ("code", "DUNS number", "network ID", "Sender identity", "e-mail")
COMMON = ("the commonest word: gmbh",)
BASE = "one SELECT"


Times = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one database: for each play its milliseconds on a processor, and by the clock."""

    database: str
    figures: dict[str, Times]
    adding: dict[str, Times]
    few: int

    def times(self, name: str) -> float:
        """95th percentile against 95th percentile of the same run, in processor time."""
        return late(self.figures[name]) / late(self.figures[BASE])

    def worst(self, kinds: tuple[str, ...]) -> tuple[float, str]:
        names = [name for name in self.figures if name.rsplit(" / ", 1)[-1] in kinds]
        return max((self.times(name), name) for name in names)

    @property
    def growth(self) -> float:
        return middle(self.adding["many"]) / middle(self.adding["few"])


def middle(times: Times) -> float:
    return median(used for used, _ in times)


def late(times: Times) -> float:
    return quantiles([used for used, _ in times], n=20, method="inclusive")[-1]


def run(*, rounds: int, companies: int, customers: int) -> list[Goal]:
    """Measure, print, and say which goals are met."""
    print(f"\nSearch and tree: {companies} companies, {customers} customers, {rounds} rounds of 20 keystrokes each")
    goals = []
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", postgresql)):
        try:
            with database() as url:
                result = _measure(name, url, companies, customers, rounds)
        except NotMeasured as reason:
            print(f"{name}: not measured, because {reason}.")
            goals.append(Goal(f"search on {name}", str(reason), None))
            continue
        _print(result, companies)
        goals += _goals(result, companies)
    return goals


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory(prefix="bench-search-") as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


def _measure(name: str, url: str, companies: int, customers: int, rounds: int) -> Result:
    sizes = ["--companies", str(companies), "--customers", str(customers), "--rounds", str(rounds)]
    command = [sys.executable, "-m", "benchmarks.keystrokes", *sizes]
    done = subprocess.run(command, cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return Result(name, **found)


def _print(result: Result, companies: int) -> None:
    print(f"\n{result.database}, milliseconds on a processor")
    rows = []
    for name, times in result.figures.items():
        where, who, what = name.split(" / ") if " / " in name else ("", "", name)
        clock = median(seen for _, seen in times)
        shown = (f"{middle(times):.2f}", f"{late(times):.2f}", f"{result.times(name):.1f}", f"{clock:.2f}")
        rows.append((where, who, what, *shown))
    print_table(("list", "sees", "asked for", "median", "95th", "times one SELECT (95th)", "by the clock"), rows)
    for size, key in ((result.few, "few"), (companies, "many")):
        times = result.adding[key]
        print(f"A company added among {size}: {middle(times):.2f} (95th {late(times):.2f})")


def _goals(result: Result, companies: int) -> Iterator[Goal]:
    for what, kinds, most in (("rare", RARE, MOST_TIMES_RARE), ("the commonest", COMMON, MOST_TIMES_COMMON)):
        times, name = result.worst(kinds)
        promise = f"a keystroke for {what} words on {result.database}, at most {most} times one SELECT"
        yield Goal(promise, f"{times:.1f} ({name})", times <= most)
    promise = f"a company added on {result.database}, at most {MOST_GROWTH} times as long among {companies} as among"
    yield Goal(f"{promise} {result.few}", f"{result.growth:.2f}", result.growth <= MOST_GROWTH)
