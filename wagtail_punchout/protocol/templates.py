"""Templates: a text with places, ``{{ product.sku }}``, and nothing else.

Whoever may edit a link may write them, so they can do no harm: a place names a fact and how it is changed. There are no
expressions, attributes, calls, loops or tags. Reading and filling take as long as the texts are long, and what comes
out is never longer than any other value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wagtail_punchout.protocol.facts import canonical
from wagtail_punchout.protocol.mapping_problems import Malformed
from wagtail_punchout.protocol.transforms import MOST_TEXT, Step, check_count, run, steps_of

MOST_PLACES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact goes; ``name`` is as it was written."""

    name: str
    key: str
    steps: tuple[Step, ...] = ()

    def fill(self, facts: Mapping[str, str], units: Mapping[str, str]) -> str:
        """The fact's text, changed; empty where nothing is known."""
        return run(self.steps, facts.get(self.key, ""), units)


Template = tuple[str | Place, ...]


def read_template(text: str) -> Template:
    """Texts and places in order; raises :class:`Malformed`."""
    if "{%" in text:
        raise Malformed("template_tag")
    if text.count("{{") > MOST_PLACES:
        raise Malformed("too_many_places", most=MOST_PLACES)
    template = tuple(_read(text))
    check_count(sum(len(place.steps) for place in places(template)))
    return template


def places(template: Template) -> tuple[Place, ...]:
    """The places alone."""
    return tuple(part for part in template if isinstance(part, Place))


def fill(template: Template, facts: Mapping[str, str], units: Mapping[str, str]) -> str:
    """The template with its places filled."""
    filled: list[str] = []
    room = MOST_TEXT
    for part in template:
        text = part if isinstance(part, str) else part.fill(facts, units)
        filled.append(text[:room])
        room -= len(text)
        if room <= 0:
            break
    return "".join(filled)


def _read(text: str) -> Iterator[str | Place]:
    before, *rest = text.split("{{")
    yield before
    for piece in rest:
        inside, close, after = piece.partition("}}")
        if not close:
            raise Malformed("place_open")
        yield _place(inside)
        yield after


def _place(inside: str) -> Place:
    name, bar, chain = inside.partition("|")
    if not name.strip():
        raise Malformed("place_empty")
    if bar and not chain.strip():
        raise Malformed("unreadable_transforms", near="|")
    return Place(name.strip(), canonical(name), steps_of(chain))
