"""Set-up requests: ours against a bare view on the same server, in turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from tempfile import TemporaryDirectory

from benchmarks.databases import NotMeasured, postgresql
from benchmarks.documents import setup_request
from benchmarks.figures import Goal, Sample, print_table
from benchmarks.server import Round, Site, serve

LEAST_SHARE = 0.60
PATHS = {"PunchOut": "/punchout/cxml/", "bare view": "/bare/"}


@dataclass(slots=True)
class Contest:
    """One database: its site and what each side did, round by round."""

    site: Site
    rounds: dict[str, list[Round]] = field(default_factory=lambda: {side: [] for side in PATHS})

    def play(self, number: int, count: int) -> None:
        sides = list(PATHS) if number % 2 else list(reversed(PATHS))  # neither is always the first
        for side in sides:
            document_of = partial(setup_request, f"{side.split()[0]}{number}")
            self.rounds[side].append(self.site.post(PATHS[side], document_of, count))

    def rate(self, side: str) -> Sample:
        return Sample(tuple(each.per_second for each in self.rounds[side]))

    def cpu(self, side: str) -> Sample:
        return Sample(tuple(each.cpu_milliseconds for each in self.rounds[side]))

    @property
    def share(self) -> Sample:
        return self.rate("PunchOut").over(self.rate("bare view"))


def run(*, rounds: int, count: int) -> list[Goal]:
    """Measure, print, and say which goals are met."""
    size = len(setup_request("PunchOut1", 100))
    print(f"\nSet-up requests: {rounds} rounds of {count} requests a side, each a document of {size} bytes")
    with sites() as (open_sites, problem):
        contests = [Contest(site) for site in open_sites]
        for contest in contests:
            contest.play(0, max(count // 3, 5))
            contest.rounds = {side: [] for side in PATHS}  # that was to warm up
        for number in range(1, rounds + 1):
            for contest in contests:
                contest.play(number, count)
    _print(contests)
    if problem:
        print(f"PostgreSQL: not measured, because {problem}.")
    return [*map(_goal, contests), *([Goal(_promise("PostgreSQL"), problem, None)] if problem else [])]


@contextmanager
def sites() -> Iterator[tuple[list[Site], str]]:
    """A running site for each database, and why PostgreSQL is missing if it is."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="bench-sqlite-"))
        found = [stack.enter_context(serve("SQLite", f"sqlite:///{folder}/bench.sqlite3"))]
        kept = f"sqlite:///{folder}/kept.sqlite3?conn_max_age=60"
        found.append(stack.enter_context(serve("SQLite, connection kept", kept)))
        problem = ""
        try:
            found.append(stack.enter_context(serve("PostgreSQL", stack.enter_context(postgresql()))))
        except NotMeasured as reason:
            problem = str(reason)
        yield found, problem


def _print(contests: list[Contest]) -> None:
    rows = []
    for contest in contests:
        cpu_times = contest.cpu("PunchOut").over(contest.cpu("bare view"))
        compared = {"PunchOut": (contest.share.show(".0%"), cpu_times.show())}
        for side in PATHS:
            figures = (contest.rate(side).show(".0f"), contest.cpu(side).show())
            rows.append((contest.site.name, side, *figures, *compared.get(side, ("", ""))))
    print_table(("database", "side", "requests/s", "CPU ms/request", "of the bare rate", "times the bare CPU"), rows)


def _promise(name: str) -> str:
    return f"set-up requests on {name}, at least {LEAST_SHARE:.0%} of the bare view's rate"


def _goal(contest: Contest) -> Goal:
    return Goal(_promise(contest.site.name), contest.share.show(".0%"), contest.share.median >= LEAST_SHARE)
