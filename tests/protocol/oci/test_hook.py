"""The hook, with its query taken out."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.oci.hook import split


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/r", ("https://h/r", ())),
        ("https://h/r?", ("https://h/r", ())),
        ("https://h/r?b=2&a=1&b=&c", ("https://h/r", (("b", "2"), ("a", "1"), ("b", ""), ("c", "")))),
        ("https://h/r?a=x%26y&d=%2525", ("https://h/r", (("a", "x&y"), ("d", "%25")))),
        ("https://h/r/?~", ("https://h/r/", (("~", ""),))),
        ("https://h/r?a=1#top", ("https://h/r#top", (("a", "1"),))),
        ("https://h/r?to=/?x", ("https://h/r", (("to", "/?x"),))),
        ("SAPEVENT:POST", ("SAPEVENT:POST", ())),
        ("", ("", ())),
    ],
)
def test_the_query_becomes_inputs_in_its_order(url, expected):
    assert split(url, "utf-8") == expected


@pytest.mark.parametrize(
    ("charset", "escaped", "value"),
    [
        ("utf-8", "%C3%BC", "ü"),
        ("iso-8859-1", "%FC", "ü"),
        ("iso-8859-1", "%80", "€"),
        ("windows-1252", "%81", "\x81"),
        ("utf-8", "%FC", "ü"),
        ("", "%FC", "ü"),
    ],
)
def test_escapes_are_read_as_the_browser_will_write_them(charset, escaped, value):
    assert split(f"https://h/?a={escaped}", charset)[1] == (("a", value),)


pairs = st.lists(st.tuples(st.text(), st.text()))


@given(pairs)
def test_what_a_form_says_is_found_again(query):
    assert split(f"https://h/r?{urlencode(query)}", "utf-8") == ("https://h/r", tuple(query))


@given(st.text(st.characters(exclude_categories=[])), st.sampled_from(["utf-8", "iso-8859-1", "shift_jis", ""]))
def test_no_hook_is_too_strange(url, charset):
    action, _ = split(url, charset)
    assert "?" not in action.partition("#")[0]
