"""What is on its way to buyers and ERPs, as staff see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.models import Delivery, DeliveryAttempt, ErpClient, Exchange, Mode, Right
from wagtail_punchout.models.outbox import SECRET_PLACEHOLDER, WorkState

pytestmark = pytest.mark.django_db

INDEX = reverse("punchout_deliveries:index")


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION, documents_url="https://buyer.example/in")


@pytest.fixture
def delivery(buyer):
    return make_delivery(make_order(buyer), number="C1")


def make_delivery(order, **facts) -> Delivery:
    return Delivery.objects.create(
        **{
            "order": order,
            "customer": order.customer,
            "kind": "ConfirmationRequest",
            "url": "https://buyer.example/in",
            "body": f"<cXML><SharedSecret>{SECRET_PLACEHOLDER}</SharedSecret></cXML>",
            **facts,
        }
    )


def make_webhook(buyer) -> Delivery:
    client = ErpClient.objects.create(name="Test ERP", mode=Mode.TEST, token_hash="x")
    order = make_order(buyer, "PO-T", mode=Mode.TEST)
    return make_delivery(order, kind="webhook", number="", customer=None, client=client, url="https://erp.example/hook")


def page_of(client, delivery) -> str:
    return client.get(reverse("punchout_deliveries:inspect", args=[delivery.pk])).content.decode()


def act(client, delivery, name):
    answer = client.post(reverse("punchout_deliveries:do", args=[delivery.pk, name]), follow=True)
    delivery.refresh_from_db()
    return answer


def listed(client, **query) -> set[str]:
    return {str(each) for each in client.get(INDEX, query).context["object_list"]}


def test_empty_list_says_what_will_be_here(admin_client):
    assert "appear here as soon as" in admin_client.get(INDEX).content.decode()


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"state": "failed"}, {"InvoiceRequest I1"}),
        ({"kind": "ConfirmationRequest"}, {"ConfirmationRequest C1"}),
        ({"customer": "acme"}, {"ConfirmationRequest C1", "InvoiceRequest I1"}),
        ({"q": "invoice"}, {"InvoiceRequest I1"}),
        ({"q": "PO-2 I1"}, {"InvoiceRequest I1"}),
        ({"q": "erp.example"}, {"webhook"}),
        ({"created_at_to": (timezone.now() - timedelta(days=3)).date()}, set()),
        ({}, {"ConfirmationRequest C1", "InvoiceRequest I1", "webhook"}),
    ],
)
def test_deliveries_are_found_by(admin_client, buyer, delivery, query, kinds):
    make_delivery(make_order(buyer, "PO-2"), kind="InvoiceRequest", number="I1", state=WorkState.FAILED)
    make_webhook(buyer)
    assert listed(admin_client, **query) == kinds


def test_rows_cost_no_queries(admin_client, buyer, django_assert_max_num_queries):
    admin_client.get(INDEX)
    for number in range(20):
        make_delivery(make_order(buyer, f"PO-{number}", lines=1))
    with django_assert_max_num_queries(14):
        assert admin_client.get(INDEX).status_code == 200


def test_list_says_when_something_was_given_up(admin_client, buyer, delivery):
    assert "nobody tries any more" not in admin_client.get(INDEX).content.decode()
    make_delivery(delivery.order, state=WorkState.FAILED)
    assert "1 document or webhook could not be delivered" in admin_client.get(INDEX).content.decode()
    make_delivery(delivery.order, state=WorkState.FAILED)
    page = admin_client.get(INDEX).content.decode()
    assert "2 documents and webhooks could not be delivered" in page
    assert f'href="{INDEX}?state=failed"' in page
    assert len(listed(admin_client, state="failed")) == 1  # both have the same name


def test_webhook_of_a_test_order_is_marked(admin_client, buyer, delivery):
    assert admin_client.get(INDEX, {"kind": "ConfirmationRequest"}).content.decode().count("w-status--primary") == 2
    webhook = make_webhook(buyer)
    [row] = admin_client.get(INDEX, {"kind": "webhook"}).context["object_list"]
    assert row.order.is_test
    rows = admin_client.get(INDEX, {"kind": "webhook"}).content.decode()
    assert rows.count("w-status--primary") == 1  # its state
    assert "<dd>Test</dd>" in page_of(admin_client, webhook)


def test_page_tells_the_attempts_and_shows_no_secret(admin_client, buyer, delivery):
    DeliveryAttempt.objects.create(
        delivery=delivery, at=timezone.now(), http_status=503, sentence="HTTP 503, <b>later</b>", milliseconds=12
    )
    page = page_of(admin_client, delivery)
    assert "HTTP 503, &lt;b&gt;later&lt;/b&gt;" in page
    assert SECRET_PLACEHOLDER in page
    assert buyer.secret not in page


def test_try_again_and_stop(admin_client, delivery):
    delivery.state, delivery.attempts = WorkState.FAILED, 11
    delivery.save()
    assert "It will be tried in a moment" in act(admin_client, delivery, "retry").content.decode()
    assert (delivery.state, delivery.attempts, delivery.is_over) == (WorkState.WAITING, 0, False)
    assert "It will not be sent" in act(admin_client, delivery, "stop").content.decode()
    assert delivery.state == WorkState.STOPPED
    assert delivery.finished_at
    logged = ModelLogEntry.objects.for_instance(delivery.order).order_by("pk").values_list("action", flat=True)
    assert list(logged) == ["wagtail_punchout.delivery_retry", "wagtail_punchout.delivery_stop"]


@pytest.mark.parametrize("state", [WorkState.RUNNING, WorkState.DONE])
@pytest.mark.parametrize("name", ["retry", "stop"])
def test_what_is_under_way_or_done_is_left_alone(admin_client, delivery, state, name):
    delivery.state = state
    delivery.save()
    assert "cannot be done now" in act(admin_client, delivery, name).content.decode()
    assert delivery.state == state
    assert "Try again now" not in page_of(admin_client, delivery)
    assert not ModelLogEntry.objects.filter(action__startswith="wagtail_punchout.delivery").exists()


def test_actions_are_posted_and_known(admin_client, delivery):
    url = reverse("punchout_deliveries:do", args=[delivery.pk, "retry"])
    assert admin_client.get(url).status_code == 405
    assert act(admin_client, delivery, "shred").status_code == 404


def test_documents_need_their_right(signed_in, buyer, delivery):
    delivery.body = "<cXML>hello</cXML>"
    delivery.save()
    reads = page_of(signed_in(Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS, companies=[buyer.company]), delivery)
    sees = page_of(signed_in(Right.CRM_COMPANY_EDIT, Right.ACT_ON_ORDERS, companies=[buyer.company]), delivery)
    assert ("hello" in reads, "hello" in sees) == (True, False)
    assert ("Try again now" in reads, "Try again now" in sees) == (False, True)


def test_nobody_learns_whose_connection_an_order_came_through(signed_in, buyer, delivery, add_company):
    branch = add_company("Elsewhere")
    delivery.order.company = branch
    delivery.order.save()
    client = signed_in(Right.CRM_COMPANY_EDIT, companies=[branch])
    for page in (client.get(INDEX).content.decode(), page_of(client, delivery)):
        assert "C1" in page
        assert "Acme" not in page


def test_export_has_neither_document_nor_formula(admin_client, delivery):
    delivery.last_error = "=1+1"
    delivery.save()
    text = b"".join(admin_client.get(INDEX, {"export": "csv"}).streaming_content).decode()
    assert "'=1+1" in text
    assert SECRET_PLACEHOLDER not in text
    assert not Exchange.objects.exists()
