"""The link form as a browser without script sends it: every field of the page as it stands, with some changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from lxml.html import FormElement, fromstring

from wagtail_punchout.models import PunchoutLink

ADD = "punchout_links:add"
ROW = {"target": "", "kind": "field", "source": "", "transforms": "", "only_when": ""}


def edit_url(link: PunchoutLink) -> str:
    return reverse("punchout_links:edit", args=[link.pk])


def fields_of(answer: HttpResponse) -> dict[str, Any]:
    [form] = fromstring(answer.content.decode()).xpath("//form[@id='w-editor-form']")
    assert isinstance(form, FormElement)
    for template in form.xpath(".//template"):
        template.drop_tree()
    return {name: value for name, value in form.form_values() if not name.startswith("action-")}


def in_place(name: str, fields: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of a page with these rows, all of them new; those that are there are taken out."""
    there = int(fields[f"{name}-INITIAL_FORMS"])
    added = {f"{name}-TOTAL_FORMS": there + len(rows)} | {f"{name}-{at}-DELETE": "on" for at in range(there)}
    for at, row in enumerate(rows, start=there):
        added |= {f"{name}-{at}-{key}": value for key, value in {"ORDER": at + 1, **row}.items()}
    return {**fields, **added}


def send(
    client: Client,
    url: str,
    *,
    mapping: Sequence[Mapping[str, Any]] | None = None,
    units: Sequence[tuple[str, str]] | None = None,
    publish: bool = False,
    **changes: Any,
) -> HttpResponse:
    """Open the form, change these things and send it."""
    fields = fields_of(client.get(url))
    if mapping is not None:
        fields = in_place("mapping_rows", fields, [{**ROW, **row} for row in mapping])
    if units is not None:
        fields = in_place("unit_rows", fields, [{"ours": ours, "theirs": theirs} for ours, theirs in units])
    wanted = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    return client.post(url, wanted | ({"action-publish": "1"} if publish else {}))


def add(client: Client, **changes: Any) -> HttpResponse:
    return send(client, reverse(ADD), **changes)


def edit(client: Client, link: PunchoutLink, **changes: Any) -> HttpResponse:
    return send(client, edit_url(link), **changes)


def errors_of(answer: HttpResponse, rows: str) -> list[dict[str, list[str]]]:
    """What is wrong with the rows of an answer that was not taken, row by row."""
    assert answer.status_code == 200
    return [dict(form.errors) for form in answer.context["form"].formsets[rows].forms]
