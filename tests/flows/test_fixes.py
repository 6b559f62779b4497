"""Fixes: whatever is refused, somebody is told what to change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wagtail_punchout.flows.call_up import CannotEnter, Reason
from wagtail_punchout.flows.fixes import FIXES, fix_for
from wagtail_punchout.flows.route import FAILURES, Why
from wagtail_punchout.protocol import errors
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.storefront.oci_refusals import PAGES

APP = Path(__file__).resolve().parents[2] / "wagtail_punchout"
SOURCES = {
    path: path.read_text(encoding="utf-8") for path in APP.rglob("*.py") if path.name not in {"failures.py", "fixes.py"}
}
REFUSALS = errors.Refused.__subclasses__()
#: Reasons of OCI calls that are told as one, and kept apart.
TOLD_AS_ONE = {Reason.NO_COMPANY, Reason.NO_USER, Reason.SWITCHED_OFF}


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_a_fix_in_words(failure):
    fix = fix_for(failure.value)
    assert len(str(fix.what).split()) >= 3
    assert not str(fix.what).endswith(".")
    assert re.fullmatch(r"[A-Z].+\.", str(fix.mend))


@pytest.mark.parametrize("failure", list(Failure))
def test_no_failure_is_there_for_nothing(failure):
    said = f"Failure.{failure.name}"
    is_reason = failure.value in {each.value for each in Reason}
    assert is_reason or any(re.search(rf"{said}\b", text) for text in SOURCES.values())


def test_no_two_failures_are_told_with_the_same_words():
    assert len({str(fix.what) for fix in FIXES.values()}) == len(Failure)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.__name__)
def test_a_refusal_without_a_code_has_that_of_its_kind(refusal):
    if refusal is errors.NotAuthorized:
        assert refusal("Why.", Failure.SECRET_WRONG).code is Failure.SECRET_WRONG
    else:
        assert refusal("What to do.").code is refusal.USUAL
        assert refusal("What to do.", code=Failure.FORM).code is Failure.FORM


def test_every_kind_of_refusal_has_a_code_of_its_own():
    usual = [each.USUAL for each in REFUSALS if each is not errors.NotAuthorized]
    assert len(set(usual)) == len(usual)


@pytest.mark.parametrize("reason", [each for each in PAGES if each not in TOLD_AS_ONE])
def test_what_an_oci_call_is_told_names_its_failure(reason):
    assert CannotEnter(reason, "").code.value == reason.value


@pytest.mark.parametrize("why", [Why.NOTHING_FITS, Why.SWITCHED_OFF, Why.ELSEWHERE])
def test_a_route_that_leads_nowhere_names_its_failure(why):
    assert FAILURES[why] in FIXES


@pytest.mark.parametrize("code", ["", "no_such_failure"])
def test_what_was_kept_without_a_reason_has_no_fix(code):
    assert fix_for(code) is None
