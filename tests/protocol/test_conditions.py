"""Conditions: when a row counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hanging import never_hangs
from tests.protocol.test_properties import any_text
from wagtail_punchout.protocol.conditions import OPERATORS, holds, read_condition
from wagtail_punchout.protocol.mapping_problems import Malformed

FACTS = {
    "product.is_service": "X",
    "product.sku": "KD-5555",
    "line.quantity": "10",
    "line.comment": "",
    "call.plant": "1000",
    "call.flag": "and",
    "session.extrinsic.cost center": "North and South",
}


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "  ",
        "product.is_service",
        "Product.Is_Service",
        "not line.comment",
        "not product.never_heard_of",
        "product.sku = KD-5555",
        "product.sku=KD-5555",
        "product.sku!=KD-6",
        "product.sku != kd-5555",
        "product.sku starts KD-",
        "product.sku contains 55",
        "product.sku CONTAINS 55",
        "not product.sku contains 66",
        'line.comment = ""',
        "line.quantity > 9.5",
        "line.quantity >= 10",
        "line.quantity <= 10",
        "line.quantity < 11",
        "not product.sku > 5",
        "call.PLANT = 1000 and product.is_service",
        "product.is_service and not line.comment and line.quantity > 1",
        'session.extrinsic.Cost Center = "North and South"',
        "session.extrinsic.Cost   Center contains South",
        '"session.extrinsic.Cost Center" starts North',
        'call.flag = "and"',
    ],
)
def test_holds(condition):
    assert holds(read_condition(condition), FACTS)


@pytest.mark.parametrize(
    "condition",
    [
        "line.comment",
        "not product.is_service",
        "product.sku = KD-5556",
        "product.sku = kd-5555",
        "product.sku != KD-5555",
        "product.sku starts 55",
        "product.sku contains 66",
        "line.quantity > 10",
        "line.quantity < 9",
        "product.sku > 5",
        "line.comment < 5",
        "product.is_service and line.comment",
    ],
)
def test_does_not_hold(condition):
    assert not holds(read_condition(condition), FACTS)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("and", "condition_name"),
        ("product.sku and", "condition_name"),
        ("product.sku and and line.comment", "condition_name"),
        ("not", "condition_name"),
        ("= 5", "condition_name"),
        ('""', "condition_name"),
        ("product.sku =", "condition_value"),
        ("product.sku = and line.comment", "condition_value"),
        ("product.sku = a = b", "condition_operators"),
        ("call.URL = https://a/?b=c", "condition_operators"),
        ("line.quantity > many", "condition_number"),
        ("line.quantity > 1e9", "condition_number"),
        ('product.sku = "KD', "condition_quote"),
        ('product.sku = a "b"', "condition_quote"),
        ("product.sku or line.comment", "condition_or"),
        ("product.sku = a or b", "condition_or"),
    ],
)
def test_condition_that_cannot_be_read(condition, code):
    with pytest.raises(Malformed) as found:
        read_condition(condition)
    assert found.value.code == code


pieces = st.sampled_from(["product.sku", "not", "and", "or", '"', '""', "!", "(", ")", *OPERATORS, "5", " "])


@given(st.lists(pieces | any_text, max_size=12).map(" ".join))
def test_any_condition_is_decided_or_refused_with_a_sentence(text):
    try:
        assert holds(read_condition(text), FACTS) in (True, False)
    except Malformed as refused:
        assert str(refused)


@pytest.mark.parametrize("piece", ['"', '""', "!", "a ", "and ", "not ", "= ", "a = b and ", 'x "'])
def test_long_condition_is_read_or_refused(piece):
    with never_hangs():
        try:
            read_condition(piece * (200_000 // len(piece)))
        except Malformed as refused:
            assert str(refused)
