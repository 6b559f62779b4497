"""What can be wrong with a mapping row, each with a code for translators and a sentence for everybody else.

A mapping that cannot work never reaches a buyer, so these are read by the shop's staff, while they type. The list is
closed: the admin translates it by code, and the numbers and names in a sentence come from ``params``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["target", "source", "transforms", "only_when"]

SENTENCES: dict[str, str] = {
    "missing_target": "Say which field of the buyer is filled.",
    "unknown_target": "%(format)s has no field “%(target)s”.",
    "unnamed_target": "Write a name after the colon of “%(target)s”.",
    "unreachable": "Row %(other)s always fills “%(target)s”, so this row is never reached.",
    "missing_source": "Say where the content comes from.",
    "unknown_source": "There is no “%(name)s”.",
    "misspelt_source": "There is no “%(name)s”. Is “%(nearest)s” meant?",
    "required_but_empty": "The field is required, but the constant is empty.",
    "needed": "Every line needs “%(target)s”, so it cannot be left out.",
    "misfit": "The constant can never be sent: %(reason)s",
    "too_long": "This has more than %(most)s characters.",
    "place_open": "A “{{” has no “}}” after it.",
    "place_empty": "Write a name between “{{” and “}}”.",
    "template_tag": "There is no “{%%”: a template only has places such as “{{ product.sku }}”.",
    "too_many_places": "A template has at most %(most)s places.",
    "unknown_transform": "There is no transform “%(name)s”.",
    "unreadable_transforms": "This cannot be read from “%(near)s” on. Write transforms as “one_line | cut(40)”.",
    "argument_open": "The parenthesis after “%(name)s” is not closed.",
    "argument_missing": "“%(name)s” needs something in parentheses, as in “%(example)s”.",
    "argument_unexpected": "“%(name)s” takes nothing in parentheses.",
    "argument_not_count": "“%(name)s” takes a whole number from %(least)s to %(most)s.",
    "argument_not_pair": "“%(name)s” takes two texts with a semicolon between, as in “%(example)s”.",
    "argument_not_table": "“%(entry)s” has no equals sign. “%(name)s” takes a table, as in “%(example)s”.",
    "too_many_transforms": "There can be at most %(most)s transforms.",
    "condition_name": "A condition begins with a name, such as “product.is_service”.",
    "condition_value": 'Write what “%(name)s” is compared with; nothing at all is written “""”.',
    "condition_operators": "“%(name)s” can be compared once. Put a text that holds such signs or words in quotes.",
    "condition_number": "“%(value)s” is not a number.",
    "condition_quote": "Quotation marks stand around a whole text, one before it and one after it.",
    "condition_or": "There is no “or”. Write a second row for the same field.",
}
CODES = tuple(SENTENCES)


class Malformed(ValueError):
    """A text of a row that cannot be read; ``code`` and ``params`` as in :class:`Problem`."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        # A sentence among them stays one, to be translated with the rest.
        self.params = {name: value if isinstance(value, str) else str(value) for name, value in params.items()}
        super().__init__(SENTENCES[code] % self.params)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why row number ``row`` can never work, and in which ``part`` of it the reason stands."""

    row: int
    part: Part
    code: str
    params: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """The reason in English."""
        return SENTENCES[self.code] % self.params
