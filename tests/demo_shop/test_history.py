"""The demo's past is one that could have happened."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from wagtail_punchout.models import Exchange, Mode, PunchoutSession, PurchaseOrder, Quote
from wagtail_punchout.models.sessions import State
from wagtail_punchout.protocol.cxml import envelope, tree


@pytest.fixture
def past(db):
    call_command("seed_shop", verbosity=0)
    call_command("punchout_demo_history", visits=150, verbosity=0)


def test_visits_lie_in_the_past_with_carts_and_orders_after_them(past):
    now = timezone.now()
    assert PunchoutSession.objects.count() == 150
    assert not PunchoutSession.objects.filter(created_at__gt=now).exists()
    assert Quote.objects.count() == PunchoutSession.objects.filter(state=State.RETURNED).count() > 50
    assert not Quote.objects.exclude(created_at=F("session__over_at")).exists()
    orders = PurchaseOrder.objects.filter(created_at__lt=now, lines__quote_line__quote__created_at__lte=F("created_at"))
    assert orders.distinct().count() == PurchaseOrder.objects.count() > 20
    assert not PurchaseOrder.objects.filter(mode=Mode.TEST, state="handed_over").exists()


def test_its_documents_can_be_read(past):
    for each in Exchange.objects.filter(status=200, direction="in"):
        assert envelope.decode_request(tree.parse(each.document.encode())).name == each.kind
        assert "EXAMPLE" not in each.document


def test_more_can_be_written_later(past):
    call_command("punchout_demo_history", visits=20, seed=8, verbosity=0)
    assert PunchoutSession.objects.count() == 170


def test_each_thing_of_it_has_a_page(past, django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("boss"))
    for model, name in (
        (PunchoutSession, "visits"),
        (Quote, "quotes"),
        (PurchaseOrder, "orders"),
        (Exchange, "documents"),
    ):
        thing = model.objects.first()
        assert client.get(reverse(f"punchout_{name}:inspect", args=[thing.pk])).status_code == 200, name
