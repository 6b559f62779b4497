"""What shoppers see of what their group has agreed upon: approval, and where the goods go."""

from __future__ import annotations

import pytest

from tests.connections import connect, post, setup_request
from wagtail_punchout.models import Address, CustomerGroup, PunchoutLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]

PEN, SUBMIT = "NL-10100", "Submit for approval"


@pytest.fixture
def buyer():
    buyer = connect("acme")
    CustomerGroup.objects.update(asks_approval=True)
    return buyer


def shop(client) -> str:
    answer = post(client, setup_request())
    client.post(answer.start_path)
    client.post("/cart/add/", {"sku": PEN, "quantity": "1"})
    return client.get("/cart/").content.decode()


def test_way_home_is_called_what_it_is(client, buyer):
    page = shop(client)
    assert SUBMIT in page
    assert "An order needs approval in your procurement system." in page
    assert "Return to procurement system" not in page


def test_links_own_words_come_first(client, buyer):
    PunchoutLink.objects.update(return_label="Off we go")
    page = shop(client)
    assert "Off we go" in page
    assert SUBMIT not in page


def test_other_groups_hear_nothing_of_approval(client):
    connect("acme")
    page = shop(client)
    assert SUBMIT not in page
    assert "needs approval" not in page


def test_default_address_is_shown_on_every_page(client, buyer):
    place = {"street": "Quay 7", "postal_code": "20457", "city": "Hamburg", "country": "DE", "phone": "+49 40 1"}
    Address.objects.create(company=buyer.company, name="Quay <depot>", is_default_ship_to=True, **place)
    page = shop(client)
    assert "Delivery to Quay &lt;depot&gt;, Quay 7, 20457 Hamburg." in page
