"""An OCI call: who is let in, who is told what instead, and where the password must never be found."""

from __future__ import annotations

import json
import logging
import re
import sys
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.test import Client
from django.views.debug import ExceptionReporter
from wagtail.models import Site

from tests.connections import SECRET, connect
from tests.goods import NUT
from tests.storefront.ocibrowser import HOOK, USER, Browser
from wagtail_punchout.models import Exchange, PunchoutSession
from wagtail_punchout.models.site_options import switch
from wagtail_punchout.protocol.lifecycle import State
from wagtail_punchout.storefront.sealed import LARGEST_BODY, seal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oci")]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/ocihome", "/ocihome/", "/punchout/oci/", "/punchout/oci"])
def test_a_call_opens_the_shop(browser: Browser, path, method):
    assert browser.enter(path, method=method) == "/"
    session = PunchoutSession.objects.get()
    assert (session.state, session.return_url, session.mode) == (State.STARTED, HOOK, "test")
    assert browser.client.get("/cart/").wsgi_request.user.get_username() == USER


@pytest.mark.parametrize("path", ["/ocihome/{}/", "/ocihome/{}", "/punchout/oci/{}/", "/punchout/oci/{}"])
def test_a_call_to_the_customers_own_address_opens_the_shop(browser: Browser, oci, path):
    assert browser.enter(path.format(oci.credential.path_key)) == "/"


def test_the_address_of_another_customer_does_not(browser: Browser):
    other = connect("other", format="oci4")
    assert browser.call(f"/punchout/oci/{other.credential.path_key}/").status_code == 403


def test_names_of_the_links_own_count_at_the_customers_address(browser: Browser, oci):
    oci.link.parameter_names = "username = DEBTOR\npassword = CODE"
    oci.link.save()
    path, call = f"/ocihome/{oci.credential.path_key}/", {"username": None, "password": None}
    assert browser.enter(path, DEBTOR=USER, CODE=SECRET, **call) == "/"
    assert browser.call(DEBTOR=USER, CODE=SECRET, **call).status_code == 400
    kept = Exchange.objects.get(status=400)
    assert SECRET not in kept.document
    assert ["CODE", "***"] in json.loads(kept.document)


@pytest.mark.parametrize(
    "sent",
    [
        {"CODE": SECRET},
        {"CODE": SECRET, "password": "wrong"},
        {"KENNWORT": SECRET},
        {"HIDDEN": SECRET, "password": "wrong"},
        {"NAME": SECRET},
        {"NAME": SECRET, "username": None},
        {"NAME": SECRET, "username": None, "password": "wrong"},
        {"password": "wrong&" + SECRET},
        {"username": f"jane&CODE={SECRET}"},
        {"hook_url": f"{HOOK}&CODE={SECRET}"},
        {f"CODE={SECRET}&x": "1"},
    ],
    ids=lambda sent: " ".join(name.replace(SECRET, "") for name in sent),
)
def test_a_password_that_is_not_read_as_one_is_not_kept_either(client, oci, sent):
    type(oci.link).objects.update(parameter_names="password = CODE, NAME")
    given = {"username": USER, "hook_url": HOOK} | sent
    query = urlencode({name: value for name, value in given.items() if value})
    assert client.get("/ocihome", QUERY_STRING=query.replace("wrong%26", "wrong&")).status_code in (400, 403)
    dump = StringIO()
    call_command("dumpdata", stdout=dump, exclude=["contenttypes", "auth.permission"])
    assert SECRET.casefold() not in dump.getvalue().casefold()


def test_of_a_strangers_call_enough_is_kept_to_help(browser: Browser):
    browser.call(password="wrong", COSTCENTER="4711", FUNCTION="VALIDATE", **{"~OkCode": "ADDI"})
    kept = Exchange.objects.get()
    assert kept.sender == USER
    assert json.loads(kept.document) == [
        ["username", USER],
        ["password", "***"],
        ["hook_url", HOOK.partition("?")[0] + "?***"],
        ["COSTCENTER", "***"],
        ["FUNCTION", "VALIDATE"],
        ["~OkCode", "ADDI"],
    ]


def test_the_address_after_the_call_says_nothing(browser: Browser):
    response = browser.call()
    assert response.status_code == 303
    assert "?" not in response["Location"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.usefixtures("goods")
def test_each_call_is_a_visit_of_its_own(browser: Browser):
    browser.enter()
    browser.put(NUT, "100")
    browser.enter()
    assert PunchoutSession.objects.count() == 2
    assert NUT not in browser.page("/cart/")


def test_what_the_call_says_of_its_user_is_known_in_the_shop(browser: Browser):
    browser.enter(email="jane@buyer.example", fname="Jane", lname="Doe", COSTCENTER="4711")
    session = PunchoutSession.objects.get()
    assert session.requester["email"] == "jane@buyer.example"
    assert (session.requester["first_name"], session.requester["last_name"]) == ("Jane", "Doe")
    assert session.extrinsics["COSTCENTER"] == "4711"
    assert not {"username", "password", "hook_url"} & set(session.extrinsics)


def test_the_language_of_the_call_is_spoken(browser: Browser):
    browser.enter(LANGU="DE")
    assert '<html lang="de"' in browser.page("/cart/")


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"password": "guess"}, 403, "is not right"),
        ({"username": "nobody@shop.example"}, 403, "is not right"),
        ({"username": None}, 400, "no user name"),
        ({"password": None}, 400, "no password"),
        ({"hook_url": None}, 400, "HOOK_URL is missing"),
        ({"hook_url": "nowhere"}, 400, "cannot be used"),
        ({"hook_url": "javascript:alert(1)"}, 400, "cannot be used"),
        ({"hook_url": "https://user@buyer.example.com/"}, 400, "cannot be used"),
        ({"hook_url": "http://buyer.example.com/hook"}, 403, "https:// only"),
        ({"hook_url": "SAPEVENT:POST"}, 400, "cannot be used"),
        ({"FUNCTION": "DETAIL"}, 400, "PRODUCTID is missing"),
        ({"FUNCTION": "VALIDATE"}, 400, "PRODUCTID is missing"),
        ({"FUNCTION": "DETAIL", "PRODUCTID": "NL-99999"}, 404, "taken out of the range"),
        ({"FUNCTION": "QUANTITYCHECK"}, 404, "does not have"),
    ],
    ids=lambda each: str(each)[:40],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_call_that_cannot_be_is_told_why(browser: Browser, wrong, status, words, method):
    response = browser.call(method=method, **wrong)
    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert "frame-ancestors 'self' https: http:" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    assert not PunchoutSession.objects.exists()
    kept = Exchange.objects.get()
    assert (kept.status, words in kept.sentence) == (status, True)


def test_unknown_and_wrong_are_answered_alike(browser: Browser, oci):
    pages = {browser.call(**wrong).content for wrong in ({"password": "x"}, {"username": "x"})}
    oci.customer.is_active = False
    oci.customer.save()
    pages.add(browser.call().content)
    assert len({_without_nonce(page) for page in pages}) == 1


def _without_nonce(page: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]+"', b"", page)


def test_hosts_that_are_not_allowed_get_no_cart(browser: Browser, oci):
    oci.link.return_origins = "https://else.example"
    oci.link.save()
    response = browser.call()
    assert response.status_code == 403
    assert "does not return carts to the host" in response.content.decode()


def test_a_link_may_refuse_calls_by_get(browser: Browser, oci):
    oci.link.allow_get = False
    oci.link.save()
    response = browser.call()
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert browser.enter(method="post") == "/"


@pytest.mark.parametrize("off", [{"live": False}, {"is_active": False}])
def test_a_link_that_is_off_lets_nobody_in(browser: Browser, oci, off):
    type(oci.link).objects.update(**off)
    assert browser.call().status_code == 403


@pytest.mark.parametrize("wrong", [{"live": False}, {"is_active": False}, {"allow_get": False}])
def test_a_call_that_the_link_refuses_is_kept_under_its_customer(settings, browser: Browser, oci, wrong):
    settings.WAGTAIL_PUNCHOUT = settings.WAGTAIL_PUNCHOUT | {"FAILURES_KEPT_PER_HOUR": 0}
    type(oci.link).objects.update(**wrong)
    browser.call(COSTCENTER="4711")
    kept = Exchange.objects.get()
    assert (kept.customer, kept.sender) == (oci.customer, USER)
    assert ["COSTCENTER", "4711"] in json.loads(kept.document)
    oci.credential.refresh_from_db()
    assert oci.credential.last_used_at


def test_the_version_of_the_call_chooses_the_link(browser: Browser, oci):
    for number in (3, 5):
        type(oci.link).objects.create(name=f"OCI {number}", group=oci.link.group, format=f"oci{number}", live=True)
    for version, expected in (("3.0", "oci3"), ("4.0", "oci4"), ("5.0", "oci5"), ("", "oci4"), ("9", "oci4")):
        browser.enter(OCI_VERSION=version)
        assert PunchoutSession.objects.latest("created_at").link.format == expected


def test_a_prefetch_or_a_look_opens_nothing(client):
    assert client.head(f"/ocihome?username={USER}&password={SECRET}&hook_url={HOOK}").status_code == 204
    assert client.get("/ocihome?username=x", headers={"Sec-Purpose": "prefetch"}).status_code == 204
    assert not PunchoutSession.objects.exists()


def test_a_flood_of_guesses_is_slowed_and_locks_nobody_out(settings, browser: Browser):
    settings.WAGTAIL_PUNCHOUT = settings.WAGTAIL_PUNCHOUT | {"FAILURES_PER_MINUTE": 3}
    answers = [browser.call(password=f"guess {number}").status_code for number in range(6)]
    assert answers == [403, 403, 403, 429, 429, 429]
    assert browser.call(password="guess")["Retry-After"] == "60"
    assert browser.enter() == "/"  # from the same address, with the right password


@pytest.mark.parametrize(
    "query",
    [
        "\x00",
        "username=%00&password=%FF%FE&hook_url=%ZZ",
        "&".join(f"p{number}=1" for number in range(3000)),
        "username=" + "a" * 300_000,
        "hook_url=" + "%2525" * 500,
        "username=a&username=b&password=c&password=d",
        "=&=&&&===",
        "username[]=1&password[0]=2",
    ],
    ids=lambda each: each[:30],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nonsense_gets_a_page(client, query, method):
    if method == "get":
        response = client.get("/ocihome", QUERY_STRING=query)
    else:
        response = client.post("/ocihome", query, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (400, 403)
    assert "<h1>" in response.content.decode()


def test_a_multipart_form_is_read_too(client):
    response = client.post("/ocihome", {"USERNAME": USER, "PASSWORD": SECRET, "HOOK_URL": HOOK})
    assert response.status_code == 303


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 20 * LARGEST_BODY])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"])
def test_a_huge_body_is_read_no_further_than_any_call_goes(rf, client, size, kind):
    request = rf.post("/ocihome", b"a" * size, content_type=kind)
    assert len(seal(request).body) == LARGEST_BODY + 1
    response = client.post("/ocihome", b"a" * size, content_type=kind)
    assert response.status_code == 400
    assert "more parameters than any call has" in response.content.decode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no user name"),
        (b"--x", "no user name"),
        (b"\x00\xff", "no user name"),
        (b"--x\r\nContent-Disposition: form-data; name=username\r\n\r\na", "no password"),
    ],
)
def test_a_form_that_was_cut_off_gets_a_page(client, body, words):
    response = client.post("/ocihome", body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400
    assert words in response.content.decode()


@pytest.mark.parametrize("path", ["/ocihome/%00/", "/punchout/oci/a%00b/", "/ocihome/%ED%A0%80"])
def test_a_key_that_no_database_takes_opens_nothing(browser: Browser, path):
    assert browser.call(path).status_code == 403
    assert browser.call("/ocihome", email="a\x00b").status_code == 303
    assert browser.client.get("/ocihome", headers={"User-Agent": "a\x00b"}).status_code == 400


# The option


def test_without_the_option_there_is_no_such_address(client, browser: Browser):
    switch(Site.objects.get(is_default_site=True), is_on=False)
    assert browser.call().status_code == 404
    for path in ("/punchout/oci/", "/punchout/cxml/", "/punchout/home/x/", "/ocihome/abc/"):
        assert client.get(path).status_code == 404


def test_a_visit_ends_when_its_site_loses_the_option(browser: Browser):
    browser.enter()
    switch(Site.objects.get(is_default_site=True), is_on=False)
    assert browser.client.get("/cart/").status_code == 410


# The password


class Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record) + repr(vars(record)))


@pytest.fixture
def listening():
    handler = Listening()
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


CANARY = "canary-Q7x_password"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "case",
    [
        {},
        {"password": CANARY + "2"},
        {"hook_url": "bad"},
        {"FUNCTION": "VALIDATE", "PRODUCTID": "NL-10100"},
        {"p": CANARY},
    ],
    ids=["right", "wrong", "bad hook", "validate", "twice"],
)
def test_the_password_is_nowhere(method, case, listening, mailoutbox):
    canary = connect("canary", format="oci4", secret=CANARY)
    browser = Browser()
    response = browser.call(method=method, **{"username": canary.customer.sender_identity, "password": CANARY} | case)
    seen = [response.content.decode(), str(response.headers)]
    if response.status_code == 303:
        after = browser.client.get(response["Location"])
        seen += [after["Location"], browser.page("/"), browser.page("/cart/")]
    dump = StringIO()
    call_command("dumpdata", stdout=dump, exclude=["contenttypes", "auth.permission"])
    seen += [dump.getvalue(), *listening.heard, *(mail.body for mail in mailoutbox)]
    assert not [each[:300] for each in seen if CANARY in each]


@pytest.fixture
def reports():
    """What Django would mail and show of each crash, with every local name of every frame."""
    written: list[str] = []

    def report(request, **kwargs):
        reporter = ExceptionReporter(request, *sys.exc_info())
        written.extend((reporter.get_traceback_html(), reporter.get_traceback_text()))

    got_request_exception.connect(report)
    yield written
    got_request_exception.disconnect(report)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("place", ["identify_call", "session_of", "open_call", "open_shop"])
def test_a_crash_report_has_no_password(method, place, monkeypatch, listening, reports):
    connect("canary", format="oci4", secret=CANARY)
    monkeypatch.setattr(f"wagtail_punchout.storefront.oci.{place}", lambda *args, **kwargs: 1 / 0)
    browser = Browser(Client(raise_request_exception=False))
    response = browser.call(method=method, username="punchout-canary@shop.example", password=CANARY)
    assert response.status_code == 500
    assert "ZeroDivisionError" in reports[0]
    assert not [each[:300] for each in (*reports, *listening.heard) if CANARY in each]


def test_servers_find_no_query_to_log(rf):
    request = rf.get("/ocihome?username=a&password=b")
    request.META["RAW_URI"] = request.META["REQUEST_URI"] = "/ocihome?username=a&password=b"
    raw = seal(request)
    assert raw.query == "username=a&password=b"
    assert (request.META["QUERY_STRING"], request.META["RAW_URI"], request.META["REQUEST_URI"]) == (
        "",
        "/ocihome",
        "/ocihome",
    )
    assert (dict(request.GET), request.get_full_path(), repr(raw)) == ({}, "/ocihome", "<SealedCall>")


def test_other_requests_keep_their_query(rf):
    request = rf.get("/search/?q=hook+association")
    assert seal(request) is None
    assert request.GET["q"] == "hook association"
