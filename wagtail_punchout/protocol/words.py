"""Words of the protocol that staff read on their screens, such as what a field means and why a value does not fit it.

The protocol speaks English and knows no Django; the screens translate. So words are marked where they stand, and a
sentence with values in it remembers what it was made of.
"""

from __future__ import annotations

from typing import Self


def gettext_noop(text: str) -> str:
    """The same text: only its name matters, by which makemessages finds the words for the catalogue."""
    return text


class Sentence(str):
    """An English text made of a ``template`` and ``params``, kept so that it can be said in another language.

    Params that are sentences themselves are translated with it; all others are values and stay as they are.
    """

    __slots__ = ("params", "template")

    template: str
    params: dict[str, object]

    def __new__(cls, template: str, **params: object) -> Self:
        sentence = super().__new__(cls, template % params)
        sentence.template, sentence.params = template, params
        return sentence


def joined(*parts: str, by: str = " ") -> Sentence:
    """Sentences one after the other; empty ones are left out."""
    params = {f"part_{number}": part for number, part in enumerate(filter(None, parts))}
    return Sentence(by.join(f"%({name})s" for name in params), **params)
