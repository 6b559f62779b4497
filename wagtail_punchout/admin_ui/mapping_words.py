"""Words about mapping rows: why one can never work, in every language, and what can stand in one."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.flows.words import translated, translated_params
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.conditions import OPERATORS
from wagtail_punchout.protocol.facts import PREFIXES, VOCABULARY
from wagtail_punchout.protocol.transforms import TRANSFORMS

#: The sentences of :mod:`wagtail_punchout.protocol.mapping_problems`, for translators.
SENTENCES = {
    "missing_target": _("Say which field of the buyer is filled."),
    "unknown_target": _("%(format)s has no field “%(target)s”."),
    "unnamed_target": _("Write a name after the colon of “%(target)s”."),
    "unreachable": _("Row %(other)s always fills “%(target)s”, so this row is never reached."),
    "missing_source": _("Say where the content comes from."),
    "unknown_source": _("There is no “%(name)s”."),
    "misspelt_source": _("There is no “%(name)s”. Is “%(nearest)s” meant?"),
    "required_but_empty": _("The field is required, but the constant is empty."),
    "needed": _("Every line needs “%(target)s”, so it cannot be left out."),
    "misfit": _("The constant can never be sent: %(reason)s"),
    "too_long": _("This has more than %(most)s characters."),
    "place_open": _("A “{{” has no “}}” after it."),
    "place_empty": _("Write a name between “{{” and “}}”."),
    "template_tag": _("There is no “{%%”: a template only has places such as “{{ product.sku }}”."),
    "too_many_places": _("A template has at most %(most)s places."),
    "unknown_transform": _("There is no transform “%(name)s”."),
    "unreadable_transforms": _("This cannot be read from “%(near)s” on. Write transforms as “one_line | cut(40)”."),
    "argument_open": _("The parenthesis after “%(name)s” is not closed."),
    "argument_missing": _("“%(name)s” needs something in parentheses, as in “%(example)s”."),
    "argument_unexpected": _("“%(name)s” takes nothing in parentheses."),
    "argument_not_count": _("“%(name)s” takes a whole number from %(least)s to %(most)s."),
    "argument_not_pair": _("“%(name)s” takes two texts with a semicolon between, as in “%(example)s”."),
    "argument_not_table": _("“%(entry)s” has no equals sign. “%(name)s” takes a table, as in “%(example)s”."),
    "too_many_transforms": _("There can be at most %(most)s transforms."),
    "condition_name": _("A condition begins with a name, such as “product.is_service”."),
    "condition_value": _('Write what “%(name)s” is compared with; nothing at all is written “""”.'),
    "condition_operators": _("“%(name)s” can be compared once. Put a text that holds such signs or words in quotes."),
    "condition_number": _("“%(value)s” is not a number."),
    "condition_quote": _("Quotation marks stand around a whole text, one before it and one after it."),
    "condition_or": _("There is no “or”. Write a second row for the same field."),
}


def told(problem: mapping.Problem) -> str:
    """What is wrong with a row, naming it."""
    return gettext("Row %(row)s: %(sentence)s") % {"row": problem.row, "sentence": reason(problem)}


def reason(problem: mapping.Problem) -> str:
    """What is wrong with a row."""
    return str(SENTENCES[problem.code]) % translated_params(problem.params)


def targets(format: str) -> list[tuple[str, str]]:
    """Fields of the buyer, each with its width and its rule."""
    return [(each.name, _with_width(each)) for each in mapping.targets_of(format)]


def _with_width(target: mapping.Target) -> str:
    explanation = translated(target.explanation)
    if target.width is None:
        return explanation
    return gettext("%(width)s characters. %(explanation)s") % {"width": target.width, "explanation": explanation}


def facts() -> Iterator[tuple[str, str]]:
    """What can be said of a line, each with an example."""
    for term in (*VOCABULARY.values(), *PREFIXES.values()):
        explanation = translated(term.explanation)
        example = gettext("%(explanation)s, such as “%(example)s”") % {
            "explanation": explanation,
            "example": term.example,
        }
        yield term.name, example if term.example else explanation


def transforms() -> list[tuple[str, str]]:
    """What can change a value, each as it is written."""
    return [(each.example, translated(each.explanation)) for each in TRANSFORMS.values()]


def comparisons() -> list[tuple[str, str]]:
    """How a condition compares."""
    return [(operator, translated(explanation)) for operator, explanation in OPERATORS.items()]
