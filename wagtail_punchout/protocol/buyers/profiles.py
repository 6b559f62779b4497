"""Profiles: what is known of a procurement system, as facts with a source each.

Nobody publishes what buyers' systems really do, and much that is told about them is wrong. So a fact without a source
is not taken, each says how far it can be trusted, and what is not known is not there. Nothing in a profile is promised
by a single customer: it fills a link once, and people correct it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from wagtail_punchout.protocol.limits import Limit
from wagtail_punchout.protocol.targets import CXML

#: "oci" says that a system speaks OCI, and not in which version. 4.0 is first: most systems speak it.
FORMATS: Mapping[str, tuple[str, ...]] = {
    CXML: (CXML,),
    "oci": ("oci4", "oci3", "oci5"),
    "oci3": ("oci3",),
    "oci4": ("oci4",),
    "oci5": ("oci5",),
}


def expanded(formats: Iterable[str]) -> tuple[str, ...]:
    """The formats of links that are meant."""
    return tuple(dict.fromkeys(format for each in formats for format in FORMATS[each]))


class Kind(StrEnum):
    SPEAKS = "speaks"
    SETTING = "setting"
    LIMIT = "limit"
    FIELD = "field"
    NOTE = "note"


class Confidence(StrEnum):
    VENDOR = "A"  # the vendor's own documentation
    SEEN = "B"  # working code, or a captured message of that system
    TOLD = "C"  # notes of third parties


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing that is known.

    ``about`` is the link's field of a setting, the target of a limit, or one of the values that its people are told
    (``reading.FIELDS``). ``value`` is what the field should hold, the limit, what that system calls the value, the
    sentence of a note, or the formats spoken, the usual one first, in the words of ``FORMATS``. It holds for links of
    these ``formats``.
    ``source_no`` is the source's number or short name in a list of sources, for those who keep one.
    """

    kind: Kind
    about: str = ""
    value: bool | int | str | Limit | tuple[str, ...]
    formats: tuple[str, ...]
    source: str
    confidence: Confidence
    source_no: int | str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What is known of one system. Its facts may depend on the format; :meth:`within` leaves those of one."""

    slug: str
    name: str
    facts: tuple[Fact, ...]

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats of links that suit it, the usual one first; empty when it is not known what it speaks."""
        return expanded(each for fact in self.facts if isinstance(fact.value, tuple) for each in fact.value)

    def within(self, format: str) -> Profile:
        """The same, with the facts that hold for links of that format."""
        return replace(self, facts=tuple(fact for fact in self.facts if format in fact.formats))

    @property
    def settings(self) -> dict[str, Fact]:
        """Facts that fill a field of the link, by that field."""
        return {fact.about: fact for fact in self.facts if fact.kind is Kind.SETTING}

    @property
    def limits(self) -> dict[str, Limit]:
        """Limits by target."""
        return {fact.about: fact.value for fact in self.facts if isinstance(fact.value, Limit)}

    @property
    def names(self) -> dict[str, str]:
        """What its settings page calls the values of a connection, by ``reading.FIELDS``."""
        return {fact.about: str(fact.value) for fact in self.facts if fact.kind is Kind.FIELD}

    @property
    def notes(self) -> tuple[Fact, ...]:
        """Sentences for those who look after the link."""
        return tuple(fact for fact in self.facts if fact.kind is Kind.NOTE)
