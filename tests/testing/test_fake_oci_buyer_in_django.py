"""The fake OCI buyer against the demo shop, in one process and without a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.connections import SECRET, connect
from wagtail_punchout.testing.oci_buyer import DjangoTransport, FakeOciBuyer, OciSettings, StepFailed

HOST = "http://testserver"
HOOK = "https://buyer.example/hook?visit=7&company=ACME%20Gie%C3%9Ferei"


@pytest.fixture
def called(goods, settings):
    """A buyer of the demo shop; keyword arguments go to the link, ``buyer`` to the buyer's settings."""
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": HOST}

    def make(format: str = "oci4", *, buyer=None, **link) -> FakeOciBuyer:
        connection = connect(format, format=format, **link)
        given = OciSettings(
            oci_url=f"{HOST}/punchout/oci/",
            username=connection.customer.sender_identity,
            password=SECRET,
            version=f"{format[-1]}.0",
            **(buyer or {}),
        )
        return FakeOciBuyer(given, DjangoTransport(), hook_url=HOOK)

    return make


def shop(buyer: FakeOciBuyer, how: str = "return"):
    buyer.find("add-to-cart")
    buyer.press("add-to-cart")
    buyer.go("/cart/")
    buyer.press(how)
    return buyer.home()


@pytest.mark.parametrize(("format", "method"), [("oci3", "get"), ("oci4", "get"), ("oci4", "post"), ("oci5", "post")])
def test_a_cart_comes_home_without_complaint(called, format, method):
    buyer = called(format, buyer={"method": method})
    buyer.call_up()
    cart = shop(buyer)
    assert len(cart.lines) == 1
    assert cart.lines[0].amount
    assert cart.complaints == ()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252"])
def test_every_charset_arrives_as_asked_for(called, charset):
    buyer = called(buyer={"charset": charset, "target": "_parent"})
    buyer.call_up()
    assert shop(buyer).complaints == ()


@pytest.mark.parametrize("link", [{"return_method": "get"}, {"hook_mode": "split"}])
def test_the_hooks_own_parameters_survive_every_way_home(called, link):
    buyer = called(**link)
    buyer.call_up()
    cart = shop(buyer)
    assert (len(cart.lines), cart.complaints) == (1, ())


def test_leaving_without_a_cart_brings_no_line(called):
    buyer = called()
    buyer.call_up()
    assert shop(buyer, "cancel").is_empty


def test_a_wrong_password_is_refused(called):
    buyer = called()
    buyer.settings = replace(buyer.settings, password="wrong")
    with pytest.raises(StepFailed, match="HTTP 403"):
        buyer.call_up()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_came_home_can_be_asked_for_again(called, method):
    buyer = called(buyer={"method": method})
    buyer.call_up()
    [line] = shop(buyer).lines
    checked = buyer.validate(line.product_id, 10)
    assert [(each.sku, each.quantity) for each in checked.lines] == [(line.sku, 10)]
    assert checked.complaints == ()
    assert buyer.detail(line.product_id).status == 200


def test_an_article_that_was_never_sold_has_no_price(called):
    assert called().validate("NO-SUCH-THING").is_empty


def test_a_search_finds_articles_to_order(called):
    buyer = called()
    found = buyer.background_search("*")
    assert found.lines
    assert found.complaints == ()
    assert buyer.background_search(found.lines[0].description.split()[0]).lines
    assert buyer.background_search("no such thing anywhere").is_empty


def test_sourcing_opens_the_shop(called):
    assert called().sourcing("chair").status == 200
