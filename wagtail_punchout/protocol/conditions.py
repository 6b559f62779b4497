"""When a row counts: ``product.is_service``, ``not line.comment``, ``line.quantity > 10 and call.PLANT = 1000``.

A clause is a name, or a comparison of a name with a text. There are no parentheses and no “or": a second row for the
same field says the same and can be read by everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from operator import ge, gt, le, lt

from wagtail_punchout.protocol.facts import canonical, number_in
from wagtail_punchout.protocol.mapping_problems import Malformed
from wagtail_punchout.protocol.words import gettext_noop

_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "=": str.__eq__,
    "!=": str.__ne__,
    "starts": str.startswith,
    "contains": str.__contains__,
}
_NUMBERS: dict[str, Callable[[Decimal, Decimal], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}
#: How a name is compared with what follows; names in front, values behind.
OPERATORS: dict[str, str] = {
    "=": gettext_noop("is exactly this text"),
    "!=": gettext_noop("is anything but this text"),
    "starts": gettext_noop("begins with this text"),
    "contains": gettext_noop("has this text somewhere"),
    ">": gettext_noop("is a number greater than this one"),
    "<": gettext_noop("is a number smaller than this one"),
    ">=": gettext_noop("is this number or greater"),
    "<=": gettext_noop("is this number or smaller"),
}
_TOKEN = re.compile(r'"([^"]*)"|([!<>]=|[=<>])|((?:[^\s"=<>!]|!(?!=))+)|(")')


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a condition; ``name`` is as it was written."""

    name: str
    key: str
    test: Callable[[str], bool] = field(repr=False)
    negated: bool = False

    def holds(self, facts: Mapping[str, str]) -> bool:
        return self.test(facts.get(self.key, "")) is not self.negated


Condition = tuple[Clause, ...]


def holds(condition: Condition, facts: Mapping[str, str]) -> bool:
    """Whether every clause holds; none is always true."""
    return all(clause.holds(facts) for clause in condition)


def read_condition(text: str) -> Condition:
    """Read a condition; raises :class:`Malformed`. An empty one always holds."""
    tokens = [_token(found) for found in _TOKEN.finditer(text)]
    if not tokens:
        return ()
    clauses = [list(part) for is_and, part in groupby(tokens, key=lambda token: token.is_word("and")) if not is_and]
    if len(clauses) != 1 + sum(token.is_word("and") for token in tokens):
        raise Malformed("condition_name")
    return tuple(map(_clause, clauses))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_quoted: bool = False

    def is_word(self, *words: str) -> bool:
        return not self.is_quoted and self.text.lower() in words


def _token(found: re.Match[str]) -> _Token:
    if found[4]:
        raise Malformed("condition_quote")
    return _Token(found[0]) if found[1] is None else _Token(found[1], is_quoted=True)


def _clause(tokens: list[_Token]) -> Clause:
    if any(token.is_word("or") for token in tokens):
        raise Malformed("condition_or")
    negated = tokens[0].is_word("not")
    tokens = tokens[negated:]
    at = next((index for index, token in enumerate(tokens) if token.is_word(*OPERATORS)), len(tokens))
    name, operator, value = _joined(tokens[:at]), tokens[at : at + 1], tokens[at + 1 :]
    if not name.strip():
        raise Malformed("condition_name")
    if not operator:
        return Clause(name, canonical(name), bool, negated)
    if not value:
        raise Malformed("condition_value", name=name)
    if any(token.is_word(*OPERATORS) for token in value):
        raise Malformed("condition_operators", name=name)
    return Clause(name, canonical(name), _test(operator[0].text.lower(), _joined(value)), negated)


def _joined(tokens: list[_Token]) -> str:
    if len(tokens) > 1 and any(token.is_quoted for token in tokens):
        raise Malformed("condition_quote")
    return " ".join(token.text for token in tokens)


def _test(operator: str, value: str) -> Callable[[str], bool]:
    if operator in _TEXTS:
        compare = _TEXTS[operator]
        return lambda fact: compare(fact, value)
    limit, compare_numbers = number_in(value), _NUMBERS[operator]
    if limit is None:
        raise Malformed("condition_number", value=value)

    def test(fact: str) -> bool:
        found = number_in(fact)
        return found is not None and compare_numbers(found, limit)

    return test
