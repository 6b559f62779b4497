"""Routing at the gateway: one connection, a call for each of its companies."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demo_site.shop.models import PriceListEntry
from tests.connections import connect, item_out, post, setup_request
from tests.goods import NUT
from tests.storefront.test_visit import form, put, start
from wagtail_punchout.models import (
    Address,
    Company,
    Exchange,
    PunchoutCustomer,
    PunchoutSession,
    Routing,
    RoutingRule,
    RoutingSource,
)

pytestmark = pytest.mark.django_db

SENDER = "punchout-district@shop.example"


def ship_to(address_id: str) -> str:
    return f'<ShipTo><Address addressID="{address_id}"><Name xml:lang="en">School</Name></Address></ShipTo>'


@pytest.fixture
def high(db) -> Company:
    """A school of a district, with prices of its own, that calls with address ID HS-01 lead to."""
    customer = connect("district", customer={"routing": Routing.REFUSE}).customer
    parent = Company.objects.get(pk=customer.company_id)
    company = parent.add_child(name="High School", code="high", price_group="schools", currency="CHF", language="de")
    RoutingRule.objects.create(customer=customer, value="HS-01", company=company)
    return company


def call(**values) -> str:
    return setup_request(SENDER, **{"body": ship_to("HS-01"), **values})


def test_the_visit_is_for_the_company_of_the_rule(client, high):
    assert post(client, call()).code == 200
    visit = PunchoutSession.objects.get()
    assert visit.company == high
    assert visit.customer.company.code == "district"
    assert visit.routed_by == "Rule 1: Ship-to address ID HS-01"


def test_no_visit_is_made_where_no_rule_fits(client, high):
    answer = post(client, call(body=ship_to("HS-99")))
    assert answer.code == 403
    assert '"HS-99"' in answer.sentence
    assert "High" not in answer.sentence
    assert not PunchoutSession.objects.exists()
    assert "No rule of District's routing table fits" in Exchange.objects.get().cause


def test_a_company_that_is_switched_off_is_not_named_to_the_buyer(client, high):
    Company.objects.filter(pk=high.pk).update(is_active=False)
    answer = post(client, call())
    assert answer.code == 403
    assert "switched off" in answer.sentence
    assert "High" not in answer.sentence
    assert "High School" in Exchange.objects.get().cause


def test_routing_by_requester_and_extrinsics(client, high):
    customer = high.routing_rules.get().customer
    RoutingRule.objects.create(
        customer=customer, source=RoutingSource.EMAIL_DOMAIN, value="example.com", company=customer.company
    )
    post(client, call(body=""))
    assert PunchoutSession.objects.get().company == customer.company


def test_routing_costs_one_statement_more(client, high):
    def statements(document: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert post(client, document).code == 200
        return len(queries)

    # The address is in the book of both, or the first call of each notes it.
    Address.objects.create(company=high.get_parent(), address_id="HS-01", name="School", country="CH")
    post(client, call(payload_id="warm@up"))
    routed = statements(call(payload_id="routed@x"))
    PunchoutCustomer.objects.update(routing=Routing.OFF)
    assert routed == statements(call(payload_id="off@x")) + 1


def test_a_retry_keeps_its_visit(client, high):
    assert post(client, call()).raw == post(client, call()).raw
    assert PunchoutSession.objects.count() == 1


def test_visit_sees_the_prices_of_its_company(client, goods, high):
    PriceListEntry.objects.create(sku=NUT, price_group="schools", currency="CHF", price="77.77")
    start(client, call())
    visit = client.get("/cart/").wsgi_request.punchout
    assert (visit.company, visit.pricing.company_code) == ("High School", "high")
    assert (visit.pricing.price_group, visit.pricing.currency) == ("schools", "CHF")
    assert visit.ship_to["address_id"] == "HS-01"
    put(client)
    assert "77.77" in client.get("/cart/").content.decode()


def test_an_old_cart_is_opened_for_the_company_of_its_call(client, goods, high):
    document = call(operation="edit", body=ship_to("HS-01") + item_out(NUT, quantity="100"))
    start(client, document)
    assert client.get("/cart/").wsgi_request.punchout.company == "High School"
    assert form(client, "return")
