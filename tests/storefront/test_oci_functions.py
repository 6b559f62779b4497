"""The functions of an OCI call: a product shown, a price checked, a catalogue searched."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.goods import NUT
from tests.storefront.ocibrowser import HOOK, Browser, read_form
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import Exchange, PunchoutSession, QuoteLine
from wagtail_punchout.shop import Cart, CartLine, Item, Money, Price, Text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oci", "goods")]

PEN = "NL-10100"


def answered(response):
    """The form of an answer that was given on the spot."""
    assert response.status_code == 200, response.content.decode()
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]
    page = response.content.decode(response.charset)
    return page, read_form(page)


def test_detail_shows_the_product(browser: Browser):
    browser.enter(FUNCTION="DETAIL", PRODUCTID=PEN)
    assert f"sku={PEN}" in browser.landed
    page = browser.page(browser.landed)
    assert "not put anything into a cart" in page
    assert browser.client.post("/cart/add/", {"sku": PEN, "quantity": "1"}).status_code == 403


def test_detail_needs_no_way_home(browser: Browser):
    browser.enter(FUNCTION="DETAIL", PRODUCTID=PEN, hook_url=None)
    assert 'data-test="return"' not in browser.page("/cart/")


@pytest.mark.parametrize("name", ["DETAILADD", "detailadd"])
def test_detailadd_shows_the_product_and_takes_a_cart(browser: Browser, name):
    browser.enter(FUNCTION=name, PRODUCTID=PEN)
    assert f"sku={PEN}" in browser.landed
    browser.put(PEN, "2")
    assert browser.home().items["NEW_ITEM-QUANTITY[1]"] == "2"


def test_sourcing_opens_the_shops_search(browser: Browser):
    browser.enter(FUNCTION="SOURCING", SEARCHSTRING="nut")
    assert browser.landed == "/search/?q=nut"
    browser.put(NUT, "100")
    assert browser.home().items["NEW_ITEM-VENDORMAT[1]"] == NUT


@pytest.mark.parametrize("method", ["get", "post"])
def test_validate_tells_todays_price(browser: Browser, method):
    page, form = answered(browser.call(method=method, FUNCTION="VALIDATE", PRODUCTID=NUT, QUANTITY="300"))
    assert (form.action, form.method) == (HOOK, "post")
    assert form.items["NEW_ITEM-EXT_PRODUCT_ID[1]"] == NUT
    assert form.items["NEW_ITEM-QUANTITY[1]"] == "300"
    assert form.items["NEW_ITEM-PRICEUNIT[1]"] == "100"
    assert "submit.call(" in page
    assert "<button" not in page
    assert not PunchoutSession.objects.exists()
    assert Exchange.objects.get().kind == "OCI VALIDATE"


def test_validate_asks_for_the_quantity(browser: Browser, monkeypatch):
    def get_item(ref, pricing, quantity=Decimal(1)):
        amount = Decimal("9.00") if quantity >= 100 else Decimal("10.00")
        return Item(sku=ref.sku, descriptions=(Text("Scaled"),), price=Price(net=Money(amount, "EUR")))

    monkeypatch.setattr(get_adapter(), "get_item", get_item)
    prices = [
        Decimal(
            answered(browser.call(FUNCTION="VALIDATE", PRODUCTID="X", QUANTITY=quantity))[1].items["NEW_ITEM-PRICE[1]"]
        )
        for quantity in ("1", "100")
    ]
    assert prices == [Decimal("10.00"), Decimal("9.00")]


@pytest.mark.parametrize("gone", ["NL-99999", ""])
def test_validate_of_what_is_gone_returns_no_line(browser: Browser, gone):
    response = browser.call(FUNCTION="VALIDATE", PRODUCTID=gone or "0")
    assert answered(response)[1].items == {}


def test_validate_finds_a_configured_thing_by_the_id_it_went_home_under(browser: Browser, monkeypatch):
    engraved = Item(
        sku="PEN",
        descriptions=(Text("Engraved pen"),),
        price=Price(net=Money(Decimal("5"), "EUR")),
        configuration={"text": "for Jane"},
    )
    content = Cart(currency="EUR", lines=(CartLine(line_id="1", item=engraved, quantity=Decimal(1)),))
    asked = []
    monkeypatch.setattr(get_adapter(), "get_cart", lambda request: content)
    monkeypatch.setattr(get_adapter(), "get_item", lambda ref, *args: asked.append(ref) or engraved)
    browser.enter()
    told = browser.home().items
    assert told["NEW_ITEM-EXT_PRODUCT_ID[1]"] == QuoteLine.objects.get().auxiliary_id
    answer = answered(browser.call(FUNCTION="VALIDATE", PRODUCTID=told["NEW_ITEM-EXT_PRODUCT_ID[1]"]))[1]
    assert [(each.sku, dict(each.configuration)) for each in asked] == [("PEN", {"text": "for Jane"})]
    assert answer.items["NEW_ITEM-EXT_PRODUCT_ID[1]"] == told["NEW_ITEM-EXT_PRODUCT_ID[1]"]


def test_a_search_lists_all_hits(browser: Browser):
    page, form = answered(browser.call(FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING="nut"))
    found = [value for name, value in form.items.items() if "VENDORMAT" in name]
    assert NUT in found
    assert "submit.call(" not in page
    assert "<button" not in page
    assert "NEW_ITEM-EXT_QUOTE_ID[1]" not in form.items
    assert not PunchoutSession.objects.exists()


@pytest.mark.parametrize(("text", "count"), [("", 0), ("  ", 0), ("zzzzz", 0), ("*", 4)])
def test_searches_for_nothing_and_for_everything(browser: Browser, oci, text, count):
    oci.link.search_hits = 4
    oci.link.save()
    form = answered(browser.call(FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING=text))[1]
    assert len([name for name in form.items if "VENDORMAT" in name]) == count


def test_hits_that_do_not_fit_hide_no_others(browser: Browser, monkeypatch, caplog):
    def thing(sku, price="1"):
        return Item(sku=sku, descriptions=(Text("Thing"),), price=price and Price(net=Money(Decimal(price), "EUR")))

    found = [thing("A"), thing("X" * 50), thing("B", None), thing("C")]
    monkeypatch.setattr(get_adapter(), "search_items", lambda *args, **kwargs: found)
    form = answered(browser.call(FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING="x"))[1]
    assert [value for name, value in form.items.items() if "VENDORMAT" in name] == ["A", "C"]
    assert [name for name in form.items if "VENDORMAT" in name] == ["NEW_ITEM-VENDORMAT[1]", "NEW_ITEM-VENDORMAT[2]"]
    assert "left out" in caplog.text


def test_a_shop_without_such_a_search_says_so(browser: Browser, monkeypatch):
    monkeypatch.setattr(get_adapter(), "search_items", lambda *args, **kwargs: None)
    assert browser.call(FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING="x").status_code == 404


def test_hits_have_this_customers_prices(browser: Browser, oci):
    from demo_site.shop.models import PriceListEntry

    type(oci.company).objects.filter(pk=oci.company.pk).update(price_group="special")
    PriceListEntry.objects.create(price_group="special", sku=PEN, price=Decimal("0.11"))
    form = answered(browser.call(FUNCTION="VALIDATE", PRODUCTID=PEN))[1]
    assert Decimal(form.items["NEW_ITEM-PRICE[1]"]) == Decimal("0.11")


def test_a_search_costs_a_fixed_number_of_queries(browser: Browser, django_assert_max_num_queries):
    browser.call(FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING="*")
    with django_assert_max_num_queries(12):
        browser.call(FUNCTION="BACKGROUND_SEARCH", SEARCHSTRING="*")
