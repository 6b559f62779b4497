"""Example documents: sent unchanged to the addresses on the hand-over sheet, they work."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from demo_site.shop.adapter import DemoShopAdapter
from tests.connections import add_credential, connect, post
from tests.shared import DTDS, needs_shared
from wagtail_punchout.flows.example_documents import NO_SECRET
from wagtail_punchout.models import (
    Address,
    Credential,
    CustomerGroup,
    MappingRow,
    Mode,
    OrderState,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    RoutingRule,
    RoutingSource,
)
from wagtail_punchout.models.customers import Routing
from wagtail_punchout.models.links import ModeConflict, OrderRule, Prices
from wagtail_punchout.protocol.cart import Price
from wagtail_punchout.protocol.cxml import dtd, envelope, tree
from wagtail_punchout.protocol.cxml.order_request import decode_order_request
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.shop import AdapterUnavailable, ItemRef, PricingContext

pytestmark = pytest.mark.django_db

SECRET = "a-secret-in-no-example"
NAMES = ("PunchOutSetupRequest", "PunchOutOrderMessage", "OrderRequest")
MODES = ("test", "production")
each_mode = pytest.mark.parametrize("mode", MODES)


@pytest.fixture
def acme(db, goods):
    made = connect("acme", secret=SECRET, return_origins="https://buyer.example")
    add_credential(made.customer, secret=SECRET + "-too", mode=Mode.PRODUCTION)
    return made


def url(name: str, acme, document: str, mode: str = "test") -> str:
    return reverse(f"punchout_sheet:{name}", args=[acme.customer.pk, mode, document])


def without_secret(client, acme, document: str, mode: str = "test") -> bytes:
    return client.get(url("example", acme, document, mode)).content


def ready(client, acme, document: str, mode: str = "test") -> bytes:
    answer = client.post(url("ready", acme, document, mode))
    assert answer["Content-Type"].startswith("text/xml"), answer.content.decode()[:500]
    return answer.content


def send(client, acme, raw: bytes, where: str, mode: str = "test"):
    path_key = acme.customer.credentials.get(mode=mode).path_key
    return post(client, raw, reverse(f"punchout:{where}", args=[path_key]))


def told(answer) -> tuple[int, str]:
    return answer.code, answer.sentence


# Sent unchanged


@each_mode
def test_setup_request_opens_a_visit(admin_client, client, acme, mode):
    answer = send(client, acme, ready(admin_client, acme, "PunchOutSetupRequest", mode), "setup", mode)
    assert told(answer) == (200, "")
    assert PunchoutSession.objects.get().mode == mode
    assert client.post(answer.start_path).status_code == 303


@each_mode
def test_order_request_becomes_an_order(admin_client, client, acme, mode):
    answer = send(client, acme, ready(admin_client, acme, "OrderRequest", mode), "orders", mode)
    assert told(answer) == (200, "")
    order = PurchaseOrder.objects.get()
    assert (order.mode, order.line_count) == (mode, 2)


@pytest.mark.parametrize("document", ["setup", "orders"])
def test_while_the_group_tries_production_is_a_test(admin_client, client, acme, document):
    CustomerGroup.objects.update(mode=Mode.TEST)
    name = {"setup": "PunchOutSetupRequest", "orders": "OrderRequest"}[document]
    answer = send(client, acme, ready(admin_client, acme, name, "production"), document, "production")
    assert told(answer) == (200, "")
    made = {"setup": PunchoutSession, "orders": PurchaseOrder}[document].objects.get()
    assert made.mode == Mode.TEST


@each_mode
@pytest.mark.parametrize(
    "link",
    [
        {"order_rule": OrderRule.REFUSE},
        {"order_rule": OrderRule.HOLD},
        {"mode_conflict": ModeConflict.REFUSE},
        {"allow_http_return": False},
        {"return_origins": ""},
        {"default_return_url": "https://buyer.example/carts"},
        {"takes_changes": False},
    ],
    ids=lambda each: "-".join(f"{name}={value}" for name, value in each.items()),
)
def test_they_work_whatever_the_link_wants(admin_client, client, acme, mode, link):
    PunchoutLink.objects.update(**link)
    setup = ready(admin_client, acme, "PunchOutSetupRequest", mode)
    order = ready(admin_client, acme, "OrderRequest", mode)
    assert told(send(client, acme, setup, "setup", mode)) == (200, "")
    assert told(send(client, acme, order, "orders", mode)) == (200, "")


@pytest.mark.parametrize(
    "rule",
    [
        {"source": RoutingSource.ADDRESS_ID, "value": "KIEL-1"},
        {"source": RoutingSource.BUSINESS_UNIT, "value": "Werk Kiel"},
        {"source": RoutingSource.COST_CENTER, "value": "4711"},
        {"source": RoutingSource.EMAIL_DOMAIN, "value": "kiel.example"},
        {"source": RoutingSource.EMAIL_DOMAIN, "value": "*.kiel.example"},
        {"source": RoutingSource.EXTRINSIC, "extrinsic": "Department", "value": "Purchasing"},
    ],
    ids=lambda each: each["value"],
)
def test_they_are_led_to_a_company_where_all_else_is_refused(admin_client, client, acme, rule):
    kiel = acme.company.add_child(name="Acme Kiel", code="acme-kiel")
    off = acme.company.add_child(name="Acme Hull", code="acme-hull", is_active=False)
    RoutingRule.objects.create(customer=acme.customer, company=off, source=RoutingSource.ADDRESS_ID, value="HULL")
    RoutingRule.objects.create(customer=acme.customer, company=kiel, **rule)
    PunchoutCustomer.objects.update(routing=Routing.REFUSE)
    assert told(send(client, acme, ready(admin_client, acme, "PunchOutSetupRequest"), "setup")) == (200, "")
    assert told(send(client, acme, ready(admin_client, acme, "OrderRequest"), "orders")) == (200, "")
    assert (PunchoutSession.objects.get().company, PurchaseOrder.objects.get().company) == (kiel, kiel)


def test_they_work_behind_a_hub(admin_client, client, acme):
    customer = PunchoutCustomer.objects.get()
    customer.behind_hub, customer.from_identity = True, "AN0100"
    customer.save()
    assert told(send(client, acme, ready(admin_client, acme, "PunchOutSetupRequest"), "setup")) == (200, "")


def test_each_download_is_an_order_of_its_own(admin_client, client, acme):
    for _ in range(2):
        send(client, acme, ready(admin_client, acme, "OrderRequest"), "orders")
    assert PurchaseOrder.objects.count() == 2


def test_order_that_counts_waits_for_nobody_and_says_that_it_is_an_example(admin_client, client, acme):
    PunchoutLink.objects.update(order_rule=OrderRule.ACCEPT)
    send(client, acme, ready(admin_client, acme, "OrderRequest", "production"), "orders", "production")
    order = PurchaseOrder.objects.get()
    assert order.state == OrderState.ACCEPTED
    assert "please do not deliver" in order.order().comments[0].text


# What stands in them


@needs_shared
@pytest.mark.parametrize("version", ["1.2.014", "1.2.071"])
@pytest.mark.parametrize("name", NAMES)
def test_they_are_valid(admin_client, acme, name, version):
    kiel = acme.company.add_child(name="Acme Kiel", code="acme-kiel")
    RoutingRule.objects.create(
        customer=acme.customer, company=kiel, source=RoutingSource.COST_CENTER, value="4711 & more"
    )
    PunchoutCustomer.objects.update(routing=Routing.DEFAULT)
    assert dtd.problems(without_secret(admin_client, acme, name), DTDS, version) == []


def test_goods_are_the_shops_at_the_customers_price(admin_client, acme, goods):
    order = decode_order_request(
        envelope.decode_request(tree.parse(without_secret(admin_client, acme, "OrderRequest"))).body
    )
    assert len(order.lines) == 2
    for line in order.lines:
        item = DemoShopAdapter().get_item(ItemRef(line.item_id.supplier_part_id), PricingContext(currency="EUR"))
        assert line.unit_price.amount == item.price.net.amount > 0


def prices_of(client, acme, name: str) -> tuple[list[str], str]:
    """The prices of an example's lines, and its total."""
    found = tree.parse(without_secret(client, acme, name)).root
    prices = []
    for line in found.iter("ItemIn", "ItemOut"):
        basis = line.find(".//PriceBasisQuantity")
        per = "" if basis is None else f" per {basis.get('quantity')}"
        prices.append(line.findtext(".//UnitPrice/Money") + per)
    return prices, found.findtext(".//Total/Money")


@pytest.mark.parametrize(
    ("link", "price", "total"),
    [
        ({}, "2.345", "7.04"),
        ({"prices": Prices.GROSS}, "2.79055", "8.37"),
        ({"limits": {"UnitPrice": {"decimals": 2}}}, "23.45 per 10", "7.04"),
    ],
    ids=["net", "gross", "two decimals"],
)
def test_order_is_of_the_prices_that_went_home(admin_client, acme, monkeypatch, link, price, total):
    item = replace(DemoShopAdapter().search_items("", PricingContext(currency="EUR"), limit=1)[0], sku="A1")
    item = replace(item, price=Price(net=Money(Decimal("2.345"), "EUR")), tax_rate=Decimal("0.19"))
    monkeypatch.setattr(DemoShopAdapter, "search_items", lambda *_a, **_k: [item, replace(item, sku="A2")])
    PunchoutLink.objects.update(**link)
    for name in ("PunchOutOrderMessage", "OrderRequest"):
        assert prices_of(admin_client, acme, name) == ([price, price], total)


@pytest.mark.parametrize(("target", "version"), [("BuyerPartID", "1.2.048"), ("ManufacturerName", "1.2.014")])
def test_order_names_a_dtd_that_has_what_it_says(admin_client, acme, target, version):
    link = PunchoutLink.objects.get()
    MappingRow.objects.create(link=link, target=target, kind="constant", source="X-1", sort_order=1)
    document = without_secret(admin_client, acme, "OrderRequest").decode()
    assert f"<{target}" in document
    assert f"/{version}/" in document


@pytest.mark.parametrize("name", ["PunchOutOrderMessage", "OrderRequest"])
def test_link_that_could_send_no_cart_says_why(admin_client, acme, monkeypatch, name):
    [item] = DemoShopAdapter().search_items("", PricingContext(currency="EUR"), limit=1)
    monkeypatch.setattr(DemoShopAdapter, "search_items", lambda *_a, **_k: [replace(item, sku="A1", tax_rate=None)])
    PunchoutLink.objects.update(prices=Prices.GROSS)
    answer = admin_client.get(url("example", acme, name), follow=True)
    assert "There is no tax rate for A1" in answer.content.decode()


def test_goods_go_to_an_address_of_the_company(admin_client, acme):
    Address.objects.create(
        company=acme.company, address_id="D7", name="Acme dock 7", street="Quay 7\nGate 3", city="Kiel", country="DE"
    )
    for name in ("PunchOutSetupRequest", "OrderRequest"):
        document = without_secret(admin_client, acme, name).decode()
        assert 'addressID="D7"' in document
        assert "<Street>Gate 3</Street>" in document


def test_shop_that_cannot_be_asked_has_examples_all_the_same(admin_client, client, acme, monkeypatch):
    def down(*args, **kwargs):
        raise AdapterUnavailable("The goods are being counted.")

    monkeypatch.setattr(DemoShopAdapter, "search_items", down)
    assert told(send(client, acme, ready(admin_client, acme, "OrderRequest"), "orders")) == (200, "")


@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_the_sheet(admin_client, acme, name):
    document = without_secret(admin_client, acme, name).decode()
    for value in ("nordlicht-supply", "acme"):
        assert f"<Identity>{value}</Identity>" in document
    assert (acme.customer.sender_identity in document) == (name != "PunchOutOrderMessage")


# The secret


@pytest.mark.parametrize("name", NAMES)
def test_place_of_the_secret_says_what_belongs_there(admin_client, acme, name):
    document = without_secret(admin_client, acme, name).decode()
    assert SECRET not in document
    assert (NO_SECRET in document) == (name != "PunchOutOrderMessage")
    assert not ModelLogEntry.objects.filter(action="wagtail_punchout.secret_revealed").exists()


def test_secret_is_given_on_the_answer_to_a_post_alone(admin_client, acme):
    asked = admin_client.get(url("ready", acme, "OrderRequest"))
    assert SECRET not in asked.content.decode()
    assert not ModelLogEntry.objects.filter(action="wagtail_punchout.secret_revealed").exists()
    given = admin_client.post(url("ready", acme, "OrderRequest"))
    assert SECRET in given.content.decode()
    assert given["Content-Disposition"] == 'attachment; filename="OrderRequest-test.xml"'
    assert "no-store" in given["Cache-Control"]


def test_seeing_it_is_noted(admin_client, admin_user, acme):
    ready(admin_client, acme, "OrderRequest")
    assert ModelLogEntry.objects.get(action="wagtail_punchout.secret_revealed").user == admin_user


def test_it_wants_a_fresh_password(admin_client, acme):
    session = admin_client.session
    session.pop("punchout_password_entered", None)
    session.save()
    answer = admin_client.post(url("ready", acme, "OrderRequest"))
    assert answer["Location"].startswith(reverse("punchout_credentials:password"))


def test_secret_that_cannot_be_read_is_no_crash(admin_client, acme):
    Credential.objects.update(ciphertext="nonsense")
    answer = admin_client.post(url("ready", acme, "OrderRequest"), follow=True)
    assert "cannot be decrypted" in answer.content.decode()


def test_whoever_could_order_for_real_is_warned(admin_client, acme):
    def page(name: str, mode: str) -> str:
        return admin_client.get(url("ready", acme, name, mode)).content.decode()

    warning = "whoever sends this document orders goods"
    assert warning in page("OrderRequest", "production")
    assert warning not in page("OrderRequest", "test")
    assert warning not in page("PunchOutSetupRequest", "production")
    CustomerGroup.objects.update(mode=Mode.TEST)
    assert warning not in page("OrderRequest", "production")


@pytest.mark.parametrize("name", ["example", "ready"])
def test_there_is_no_other_document(admin_client, acme, name):
    assert admin_client.get(url(name, acme, "InvoiceDetailRequest")).status_code == 404
