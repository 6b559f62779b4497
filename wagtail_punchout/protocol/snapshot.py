"""A cart as JSON and back, exactly: returned carts are kept, and a changed mapping is tried on them.

Decimals are texts, for a JSON number has lost the digits before anybody asks. ``version`` says how to read what was
kept years ago. Two kinds of characters no database keeps, and no buyer has ever seen them: they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Charge, Classification, Item, Price, Text
from wagtail_punchout.protocol.money import Money

VERSION = 1
#: PostgreSQL refuses both in texts and in JSON: NUL, and halves of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def as_json(cart: Cart) -> dict[str, Any]:
    """Everything in ``cart``, in values that JSON has."""
    return {"version": VERSION, **storable_json(asdict(cart))}


def cart_from(data: Mapping[str, Any]) -> Cart:
    """The cart of :func:`as_json`, equal to what it was; ``ValueError`` for any other version."""
    if data.get("version") != VERSION:
        raise ValueError(f"a kept cart of version {data.get('version')!r} cannot be read")
    return Cart(
        currency=data["currency"],
        lines=tuple(map(_line, data["lines"])),
        shipping=_charge(data["shipping"]),
        tax=_charge(data["tax"]),
    )


def storable(text: str) -> str:
    """``text`` as a database can keep it."""
    return text if text.isprintable() else _UNSTORABLE.sub("", text)


def storable_json(value: Any) -> Any:
    """``value`` in what JSON has, and in what a database keeps of it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {storable_json(name): storable_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(each) for each in value]
    return storable(str(value)) if isinstance(value, str) else value


def _line(data: Mapping[str, Any]) -> CartLine:
    return CartLine(
        line_id=data["line_id"],
        item=_item(data["item"]),
        quantity=Decimal(data["quantity"]),
        parent_id=data["parent_id"],
        bundle=Bundle(data["bundle"]) if data["bundle"] else None,
        comment=data["comment"],
    )


def _item(data: Mapping[str, Any]) -> Item:
    read = {
        "descriptions": tuple(Text(**each) for each in data["descriptions"]),
        "price": _price(data["price"]),
        "tax_rate": None if data["tax_rate"] is None else Decimal(data["tax_rate"]),
        "classifications": tuple(Classification(**each) for each in data["classifications"]),
    }
    return Item(**{**data, **read})


def _price(data: Mapping[str, Any] | None) -> Price | None:
    if data is None:
        return None
    return Price(
        net=_money(data["net"]),
        basis=Decimal(data["basis"]),
        unit=data["unit"],
        conversion=Decimal(data["conversion"]),
        description=Text(**data["description"]) if data["description"] else None,
    )


def _charge(data: Mapping[str, Any] | None) -> Charge | None:
    return Charge(_money(data["amount"]), Text(**data["description"])) if data else None


def _money(data: Mapping[str, Any]) -> Money:
    return Money(Decimal(data["amount"]), data["currency"])
