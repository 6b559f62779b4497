"""Mapping: which field of the buyer gets what, row by row.

A link's rows are data that staff edit, try and roll back; this module says what they mean. :func:`check` finds, before
a buyer is met, everything that can never work, and :func:`apply` gives the values of one line. Rows are read once and
kept, for a cart of a thousand lines asks a thousand times. With no row at all, the rows of :data:`DEFAULTS` make a good
OCI cart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, partial

from wagtail_punchout.protocol import facts as vocabulary
from wagtail_punchout.protocol import templates
from wagtail_punchout.protocol.conditions import Condition, holds, read_condition
from wagtail_punchout.protocol.mapping_problems import CODES, SENTENCES, Malformed, Part, Problem
from wagtail_punchout.protocol.rows import DEFAULTS, Kind, Row, with_defaults
from wagtail_punchout.protocol.targets import Target, check_target, check_value, targets_of
from wagtail_punchout.protocol.templates import Place, Template
from wagtail_punchout.protocol.transforms import TRANSFORMS, run, steps_of

__all__ = [
    "CODES",
    "DEFAULTS",
    "SENTENCES",
    "TRANSFORMS",
    "Applied",
    "Kind",
    "Malformed",
    "Missing",
    "Problem",
    "Row",
    "Target",
    "apply",
    "check",
    "targets_of",
    "with_defaults",
]

#: Characters of any part of a row.
MOST_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Missing:
    """A required row that has nothing to say of a line."""

    row: int
    target: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What the rows say of one line. A target with an empty value is spoken for: nothing is to be sent there."""

    values: dict[str, str]
    problems: tuple[Missing, ...] = ()


def apply(rows: Sequence[Row], facts: Mapping[str, str], *, units: Mapping[str, str] | None = None) -> Applied:
    """The value of each target for the line that ``facts`` describe: that of its first row whose condition holds.

    ``units`` is the link's unit table, for the transform of that name. Raises :class:`Malformed` for rows that
    :func:`check` objects to.
    """
    values: dict[str, str] = {}
    problems = []
    for row in _compiled(tuple(rows)):
        if row.target not in values and holds(row.condition, facts):
            value = values[row.target] = row.value(facts, units or {})
            if row.required and not value.strip():
                problems.append(Missing(row.number, row.target))
    return Applied(values, tuple(problems))


# Reading rows


@dataclass(frozen=True, slots=True)
class _Compiled:
    number: int
    target: str
    required: bool
    condition: Condition
    value: Callable[[Mapping[str, str], Mapping[str, str]], str]


@lru_cache(maxsize=512)
def _compiled(rows: tuple[Row, ...]) -> tuple[_Compiled, ...]:
    return tuple(
        _Compiled(row.number, row.target, row.required, read_condition(row.only_when), partial(_value, *_read(row)))
        for row in rows
    )


def _read(row: Row) -> tuple[Template, Place]:
    """The row as a template and a place without a fact, whose steps change what the template gives."""
    if row.kind is Kind.TEMPLATE:
        template = templates.read_template(row.source)
    elif row.kind is Kind.FIELD:
        template = (Place(row.source, vocabulary.canonical(row.source)),)
    else:
        template = (row.source,)
    return template, Place("", "", steps_of(row.transforms))


def _value(template: Template, after: Place, facts: Mapping[str, str], units: Mapping[str, str]) -> str:
    return run(after.steps, templates.fill(template, facts, units), units)


# Checking rows


def check(rows: Sequence[Row], format: str) -> tuple[Problem, ...]:
    """Everything in ``rows`` that can never work in ``format``, in the order of the rows."""
    always: dict[str, int] = {}
    problems: list[Problem] = []
    for row in rows:
        found = list(_problems(row, format))
        if row.target in always:
            params = {"other": str(always[row.target]), "target": row.target}
            found.insert(0, Problem(row.number, "target", "unreachable", params))
        if not row.only_when.strip() and row.target:
            always.setdefault(row.target, row.number)
        problems += found or _constant_problems(row, format)
    return tuple(problems)


def _problems(row: Row, format: str) -> Iterator[Problem]:
    attempts: tuple[tuple[Part, str, Callable[[], object]], ...] = (
        ("target", row.target, partial(check_target, row.target, format)),
        ("source", row.source, partial(_check_source, row)),
        ("transforms", row.transforms, partial(steps_of, row.transforms)),
        ("only_when", row.only_when, partial(_check_condition, row.only_when)),
    )
    for part, text, attempt in attempts:
        try:
            if len(text) > MOST_CHARACTERS:
                raise Malformed("too_long", most=MOST_CHARACTERS)
            attempt()
        except Malformed as found:
            yield Problem(row.number, part, found.code, found.params)


def _check_source(row: Row) -> None:
    if row.kind is Kind.CONSTANT:
        return
    if not row.source.strip():
        raise Malformed("missing_source")
    if row.kind is Kind.FIELD:
        _check_name(row.source)
    else:
        for place in templates.places(templates.read_template(row.source)):
            _check_name(place.name)


def _check_condition(text: str) -> None:
    for clause in read_condition(text):
        _check_name(clause.name)


def _check_name(name: str) -> None:
    if vocabulary.is_known(name):
        return
    shown = name.strip()[:60]
    nearest = get_close_matches(vocabulary.canonical(shown), vocabulary.names(), n=1, cutoff=0.7)
    if nearest:
        raise Malformed("misspelt_source", name=shown, nearest=nearest[0])
    raise Malformed("unknown_source", name=shown)


def _constant_problems(row: Row, format: str) -> list[Problem]:
    """Whether a constant that can be read can also be sent."""
    if row.kind is not Kind.CONSTANT:
        return []
    value = run(steps_of(row.transforms), row.source, {})
    try:
        if row.required and not value.strip():
            raise Malformed("required_but_empty")
        check_value(row.target, value, format)
    except Malformed as found:
        return [Problem(row.number, "source", found.code, found.params)]
    return []
