"""Rows of each kind, short enough for tables of tests."""

from __future__ import annotations

from wagtail_punchout.protocol.mapping import Kind, Row

FORMATS = ("cxml", "oci3", "oci4", "oci5")
OCI = FORMATS[1:]


def field(target: str, source: str, number: int = 1, **changes) -> Row:
    return Row(number=number, target=target, kind=Kind.FIELD, source=source, **changes)


def constant(target: str, source: str, number: int = 1, **changes) -> Row:
    return Row(number=number, target=target, kind=Kind.CONSTANT, source=source, **changes)


def template(target: str, source: str, number: int = 1, **changes) -> Row:
    return Row(number=number, target=target, kind=Kind.TEMPLATE, source=source, **changes)
