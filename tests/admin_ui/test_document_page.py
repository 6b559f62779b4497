"""A document tells what is wrong and what to change, leaves as a file, and is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.connections import connect, post, setup_request
from tests.order_documents import order_request
from tests.orders import AT, make_order
from wagtail_punchout.flows.fixes import FIXES
from wagtail_punchout.models import Exchange, OrderDocument, PunchoutLink, Right
from wagtail_punchout.protocol.failures import Failure


def page(client, name: str, thing, kind: str = "documents") -> str:
    answer = client.get(reverse(f"punchout_{kind}:{name}", args=[thing.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("code", list(Failure))
def test_every_failure_tells_what_to_change(admin_client, rf, admin_user, code):
    from wagtail_punchout.admin_ui.document_page import VerdictSection

    section = VerdictSection("Verdict", headline="It was refused", is_good=False, code=code)
    html = section.render_html({"request": rf.get("/")})
    assert str(FIXES[code].what)[:20] in html.replace("&#x27;", "'").replace("&amp;", "&")
    assert str(FIXES[code].mend)[:20] in html.replace("&#x27;", "'").replace("&amp;", "&")


def test_refused_document_names_the_mend_and_where(admin_client, client, acme):
    PunchoutLink.objects.update(is_active=False)
    post(client, setup_request())
    told = page(admin_client, "inspect", Exchange.objects.get())
    assert "It was refused: The link is switched off" in told
    assert "Activate it" in told
    assert reverse("punchout_customers:edit", args=[acme.customer.pk]) in told


def test_taken_document_says_so_in_words(admin_client, client, acme):
    post(client, setup_request())
    told = page(admin_client, "inspect", Exchange.objects.get())
    assert "was given the address of a visit" in told
    assert "What to change" not in told


def test_answer_of_an_order_is_shown(admin_client, client, acme):
    post(client, order_request(deployment_mode="test"))
    told = page(admin_client, "inspect", Exchange.objects.get())
    assert "Status code=&quot;200&quot;" in told
    assert "A person has to look at the order." in told


def test_document_tried_again_shows_then_and_today(admin_client, client, acme):
    PunchoutLink.objects.update(is_active=False)
    post(client, setup_request())
    refusal = Exchange.objects.get()
    assert "Today it would be refused: The link is switched off" in page(admin_client, "try_again", refusal)
    PunchoutLink.objects.update(is_active=True)
    told = page(admin_client, "try_again", refusal)
    assert "Today it would be accepted." in told
    assert "403 refused" in told
    assert "200 accepted" in told


def test_document_that_cannot_be_tried_has_no_button_and_no_page(admin_client, refusal):
    url = reverse("punchout_documents:try_again", args=[refusal.pk])
    assert url not in page(admin_client, "inspect", refusal)
    assert admin_client.get(url).status_code == 404


def test_try_tells_nothing_of_a_customer_who_is_not_to_be_seen(signed_in, client, acme):
    post(client, setup_request())
    exchange = Exchange.objects.get()
    other = connect("other")
    type(acme.customer).objects.filter(pk=acme.customer.pk).update(sender_identity="gone", sender_key="gone")
    key = "punchout-acme@shop.example"
    type(acme.customer).objects.filter(pk=other.customer.pk).update(
        sender_identity=key, sender_key=key, is_active=False
    )
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS, companies=[acme.company])
    told = page(clerk, "try_again", exchange)
    assert "Today it would be refused: The customer is switched off" in told
    assert "Other" not in told


def test_download_is_a_file_without_secrets(admin_client, client, acme):
    post(client, setup_request())
    exchange = Exchange.objects.get()
    answer = admin_client.get(reverse("punchout_documents:download", args=[exchange.pk]))
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="punchoutsetuprequest-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content.decode() == exchange.document
    assert acme.secret not in answer.content.decode()


@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        ('[["USERNAME", "x"]]', "application/json"),
        ("[not readable, 5 characters, SHA-256 0]\n<html", "text/plain"),
        ("=1+1", "text/plain"),
        ("<script>alert(1)</script>", "application/xml"),
    ],
)
def test_whatever_was_sent_runs_nowhere(admin_client, db, document, content_type):
    exchange = Exchange.objects.create(direction="in", document=document)
    answer = admin_client.get(reverse("punchout_documents:download", args=[exchange.pk]))
    assert answer["Content-Type"].startswith(content_type)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_empty_document_is_no_file(admin_client, db):
    exchange = Exchange.objects.create(direction="in")
    assert admin_client.get(reverse("punchout_documents:download", args=[exchange.pk])).status_code == 404


def test_cart_is_handed_out_as_it_went(admin_client, visit):
    answer = admin_client.get(reverse("punchout_quotes:download", args=[visit.quote.pk]))
    assert answer.content == b"<cXML/>"
    assert reverse("punchout_quotes:download", args=[visit.quote.pk]) in page(
        admin_client, "inspect", visit.quote, "quotes"
    )


# The course of a visit


@pytest.fixture
def ordered(visit):
    """The visit with an order for its cart, which is in the shop."""
    began = AT - timedelta(days=1)  # the order came at AT
    type(visit).objects.filter(pk=visit.pk).update(
        created_at=began, started_at=began + timedelta(seconds=20), seen_at=began + timedelta(minutes=7)
    )
    type(visit.quote).objects.update(created_at=began + timedelta(minutes=8))
    Exchange.objects.update(created_at=began)
    order = make_order(
        connect("z"),
        lines=1,
        company=visit.company,
        customer=visit.customer,
        state="handed_over",
        handed_over_at=began + timedelta(hours=3),
        shop_number="SO-77",
    )
    order.lines.update(quote_line=visit.quote.lines.get())
    for number, action in enumerate(("new", "update"), start=1):
        OrderDocument.objects.create(
            order=order,
            customer=visit.customer,
            dedup_key=f"visit {number}",
            digest="d",
            action=action,
            version=number,
            verdict="applied",
            answer="",
            received_at=began + timedelta(hours=number),
        )
    return visit


def test_visit_is_told_from_call_to_order(admin_client, ordered):
    told = page(admin_client, "inspect", ordered, "visits")
    story = [
        "The buyer&#x27;s system called",
        "The browser arrived, and shopping began",
        "The last page was opened",
        "The cart went home",
        "The order came",
        "A change of the order came",
        "The order came into the shop",
    ]
    told = told[told.index('id="timeline') :]
    places = [told.index(each) for each in story]
    assert places == sorted(places)
    for each in ("20 s", "7 min", "8 min", "1 h", "1 line, €57.50", "SO-77"):
        assert each in told


def test_course_leads_to_documents_only_those_who_may_read_them(signed_in, ordered):
    told = page(signed_in(Right.COMPANY_EDIT), "inspect", ordered, "visits")
    assert "The buyer&#x27;s system called" in told
    assert "PunchOutSetupRequest" not in told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "expired"}, "No browser came"),
        ({"state": "expired", "started_at": timezone.now()}, "Nobody ended it"),
        ({"state": "cancelled"}, "The shopper went back without a cart"),
    ],
)
def test_end_without_a_cart_is_told(admin_client, acme, open_visit, values, words):
    assert words in page(admin_client, "inspect", open_visit(acme, **values), "visits")


def test_page_of_a_visit_takes_as_many_queries_whatever_happened(admin_client, ordered, django_assert_max_num_queries):
    page(admin_client, "inspect", ordered, "visits")
    for _ in range(5):
        Exchange.objects.create(direction="in", kind="x", session=ordered, customer=ordered.customer)
    with django_assert_max_num_queries(300) as seen:
        page(admin_client, "inspect", ordered, "visits")
    print(len(seen), *(each["sql"][:110] for each in seen), sep="\n")
