"""Charts: bars drawn on the server, without a script, with the same numbers as a table for those who read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.forms import Media
from django.utils.formats import number_format
from django.utils.functional import cached_property
from wagtail.admin.ui.components import Component

from wagtail_punchout.admin_ui.listing import STYLES

#: In units of the drawing. It is scaled to its column, which is about as wide on every screen.
WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 38, 14, 8, 22
#: Room that one label below the bars needs.
LABEL = 46
#: At most so many lines across.
LINES = 4


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour stands for; ``look`` is its class."""

    label: str
    look: str
    numbers: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.numbers)


@dataclass(frozen=True, slots=True)
class Piece:
    look: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: its pieces from below, and the words that appear over it."""

    x: str
    width: str
    middle: str
    label: str
    told: str
    is_labelled: bool
    pieces: tuple[Piece, ...]


class Chart(Component):
    """Stacked bars. ``steps`` are the names of the bars: short ones, and long ones for the table."""

    template_name = "wagtail_punchout/admin/chart.html"

    def __init__(self, name: str, heading: str, steps: Sequence[tuple[str, str]], series: Sequence[Series]) -> None:
        self.name, self.heading, self.steps, self.series = name, heading, steps, series

    @property
    def media(self) -> Media:
        return STYLES

    def get_context_data(self, parent_context: object = None) -> dict:
        return {"chart": self, "box": f"0 0 {WIDTH} {HEIGHT}", "left": LEFT, "right": WIDTH - RIGHT, "text": LEFT - 6}

    @property
    def total(self) -> int:
        return sum(each.total for each in self.series)

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        return [(long, [shown(each.numbers[at]) for each in self.series]) for at, (_, long) in enumerate(self.steps)]

    @cached_property
    def distance(self) -> int:
        """From one line to the next, so that the highest bar has room."""
        return _round(max(sum(each.numbers[at] for each in self.series) for at in range(len(self.steps))))

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Across: where, where the number stands, and the number."""
        ys = [(self._y(each * self.distance), shown(each * self.distance)) for each in range(LINES + 1)]
        return [(_shown(y), _shown(y + 3.5), number) for y, number in ys]

    @property
    def bars(self) -> list[Bar]:
        room = (WIDTH - LEFT - RIGHT) / len(self.steps)
        width = room * (0.7 if len(self.steps) < 20 else 0.8)
        every = -(-LABEL // int(room)) if room < LABEL else 1
        last = len(self.steps) - 1
        return [
            Bar(
                x=_shown(LEFT + at * room + (room - width) / 2),
                width=_shown(width),
                middle=_shown(LEFT + (at + 0.5) * room),
                label=short,
                told=f"{long}: {self._told(at)}",
                # Counted from today: that bar is always named.
                is_labelled=(last - at) % every == 0 and (at + 0.5) * room > LABEL / 4,
                pieces=tuple(self._pieces(at)),
            )
            for at, (short, long) in enumerate(self.steps)
        ]

    def _pieces(self, at: int) -> list[Piece]:
        below, found = 0, []
        for each in self.series:
            number = each.numbers[at]
            if number:
                low, high = self._y(below), self._y(below + number)
                found.append(Piece(each.look, _shown(high), _shown(low - high)))
            below += number
        return found

    def _told(self, at: int) -> str:
        if len(self.series) == 1:
            return shown(self.series[0].numbers[at])
        return ", ".join(f"{each.label} {shown(each.numbers[at])}" for each in self.series)

    def _y(self, number: int) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - number / (self.distance * LINES))


def shown(number: int) -> str:
    """A number as people of this language write it."""
    return str(number_format(number, use_l10n=True, force_grouping=True))


def _round(highest: int) -> int:
    """A fourth of ``highest``, or more: 1, 2 or 5, with as many noughts as it takes."""
    least, noughts = -(-highest // LINES), 1
    while True:
        for each in (1, 2, 5):
            if each * noughts >= least:
                return each * noughts
        noughts *= 10


def _shown(place: float) -> str:
    """A place in the drawing, which knows no decimal comma."""
    return f"{place:.2f}".rstrip("0").rstrip(".")
