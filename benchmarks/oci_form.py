"""A cart as an OCI form: through mapping rows, charset and checks, against the same cart as a PunchOutOrderMessage.

Both begin with the cart's values and end with what the page carries. Half of the form is rows of a link, which nobody
would write for speed: what is measured is what a shop pays for being able to change every field.
"""

from __future__ import annotations

import json
from decimal import Decimal

from benchmarks.figures import Goal, print_table
from benchmarks.order_message import Times, Writer, growth, in_turns, ours
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.cart import Cart, CartLine, Classification, Item, Price, Text
from wagtail_punchout.protocol.facts import cart_facts, facts_of
from wagtail_punchout.protocol.mapping import Kind, Row
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.oci.charset import fitting
from wagtail_punchout.protocol.oci.fields import Version
from wagtail_punchout.protocol.oci.items import encode
from wagtail_punchout.protocol.oci.prices import per_price_unit

MOST_TIMES = 5
MOST_GROWTH = 1.05
ROWS = (
    Row(number=1, target="MATGROUP", kind=Kind.FIELD, source="product.classification.UNSPSC", transforms="cut(4)"),
    Row(number=2, target="VENDOR", kind=Kind.CONSTANT, source="100023"),
    Row(number=3, target="CUST_FIELD5", kind=Kind.TEMPLATE, source="{{ company.code }}-{{ line.position }}"),
    Row(number=4, target="CUST_FIELD2", kind=Kind.FIELD, source="product.unit", transforms="lookup(EA=piece; *=other)"),
    Row(number=5, target="CUST_FIELD3", kind=Kind.CONSTANT, source="bulk", only_when="line.quantity > 20"),
)


def cart(size: int) -> Cart:
    """The same lines as in the measured message."""
    return Cart(
        currency="EUR",
        lines=tuple(
            CartLine(
                line_id=str(number),
                quantity=Decimal(number % 40 + 1),
                item=Item(
                    sku=f"NL-{1000 + number}",
                    descriptions=(
                        Text(f"Büroklammern {number}, verzinkt, Packung zu 100 Stück", "de", f"Büroklammern {number}"),
                        Text(f"Paper clips {number}, galvanized, pack of 100", "en", f"Paper clips {number}"),
                    ),
                    price=Price(net=Money(Decimal(number * 37 % 9000 + 99) / 100, "EUR")),
                    classifications=(Classification("UNSPSC", "44122104"),),
                    manufacturer_part_id=f"M-{number}",
                    manufacturer_name="Nordlicht & Söhne",
                    url=f"https://shop.example/catalogue/paper-clips/?article={number}&lang=en",
                    lead_time_days=number % 9,
                ),
            )
            for number in range(size)
        ),
    )


def form(size: int) -> Writer:
    """From the cart to the text that is kept, as a visit does when its cart goes home."""
    content, version = cart(size), Version.OCI4
    rows = mapping.with_defaults(ROWS, version)

    def write() -> bytes:
        visit = cart_facts(content) | {"company.code": "114729", "line.quote_id": "7c1e4b7a90d54c5f"}
        told = []
        for position, line in enumerate(content.lines, start=1):
            price, price_unit = per_price_unit(line.item.price, version)
            extra = visit | {"line.unit": "PCE", "line.price": f"{price:f}", "line.price_unit": str(price_unit)}
            values = mapping.apply(rows, facts_of(content, line, position=position, extra=extra)).values
            told.append({name: fitting(value, "iso-8859-1") for name, value in values.items()})
        return json.dumps(encode(told, version)).encode()

    return write


SIDES = {"OCI form": form, "PunchOutOrderMessage": ours}


def run(*, rounds: int, sizes: tuple[int, ...]) -> list[Goal]:
    """Measure, print, and say which goals are met."""
    print(f"\nOCI form, {len(ROWS)} rows of the link's own: {rounds} rounds")
    times = in_turns({(size, side): make(size) for size in sizes for side, make in SIDES.items()}, rounds)
    rows = [
        (
            str(size),
            side,
            times[size, side].show(".3f"),
            times[size, "OCI form"].over(times[size, "PunchOutOrderMessage"]).show() if side == "OCI form" else "",
        )
        for size in sizes
        for side in SIDES
    ]
    print_table(("lines", "side", "ms", "times the message"), rows)
    power = growth(times, [size for size in sizes if size >= 50], "OCI form")
    promise = f"a form's time grows with the lines to the power of at most {MOST_GROWTH}"
    return [*(_goal(times, size) for size in sizes), Goal(promise, power.show(".3f"), power.median <= MOST_GROWTH)]


def _goal(times: Times, size: int) -> Goal:
    ratio = times[size, "OCI form"].over(times[size, "PunchOutOrderMessage"])
    promise = f"a form of {size} lines, at most {MOST_TIMES} times the message"
    return Goal(promise, ratio.show(), ratio.median <= MOST_TIMES)
