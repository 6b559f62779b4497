"""The page that describes mapping rows says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wagtail_punchout.protocol.conditions import OPERATORS
from wagtail_punchout.protocol.facts import PREFIXES, VOCABULARY
from wagtail_punchout.protocol.mapping import DEFAULTS, Kind, Row, check, targets_of
from wagtail_punchout.protocol.oci import fields
from wagtail_punchout.protocol.transforms import TRANSFORMS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "mapping.md").read_text(encoding="utf-8")


def described(*cells: str) -> bool:
    return f"| {' | '.join(cells)} |\n" in PAGE


@pytest.mark.parametrize("term", VOCABULARY.values(), ids=lambda each: each.name)
def test_term_is_described(term):
    assert described(f"`{term.name}`", term.explanation, term.example)


@pytest.mark.parametrize("term", PREFIXES.values(), ids=lambda each: each.name)
def test_prefix_is_described(term):
    assert described(f"`{term.name}`", term.explanation, f"`{term.example}`")


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=lambda each: each.name)
def test_transform_is_described(transform):
    assert described(f"`{transform.example}`", transform.explanation)


@pytest.mark.parametrize(("operator", "explanation"), OPERATORS.items())
def test_operator_is_described(operator, explanation):
    assert described(f"`{operator}`", explanation)


@pytest.mark.parametrize("target", targets_of("cxml"), ids=lambda each: each.name)
def test_cxml_target_is_described(target):
    assert described(f"`{target.name}`", target.explanation)


@pytest.mark.parametrize("known", fields.FIELDS.values(), ids=lambda each: each.name)
def test_oci_field_is_described(known):
    widths = [str(known.widths.get(version, "no") or "any") for version in fields.Version]
    assert described(f"`{known.name}`", *widths, f"{known.meaning} {known.rule}")


@pytest.mark.parametrize("row", DEFAULTS["oci5"], ids=lambda each: each.target)
def test_default_is_described(row):
    parts = (row.target, row.source, row.transforms.replace("|", "\\|"), row.only_when)
    assert described(*(f"`{part}`" if part else "" for part in parts))


def examples() -> list[Row]:
    table = PAGE.split("\n## Examples\n")[1].split("\n## ")[0].split("| --- |\n")[1]
    rows = []
    for entry in table.strip().splitlines():
        cells = [cell.strip().strip("`").replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", entry)[1:-1]]
        target, kind, source, transforms, only_when = cells
        parts = {"source": source, "transforms": transforms, "only_when": only_when}
        rows.append(Row(number=1, target=target, kind=Kind(kind), **parts))
    return rows


@pytest.mark.parametrize("row", examples(), ids=lambda each: each.target)
def test_example_works(row):
    assert check((row,), "oci4" if row.target.isupper() else "cxml") == ()
