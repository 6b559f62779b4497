"""The page "Preview on past carts": what would change comes first, and nobody sees what he may not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.admin_ui.link_pages import edit, edit_url, fields_of
from tests.connections import connect
from tests.protocol.carts import cart
from wagtail_punchout.models import MappingRow, PunchoutLink, PunchoutSession, Quote, QuoteLine, Right
from wagtail_punchout.protocol.snapshot import as_json

OWN_ROW = {"target": "DESCRIPTION", "kind": "template", "source": "{{ product.sku }} of {{ company.code }}"}


@pytest.fixture
def oci(db):
    return connect("oci", format="oci4")


@pytest.fixture
def returned(open_visit):
    """A cart that went home through a connection."""

    def make(connection, **visit) -> Quote:
        session = open_visit(connection)
        PunchoutSession.objects.filter(pk=session.pk).update(**visit or {"state": session.state})
        quote = Quote.objects.create(
            session=session, customer=connection.customer, line_count=1, document="[]", cart=as_json(cart())
        )
        QuoteLine.objects.create(
            quote=quote,
            position=1,
            auxiliary_id="a1",
            sku="KD-5555",
            quantity=Decimal(2),
            unit="EA",
            unit_price=1,
            currency="EUR",
        )
        return quote

    return make


def preview_url(link: PunchoutLink, query: str = "") -> str:
    return reverse("punchout_links:preview_carts", args=[link.pk]) + query


def page(client, link: PunchoutLink, query: str = "") -> str:
    return " ".join(client.get(preview_url(link, query)).content.decode().split())


def save_draft(link: PunchoutLink, *rows: dict) -> None:
    draft = link.get_latest_revision_as_object()
    draft.mapping_rows = [MappingRow(**row) for row in rows]
    draft.save_revision(clean=False)


def test_link_without_carts_offers_the_sample(admin_client, oci):
    told = page(admin_client, oci.link)
    assert "No cart of this group has been returned yet" in told
    assert preview_url(oci.link, "?cart=sample") in told


@pytest.mark.parametrize("format", ["oci3", "oci4", "oci5", "cxml"])
def test_sample_is_shown_at_once(admin_client, db, format):
    told = page(admin_client, connect("acme", format=format).link, "?cart=sample")
    assert "BD-4711" in told
    assert "could not be sent" not in told


def test_draft_is_held_against_what_is_sent_today(admin_client, oci, returned):
    returned(oci)
    save_draft(oci.link, OWN_ROW)
    told = page(admin_client, oci.link)
    assert "1 cart would be different under the draft." in told
    assert '<span class="punchout-sent punchout-old">Desk chair</span>' in told
    assert '<span class="punchout-sent punchout-new">KD-5555 of oci</span>' in told


def test_what_stays_is_folded(admin_client, oci, returned):
    returned(oci)
    save_draft(oci.link, OWN_ROW)
    changed, _details, folded = page(admin_client, oci.link).partition("<details>")
    assert (">VENDORMAT<" in changed, ">VENDORMAT<" in folded) == (False, True)
    assert (">DESCRIPTION<" in changed, ">DESCRIPTION<" in folded) == (True, False)


def test_link_without_a_newer_draft_shows_what_is_sent_today(admin_client, oci, returned):
    returned(oci)
    told = page(admin_client, oci.link)
    assert "There is no newer draft: this is what is sent today." in told
    assert "punchout-old" not in told


def test_link_never_published_shows_what_would_be_sent(admin_client, db, returned):
    acme = connect("acme", format="oci4", live=False)
    returned(acme)
    assert "has not been published yet" in page(admin_client, acme.link)


def test_too_long_a_value_is_marked_with_the_width(admin_client, oci, returned):
    returned(oci)
    save_draft(oci.link, {"target": "DESCRIPTION", "source": "product.description"})
    assert "cut: 58 characters, room for 40" in page(admin_client, oci.link)


def test_line_that_cannot_be_sent_says_why(admin_client, oci, returned):
    returned(oci)
    save_draft(oci.link, {"target": "VENDORMAT", "kind": "template", "source": "X" * 34 + "{{ product.sku }}"})
    told = page(admin_client, oci.link)
    assert "Under the draft 1 cart could not be sent." in told
    assert "refused: 41 characters, room for 40" in told
    assert "VENDORMAT has room for 40 characters in OCI 4.0, this has 41." in told


def test_row_that_can_never_work_is_named(admin_client, oci):
    save_draft(oci.link, {"target": "DESCRIPTION", "source": "product.skew"})
    assert "Row 1: There is no “product.skew”" in page(admin_client, oci.link, "?cart=sample")


def test_values_are_no_markup(admin_client, oci, returned):
    returned(oci)
    save_draft(oci.link, {"target": "CUST_FIELD5", "kind": "constant", "source": "<script>alert(1)</script>"})
    told = page(admin_client, oci.link)
    assert "<script>alert(1)" not in told
    assert "&lt;script&gt;alert(1)" in told


# Who sees which carts


def test_carts_of_other_companies_are_not_taken(signed_in, oci, returned):
    """Two companies' customers in one group: each of the staff tries the link on the carts that are his."""
    other = connect("zyxforeign", format="oci5", customer={"group": oci.link.group})
    returned(other, link=oci.link)
    client = signed_in(Right.CRM_COMPANY_EDIT, Right.EDIT_LINKS, companies=[oci.company])
    told = page(client, oci.link)
    assert "No cart of this group has been returned yet" in told
    assert "zyxforeign" not in told.lower()


def test_cart_that_came_through_a_foreign_connection_is_not_taken(signed_in, oci, returned):
    """By routing: the company is ours, and the fields would tell whose connection it was."""
    other = connect("zyxforeign", format="oci5", customer={"group": oci.link.group})
    returned(other, link=oci.link, company=oci.company)
    save_draft(oci.link, {"target": "CUST_FIELD5", "source": "customer.identity"})
    client = signed_in(Right.CRM_COMPANY_EDIT, Right.EDIT_LINKS, companies=[oci.company])
    assert "zyxforeign" not in page(client, oci.link).lower()


# The ways to it


def test_edit_page_leads_to_it(admin_client, oci):
    assert f'href="{preview_url(oci.link)}"' in admin_client.get(edit_url(oci.link)).content.decode()
    assert f'href="{edit_url(oci.link)}"' in page(admin_client, oci.link)


def test_message_after_a_saved_draft_leads_to_it(admin_client, oci):
    answer = edit(admin_client, oci.link, name="Renamed")
    told = admin_client.get(answer.url).content.decode()
    message = told[told.index("messages") :]
    assert preview_url(oci.link) in message


def test_change_a_row_look_publish_and_roll_back(admin_client, oci, returned):
    returned(oci)
    row = {"target": "DESCRIPTION", "source": "product.sku"}
    edit(admin_client, oci.link, mapping=[], publish=True)
    before = PunchoutLink.objects.get(pk=oci.link.pk).latest_revision
    edit(admin_client, oci.link, mapping=[row])
    assert "1 cart would be different under the draft." in page(admin_client, oci.link)
    edit(admin_client, oci.link, publish=True)
    assert "this is what is sent today" in page(admin_client, oci.link)
    assert [each.target for each in PunchoutLink.objects.get(pk=oci.link.pk).rows] == ["DESCRIPTION"]
    brought_back = reverse("punchout_links:revisions_revert", args=[oci.link.pk, before.pk])
    fields = fields_of(admin_client.get(brought_back))
    admin_client.post(edit_url(oci.link), fields | {"action-publish": "1"})
    assert PunchoutLink.objects.get(pk=oci.link.pk).rows == ()
