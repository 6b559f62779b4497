"""Transforms: each of them, and whatever can be wrong with a chain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hanging import never_hangs
from tests.protocol.test_properties import any_text
from wagtail_punchout.protocol.mapping_problems import Malformed
from wagtail_punchout.protocol.transforms import MOST_TEXT, TRANSFORMS, run, steps_of

UNITS = {"EA": "PCE"}

CHANGES = [
    ("", "a  b", "a  b"),
    ("one_line", " a\r\n\tb  c ", "a b c"),
    ("cut(3)", "abcdef", "abc"),
    ("cut(3)", "ab def", "ab"),
    ("cut(3)", "a", "a"),
    ("bytes(3)", "aüö", "aü"),
    ("bytes(2)", "aü", "a"),
    ("bytes(9)", "a\ud800b", "ab"),
    ("first(2)", " one two  three", "one two"),
    ("upper", "straße", "STRASSE"),
    ("lower", "ABC", "abc"),
    ("ascii", "Bürostuhl № 5 – €", "Burostuhl No 5 - EUR"),
    ("ascii", "\ud800", ""),
    ("strip_html", "<p>One &amp; <b>two</b></p><ul><li>three</li></ul>", "One & two\nthree"),
    ("strip_html", "a < b, c > d", "a < b, c > d"),
    ("strip_html", "a<!-- <b> -->b<script>if (1<2) x()</script>c<style>p</STYLE>d", "abcd"),
    ("strip_html", "<!DOCTYPE html><br/>x<!-- open", "x"),
    ("strip_html", "&lt;b&gt; &#65;&#x42;&nope; &#" + "1" * 5000 + ";", "<b> AB&nope; &#" + "1" * 5000 + ";"),
    ("escape_html", '<a href="x">\'&', "&lt;a href=&quot;x&quot;&gt;&#x27;&amp;"),
    ("number(2)", "1.005", "1.01"),
    ("number(0)", "2.5", "3"),
    ("number(3)", "2", "2.000"),
    ("number(0)", "-0.2", "0"),
    ("number(2)", "on request", "on request"),
    ("number(2)", "1e999999999", "1e999999999"),
    ("number(9)", "9" * 15 + "." + "9" * 40, "1" + "0" * 15 + "." + "0" * 9),
    ("default(n/a)", "", "n/a"),
    ("default(n/a)", "x", "x"),
    ("prefix(Art. )", "7", "Art. 7"),
    ("prefix(Art. )", "", ""),
    ("suffix( days)", "3", "3 days"),
    ("suffix( days)", "", ""),
    ("replace(/;-)", "a/b/c", "a-b-c"),
    ("replace(-;)", "a-b", "ab"),
    (r"replace(\;;\))", "a;b", "a)b"),
    (r"replace(\\;|)", "a\\b", "a|b"),
    ("lookup(red=R; blue=B; *=?)", "blue", "B"),
    ("lookup(red=R; blue=B; *=?)", "green", "?"),
    ("lookup(red=R; blue=B)", "green", "green"),
    ("lookup(EA=)", "EA", ""),
    (r"lookup(a\=b=c=d; x\;y=1)", "a=b", "c=d"),
    (r"lookup(a\=b=c=d; x\;y=1)", "x;y", "1"),
    ("unit", "EA", "PCE"),
    ("unit", "KGM", "KGM"),
    ("one_line | cut(5) | upper", "ab\ncdef", "AB CD"),
    (" cut ( 2 )|upper ", "abc", "AB"),
]


@pytest.mark.parametrize(("chain", "value", "changed"), CHANGES)
def test_change(chain, value, changed):
    assert run(steps_of(chain), value, UNITS) == changed


def test_every_transform_is_tried():
    tried = " ".join(chain for chain, _value, _changed in CHANGES)
    assert [name for name in TRANSFORMS if name not in tried] == []


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=lambda each: each.name)
def test_example_can_be_written(transform):
    assert transform.example.startswith(transform.name)
    assert len(steps_of(transform.example)) == 1


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        ("shout", "unknown_transform"),
        ("Upper", "unknown_transform"),
        ("|", "unreadable_transforms"),
        ("upper |", "unreadable_transforms"),
        ("upper lower", "unreadable_transforms"),
        ("upper || lower", "unreadable_transforms"),
        ("cut(4) 5", "unreadable_transforms"),
        ("cut", "argument_missing"),
        ("cut()", "argument_missing"),
        ("cut(4", "argument_open"),
        ("prefix(a\\)", "argument_open"),
        ("cut(x)", "argument_not_count"),
        ("cut(-1)", "argument_not_count"),
        ("cut(0)", "argument_not_count"),
        ("cut(٣)", "argument_not_count"),
        ("number(10)", "argument_not_count"),
        ("cut(999999999999)", "argument_not_count"),
        ("upper(2)", "argument_unexpected"),
        ("upper()", "argument_unexpected"),
        ("replace(a)", "argument_not_pair"),
        ("replace(;b)", "argument_not_pair"),
        ("replace(a;b;c)", "argument_not_pair"),
        ("lookup(red)", "argument_not_table"),
        ("lookup(red=R; blue)", "argument_not_table"),
        ("|".join(["upper"] * 51), "too_many_transforms"),
    ],
)
def test_chain_that_cannot_be_read(chain, code):
    with pytest.raises(Malformed) as found:
        steps_of(chain)
    assert found.value.code == code


BOMBS = [
    "a" * MOST_TEXT,
    "<" * MOST_TEXT,
    "<!--" * (MOST_TEXT // 4),
    "<" + "a" * MOST_TEXT,
    "<script>" * (MOST_TEXT // 8),
    "&" * MOST_TEXT,
    "&#" + "1" * MOST_TEXT,
    "1" * MOST_TEXT,
    "漢" * MOST_TEXT,
    " " * MOST_TEXT,
    "\n" * MOST_TEXT,
]


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("value", BOMBS, ids=lambda value: value[:8].strip() or "blanks")
def test_long_value_is_changed(name, value):
    steps = steps_of(TRANSFORMS[name].example)
    with never_hangs():
        assert len(run(steps, value, UNITS)) <= MOST_TEXT


def test_values_cannot_grow_without_end():
    growing = steps_of("|".join([f"replace(a;{'a' * 2000})"] * 10))
    with never_hangs():
        assert len(run(growing, "a" * 1000, {})) == MOST_TEXT


@given(any_text)
def test_any_chain_is_read_or_refused_with_a_sentence(text):
    for chain in (text, f"cut({text})", f"replace({text};{text})", f"lookup({text}={text})", f"upper | {text}"):
        try:
            steps_of(chain)
        except Malformed as refused:
            assert str(refused)


@given(st.lists(st.sampled_from([each.example for each in TRANSFORMS.values()]), max_size=6), any_text)
def test_any_value_goes_through_any_chain(chain, value):
    assert isinstance(run(steps_of(" | ".join(chain)), value, UNITS), str)
