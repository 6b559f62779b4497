"""Sentences that remember what they were made of, so that screens can say them in another language."""

from __future__ import annotations

import pytest

from wagtail_punchout.protocol.limits import Limit, broken
from wagtail_punchout.protocol.oci.fields import FIELDS, Version, misfit
from wagtail_punchout.protocol.words import Sentence, joined


def test_sentence_is_its_english_text():
    sentence = Sentence("%(name)s is missing.", name="PRICE")
    assert sentence == "PRICE is missing."
    assert (sentence.template, sentence.params) == ("%(name)s is missing.", {"name": "PRICE"})


def test_sentences_are_joined_without_the_empty_ones():
    text = joined("One.", "", Sentence("%(number)s.", number="Two"))
    assert text == "One. Two."
    assert list(text.params.values()) == ["One.", "Two."]
    assert joined("", "") == ""


@pytest.mark.parametrize(
    ("sentence", "template"),
    [
        (misfit("SERVICE", "%", Version.OCI4), "%(name)s takes X or nothing, not %(value)s."),
        (FIELDS["EXT_SCHEMA_TYPE"].rule, "Required where %(field)s is filled."),
    ],
)
def test_template_has_no_value_in_it(sentence, template):
    assert sentence.template == template


def test_limit_that_is_broken_twice_tells_both():
    told = broken("a/b", Limit(characters=2, forbidden="/"))
    assert [each.template for each in told.params.values()] == [
        "It has %(size)s characters, and at most %(most)s are taken.",
        "It must not contain %(characters)s.",
    ]
