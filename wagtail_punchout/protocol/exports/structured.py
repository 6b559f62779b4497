"""JSON: everything, as it is kept. Decimals are texts, times have their offset.

Each line also says plainly what an ERP wants first: its unit, description, the price of one unit and the amount.
"""

from __future__ import annotations

from typing import Any

from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.exports import Facts, price_of_one
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import Order, OrderLine, header_json, line_json


def order_json(order: Order, facts: Facts) -> dict[str, Any]:
    return {
        "key": facts.key,
        "mode": facts.mode,
        "state": facts.state,
        "version": facts.version,
        "received": facts.received.isoformat(),
        "buyer": facts.buyer,
        "company": facts.company,
        "company_code": facts.company_code,
        "shop_number": facts.shop_number,
        "order": _without_format(header_json(order)),
        "lines": [_line(each) for each in order.lines],
    }


def _line(line: OrderLine) -> dict[str, Any]:
    amount = line.amount
    return {
        **_without_format(line_json(line)),
        "unit": line.unit,
        "description": line.description,
        "unit_price": _money(price_of_one(line)),
        "amount": _money(amount.rounded() if amount else None),
    }


def _money(money: Money | None) -> dict[str, str] | None:
    return {"amount": plain_number(money.amount), "currency": money.currency} if money else None


def _without_format(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("version_of_format", "lines")}
