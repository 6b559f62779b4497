"""Carts as a shop gives them, to test with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.protocol.factories import euro
from wagtail_punchout.protocol.cart import Cart, CartLine, Classification, Item, Price, Text
from wagtail_punchout.protocol.facts import facts_of

LONG = "Ergonomic desk chair with padded arms and a lumbar support"


def item(**changes: Any) -> Item:
    values: dict[str, Any] = {
        "sku": "KD-5555",
        "descriptions": (Text(LONG, "en", "Desk chair"), Text("Bürostuhl mit Armlehnen", "de", "Bürostuhl")),
        "price": Price(net=euro("104.990")),
        "tax_rate": Decimal("0.190"),
        "classifications": (Classification("UNSPSC", "56112102"), Classification("ECLASS-8.0", "25-05-02-01")),
        "manufacturer_name": "Stahlwerk",
        "manufacturer_part_id": "SW-77",
        "lead_time_days": 3,
        "url": "https://shop.example/chair/",
        "image_url": "https://shop.example/chair.jpg",
        "extrinsics": {"GTIN": "04012345678901", "Cost Center": "4711"},
    }
    return Item(**(values | changes))


def line(**changes: Any) -> CartLine:
    values: dict[str, Any] = {"line_id": "7", "item": item(), "quantity": Decimal("2.000")}
    return CartLine(**(values | changes))


def cart(*lines: CartLine, **changes: Any) -> Cart:
    values: dict[str, Any] = {"currency": "EUR", "lines": lines or (line(),)}
    return Cart(**(values | changes))


def facts(sold: Item | None = None, **extra: str) -> dict[str, str]:
    """Facts of a cart with one line; ``extra`` with ``__`` for each dot."""
    one = line(item=sold or item())
    given = {name.replace("__", "."): value for name, value in extra.items()}
    return facts_of(cart(one), one, position=1, extra=given)
