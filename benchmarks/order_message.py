"""A cart as a document: ours against lxml told the same elements, attributes and texts without a question asked."""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from math import log
from pathlib import Path
from statistics import median

from lxml import etree
from lxml.etree import SubElement

from benchmarks.figures import Goal, Sample, print_table
from wagtail_punchout.protocol.cart import Charge, Classification, Text
from wagtail_punchout.protocol.cxml import envelope, order_message
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID
from wagtail_punchout.protocol.money import Money

MOST_TIMES = 1.5
MOST_GROWTH = 1.05
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">\n'
)

Writer = Callable[[], bytes]


def cart(size: int) -> order_message.OrderMessage:
    """A cart of so many ordinary lines, in the values the protocol speaks in."""
    lines = tuple(
        order_message.ItemIn(
            item_id=ItemID(f"NL-{1000 + number}", f"q7c1e4b7a90d54c5f-{number}"),
            quantity=Decimal(number % 40 + 1),
            line_number=number + 1,
            detail=ItemDetail(
                unit_price=Money(Decimal(number * 37 % 9000 + 99) / 100, "EUR"),
                descriptions=(
                    Text(f"Büroklammern {number}, verzinkt, Packung zu 100 Stück", "de", f"Büroklammern {number}"),
                    Text(f"Paper clips {number}, galvanized, pack of 100", "en", f"Paper clips {number}"),
                ),
                unit="EA",
                classifications=(Classification("UNSPSC", "44122104"),),
                manufacturer_part_id=f"M-{number}",
                manufacturer_name="Nordlicht & Söhne",
                url=f"https://shop.example/catalogue/paper-clips/?article={number}&lang=en",
                lead_time=number % 9,
            ),
        )
        for number in range(size)
    )
    return order_message.OrderMessage(
        buyer_cookie="7c1e4b7a90d54c5f",
        operation_allowed=order_message.OperationAllowed.EDIT,
        total=Money(Decimal("1234.50"), "EUR"),
        shipping=Charge(Money(Decimal("5.90"), "EUR"), Text("Parcel", "en")),
        lines=lines,
    )


def ours(size: int) -> Writer:
    """What a visit does when it sends its cart home, from the values to the bytes."""
    message = cart(size)
    supplier = (envelope.Credential("DUNS", "123456789"),)
    buyer = (envelope.Credential("NetworkID", "AN01000000042-T"),)

    def write() -> bytes:
        return envelope.encode_message(
            envelope.Message(
                header=envelope.Header(from_=supplier, to=buyer, sender=supplier, user_agent="Shop"),
                payload_id="1@shop.example",
                timestamp=AT,
                body=order_message.encode(message),
            )
        )

    return write


def raw(size: int) -> Writer:
    """The same bytes from ready-made texts: nothing is formatted, cleaned or checked while the time is taken."""
    top = etree.fromstring(ours(size)())
    told = [_told(child) for child in top]
    root_attributes = dict(top.attrib)

    def write() -> bytes:
        root = etree.Element("cXML", root_attributes)
        for child in told:
            _write(root, child)
        return HEAD + etree.tostring(root, encoding="ascii", xml_declaration=False)

    return write


Told = tuple[str, dict[str, str], str | None, str | None, list["Told"]]


def _told(element: etree._Element) -> Told:
    return element.tag, dict(element.attrib), element.text, element.tail, [_told(child) for child in element]


def _write(parent: etree._Element, told: Told) -> None:
    name, attributes, text, tail, children = told
    element = SubElement(parent, name, attributes)
    if text is not None:
        element.text = text
    if tail is not None:
        element.tail = tail
    for child in children:
        _write(element, child)


SIDES: dict[str, Callable[[int], Writer]] = {"PunchOut": ours, "raw lxml": raw}


def run(*, rounds: int, sizes: tuple[int, ...]) -> list[Goal]:
    """Measure, print, and say which goals are met."""
    print(f"\nPunchOutOrderMessage: {rounds} rounds")
    times = _times(sizes, rounds)
    rows = []
    for size in sizes:
        for side in SIDES:
            peak, objects = _memory(side, size)
            ratio = times[size, "PunchOut"].over(times[size, "raw lxml"]).show() if side == "PunchOut" else ""
            shown = times[size, side].show(".3f")
            rows.append((str(size), side, shown, ratio, f"{peak / 1024:.1f}", f"{objects / 1024:.2f}"))
    print_table(("lines", "side", "ms", "times raw lxml", "peak MiB (process)", "peak MiB (Python)"), rows)
    return [*(_ratio_goal(times, size) for size in sizes), _growth_goal(times, [size for size in sizes if size >= 50])]


Times = dict[tuple[int, str], Sample]


def _times(sizes: tuple[int, ...], rounds: int) -> Times:
    """Milliseconds a document for each size and side, all of them once in every round."""
    writers = {(size, side): make(size) for size in sizes for side, make in SIDES.items()}
    for size in sizes:
        assert len({writers[size, side]() for side in SIDES}) == 1, "both sides must write the same bytes"
    return in_turns(writers, rounds)


def in_turns(writers: dict[tuple[int, str], Writer], rounds: int) -> Times:
    """Milliseconds a document for each size and side, all of them once in every round, in turns."""
    sizes, sides = ({case[place] for case in writers} for place in (0, 1))
    found: dict[tuple[int, str], list[float]] = {case: [] for case in writers}
    for number in range(rounds):
        for size in sorted(sizes):
            for side in sorted(sides, reverse=bool(number % 2)):
                found[size, side].append(milliseconds(writers[size, side], repeats=max(1, 1000 // size)))
    return {case: Sample(tuple(values)) for case, values in found.items()}


def milliseconds(write: Writer, *, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        write()
    return (time.perf_counter() - start) / repeats * 1000


def _ratio_goal(times: Times, size: int) -> Goal:
    ratio = times[size, "PunchOut"].over(times[size, "raw lxml"])
    promise = f"a message of {size} lines, at most {MOST_TIMES} times raw lxml"
    return Goal(promise, ratio.show(), ratio.median <= MOST_TIMES)


def _growth_goal(times: Times, sizes: list[int]) -> Goal:
    own, theirs = (growth(times, sizes, side) for side in SIDES)
    promise = f"time grows with the lines to the power of at most {MOST_GROWTH}, {sizes[0]} to {sizes[-1]} lines"
    return Goal(promise, f"{own.show('.3f')}; raw lxml {theirs.show('.3f')}", own.median <= MOST_GROWTH)


def growth(times: Times, sizes: list[int], side: str) -> Sample:
    rounds = zip(*(times[size, side].values for size in sizes), strict=True)
    return Sample(tuple(_slope(sizes, each) for each in rounds))


def _slope(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Of the straight line through the logarithms, by least squares."""
    xs, ys = [log(size) for size in sizes], [log(time) for time in times]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


# Memory: libxml2 allocates outside of Python's sight, so the process is measured, a fresh one for each case.


def _memory(side: str, size: int) -> tuple[float, float]:
    """KiB that writing one document adds to the process at its peak (median of 3), and what of it Python allocates."""
    command = [sys.executable, "-m", "benchmarks.order_message", side, str(size)]
    root = Path(__file__).resolve().parent.parent
    told = [json.loads(subprocess.run(command, cwd=root, capture_output=True, check=True).stdout) for _ in range(3)]
    return median(each["process"] for each in told), median(each["python"] for each in told)


def _measure_memory(side: str, size: int) -> None:
    SIDES[side](1)()  # what is imported and cached on first use is not the document's
    write = SIDES[side](size)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what preparing has freed must not be there for the taking (glibc)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _status("VmRSS")
    write()
    peak = _status("VmHWM") - before
    tracemalloc.start()
    write()
    print(json.dumps({"process": peak, "python": tracemalloc.get_traced_memory()[1] / 1024}))


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    _measure_memory(sys.argv[1], int(sys.argv[2]))
