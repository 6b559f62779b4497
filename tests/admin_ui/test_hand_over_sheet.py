"""The hand-over sheet: on the screen, as PDF, and the link that shows the secret. Examples have tests of their own."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

from tests.connections import add_credential, connect
from wagtail_punchout.models import CustomerGroup, Mode, PunchoutLink, SecretLink

pytestmark = pytest.mark.django_db

SECRET = "a-secret-that-stands-on-no-sheet"
PATH = re.compile(r"/punchout/secret/[\w-]+/")


@pytest.fixture
def acme(db):
    made = connect("acme", secret=SECRET, return_origins="https://buyer.example")
    add_credential(made.customer, secret=SECRET + "-too", mode=Mode.PRODUCTION)
    return made


def url(name: str, acme, *more: str, mode: str = "test") -> str:
    return reverse(f"punchout_sheet:{name}", args=[acme.customer.pk, mode, *more])


def page(client, acme, query: str = "", *, mode: str = "test") -> str:
    return client.get(url("sheet", acme, mode=mode) + query).content.decode()


def pdf(client, acme, query: str = "", *, mode: str = "test") -> str:
    """What stands on the paper, without the blanks and line ends between."""
    document = pypdf.PdfReader(BytesIO(client.get(url("pdf", acme, mode=mode) + query).content))
    return re.sub(r"\s", "", "".join(each.extract_text() for each in document.pages))


def row(page: str, label: str) -> str:
    """One row of the sheet, by one of its names."""
    return next(each for each in re.findall(r"<dt>.*?</dd>", page, re.DOTALL) if f"<dt>{label}" in each)


# Values


def test_sheet_has_the_values_and_no_secret(admin_client, acme):
    shown = page(admin_client, acme)
    for label, value in (
        ("From domain", "NetworkID"),
        ("From identity", "acme"),
        ("To domain", "NetworkID"),
        ("To identity", "nordlicht-supply"),
        ("Sender domain", "NetworkID"),
        ("Sender identity", acme.customer.sender_identity),
        ("Setup request URL", f"/punchout/cxml/{acme.credential.path_key}/setup/"),
        ("Order request URL", f"/punchout/cxml/{acme.credential.path_key}/orders/"),
    ):
        assert value in row(shown, label)
    assert "You get a link that shows it once." in row(shown, "Sender shared secret")
    assert SECRET not in shown + pdf(admin_client, acme)


def test_each_mode_has_its_own_addresses(admin_client, acme):
    theirs = acme.customer.credentials.get(mode=Mode.PRODUCTION).path_key
    assert theirs in page(admin_client, acme, mode="production")
    assert theirs not in page(admin_client, acme)


def test_test_and_production_are_told_apart(admin_client, acme):
    tests, real = pdf(admin_client, acme), pdf(admin_client, acme, mode="production")
    assert "nothingthatisorderedwiththemisdelivered" in tests
    assert "deliveredandhastobepaid" in real
    assert ("TEST" in tests, "TEST" in real, "PRODUCTION" in real) == (True, False, True)
    assert "punchout-mode-test" in page(admin_client, acme)
    assert "punchout-mode-test" not in page(admin_client, acme, mode="production")


def test_production_of_a_group_that_tries_is_no_production_yet(admin_client, acme):
    assert "not in active mode yet" not in page(admin_client, acme, mode="production")
    CustomerGroup.objects.update(mode=Mode.TEST)
    assert "not in active mode yet" in page(admin_client, acme, mode="production")


def test_third_mode_does_not_exist(admin_client, acme):
    assert admin_client.get(url("sheet", acme, mode="staging")).status_code == 404


def test_what_staff_should_mend_stands_on_no_paper(admin_client, acme):
    assert "SUPPLIER_DUNS" in page(admin_client, acme)
    assert "SUPPLIER_DUNS" not in pdf(admin_client, acme)


def test_name_for_staff_alone_stands_on_no_paper(admin_client, acme):
    acme.customer.name = "the difficult one"
    acme.customer.save()
    assert "difficult" not in pdf(admin_client, acme)


def test_customer_without_a_key_has_a_sheet_too(admin_client, acme):
    acme.customer.credentials.all().delete()
    shown = page(admin_client, acme)
    assert "Make a key first." in row(shown, "Setup request URL")
    assert admin_client.get(url("pdf", acme)).status_code == 200
    assert admin_client.get(url("link", acme)).status_code == 404


def test_sheet_says_whom_to_ask(admin_client, acme, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SUPPLIER_CONTACT": "Ms Sommer <edi@shop.example>"}
    assert "Questions: Ms Sommer &lt;edi@shop.example&gt;" in page(admin_client, acme)
    assert "Questions:MsSommer<edi@shop.example>" in pdf(admin_client, acme)


# The buyer's words


def test_values_go_by_the_names_of_the_buyers_system(admin_client, acme):
    shown = page(admin_client, acme, "?system=coupa")
    assert "To identity" in row(shown, "Identity")
    assert acme.customer.sender_identity in row(shown, "Sender Identity")
    assert "PO URL" in shown
    assert "POURL" in pdf(admin_client, acme, "?system=coupa")


def test_usual_system_is_that_of_the_link(admin_client, acme):
    PunchoutLink.objects.update(buyer_profile="sap-ariba")
    assert "ANID (supplier)" in page(admin_client, acme)
    assert "ANID (supplier)" not in page(admin_client, acme, "?system=")


@pytest.mark.parametrize("system", ["nobody", "%00", "../coupa"])
def test_unknown_system_speaks_the_words_of_the_standard(admin_client, acme, system):
    assert "Setup request URL" in page(admin_client, acme, f"?system={system}")


def test_system_whose_words_nobody_has_told_says_so(admin_client, acme):
    assert "What Workday calls these values is not known" in page(admin_client, acme, "?system=workday")


# OCI


def test_oci_address_has_no_password(admin_client, acme):
    PunchoutLink.objects.create(name="oci", group=acme.customer.group, format="oci4", live=True, allow_get=True)
    shown = page(admin_client, acme)
    assert acme.customer.sender_identity in row(shown, "USERNAME")
    assert "You get a link that shows it once." in row(shown, "PASSWORD")
    assert "PASSWORD=•••" in row(shown, "As one address")
    assert "PASSWORD=•••" in pdf(admin_client, acme)
    assert SECRET not in shown


def test_who_speaks_oci_alone_is_told_nothing_of_cxml(admin_client, acme):
    PunchoutLink.objects.update(format="oci4")
    shown = page(admin_client, acme)
    assert "USERNAME" in shown
    for text in ("Setup request URL", "OrderRequest", "Status 401"):
        assert text not in shown


# Checklist


def test_checklist_asks_what_the_link_does(admin_client, acme):
    shown = page(admin_client, acme)
    assert "Change the order, then cancel it." in shown
    assert "documents arrive" not in shown
    PunchoutLink.objects.update(takes_changes=False, documents_url="https://buyer.example/documents")
    shown = page(admin_client, acme)
    assert "Change the order, then cancel it." not in shown
    assert "documents arrive" in shown


def test_units_are_named_as_the_buyer_will_meet_them(admin_client, acme, goods):
    acme.link.unit_rows.create(ours="PK", theirs="CARTON")
    acme.link.save()
    asked = re.search(r"Have these units of measure in your system \(cXML\): ([^.]*)\.", page(admin_client, acme))[1]
    assert {"CARTON", "EA"} <= set(asked.split(", "))
    assert "PK" not in asked.split(", ")


def test_production_is_not_tried_out(admin_client, acme):
    shown = page(admin_client, acme, mode="production")
    assert "Order something small first" in shown
    assert "Status 401" not in shown


# On paper


def test_pdf_has_umlauts_and_a_name_for_its_file(admin_client, acme):
    acme.company.name = "Käufer & Söhne <GmbH>"
    acme.company.save()
    answer = admin_client.get(url("pdf", acme))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="punchout-kaufer-sohne-gmbh-test.pdf"'
    assert "Käufer&Söhne<GmbH>" in pdf(admin_client, acme)


def test_letters_the_typeface_lacks_are_written_in_others(admin_client, acme):
    acme.company.name = "Завод Łódź"
    acme.company.save()
    assert "ZavodŁódz" in pdf(admin_client, acme)


def test_value_that_cannot_be_printed_says_so(admin_client, acme):
    acme.customer.sender_identity = "покупатель"
    acme.customer.save()
    assert "Someletterscannotbeprinted" in pdf(admin_client, acme)


def test_long_values_end_where_the_paper_ends(admin_client, acme, settings):
    host = "https://" + ".".join(["a-rather-long-name"] * 9) + ".example"
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": host}
    document = pypdf.PdfReader(BytesIO(admin_client.get(url("pdf", acme)).content))
    lines = "\n".join(each.extract_text() for each in document.pages).splitlines()
    assert host + f"/punchout/cxml/{acme.credential.path_key}/setup/" in "".join(lines)
    assert max(map(len, lines)) < 120


def test_pdf_is_one_page(admin_client, acme):
    PunchoutLink.objects.create(name="oci", group=acme.customer.group, format="oci4", live=True, allow_get=True)
    document = pypdf.PdfReader(BytesIO(admin_client.get(url("pdf", acme) + "?system=coupa").content))
    assert len(document.pages) == 1


# The link for the secret


def made_link(client, acme, hours: str = "24") -> str:
    return PATH.search(client.post(url("link", acme), {"hours": hours}).content.decode())[0]


def test_link_is_shown_once_and_opens_once(admin_client, client, acme):
    path = made_link(admin_client, acme)
    assert path not in page(admin_client, acme)
    assert SECRET in client.post(path, REMOTE_ADDR="192.0.2.7").content.decode()
    assert client.post(path).status_code == 410
    assert "from 192.0.2.7" in page(admin_client, acme)


@pytest.mark.parametrize("hours", ["1", "24", "168"])
def test_staff_choose_how_long_it_works(admin_client, admin_user, acme, hours):
    made_link(admin_client, acme, hours)
    link = SecretLink.objects.get()
    assert abs(link.expires_at - link.created_at - timedelta(hours=int(hours))) < timedelta(minutes=1)
    assert link.created_by == admin_user


@pytest.mark.parametrize("hours", ["", "2", "10000", "-1", "ever"])
def test_no_link_works_longer_than_the_choices(admin_client, acme, hours):
    answer = admin_client.post(url("link", acme), {"hours": hours})
    assert not PATH.search(answer.content.decode())
    assert not SecretLink.objects.exists()


def test_page_with_the_link_is_kept_by_nobody(admin_client, acme):
    answer = admin_client.post(url("link", acme), {"hours": "1"})
    assert "no-store" in answer["Cache-Control"]


def test_looking_makes_no_link(admin_client, acme):
    admin_client.get(url("link", acme))
    assert not SecretLink.objects.exists()


def test_withdrawn_link_shows_nothing(admin_client, client, acme):
    path = made_link(admin_client, acme)
    assert "Withdraw" in page(admin_client, acme)
    admin_client.post(reverse("punchout_sheet:withdraw", args=[SecretLink.objects.get().pk]))
    assert client.post(path).status_code == 410
    shown = page(admin_client, acme)
    assert "withdrawn" in shown
    assert "Withdraw<" not in shown


def test_list_says_what_became_of_each(admin_client, acme):
    made_link(admin_client, acme)
    assert re.search(r"<td>open</td>", page(admin_client, acme))
    SecretLink.objects.update(expires_at=timezone.now())
    assert re.search(r"<td>run out</td>", page(admin_client, acme))


def test_links_of_the_other_mode_stand_on_its_own_sheet(admin_client, acme):
    made_link(admin_client, acme)
    assert "None yet." in page(admin_client, acme, mode="production")


def test_link_wants_a_fresh_password(admin_client, acme):
    session = admin_client.session
    session.pop("punchout_password_entered", None)
    session.save()
    answer = admin_client.post(url("link", acme), {"hours": "24"})
    assert answer["Location"].startswith(reverse("punchout_credentials:password"))
    assert not SecretLink.objects.exists()
