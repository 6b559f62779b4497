from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.limits import Limit, broken, cut, limits_from


@pytest.mark.parametrize(
    ("text", "limit", "left"),
    [
        ("Größe", Limit(), "Größe"),
        ("Größe", Limit(characters=3), "Grö"),
        ("Größe", Limit(characters=5), "Größe"),
        ("Größe", Limit(bytes=4), "Grö"),
        ("Größe", Limit(bytes=3), "Gr"),
        ("日本語", Limit(bytes=8), "日本"),
        ("Größe", Limit(characters=4, bytes=4), "Grö"),
        ("a?b", Limit(characters=2, forbidden="?"), "a?"),
        ("", Limit(characters=3), ""),
    ],
)
def test_cutting_splits_no_character(text, limit, left):
    assert cut(text, limit) == left


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 20), st.integers(1, 20))
def test_what_is_cut_fits_and_was_the_beginning(text, characters, size):
    limit = Limit(characters=characters, bytes=size)
    assert text.startswith(cut(text, limit))
    assert broken(cut(text, limit), limit) == ""


@pytest.mark.parametrize(
    ("text", "limit", "sentence"),
    [
        ("abcd", Limit(characters=3), "It has 4 characters, and at most 3 are taken."),
        ("Größe", Limit(bytes=6), "It has 7 bytes in UTF-8, and at most 6 are taken."),
        ("0.00125", Limit(decimals=4), "It has 5 decimals, and at most 4 are taken."),
        ("1.50", Limit(decimals=0), "It has 2 decimals, and at most 0 are taken."),
        ("on request", Limit(decimals=4), "It is not a number."),
        ("NaN", Limit(decimals=4), "It is not a number."),
        ("1e9999999", Limit(decimals=4), "It is not a number."),
        ("AB{1}?", Limit(forbidden="?{}"), "It must not contain “?”, “{”, “}”."),
        (
            "a?cd",
            Limit(characters=3, forbidden="?"),
            "It has 4 characters, and at most 3 are taken. It must not contain “?”.",
        ),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(text, limit, sentence):
    assert broken(text, limit) == sentence


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("abc", Limit(characters=3)),
        ("Größe", Limit(bytes=7)),
        ("0.0012", Limit(decimals=4)),
        ("1200", Limit(decimals=0)),
        ("11.900", Limit(decimals=2)),
        ("0.000", Limit(decimals=0)),
        ("AB-1", Limit(forbidden="?{}")),
        ("", Limit(decimals=4)),
        ("anything", Limit()),
    ],
)
def test_what_fits_is_not_mentioned(text, limit):
    assert broken(text, limit) == ""


def test_a_link_keeps_limits_as_json():
    limits = {"Description": Limit(bytes=255), "SupplierPartID": Limit(characters=100, forbidden="?{}")}
    kept = {target: limit.as_json() for target, limit in limits.items()}
    assert kept == {"Description": {"bytes": 255}, "SupplierPartID": {"characters": 100, "forbidden": "?{}"}}
    assert limits_from(kept) == limits


def test_no_decimals_at_all_is_a_limit_too():
    assert limits_from({"PRICE": Limit(decimals=0).as_json()}) == {"PRICE": Limit(decimals=0)}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Description: A limit needs at least one of characters, bytes, decimals, forbidden."),
        ({"letters": 3}, "Description: A limit has no 'letters', only characters, bytes, decimals, forbidden."),
        ({"characters": 0}, "Description: 'characters' must be a whole number, at least 1."),
        ({"bytes": "9"}, "Description: 'bytes' must be a whole number, at least 1."),
        ({"bytes": True}, "Description: 'bytes' must be a whole number, at least 1."),
        ({"decimals": -1}, "Description: 'decimals' must be a whole number, at least 0."),
        ({"forbidden": ["?"]}, "Description: 'forbidden' must be a text of the characters that must not occur."),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(data, sentence):
    with pytest.raises(ValueError) as caught:
        limits_from({"Description": data})
    assert str(caught.value) == sentence
