"""The demo shop's adapter keeps every promise; an adapter that breaks one is told which."""

from __future__ import annotations

import inspect
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from wagtail.models import Page, Site

from demo_site.shop import carts
from demo_site.shop.adapter import DemoShopAdapter
from demo_site.shop.models import Article, CategoryPage, HomePage, Order, ProductPage
from wagtail_punchout.shop import ItemRef, PlacedOrder, ShopAdapter, WantedLine
from wagtail_punchout.testing.contract import AdapterContract
from wagtail_punchout.testing.order_contract import make_incoming_order
from wagtail_punchout.testing.visits import make_customer, next_request, open_visit


class TestDemoShop(AdapterContract):
    sku, other_sku, not_for_sale_sku = "CHAIR", "TABLE", "SOFA"

    @pytest.fixture
    def adapter(self):
        return DemoShopAdapter()

    @pytest.fixture(autouse=True)
    def goods(self, db):
        sell_furniture()

    def add_to_cart(self, request, sku):
        carts.cart_of(request).add(Article.objects.get(sku=sku), Decimal(1))


def sell_furniture() -> None:
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Home", slug="shop"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "testserver", "root_page": home})
    chairs = home.add_child(instance=CategoryPage(title="Chairs", slug="chairs"))
    for sku, price in {"CHAIR": "120.00", "TABLE": "80.00", "SOFA": None}.items():
        article = Article(sku=sku, price=price)
        chairs.add_child(instance=ProductPage(title=sku, slug=sku.lower(), unspsc="56101504", articles=[article]))


class OneCartForAUser(DemoShopAdapter):
    def get_cart(self, request):
        return super().get_cart(self._first_visit(request))

    def put_lines(self, request, lines):
        return super().put_lines(self._first_visit(request), lines)

    def _first_visit(self, request):
        request.punchout.session = request.user.punchout_customer.sessions.earliest("created_at")
        return request


class KeepsWhatWasThere(DemoShopAdapter):
    def put_lines(self, request, lines):
        kept = [
            WantedLine(key=line.line_id, ref=ItemRef(line.item.sku), quantity=line.quantity)
            for line in self.get_cart(request).lines
        ]
        return super().put_lines(request, [*kept, *lines])[len(kept) :]


class RaisesForUnknown(DemoShopAdapter):
    def put_lines(self, request, lines):
        for line in lines:
            assert Article.objects.filter(sku=line.ref.sku).exists()
        return super().put_lines(request, lines)


class RoundsInSilence(DemoShopAdapter):
    def put_lines(self, request, lines):
        return super().put_lines(request, [replace(each, quantity=each.quantity // 1) for each in lines])


class SortsItems(DemoShopAdapter):
    def get_items(self, refs, pricing):
        return super().get_items(sorted(refs, key=lambda ref: ref.sku), pricing)


class NamesAViewThatIsNotThere(DemoShopAdapter):
    checkout_views = ("shop:chekout",)


class PaysTwiceByOneCode(DemoShopAdapter):
    def payment_methods(self):
        return [*super().payment_methods(), *super().payment_methods()]


class MakesAnOrderEachTime(DemoShopAdapter):
    def place_order(self, order):
        return super().place_order(replace(order, key=str(uuid4())))


class GoesByTheBuyersNumber(DemoShopAdapter):
    def place_order(self, order):
        made = Order.objects.filter(reference=order.number).first()
        return PlacedOrder(made.number) if made else super().place_order(order)


class ChangesByMakingAnother(DemoShopAdapter):
    def change_order(self, order):
        return super().place_order(replace(order, key=str(uuid4())))


class ForgetsThatItCancelled(DemoShopAdapter):
    def cancel_order(self, order):
        return Order.objects.filter(punchout_key=order.key).exclude(state="cancelled").update(state="cancelled") == 1


class TakesNoOrders(DemoShopAdapter):
    place_order = ShopAdapter.place_order


BROKEN = {
    PaysTwiceByOneCode: "test_payment_methods_have_a_code_each_and_a_label",
    MakesAnOrderEachTime: "test_order_becomes_one_order",
    GoesByTheBuyersNumber: "test_key_tells_orders_apart_not_the_buyers_number",
    ChangesByMakingAnother: "test_changed_order_stays_the_order_it_was",
    ForgetsThatItCancelled: "test_cancelled_order_stays_cancelled",
    OneCartForAUser: "test_two_visits_of_one_user_have_two_carts",
    KeepsWhatWasThere: "test_putting_lines_replaces_what_was_there",
    RaisesForUnknown: "test_unknown_item_is_a_problem_and_no_exception",
    RoundsInSilence: "test_quantities_are_kept_or_reported",
    SortsItems: "test_items_come_in_the_order_asked",
    NamesAViewThatIsNotThere: "test_named_views_exist",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("broken", "promise"), BROKEN.items(), ids=[each.__name__ for each in BROKEN])
def test_broken_promise_is_found(broken, promise):
    sell_furniture()
    adapter = broken()
    customer = make_customer(adapter=adapter)
    given = {
        "adapter": adapter,
        "customer": customer,
        "request_in_visit": open_visit(customer, adapter=adapter),
        "order": make_incoming_order(adapter, customer, {"CHAIR": Decimal(2), "TABLE": Decimal(1)}),
    }
    check = getattr(TestDemoShop(), promise)
    with pytest.raises(AssertionError):
        check(**{name: given[name] for name in inspect.signature(check).parameters})


@pytest.mark.django_db
def test_shop_that_takes_no_orders_keeps_its_contract():
    sell_furniture()
    adapter = TakesNoOrders()
    with pytest.raises(pytest.skip.Exception, match="takes no orders"):
        AdapterContract.order.__wrapped__(TestDemoShop(), adapter, make_customer(adapter=adapter))


def test_contract_asks_for_every_method_an_adapter_must_write():
    contract = inspect.getsource(AdapterContract)
    assert {name for name in ShopAdapter.__abstractmethods__ if f"adapter.{name}(" not in contract} == set()


@pytest.mark.django_db
def test_visit_has_the_prices_of_its_company():
    request = open_visit(make_customer(price_group="gold", currency="CHF"))
    assert (request.punchout.pricing.price_group, request.punchout.pricing.currency) == ("gold", "CHF")


@pytest.mark.django_db
def test_next_request_forgets_what_was_not_marked_as_changed():
    request = open_visit()
    request.session["seen"] = ["a"]
    request = next_request(request)
    request.session["seen"].append("b")
    assert next_request(request).session["seen"] == ["a"]


@pytest.mark.django_db
def test_visit_takes_what_the_buyer_said():
    request = open_visit(requester={"email": "jane@buyer.example"}, operation="inspect")
    assert request.punchout.requester.email == "jane@buyer.example"
    assert request.punchout.is_inspect
