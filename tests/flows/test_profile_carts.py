"""A cart rendered for each known procurement system stays inside what that system is known to take."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from tests.connections import connect
from wagtail_punchout.flows import pack_cxml, pack_oci
from wagtail_punchout.flows.pack import pack
from wagtail_punchout.flows.prepare import prepare
from wagtail_punchout.flows.profiles import apply_profile, profiles
from wagtail_punchout.flows.quoted import with_auxiliary_ids
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.cart import Cart, CartLine, Classification, Item, Price, Text
from wagtail_punchout.protocol.cxml.elements import as_values
from wagtail_punchout.protocol.limits import broken, limits_from
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.oci.fields import Version, misfit

pytestmark = pytest.mark.django_db

#: Long texts of characters with two and three bytes, a price with many digits, everything filled in.
ITEM = Item(
    sku="KD-5555",
    descriptions=(Text("Größe ²³ " * 400, "en", "Bürostuhl ﬁx " * 30),),
    unit="EA",
    price=Price(net=Money(Decimal("1.23456"), "EUR"), basis=Decimal(100)),
    tax_rate=Decimal("0.19"),
    classifications=(Classification("UNSPSC", "56112102"),),
    manufacturer_name="Möbelwerke Müller und Söhne " * 20,
    manufacturer_part_id="MM-1",
    lead_time_days=3,
    url="https://shop.example/chair",
    extrinsics={"Color": "grün"},
)
CART = Cart(currency="EUR", lines=(CartLine(line_id="1", item=ITEM, quantity=Decimal("1.5"), comment="ö" * 900),))
KNOWN = [
    (slug, format)
    for slug, profile in profiles().items()
    for format in (profile.formats or ("cxml", "oci3", "oci4", "oci5"))
]


@pytest.fixture
def session():
    acme = connect("acme")
    return PunchoutSession(
        customer=acme.customer, company=acme.company, link=acme.link, mode="test", return_url="https://buyer.example/"
    )


@pytest.mark.parametrize(("slug", "format"), KNOWN, ids=lambda each: each)
def test_a_cart_stays_inside_the_known_limits(session, slug, format):
    link = session.link
    link.format = format
    apply_profile(link, profiles()[slug])
    link.full_clean(exclude=["group"])
    cart = prepare(CART, link)
    lines = with_auxiliary_ids(session, cart)
    if link.is_oci:
        [told] = pack_oci.values(session, link, cart, lines)
    else:
        [told] = map(as_values, pack_cxml.items(session, link, cart, lines))
    limits = limits_from(link.limits)
    assert [problem for target, limit in limits.items() if (problem := broken(told.get(target, ""), limit))] == []
    packed = pack(session, cart, lines, at=timezone.now())
    assert packed.document
    if link.is_oci:
        assert [name for name, value in told.items() if name in limits and misfit(name, value, Version(format))] == []


def test_every_known_system_was_tried():
    assert {slug for slug, _format in KNOWN} == set(profiles())
