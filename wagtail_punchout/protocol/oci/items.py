"""A cart as the inputs of an OCI form.

SAP takes over what it understands and drops the rest without a word, so a line that would get lost there is an error
here, named by its product number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.oci.fields import FIELDS, Field, Version, fields_of, fit, input_name, misfit
from wagtail_punchout.protocol.words import Sentence, gettext_noop, joined


def encode(
    lines: Sequence[Mapping[str, str]], version: Version, *, send_empty: bool = False
) -> tuple[tuple[str, str], ...]:
    """Names and values of the inputs, line after line, numbered from 1 without a gap.

    A line maps names without ``NEW_ITEM-`` to texts that already fit the page's charset. Fields of the table come in
    its order, free ones after them. Empty ones are left out; with ``send_empty`` every field of the version is there,
    as SRM is said to want it. Raises ``UnsendableCart``.
    """
    return tuple(
        (input_name(name, index), value)
        for index, line in enumerate(lines, start=1)
        for name, value in _fields(line, index, version, send_empty=send_empty)
    )


def fault(line: Mapping[str, str], version: Version) -> str:
    """Why SAP would drop the line, as a sentence; empty when it would not."""
    return _fault(_filled(line, version), version)


def _fields(line: Mapping[str, str], index: int, version: Version, *, send_empty: bool) -> Iterator[tuple[str, str]]:
    filled = _filled(line, version)
    if sentence := _fault(filled, version):
        sku = filled.get("VENDORMAT") or filled.get("DESCRIPTION") or ""
        raise UnsendableCart(f"Line {index}: {sentence}", sku=sku)
    standard = fields_of(version)
    yield from ((each.name, filled.get(each.name, "")) for each in standard if send_empty or each.name in filled)
    yield from ((name, value) for name, value in filled.items() if name not in FIELDS)


def _filled(line: Mapping[str, str], version: Version) -> dict[str, str]:
    return {name: fitted for name, value in line.items() if (fitted := fit(name, value, version))}


def _fault(filled: Mapping[str, str], version: Version) -> str:
    """The first thing that is wrong with a line, as a sentence; empty when nothing is."""
    misfits = (misfit(name, value, version) for name, value in filled.items())
    missing = (_missing(each) for each in fields_of(version) if _is_missing(each, filled))
    return next((sentence for sentence in (*misfits, *missing) if sentence), "")


def _missing(field: Field) -> Sentence:
    return joined(Sentence(gettext_noop("%(name)s is missing."), name=field.name), field.rule)


def _is_missing(field: Field, filled: Mapping[str, str]) -> bool:
    if field.name in filled:
        return False
    has_none_instead = bool(field.unless) and field.unless not in filled
    return field.always or has_none_instead or any(name in filled for name in field.along)
