"""How a value is changed on its way into a field: ``one_line | cut(40)``, read from left to right.

Each transform takes a text and gives a text. None of them can fail on a value, none takes longer than its text is long,
and none gives more than :data:`MOST_TEXT` characters; whatever is wrong with a chain is found when it is written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from anyascii import anyascii

from wagtail_punchout.protocol.facts import number_in
from wagtail_punchout.protocol.mapping_problems import Malformed
from wagtail_punchout.protocol.units import translate
from wagtail_punchout.protocol.words import gettext_noop

#: Characters a value may ever have; a longer one is cut.
MOST_TEXT = 100_000
#: Transforms of one chain, or of all places of a template.
MOST_TRANSFORMS = 50
#: Digits after the point that ``number`` can be asked for.
MOST_PLACES = 9

#: Changes a value; the second argument translates units.
Step = Callable[[str, Mapping[str, str]], str]


class Argument(StrEnum):
    """What stands in the parentheses of a transform."""

    NONE = "none"
    COUNT = "count"
    TEXT = "text"
    PAIR = "pair"
    TABLE = "table"


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """One word of the language. ``build`` makes the step from what stands in the parentheses."""

    name: str
    explanation: str
    example: str
    argument: Argument
    build: Callable[[Transform, str], Step] = field(repr=False)


def steps_of(chain: str) -> tuple[Step, ...]:
    """Read a chain; raises :class:`Malformed`. An empty one changes nothing."""
    if not chain.strip():
        return ()
    steps = tuple(_steps(chain))
    check_count(len(steps))
    return steps


def check_count(count: int) -> None:
    """Raise :class:`Malformed` when a chain or a template has too many transforms."""
    if count > MOST_TRANSFORMS:
        raise Malformed("too_many_transforms", most=MOST_TRANSFORMS)


def run(steps: tuple[Step, ...], value: str, units: Mapping[str, str]) -> str:
    """The value after all steps, cut at :data:`MOST_TEXT` after each."""
    value = value[:MOST_TEXT]
    for step in steps:
        value = step(value, units)[:MOST_TEXT]
    return value


# Reading a chain

# Possessive, so that a chain that cannot be read is not tried in many ways.
_STEP = re.compile(r"\s*+([A-Za-z_][A-Za-z0-9_]*+)\s*+(?:\(((?:\\.|[^\\)])*+)\)\s*+)?+", re.DOTALL)


def _steps(chain: str) -> Iterator[Step]:
    position = 0
    while True:
        found = _STEP.match(chain, position)
        if not found:
            raise Malformed("unreadable_transforms", near=chain[position:].strip()[:20] or "|")
        after = chain[found.end() :]
        if after.startswith("("):
            raise Malformed("argument_open", name=found[1])
        yield _step(found[1], found[2])
        if not after:
            return
        if not after.startswith("|"):
            raise Malformed("unreadable_transforms", near=after[:20])
        position = found.end() + 1


def _step(name: str, argument: str | None) -> Step:
    transform = TRANSFORMS.get(name)
    if transform is None:
        raise Malformed("unknown_transform", name=name)
    if transform.argument is Argument.NONE and argument is not None:
        raise Malformed("argument_unexpected", name=name)
    if transform.argument is not Argument.NONE and not argument:
        raise Malformed("argument_missing", name=name, example=transform.example)
    return transform.build(transform, argument or "")


def _pieces(argument: str, separator: str) -> list[str]:
    """Split at the separator, but not where a backslash stands before it; backslashes stay."""
    pieces = [""]
    characters = iter(argument)
    for character in characters:
        if character == separator:
            pieces.append("")
        else:
            pieces[-1] += character + next(characters, "") if character == "\\" else character
    return pieces


def _unescaped(piece: str) -> str:
    return re.sub(r"\\(.)", r"\1", piece, flags=re.DOTALL)


# From what stands in the parentheses to a step


def _bare(change: Callable[[str], str]) -> Callable[[Transform, str], Step]:
    return lambda _transform, _argument: lambda value, _units: change(value)


def _counted(
    change: Callable[[str, int], str], *, least: int = 1, most: int = MOST_TEXT
) -> Callable[[Transform, str], Step]:
    def build(transform: Transform, argument: str) -> Step:
        asked = argument.strip()
        count = int(asked) if re.fullmatch(r"[0-9]{1,9}", asked) else -1
        if not least <= count <= most:
            raise Malformed("argument_not_count", name=transform.name, least=least, most=most)
        return lambda value, _units: change(value, count)

    return build


def _worded(change: Callable[[str, str], str]) -> Callable[[Transform, str], Step]:
    def build(_transform: Transform, argument: str) -> Step:
        text = _unescaped(argument)
        return lambda value, _units: change(value, text)

    return build


def _paired(change: Callable[[str, str, str], str]) -> Callable[[Transform, str], Step]:
    def build(transform: Transform, argument: str) -> Step:
        pieces = [_unescaped(piece) for piece in _pieces(argument, ";")]
        if len(pieces) != 2 or not pieces[0]:
            raise Malformed("argument_not_pair", name=transform.name, example=transform.example)
        first, second = pieces
        return lambda value, _units: change(value, first, second)

    return build


def _looked_up(transform: Transform, argument: str) -> Step:
    table: dict[str, str] = {}
    for entry in filter(str.strip, _pieces(argument, ";")):
        key, *rest = _pieces(entry, "=")
        if not rest:
            raise Malformed(
                "argument_not_table", entry=entry.strip()[:40], name=transform.name, example=transform.example
            )
        table.setdefault(_unescaped(key).strip(), _unescaped("=".join(rest)).strip())
    other = table.pop("*", None)
    return lambda value, _units: table.get(value, value if other is None else other)


def _unit(_transform: Transform, _argument: str) -> Step:
    return translate


# The changes


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _cut_bytes(value: str, count: int) -> str:
    # Half a character at the end goes, and a lone surrogate, which has no bytes at all.
    return value.encode("utf-8", "surrogatepass")[:count].decode("utf-8", "ignore").rstrip()


def _first_words(value: str, count: int) -> str:
    return " ".join(value.split(maxsplit=count)[:count])


def _number(value: str, places: int) -> str:
    """Round half up; what is no number stays as it is, and the field it goes to will refuse it by name."""
    found = number_in(value)
    if found is None:
        return value
    rounded = found.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return format(rounded or abs(rounded), "f")


def _replace(value: str, old: str, new: str) -> str:
    growth = len(new) - len(old)
    times = (MOST_TEXT - len(value)) // growth + 1 if growth > 0 else -1
    return value.replace(old, new, times)


_HIDDEN = frozenset({"script", "style"})
_BREAKING = frozenset(
    {"article", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "section", "table", "td", "th", "tr", "ul"}
)
# Possessive for the same reason as above; a tag ends at the next sign that could begin another.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*+)[^<>]*+>")
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});")


def _strip_html(value: str) -> str:
    """Text without tags; what began a new line in the page begins one here. ``a < b`` is no tag and stays."""
    kept: list[str] = []
    hidden = ""
    position = 0
    text = _DECLARATION.sub("", _without_comments(value))
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if not hidden:
            kept.append(text[position : tag.start()])
            hidden = name if name in _HIDDEN and not tag[1] else ""
            kept.append("\n" if name in _BREAKING else "")
        elif tag[1] and name == hidden:
            hidden = ""
        position = tag.end()
    if not hidden:
        kept.append(text[position:])
    shown = _ENTITY.sub(lambda entity: html.unescape(entity[0]), "".join(kept))
    return "\n".join(filter(None, map(_one_line, shown.splitlines())))


def _without_comments(value: str) -> str:
    before, *comments = value.split("<!--")
    return before + "".join(comment.partition("-->")[2] for comment in comments)


TRANSFORMS: dict[str, Transform] = {
    each.name: each
    for each in (
        Transform(
            name="one_line",
            explanation=gettext_noop("Line breaks, tabs and several blanks become one blank"),
            example="one_line",
            argument=Argument.NONE,
            build=_bare(_one_line),
        ),
        Transform(
            name="cut",
            explanation=gettext_noop("At most so many characters"),
            example="cut(40)",
            argument=Argument.COUNT,
            build=_counted(lambda value, count: value[:count].rstrip()),
        ),
        Transform(
            name="bytes",
            explanation=gettext_noop("At most so many bytes in UTF-8, never half a character"),
            example="bytes(40)",
            argument=Argument.COUNT,
            build=_counted(_cut_bytes),
        ),
        Transform(
            name="first",
            explanation=gettext_noop("At most so many words"),
            example="first(5)",
            argument=Argument.COUNT,
            build=_counted(_first_words),
        ),
        Transform(
            name="upper",
            explanation=gettext_noop("Capital letters"),
            example="upper",
            argument=Argument.NONE,
            build=_bare(str.upper),
        ),
        Transform(
            name="lower",
            explanation=gettext_noop("Small letters"),
            example="lower",
            argument=Argument.NONE,
            build=_bare(str.lower),
        ),
        Transform(
            name="ascii",
            explanation=gettext_noop("Letters without accents, all scripts in Latin letters"),
            example="ascii",
            argument=Argument.NONE,
            build=_bare(anyascii),
        ),
        Transform(
            name="strip_html",
            explanation=gettext_noop("Text without tags; paragraphs and list entries begin new lines"),
            example="strip_html",
            argument=Argument.NONE,
            build=_bare(_strip_html),
        ),
        Transform(
            name="escape_html",
            explanation=gettext_noop("For buyers who show a text as HTML: & < > and quotes are written as entities"),
            example="escape_html",
            argument=Argument.NONE,
            build=_bare(html.escape),
        ),
        Transform(
            name="number",
            explanation=gettext_noop("Rounded to so many digits after the point; what is no number stays"),
            example="number(2)",
            argument=Argument.COUNT,
            build=_counted(_number, least=0, most=MOST_PLACES),
        ),
        Transform(
            name="default",
            explanation=gettext_noop("This text where there is none"),
            example="default(n/a)",
            argument=Argument.TEXT,
            build=_worded(lambda value, text: value or text),
        ),
        Transform(
            name="prefix",
            explanation=gettext_noop("This text before any other"),
            example="prefix(Art. )",
            argument=Argument.TEXT,
            build=_worded(lambda value, text: value and text + value),
        ),
        Transform(
            name="suffix",
            explanation=gettext_noop("This text after any other"),
            example="suffix( days)",
            argument=Argument.TEXT,
            build=_worded(lambda value, text: value and value + text),
        ),
        Transform(
            name="replace",
            explanation=gettext_noop("The first text, wherever it occurs, by the second"),
            example="replace(/;-)",
            argument=Argument.PAIR,
            build=_paired(_replace),
        ),
        Transform(
            name="lookup",
            explanation=gettext_noop("One value by another; * stands for all others, which else stay"),
            example="lookup(red=R; blue=B; *=?)",
            argument=Argument.TABLE,
            build=_looked_up,
        ),
        Transform(
            name="unit",
            explanation=gettext_noop("A unit of the shop as the link's unit table has it"),
            example="unit",
            argument=Argument.NONE,
            build=_unit,
        ),
    )
}
