"""Units to translate: what buyers have met and nobody has decided, with a suggestion and a way into the draft."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.connections import connect
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import PunchoutLink, Quote, QuoteLine, Right, UnitRow


@pytest.fixture
def oci(db):
    return connect("oci", format="oci4")


@pytest.fixture(autouse=True)
def sold(monkeypatch):
    """The units of the shop's adapter: ``sold.append("BX")``."""
    units: list[str] = []
    monkeypatch.setattr(get_adapter(), "units", lambda: units)
    return units


@pytest.fixture
def returned(open_visit):
    """A cart with lines in these units."""

    def make(connection, *units: str) -> Quote:
        quote = Quote.objects.create(
            session=open_visit(connection), customer=connection.customer, line_count=len(units), document="[]"
        )
        QuoteLine.objects.bulk_create(
            QuoteLine(
                quote=quote,
                position=number,
                auxiliary_id=f"a{number}",
                sku="X",
                quantity=Decimal(1),
                unit=unit,
                unit_price=1,
                currency="EUR",
            )
            for number, unit in enumerate(units, start=1)
        )
        return quote

    return make


def url(link: PunchoutLink) -> str:
    return reverse("punchout_links:missing_units", args=[link.pk])


def missing(client, link: PunchoutLink) -> list[tuple[str, int]]:
    return [(each.code, each.met.lines) for each in client.get(url(link)).context["units"]]


def drafted(link: PunchoutLink) -> dict[str, str]:
    return PunchoutLink.objects.get(pk=link.pk).get_latest_revision_as_object().units


def add(client, link: PunchoutLink, **data: str):
    seen = client.get(url(link)).context["link"].latest_revision_id
    return client.post(url(link), {"seen": seen or "", **data})


def test_units_of_returned_carts_most_frequent_first(admin_client, oci, returned):
    returned(oci, "TBL", "EA", "STD")
    last = returned(oci, "STD")
    assert missing(admin_client, oci.link) == [("STD", 2), ("TBL", 1)]
    assert admin_client.get(url(oci.link)).context["units"][0].met.last == last.created_at


def test_units_of_the_shop_are_listed_before_anybody_meets_them(admin_client, oci, sold, returned):
    sold += ["RM", "EA", "TBL"]
    returned(oci, "TBL")
    assert missing(admin_client, oci.link) == [("TBL", 1), ("RM", 0)]


@pytest.mark.parametrize(("format", "codes"), [("oci4", ["TBL", "WEE"]), ("cxml", ["TBL"])])
def test_what_is_settled_depends_on_the_format(admin_client, db, returned, format, codes):
    acme = connect("acme", format=format)
    returned(acme, "WEE", "TBL")
    assert [code for code, _lines in missing(admin_client, acme.link)] == codes


def test_unit_in_the_table_is_settled(admin_client, oci, returned):
    returned(oci, "TBL")
    UnitRow.objects.create(link=oci.link, ours="TBL", theirs="TAB")
    assert missing(admin_client, oci.link) == []


def test_suggestion_goes_into_a_new_draft(admin_client, oci, returned):
    returned(oci, "STD")
    told = admin_client.get(url(oci.link)).content.decode()
    assert 'value="STD=HUR"' in told
    add(admin_client, oci.link, use="STD=HUR")
    assert drafted(oci.link) == {"STD": "HUR"}
    assert not oci.link.unit_rows.exists()


def test_added_unit_waits_to_be_published_and_is_not_asked_for_again(admin_client, oci, returned):
    returned(oci, "STD")
    answer = admin_client.get(add(admin_client, oci.link, use="STD=HUR").url)
    told = answer.content.decode()
    assert "Buyers meet it when the link is published" in told
    assert "STD → HUR" in told
    assert answer.context["units"] == []


def test_several_units_are_added_at_once_behind_those_there(admin_client, oci, returned):
    UnitRow.objects.create(link=oci.link, ours="EA", theirs="ST")
    returned(oci, "STD", "TBL", "RM")
    add(admin_client, oci.link, **{"theirs-STD": "H", "theirs-TBL": "TAB", "theirs-RM": ""})
    assert drafted(oci.link) == {"EA": "ST", "STD": "H", "TBL": "TAB"}
    PunchoutLink.objects.get(pk=oci.link.pk).latest_revision.publish()
    assert list(oci.link.unit_rows.values_list("ours", flat=True)) == ["EA", "STD", "TBL"]


@pytest.mark.parametrize("data", [{"use": "EA=ST"}, {"theirs-EA": "ST"}, {"use": "nonsense"}, {}])
def test_unit_that_is_not_asked_for_is_not_added(admin_client, oci, returned, data):
    returned(oci, "TBL")
    assert "Nothing was chosen" in add(admin_client, oci.link, **data).content.decode()
    assert drafted(oci.link) == {}


def test_code_that_no_field_can_hold_is_an_error_and_stays_in_its_field(admin_client, oci, returned):
    returned(oci, "TBL", "STD")
    answer = add(admin_client, oci.link, **{"theirs-TBL": "TABL", "theirs-STD": "H"})
    by_code = {each.code: (each.entered, bool(each.error)) for each in answer.context["units"]}
    assert by_code == {"TBL": ("TABL", True), "STD": ("H", False)}
    assert drafted(oci.link) == {}


def test_units_and_their_errors_are_german(admin_client, oci, returned):
    returned(oci, "TU")
    admin_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    answer = add(admin_client, oci.link, **{"theirs-TU": "TABL"})
    [unit] = answer.context["units"]
    assert unit.error == "UNIT hat in OCI 4.0 Platz für 3 Zeichen, dies sind 4."
    assert unit.name == "Tube"


def test_draft_that_was_changed_meanwhile_is_not_overwritten(admin_client, oci, returned):
    returned(oci, "TBL")
    admin_client.get(url(oci.link))
    oci.link.save_revision(clean=False)
    admin_client.post(url(oci.link), {"seen": "", "use": "", "theirs-TBL": "TAB"})
    assert drafted(oci.link) == {}


# All links


def report(client) -> dict[str, list[str]]:
    found = client.get(reverse("punchout_links:unit_report")).context["found"]
    return {link.name: [each.code for each in units] for link, _url, units in found}


def test_report_has_every_link_that_lacks_a_unit(admin_client, oci, returned):
    returned(oci, "TBL")
    returned(connect("fine", format="oci4"), "EA")
    assert report(admin_client) == {"oci cXML": ["TBL"]}


def test_report_says_what_buyers_meet_today_and_not_the_draft(admin_client, oci, returned):
    returned(oci, "STD")
    add(admin_client, oci.link, use="STD=HUR")
    assert report(admin_client) == {"oci cXML": ["STD"]}


def test_report_knows_only_own_links_and_carts(signed_in, oci, returned):
    returned(oci, "TBL")
    returned(connect("zyxforeign", format="oci4"), "RM")
    returned(connect("zyxsame", format="oci5", customer={"group": oci.link.group}), "STD")
    client = signed_in(Right.CRM_COMPANY_EDIT, Right.EDIT_LINKS, companies=[oci.company])
    assert report(client) == {"oci cXML": ["TBL"]}


def test_report_asks_no_query_for_each_link(admin_client, oci, returned, django_assert_max_num_queries):
    for number in range(12):
        returned(connect(f"more{number}", format="oci4"), "TBL")
    with django_assert_max_num_queries(20):
        assert len(report(admin_client)) == 12


@pytest.mark.parametrize(("rights", "is_there"), [([Right.EDIT_LINKS], True), ([], False)])
def test_report_is_in_the_menu_of_those_who_may_mend_it(signed_in, oci, rights, is_there):
    client = signed_in(Right.CRM_COMPANY_EDIT, *rights, companies=[oci.company])
    told = client.get(reverse("wagtailadmin_home")).content.decode()
    assert (reverse("punchout_links:unit_report") in told) is is_there
