"""Medians, their spread, and a table to print them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure, measured once a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    def over(self, other: Sample) -> Sample:
        """The ratio round by round: what disturbed both sides of a round alike falls out."""
        return Sample(tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)))

    def show(self, form: str = ".2f") -> str:
        """The median, and in brackets the lowest and the highest round."""
        return f"{self.median:{form}} ({min(self.values):{form}} to {max(self.values):{form}})"


@dataclass(frozen=True, slots=True)
class Goal:
    """What was promised, what came of it. ``is_met`` is ``None`` for what could not be measured."""

    promise: str
    figure: str
    is_met: bool | None

    def __str__(self) -> str:
        verdict = {True: "met", False: "not met", None: "not measured"}[self.is_met]
        return f"{verdict:12}  {self.promise}: {self.figure}"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
