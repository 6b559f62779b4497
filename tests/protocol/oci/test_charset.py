"""Texts that survive the buyer's charset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.oci.charset import CHARSETS, DEFAULT, fitting, known, plain

any_text = st.text(st.characters(exclude_categories=[]))
charsets = st.sampled_from(sorted(CHARSETS))


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("ISO-8859-1", "iso-8859-1"),
        ("iso8859_1", "iso-8859-1"),
        ("iso_8859-1:1987", "iso-8859-1"),
        (" latin1 ", "iso-8859-1"),
        ("l1", "iso-8859-1"),
        ("cp819", "iso-8859-1"),
        ("csISOLatin1", "iso-8859-1"),
        ("ISO-8859-15", "iso-8859-15"),
        ("latin9", "iso-8859-15"),
        ("windows-1252", "windows-1252"),
        ("x-cp1252", "windows-1252"),
        ("us-ascii", "us-ascii"),
        ("Shift-JIS", "shift_jis"),
        ("windows-31j", "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        ("", ""),
        ("utf-7", ""),
        ("utf-16", ""),
        ("\x00", ""),
        ("x" * 100_000, ""),
    ],
)
def test_a_charset_is_known_by_any_of_its_names(label, name):
    assert known(label) == name


@pytest.mark.parametrize("name", CHARSETS)
def test_a_charset_is_known_by_its_name_and_by_its_codec(name):
    assert known(name) == known(CHARSETS[name][0]) == name
    assert "x".encode(CHARSETS[name][0]).decode(CHARSETS[name][1]) == "x"


@pytest.mark.parametrize(
    ("text", "charset", "fitted"),
    [
        ("Müller", "iso-8859-1", "Müller"),
        ("5 €", "iso-8859-1", "5 EUR"),
        ("5 €", "iso-8859-15", "5 €"),
        ("5 €", "windows-1252", "5 €"),
        ("“19″”", "iso-8859-1", "\"19''\""),
        ("u\u0308 Łódź", "latin1", "ü Lódz"),
        ("ł", "iso-8859-2", "ł"),
        ("ü", "us-ascii", "u"),
        ("Ω 日本", "utf-8", "Ω 日本"),
        ("a\r\nb\rc\x85d\u2028e", "utf-8", "a\nb\nc\nd\ne"),
        ("a\x00\x1b\ud800\tb", "utf-8", "a\tb"),
        ("€", "klingon", "EUR"),
    ],
)
def test_what_does_not_fit_is_written_in_latin_letters(text, charset, fitted):
    assert fitting(text, charset) == fitted


@given(any_text, charsets)
def test_fitted_text_is_read_by_browsers_as_it_was_written(text, charset):
    writes, reads = CHARSETS[charset]
    fitted = fitting(text, charset)
    assert fitted.encode(writes, "strict").decode(reads, "strict") == fitted


@given(any_text, charsets)
def test_fitting_twice_changes_nothing(text, charset):
    once = fitting(text, charset)
    assert fitting(once, charset) == once


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)), charsets)
def test_ascii_is_untouched(text, charset):
    assert fitting(text, charset) == text


@given(any_text, any_text, charsets)
def test_ascii_beside_other_text_is_untouched(before, after, charset):
    assert "SKU-4711" in fitting(f"{before}SKU-4711{after}", charset)


@given(st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFF)))
def test_latin_1_is_untouched_where_nothing_is_said(text):
    assert fitting(text, DEFAULT) == text


@given(any_text)
def test_plain_text_has_one_kind_of_line_end_and_no_halves(text):
    ended = plain(text) + "."
    assert ended.splitlines() == ended.split("\n")
    assert ended.encode().decode() == ended
