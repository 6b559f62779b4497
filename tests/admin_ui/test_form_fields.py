"""OCI calls and carts as a table of names and values, in the pages of documents and of returned carts."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from wagtail_punchout.admin_ui.form_fields import FormFields, document_section
from wagtail_punchout.admin_ui.sections import Document
from wagtail_punchout.models import Exchange, Quote

CART = [
    ["~OkCode", "ADDI"],
    ["NEW_ITEM-DESCRIPTION[1]", "Desk <lamp>"],
    ["NEW_ITEM-LONGTEXT_1:132[]", "Two\nlines"],
    ["NEW_ITEM-DESCRIPTION[2]", "Nut"],
]


def test_fields_are_grouped_by_line():
    section = document_section("document", "Document", json.dumps(CART), "")
    assert [(title, [name for name, _value in pairs]) for title, pairs in section.groups] == [
        ("", ["~OkCode"]),
        ("Line 1", ["NEW_ITEM-DESCRIPTION[1]", "NEW_ITEM-LONGTEXT_1:132[]"]),
        ("Line 2", ["NEW_ITEM-DESCRIPTION[2]"]),
    ]


@pytest.mark.parametrize("text", ["<cXML/>", "[not json", '["a", "b"]', '[["a", 1]]', '[["a"]]', '{"a": "b"}', ""])
def test_everything_else_is_shown_as_it_is(text):
    section = document_section("document", "Document", text, text)
    assert isinstance(section, Document)
    assert section.text == text


def test_form_without_fields_says_nothing():
    assert not FormFields("document", "Document", [])


@pytest.mark.parametrize("kind", ["OCI call", "OCI cart"])
def test_page_of_a_document(admin_client, visit, kind):
    exchange = Exchange.objects.create(
        direction="in", kind=kind, customer=visit.customer, document=json.dumps([["PASSWORD", "***"], *CART])
    )
    told = admin_client.get(reverse("punchout_documents:inspect", args=[exchange.pk])).content.decode()
    assert '<th scope="row"><code>PASSWORD</code></th><td>***</td>' in told
    assert "<td>Desk &lt;lamp&gt;</td>" in told


def test_page_of_a_returned_cart(admin_client, visit):
    Quote.objects.update(document=json.dumps(CART, indent=0))
    told = admin_client.get(reverse("punchout_quotes:inspect", args=[visit.quote.pk])).content.decode()
    assert '<th scope="rowgroup" colspan="2">Line 2</th>' in told
    assert "<td>Two\nlines</td>" in told
