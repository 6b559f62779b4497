"""``python -m benchmarks``: measure everything once and say which goals are met."""

from __future__ import annotations

import argparse
import os
import platform

import django
import lxml.etree

from benchmarks import heaviest, large_orders, oci_form, order_message, search, setup_requests, strangers, uploads

CHOICES = ("setup", "message", "oci", "search", "orders", "uploads", "strangers", "heaviest")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few requests and lines, for a smoke test")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of each measurement (default: 11)")
    parser.add_argument("--only", choices=CHOICES, help="measure one of them")
    parser.add_argument(
        "--companies", type=int, default=100_000, help="for the search, with ten times as many customers"
    )
    parser.add_argument("--strangers", type=int, default=100_000, help="calls in vain, of the flood of them")
    given = parser.parse_args()
    rounds = given.rounds or (2 if given.quick else 11)
    print(
        f"Python {platform.python_version()}, Django {django.__version__}, "
        f"lxml {lxml.etree.__version__}, {os.cpu_count()} processors"
    )
    goals = []
    if given.only in (None, "setup"):
        goals += setup_requests.run(rounds=rounds, count=10 if given.quick else 150)
    if given.only in (None, "message"):
        goals += order_message.run(rounds=rounds, sizes=(1, 50, 100) if given.quick else (1, 50, 500, 5000))
    if given.only in (None, "oci"):
        goals += oci_form.run(rounds=rounds, sizes=(1, 50, 100) if given.quick else (1, 50, 500, 5000))
    if given.only in (None, "search"):
        companies = 300 if given.quick else given.companies
        goals += search.run(rounds=1 if given.quick else rounds, companies=companies, customers=companies * 10)
    if given.only in (None, "orders"):
        sizes, attached = ((50, 100), 1_000_000) if given.quick else ((500, 1000, 2500, 5000), 20_000_000)
        goals += large_orders.run(rounds=1 if given.quick else 3, sizes=sizes, attached=attached)
    if given.only in (None, "uploads"):
        goals += uploads.run(count=100 if given.quick else 10_000)
    if given.only in (None, "strangers"):
        goals += strangers.run(count=300 if given.quick else given.strangers, quiet=20 if given.quick else 300)
    if given.only in (None, "heaviest"):
        goals += heaviest.run(rounds=rounds)
    print("\nGoals")
    for goal in goals:
        print(goal)


if __name__ == "__main__":
    main()
