"""The calls that real buyers and shops publish, read as a person reads them.

The files have placeholders where somebody took a value out; they are filled in here.
"""

from __future__ import annotations

import csv
import json
import re
from urllib.parse import quote, urlencode

import pytest

from tests.shared import SHARED
from wagtail_punchout.protocol.oci.entry import Function, read_call_up

SAMPLES = SHARED / "samples" / "oci"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the shared samples are not here; set PUNCHOUT_SHARED to their folder"
)


def text(name):
    return next(SAMPLES.glob(f"{name}-*")).read_text(encoding="utf-8")


def query(url):
    return url.strip().partition("?")[2]


def background_search():
    get, _, post = text("10").partition("# the same call as POST")
    yield read_call_up(query(get), "")
    yield read_call_up("", post.splitlines()[1])


def spryker():
    yield read_call_up("", urlencode(json.loads(text("15"))))


def buyerquest():
    yield read_call_up("", urlencode([(row["field"], row["value"]) for row in csv.DictReader(text("16").splitlines())]))


def ifs():
    url = next(line for line in text("17").splitlines() if line.startswith("https://"))
    filled = {
        "<sender id>": "ACME",
        "<password>": "secret-1",
        "<user name>": "jane",
        "<vendor>": "4711",
        "<url endpoint>": quote("https://ifs.example/cancel", safe=""),
        "<redirect url>": "https://ifs.example/back",
        "<query parameters>": "77&line=2",
    }
    for placeholder, value in filled.items():
        url = url.replace(placeholder, value)
    yield read_call_up(query(url), "")


def one_link(name):
    def read():
        yield read_call_up(query(text(name)), "")

    return read


def with_buyer_id():
    yield read_call_up("", text("19").strip().splitlines()[-1])


def sap_46c():
    url, *more = [line for line in text("20").splitlines() if line and not line.startswith("#")]
    yield read_call_up("&".join([query(url), *more]), "")


def detail_without_product():
    for line in text("28").split():
        yield read_call_up("", line)


READ = {
    "10": (
        background_search,
        [
            {
                "function": Function.BACKGROUND_SEARCH,
                "hook_url": "http://return.to/me",
                "search": "toner",
                "extra-token": "",  # sounds like a secret
                "username": "",
            },
            {"function": Function.BACKGROUND_SEARCH, "hook_url": "http://test.local", "search": "*"},
        ],
    ),
    "15": (
        spryker,
        [
            {
                "username": "user_1",
                "password": "user_1_pass",
                "hook_url": "http://localhost:8899/simulator/cart/receive.php",
                "EMAIL": "oci@punchoutcatalogs.net",
                "FIRST_NAME": "Oci",
                "function": Function.SHOP,
            }
        ],
    ),
    "16": (
        buyerquest,
        [
            {
                "username": "Disney_UAT",
                "password": "REDACTED",
                "hook_url": "https://uadmin.punchoutcatalogs.net/gate/index.php/admin/testconn/response/",
                "target": "_parent",
                "version": "4.0",
                "language": "EN",
                "sap-client": "001",
                "USERID": "SAP_TEST_USER",
                "echo": (),
            }
        ],
    ),
    "17": (
        ifs,
        [
            {
                "username": "jane",
                "password": "secret-1",
                "hook_url": "https://ifs.example/back?uniqueid=77&line=2",
                "cancel_url": "https://ifs.example/cancel",
                "version": "4.0",
                "presets": (("VENDOR", "4711"),),
                "SENDERID": "ACME",
            }
        ],
    ),
    "18": (
        one_link("18"),
        [
            {
                "username": "johndoe@example.com",
                "password": "abcdefghijklmnopqrstuvwxyz",
                "hook_url": "https://ioedeveloper.com/api/integrations/punchoutparser/oci.php",
            }
        ],
    ),
    "19": (
        with_buyer_id,
        [
            {
                "username": "testuser",
                "password": "testpass",
                "hook_url": "http://localhost:3000/hook",
                "buyerid": "buyer1",
            }
        ],
    ),
    "20": (
        sap_46c,
        [
            {
                "username": "",
                "password": "REDACTED",
                "hook_url": "http://p09319.wdf.sap-ag.de:1080/scripts/wgate.dll/MEW0/?~",
                "target": "_top",
                "echo": (("~OkCode", "ADDI"), ("~Target", "_top")),
                "~ForceTarge": "Yes",
                "SERVICE": "SAP",
            }
        ],
    ),
    "21": (
        one_link("21"),
        [
            {
                "username": "YourUSERNAME",
                "password": "YourPASSWORD",
                "hook_url": "https://www.mercateo.com/basket/httpecho",
            }
        ],
    ),
    "22": (
        one_link("22"),
        [
            {
                "username": "buyer-acme",
                "password": "demoSecret",
                "hook_url": "https://srm.acme.fr/punchout/return",
                "target": "_top",
                "language": "FR",
                "echo": (("~OkCode", "ADDI"), ("~Target", "_top"), ("~Caller", "CTLG")),
            }
        ],
    ),
    "28": (
        detail_without_product,
        [
            {
                "username": "jane.smith@clientcorp.com",
                "password": "",
                "hook_url": "https://example.com/cart/return/002",
                "function": Function.DETAIL,
                "product_id": "",
                "version": "4.0",
            },
            {
                "username": "charlie.brown@buyercorp.com",
                "hook_url": "https://example.com/cart/return/005",
                "function": Function.DETAIL,
                "version": "",
            },
        ],
    ),
}


def said(call, name):
    return getattr(call, name) if name in call.__slots__ else call.given(name)


@pytest.mark.parametrize(("read", "expected"), READ.values(), ids=READ)
def test_a_published_call_is_read_as_a_person_reads_it(read, expected):
    assert [
        {name: said(call, name) for name in values} for call, values in zip(read(), expected, strict=True)
    ] == expected


HOOK = "https://buyer.example/hook?~caller=sisweb&a=%26"
U, P, H = {"username": "U"}, {"password": "P"}, {"hook_url": HOOK}

FORMS = {
    "Shoxl": [U | P | H],
    "Ceratizit": [U | P | H],
    "Webmercs": [U | P | H],
    "Magento 2 + Vurbis": [U | P | H],
    "Shopware + Agiqon": [U | P | H, {"username": "", "password": "T"} | H],
    "PunchCommerce": [U | P | H | {"function": Function.DETAIL, "product_id": "N"}],
    "Spryker Punchout Gateway": [],
    "Wuerth France": [U | P | H | {"ORGANIZATION": "O"}],
    "Airgas": [U | P | H],
    "Grainger": [U | P | H],
    "Caterpillar SIS": [
        U | P | H | {"target": "_blank", "echo": (("~OkCode", "ADDI"), ("~TARGET", "_blank"), ("~CALLER", "CTLG"))}
    ],
    "Hubwoo / Perfect Commerce catalogue": [
        {"username": "V", "USER_ID": "U", "language": "EN", "COUNTRY": "GB", "EASYORDER": "1"} | P | H
    ],
    "beprint": [U | H | {"password": "", "FIRMA": "..", "COSTCENTER": ".."}],
    "Mercateo / Unite": [U | P | H],
    "demo.shopdriver.de (in ES Office manual)": [],
    "Test client in a GitHub project": [
        U
        | P
        | H
        | {
            "target": "_blank",
            "version": "4.0",
            "echo": (("~target", "_blank"), ("~okcode", "ADDI"), ("~caller", "CTLG")),
        }
    ],
}


def test_the_login_links_of_shops_are_all_in_the_table():
    assert [row["shop_or_platform"] for row in csv.DictReader(text("30").splitlines())] == list(FORMS)


@pytest.mark.parametrize("shop", FORMS)
def test_the_login_link_of_a_shop_is_understood(shop):
    rows = {row["shop_or_platform"]: row["url_form"] for row in csv.DictReader(text("30").splitlines())}
    queries = [word.rpartition("?")[2] for word in rows[shop].split() if re.search("hook.url=", word, re.IGNORECASE)]
    calls = [read_call_up(re.sub(r"=H(?=&|$)", "=" + quote(HOOK, safe=""), each), "") for each in queries]
    assert [
        {name: said(call, name) for name in values} for call, values in zip(calls, FORMS[shop], strict=True)
    ] == FORMS[shop]
