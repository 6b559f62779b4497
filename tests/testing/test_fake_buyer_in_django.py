"""The fake buyer against the demo shop, in one process and without a server."""

from __future__ import annotations

import pytest

from tests.connections import SECRET
from wagtail_punchout.testing.browsing import DjangoTransport
from wagtail_punchout.testing.buyer import BuyerSettings, FakeBuyer, StepFailed

HOST = "http://testserver"


@pytest.fixture
def buyer(acme, goods, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": HOST}
    given = BuyerSettings(
        from_identity="acme",
        to_identity="shop",
        sender_identity=acme.customer.sender_identity,
        secret=SECRET,
        setup_url=f"{HOST}/punchout/cxml/",
        mode="test",
    )
    return FakeBuyer(given, DjangoTransport())


def shop(buyer: FakeBuyer, how: str = "return"):
    buyer.find("add-to-cart")
    buyer.press("add-to-cart")
    buyer.go("/cart/")
    buyer.press(how)
    return buyer.home()


def test_a_cart_comes_home_without_complaint(buyer):
    buyer.open(buyer.setup().start_url)
    cart = shop(buyer)
    assert len(cart.lines) == 1
    assert cart.complaints == ()


def test_an_edit_keeps_the_lines_names(buyer):
    buyer.open(buyer.setup().start_url)
    before = shop(buyer)
    buyer.open(buyer.setup("edit", lines=before.lines).start_url)
    buyer.go("/cart/")
    buyer.press("return")
    after = buyer.home()
    assert [(line.part_id, line.auxiliary_id) for line in after.lines] == [
        (line.part_id, line.auxiliary_id) for line in before.lines
    ]


def test_a_cancel_brings_nothing(buyer):
    buyer.open(buyer.setup().start_url)
    assert shop(buyer, "cancel").is_cancelled


def test_ping_and_profile_are_answered(buyer):
    assert buyer.ping().is_ok
    assert "PunchOutSetupRequest" in {each.name for each in buyer.profile().answer.transactions}


def test_a_start_page_of_another_browser_is_refused(buyer):
    url = buyer.setup().start_url
    buyer.open(url)
    with pytest.raises(StepFailed, match="start"):
        FakeBuyer(buyer.settings, DjangoTransport()).open(url)
