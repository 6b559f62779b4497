"""What a cart says of prices and sums, whatever the link makes of it on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.connections import connect
from tests.protocol.carts import cart, item, line
from wagtail_punchout.flows import pack_cxml, pack_oci
from wagtail_punchout.flows.prepare import prepare
from wagtail_punchout.flows.quoted import with_auxiliary_ids
from wagtail_punchout.flows.sample_cart import sample_session
from wagtail_punchout.models import MappingRow, PunchoutLink
from wagtail_punchout.protocol.cart import Cart, Charge, Price, Text
from wagtail_punchout.protocol.cxml.elements import as_values
from wagtail_punchout.protocol.money import Money

pytestmark = pytest.mark.django_db


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def sold(price: str, quantity: str = "1", *, line_id: str = "1", basis: str = "1", **values):
    priced = Price(net=euro(price), basis=Decimal(basis))
    return line(line_id=line_id, item=item(price=priced, **values), quantity=Decimal(quantity))


def link_of(format: str, **values) -> PunchoutLink:
    return connect("acme", format=format, **values).link


def packed(link: PunchoutLink, content: Cart) -> list[dict[str, str]]:
    """What stands in which field or element of each line."""
    session, sent = sample_session(link), prepare(content, link)
    lines = with_auxiliary_ids(session, sent)
    if link.is_oci:
        return pack_oci.values(session, link, sent, lines)
    return [as_values(each) for each in pack_cxml.items(session, link, sent, lines)]


# Names of the mapping

FACTS = ("product.price", "line.amount", "cart.total", "cart.shipping", "cart.tax", "cart.line_count", "line.price")


@pytest.mark.parametrize("format", ["oci4", "cxml"])
def test_names_say_what_the_shopper_chose_whatever_the_link_makes_of_it(format):
    link = link_of(format, prices="gross", shipping_as="line", tax_as="line")
    told = "|".join(f"{{{{ {name} }}}}" for name in FACTS)
    target = "CUST_FIELD5" if format == "oci4" else "Extrinsic:Facts"
    MappingRow.objects.create(link=link, target=target, kind="template", source=told)
    charges = {"shipping": Charge(euro("4.90"), Text("Freight")), "tax": Charge(euro("3.80"), Text("Tax"))}
    [goods, freight, _tax] = packed(link, cart(sold("10.00", "2", tax_rate=Decimal("0.19")), **charges))
    assert goods[target].rpartition("|")[0] == "10|20.00|20.00|4.90|3.80|1"
    assert Decimal(goods[target].rpartition("|")[2]) == Decimal("11.90")
    assert freight[target].startswith("4.9|4.90|20.00|4.90|3.80|1|4.9")


@pytest.mark.parametrize(("format", "target"), [("oci4", "CUST_FIELD1"), ("cxml", "Extrinsic:Tax")])
def test_tax_that_the_link_leaves_out_is_still_known(format, target):
    link = link_of(format, tax_as="omit")
    MappingRow.objects.create(link=link, target=target, kind="field", source="cart.tax")
    [told] = packed(link, cart(sold("10.00"), tax=Charge(euro("1.90"), Text("Tax"))))
    assert told[target] == "1.90"


# Decimals


@pytest.mark.parametrize(
    ("price", "basis", "expected"),
    [
        ("0.1234", "1", ("12.34", "100")),
        ("10.005", "1", ("100.05", "10")),
        ("11.900", "1", ("11.90", "")),
        ("4.75", "100", ("4.75", "100")),
        ("1.23456", "100", ("1234.56", "100000")),
        ("0.00001234", "1", ("0.12", "10000")),
        ("1.00", "3", ("1.00", "3")),
    ],
)
@pytest.mark.parametrize("with_basis", [False, True])
def test_a_total_is_the_sum_of_its_lines_whatever_decimals_are_taken(price, basis, expected, with_basis):
    link = link_of("cxml", limits={"UnitPrice": {"decimals": 2}}, send_price_basis=with_basis)
    session, sent = sample_session(link), prepare(cart(sold(price, "1000", basis=basis)), link)
    told = pack_cxml.message(session, link, sent, with_auxiliary_ids(session, sent))
    detail = told.lines[0].detail
    per = detail.price_basis.quantity if detail.price_basis else 1
    assert (str(detail.unit_price.amount), str(per) if detail.price_basis else "") == expected
    assert told.total == Money(detail.unit_price.amount * 1000 / per, "EUR").rounded()


def test_a_stated_basis_with_too_many_decimals_gives_way_to_the_price_of_one():
    link = link_of("cxml", limits={"UnitPrice": {"decimals": 2}}, send_price_basis=True)
    [told] = packed(link, cart(sold("0.125", basis="0.1")))
    assert told["UnitPrice"] == "1.25"


@pytest.mark.parametrize(
    ("price", "decimals", "expected"),
    [
        ("11.900", 2, ("11.90", "1")),
        ("0.125", 2, ("1.25", "10")),
        ("0.0125", 0, ("125", "10000")),
        ("0.0125", 3, ("0.125", "10")),
        ("0.0125", 4, ("0.125", "10")),
    ],
)
def test_a_price_unit_takes_over_the_decimals_that_the_buyer_does_not_take(price, decimals, expected):
    [told] = packed(link_of("oci4", limits={"PRICE": {"decimals": decimals}}), cart(sold(price)))
    assert (told["PRICE"], told["PRICEUNIT"]) == expected


def test_a_gross_price_is_sent_with_few_decimals_too():
    link = link_of("oci4", prices="gross", limits={"PRICE": {"decimals": 2}})
    [told] = packed(link, cart(sold("10.00", tax_rate=Decimal("0.190"))))
    assert Decimal(told["PRICE"]) == Decimal("11.9")
    assert told["PRICEUNIT"] == "1"


# The address of a return by GET


@pytest.mark.parametrize(
    ("page", "value", "sent"),
    [
        ("utf-8", "螺钉", "%E8%9E%BA%E9%92%89"),
        ("utf-8", "ü", "%C3%BC"),
        ("iso-8859-1", "ü", "%FC"),
        ("gbk", "螺", "%C2%DD"),
        ("utf-8", "a b\nc*~", "a+b%0D%0Ac*%7E"),
    ],
)
def test_an_address_is_measured_as_browsers_write_it(page, value, sent):
    expected = f"https://buyer.example/hook?id=27&NEW_ITEM-DESCRIPTION%5B1%5D={sent}"
    fields = [("NEW_ITEM-DESCRIPTION[1]", value)]
    assert pack_oci.address_length("https://buyer.example/hook?id=27", fields, page) == len(expected)
