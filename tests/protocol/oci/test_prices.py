"""PRICE and PRICEUNIT."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.cart import Price
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.oci.fields import Version, misfit
from wagtail_punchout.protocol.oci.prices import per_price_unit

OCI3, OCI4, OCI5 = Version


def price(net, *, basis="1", conversion="1"):
    return Price(net=Money(Decimal(net), "EUR"), basis=Decimal(basis), conversion=Decimal(conversion))


@pytest.mark.parametrize(
    ("priced", "version", "expected"),
    [
        (price("12.50"), OCI4, ("12.50", 1)),
        (price("4.3500"), OCI4, ("4.350", 1)),  # as databases keep prices
        (price("4.50", basis="100"), OCI4, ("4.50", 100)),
        (price("1", basis="3"), OCI4, ("1", 3)),
        (price("0.0042"), OCI4, ("0.042", 10)),
        (price("0.00001234", basis="1"), OCI4, ("0.123", 10000)),
        (price("0.00001234", basis="1"), OCI3, ("1.234", 100000)),
        (price("0.0015", basis="250"), OCI4, ("0.015", 2500)),
        (price("10", basis="1000000"), OCI3, ("10", 1000000)),
        (price("10", basis="1000000"), OCI4, ("0.001", 100)),
        (price("1", basis="2.5"), OCI4, ("0.400", 1)),
        (price("3.333", conversion="2.5"), OCI4, ("83.325", 10)),
        (price("10", basis="4", conversion="2"), OCI4, ("5.000", 1)),
        (price("3.3333", basis="10", conversion="2"), OCI4, ("66.666", 100)),
        (price("1.2345", basis="10", conversion="2"), OCI4, ("2.469", 10)),
        (price("1", basis="0.3"), OCI4, ("33333.333", 10000)),
        (price("0.00000005"), OCI4, ("0.001", 10000)),
        (price("99999999999.9994"), OCI4, ("99999999999.999", 1)),
        (price("99999999999.9995"), OCI4, ("100000000000.000", 1)),  # misfit() refuses it
        (price("-0.00000005"), OCI4, ("-0.001", 10000)),
    ],
)
def test_a_price_is_for_as_many_as_make_it_exact(priced, version, expected):
    amount, unit = per_price_unit(priced, version)
    assert (str(amount), unit) == expected


amounts = st.decimals(min_value=0, max_value=10**6, places=6)
bases = st.decimals(min_value=Decimal("0.1"), max_value=10**6, places=3)
conversions = st.decimals(min_value=Decimal("0.001"), max_value=1000, places=3)


@given(st.builds(price, amounts, basis=bases, conversion=conversions), st.sampled_from(Version))
def test_a_price_always_fits_and_is_off_by_half_a_thousandth_at_most(priced, version):
    amount, unit = per_price_unit(priced, version)
    assert misfit("PRICE", f"{amount:f}", version) == misfit("PRICEUNIT", str(unit), version) == ""
    exact = Fraction(priced.net.amount) * Fraction(priced.conversion) / Fraction(priced.basis) * unit
    assert abs(Fraction(amount) - exact) <= Fraction(1, 2000)
