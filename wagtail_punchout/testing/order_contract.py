"""The promises of a :class:`~wagtail_punchout.shop.ShopAdapter` that takes purchase orders.

:class:`~wagtail_punchout.testing.contract.AdapterContract` contains them. For a shop whose adapter does not write
``place_order`` they are skipped.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from wagtail_punchout.models import PunchoutCustomer
from wagtail_punchout.protocol.cart import Text
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID
from wagtail_punchout.protocol.cxml.party import Address
from wagtail_punchout.protocol.order import Order, OrderLine
from wagtail_punchout.shop import IncomingLine, IncomingOrder, ItemRef, Money, PricingContext, ShopAdapter

__all__ = ["OrderContract"]


class OrderContract:
    """What an adapter must do that takes purchase orders."""

    sku: str
    other_sku: str

    @pytest.fixture
    def order(self, adapter: ShopAdapter, customer: PunchoutCustomer) -> IncomingOrder:
        """Two of ``sku`` and one of ``other_sku``, at today's prices. Override it where your shop needs more."""
        if type(adapter).place_order is ShopAdapter.place_order:
            pytest.skip("place_order is not written: this shop takes no orders, they wait in the admin")
        return make_incoming_order(adapter, customer, {self.sku: Decimal(2), self.other_sku: Decimal(1)})

    def test_order_becomes_one_order(self, adapter, order):
        placed = adapter.place_order(order)
        assert placed and placed.number.strip(), "place_order answers with the number of the shop's order"
        assert adapter.place_order(order) == placed, "asked again with the same key, the answer is the same order"

    def test_key_tells_orders_apart_not_the_buyers_number(self, adapter, order):
        placed = adapter.place_order(order)
        other = adapter.place_order(replace(order, key=str(uuid4())))
        assert placed and other and placed.number != other.number, "two buyers may use one number: go by the key"

    def test_order_page_is_an_address_or_nothing(self, adapter, order):
        url = adapter.place_order(order).url
        assert not url or url.startswith(("https://", "http://", "/")), f"{url!r} is no address staff can open"

    def test_changed_order_stays_the_order_it_was(self, adapter, order):
        placed = adapter.place_order(order)
        fewer = replace(order, version=2, lines=order.lines[:1], said=replace(order.said, lines=order.said.lines[:1]))
        changed = adapter.change_order(fewer)
        if changed is None:
            pytest.skip("change_order answers None: this shop's staff change orders by hand")
        assert changed.number == placed.number, "a change makes no second order"
        assert adapter.change_order(fewer) == changed, "asked again for the same change, the answer is the same"

    def test_cancelled_order_stays_cancelled(self, adapter, order):
        adapter.place_order(order)
        cancelled = adapter.cancel_order(order)
        if cancelled is None:
            pytest.skip("cancel_order answers None: this shop's staff cancel orders by hand")
        assert cancelled is True, "cancel_order answers True, or raises OrderNotTaken with the reason"
        assert adapter.cancel_order(order) is True, "asked again, the answer is the same"


def make_incoming_order(
    adapter: ShopAdapter, customer: PunchoutCustomer, goods: dict[str, Decimal], *, number: str = "4500012345"
) -> IncomingOrder:
    """An order of this customer's for ``goods``, quantities by part number, at the prices the adapter names."""
    company = customer.company
    pricing = PricingContext(
        user_id=customer.user_id,
        company_code=company.code,
        price_group=company.inherited("price_group"),
        currency=company.inherited("currency"),
        language="en",
    )
    lines = [
        _line(each, adapter, pricing, sku, quantity) for each, (sku, quantity) in enumerate(goods.items(), start=1)
    ]
    currency = next((each.unit_price.currency for each in lines if each.unit_price), "EUR")
    total = sum((each.said.amount.amount for each in lines if each.said.amount), Decimal(0))
    ship_to = Address(name=company.name, street=("Quay 1",), postal_code="24103", city="Kiel", country_code="DE")
    return IncomingOrder(
        key=str(uuid4()),
        number=number,
        version=1,
        company_code=company.code,
        user_id=customer.user_id,
        pricing=pricing,
        currency=currency,
        total=Money(total, currency),
        lines=tuple(lines),
        ship_to=ship_to,
        said=Order(
            order_id=number, ship_to=ship_to, total=Money(total, currency), lines=tuple(each.said for each in lines)
        ),
    )


def _line(number: int, adapter: ShopAdapter, pricing: PricingContext, sku: str, quantity: Decimal) -> IncomingLine:
    item = adapter.get_item(ItemRef(sku), pricing, quantity)
    assert item is not None and item.price is not None, f"{sku} should be for sale"
    each = Money(item.price.net.amount / item.price.basis, item.price.net.currency)
    detail = ItemDetail(unit_price=each, descriptions=(Text(item.name),), unit=item.unit)
    said = OrderLine(number=number, position=number, quantity=quantity, item_id=ItemID(sku), detail=detail)
    return IncomingLine(
        number=number,
        ref=ItemRef(sku, item.configuration),
        quantity=quantity,
        unit=item.unit,
        unit_price=each,
        description=item.name,
        said=said,
    )
