"""The calls that real buyers and shops publish, made at our address: user, password and missing values filled in.

And what goes home from here, read by a parser that was written from published returns alone.
"""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from tests.connections import SECRET
from tests.shared import SHARED
from tests.storefront.ocibrowser import USER, Browser, read_form
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Classification, Item, Price, Text
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.testing.documents.oci import read_oci_fields

SAMPLES = SHARED / "samples" / "oci"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the shared samples are not here; set PUNCHOUT_SHARED to their folder"
)
pytestmark = pytest.mark.django_db

HOOK = "https://buyer.example/hook?uniqueid=77"


def text(number: str) -> str:
    return next(SAMPLES.glob(f"{number}-*")).read_text(encoding="utf-8")


def query_of(url: str) -> str:
    return url.strip().partition("?")[2]


def filled(query: str, **values: str) -> str:
    """The raw query with some values put in, or parameters added that were taken out."""
    for name, value in values.items():
        pattern = re.compile(rf"(^|&){re.escape(name)}=[^&]*")
        escaped = quote(value, safe="")
        query = pattern.sub(rf"\g<1>{name}={escaped}", query) if pattern.search(query) else f"{query}&{name}={escaped}"
    return query.lstrip("&")


def call(query: str, *, method: str = "get"):
    browser = Browser()
    if method == "get":
        return browser, browser.client.get("/ocihome", QUERY_STRING=query)
    kind = "application/x-www-form-urlencoded"
    return browser, browser.client.post("/ocihome", query, content_type=kind)


@pytest.fixture
def lenient(oci):
    """Published calls come from test systems without certificates."""
    oci.link.allow_http_return = True
    oci.link.save()
    return oci


def calls():
    """Number of the sample, query with placeholders filled, and where the cart must go."""
    get, _, post = text("10").partition("# the same call as POST")
    login = {"username": USER, "password": SECRET}
    upper = {"USERNAME": USER, "PASSWORD": SECRET}
    yield "10 get", filled(query_of(get), **login), "http://return.to/me"
    yield "10 post", filled(post.splitlines()[1], **login), "http://test.local"
    yield "15", filled(urlencode(json.loads(text("15"))), **login), "http://localhost:8899/simulator/cart/receive.php"
    rows = csv.DictReader(text("16").splitlines())
    hook = "https://uadmin.punchoutcatalogs.net/gate/index.php/admin/testconn/response/"
    yield "16", filled(urlencode([(row["field"], row["value"]) for row in rows]), **login), hook
    ifs = query_of(next(line for line in text("17").splitlines() if line.startswith("https://")))
    ifs = ifs.replace("<redirect url>", "https://ifs.example/back").replace("<query parameters>", "77")
    ifs = re.sub(r"<[^>]*>", "x", filled(ifs, **upper))
    yield "17", ifs, "https://ifs.example/back?uniqueid=77"
    hook = "https://ioedeveloper.com/api/integrations/punchoutparser/oci.php"
    yield "18", filled(query_of(text("18")), **login), hook
    yield "19", filled(text("19").strip().splitlines()[-1], **upper), "http://localhost:3000/hook"
    url, *more = [line for line in text("20").splitlines() if line and not line.startswith("#")]
    sap = "&".join([query_of(url), *more])
    yield "20", filled(sap, **upper), "http://p09319.wdf.sap-ag.de:1080/scripts/wgate.dll/MEW0/?~"
    yield "21", filled(query_of(text("21")), **upper), "https://www.mercateo.com/basket/httpecho"
    yield "22", filled(query_of(text("22")), **upper), "https://srm.acme.fr/punchout/return"


def url_forms():
    """The login addresses of other shops that name a user, a password and a hook."""
    for row in csv.DictReader(text("30").splitlines()):
        names = [re.split(r" or |[ (]", row[f"{part}_param"])[0] for part in ("user", "password", "hook")]
        if "?" in row["url_form"] and all(re.fullmatch(r"[\w-]+", each) for each in names):
            user, password, hook = names
            query = query_of(row["url_form"].split(" or ")[0])
            yield row["shop_or_platform"], filled(query, **{user: USER, password: SECRET, hook: HOOK})


CALLS = list(calls()) if SAMPLES.is_dir() else []
FORMS = list(url_forms()) if SAMPLES.is_dir() else []


@needs_samples
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("name", "query", "hook"), CALLS, ids=[each[0] for each in CALLS])
def test_a_published_call_enters(lenient, name, query, hook, method):
    _browser, response = call(query, method=method)
    if "BACKGROUND_SEARCH" in query:
        assert response.status_code == 200
        assert read_form(response.content.decode("latin-1")).action == hook
    else:
        assert response.status_code == 303, response.content.decode()
        assert PunchoutSession.objects.get().return_url == hook


@needs_samples
def test_enough_address_forms_are_tried():
    assert len(FORMS) >= 9


@needs_samples
@pytest.mark.parametrize(("shop", "query"), FORMS, ids=[each[0] for each in FORMS])
def test_the_address_form_of_another_shop_enters(lenient, goods, shop, query):
    if "FUNCTION=DETAIL" in query:
        query = filled(query, PRODUCTID="NL-10100")
    _browser, response = call(query)
    assert response.status_code == 303, response.content.decode()
    assert PunchoutSession.objects.get().return_url == HOOK


@needs_samples
def test_detail_without_a_product_is_told_so(lenient):
    for line in text("28").split():
        _browser, response = call(filled(line, PASSWORD=SECRET, USERNAME=USER))
        assert response.status_code == 400
        assert "PRODUCTID is missing" in response.content.decode()


# Our returns, read by others


HOSTILE = "Größe 19\" <b>fett</b> & 'x' %2B + ; = 1,5 mm²\nzweite Zeile"
GOODS = (
    Item(
        sku="031710    005  100",
        descriptions=(Text(HOSTILE, "de", 'Mutter 19" M8'),),
        price=Price(net=Money(Decimal("4.50"), "EUR"), basis=Decimal(100)),
        unit="EA",
        classifications=(Classification("UNSPSC", "31161700"),),
        manufacturer_part_id="DIN 934",
        lead_time_days=3,
    ),
    Item(
        sku="B&Q",
        descriptions=(Text("x" * 300, "en"),),
        price=Price(net=Money(Decimal("0.0125"), "EUR")),
        unit="KGM",
        is_service=True,
    ),
)


def a_cart(format: str) -> Cart:
    lines = [
        CartLine(line_id=str(number), item=item, quantity=Decimal("2.5")) for number, item in enumerate(GOODS, start=1)
    ]
    if format == "oci5":
        heading = Item(sku="SET", descriptions=(Text("A set"),), price=Price(net=Money(Decimal(9), "EUR")), unit="SET")
        part = Item(sku="PART", descriptions=(Text("A part"),), unit="EA")
        whole = Bundle.PRICED_AS_WHOLE
        lines += [
            CartLine(line_id="7", item=heading, quantity=Decimal(1), bundle=whole),
            CartLine(line_id="8", item=part, quantity=Decimal(2), parent_id="7"),
        ]
    return Cart(currency="EUR", lines=tuple(lines))


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8"])
@pytest.mark.parametrize("format", ["oci3", "oci4", "oci5"])
def test_our_return_is_read_without_loss(browser: Browser, oci, monkeypatch, format, charset):
    oci.link.format = format
    oci.link.save()
    monkeypatch.setattr(get_adapter(), "get_cart", lambda request: a_cart(format))
    browser.enter(http_content_charset=charset)
    form = browser.home()
    read = read_oci_fields(form.fields, version={"oci3": "3.0", "oci4": "4.0", "oci5": "5.0"}[format])
    # The text of the first line looks like HTML and like an escape, on purpose: a receiver may well ask about it.
    assert [each for each in read.complaints if not each.startswith("Line 1: LONGTEXT")] == []
    nut, other = read.lines[:2]
    assert nut.fields["VENDORMAT"] == "031710    005  100"
    assert (nut.description, nut.long_text) == ('Mutter 19" M8', HOSTILE)
    assert (nut.quantity, nut.price, nut.price_unit, nut.lead_time) == (Decimal("2.5"), Decimal("4.5"), 100, 3)
    assert (nut.fields["UNIT"], nut.fields["EXT_CATEGORY_ID"]) == ("PCE", "31161700")
    assert (other.description, other.long_text) == ("x" * 40, "x" * 300)
    assert other.price / other.price_unit == Decimal("0.0125")
    assert (other.fields["SERVICE"], other.fields["VENDORMAT"]) == ("X", "B&Q")
    assert [each.index for each in read.lines] == list(range(1, len(read.lines) + 1))
    if format == "oci5":
        assert [each.fields.get("PARENT_ID", "") for each in read.lines] == ["", "", "", "3"]


def test_every_parameter_of_the_query_can_stand_in_the_body(lenient):
    query = urlencode({"username": USER, "password": "wrong", "hook_url": HOOK})
    client = Browser().client
    response = client.post(
        "/ocihome",
        urlencode({"password": SECRET}),
        content_type="application/x-www-form-urlencoded",
        QUERY_STRING=query,
    )
    assert response.status_code == 303
    assert dict(parse_qsl(query))["password"] == "wrong"
