"""Many at once: no cart, cookie or return address is ever mixed up, and one start URL opens one visit."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from tests.demo import Demo, running_demo, temporary_postgres_database

pytestmark = pytest.mark.concurrency

# The first shares its demo with the tests in a browser.
DATABASES = [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("demo")),
    pytest.param("postgresql", marks=pytest.mark.xdist_group("demo_postgresql")),
]
NUT = "NL-30110"


@pytest.fixture(scope="module", params=DATABASES)
def demo(request, tmp_path_factory):
    if request.param == "sqlite":
        yield request.getfixturevalue("running_sites")
        return
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL server")
    with (
        temporary_postgres_database(server) as url,
        running_demo(tmp_path_factory.mktemp("postgresql"), DATABASE_URL=url) as demo,
    ):
        yield demo


def at_once(count: int, work):
    """Do ``work(0)``, ``work(1)`` … in as many threads, all of them starting together."""
    barrier = Barrier(count)

    def start_together(number: int):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start_together, range(count)))


def test_fifty_simultaneous_calls_get_fifty_different_visits(demo: Demo):
    def call(number: int):
        buyer = demo.fake_buyer(hook_url=f"https://buyer.example/hook?visit={number}")
        return buyer.setup(buyer_cookie=f"cookie {number}")

    replies = at_once(50, call)
    assert [reply.status for reply in replies] == [200] * 50
    assert len({reply.start_url for reply in replies}) == 50


def test_twenty_parallel_visits_of_one_customer_keep_to_themselves(demo: Demo):
    def visit(number: int):
        buyer = demo.fake_buyer(hook_url=f"https://buyer.example/hook?visit={number}")
        buyer.open(buyer.setup(buyer_cookie=f"cookie {number}").start_url)
        buyer.go("/workshop/")
        buyer.go(next(link for link in buyer.page.links() if "nut" in link))
        buyer.press("add-to-cart", quantity=str(100 * (number + 1)))
        buyer.go(demo.description["cart_path"])
        buyer.press("return")
        return buyer.form("home").action, buyer.home()

    for number, (action, cart) in enumerate(at_once(20, visit)):
        assert action == f"https://buyer.example/hook?visit={number}"
        assert cart.buyer_cookie == f"cookie {number}"
        assert [(line.part_id, line.quantity) for line in cart.lines] == [(NUT, 100 * (number + 1))]


def test_exactly_one_of_eight_browsers_wins_a_start_url(demo: Demo):
    for _ in range(10):
        start_url = demo.fake_buyer().setup().start_url
        statuses = at_once(
            8, lambda _n, url=start_url: requests.post(url, timeout=60, allow_redirects=False).status_code
        )
        assert sorted(statuses) == [303] + [410] * 7


def test_a_document_sent_eight_times_at_once_makes_one_visit(demo: Demo):
    from tests.connections import setup_request

    known = demo.customer()
    for number in range(5):
        document = setup_request(known["sender_identity"], known["secret"], payload_id=f"same-{number}@buyer.example")
        answers = at_once(
            8,
            lambda _n, document=document: (
                requests.post(
                    known["cxml_url"], data=document.encode(), headers={"Content-Type": "text/xml"}, timeout=60
                ).content
            ),
        )
        assert len(set(answers)) == 1
        assert b'code="200"' in answers[0]


def test_two_clicks_at_the_same_moment_send_one_cart(demo: Demo):
    for _ in range(5):
        buyer = demo.fake_buyer()
        buyer.open(buyer.setup().start_url)
        buyer.go("/workshop/")
        buyer.press("add-to-cart")
        buyer.go(demo.description["cart_path"])
        form = buyer.form("return")
        jar = buyer.transport.cookies
        answers = at_once(
            4,
            lambda _n, form=form, jar=jar: (
                requests.post(form.action, data=dict(form.filled()), cookies=jar, timeout=60).text
            ),
        )
        carts = {answer.split('name="cXML-base64" value="')[1].split('"')[0] for answer in answers}
        assert len(carts) == 1
