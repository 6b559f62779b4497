"""Units, as shops say them and as buyers hear them."""

from __future__ import annotations

import pytest

from wagtail_punchout.protocol.units import DEFAULT_OCI, UNITS, is_settled, suggestions, to_buyer, translate

OURS = {"EA": "ST", "ROLL": "RO"}


@pytest.mark.parametrize(
    ("code", "format", "expected"),
    [
        ("EA", "oci4", "ST"),
        ("EA", "cxml", "ST"),
        ("C62", "oci3", "PCE"),
        ("C62", "cxml", "C62"),
        ("XBX", "oci5", "BX"),
        ("KGM", "oci4", "KGM"),
        ("ROLL", "oci4", "RO"),
        ("D97", "oci4", "D97"),
    ],
)
def test_the_links_own_table_goes_before_what_is_usual(code, format, expected):
    assert to_buyer(code, OURS, format) == expected


def test_the_table_alone_translates_what_it_names():
    assert (translate("EA", OURS), translate("C62", OURS), translate("EA", {"EA": ""})) == ("ST", "C62", "EA")


@pytest.mark.parametrize(
    ("code", "format", "settled"),
    [
        ("ROLL", "oci4", True),
        ("ROLL", "cxml", True),
        ("EA", "oci4", True),
        ("KGM", "oci4", True),
        ("ST", "oci4", False),
        ("D97", "oci4", False),
        ("MIN", "oci4", False),
        ("MIN", "cxml", True),
        ("C62", "cxml", True),
        ("XBX", "cxml", True),
        ("D97", "cxml", False),
        ("EACH", "cxml", False),
    ],
)
def test_a_unit_is_settled_by_the_table_or_by_needing_none(code, format, settled):
    assert is_settled(code, OURS, format) is settled


@pytest.mark.parametrize(
    ("code", "format", "expected"),
    [
        ("EA", "oci4", ("PCE", "EA", "C62", "H87", "PC", "ST")),
        ("H87", "oci4", ("PCE", "EA", "C62", "H87", "PC", "ST")),
        ("EA", "cxml", ("EA", "PCE", "C62", "H87", "PC", "ST")),
        ("KGM", "oci3", ("KGM", "KG")),
        ("ST", "oci4", ("PCE", "EA", "C62", "H87", "PC", "ST", "LEF", "XST")),
        ("MIN", "oci4", ("MIN",)),
        ("EACH", "oci4", ()),
    ],
)
def test_suggestions_come_best_first_and_saps_own_codes_last(code, format, expected):
    assert suggestions(code, format) == expected


@pytest.mark.parametrize("code", UNITS)
def test_no_suggestion_is_longer_than_the_field(code):
    assert code == UNITS[code].code
    assert all(0 < len(each) <= 3 for each in suggestions(code, "oci4"))


@pytest.mark.parametrize("code", DEFAULT_OCI)
def test_what_is_usual_needs_no_second_translation(code):
    sent = to_buyer(code, {}, "oci4")
    assert to_buyer(sent, {}, "oci4") == sent
    assert is_settled(code, {}, "oci4")
