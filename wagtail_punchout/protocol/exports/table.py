"""CSV: a row for each line, what the header says in every one of them.

An order without lines, cancelled before it came, has one row all the same.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.cxml.party import Address
from wagtail_punchout.protocol.exports import Facts, price_of_one
from wagtail_punchout.protocol.order import Order, OrderLine

COLUMNS = (
    "mode",
    "state",
    "key",
    "order_number",
    "version",
    "action",
    "ordered",
    "received",
    "company",
    "company_code",
    "buyer",
    "shop_number",
    "requisition",
    "ship_to_id",
    "ship_to_name",
    "ship_to_deliver_to",
    "ship_to_street",
    "ship_to_postal_code",
    "ship_to_city",
    "ship_to_country",
    "line",
    "part_number",
    "auxiliary_part_number",
    "buyer_part_number",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "currency",
    "amount",
    "wanted_by",
    "comment",
)
#: Cells that begin so are run as formulas by spreadsheet programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


_NO_LINE = ("",) * (len(COLUMNS) - COLUMNS.index("line"))


def order_csv(order: Order, facts: Facts) -> str:
    """The whole file, with a heading row."""
    return orders_csv([(order, facts)])


def orders_csv(orders: Iterable[tuple[Order, Facts]]) -> str:
    """The lines of many orders under one heading."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for order, facts in orders:
        head = _head(order, facts)
        writer.writerows((*head, *line) for line in [*map(_line, order.lines)] or [_NO_LINE])
    return file.getvalue()


def _head(order: Order, facts: Facts) -> tuple[str, ...]:
    to = order.ship_to or Address()
    return _harmless(
        facts.mode,
        facts.state,
        facts.key,
        order.order_id,
        str(facts.version),
        order.action.value,
        order.order_date.isoformat() if order.order_date else order.order_date_text,
        facts.received.isoformat(timespec="seconds"),
        facts.company,
        facts.company_code,
        facts.buyer,
        facts.shop_number,
        order.requisition_id,
        to.address_id,
        to.name,
        ", ".join(to.deliver_to),
        ", ".join(to.street),
        to.postal_code,
        to.city,
        to.country_code,
    )


def _line(line: OrderLine) -> tuple[str, ...]:
    price, amount = price_of_one(line), line.amount
    return (
        str(line.number),
        *_harmless(
            line.item_id.supplier_part_id,
            line.item_id.supplier_part_auxiliary_id,
            line.item_id.buyer_part_id,
            line.description,
        ),
        plain_number(line.quantity),
        *_harmless(line.unit),
        # Our own numbers are no formulas, also where they are negative.
        plain_number(price.amount) if price else "",
        *_harmless(price.currency if price else ""),
        plain_number(amount.rounded().amount) if amount else "",
        line.requested_delivery.isoformat() if line.requested_delivery else "",
        *_harmless(" ".join(each.text for each in line.comments)),
    )


def _harmless(*cells: str) -> tuple[str, ...]:
    return tuple(f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells)
