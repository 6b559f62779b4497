"""Any text, in any charset: written into our form, posted as Chromium posts it, read as the buyer reads it."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_punchout.protocol.oci.charset import fitting
from wagtail_punchout.protocol.oci.fields import Version
from wagtail_punchout.protocol.oci.items import encode
from wagtail_punchout.storefront.home import WayHome
from wagtail_punchout.testing.browsing import Page
from wagtail_punchout.testing.documents.oci import read_oci_fields

#: What has broken forms before: quotes, markup, escapes, signs that charsets lack, and blanks.
BITS = st.sampled_from(
    [
        *"<>&\"'%+=;#€–Łşß²мф漢🙂\u0301",
        "&amp;",
        "&#8364;",
        "%2B",
        "</form>",
        "\r\n",
        "\n",
        "\t",
        "  ",
        "]]>",
        "${x}",
        "{{ x }}",
    ]
)
TEXTS = st.lists(BITS | st.text(max_size=8), max_size=30).map("".join)


def posted(page: bytes, charset: str) -> list[tuple[str, str]]:
    """What the receiver gets of the form on ``page``, written and read in ``charset``."""
    headers = {"content-type": f"text/html; charset={charset}"}
    [form] = Page("https://shop.example/home/", headers=headers, body=page).forms("home")
    return [tuple(each.encode(charset).decode(charset) for each in field) for field in form.fields]


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8"])
@settings(max_examples=150)
@given(long=TEXTS, sku=st.text("ABC&<>\"'+%ß ", min_size=1, max_size=40))
def test_what_is_read_is_what_was_sent(charset, long, sku):
    line = {"DESCRIPTION": "Thing", "QUANTITY": "1", "UNIT": "PCE", "VENDORMAT": sku, "LONGTEXT": long}
    fields = encode([{name: fitting(value, charset) for name, value in line.items()}], Version.OCI4)
    way = WayHome(action="https://buyer.example/hook", charset=charset, fields=fields)
    html = render_to_string("wagtail_punchout/pages/way_home.html", {"way": way, "is_bare": True})
    pairs = posted(html.encode(charset, "strict"), charset)
    assert [(name, value.replace("\r\n", "\n")) for name, value in pairs] == list(fields)
    [read] = read_oci_fields(pairs).lines
    assert read.fields.get("VENDORMAT", "") == fitting(sku, charset).strip()
    assert read.long_text.strip() == dict(fields).get("NEW_ITEM-LONGTEXT_1:132[]", "").strip()
