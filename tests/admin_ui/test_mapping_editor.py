"""The editor of mapping and units: what cannot work is said at its place, and reaches nobody."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from lxml.html import HtmlElement, fromstring

from tests.admin_ui.link_pages import ROW, add, edit, edit_url, errors_of
from wagtail_punchout.admin_ui.mapping_editor import MOST_ROWS
from wagtail_punchout.admin_ui.mapping_words import SENTENCES, facts, targets, told
from wagtail_punchout.models import CustomerGroup, MappingRow, PunchoutLink, Right, UnitRow
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.facts import PREFIXES, VOCABULARY
from wagtail_punchout.protocol.mapping_problems import CODES
from wagtail_punchout.protocol.mapping_problems import SENTENCES as ENGLISH

SKU = {"target": "VENDORMAT", "source": "product.sku"}
CHECK = "punchout_links:check_mapping"


@pytest.fixture
def group(db) -> CustomerGroup:
    return CustomerGroup.objects.create(name="All")


@pytest.fixture
def link(group) -> PunchoutLink:
    return PunchoutLink.objects.create(name="OCI", group=group, format="oci4", live=True)


def check(client: Client, *rows: dict, format: str = "oci4", **more: str) -> dict[str, str]:
    """What is said while these rows are typed."""
    fields = {"format": format, "mapping_rows-TOTAL_FORMS": len(rows), "mapping_rows-INITIAL_FORMS": 0}
    for at, row in enumerate(rows):
        fields |= {f"mapping_rows-{at}-{key}": value for key, value in {**ROW, "ORDER": at + 1, **row}.items()}
    answer = client.post(reverse(CHECK), {**fields, **more})
    assert answer.status_code == 200
    return answer.json()["wrong"]


# Sentences


def test_every_problem_has_a_sentence_for_translators():
    assert set(SENTENCES) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_sentence_for_translators_is_the_protocol_s_own(code):
    with override("en"):
        assert str(SENTENCES[code]) == ENGLISH[code]


# Saving

WRONG = [
    ({"target": "NOSUCH FIELD", "source": "product.sku"}, "target", "NOSUCH FIELD"),
    ({"target": "VENDORMAT", "source": "product.skku"}, "source", "product.sku"),
    ({"target": "VENDORMAT", "source": ""}, "source", "where the content comes from"),
    ({"target": "VENDORMAT", "kind": "template", "source": "{{ product.sku"}, "source", "}}"),
    ({"target": "VENDORMAT", "source": "product.sku", "transforms": "cut"}, "transforms", "cut(40)"),
    ({"target": "VENDORMAT", "source": "product.sku", "only_when": "a or b"}, "only_when", "second row"),
    ({"target": "PRICE", "kind": "constant", "source": "cheap"}, "source", "never be sent"),
    ({"target": "", "source": "product.sku"}, "target", "which field"),
]


@pytest.mark.parametrize("publish", [False, True])
@pytest.mark.parametrize(("row", "part", "said"), WRONG)
def test_row_that_cannot_work_is_not_kept_even_as_a_draft(admin_client, link, row, part, said, publish):
    good = {"target": "CUST_FIELD1", "kind": "constant", "source": "4711"}
    answer = edit(admin_client, link, mapping=[good, row], publish=publish)
    [nothing, wrong] = errors_of(answer, "mapping_rows")
    assert nothing == {}
    assert list(wrong) == [part]
    if row["target"] or not publish:  # else Django's own sentence is there
        assert wrong[part][0].startswith("Row 2: ")
        assert said in wrong[part][0]
    assert PunchoutLink.objects.get().latest_revision is None


def test_message_stands_at_its_field(admin_client, link):
    page = fromstring(edit(admin_client, link, mapping=[{**SKU, "source": "product.skku"}]).content.decode())
    [field] = page.xpath("//input[@name='mapping_rows-0-source']")
    assert field.get("aria-invalid") == "true"
    [told] = [page.get_element_by_id(each) for each in field.get("aria-describedby").split()]
    assert "product.skku" in told.text_content()


def test_same_field_twice_is_an_error_of_the_second_row(admin_client, link):
    answer = edit(admin_client, link, mapping=[SKU, SKU])
    [first, second] = errors_of(answer, "mapping_rows")
    assert not first
    assert "never reached" in second["target"][0]


def test_rows_are_numbered_as_they_stand(admin_client, link):
    answer = edit(admin_client, link, mapping=[{**SKU, "source": "nonsense", "ORDER": 2}, {**SKU, "ORDER": 1}])
    assert "Row 2" in errors_of(answer, "mapping_rows")[0]["source"][0]


def test_row_that_is_taken_out_may_be_wrong(admin_client, link):
    MappingRow.objects.create(link=link, target="VENDORMAT", source="nonsense")
    edit(admin_client, link, mapping=[SKU], publish=True)
    assert [row.source for row in PunchoutLink.objects.get().rows] == ["product.sku"]


def test_order_of_the_page_is_kept(admin_client, link):
    other = {"target": "CUST_FIELD1", "source": "product.sku"}
    edit(admin_client, link, mapping=[{**SKU, "ORDER": 2}, {**other, "ORDER": 1}], publish=True)
    assert [row.target for row in PunchoutLink.objects.get().rows] == ["CUST_FIELD1", "VENDORMAT"]


def test_rows_are_checked_in_the_format_of_the_form(admin_client, link):
    sku = {"target": "SupplierPartID", "source": "product.sku"}
    assert "has no field" in errors_of(edit(admin_client, link, mapping=[sku]), "mapping_rows")[0]["target"][0]
    assert edit(admin_client, link, mapping=[sku], format="cxml").status_code == 302


def test_rows_of_a_new_link_are_checked_in_its_format(admin_client, group):
    assert add(admin_client, name="New", format="oci5", mapping=[SKU]).status_code == 302
    assert len(PunchoutLink.objects.get().get_latest_revision_as_object().rows) == 1


def test_too_many_rows_are_a_form_error(admin_client, link):
    rows = [{"target": f"F{number}", "source": "product.sku"} for number in range(MOST_ROWS + 1)]
    answer = edit(admin_client, link, mapping=rows)
    assert str(MOST_ROWS) in str(answer.context["form"].formsets["mapping_rows"].non_form_errors())


def test_row_of_another_link_is_not_taken_over(admin_client, link):
    other = PunchoutLink.objects.create(name="Other", group=link.group, format="oci5")
    theirs = MappingRow.objects.create(link=other, target="VENDORMAT", source="product.sku")
    stolen = {"mapping_rows-INITIAL_FORMS": 1, "mapping_rows-0-id": theirs.pk}
    edit(admin_client, link, mapping=[{**SKU, "source": "product.name"}], publish=True, **stolen)
    theirs.refresh_from_db()
    assert (theirs.link, theirs.source) == (other, "product.sku")


# Units


def test_unit_twice_is_a_form_error(admin_client, link):
    answer = edit(admin_client, link, units=[("EA", "ST"), ("BX", "KAR"), ("EA", "PCE")], publish=True)
    assert [list(each) for each in errors_of(answer, "unit_rows")] == [[], [], ["ours"]]


def test_unit_may_be_replaced_by_another_row(admin_client, link):
    UnitRow.objects.create(link=link, ours="EA", theirs="ST")
    edit(admin_client, link, units=[("EA", "PCE")], publish=True)
    assert PunchoutLink.objects.get().units == {"EA": "PCE"}


# While somebody types


@pytest.mark.parametrize(("row", "part", "said"), WRONG)
def test_what_is_wrong_is_said_while_it_is_typed(admin_client, db, row, part, said):
    wrong = check(admin_client, SKU | {"target": "MATNR"}, row)
    assert list(wrong) == [f"mapping_rows-1-{part}"]


def test_what_can_work_is_let_be(admin_client, db):
    assert check(admin_client, SKU) == {}
    assert check(admin_client, {"target": "Extrinsic:Cost", "source": "line.amount"}, format="cxml") == {}


def test_row_marked_for_deletion_is_not_checked(admin_client, db):
    assert check(admin_client, {**SKU, "source": "nonsense", "DELETE": "1"}, SKU) == {}


def test_checking_keeps_nothing_and_survives_anything(admin_client, db):
    for sent in ({}, {"format": "x", "mapping_rows-TOTAL_FORMS": "9", "mapping_rows-INITIAL_FORMS": "7"}):
        assert admin_client.post(reverse(CHECK), sent).status_code == 200
    assert not PunchoutLink.objects.exists()


@pytest.mark.parametrize("rights", [[], [Right.COMPANY_EDIT]])
def test_only_who_edits_links_may_ask(signed_in, db, rights):
    assert signed_in(*rights).post(reverse(CHECK)).status_code in (302, 403)


# Suggestions


@pytest.mark.parametrize("format", ["cxml", "oci3", "oci4", "oci5"])
def test_every_target_is_suggested_with_its_width(format):
    said = dict(targets(format))
    for target in mapping.targets_of(format):
        assert target.explanation in said[target.name]
        assert target.width is None or f"{target.width} characters" in said[target.name]


def test_every_fact_is_suggested_with_an_example():
    said = dict(facts())
    assert said.keys() == VOCABULARY.keys() | PREFIXES.keys()
    assert all(term.example in said[term.name] for term in VOCABULARY.values())


def test_fields_suggest_without_script(admin_client, link):
    MappingRow.objects.create(link=link, target="VENDORMAT", source="product.sku")
    page = fromstring(admin_client.get(edit_url(link)).content.decode())
    for part, expected in {"target": "EXT_QUOTE_ID", "source": "requester.email", "transforms": "one_line"}.items():
        [name] = page.xpath(f"//input[@name='mapping_rows-0-{part}']/@list")
        assert expected in page.xpath(f"//datalist[@id='{name}']/option/@value")
    assert "PCE" in page.xpath("//datalist[@id='punchout-units-theirs']/option/@value")


def test_what_is_sent_anyway_is_shown_for_each_format(admin_client, link):
    page = fromstring(admin_client.get(edit_url(link)).content.decode())
    for format in ("oci3", "oci4", "oci5"):
        [table] = page.xpath(f"""//div[@data-w-rules='{{"format": "{format}"}}']//table""")
        assert table.xpath(".//th[@scope='row']/text()") == [row.target for row in mapping.DEFAULTS[format]]


# In German


def german(client: Client, link: PunchoutLink) -> HtmlElement:
    return fromstring(client.get(edit_url(link), headers={"accept-language": "de"}).content.decode())


def named(page: HtmlElement, name: str) -> dict[str, str]:
    return {each.get("value"): each.get("label") for each in page.xpath(f"//datalist[@id='punchout-{name}']/option")}


def test_explanations_are_german(admin_client, link):
    page = german(admin_client, link)
    assert named(page, "facts")["cart.currency"] == "Währung des Warenkorbs, zum Beispiel „EUR“"
    assert named(page, "transforms")["upper"] == "Großbuchstaben"
    assert named(page, "units-ours")["KGM"] == "Kilogramm"
    assert named(page, "targets-cxml")["URL"] == "Seite des Artikels."
    assert named(page, "targets-oci4")["CURRENCY"] == (
        "5 Zeichen. Währung des Preises, ISO 4217. Erforderlich, wenn PRICE gefüllt ist."
    )
    assert "beginnt mit diesem Text" in page.xpath("//dl[@class='punchout-words']//dd/text()")


@pytest.mark.parametrize(
    ("format", "row", "said"),
    [
        ("oci4", {"target": "SERVICE", "source": "J"}, "SERVICE nimmt X oder nichts, nicht 'J'."),
        ("oci4", {"target": "VENDOR", "source": "1" * 11}, "VENDOR hat in OCI 4.0 Platz für 10 Zeichen, dies sind 11."),
        ("cxml", {"target": "LeadTime", "source": "soon"}, "LeadTime nimmt eine ganze Zahl von Tagen, nicht 'soon'."),
    ],
)
def test_constant_that_does_not_fit_is_told_in_german(format, row, said):
    [problem] = mapping.check((mapping.Row(number=1, kind=mapping.Kind.CONSTANT, **row),), format)
    with override("de"):
        assert told(problem) == f"Zeile 1: Die Konstante kann nie gesendet werden: {said}"


def test_constant_stands_in_german_quotation_marks(admin_client, link):
    page = german(admin_client, link)
    assert "„" in "".join(page.xpath("//table[contains(@class, 'punchout-sent')]//td/text()"))
