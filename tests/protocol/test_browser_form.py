from __future__ import annotations

import pytest

from tests.protocol.factories import message_bytes, order
from wagtail_punchout.protocol.cxml.browser_form import form_fields, read_form
from wagtail_punchout.protocol.errors import UnreadableDocument

DOCUMENT = message_bytes(order())


def test_names_are_spelled_as_the_strictest_reader_wants_them():
    assert [name for name, _ in form_fields(DOCUMENT, encoding="base64")] == ["cXML-base64"]
    assert [name for name, _ in form_fields(DOCUMENT, encoding="urlencoded")] == ["cxml-urlencoded"]


@pytest.mark.parametrize("encoding", ["base64", "urlencoded"])
def test_document_is_read_as_it_was_written(encoding):
    fields = form_fields(DOCUMENT, encoding=encoding)
    assert read_form(fields) == read_form(dict(fields)) == DOCUMENT
    assert read_form([(name.upper(), value) for name, value in fields]) == DOCUMENT


def test_base64_is_one_line_and_read_from_many():
    ((name, value),) = form_fields(DOCUMENT, encoding="base64")
    assert value.split() == [value]
    assert read_form({name: "\r\n".join(value[at : at + 76] for at in range(0, len(value), 76))}) == DOCUMENT


def test_urlencoded_is_not_encoded_twice():
    assert form_fields(DOCUMENT, encoding="urlencoded")[0][1].startswith("<?xml")


def test_base64_is_looked_at_first():
    assert read_form({"cxml-urlencoded": "<a/>", "cxml-base64": "PGIvPg=="}) == b"<b/>"


@pytest.mark.parametrize(
    "fields", [{}, {"cxml": "<a/>"}, {"cXML-base64": "<a/>"}, {"cXML-base64": "ä"}, {"cXML-base64": ""}]
)
def test_form_without_a_document_is_refused(fields):
    with pytest.raises(UnreadableDocument):
        read_form(fields)
