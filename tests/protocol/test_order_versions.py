"""Documents of one order in every order of arrival, each once and twice."""

from __future__ import annotations

from itertools import permutations

import pytest

from wagtail_punchout.protocol.order import OrderAction
from wagtail_punchout.protocol.order_versions import Decision, Standing, decide

NEW, UPDATE, DELETE = OrderAction.NEW, OrderAction.UPDATE, OrderAction.DELETE
DOCUMENTS = {"new v1": (NEW, 1), "update v2": (UPDATE, 2), "update v3": (UPDATE, 3), "delete v4": (DELETE, 4)}


def play(names, documents=DOCUMENTS) -> tuple[str, int, set[str]]:
    """The state an order ends in, its version, and why a person is asked."""
    standing, state, reasons = None, "", set()
    version, was_given, current, taken = 0, False, "", frozenset()
    for name in names:
        action, given = documents[name]
        decision = decide(action, given, name, standing)
        reasons |= set(decision.reasons)
        taken |= {(action.value, name)}
        if decision.applies:
            state = "cancelled" if decision.cancels else "held" if decision.holds else "live"
            version, was_given, current = decision.version, given is not None, name
        standing = Standing(
            version=version, was_given=was_given, is_cancelled=state == "cancelled", taken=taken, current=current
        )
    return state, standing.version, reasons


@pytest.mark.parametrize("names", list(permutations(DOCUMENTS)), ids=", ".join)
def test_every_order_of_arrival_ends_cancelled(names):
    assert play(names)[:2] == ("cancelled", 4)


@pytest.mark.parametrize("names", list(permutations(DOCUMENTS)), ids=", ".join)
def test_documents_that_come_twice_change_nothing(names):
    twice = [each for name in names for each in (name, name)]
    assert play(twice)[:2] == play(names)[:2]
    assert play([*names, *names])[:2] == ("cancelled", 4)


def test_order_that_was_cancelled_before_it_came_is_never_live():
    documents = {"new": (NEW, None), "update": (UPDATE, None), "delete": (DELETE, None)}
    for names in permutations(documents):
        for played in (names, [*names, *names], [each for name in names for each in (name, name)]):
            state, _version, reasons = play(played, documents)
            assert state == "cancelled" or (state == "held" and "after_cancel" in reasons), played


@pytest.mark.parametrize("names", list(permutations(["new v1", "update v2", "update v3"])), ids=", ".join)
def test_changes_in_any_order_end_with_the_newest(names):
    assert play(names)[:2] == ("live", 3)


def test_late_version_calls_a_person():
    assert "late" in play(["update v3", "update v2"])[2]


def test_change_before_its_order_calls_a_person():
    assert "update_first" in play(["update v2"])[2]


def test_other_content_of_the_same_version_is_refused():
    standing = Standing(version=1, was_given=False, taken=frozenset({("new", "one")}))
    decision = decide(NEW, None, "other", standing)
    assert (decision.verdict, decision.status) == ("conflict", 409)
    assert "Version 1" in decision.sentence


def test_same_content_again_is_fine():
    standing = Standing(version=1, taken=frozenset({("new", "one")}))
    assert decide(NEW, None, "one", standing) == Decision(verdict="same", version=1)


def test_first_change_may_count_from_one():
    # orderVersion counts change orders from 1 (guide p. 108), and the order itself has none.
    standing = Standing(version=1, was_given=False, taken=frozenset({("new", "one")}))
    assert decide(UPDATE, 1, "changed", standing).applies
    assert not decide(UPDATE, 1, "changed", Standing(version=1, was_given=True)).applies


def test_refused_order_may_be_mended():
    assert decide(NEW, None, "mended", Standing(version=1, is_refused=True)).applies


def test_order_that_somebody_refused_is_held_when_it_comes_again():
    decision = decide(NEW, None, "mended", Standing(version=1, is_refused_by_hand=True))
    assert (decision.holds, decision.reasons) == (True, ("after_refusal",))


def test_change_after_a_cancellation_is_held():
    decision = decide(UPDATE, 5, "again", Standing(version=4, is_cancelled=True))
    assert (decision.holds, decision.reasons) == (True, ("after_cancel",))


def test_cancelling_anew_what_was_ordered_anew_cancels():
    standing = Standing(version=2, taken=frozenset({("new", "a"), ("delete", "d"), ("new", "b")}), current="b")
    assert decide(DELETE, None, "d", standing).cancels
    # A version older than the order's is not about this one.
    assert decide(DELETE, 1, "d", standing).verdict == "same"


def test_going_back_to_an_earlier_change_is_held_for_a_person():
    standing = Standing(version=3, taken=frozenset({("update", "five"), ("update", "ten")}), current="ten")
    decision = decide(UPDATE, None, "five", standing)
    assert (decision.applies, decision.holds, decision.reasons) == (True, True, ("back",))
    assert decide(UPDATE, None, "ten", standing).verdict == "same"


def test_ordering_again_what_was_cancelled_calls_a_person():
    standing = Standing(version=1, is_cancelled=True, taken=frozenset({("new", "one"), ("delete", "d")}), current="d")
    decision = decide(NEW, None, "one", standing)
    assert (decision.verdict, decision.reasons) == ("late", ("after_cancel",))
