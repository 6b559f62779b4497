from __future__ import annotations

import pytest

from wagtail_punchout.flows.address_check import faults

HAMBURG = {"country": "DE", "postal_code": "20457", "city": "Hamburg", "phone": "040 1234567"}
BELLEVUE = {"country": "US", "postal_code": "98005", "city": "Bellevue", "state": "WA", "phone": "+1 425 555 0123"}


@pytest.mark.parametrize(
    "address",
    [
        HAMBURG,
        BELLEVUE,
        {**BELLEVUE, "state": "washington"},
        {**HAMBURG, "phone": "+43 1 58858"},  # a number of the country next door
        {**HAMBURG, "state": "whatever"},  # not part of a German address
        {"country": "IE", "city": "Dublin", "phone": "+353 1 677 7000"},  # needs no postal code
        {"country": "GB", "postal_code": "sw1a 1aa", "city": "London"},
        {"country": "XX", "postal_code": "whatever"},  # no rules
        {"country": ""},
    ],
)
def test_good_addresses_have_no_fault(address):
    assert faults(**address) == {}


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        ({**HAMBURG, "postal_code": ""}, "postal_code", "needs a postal code. For example: 26133"),
        ({**HAMBURG, "postal_code": "2045"}, "postal_code", "no postal code of this country. For example: 26133"),
        ({**HAMBURG, "city": " "}, "city", "needs a city"),
        ({**HAMBURG, "phone": "12"}, "phone", "+49 40 1234567"),
        ({**HAMBURG, "phone": "ask at the gate"}, "phone", "+49 40 1234567"),
        ({**BELLEVUE, "state": ""}, "state", "such as “AL”"),
        ({**BELLEVUE, "state": "Bavaria"}, "state", "no state or region of this name"),
        ({**BELLEVUE, "postal_code": "10001"}, "postal_code", "no postal code of WA"),
        ({**BELLEVUE, "postal_code": "20457-"}, "postal_code", "no postal code of this country"),
    ],
)
def test_each_fault_is_told_at_its_field(address, field, words):
    found = faults(**address)
    assert list(found) == [field]
    assert words in found[field]
