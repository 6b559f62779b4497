"""What was to be kept for a time goes when it is over; orders, and what they rest on, never."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError
from django.utils import timezone

from tests.connections import connect
from tests.orders import make_order
from wagtail_punchout.checks import check_keeping_times
from wagtail_punchout.flows import purge as work
from wagtail_punchout.models import (
    ConnectionTest,
    Delivery,
    DeliveryAttempt,
    Exchange,
    FirstContact,
    Mode,
    OrderDocument,
    OrderLine,
    PunchoutSession,
    PurchaseOrder,
    Quote,
    QuoteLine,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def ago(days: float):
    return NOW - timedelta(days=days)


def purge(**options) -> dict[str, int]:
    return {each.kind.name: each.gone for each in work.purge(at=NOW, **options)}


@pytest.fixture
def acme(db):
    return connect("acme")


@pytest.fixture
def keep(settings):
    def use(**days) -> None:
        settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, **days}

    return use


def make_visit(connection, days: float, *, cart: bool = True, **values) -> PunchoutSession:
    """A visit of so many days ago, with its cart and a document."""
    at = ago(days)
    visit = PunchoutSession(
        customer=connection.customer,
        company=connection.company,
        link=connection.link,
        **{
            "mode": Mode.TEST,
            "state": "returned",
            "created_at": at,
            "start_until": at,
            "ends_at": at + timedelta(hours=1),
            "over_at": at,
            **values,
        },
    )
    visit.start_hash = visit.hash_token(visit.start_token)
    visit.save()
    make_document(days, customer=connection.customer, session=visit)
    if cart:
        quote = Quote.objects.create(session=visit, customer=connection.customer, document="<cXML/>")
        QuoteLine.objects.create(
            quote=quote, position=1, auxiliary_id="a", sku="A", quantity=1, unit="EA", unit_price=1, currency="EUR"
        )
    return visit


def make_document(days: float, **values) -> Exchange:
    document = Exchange.objects.create(**{"direction": "in", "kind": "PunchOutSetupRequest", **values})
    Exchange.objects.filter(pk=document.pk).update(created_at=ago(days))
    return document


def make_attempt(connection, days: float, state: str) -> DeliveryAttempt:
    delivery = Delivery.objects.create(customer=connection.customer, kind="x", url="https://b.example", state=state)
    return DeliveryAttempt.objects.create(delivery=delivery, at=ago(days))


def order_of(connection, visit: PunchoutSession) -> PurchaseOrder:
    """An order for what the visit took home, with the document that it came with."""
    order = make_order(connection, lines=1)
    order.lines.update(quote_line=visit.quote.lines.get())
    exchange = make_document(1000, kind="OrderRequest", order=order, customer=connection.customer)
    OrderDocument.objects.create(
        order=order,
        customer=connection.customer,
        exchange=exchange,
        dedup_key="k",
        digest="d",
        action="new",
        version=1,
        verdict="applied",
        answer="",
        received_at=ago(1000),
    )
    return order


def test_old_visit_goes_with_cart_and_documents(acme):
    make_visit(acme, 401)
    assert purge()["visits"] == 1
    for model in (PunchoutSession, Quote, QuoteLine, Exchange):
        assert not model.objects.exists()


def test_young_visit_stays(acme):
    make_visit(acme, 399)
    assert not any(purge().values())
    assert QuoteLine.objects.count() == Exchange.objects.count() == 1


def test_visit_that_is_not_over_stays(acme):
    make_visit(acme, 401, state="started", over_at=None, ends_at=NOW + timedelta(hours=1))
    assert purge()["visits"] == 0


def test_visit_whose_end_nobody_noted_goes(acme):
    make_visit(acme, 401, cart=False, state="started", over_at=None)
    assert purge()["visits"] == 1


def test_order_keeps_its_documents_its_cart_and_its_visit(acme, keep):
    keep(KEEP_VISITS_DAYS=1, KEEP_DOCUMENTS_DAYS=1)
    visit = make_visit(acme, 1000)
    order = order_of(acme, visit)
    assert not any(purge().values())
    assert order.documents.get(dedup_key="k").exchange.order == order
    assert OrderLine.objects.get().quote_line.quote.session == visit
    assert Exchange.objects.count() == 2


def test_order_document_stays_also_where_the_document_names_no_order(acme):
    order_of(acme, make_visit(acme, 1000))
    Exchange.objects.filter(kind="OrderRequest").update(order=None)
    assert not any(purge().values())


def test_documents_of_strangers_go(acme):
    make_document(401)
    young = make_document(399)
    assert purge()["documents"] == 1
    assert Exchange.objects.get() == young


def test_documents_may_go_before_their_visit(acme, keep):
    keep(KEEP_DOCUMENTS_DAYS=30)
    make_visit(acme, 31)
    assert purge()["documents"] == 1
    assert PunchoutSession.objects.count() == 1


def test_first_contact_goes_by_its_last_call(acme):
    for name, last in (("old", 91), ("young", 89)):
        FirstContact.objects.create(key=name, reason="secret_wrong", first_at=ago(500), last_at=ago(last))
    assert purge()["first contacts"] == 1
    assert FirstContact.objects.get().key == "young"


def test_attempts_of_a_delivery_under_way_stay(acme):
    make_attempt(acme, 91, "done")
    waiting = make_attempt(acme, 91, "waiting")
    assert purge()["attempts"] == 1
    assert DeliveryAttempt.objects.get() == waiting
    assert Delivery.objects.count() == 2


def test_last_test_of_a_connection_stays_and_the_last_that_passed(acme):
    for days, is_ok in ((200, True), (190, True), (180, False), (170, False)):
        ConnectionTest.objects.create(customer=acme.customer, started_at=ago(days), is_ok=is_ok)
    assert purge()["connection tests"] == 2
    assert {(NOW - each.started_at).days for each in ConnectionTest.objects.all()} == {190, 170}


def test_last_test_stays_where_none_has_passed(acme):
    for days in (200, 190):
        ConnectionTest.objects.create(customer=acme.customer, started_at=ago(days))
    assert purge()["connection tests"] == 1


def test_nothing_goes_where_the_days_are_none(acme, keep):
    keep(**{each.setting: 0 for each in work.KINDS})
    make_visit(acme, 5000)
    make_document(5000)
    assert not any(purge().values())
    assert Exchange.objects.count() == 2


def test_time_that_is_none_is_reported(keep):
    keep(KEEP_VISITS_DAYS=-1)
    assert [each.id for each in check_keeping_times()] == ["wagtail_punchout.E007"]


@pytest.mark.parametrize("days", [-1, "400", 1.5, None, True])
def test_time_that_is_none_deletes_nothing(acme, keep, days):
    keep(KEEP_TESTS_DAYS=days)
    make_visit(acme, 5000)
    with pytest.raises(CommandError, match="KEEP_TESTS_DAYS"):
        call_command("punchout_purge")
    assert PunchoutSession.objects.exists()


def test_dry_run_deletes_nothing(acme):
    make_visit(acme, 401)
    out = io.StringIO()
    call_command("punchout_purge", dry_run=True, stdout=out)
    assert "visits: 1 older than 400 days would go." in out.getvalue()
    assert PunchoutSession.objects.exists()


def test_small_batches_take_everything(acme):
    for number in range(7):
        make_visit(acme, 401 + number % 3)
    kept = make_visit(acme, 402)
    order_of(acme, kept)
    assert purge(batch_size=2)["visits"] == 7
    assert PunchoutSession.objects.get() == kept


def test_work_that_was_stopped_goes_on_where_it_was(acme, monkeypatch):
    for _ in range(3):
        make_visit(acme, 401)
    visits = work.KINDS[0]
    done = []

    def delete_once(keys):
        if done:
            raise KeyboardInterrupt
        done.extend(keys)
        visits.delete(keys)

    monkeypatch.setattr(work, "KINDS", (work.Kind("visits", visits.setting, visits.time, visits.old, delete_once),))
    with pytest.raises(KeyboardInterrupt):
        purge(batch_size=1)
    assert PunchoutSession.objects.count() == 2
    monkeypatch.undo()
    assert purge()["visits"] == 2


def test_what_the_project_holds_on_to_stops_nothing_else(acme, monkeypatch):
    held, *_others = [make_visit(acme, 401) for _ in range(5)]
    visits = work.KINDS[0]

    def delete(keys):
        if held.pk in keys:
            raise ProtectedError("a row of the project's own", {held})
        visits.delete(keys)

    monkeypatch.setattr(work, "KINDS", (work.Kind("visits", visits.setting, visits.time, visits.old, delete),))
    out = io.StringIO()
    call_command("punchout_purge", stdout=out)
    assert "visits: 4 older than 400 days are gone. 1 stay" in out.getvalue()
    assert PunchoutSession.objects.get() == held


def test_number_of_queries_does_not_grow_with_the_visits(acme, django_assert_max_num_queries):
    for _ in range(20):
        make_visit(acme, 401)
    with django_assert_max_num_queries(40):
        purge()
    assert not PunchoutSession.objects.exists()
