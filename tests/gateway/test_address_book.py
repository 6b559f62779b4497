"""Which address a call or an order means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.connections import Connection, connect, post, setup_request
from tests.order_documents import SHIP_TO, order_request
from wagtail_punchout.flows import address_book
from wagtail_punchout.models import (
    Address,
    CustomerGroup,
    Exchange,
    Mode,
    OrderState,
    PunchoutSession,
    PurchaseOrder,
    Reason,
    UnknownAddress,
)

BY_ID = '<ShipTo><Address addressID="{}"><Name xml:lang="en">Acme</Name></Address></ShipTo>'


@pytest.fixture
def buyer(db) -> Connection:
    return connect("acme", mode=Mode.PRODUCTION)


def entry(company, address_id: str = "DOCK-7", **values) -> Address:
    place = {"name": "Acme", "street": "Harbour Road 1", "city": "Kiel", "postal_code": "24103", "country": "DE"}
    return Address.objects.create(company=company, address_id=address_id, **{**place, "phone": "+49 431 1", **values})


def limit(buyer: Connection, *addresses: Address, own_address: bool = True) -> None:
    buyer.customer.group.addresses.set(addresses)
    CustomerGroup.objects.filter(pk=buyer.customer.group_id).update(own_address=own_address)


def called(client, body: str = "", number: int = 1) -> PunchoutSession:
    answer = post(client, setup_request(body=body, payload_id=f"{number}@buyer.example.com"))
    assert answer.code == 200, answer.sentence
    return PunchoutSession.objects.latest("created_at")


def ordered(client, header: str = SHIP_TO, number: str = "PO-1") -> PurchaseOrder:
    answer = post(client, order_request(number, header=header))
    assert answer.code == 200, answer.sentence
    return PurchaseOrder.objects.get(number=number)


def reasons(order: PurchaseOrder) -> set[str]:
    return {each["code"] for each in order.reasons}


def test_call_chooses_by_the_buyers_own_id(client, buyer):
    entry(buyer.company, "OTHER", street="Elsewhere 1")
    dock = entry(buyer.company)
    visit = called(client, BY_ID.format(" dock-7 "))
    assert visit.address == dock
    assert (visit.ship_to["address_id"], visit.ship_to["street"]) == ("dock-7", ["Harbour Road 1"])


def test_who_names_no_place_means_the_default(client, buyer):
    entry(buyer.company, "OTHER")
    dock = entry(buyer.company, is_default_ship_to=True)
    assert called(client).address == dock
    assert called(client, '<ShipTo><Address><Name xml:lang="en">Acme</Name></Address></ShipTo>', 2).address == dock
    assert called(client, BY_ID.format("NOBODY"), 3).address is None


def test_book_above_serves_those_below_and_the_nearest_counts(client, buyer):
    above = entry(buyer.company)
    below = buyer.company.add_child(name="Below", code="below")
    buyer.customer.company = below
    buyer.customer.save()
    assert called(client, BY_ID.format("DOCK-7")).address == above
    near = entry(below)
    assert called(client, BY_ID.format("DOCK-7"), 2).address == near


def test_other_companies_addresses_do_not_exist(client, buyer):
    entry(connect("rival").company)
    entry(buyer.company.add_child(name="Below", code="below"))
    assert called(client, BY_ID.format("DOCK-7")).address is None


def test_place_without_known_id_is_found_by_its_words(client, buyer):
    dock = entry(buyer.company, "")
    visit = called(client, SHIP_TO.replace("Harbour Road 1", "HARBOUR  ROAD 1"))
    assert visit.address == dock
    assert visit.ship_to["street"] == ["HARBOUR  ROAD 1"]  # what the buyer wrote is not written anew


def test_address_that_the_group_does_not_share_is_not_chosen(client, buyer):
    entry(buyer.company)
    limit(buyer, entry(buyer.company, "OTHER", street="Elsewhere 1"))
    visit = called(client, BY_ID.format("DOCK-7"))
    assert visit.address is None
    assert not UnknownAddress.objects.exists()


def test_unknown_id_is_kept_once_however_often_it_comes(client, buyer):
    for number, spelling in enumerate(("DOCK-7", "dock-7", "QUAY-1"), start=1):
        called(client, SHIP_TO.replace("DOCK-7", spelling), number)
    assert set(UnknownAddress.objects.values_list("company", "address_id", "times")) == {
        (buyer.company.pk, "DOCK-7", 1),
        (buyer.company.pk, "QUAY-1", 1),
    }
    UnknownAddress.objects.update(last_at=timezone.now() - timedelta(hours=1))
    called(client, SHIP_TO.replace("Road 1", "Road 2"), 9)
    kept = UnknownAddress.objects.get(id_key="dock-7")
    assert (kept.times, kept.told["street"]) == (2, ["Harbour Road 2"])


def test_unknown_ids_are_bounded(client, buyer, monkeypatch):
    monkeypatch.setattr(address_book, "MOST_UNKNOWN", 2)
    for number in range(4):
        called(client, BY_ID.format(f"X-{number}"), number)
    assert UnknownAddress.objects.count() == 2


def test_id_longer_than_any_is_kept_shortened(client, buyer):
    called(client, BY_ID.format("X" * 400))
    assert UnknownAddress.objects.get().address_id == "X" * 100


def test_call_to_an_address_of_ones_own_is_refused_where_the_group_wants_that(client, buyer):
    limit(buyer, own_address=False)
    answer = post(client, setup_request(body=SHIP_TO))
    assert (answer.code, "'DOCK-7' is not one of those agreed upon" in answer.sentence) == (403, True)
    assert "address book" in Exchange.objects.latest("pk").cause
    assert UnknownAddress.objects.get().address_id == "DOCK-7"  # so that it can be adopted
    entry(buyer.company)
    assert called(client, SHIP_TO, 2).address
    assert called(client, "", 3).address is None


def test_order_chooses_likewise_and_is_held_where_the_group_wants_no_other_address(client, buyer):
    dock = entry(buyer.company)
    limit(buyer, own_address=False)
    assert Reason.NOT_SHARED not in reasons(ordered(client))
    assert PurchaseOrder.objects.get().address == dock
    elsewhere = ordered(client, SHIP_TO.replace("Harbour Road 1", "Back Alley 13"), "PO-2")
    assert (elsewhere.state, Reason.NOT_SHARED in reasons(elsewhere)) == (OrderState.HELD, True)
    unknown = ordered(client, SHIP_TO.replace("DOCK-7", "DOCK-8").replace("Kiel", "Bremen"), "PO-3")
    assert (unknown.address, Reason.NOT_SHARED in reasons(unknown)) == (None, True)
    assert UnknownAddress.objects.get().address_id == "DOCK-8"


def test_group_with_own_addresses_is_not_asked(client, buyer):
    assert Reason.NOT_SHARED not in reasons(ordered(client))


def test_book_of_any_size_costs_one_query(client, buyer, django_assert_num_queries):
    for number in range(30):
        entry(buyer.company, f"X-{number}")
    dock = entry(buyer.company)
    told = address_book.PostalAddress(address_id="DOCK-7", city="Kiel", country_code="DE")
    with django_assert_num_queries(1):
        assert address_book.choose(buyer.company.path, buyer.customer.group_id, told).entry == dock
