"""Every screen of the admin with a year behind it: how long it takes, and how many statements it asks.

    python -m benchmarks.history --visits 50000

Works on a database of its own, as ``DATABASE_URL`` says (else a temporary file), which is filled first where it has no
visits. A screen may ask the database fewer than ten statements, and one more for each column that it shows.
"""

from __future__ import annotations

import argparse
import os
import sys
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import django
from lxml import html

from benchmarks.figures import Goal, print_table

MOST_STATEMENTS = 10
LISTS = (
    *("companies", "customers", "groups", "links", "visits", "quotes", "orders", "deliveries"),
    *("documents", "first_contacts", "credentials", "users", "roles"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--visits", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="bench-history-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
        django.setup()
        goals = measure(given.visits, given.rounds)
    print("\nGoals")
    for goal in goals:
        print(goal)


def measure(visits: int, rounds: int) -> list[Goal]:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from wagtail_punchout.models import PunchoutSession

    call_command("migrate", verbosity=0)
    if not PunchoutSession.objects.exists():
        start = perf_counter()
        call_command("seed_shop", verbosity=0)
        call_command("punchout_demo_history", visits=visits, verbosity=0)
        print(f"{visits} visits written in {perf_counter() - start:.0f} s", file=sys.stderr)
    setup_test_environment()  # so that answers tell what they were made of
    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)[0])
    rows, worst = [], (-100, "")
    for name, url in screens().items():
        shown = [ask(client, url) for _ in range(rounds + 1)][1:]  # the first one warms up
        statements, columns = shown[0][1:]
        worst = max(worst, (statements - columns, name))
        rows.append((name, f"{median(each[0] for each in shown):.0f}", str(statements), str(columns)))
    print_table(("screen", "milliseconds", "statements", "columns"), rows)
    promise = f"a screen with {PunchoutSession.objects.count()} visits, fewer than {MOST_STATEMENTS} statements"
    return [Goal(f"{promise} and one a column", f"{worst[0]} ({worst[1]})", worst[0] < MOST_STATEMENTS)]


def screens() -> dict[str, str]:
    from django.urls import reverse

    from wagtail_punchout.admin_ui.reports import REPORTS
    from wagtail_punchout.models import PunchoutSession

    visit = PunchoutSession.objects.filter(state="returned").latest("created_at")
    customer = visit.customer
    overview = reverse("punchout_overview:overview")
    return {
        "home": reverse("wagtailadmin_home"),
        "overview, 30 days": overview,
        "overview, 13 months": f"{overview}?period=13-months",
        **{each: reverse(f"punchout_{each}:{'list' if each == 'links' else 'index'}") for each in LISTS},
        **{f"report: {each.name}": reverse(each.index_url_name) for each in REPORTS},
        "one company": reverse("punchout_companies:edit", args=[customer.company_id]),
        "one customer": reverse("punchout_customers:edit", args=[customer.pk]),
        "one group": reverse("punchout_groups:edit", args=[customer.group_id]),
        "one visit": reverse("punchout_visits:inspect", args=[visit.pk]),
    }


def ask(client: object, url: str) -> tuple[float, int, int]:
    """Milliseconds, statements, and columns."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        start = perf_counter()
        answer = client.get(url)
        took = (perf_counter() - start) * 1000
    assert answer.status_code == 200, (url, answer.status_code)
    return took, len(seen), columns(answer.content.decode())


def columns(page: str) -> int:
    """What a page shows: headings of its tables, named facts, and fields that can be saved; filters count nothing."""
    document = html.document_fromstring(page)
    [whole] = document.xpath("//main") or [document]  # a part of a page has none
    fields = ".//form[translate(@method, 'POST', 'post') = 'post']"
    return len(whole.xpath(f".//thead//th | .//dt | {fields}//label | {fields}//legend"))


if __name__ == "__main__":
    main()
