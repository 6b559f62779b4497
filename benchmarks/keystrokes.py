"""One database, filled and asked: run in a process of its own, whose ``DATABASE_URL`` says which. Prints JSON.

A keystroke is what the list's own view asks the database for because of it: what matches, how many, and the rows of the
page as objects. It is compared with one company fetched by its unique code, as an object too. Both go through the ORM
on an open connection. What every page of the list needs, searched or not, is in neither: the session, permissions, and
what stands beside the rows.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

import django

#: How often each query is asked a round; always for another company.
REPEATS = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, required=True)
    parser.add_argument("--customers", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # as docs/how-to/run-it-in-production.md says for tables of this size
            cursor.execute("PRAGMA cache_size=-65536")
        elif connection.vendor == "postgresql":  # the time of helping processes would be missed
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    print(json.dumps(measure(given.companies, given.customers, given.rounds)))


def measure(companies: int, customers: int, rounds: int) -> dict[str, Any]:
    from benchmarks.crowd import Crowd

    crowd = Crowd()
    few = max(companies // 100, 60)
    crowd.grow(few, few * 10)
    adding = {"few": _times(_adding(crowd), rounds * REPEATS)}
    start = perf_counter()
    crowd.grow(companies, customers)
    _say(f"  made {companies} companies and {customers} customers in {perf_counter() - start:.0f} s")
    adding["many"] = _times(_adding(crowd), rounds * REPEATS)
    _say("  added")
    work = dict(_work(crowd))
    for prepare in work.values():
        prepare()()  # to warm up
    figures: dict[str, list[list[float]]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, prepare in work.items():
            figures[name] += _times(prepare, REPEATS)
    return {"adding": adding, "few": few, "figures": figures}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _times(prepare: Callable[[], Callable[[], object]], number: int) -> list[list[float]]:
    """Milliseconds of the processor, and of the clock on the wall."""
    found = []
    for _ in range(number):
        play = prepare()
        used, start = _used(), perf_counter()
        play()
        found.append([(_used() - used) * 1000, (perf_counter() - start) * 1000])
    return found


def _used() -> float:
    """Seconds on a processor: of this process and, where that is on this machine, of the database's for it.

    Unlike those on the wall they do not grow when other work runs beside, which strikes the long ones most.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return process_time()
    served = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return process_time() + int(served.read_text().split()[0]) / 1e9 if served.exists() else perf_counter()


def _adding(crowd: Any) -> Callable[[], Callable[[], object]]:
    from django.db import transaction

    from wagtail_punchout.models import Company

    numbers = count(Company.objects.count())

    def add() -> None:
        with transaction.atomic():
            number = next(numbers)
            crowd.district.add_child(name=f"Neue Schule {number} Köln", code=f"new-{number}")
        crowd.children[0] += 1

    return lambda: add


def _work(crowd: Any) -> Iterator[tuple[str, Callable[[], Callable[[], object]]]]:
    """What is measured, by name (``list / who / what``): how to prepare a play of it."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission

    from wagtail_punchout.admin_ui.companies import companies
    from wagtail_punchout.admin_ui.customers import customers
    from wagtail_punchout.models import Company, PunchoutCustomer, Right

    pick = Random(11)
    sample = list(Company.objects.filter(depth__gt=1, customers__isnull=False).order_by("pk")[:5000:7])
    some_customers = list(PunchoutCustomer.objects.order_by("pk").select_related("user")[:5000:7])
    superuser = get_user_model().objects.create_superuser("boss")
    clerk = get_user_model().objects.create_user("clerk")
    rights = ["access_admin", Right.CRM_COMPANY_EDIT]
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    branches = [path for path in crowd.paths[1:] if len(path) == 2 * Company.steplen][:3]
    clerk.assigned_companies.set(Company.objects.filter(path__in=branches))
    theirs = [each for each in sample if each.path.startswith(tuple(branches))] or sample
    queries: dict[str, Callable[[list, list], str]] = {
        "code": lambda found, _: pick.choice(found).code,
        "DUNS number": lambda found, _: pick.choice(found).duns,
        "network ID": lambda found, _: pick.choice(found).network_id,
        "Sender identity": lambda _, found: pick.choice(found).sender_identity,
        "e-mail": lambda _, found: pick.choice(found).user.email,
        "words of a name and a number": lambda found, _: _words(pick.choice(found)),
        "a name that is no rare one: königsmann": lambda *_: "königsmann",
        "two words, often found: müller hamburg": lambda *_: "müller hamburg",
        "what is nowhere: xqzwy": lambda *_: "xqzwy",
        "the commonest word: gmbh": lambda *_: "gmbh",
        "two letters: mü": lambda *_: "mü",
        "one letter: k": lambda *_: "k",
    }
    yield "one SELECT", lambda: partial(Company.objects.get, code=pick.choice(sample).code)
    for viewset, name in ((companies, "companies"), (customers, "customers")):
        for user, who, known in ((superuser, "all", sample), (clerk, "branches", theirs)):
            ask = _asker(viewset, user)
            for what, query_for in queries.items():
                yield f"{name} / {who} / {what}", _play(ask, query_for, known, some_customers)
    tree = _asker(companies, superuser)
    district = crowd.district.pk
    yield "tree / all / top level", lambda: tree()
    yield "tree / all / a fifth of all below one", lambda: tree(parent=district)
    last = crowd.district.numchild // 20
    yield "tree / all / its last page", lambda: tree(parent=district, p=last)


def _play(ask: Callable, query_for: Callable, known: list, customers: list) -> Callable[[], Callable[[], object]]:
    return lambda: ask(q=query_for(known, customers))


def _words(company: Any) -> str:
    first, *_, last = company.name.split()
    return f"{last} {first} {company.duns[:4]}"


def _asker(viewset: Any, user: Any) -> Callable[..., Callable[[], list]]:
    """The list as its view asks for it, once the view is there and knows what its user may see."""
    from django.test import RequestFactory

    make = viewset.index_results_view
    view_class, initial = make.view_class, make.view_initkwargs
    requests = RequestFactory()

    def prepare(parent: int | None = None, **query: object) -> Callable[[], list]:
        view = view_class(**initial)
        request = requests.get("/", query)
        request.user = user
        view.setup(request, **({"parent_pk": parent} if parent else {}))
        things = view.filter_queryset(view.order_queryset(view.get_base_queryset()))

        def ask() -> list:
            found = view.search_queryset(things) if view.is_searching else things
            _, page, rows, _ = view.paginate_queryset(found, view.get_paginate_by(found))
            return [page.paginator.count, *rows]

        return ask

    return prepare


if __name__ == "__main__":
    main()
