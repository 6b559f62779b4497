"""What a strict buyer's system would not like about an answer to its order, one sentence each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from wagtail_punchout.testing.documents.hearing import Heard, HeardLine
from wagtail_punchout.testing.documents.ordering import OrderedLine

CENT = Decimal("0.01")
DONE = {"ConfirmationRequest": "confirmed", "ShipNoticeRequest": "shipped", "InvoiceDetailRequest": "invoiced"}


def complaints_about(
    heard: Heard, ordered: Sequence[OrderedLine], earlier: Iterable[HeardLine] = ()
) -> tuple[str, ...]:
    """What does not fit the order. ``earlier`` is what other documents of this kind have said before.

    A confirmation replaces the one before it; shipments and invoices add up.
    """
    return tuple(_misfits(heard, {each.line_number: each for each in ordered}, earlier))


def _misfits(heard: Heard, ordered: dict[int, OrderedLine], earlier: Iterable[HeardLine]) -> Iterator[str]:
    done = DONE.get(heard.kind, "")
    told: defaultdict[int, Decimal] = defaultdict(Decimal)
    for each in (*earlier, *heard.lines) if heard.kind != "ConfirmationRequest" else heard.lines:
        told[each.number] += each.quantity
    for number in dict.fromkeys(each.number for each in heard.lines):
        line = ordered.get(number)
        if line is None:
            yield f"Line {number} was not ordered."
        elif heard.kind == "ConfirmationRequest" and told[number] != line.quantity:
            yield f"Of line {number} {line.quantity:f} are ordered and {told[number]:f} {done}."
        elif told[number] > line.quantity:
            yield f"Of line {number} {line.quantity:f} are ordered, but {told[number]:f} {done}."
    for each in heard.lines:
        if line := ordered.get(each.number):
            yield from _of_line(each, line)


def _of_line(heard: HeardLine, ordered: OrderedLine) -> Iterator[str]:
    if heard.unit != ordered.unit:
        yield f"Line {heard.number} was ordered by {ordered.unit}, not by {heard.unit or 'no unit'}."
    if heard.amount is not None and abs(heard.amount - ordered.price * heard.quantity) > CENT:
        wanted = ordered.price * heard.quantity
        yield f"Line {heard.number} is invoiced at {heard.amount:f}; at the price of the order it is {wanted:.2f}."
