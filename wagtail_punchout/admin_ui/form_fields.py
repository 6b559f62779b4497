"""Documents that are a form: an OCI call and an OCI cart, as names and values that people can read."""

from __future__ import annotations

import json
import re
from itertools import groupby

from django.utils.translation import gettext

from wagtail_punchout.admin_ui.sections import Document, Section

#: ``NEW_ITEM-MATNR[3]``, and the name that only the long text has.
_NUMBERED = re.compile(r"NEW_ITEM-(?:LONGTEXT_(\d+):132\[\]|[^\[]+\[(\d+)\])")


class FormFields(Section):
    """The fields in the order they were sent, with a heading for each line of a cart."""

    template_name = "wagtail_punchout/admin/sections/fields.html"

    def __init__(self, name: str, heading: str, pairs: list[tuple[str, str]]) -> None:
        super().__init__(name, heading)
        self.groups = [(title, list(those)) for title, those in groupby(pairs, key=lambda pair: _title(pair[0]))]

    def __bool__(self) -> bool:
        return bool(self.groups)


def document_section(name: str, heading: str, document: str, text: str) -> Section:
    """A kept ``document`` as a table where it is a form; otherwise ``text``, which says the same for people."""
    pairs = _pairs(document)
    return Document(name, heading, text) if pairs is None else FormFields(name, heading, pairs)


def _pairs(document: str) -> list[tuple[str, str]] | None:
    if not document.startswith("["):
        return None
    try:
        found = json.loads(document)
    except ValueError:
        return None
    is_form = all(isinstance(each, list) and len(each) == 2 and all(isinstance(x, str) for x in each) for each in found)
    return [(name, value) for name, value in found] if is_form else None


def _title(name: str) -> str:
    found = _NUMBERED.fullmatch(name)
    return gettext("Line %(number)s") % {"number": found[1] or found[2]} if found else ""
