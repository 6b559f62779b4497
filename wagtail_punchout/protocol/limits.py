"""Limits: how much of a value a buyer's system keeps.

They are the platform's own and no standard's: one cuts a description at 240 characters, another takes 256, a third
counts bytes, and hardly any says so when it happens. A limit is known for a target of the mapping (``Description``,
``SupplierPartID``, OCI's fields), or for a price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from wagtail_punchout.protocol.words import Sentence, gettext_noop, joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """What fits into one target; ``None`` and empty mean that no such limit is known.

    ``characters`` are Unicode code points, ``bytes`` those of UTF-8, ``decimals`` the digits behind the point of a
    number without zeros at its end, and ``forbidden`` the characters that must not occur at all.
    """

    characters: int | None = None
    bytes: int | None = None
    decimals: int | None = None
    forbidden: str = ""

    def as_json(self) -> dict[str, int | str]:
        """What is known, as a link keeps it."""
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in known.items() if value not in (None, "")}


_COUNTS = ("characters", "bytes", "decimals")
KEYS = (*_COUNTS, "forbidden")


def limit_from(data: Mapping[str, Any]) -> Limit:
    """Read one limit; raises ``ValueError`` with a sentence about what is wrong with it."""
    if not data:
        raise ValueError(f"A limit needs at least one of {', '.join(KEYS)}.")
    for key, value in data.items():
        if key not in KEYS:
            raise ValueError(f"A limit has no {key!r}, only {', '.join(KEYS)}.")
        if key == "forbidden" and not (isinstance(value, str) and value):
            raise ValueError("'forbidden' must be a text of the characters that must not occur.")
        least = 0 if key == "decimals" else 1
        if key in _COUNTS and (type(value) is not int or value < least):
            raise ValueError(f"{key!r} must be a whole number, at least {least}.")
    return Limit(**data)


def limits_from(json: Mapping[str, Mapping[str, Any]]) -> dict[str, Limit]:
    """A link's limits by target; raises ``ValueError`` with a sentence that names the target."""
    limits = {}
    for target, data in json.items():
        try:
            limits[target] = limit_from(data)
        except ValueError as error:
            raise ValueError(f"{target}: {error}") from error
    return limits


def cut(text: str, limit: Limit) -> str:
    """The beginning of ``text`` that fits, without splitting a character.

    Forbidden characters stay: what should stand in their place is for the mapping to say.
    """
    shorter = text[: limit.characters]
    if limit.bytes is None:
        return shorter
    return shorter.encode()[: limit.bytes].decode(errors="ignore")


def broken(text: str, limit: Limit) -> str:
    """Why ``text`` does not fit, as an English sentence; empty when it does. No text at all always fits."""
    if not text:
        return ""
    return joined(_too_long(text, limit), _too_precise(text, limit), _forbidden(text, limit))


def _too_long(text: str, limit: Limit) -> str:
    if limit.characters is not None and len(text) > limit.characters:
        template = gettext_noop("It has %(size)s characters, and at most %(most)s are taken.")
        return Sentence(template, size=len(text), most=limit.characters)
    if limit.bytes is not None and (size := len(text.encode())) > limit.bytes:
        template = gettext_noop("It has %(size)s bytes in UTF-8, and at most %(most)s are taken.")
        return Sentence(template, size=size, most=limit.bytes)
    return ""


def _too_precise(text: str, limit: Limit) -> str:
    if limit.decimals is None:
        return ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Sentence(gettext_noop("It is not a number."))
    exponent = number.normalize(Context(prec=len(text), traps=[])).as_tuple().exponent
    if not isinstance(exponent, int):
        return Sentence(gettext_noop("It is not a number."))
    if -exponent > limit.decimals:
        template = gettext_noop("It has %(size)s decimals, and at most %(most)s are taken.")
        return Sentence(template, size=-int(number.as_tuple().exponent), most=limit.decimals)
    return ""


def _forbidden(text: str, limit: Limit) -> str:
    met = [Sentence(gettext_noop("“%(text)s”"), text=each) for each in limit.forbidden if each in text]
    if not met:
        return ""
    return Sentence(gettext_noop("It must not contain %(characters)s."), characters=joined(*met, by=", "))
