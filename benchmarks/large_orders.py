"""Large purchase orders: what each line costs, and how much memory the process takes that reads them.

Orders of growing size, and one of the largest with twenty megabytes of attachments, are posted to the real address,
each kind to a fresh process on SQLite, whose highest memory is read afterwards.
"""

from __future__ import annotations

import base64
import http.client
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from benchmarks.documents import SECRET, SENDER
from benchmarks.figures import Goal, Sample, print_table
from benchmarks.server import HEADERS, peak, serve
from tests.order_documents import item_out, order_request

#: A line of the largest order may cost so many times what one of the smallest costs.
MOST_GROWTH = 1.5
#: Megabytes that the largest order with its attachments may take beyond what the process had before.
MOST_MEGABYTES = 200
BOUNDARY = "a-boundary-of-the-benchmark"


@dataclass(frozen=True, slots=True)
class Taken:
    """One size: seconds a round, and megabytes at the most, before and after."""

    lines: int
    attached: int
    seconds: Sample
    before: int
    after: int

    @property
    def a_line(self) -> float:
        """Milliseconds."""
        return self.seconds.median / self.lines * 1000


def run(*, rounds: int, sizes: Iterable[int], attached: int) -> list[Goal]:
    """Measure, print, and say which goals are met. ``attached`` is in bytes, before base64."""
    sizes = list(sizes)
    cases = [(size, 0) for size in sizes] + [(sizes[-1], attached)]
    print(f"\nLarge orders: {rounds} rounds each, on SQLite, the second call of each process and later ones")
    taken = [_measure(size, extra, rounds) for size, extra in cases]
    print_table(
        ("lines", "attached MB", "seconds", "ms a line", "peak MB before", "peak MB after"),
        [
            (
                str(each.lines),
                f"{each.attached / 1e6:.0f}",
                each.seconds.show(),
                f"{each.a_line:.2f}",
                str(each.before),
                str(each.after),
            )
            for each in taken
        ],
    )
    growth = taken[-2].a_line / taken[0].a_line
    grown = taken[-1].after - taken[-1].before
    return [
        Goal(
            f"a line of an order of {sizes[-1]} lines costs at most {MOST_GROWTH} times one of {sizes[0]}",
            f"{growth:.2f}",
            growth <= MOST_GROWTH,
        ),
        Goal(
            f"an order of {sizes[-1]} lines with {attached / 1e6:.0f} MB attached takes {MOST_MEGABYTES} MB at most",
            f"{grown} MB",
            grown <= MOST_MEGABYTES,
        ),
    ]


def _measure(size: int, attached: int, rounds: int) -> Taken:
    with TemporaryDirectory(prefix="bench-orders-") as folder:
        os.environ["BENCH_ATTACHMENTS"] = folder
        with serve("SQLite", f"sqlite:///{folder}/bench.sqlite3") as site:
            _post(site.port, *_order("warm", 10, 0))
            before = peak(site.worker)
            seconds = [_post(site.port, *_order(f"PO-{number}", size, attached)) for number in range(rounds)]
            return Taken(size, attached, Sample(tuple(seconds)), before, peak(site.worker))


def _order(number: str, size: int, attached: int) -> tuple[bytes, dict[str, str]]:
    lines = [item_out(each, f"NL-{each:05d}", "2", "3.89", text="Copy paper A4, 80 g") for each in range(1, size + 1)]
    comments = "<Comments><Attachment><URL>cid:plan@buyer</URL></Attachment></Comments>" if attached else ""
    document = order_request(number, lines=lines, more=comments, sender=SENDER, secret=SECRET).encode()
    if not attached:
        return document, HEADERS
    file = base64.encodebytes(os.urandom(attached))
    parts = (
        f"--{BOUNDARY}\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <order@buyer>\r\n\r\n".encode(),
        document,
        f"\r\n--{BOUNDARY}\r\nContent-Type: application/pdf\r\nContent-ID: <plan@buyer>\r\n".encode(),
        b'Content-Disposition: attachment; filename="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n',
        file,
        f"\r\n--{BOUNDARY}--\r\n".encode(),
    )
    kind = f'multipart/related; boundary="{BOUNDARY}"; start="<order@buyer>"; type="text/xml"'
    return b"".join(parts), {"Content-Type": kind}


def _post(port: int, body: bytes, headers: dict[str, str]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    start = time.perf_counter()
    connection.request("POST", "/punchout/cxml/", body, headers)
    answer = connection.getresponse().read()
    seconds = time.perf_counter() - start
    connection.close()
    if b'code="200"' not in answer:
        raise RuntimeError(f"An order was answered with {answer[:500]!r}")
    return seconds
