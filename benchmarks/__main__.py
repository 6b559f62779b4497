"""``python -m benchmarks``: measure everything once and say which goals are met."""

from __future__ import annotations

import argparse
import os
import platform

import django
import lxml.etree

from benchmarks import order_message, setup_requests


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few requests and lines, for a smoke test")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of each measurement (default: 11)")
    parser.add_argument("--only", choices=("setup", "message"), help="measure one of the two")
    given = parser.parse_args()
    rounds = given.rounds or (2 if given.quick else 11)
    print(
        f"Python {platform.python_version()}, Django {django.__version__}, "
        f"lxml {lxml.etree.__version__}, {os.cpu_count()} processors"
    )
    goals = []
    if given.only != "message":
        goals += setup_requests.run(rounds=rounds, count=10 if given.quick else 150)
    if given.only != "setup":
        goals += order_message.run(rounds=rounds, sizes=(1, 50, 100) if given.quick else (1, 50, 500, 5000))
    print("\nGoals")
    for goal in goals:
        print(goal)


if __name__ == "__main__":
    main()
