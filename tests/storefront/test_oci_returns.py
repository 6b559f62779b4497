"""The way home of an OCI visit: the form, its fields, and how the link wants them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.goods import NUT
from tests.storefront.ocibrowser import HOOK, Browser, read_form
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import Exchange, MappingRow, PunchoutSession, Quote, UnitRow
from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Charge, Item, Price, Text
from wagtail_punchout.protocol.lifecycle import State
from wagtail_punchout.protocol.money import Money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oci")]

PEN = "NL-10100"


def change(link, **values):
    for name, value in values.items():
        setattr(link, name, value)
    link.full_clean(exclude=["group"])
    link.save()


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def sold(sku: str = "A-1", text: str = "A thing", *, price: str | None = "1.00", **values) -> Item:
    return Item(
        sku=sku,
        descriptions=(Text(text),),
        price=Price(net=euro(price), basis=Decimal(values.pop("basis", 1))) if price else None,
        **values,
    )


def cart(*items: Item, quantity: str = "1", **values) -> Cart:
    lines = [CartLine(line_id=f"L{n}", item=item, quantity=Decimal(quantity)) for n, item in enumerate(items, 1)]
    return Cart(currency="EUR", lines=tuple(lines), **values)


@pytest.fixture
def holding(monkeypatch):
    """Let the shop's adapter say that this is in the cart."""

    def hold(content: Cart) -> None:
        monkeypatch.setattr(get_adapter(), "get_cart", lambda request: content)

    return hold


@pytest.mark.usefixtures("goods")
def test_a_cart_goes_home(browser: Browser):
    browser.enter()
    browser.put(NUT, "100")
    browser.put(PEN, "3")
    form = browser.home()
    assert (form.action, form.method, form.target) == (HOOK, "post", "_top")
    told = form.items
    assert told["NEW_ITEM-VENDORMAT[1]"] == NUT
    assert (told["NEW_ITEM-QUANTITY[1]"], told["NEW_ITEM-PRICEUNIT[1]"]) == ("100", "100")
    assert told["NEW_ITEM-VENDORMAT[2]"] == PEN
    assert {name.partition("[")[0] for name in told} >= {
        f"NEW_ITEM-{each}" for each in ("DESCRIPTION", "UNIT", "PRICE")
    }
    session = PunchoutSession.objects.get()
    assert session.state == State.RETURNED
    assert told["NEW_ITEM-EXT_QUOTE_ID[1]"] == session.id.hex
    assert "csrf" not in str(form.fields)


@pytest.mark.usefixtures("goods")
def test_the_page_can_be_opened_again_and_says_the_same(browser: Browser):
    browser.enter()
    browser.put(PEN)
    response = browser.press("return")
    assert browser.page(response["Location"]).count("NEW_ITEM-DESCRIPTION[1]") == 1
    assert read_form(browser.page(response["Location"])).fields == read_form(browser.page(response["Location"])).fields


def test_what_was_sent_is_kept_as_it_was(browser: Browser, holding):
    browser.enter()
    holding(cart(sold()))
    form = browser.home()
    quote = Quote.objects.get()
    assert [tuple(each) for each in json.loads(quote.document)] == form.fields
    assert Exchange.objects.filter(direction="out", kind="OCI cart").get().document == quote.document
    assert quote.cart["lines"]


@pytest.mark.parametrize(
    ("sent", "link", "expected"),
    [
        ({}, {}, "_top"),
        ({"~TARGET": "_parent"}, {}, "_parent"),
        ({"returntarget": "catalogframe", "~TARGET": "_top"}, {}, "catalogframe"),
        ({"returntarget": "_blank"}, {}, "_blank"),
        ({"returntarget": '"><script>'}, {}, "_top"),
        ({"returntarget": "_parent"}, {"window_target": "_self"}, "_self"),
        ({"returntarget": "_parent"}, {"window_name": "cart"}, "cart"),
    ],
)
def test_the_window_it_goes_into(browser: Browser, oci, holding, sent, link, expected):
    change(oci.link, **link)
    browser.enter(**sent)
    holding(cart(sold()))
    assert browser.home().target == expected


@pytest.mark.parametrize(
    ("echo", "sent", "expected"),
    [
        ("as_called", {}, {}),
        ("as_called", {"~OkCode": "ADDI", "~caller": "CTLG"}, {"~OkCode": "ADDI", "~caller": "CTLG"}),
        ("always", {}, {"~OkCode": "ADDI", "~TARGET": "_top", "~CALLER": "CTLG"}),
        ("always", {"~okcode": "ADDI"}, {"~okcode": "ADDI", "~TARGET": "_top", "~CALLER": "CTLG"}),
        ("never", {"~OkCode": "ADDI"}, {}),
    ],
)
def test_control_fields_come_back(browser: Browser, oci, holding, echo, sent, expected):
    change(oci.link, echo_fields=echo)
    browser.enter(**sent)
    holding(cart(sold()))
    assert {name: value for name, value in browser.home().fields if name.startswith("~")} == expected


@pytest.mark.parametrize(
    ("link", "action", "method", "query"),
    [
        ({}, HOOK, "post", []),
        ({"hook_mode": "split"}, HOOK.split("?")[0], "post", [("sap-client", "100"), ("id", "27")]),
        ({"return_method": "get"}, HOOK.split("?")[0], "get", [("sap-client", "100"), ("id", "27")]),
    ],
)
def test_the_query_of_the_hook(browser: Browser, oci, holding, link, action, method, query):
    change(oci.link, **link)
    browser.enter()
    holding(cart(sold()))
    form = browser.home()
    assert (form.action, form.method) == (action, method)
    assert [each for each in form.fields if not each[0].startswith("NEW_ITEM")] == query


def test_a_hook_with_a_field_called_submit_is_sent_all_the_same(browser: Browser, oci, holding):
    change(oci.link, hook_mode="split")
    browser.enter(hook_url="https://buyer.example.com/hook?submit=1")
    holding(cart(sold()))
    page = browser.page(browser.press("return")["Location"])
    assert read_form(page).fields[0] == ("submit", "1")
    assert "HTMLFormElement.prototype.submit.call(" in page


def test_a_hook_is_not_decoded_twice(browser: Browser, holding):
    hook = "https://buyer.example.com/r?next=%2Fa%3Fb%3D1%26c%3D2&x=%2525"
    browser.enter(hook_url=hook)
    holding(cart(sold()))
    assert browser.home().action == hook


def test_sap_gui_gets_its_own_address(browser: Browser, oci, holding):
    change(oci.link, allow_sapevent=True)
    browser.enter(hook_url="SAPEVENT:POST")
    holding(cart(sold()))
    response = browser.press("return")
    page = browser.client.get(response["Location"])
    assert read_form(page.content.decode("latin-1")).action == "SAPEVENT:POST"
    assert "sapevent:" in page["Content-Security-Policy"]


HOSTILE = "Größe 19\" <b>ø</b> & 'x' €5 – Łódź\r\nline two\x00\ttab %2B + &#8364; &amp;"


@pytest.mark.parametrize(
    ("sent", "link", "charset", "euro_sign"),
    [
        ({}, "", "iso-8859-1", "EUR"),
        ({"http_content_charset": "utf-8"}, "", "utf-8", "€"),
        ({"http_content_charset": "ISO-8859-1"}, "", "iso-8859-1", "EUR"),
        ({"http_content_charset": "windows-1252"}, "", "windows-1252", "€"),
        ({"http_content_charset": "klingon"}, "", "iso-8859-1", "EUR"),
        ({"http_content_charset": "utf-8"}, "iso-8859-15", "iso-8859-15", "€"),
    ],
)
def test_the_charset_of_the_page(browser: Browser, oci, holding, sent, link, charset, euro_sign):
    change(oci.link, return_charset=link)
    browser.enter(**sent)
    holding(cart(sold(text=HOSTILE)))
    response = browser.press("return")
    page = browser.client.get(response["Location"])
    assert page["Content-Type"] == f"text/html; charset={charset}"
    text = page.content.decode(charset)
    assert f'<meta charset="{charset}">' in text
    assert f'accept-charset="{charset}"' in text
    told = read_form(text).items
    long = told["NEW_ITEM-LONGTEXT_1:132[]"]
    assert long.startswith("Größe 19\" <b>ø</b> & 'x' ")
    assert f"{euro_sign}5" in long
    assert long.endswith("%2B + &#8364; &amp;")
    assert "\x00" not in long
    assert 38 <= len(told["NEW_ITEM-DESCRIPTION[1]"]) <= 40


def test_constants_of_the_call_come_back_on_every_line(browser: Browser, holding):
    browser.enter(**{"NEW_ITEM-VENDOR": "100023", "NEW_ITEM-CUST_FIELD1[1]": "cc 4711"})
    holding(cart(sold("A"), sold("B")))
    told = browser.home().items
    assert [told[f"NEW_ITEM-VENDOR[{n}]"] for n in (1, 2)] == ["100023", "100023"]
    assert told["NEW_ITEM-CUST_FIELD1[2]"] == "cc 4711"


def test_empty_fields_are_sent_where_the_link_wants_them(browser: Browser, oci, holding):
    change(oci.link, send_empty_fields=True)
    browser.enter()
    holding(cart(sold()))
    told = browser.home().items
    assert told["NEW_ITEM-MATNR[1]"] == ""
    assert "NEW_ITEM-PARENT_ID[1]" not in told  # OCI 5 alone knows it


# Money


@pytest.mark.parametrize(
    ("price", "basis", "expected"),
    [
        ("4.50", "1", ("4.50", "1")),
        ("4.50", "100", ("4.50", "100")),
        ("0.0125", "1", ("0.125", "10")),
        ("1.2345", "1", ("12.345", "10")),
    ],
)
def test_prices_are_per_price_unit(browser: Browser, holding, price, basis, expected):
    browser.enter()
    holding(cart(sold(price=price, basis=basis)))
    told = browser.home().items
    assert Decimal(told["NEW_ITEM-PRICE[1]"]) == Decimal(expected[0])
    assert told["NEW_ITEM-PRICEUNIT[1]"] == expected[1]


@pytest.mark.parametrize(
    ("link", "expected"),
    [({}, ["A-1", "FREIGHT"]), ({"shipping_as": "omit"}, ["A-1"]), ({"tax_as": "line"}, ["A-1", "FREIGHT", "TAX"])],
)
def test_freight_and_tax(browser: Browser, oci, holding, link, expected):
    change(oci.link, **link)
    browser.enter()
    charges = {"shipping": Charge(euro("5.90"), Text("Parcel")), "tax": Charge(euro("1.31"), Text("VAT 19 %"))}
    holding(cart(sold(), **charges))
    told = browser.home().items
    assert [told[f"NEW_ITEM-VENDORMAT[{n}]"] for n in range(1, len(expected) + 1)] == expected
    if "FREIGHT" in expected:
        assert (told["NEW_ITEM-SERVICE[2]"], told["NEW_ITEM-DESCRIPTION[2]"]) == ("X", "Parcel")


def test_gross_prices(browser: Browser, oci, holding):
    change(oci.link, prices="gross")
    browser.enter()
    holding(cart(sold(price="10.00", tax_rate=Decimal("0.19"))))
    assert Decimal(browser.home().items["NEW_ITEM-PRICE[1]"]) == Decimal("11.90")


def test_a_gross_price_that_nobody_knows_stops_the_cart(browser: Browser, oci, holding):
    change(oci.link, prices="gross")
    browser.enter()
    holding(cart(sold()))
    response = browser.press("return")
    assert response.status_code == 422
    assert "no tax rate for A-1" in response.content.decode()
    assert PunchoutSession.objects.get().state == State.STARTED
    assert "no tax rate for A-1" in Exchange.objects.get(kind="Cart not sent").sentence


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([sold(price=None)], "A-1 has no price"),
        ([sold(sku="X" * 41)], "VENDORMAT has room for 40"),
        ([sold(), sold("B-2", unit="")], "UNIT"),
        ([sold(price="123456789012.00")], "PRICE"),
    ],
    ids=["no price", "long number", "no unit", "dear"],
)
def test_what_the_form_cannot_hold_stops_the_cart(browser: Browser, holding, items, words):
    browser.enter()
    holding(cart(*items))
    response = browser.press("return")
    assert response.status_code == 422
    assert words in response.content.decode()


# Bundles


@pytest.mark.parametrize(
    ("format", "bundle", "expected"),
    [
        ("oci4", Bundle.PRICED_AS_WHOLE, ["SET"]),
        ("oci4", Bundle.PRICED_BY_PART, ["PART"]),
        ("oci3", Bundle.PRICED_BY_PART, ["PART"]),
        ("oci5", Bundle.PRICED_AS_WHOLE, ["SET", "PART"]),
        ("oci5", Bundle.PRICED_BY_PART, ["SET", "PART"]),
    ],
)
def test_bundles(browser: Browser, oci, holding, format, bundle, expected):
    change(oci.link, format=format)
    browser.enter()
    is_whole = bundle is Bundle.PRICED_AS_WHOLE
    heading = CartLine(
        line_id="1", item=sold("SET", price="9" if is_whole else None), quantity=Decimal(1), bundle=bundle
    )
    part = CartLine(line_id="2", item=sold("PART", price=None if is_whole else "9"), quantity=Decimal(2), parent_id="1")
    holding(Cart(currency="EUR", lines=(heading, part)))
    told = browser.home().items
    assert [value for name, value in told.items() if "VENDORMAT" in name] == expected
    if format == "oci5":
        assert (told["NEW_ITEM-ITEM_TYPE[1]"], told["NEW_ITEM-ITEM_TYPE[2]"]) == ("R", "L")
        assert told["NEW_ITEM-PARENT_ID[2]"] == "1"
    else:
        assert not [name for name in told if "ITEM_TYPE" in name or "PARENT_ID" in name]


@pytest.mark.parametrize("format", ["oci4", "oci5"])
def test_a_priced_line_below_one_that_is_no_bundle_goes_home(browser: Browser, oci, holding, format):
    change(oci.link, format=format)
    browser.enter()
    above = CartLine(line_id="1", item=sold("DESK"), quantity=Decimal(1))
    priced = CartLine(line_id="2", item=sold("LAMP"), quantity=Decimal(1), parent_id="1")
    deeper = CartLine(line_id="3", item=sold("BULB"), quantity=Decimal(1), parent_id="2")
    holding(Cart(currency="EUR", lines=(above, priced, deeper)))
    sent = [value for name, value in browser.home().items.items() if "VENDORMAT" in name]
    assert sent == ["DESK", "LAMP", "BULB"]


def test_a_part_without_a_price_is_no_line_where_there_are_no_bundles(browser: Browser, holding):
    browser.enter()
    above = CartLine(line_id="1", item=sold("DESK"), quantity=Decimal(1))
    part = CartLine(line_id="2", item=sold("SCREW", price=None), quantity=Decimal(1), parent_id="1")
    holding(Cart(currency="EUR", lines=(above, part)))
    assert [value for name, value in browser.home().items.items() if "VENDORMAT" in name] == ["DESK"]


# Mapping, units, limits


def row(link, target: str, source: str, kind: str = "field", **values) -> MappingRow:
    return MappingRow.objects.create(link=link, target=target, source=source, kind=kind, **values)


def test_rows_decide_what_is_sent(browser: Browser, oci, holding):
    row(oci.link, "MATGROUP", "product.classification.UNSPSC", transforms="first(1) | cut(4)")
    row(oci.link, "VENDOR", "100023", kind="constant")
    row(oci.link, "CUST_FIELD5", "{{ company.code }}/{{ requester.email | upper }}", kind="template")
    row(oci.link, "EXT_PRODUCT_ID", "", kind="constant")
    row(oci.link, "CUST_FIELD2", "express", kind="constant", only_when="line.quantity > 5")
    browser.enter(email="jane@buyer.example")
    holding(cart(sold()))
    told = browser.home().items
    assert told["NEW_ITEM-VENDOR[1]"] == "100023"
    assert told["NEW_ITEM-CUST_FIELD5[1]"] == "acme/JANE@BUYER.EXAMPLE"
    assert not {"NEW_ITEM-EXT_PRODUCT_ID[1]", "NEW_ITEM-CUST_FIELD2[1]", "NEW_ITEM-MATGROUP[1]"} & set(told)


def test_a_required_row_without_content_stops_the_cart_and_is_named(browser: Browser, oci, holding):
    row(oci.link, "MATGROUP", "product.classification.ECLASS", required=True)
    browser.enter()
    holding(cart(sold()))
    response = browser.press("return")
    assert response.status_code == 422
    assert "row 1 of the mapping gives nothing for MATGROUP" in response.content.decode()


def test_a_mapping_that_cannot_work_never_reaches_a_buyer(browser: Browser, oci, holding):
    row(oci.link, "VENDOR", "1", kind="constant")
    row(oci.link, "MATGROUP", "product.colour")
    browser.enter()
    holding(cart(sold()))
    response = browser.press("return")
    assert response.status_code == 422
    assert "2: " in response.content.decode()
    assert not Quote.objects.exists()


@pytest.mark.parametrize(("unit", "expected"), [("EA", "PCE"), ("BX", "KAR"), ("KGM", "KGM")])
def test_units_are_those_of_the_buyer(browser: Browser, oci, holding, unit, expected):
    UnitRow.objects.create(link=oci.link, ours="BX", theirs="KAR")
    browser.enter()
    holding(cart(sold(unit=unit)))
    assert browser.home().items["NEW_ITEM-UNIT[1]"] == expected


def test_limits_of_the_buyers_system_hold(browser: Browser, oci, holding):
    change(oci.link, limits={"DESCRIPTION": {"characters": 10}, "VENDORMAT": {"forbidden": "?"}})
    browser.enter()
    holding(cart(sold(text="A very long name")))
    assert browser.home().items["NEW_ITEM-DESCRIPTION[1]"] == "A very lon"
    browser.enter()
    holding(cart(sold(sku="A?")))
    response = browser.press("return")
    assert response.status_code == 422
    assert "VENDORMAT" in response.content.decode()


# Size, and going back without a cart


def test_a_large_cart_is_warned_of_and_can_go_all_the_same(browser: Browser, holding):
    browser.enter()
    holding(cart(*(sold(f"A-{n}") for n in range(120))))
    page = browser.press("return")
    assert page.status_code == 200
    assert "It has 120 lines" in page.content.decode()
    again = read_form(page.content.decode(), "return-large")
    response = browser.client.post(again.action, dict(again.fields))
    assert len(read_form(browser.page(response["Location"])).items) > 1000


def test_a_long_address_is_warned_of(browser: Browser, oci, holding):
    change(oci.link, return_method="get")
    browser.enter()
    holding(cart(*(sold(f"A-{n}") for n in range(12))))
    assert "It has 12 lines" in browser.press("return").content.decode()


@pytest.mark.parametrize(("letters", "status"), [("thing", 303), ("螺钉螺母垫", 200)])
def test_signs_of_many_bytes_make_an_address_long(browser: Browser, oci, holding, letters, status):
    change(oci.link, return_method="get", return_charset="utf-8")
    browser.enter()
    holding(cart(*(sold("A", letters * 7) for _ in range(4))))
    assert browser.press("return").status_code == status


def test_the_warning_can_be_switched_off(browser: Browser, oci, holding):
    change(oci.link, most_fields=0)
    browser.enter()
    holding(cart(*(sold(f"A-{n}") for n in range(120))))
    assert len(browser.home().items) > 1000


@pytest.mark.usefixtures("goods")
def test_back_without_a_cart_posts_no_item(browser: Browser):
    browser.enter(**{"~OkCode": "ADDI"})
    browser.put(PEN)
    form = browser.home("cancel")
    assert (form.action, form.fields) == (HOOK, [("~OkCode", "ADDI")])
    assert PunchoutSession.objects.get().state == State.CANCELLED


@pytest.mark.usefixtures("goods")
def test_an_address_for_giving_up_is_used(browser: Browser):
    browser.enter(OCICANCEL="https://buyer.example.com/cancel?id=27")
    form = browser.home("cancel")
    assert (form.action, form.method, form.fields) == ("https://buyer.example.com/cancel", "get", [("id", "27")])


@pytest.mark.usefixtures("goods")
def test_a_bad_address_for_giving_up_is_not(browser: Browser, oci):
    change(oci.link, return_origins="https://buyer.example.com")
    browser.enter(OCICANCEL="https://evil.example/")
    assert browser.home("cancel").action == HOOK


@pytest.mark.usefixtures("goods")
def test_nothing_is_posted_where_the_link_says_so(browser: Browser, oci):
    change(oci.link, post_on_cancel=False)
    browser.enter()
    response = browser.press("cancel")
    page = browser.page(response["Location"])
    assert "Your visit has ended" in page
    assert "<form" not in page


# What the shop shows


@pytest.mark.usefixtures("goods")
def test_the_links_own_words_are_shown(browser: Browser, oci):
    change(oci.link, notice="Free delivery above 50 EUR.", return_label="Submit for approval")
    browser.enter()
    browser.put(PEN)
    page = browser.page("/cart/")
    assert "Free delivery above 50 EUR." in page
    assert "Submit for approval" in page
    assert "Return to procurement system" not in page


@pytest.mark.usefixtures("goods")
def test_a_visit_begins_on_the_links_page(browser: Browser, oci):
    from demo_site.shop.models import CategoryPage

    shelf = CategoryPage.objects.live().first()
    change(oci.link, landing_page=shelf)
    assert browser.enter() == shelf.get_url()
    shelf.unpublish()
    assert browser.enter() == "/"


@pytest.mark.parametrize(("before", "after"), [("oci4", "cxml"), ("cxml", "oci4")])
def test_a_cart_on_its_way_stays_as_it_is_when_its_format_changes(browser: Browser, oci, holding, before, after):
    browser.enter()
    type(oci.link).objects.update(format=before)
    holding(cart(sold()))
    response = browser.press("return")
    fields = read_form(browser.page(response["Location"])).fields
    type(oci.link).objects.update(format=after)
    assert read_form(browser.page(response["Location"])).fields == fields
