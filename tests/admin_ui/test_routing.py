"""The routing table in the admin: its page, its tester, its spreadsheets, and whom all that is for."""

from __future__ import annotations

import html
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from tests.connections import SECRET, connect, setup_request
from wagtail_punchout.models import Company, PunchoutCustomer, Right, Routing, RoutingRule, RoutingSource

ADDRESS, DOMAIN, EXTRINSIC = RoutingSource.ADDRESS_ID, RoutingSource.EMAIL_DOMAIN, RoutingSource.EXTRINSIC


@pytest.fixture
def district(db) -> PunchoutCustomer:
    customer = connect("district", customer={"routing": Routing.REFUSE}).customer
    for name in ("High", "Elementary"):
        parent = Company.objects.get(pk=customer.company_id)
        parent.add_child(name=f"{name} School", code=name.lower(), price_group=f"{name} prices")
    return customer


@pytest.fixture
def rules(district) -> list[RoutingRule]:
    """HS-01 and HS-02 lead to the high school, ES-01 to the elementary school."""
    made = [("HS-01", "high"), ("HS-02", "high"), ("ES-01", "elementary")]
    return [
        RoutingRule.objects.create(customer=district, value=value, company=Company.objects.get(code=code))
        for value, code in made
    ]


def url(name: str, *args) -> str:
    return reverse(f"punchout_routing:{name}", args=args)


def order(customer) -> list[str]:
    return list(customer.routing_rules.order_by("position").values_list("value", flat=True))


def logged(customer) -> list[dict]:
    entries = ModelLogEntry.objects.filter(action="wagtail_punchout.routing_changed", object_id=customer.pk)
    return [entry.data["rules"] for entry in entries.order_by("pk")]


def history(client, customer) -> str:
    return text_of(client.get(reverse("punchout_customers:history", args=(customer.pk,))))


def text_of(response) -> str:
    """What a reader of the page reads, without scripts and tags."""
    page = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# The table


def test_table_says_what_leads_where(admin_client, district, rules):
    page = text_of(admin_client.get(url("index", district.pk)))
    assert "HS-02" in page
    assert "High School (high)" in page
    assert "Try a call" in page


def test_an_empty_table_says_what_to_do(admin_client, district):
    page = admin_client.get(url("index", district.pk)).content.decode()
    assert "upload a spreadsheet" in page
    assert url("add", district.pk) in page
    assert f'<p><a href="{url("upload", district.pk)}">' in page


def test_table_is_searched_by_value_and_by_company(admin_client, district, rules):
    for query, found in (("hs-0", {"HS-01", "HS-02"}), ("elementary", {"ES-01"}), ("nobody", set())):
        page = admin_client.get(url("index_results", district.pk), {"q": query}).content.decode()
        assert {value for value in ("HS-01", "HS-02", "ES-01") if value in page} == found


@pytest.mark.parametrize("query", ["ordering=nonsense", "ordering=-company__name&q=hs", "p=999", "ordering=source"])
def test_table_survives_any_query(admin_client, district, rules, query):
    assert admin_client.get(f"{url('index', district.pk)}?{query}").status_code == 200


def test_page_asks_the_database_as_often_for_many_rules(admin_client, district, rules, django_assert_max_num_queries):
    high = Company.objects.get(code="high")
    many = [RoutingRule(customer=district, value=f"A{n}", company=high, position=n + 9) for n in range(1000)]
    for each in many:
        each.derive()
    RoutingRule.objects.bulk_create(many)
    admin_client.get(url("index", district.pk))
    with django_assert_max_num_queries(25):
        admin_client.get(url("index", district.pk), {"p": 3})


def test_what_is_in_the_way_is_said(admin_client, district, rules):
    Company.objects.filter(code="high").update(is_active=False)
    assert "High School (high) switched off" in text_of(admin_client.get(url("index", district.pk)))


# Rules


def rule_form(**values) -> dict:
    high = Company.objects.get(code="high").pk
    return {"source": ADDRESS, "extrinsic": "", "value": "NEW", "company": high, "position": "", **values}


def test_a_rule_is_added_at_the_end(admin_client, district, rules):
    answer = admin_client.post(url("add", district.pk), rule_form())
    assert answer.url == url("index", district.pk)
    assert order(district) == ["HS-01", "HS-02", "ES-01", "NEW"]
    assert logged(district) == [{"added": 1}]


def test_a_rule_is_put_where_its_number_says(admin_client, district, rules):
    admin_client.post(url("add", district.pk), rule_form(position="2"))
    assert order(district) == ["HS-01", "NEW", "HS-02", "ES-01"]


def test_a_rule_is_changed_and_moved(admin_client, district, rules):
    admin_client.post(url("edit", rules[2].pk), rule_form(value="X", position="1"))
    assert order(district) == ["X", "HS-01", "HS-02"]
    assert RoutingRule.objects.get(pk=rules[2].pk).company.code == "high"
    assert logged(district) == [{"changed": 1}]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"value": " hs-01 "}, "Rule 1 has this value already"),
        ({"value": "  "}, "This field is required"),
        ({"source": EXTRINSIC}, "Name the Extrinsic"),
        ({"source": DOMAIN, "value": "no domain"}, "Write a domain"),
        ({"position": "0"}, "greater than or equal to 1"),
        ({"company": "987654321"}, "Select a valid choice"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_a_reason(admin_client, district, rules, values, complaint):
    page = text_of(admin_client.post(url("add", district.pk), rule_form(**values)))
    assert complaint in page
    assert district.routing_rules.count() == 3


def test_a_rule_cannot_lead_to_another_branch(admin_client, district, rules):
    globex = connect("globex").company
    page = text_of(admin_client.post(url("add", district.pk), rule_form(company=globex.pk)))
    assert "Select a valid choice" in page
    assert district.routing_rules.count() == 3


def test_the_dialog_offers_the_branch_only(admin_client, district):
    connect("globex")
    dialog = reverse("punchout_branch_chooser:choose")
    offered = admin_client.get(dialog, {"below": district.company_id}).json()["html"]
    assert "High School" in offered
    assert "Globex" not in offered
    assert "Globex" not in admin_client.get(dialog).json()["html"]
    assert f"?below={district.company_id}" in admin_client.get(url("add", district.pk)).content.decode()


def test_a_rule_is_deleted_after_a_question(admin_client, district, rules):
    assert admin_client.get(url("delete", rules[0].pk)).status_code == 200
    admin_client.post(url("delete", rules[0].pk))
    assert order(district) == ["HS-02", "ES-01"]
    assert logged(district) == [{"removed": 1}]


def test_several_rules_are_deleted_at_once(admin_client, district, rules):
    bulk = reverse("wagtail_bulk_action", args=("wagtail_punchout", "routingrule", "delete"))
    query = f"?id={rules[0].pk}&id={rules[1].pk}&next={url('index', district.pk)}"
    assert "HS-02" in text_of(admin_client.get(bulk + query))
    assert admin_client.post(bulk + query).url == url("index", district.pk)
    assert order(district) == ["ES-01"]
    assert logged(district) == [{"removed": 2}]


def test_all_of_a_search_are_those_that_were_found(admin_client, district, rules):
    bulk = reverse("wagtail_bulk_action", args=("wagtail_punchout", "routingrule", "delete"))
    admin_client.post(f"{bulk}?id=all&childOf={district.pk}&q=hs-0&next=/admin/")
    assert order(district) == ["ES-01"]


def test_all_of_a_listing_are_those_of_this_table(admin_client, district, rules):
    other = connect("globex").customer
    RoutingRule.objects.create(customer=other, value="G", company=other.company)
    bulk = reverse("wagtail_bulk_action", args=("wagtail_punchout", "routingrule", "delete"))
    admin_client.post(f"{bulk}?id=all&childOf={district.pk}&next=/admin/")
    assert order(district) == []
    assert order(other) == ["G"]


def test_a_rule_is_dragged(admin_client, district, rules):
    answer = admin_client.post(url("reorder", 0, rules[2].pk) + "?position=0")
    assert answer.json() == {"success": True}
    assert order(district) == ["ES-01", "HS-01", "HS-02"]
    assert logged(district) == [{"moved": 1}]


def test_dragging_on_a_later_page_counts_from_its_first_row(admin_client, district):
    for number in range(60):
        RoutingRule.objects.create(customer=district, value=f"{number:02}", company=district.company)
    page = admin_client.get(url("index", district.pk), {"p": 2}).content.decode()
    [address] = re.findall(r'data-w-orderable-url-value="([^"]+)"', page)
    last = RoutingRule.objects.get(value="59")
    admin_client.post(address.replace("999999", str(last.pk)) + "?position=1")
    assert order(district)[49:53] == ["49", "50", "59", "51"]


@pytest.mark.parametrize("query", ["", "?position=x", "?position=-1"])
def test_dragging_to_nowhere_changes_nothing(admin_client, district, rules, query):
    assert admin_client.post(url("reorder", 0, rules[2].pk) + query).status_code == 200
    assert admin_client.get(url("reorder", 0, rules[2].pk)).status_code == 405
    assert order(district) == ["HS-01", "HS-02", "ES-01"]


# Settings


def test_settings_are_saved(admin_client, district):
    high = Company.objects.get(code="high")
    admin_client.post(url("settings", district.pk), {"routing": Routing.DEFAULT, "default_company": high.pk})
    district.refresh_from_db()
    assert (district.routing, district.default_company) == (Routing.DEFAULT, high)
    assert "Default company: empty → High School" in history(admin_client, district)


@pytest.mark.parametrize("chosen", ["globex", "unknown"])
def test_the_default_is_in_the_branch(admin_client, district, chosen):
    globex = connect("globex").company.pk
    company = globex if chosen == "globex" else 987654321
    answer = admin_client.post(url("settings", district.pk), {"routing": "default", "default_company": company})
    assert "Select a valid choice" in text_of(answer)
    district.refresh_from_db()
    assert (district.routing, district.default_company) == (Routing.REFUSE, None)


# The tester


def ask(client, customer, *, alone: bool = True, **values) -> str:
    headers = {"X-Requested-With": "XMLHttpRequest"} if alone else {}
    return text_of(client.post(url("try", customer.pk), values, headers=headers))


def test_the_tester_names_the_company_and_the_rule(admin_client, district, rules):
    answer = ask(admin_client, district, address_id=" hs-02 ")
    assert "High School (high)" in answer
    assert "Rule 2 wins: Ship-to address ID HS-02." in answer
    assert "High prices" in answer
    assert "Try a call" not in answer


def test_the_tester_works_without_scripts(admin_client, district, rules):
    page = ask(admin_client, district, alone=False, address_id="HS-02")
    assert "Rule 2 wins" in page
    assert "Try a call" in page


def test_the_tester_says_who_comes_too_late_and_what_does_not_fit(admin_client, district, rules):
    RoutingRule.objects.create(
        customer=district, source=DOMAIN, value="school.example", company=Company.objects.get(code="elementary")
    )
    RoutingRule.objects.create(
        customer=district, source=EXTRINSIC, extrinsic="Region", value="North", company=district.company
    )
    answer = ask(admin_client, district, address_id="HS-01", email="jane@school.example", extrinsics="Supervisor=Jim")
    assert "Rule 4 fits too, but comes later." in answer
    assert "Rule 4 would lead to Elementary School (elementary), but comes later" in answer
    assert "Not sent: the rule that looks at it cannot fit" in answer
    assert "no rule looks at it: Supervisor" in answer


def test_the_tester_points_at_what_was_meant(admin_client, district, rules):
    answer = ask(admin_client, district, address_id="HS 01")
    assert "The call would be refused." in answer
    assert "Rule 1 says HS-01, which is written differently" in answer
    assert "Ask the supplier to add a route" in answer


def test_the_tester_tells_the_default(admin_client, district, rules):
    PunchoutCustomer.objects.update(routing=Routing.DEFAULT, default_company=Company.objects.get(code="elementary"))
    answer = ask(admin_client, district, address_id="?")
    assert "Elementary School (elementary) No rule fits, so the default applies." in answer


def test_the_tester_says_that_routing_is_off(admin_client, district, rules):
    PunchoutCustomer.objects.update(routing=Routing.OFF)
    assert "Routing is off at present: every visit is for District (district)." in ask(
        admin_client, district, address_id="HS-01"
    )


def test_the_tester_says_that_a_company_is_switched_off(admin_client, district, rules):
    Company.objects.filter(code="high").update(is_active=False)
    answer = ask(admin_client, district, address_id="HS-01")
    assert "The call would be refused." in answer
    assert "This company, or one above it, is switched off." in answer


def test_the_tester_reads_a_whole_document(admin_client, district, rules):
    ship_to = '<ShipTo><Address addressID="ES-01"><Name xml:lang="en">School</Name></Address></ShipTo>'
    document = setup_request(body=ship_to).replace("UTF-8", "ISO-8859-1")
    for alone in (True, False):
        answer = ask(admin_client, district, alone=alone, document=document, address_id="HS-01")
        assert "Elementary School (elementary)" in answer
        assert SECRET not in answer


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"document": "<cXML"}, "Or a whole PunchOutSetupRequest:"),
        ({"document": setup_request(request="<ProfileRequest/>")}, "This is a ProfileRequest"),
        ({"extrinsics": "Department"}, "Write each line as name=value"),
    ],
)
def test_the_tester_says_what_it_cannot_read(admin_client, district, values, complaint):
    assert complaint in ask(admin_client, district, **values)


def test_the_tester_changes_nothing(admin_client, district, rules):
    ask(admin_client, district, address_id="HS-01")
    assert not district.sessions.exists()
    assert not logged(district)


# Spreadsheets


def sheet(*lines: str) -> SimpleUploadedFile:
    head = "Position;Looks at;Extrinsic;Value;Company code"
    return SimpleUploadedFile("rules.csv", "\n".join([head, *lines]).encode())


def rehearse(client, customer, file, way: str = "replace"):
    return client.post(url("upload", customer.pk), {"file": file, "way": way})


def carry_out(client, customer, rehearsed):
    [plan] = re.findall(r'name="plan" value="([^"]+)"', rehearsed.content.decode())
    return client.post(url("upload", customer.pk), {"plan": plan})


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_was_downloaded_changes_nothing(admin_client, district, rules, form):
    RoutingRule.objects.create(
        customer=district, source=EXTRINSIC, extrinsic="=1+1", value="=cmd|' /C calc'!A0", company=district.company
    )
    RoutingRule.objects.create(customer=district, source=DOMAIN, value="*.a.example", company=district.company)
    raw = admin_client.get(url("download", district.pk, form)).content
    assert b"=cmd" not in raw.replace(b"'=cmd", b"")
    for way in ("replace", "add"):
        answer = rehearse(admin_client, district, SimpleUploadedFile(f"x.{form}", raw), way)
        assert "There is nothing to change" in text_of(answer)


def test_the_download_holds_the_whole_table(admin_client, district, rules):
    book = load_workbook(io.BytesIO(admin_client.get(url("download", district.pk, "xlsx")).content))
    lines = list(book.active.iter_rows(values_only=True))
    assert lines[0] == ("Position", "Looks at", "Extrinsic", "Value", "Company code")
    assert lines[3] == ("3", "Ship-to address ID", None, "ES-01", "elementary")
    assert admin_client.get(url("download", district.pk, "pdf")).status_code == 404


def test_an_upload_is_rehearsed_first(admin_client, district, rules):
    file = sheet(";Ship-to address ID;;HS-02;ELEMENTARY", ";address_id;;NEW;high", ";cost centre;;HS-01;high")
    page = rehearse(admin_client, district, file)
    seen = text_of(page)
    assert "2 Added" in seen
    assert "1 Changed" in seen
    assert "2 Removed" in seen
    assert "High School (high) Elementary School (elementary)" in seen
    assert order(district) == ["HS-01", "HS-02", "ES-01"]
    assert not logged(district)
    assert carry_out(admin_client, district, page).url == url("index", district.pk)
    assert order(district) == ["HS-02", "NEW", "HS-01"]
    assert logged(district) == [{"added": 2, "changed": 1, "removed": 2}]
    assert "Routing table changed: 2 added, 1 changed, 2 removed" in history(admin_client, district)


def test_rules_can_be_added_without_touching_others(admin_client, district, rules):
    page = rehearse(admin_client, district, sheet("2;Ship-to address ID;;NEW;high"), way="add")
    carry_out(admin_client, district, page)
    assert order(district) == ["HS-01", "NEW", "HS-02", "ES-01"]


@pytest.mark.parametrize(
    ("line", "column", "complaint"),
    [
        ("x;Ship-to address ID;;A;high", "Position", "Write a whole number"),
        ("-1;Ship-to address ID;;A;high", "Position", "Write a whole number"),
        ("1;Weather;;A;high", "Looks at", "Write one of: Ship-to address ID, Business unit"),
        ("1;Another Extrinsic;;A;high", "Extrinsic", "Name the Extrinsic"),
        ("1;Requester's e-mail domain;;no domain;high", "Value", "Write a domain"),
        ("1;Ship-to address ID;;;high", "Value", "Write the value"),
        (f"1;Ship-to address ID;;{'x' * 300};high", "Value", "Ensure this value has at most 200"),
        ("1;Ship-to address ID;;good;high", "Value", "Row 2 has the same value already"),
        ("1;Ship-to address ID;;A;", "Company code", "Write the code of a company"),
        ("1;Ship-to address ID;;A;unknown", "Company code", "No company with this code below District."),
        ("1;Ship-to address ID;;A;globex", "Company code", "No company with this code below District."),
    ],
)
def test_errors_are_told_by_row_and_column(admin_client, district, rules, line, column, complaint):
    connect("globex")
    page = rehearse(admin_client, district, sheet("1;Ship-to address ID;;good;high", line))
    assert f"3 {column} {complaint}" in text_of(page)
    assert 'name="plan"' not in page.content.decode()
    assert order(district) == ["HS-01", "HS-02", "ES-01"]


def test_a_file_that_cannot_be_read_says_so(admin_client, district):
    page = rehearse(admin_client, district, SimpleUploadedFile("x.csv", b"Value\nA"))
    assert "Missing: Looks at, Company code" in text_of(page)


def test_a_table_that_was_changed_meanwhile_is_shown_again(admin_client, district, rules):
    page = rehearse(admin_client, district, sheet(";Ship-to address ID;;NEW;high"))
    rules[0].delete()
    again = carry_out(admin_client, district, page)
    assert "Somebody has changed the table meanwhile" in text_of(again)
    assert order(district) == ["HS-02", "ES-01"]
    carry_out(admin_client, district, again)
    assert order(district) == ["NEW"]


def test_a_rehearsal_is_good_for_its_own_table_alone(admin_client, district, rules):
    other = connect("globex").customer
    page = rehearse(admin_client, district, sheet(";Ship-to address ID;;NEW;high"))
    answer = carry_out(admin_client, other, page)
    assert answer.url == url("upload", other.pk)
    assert order(other) == []
    assert admin_client.post(url("upload", other.pk), {"plan": "made up"}).status_code == 302


def test_thousands_of_rules_are_uploaded(admin_client, district, rules, django_assert_max_num_queries):
    lines = [f";Ship-to address ID;;A{number};high" for number in range(5000)]
    page = rehearse(admin_client, district, sheet(*lines))
    with django_assert_max_num_queries(60):
        carry_out(admin_client, district, page)
    assert district.routing_rules.count() == 5000
    assert order(district)[4999] == "A4999"


# Permissions


@pytest.fixture
def clerk(signed_in, district):
    """Somebody who looks after the district and nothing else."""
    return signed_in(Right.CRM_COMPANY_EDIT, companies=[district.company])


def test_staff_of_a_company_use_all_of_its_table(clerk, district, rules):
    for address in (
        url("index", district.pk),
        url("index_results", district.pk),
        url("add", district.pk),
        url("upload", district.pk),
        url("download", district.pk, "csv"),
        url("edit", rules[0].pk),
        url("delete", rules[0].pk),
    ):
        assert clerk.get(address).status_code == 200, address
    assert "Rule 1 wins" in ask(clerk, district, address_id="HS-01")
    clerk.post(url("add", district.pk), rule_form())
    assert order(district)[-1] == "NEW"


def foreign_addresses(customer: int, rule: int) -> list[tuple[str, str]]:
    bulk = reverse("wagtail_bulk_action", args=("wagtail_punchout", "routingrule", "delete"))
    return [
        *[("get", url(name, customer)) for name in ("index", "index_results", "add", "upload", "settings", "try")],
        *[("post", url(name, customer)) for name in ("add", "upload", "settings", "try")],
        ("get", url("download", customer, "csv")),
        ("get", url("edit", rule)),
        ("post", url("edit", rule)),
        ("get", url("delete", rule)),
        ("post", url("delete", rule)),
        ("post", url("reorder", 0, rule) + "?position=0"),
        ("get", f"{bulk}?id={rule}&next=/admin/"),
        ("post", f"{bulk}?id={rule}&next=/admin/"),
        ("post", f"{bulk}?id=all&childOf={customer}&next=/admin/"),
    ]


def test_a_foreign_table_answers_as_one_that_is_not_there(clerk, district, rules):
    globex = connect("globex").customer
    rule = RoutingRule.objects.create(customer=globex, value="G-1", company=globex.company)
    unknown = dict(zip(foreign_addresses(globex.pk, rule.pk), foreign_addresses(987654, 987654), strict=True))
    for (method, foreign), (_method, nothing) in unknown.items():
        answer = getattr(clerk, method)(foreign)
        assert answer.status_code == getattr(clerk, method)(nothing).status_code == 404, foreign
        assert b"lobex" not in answer.content
    assert order(globex) == ["G-1"]


def test_staff_without_rights_get_nowhere(signed_in, district, rules):
    nobody = signed_in()
    assert nobody.get(url("index", district.pk)).url == reverse("wagtailadmin_home")
    assert nobody.post(url("delete", rules[0].pk)).status_code == 404
    assert order(district) == ["HS-01", "HS-02", "ES-01"]


def test_a_foreign_code_in_a_file_gets_the_answer_of_an_unknown_one(clerk, district, rules):
    connect("globex")
    answers = [
        text_of(rehearse(clerk, district, sheet(f";Ship-to address ID;;A;{code}"))) for code in ("globex", "nothing")
    ]
    assert answers[0] == answers[1]
    assert "No company with this code below District." in answers[0]


def test_a_company_that_has_left_the_branch_is_not_named(clerk, admin_client, district, rules):
    globex = connect("globex").company
    Company.objects.get(code="high").move(Company.objects.get(pk=globex.pk), "last-child")
    page = text_of(clerk.get(url("index", district.pk)))
    assert "a company you may not see" in page
    assert "High School" not in page
    assert "High School" not in ask(clerk, district, address_id="HS-01")
    assert b"high" not in clerk.get(url("download", district.pk, "csv")).content
    edit = clerk.get(url("edit", rules[0].pk)).content.decode()
    assert "High School" not in edit
    assert "High School (high) not in this branch any more" in text_of(admin_client.get(url("index", district.pk)))


def test_a_rule_to_a_company_that_has_left_can_be_mended(clerk, district, rules):
    globex = connect("globex").company
    Company.objects.get(code="high").move(Company.objects.get(pk=globex.pk), "last-child")
    values = {"source": ADDRESS, "value": "HS-01", "position": "1"}
    assert "This field is required" in text_of(clerk.post(url("edit", rules[0].pk), values))
    clerk.post(url("edit", rules[0].pk), values | {"company": district.company_id})
    assert RoutingRule.objects.get(pk=rules[0].pk).company == district.company


def test_settings_can_be_saved_whatever_else_is_wrong_with_the_customer(admin_client, district):
    type(district.user).objects.update(is_staff=True)
    admin_client.post(url("settings", district.pk), {"routing": Routing.OFF})
    district.refresh_from_db()
    assert district.routing == Routing.OFF


def test_the_dialog_offers_nothing_foreign(clerk, district):
    globex = connect("globex").company
    dialog = reverse("punchout_branch_chooser:choose")
    assert "Globex" not in clerk.get(dialog, {"below": globex.pk}).json()["html"]
    assert clerk.get(reverse("punchout_branch_chooser:chosen", args=(globex.pk,))).status_code == 404
