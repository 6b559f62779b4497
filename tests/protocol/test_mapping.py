"""Mapping rows: what they give, and what can never work."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hanging import never_hangs
from tests.protocol.carts import cart, facts, line
from tests.protocol.rows import FORMATS, constant, field, template
from tests.protocol.test_properties import any_text
from wagtail_punchout.protocol.facts import cart_facts, facts_of
from wagtail_punchout.protocol.mapping import (
    CODES,
    SENTENCES,
    Malformed,
    Missing,
    Problem,
    Row,
    apply,
    check,
    with_defaults,
)
from wagtail_punchout.protocol.templates import MOST_PLACES
from wagtail_punchout.protocol.transforms import MOST_TEXT


def value(row: Row, **extra: str) -> str:
    return apply((row,), facts(**extra)).values[row.target]


# What rows give


@pytest.mark.parametrize(
    ("row", "given"),
    [
        (field("VENDORMAT", "product.sku"), "KD-5555"),
        (field("VENDORMAT", " Product.SKU "), "KD-5555"),
        (field("MATGROUP", "product.classification.UNSPSC"), "56112102"),
        (field("CUST_FIELD1", "product.extrinsic.Cost Center"), "4711"),
        (field("CUST_FIELD1", "product.extrinsic.absent"), ""),
        (field("DESCRIPTION", "product.name", transforms="upper | cut(4)"), "DESK"),
        (field("UNIT", "product.unit", transforms="unit"), "PCE"),
        (constant("VENDOR", "0000100200"), "0000100200"),
        (constant("VENDOR", ""), ""),
        (constant("VENDOR", "{{ product.sku }}"), "{{ product.sku }}"),
        (template("LONGTEXT", "{{ product.name }} ({{product.sku|lower}})"), "Desk chair (kd-5555)"),
        (template("LONGTEXT", "{{ product.extrinsic.Cost Center | default(none) }}"), "4711"),
        (template("LONGTEXT", "{{ product.unit | unit }} } { {a} }}"), "PCE } { {a} }}"),
        (template("LONGTEXT", " {{ product.name }} ", transforms="one_line | upper"), "DESK CHAIR"),
        (template("LONGTEXT", "plain"), "plain"),
    ],
)
def test_row_gives(row, given):
    assert apply((row,), facts(), units={"EA": "PCE"}).values == {row.target: given}


def test_a_fact_is_never_read_as_a_template():
    row = template("LONGTEXT", "{{ line.comment }}")
    assert value(row, line__comment="{{ product.sku }}") == "{{ product.sku }}"


def test_first_row_that_holds_fills_the_field():
    rows = (constant("VENDOR", "1", only_when="line.comment"), constant("VENDOR", "2", 2), constant("VENDOR", "3", 3))
    assert apply(rows, facts()).values == {"VENDOR": "2"}


def test_no_row_that_holds_leaves_the_field_to_others():
    assert apply((constant("VENDOR", "1", only_when="line.comment"),), facts()).values == {}


@pytest.mark.parametrize("comment", ["", "  "])
def test_required_row_without_a_value_is_named(comment):
    row = field("CUST_FIELD1", "line.comment", number=4, required=True)
    assert apply((row,), facts(line__comment=comment)).problems == (Missing(4, "CUST_FIELD1"),)


def test_required_row_whose_condition_fails_is_no_problem():
    row = field("CUST_FIELD1", "line.comment", required=True, only_when="product.is_service")
    assert apply((row,), facts()).problems == ()


def test_rows_that_cannot_work_are_refused():
    with pytest.raises(Malformed):
        apply((field("VENDORMAT", "product.sku", transforms="shout"),), facts())


# What can never work

NEVER = [
    (field("", "product.sku"), "oci4", "target", "missing_target"),
    (field("description", "product.sku"), "oci4", "target", "unknown_target"),
    (field("A" * 41, "product.sku"), "oci4", "target", "unknown_target"),
    (field("ATTACHMENT", "product.url"), "oci3", "target", "unknown_target"),
    (field("PARENT_ID", "line.parent_number"), "oci4", "target", "unknown_target"),
    (field("DESCRIPTION", "product.sku"), "cxml", "target", "unknown_target"),
    (field("UnitPrice", "product.price"), "cxml", "target", "unknown_target"),
    (field("Extrinsic", "product.sku"), "cxml", "target", "unknown_target"),
    (field("URL:x", "product.url"), "cxml", "target", "unknown_target"),
    (field("Extrinsic: ", "product.sku"), "cxml", "target", "unnamed_target"),
    (field("VENDORMAT", ""), "oci4", "source", "missing_source"),
    (field("VENDORMAT", "product.skoo"), "oci4", "source", "misspelt_source"),
    (field("VENDORMAT", "weather"), "oci4", "source", "unknown_source"),
    (field("VENDORMAT", "product.sku.__class__"), "oci4", "source", "unknown_source"),
    (constant("VENDOR", " ", required=True), "oci4", "source", "required_but_empty"),
    (constant("VENDOR", "x", transforms="replace(x;)", required=True), "oci4", "source", "required_but_empty"),
    (constant("QUANTITY", ""), "oci4", "source", "needed"),
    (constant("SupplierPartID", ""), "cxml", "source", "needed"),
    (constant("LeadTime", "soon"), "cxml", "source", "misfit"),
    (constant("VENDOR", "1" * 11), "oci4", "source", "misfit"),
    (constant("SERVICE", "yes"), "oci4", "source", "misfit"),
    (constant("LEADTIME", "soon"), "oci4", "source", "misfit"),
    (constant("GTIN", "1" * 256), "oci5", "source", "misfit"),
    (constant("VENDOR", "1", transforms="number(9)"), "oci4", "source", "misfit"),
    (constant("LONGTEXT", "x" * 4001), "oci4", "source", "too_long"),
    (template("LONGTEXT", "  "), "oci4", "source", "missing_source"),
    (template("LONGTEXT", "{{ product.sku"), "oci4", "source", "place_open"),
    (template("LONGTEXT", "{{ }}"), "oci4", "source", "place_empty"),
    (template("LONGTEXT", "{{ | upper }}"), "oci4", "source", "place_empty"),
    (template("LONGTEXT", "{% for x in y %}"), "oci4", "source", "template_tag"),
    (template("LONGTEXT", "{{ product.sku }}" * (MOST_PLACES + 1)), "oci4", "source", "too_many_places"),
    (template("LONGTEXT", "{{ product.sku | shout }}"), "oci4", "source", "unknown_transform"),
    (template("LONGTEXT", "{{ product.sku | }}"), "oci4", "source", "unreadable_transforms"),
    (template("LONGTEXT", "{{ product.sku | upper | upper }}" * 26), "oci4", "source", "too_many_transforms"),
    (template("LONGTEXT", "{{ product.skoo }}"), "oci4", "source", "misspelt_source"),
    (template("LONGTEXT", "{{ product.sku() }}"), "oci4", "source", "misspelt_source"),
    (template("LONGTEXT", "{{ 1 + 1 }}"), "oci4", "source", "unknown_source"),
    (field("VENDORMAT", "product.sku", transforms="shout"), "oci4", "transforms", "unknown_transform"),
    (field("VENDORMAT", "product.sku", transforms="upper lower"), "oci4", "transforms", "unreadable_transforms"),
    (field("VENDORMAT", "product.sku", transforms="cut(4"), "oci4", "transforms", "argument_open"),
    (field("VENDORMAT", "product.sku", transforms="cut"), "oci4", "transforms", "argument_missing"),
    (field("VENDORMAT", "product.sku", transforms="upper(1)"), "oci4", "transforms", "argument_unexpected"),
    (field("VENDORMAT", "product.sku", transforms="cut(x)"), "oci4", "transforms", "argument_not_count"),
    (field("VENDORMAT", "product.sku", transforms="replace(x)"), "oci4", "transforms", "argument_not_pair"),
    (field("VENDORMAT", "product.sku", transforms="lookup(x)"), "oci4", "transforms", "argument_not_table"),
    (field("VENDORMAT", "product.sku", only_when="="), "oci4", "only_when", "condition_name"),
    (field("VENDORMAT", "product.sku", only_when="product.sku ="), "oci4", "only_when", "condition_value"),
    (field("VENDORMAT", "product.sku", only_when="product.sku = a = b"), "oci4", "only_when", "condition_operators"),
    (field("VENDORMAT", "product.sku", only_when="product.sku > a"), "oci4", "only_when", "condition_number"),
    (field("VENDORMAT", "product.sku", only_when='product.sku = "'), "oci4", "only_when", "condition_quote"),
    (field("VENDORMAT", "product.sku", only_when="a or b"), "oci4", "only_when", "condition_or"),
    (field("VENDORMAT", "product.sku", only_when="weather = fine"), "oci4", "only_when", "unknown_source"),
]


@pytest.mark.parametrize(("row", "format", "part", "code"), NEVER)
def test_row_that_can_never_work(row, format, part, code):
    [problem] = check((row,), format)
    assert (problem.row, problem.part, problem.code) == (1, part, code)
    assert problem.sentence


def test_every_code_is_met():
    assert {code for *_row, code in NEVER} | {"unreachable"} == set(CODES) == set(SENTENCES)


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (check((field("VENDORMAT", "product.skoo"),), "oci4"), "There is no “product.skoo”. Is “product.sku” meant?"),
        (check((field("PARENT_ID", "line.position"),), "oci4"), "OCI 4.0 has no field “PARENT_ID”."),
        (
            check((constant("VENDOR", "1" * 11),), "oci4"),
            "The constant can never be sent: VENDOR has room for 10 characters in OCI 4.0, this has 11.",
        ),
        (
            check((field("VENDORMAT", "product.sku", transforms="cut"),), "oci4"),
            "“cut” needs something in parentheses, as in “cut(40)”.",
        ),
    ],
)
def test_sentence(problem, sentence):
    assert [each.sentence for each in problem] == [sentence]


def test_row_behind_one_that_always_holds_is_never_reached():
    rows = (
        constant("VENDOR", "1", 1, only_when="line.comment"),
        constant("VENDOR", "2", 2),
        constant("VENDOR", "3", 3, only_when="product.is_service"),
        constant("VENDOR", "4", 4),
    )
    found = [Problem(row, "target", "unreachable", {"other": "2", "target": "VENDOR"}) for row in (3, 4)]
    assert list(check(rows, "oci4")) == found


def test_all_that_is_wrong_with_a_row_is_said():
    row = field("desc", "weather", transforms="shout", only_when="or")
    assert [each.part for each in check((row,), "oci4")] == ["target", "source", "transforms", "only_when"]


@pytest.mark.parametrize(
    ("row", "format"),
    [
        (constant("VENDOR", ""), "oci4"),
        (constant("LeadTime", ""), "cxml"),
        (constant("LeadTime", " 3 "), "cxml"),
        (constant("DESCRIPTION", "x" * 60), "oci4"),
        (constant("VENDOR", "Supplier 100200", transforms="replace(Supplier ;)"), "oci4"),
        (constant("MATNR", "1" * 40), "oci4"),
        (field("GTIN", "product.extrinsic.GTIN"), "oci3"),
        (field("CUST_FIELD17", "call.PLANT"), "oci5"),
        (field("PARENT_ID", "line.parent_number"), "oci5"),
        (field("Extrinsic:Cost: Center", "session.extrinsic.CostCenter"), "cxml"),
        (field("Classification:UNSPSC", "product.extrinsic.unspsc"), "cxml"),
        (template("Description", "{{ product.description.de-AT }}"), "cxml"),
    ],
)
def test_row_that_works(row, format):
    assert check((row,), format) == ()


# Harmlessness

chunks = st.sampled_from(["{{", "}}", "{%", "|", "product.sku", "product.", "cut(3)", "(", ")", "__class__", "\\"])
hostile = st.lists(chunks | any_text, max_size=12).map("".join)


@given(st.builds(template, hostile, hostile, transforms=hostile, only_when=hostile), st.sampled_from(FORMATS))
def test_hostile_row_is_refused_or_gives_a_text(row, format):
    with never_hangs():
        problems = check((row,), format)
    assert all(problem.sentence for problem in problems)
    if not problems:
        assert all(isinstance(text, str) for text in apply((row,), facts()).values.values())


@given(hostile.filter(lambda text: "{%" not in text), any_text)
def test_hostile_template_is_refused_or_gives_a_text(source, name):
    row = template("LONGTEXT", "{{ product.name }}" + source)
    if not check((row,), "oci4"):
        assert value(row, product__name=name).startswith(name)


@pytest.mark.parametrize("piece", ["{{", "}}", "{{}}", "{{ a }}", "{{ product.sku | upper }}", "{", "{{ a | cut("])
def test_long_template_is_read_or_refused(piece):
    row = template("LONGTEXT", piece * (4000 // len(piece)))
    with never_hangs():
        check((row,), "oci4")


def test_what_comes_out_is_never_huge():
    row = template("LONGTEXT", "{{ line.comment }}" * MOST_PLACES)
    with never_hangs():
        assert len(value(row, line__comment="x" * MOST_TEXT)) == MOST_TEXT


def test_thousand_lines_with_thirty_rows_are_mapped():
    lines = [line(line_id=str(number), quantity=Decimal(number)) for number in range(1, 1001)]
    full = cart(*lines)
    own = (template(f"CUST_FIELD{n}", "{{ product.name | one_line }} {{ product.sku }}", n) for n in range(1, 13))
    rows = with_defaults((*own, *(constant(f"A{n}", "x", n, only_when="line.quantity > 5") for n in (13, 14))), "oci4")
    assert len(rows) == 30
    with never_hangs():
        known = cart_facts(full)
        mapped = [apply(rows, facts_of(full, each, position=n, extra=known)) for n, each in enumerate(lines, start=1)]
    assert [("A13" in each.values) for each in mapped[:7]] == [False] * 5 + [True] * 2
