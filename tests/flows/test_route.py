"""Routing: which company a call is for."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.connections import connect
from tests.shared import SAMPLES, needs_shared
from wagtail_punchout.flows.explain_route import explain
from wagtail_punchout.flows.route import Sent, Why, fitting_rules, route, sent, sent_by
from wagtail_punchout.flows.routing_table import (
    Kind,
    apply,
    compare,
    fingerprint,
    move_to_index,
    one_at_a_time,
    put_at,
)
from wagtail_punchout.models import Company, PunchoutCustomer, Routing, RoutingRule, RoutingSource
from wagtail_punchout.protocol.cxml import envelope, setup, tree

ADDRESS, UNIT, COST = RoutingSource.ADDRESS_ID, RoutingSource.BUSINESS_UNIT, RoutingSource.COST_CENTER
DOMAIN, EXTRINSIC = RoutingSource.EMAIL_DOMAIN, RoutingSource.EXTRINSIC


@pytest.fixture
def district(db) -> PunchoutCustomer:
    """One connection for three companies: the district, a high school and an elementary school."""
    customer = connect("district", customer={"routing": Routing.REFUSE}).customer
    for name in ("High", "Elementary"):
        Company.objects.get(pk=customer.company_id).add_child(name=f"{name} School", code=name.lower())
    return customer


@pytest.fixture
def rule(district):
    """Adds a rule at the end: ``rule("HS-01", "high")``."""

    def add(value: str, code: str, source: str = ADDRESS, **values) -> RoutingRule:
        company = Company.objects.get(code=code)
        made = RoutingRule(customer=district, source=source, value=value, company=company, **values)
        made.clean()
        made.save()
        return made

    return add


def reached(customer, **said) -> str:
    return Company.objects.get(pk=route(customer, sent(**said)).company_id).code


def test_the_first_rule_that_fits_wins(district, rule):
    rule("chemistry", "elementary", UNIT)
    rule("HS-01", "high")
    assert reached(district, address_id="HS-01") == "high"
    assert reached(district, address_id="HS-01", extrinsics=[("BusinessUnit", "Chemistry")]) == "elementary"


def test_position_decides_and_not_the_order_in_which_rules_were_made(district, rule):
    rule("HS-01", "high", position=7)
    rule("x.example", "elementary", DOMAIN, position=2)
    assert reached(district, address_id="HS-01", email="a@x.example") == "elementary"


@pytest.mark.parametrize("sent_value", ["HS-01", " hs-01 ", "Hs-01"])
def test_blanks_and_case_make_no_difference(district, rule, sent_value):
    rule(" HS-01", "high")
    assert reached(district, address_id=sent_value) == "high"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("BusinessUnit", UNIT),
        ("Business Unit", UNIT),
        ("business_unit", UNIT),
        ("UserBusinessUnit", UNIT),
        ("CostCenter", COST),
        ("Cost Centre", COST),
        ("COSTCENTER", COST),
    ],
)
def test_extrinsics_go_by_the_names_real_systems_use(district, rule, name, source):
    rule("4711", "high", source)
    assert reached(district, extrinsics=[(name, "4711")]) == "high"


def test_any_extrinsic_can_be_looked_at_by_its_name(district, rule):
    rule("NGALL:54100", "high", EXTRINSIC, extrinsic="Department")
    assert reached(district, extrinsics=[("department ", "ngall:54100")]) == "high"
    assert route(district, sent(extrinsics=[("Region", "NGALL:54100")])).refusal


def test_a_domain_stands_for_itself_alone(district, rule):
    rule("school.example", "high", DOMAIN)
    assert reached(district, email="jane@School.Example") == "high"
    assert route(district, sent(email="jane@mail.school.example")).refusal
    assert route(district, sent(email="jane@preschool.example")).refusal


def test_a_star_stands_for_all_domains_below(district, rule):
    rule("*.school.example", "high", DOMAIN)
    assert reached(district, email="jane@mail.school.example") == "high"
    assert reached(district, email="jane@a.b.school.example") == "high"
    assert route(district, sent(email="jane@school.example")).refusal


def test_a_rule_may_be_given_as_an_address_of_somebody(district, rule):
    assert rule("jane@school.example", "high", DOMAIN).value == "school.example"


@pytest.mark.parametrize("value", ["*", "*.", "two words.example", "a,b", ".example"])
def test_what_is_no_domain_makes_no_rule(district, rule, value):
    with pytest.raises(ValidationError, match="domain"):
        rule(value, "high", DOMAIN)


def test_a_rule_cannot_lead_out_of_the_branch(district, rule):
    connect("globex")
    with pytest.raises(ValidationError, match="own company or one below"):
        rule("HS-01", "globex")


def test_a_secret_leads_nowhere(district, rule):
    rule("hunter2", "high", EXTRINSIC, extrinsic="ApiPassword")
    document = (
        '<PunchOutSetupRequest operation="create"><BuyerCookie>1</BuyerCookie>'
        '<Extrinsic name="ApiPassword">hunter2</Extrinsic></PunchOutSetupRequest>'
    )
    said = sent_by(setup.decode_setup_request(tree.parse(document.encode()).root))
    assert route(district, said).refusal
    assert "hunter2" not in str(said)


def test_what_fits_no_rule_goes_to_the_default(district, rule):
    district.routing = Routing.DEFAULT
    assert reached(district, address_id="unknown") == "district"
    district.default_company = Company.objects.get(code="elementary")
    assert reached(district, address_id="unknown") == "elementary"
    assert route(district, sent()).why is Why.DEFAULT


def test_what_fits_no_rule_is_refused_with_what_was_sent(district, rule):
    rule("HS-01", "high")
    way = route(district, sent(address_id="HS-99", email="jane@x.example", extrinsics=[("Department", "Chemistry")]))
    assert way.why is Why.NOTHING_FITS
    assert 'ship-to address ID "HS-99"' in way.refusal
    assert "cost centre none" in way.refusal
    assert "Department" in way.refusal
    assert "Ask the supplier to add a route" in way.refusal
    assert "High" not in way.refusal


def switch_off(code: str) -> None:
    Company.objects.filter(code=code).update(is_active=False)


def test_a_company_that_is_switched_off_lets_nobody_in(district, rule):
    rule("HS-01", "high")
    switch_off("high")
    way = route(district, sent(address_id="HS-01"))
    assert way.why is Why.SWITCHED_OFF
    assert "High" not in way.refusal
    assert "High School" in way.cause


def test_a_company_above_may_be_switched_off_as_well(district, rule):
    Company.objects.get(code="high").add_child(name="Library", code="library")
    rule("LIB", "library")
    switch_off("high")
    assert route(district, sent(address_id="LIB")).why is Why.SWITCHED_OFF


def test_a_default_that_is_switched_off_lets_nobody_in(district):
    district.routing, district.default_company = Routing.DEFAULT, Company.objects.get(code="high")
    switch_off("high")
    assert route(district, sent()).why is Why.SWITCHED_OFF


def test_a_company_that_has_left_the_branch_lets_nobody_in(district, rule):
    rule("HS-01", "high")
    globex = connect("globex").company
    Company.objects.get(code="high").move(Company.objects.get(pk=globex.pk), "last-child")
    assert route(district, sent(address_id="HS-01")).why is Why.ELSEWHERE
    district.routing, district.default_company = Routing.DEFAULT, Company.objects.get(code="high")
    assert route(district, sent()).why is Why.ELSEWHERE


def test_a_table_of_any_size_is_asked_once(district, django_assert_num_queries):
    high = Company.objects.get(code="high")
    rules = [RoutingRule(customer=district, position=n, value=f"A{n}", company=high) for n in range(1, 2001)]
    for each in rules:
        each.derive()
    RoutingRule.objects.bulk_create(rules)
    said = sent(address_id="A1999", email="j@a.b.c.example", extrinsics=[(f"E{n}", "x") for n in range(150)])
    with django_assert_num_queries(1):
        assert route(district, said).company.code == "high"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
def test_the_question_uses_the_index_of_all_four_columns(district, rule):
    said = sent(address_id="A", email="j@b.example", extrinsics=[("BusinessUnit", "c"), ("Department", "d")])
    with CaptureQueriesContext(connection) as queries:
        assert list(fitting_rules(district, said)) == []
    with connection.cursor() as cursor:
        plan = str(cursor.execute("EXPLAIN QUERY PLAN " + queries[0]["sql"]).fetchall())
    assert "customer_id=? AND source=? AND name_key=? AND value_key=?" in plan


def test_a_value_under_another_name_does_not_fit(district, rule):
    rule("chemistry", "high", EXTRINSIC, extrinsic="Department")
    rule("4711", "high", UNIT)
    said = sent(address_id="4711", extrinsics=[("Department", "physics"), ("Region", "chemistry"), ("CostCenter", "1")])
    assert route(district, said).why is Why.NOTHING_FITS


def test_nothing_is_asked_while_routing_is_off(district, rule, django_assert_num_queries):
    rule("HS-01", "high")
    district.routing = Routing.OFF
    with django_assert_num_queries(0):
        way = route(district, sent(address_id="HS-01"))
    assert (way.why, way.company_id) == (Why.OWN, district.company_id)


@needs_shared
@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("coupa-posr-2024-shipto.xml", (UNIT, "COUPA")),
        ("ariba-orms-6.1-posr.xml", (EXTRINSIC, "NGALL:54100")),
        ("guide-1.2.051-posr-edit.xml", (COST, "610")),
        ("ariba-buyer-14s2-posr-multi-credential.xml", (EXTRINSIC, "0126")),
    ],
)
def test_real_documents_say_what_routing_needs(sample, expected):
    request = envelope.decode_request(tree.parse((SAMPLES / sample).read_bytes()))
    said = sent_by(setup.decode_setup_request(request.body))
    assert expected in [(each.source, each.value) for each in said]


# The tester


def test_the_tester_says_what_a_call_would_get(district, rule):
    first, second = rule("HS-01", "high"), rule("chemistry", "elementary", UNIT)
    explained = explain(district, sent(address_id="HS-01", extrinsics=[("BusinessUnit", "chemistry")]))
    assert explained.way == route(district, sent(address_id="HS-01", extrinsics=[("BusinessUnit", "chemistry")]))
    assert explained.way.rule == first
    assert explained.others == (second,)


def test_the_tester_says_what_was_not_sent(district, rule):
    rule("chemistry", "high", EXTRINSIC, extrinsic="Department")
    rule("physics", "high", EXTRINSIC, extrinsic="department")
    found = explain(district, sent(address_id="HS-01")).findings
    assert [(each.name, each.value, each.looking) for each in found if each.source == EXTRINSIC] == [
        ("Department", "", 2)
    ]


@pytest.mark.parametrize(
    ("value", "source", "said"),
    [
        ("0170", ADDRESS, {"address_id": "170"}),
        ("HS-01", ADDRESS, {"address_id": "HS 01"}),
        ("school.example", DOMAIN, {"email": "jane@mail.school.example"}),
        ("*.school.example", DOMAIN, {"email": "jane@school.example"}),
    ],
)
def test_the_tester_finds_what_somebody_may_have_meant(district, rule, value, source, said):
    made = rule(value, "high", source)
    assert [each.nearly for each in explain(district, sent(**said)).findings if each.nearly] == [made]


def test_the_tester_looks_at_every_spelling_that_was_sent(district, rule):
    made = rule("chemistry", "high", UNIT)
    said = sent(extrinsics=[("BusinessUnit", "physics"), ("UserBusinessUnit", "chemistry")])
    found = explain(district, said).findings
    assert [(each.value, each.fitting, each.looking) for each in found] == [
        ("physics", (), 1),
        ("chemistry", (made,), 1),
    ]


def test_the_tester_leaves_out_extrinsics_nobody_looks_at(district, rule):
    explained = explain(district, sent(extrinsics=[("FirstName", "Jane"), ("BusinessUnit", "x")]))
    assert explained.ignored == ("FirstName",)
    assert [each.source for each in explained.findings] == [UNIT]


# The table


def order(customer) -> str:
    return "".join(customer.routing_rules.order_by("position").values_list("value", flat=True))


def table(rule, values: str = "ABCDE") -> list[RoutingRule]:
    return [rule(value, "high") for value in values]


def test_new_rules_come_last(district, rule):
    assert [each.position for each in table(rule)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("moved", "index", "result"), [("A", 2, "BCADE"), ("E", 0, "EABCD"), ("C", 99, "ABDEC"), ("B", 1, "ABCDE")]
)
def test_a_rule_can_be_dragged(district, rule, moved, index, result):
    table(rule)
    move_to_index(RoutingRule.objects.get(value=moved), index)
    assert order(district) == result
    assert sorted(district.routing_rules.values_list("position", flat=True)) == [1, 2, 3, 4, 5]


def test_dragging_repairs_positions_that_are_not_unique(district, rule):
    table(rule)
    district.routing_rules.update(position=4)
    move_to_index(RoutingRule.objects.get(value="D"), 1)
    assert order(district) == "ADBCE"


@pytest.mark.parametrize(
    ("moved", "position", "result"),
    [("A", 3, "BCADE"), ("E", 2, "AEBCD"), ("B", None, "ACDEB"), ("B", 700, "ACDEB"), ("C", 3, "ABCDE")],
)
def test_a_rule_can_be_given_a_number(district, rule, moved, position, result):
    table(rule)
    found = RoutingRule.objects.get(value=moved)
    put_at(found, position)
    found.save()
    assert order(district) == result
    assert len(set(district.routing_rules.values_list("position", flat=True))) == 5


def test_a_new_rule_can_be_put_in_between(district, rule):
    table(rule)
    new = RoutingRule(customer=district, value="X", company=district.company)
    put_at(new, 2)
    new.save()
    assert order(district) == "AXBCDE"


def wanted(customer, text: str) -> list[RoutingRule]:
    """Rules from a text: letters are values, a digit before one is its position, a capital leads to the high school."""
    made, position = [], 0
    for each in text:
        if each.isdigit():
            position = int(each)
            continue
        company = Company.objects.get(code="high" if each.isupper() else "elementary")
        rule = RoutingRule(customer=customer, position=position, value=each.upper(), company=company)
        rule.derive()
        made.append(rule)
        position = 0
    return made


def kinds(difference) -> dict[str, str]:
    return {
        kind.value: "".join(sorted((each.new or each.old).value for each in difference.of(kind)))
        for kind in Kind
        if difference.count(kind)
    }


@pytest.mark.parametrize(
    ("text", "keep_others", "expected", "result"),
    [
        ("ABCDE", False, {"unchanged": "ABCDE"}, "ABCDE"),
        ("1A2B3C4D5E", True, {"unchanged": "ABCDE"}, "ABCDE"),
        ("ABXCDE", False, {"added": "X", "unchanged": "ABCDE"}, "ABXCDE"),
        ("AbCE", False, {"changed": "B", "removed": "D", "unchanged": "ACE"}, "ABCE"),
        ("EABCD", False, {"moved": "E", "unchanged": "ABCD"}, "EABCD"),
        ("5A4B3C2D1E", False, {"moved": "BCDE", "unchanged": "A"}, "EDCBA"),
        ("bX", True, {"added": "X", "changed": "B", "unchanged": "ACDE"}, "ABCDEX"),
        ("1X2D", True, {"added": "X", "moved": "D", "unchanged": "ABCE"}, "XDABCE"),
        ("3C5E", True, {"unchanged": "ABCDE"}, "ABCDE"),
        ("", False, {"removed": "ABCDE"}, ""),
    ],
)
def test_a_list_becomes_the_table(district, rule, text, keep_others, expected, result):
    present = table(rule)
    difference = compare(present, wanted(district, text), keep_others=keep_others)
    assert kinds(difference) == expected
    with one_at_a_time(district):
        apply(district, difference, by=None)
    assert order(district) == result
    assert list(district.routing_rules.order_by("position").values_list("position", flat=True)) == list(
        range(1, len(result) + 1)
    )


def test_what_was_applied_is_unchanged(district, rule):
    table(rule)
    for _ in range(2):
        present = list(district.routing_rules.order_by("position"))
        difference = compare(present, wanted(district, "EbXA"), keep_others=False)
        apply(district, difference, by=None)
    assert not difference
    assert order(district) == "EBXA"
    assert RoutingRule.objects.get(value="B").company.code == "elementary"


def test_the_fingerprint_changes_with_the_table(district, rule):
    present = table(rule)
    before = fingerprint(present)
    present[0].position = 9
    assert fingerprint(present) != before


@given(value=st.text(max_size=300), name=st.text(max_size=200))
def test_no_value_makes_more_questions_than_a_database_takes(value, name):
    assert len({key for each in (Sent(DOMAIN, value), Sent(EXTRINSIC, value, name)) for key in each.keys}) <= 130
