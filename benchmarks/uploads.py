"""Sheets of ten thousand users and addresses, uploaded through the real screens of a site under gunicorn.

Each is uploaded with some rows wrong, then mended and applied, then with every second row changed, applied and undone.
What a person waits for is measured: from the click to the page, with all pages that show how far it is.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from benchmarks.databases import NotMeasured, postgresql
from benchmarks.documents import STAFF
from benchmarks.figures import Goal, print_table
from benchmarks.server import Site, peak, serve

MOST_SECONDS = 60
#: One request must end before gunicorn takes its worker for dead.
MOST_AT_ONCE = 30
WRONG = 50
BOUNDARY = "a-boundary-of-the-benchmark"
USERS = ("E-mail", "First name", "Last name", "Roles")
ADDRESSES = ("Address ID", "Name", "Street", "Postal code", "City", "Country", "Phone")


def user(number: int, *, wrong: bool = False, changed: bool = False) -> tuple[str, ...]:
    email = f"person {number}" if wrong else f"person-{number}@acme.example"
    return email, f"Jo {number}", "Roe" if changed else "Doe", "Finance" if changed else "PunchOut buyer"


def address(number: int, *, wrong: bool = False, changed: bool = False) -> tuple[str, ...]:
    code = "2045" if wrong else f"{20000 + number % 9000:05d}"
    street = f"Wharf {number}" if changed else f"Quay {number}"
    return f"HH-{number}", f"Depot {number}", street, code, "Hamburg", "Germany", "+49 40 1234567"


@dataclass
class Kind:
    """One kind of sheet; the place it is for is the only one there is."""

    name: str
    path: str
    headings: Sequence[str]
    row: Callable[..., tuple[str, ...]]

    def sheet(self, count: int, *, wrong: int = 0, changed: bool = False) -> bytes:
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(self.headings)
        for each in range(count):
            is_wrong = bool(wrong) and each % (count // wrong) == 0
            writer.writerow(self.row(each, wrong=is_wrong, changed=changed and each % 2 == 0))
        return stream.getvalue().encode()


KINDS = (Kind("users", "users/1/", USERS, user), Kind("addresses", "addresses/2/", ADDRESSES, address))


@dataclass
class Browser:
    """Somebody of the staff, signed in."""

    site: Site
    longest: float = 0
    cookies: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))
        self.ask("/admin/login/")
        name, password = STAFF
        self.post("/admin/login/", {"username": name, "password": password, "next": "/admin/"})

    def ask(self, path: str, body: bytes | None = None, kind: str = "") -> tuple[str, str]:
        """The page, where it ends, and how often it asks for itself again: until it does no more."""
        url = path if path.startswith("http") else f"http://127.0.0.1:{self.site.port}{path}"
        while True:
            start = time.perf_counter()
            request = Request(url, data=body, headers={"Content-Type": kind} if kind else {})  # noqa: S310 (our own site)
            with self.opener.open(request, timeout=300) as answer:
                page = answer.read().decode()
            self.longest = max(self.longest, time.perf_counter() - start)
            if "Refresh" not in answer.headers:
                return page, answer.url
            url, body, kind = answer.url, None, ""

    def post(self, path: str, said: dict[str, str]) -> tuple[str, str]:
        said = {"csrfmiddlewaretoken": self._token, **said}
        return self.ask(path, urlencode(said).encode(), "application/x-www-form-urlencoded")

    def upload(self, path: str, sheet: bytes) -> tuple[str, str]:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{self._token}\r\n'
        head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="sheet.csv"\r\n'
        body = f"{head}Content-Type: text/csv\r\n\r\n".encode() + sheet + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.ask(path, body, f"multipart/form-data; boundary={BOUNDARY}")

    @property
    def _token(self) -> str:
        return next(each.value for each in self.cookies if each.name == "csrftoken") or ""


def run(*, count: int) -> list[Goal]:
    """Measure, print, and say which goals are met. ``count`` is a multiple of ``WRONG``."""
    print(f"\nUploads of {count} rows, {WRONG} of them wrong at first")
    rows, goals = [], []
    for database, open_database in (("SQLite", _sqlite), ("PostgreSQL", postgresql)):
        try:
            with open_database() as url, serve(database, url) as site:
                browser = Browser(site)
                for kind in KINDS:
                    before, cpu, browser.longest = peak(site.worker), site.cpu_seconds(), 0
                    steps = _measure(browser, kind, count)
                    cpu = site.cpu_seconds() - cpu
                    most = max(steps.values())
                    figures = [f"{each:.1f}" for each in (*steps.values(), browser.longest, cpu)]
                    rows.append((database, kind.name, *figures, str(before), str(peak(site.worker))))
                    promise = f"{count} {kind.name} on {database}, each step at most {MOST_SECONDS} s"
                    goals.append(Goal(promise, f"{most:.1f} s", most <= MOST_SECONDS))
                    promise = f"… and each request at most {MOST_AT_ONCE} s"
                    goals.append(Goal(promise, f"{browser.longest:.1f} s", browser.longest <= MOST_AT_ONCE))
        except NotMeasured as reason:
            goals.append(Goal(f"uploads on {database}", str(reason), None))
    print_table(
        (
            "database", "sheet", "faults, s", "added: seen", "applied", "changed: seen", "applied", "undone",
            "longest request", "all on a processor", "peak MB before",
            "after",
        ),
        rows,
    )  # fmt: skip
    return goals


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory(prefix="bench-uploads-") as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


def _measure(browser: Browser, kind: Kind, count: int) -> dict[str, float]:
    """Seconds of each step. What the pages say is checked."""
    path = f"/admin/punchout/uploads/{kind.path}"
    steps: dict[str, float] = {}
    sheet = kind.sheet(count, wrong=WRONG)
    with _timed(steps, "faults"):
        page, _url = browser.upload(path, sheet)
    _expect(page, f"<strong>{WRONG}</strong> To be mended")
    for name, added, changed in (("added", count, 0), ("changed", 0, count // 2)):
        sheet = kind.sheet(count, changed=name == "changed")
        with _timed(steps, f"{name}: seen"):
            page, url = browser.upload(path, sheet)
        _expect(page, f"<strong>{added}</strong> Added")
        _expect(page, f"<strong>{changed}</strong> Changed")
        with _timed(steps, f"{name}: applied"):
            page, _url = browser.post(f"{url}apply/", {})
        _expect(page, f"Done: {added} added, {changed} changed.")
    with _timed(steps, "undone"):
        page, _url = browser.post(f"{url}undo/", {})
    _expect(page, "everything is as it was")
    return steps


@contextmanager
def _timed(steps: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    steps[name] = time.perf_counter() - start


def _expect(page: str, words: str) -> None:
    plain = re.sub(r"</?(?:a|li)\b[^>]*>", "", page)
    if words not in plain:
        main = re.sub(r"\s+", " ", plain.partition("<main")[2])
        raise RuntimeError(f"“{words}” is not on the page: {main[:3000]}")
