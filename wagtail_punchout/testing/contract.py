"""The promises of a :class:`~wagtail_punchout.shop.ShopAdapter`, as tests you inherit.

Write a subclass whose name begins with ``Test``, say what your shop sells, and run it with pytest and pytest-django:

    class TestOurAdapter(AdapterContract):
        sku, other_sku, not_for_sale_sku = "CHAIR", "TABLE", "SOFA"

        @pytest.fixture(autouse=True)
        def goods(self, db):
            make_product("CHAIR", price="120.00")
            make_product("TABLE", price="80.00")
            make_product("SOFA", price=None)

        def add_to_cart(self, request, sku):
            cart.add(request, Product.objects.get(sku=sku))

Every test is one sentence of the contract; when one fails, its message says what was promised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from django.urls import get_resolver
from django.utils import timezone

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.transfer import transfer_cart
from wagtail_punchout.models import PunchoutCustomer
from wagtail_punchout.shop import (
    Cart,
    CartLine,
    Item,
    ItemRef,
    PricingContext,
    ProblemCode,
    PutLine,
    ShopAdapter,
    WantedLine,
)
from wagtail_punchout.testing.order_contract import OrderContract
from wagtail_punchout.testing.visits import make_customer, next_request, open_visit

__all__ = ["AdapterContract"]


class AdapterContract(OrderContract):
    """What every adapter must do. Fill in the attributes; override the fixtures and methods where your shop differs."""

    pytestmark = pytest.mark.django_db

    #: Two part numbers that the contract's customer can buy, by the piece.
    sku: str
    other_sku: str
    #: A part number the shop does not know.
    unknown_sku: str = "NO-SUCH-THING-0"
    #: A part number the shop knows but does not sell to this customer, if your shop has such things.
    not_for_sale_sku: str = ""
    #: Quantities to try beside one piece. Each must be kept exactly, or be reported as a problem.
    quantities: Sequence[str] = ("2", "7", "2.5")

    @pytest.fixture
    def adapter(self) -> ShopAdapter:
        return get_adapter()

    @pytest.fixture
    def customer(self, adapter: ShopAdapter) -> PunchoutCustomer:
        """Who shops. Override it for a price group or currency: ``make_customer(currency="CHF")``."""
        return make_customer(adapter=adapter)

    @pytest.fixture
    def request_in_visit(self, adapter: ShopAdapter, customer: PunchoutCustomer) -> HttpRequest:
        return open_visit(customer, adapter=adapter)

    def add_to_cart(self, request: HttpRequest, sku: str) -> None:
        """Put one piece into the cart the way your shop's own button does."""
        pytest.skip("override add_to_cart to have this tested: it puts one piece in as your shop's own button does")

    # Putting lines in

    def test_every_wanted_line_is_answered_once_and_in_order(self, adapter, request_in_visit):
        wanted = [_want(self.sku), _want(self.unknown_sku), _want(self.other_sku)]
        results = adapter.put_lines(request_in_visit, wanted)
        assert [each.key for each in results] == [each.key for each in wanted], (
            "put_lines answers one result for each line, with the key it was given, in the same order"
        )

    def test_line_ids_are_those_of_the_cart(self, adapter, request_in_visit):
        results = _put(adapter, request_in_visit, self.sku, self.other_sku)
        in_cart = {each.line_id: each.item.sku for each in adapter.get_cart(request_in_visit).lines}
        told = {each.line_id: sku for each, sku in zip(results, (self.sku, self.other_sku), strict=True)}
        assert told == in_cart, "the line_id that put_lines answers is the one that get_cart gives the same line"

    def test_line_ids_are_different_texts(self, adapter, request_in_visit):
        ids = [each.line_id for each in _filled(adapter, request_in_visit, self.sku, self.other_sku).lines]
        assert all(isinstance(each, str) and each for each in ids), "a line_id is a text and not empty"
        assert len(set(ids)) == len(ids), "every line of a cart has a line_id of its own"

    def test_lines_stand_in_the_order_wanted(self, adapter, request_in_visit):
        cart = _filled(adapter, request_in_visit, self.other_sku, self.sku)
        assert _skus(cart) == [self.other_sku, self.sku], "put_lines keeps the order of the lines"

    def test_putting_lines_replaces_what_was_there(self, adapter, request_in_visit):
        _put(adapter, request_in_visit, self.sku)
        cart = _filled(adapter, request_in_visit, self.other_sku)
        assert _skus(cart) == [self.other_sku], "put_lines makes its lines the whole content of the cart"

    def test_putting_nothing_empties_the_cart(self, adapter, request_in_visit):
        _put(adapter, request_in_visit, self.sku)
        assert list(adapter.put_lines(request_in_visit, [])) == [], "no line wanted, no result"
        assert not adapter.get_cart(request_in_visit).lines, "put_lines with no lines empties the cart"

    def test_unknown_item_is_a_problem_and_no_exception(self, adapter, request_in_visit):
        [result] = adapter.put_lines(request_in_visit, [_want(self.unknown_sku)])
        _is_reported(result, ProblemCode.UNKNOWN_ITEM)
        assert not adapter.get_cart(request_in_visit).lines, "what the shop does not know is not in the cart"

    def test_unknown_item_does_not_take_the_others_along(self, adapter, request_in_visit):
        cart = _filled(adapter, request_in_visit, self.unknown_sku, self.sku)
        assert _skus(cart) == [self.sku], "one unknown line must not keep the others out"

    def test_item_not_for_sale_is_a_problem(self, adapter, request_in_visit):
        [result] = adapter.put_lines(request_in_visit, [_want(self._not_for_sale())])
        assert result.problem, "a line that cannot be bought is reported as a Problem"

    def test_same_part_twice_loses_nothing(self, adapter, request_in_visit):
        results = adapter.put_lines(request_in_visit, [_want(self.sku, "1"), _want(self.sku, "2")])
        lines = adapter.get_cart(request_in_visit).lines
        assert {each.line_id for each in results} == {each.line_id for each in lines}, (
            "lines of the same part stay apart, or are merged and share one line_id"
        )
        assert sum(each.quantity for each in lines) == 3, "merged lines have the quantities of both"

    def test_quantities_are_kept_or_reported(self, adapter, request_in_visit):
        for quantity in map(Decimal, self.quantities):
            [result] = adapter.put_lines(request_in_visit, [_want(self.sku, quantity)])
            kept = [each.quantity for each in adapter.get_cart(request_in_visit).lines]
            if kept != [quantity]:
                _is_reported(result, ProblemCode.QUANTITY, f"wanted {quantity}, the cart has {kept or 'nothing'}: ")

    def test_cart_is_there_at_the_next_click(self, adapter, request_in_visit):
        _put(adapter, request_in_visit, self.sku)
        cart = adapter.get_cart(next_request(request_in_visit))
        assert _skus(cart) == [self.sku], "the cart must outlive the request (is the session marked as modified?)"

    def test_line_id_stays_while_another_line_is_added(self, adapter, request_in_visit):
        [before] = _filled(adapter, request_in_visit, self.sku).lines
        later = next_request(request_in_visit)
        self.add_to_cart(later, self.other_sku)
        ids = {each.item.sku: each.line_id for each in adapter.get_cart(later).lines}
        assert set(ids) == {self.sku, self.other_sku}, "what the shop's own button adds is in the visit's cart"
        assert ids[self.sku] == before.line_id, "a line keeps its line_id while the cart lives"

    # The cart

    def test_fresh_visit_has_an_empty_cart(self, adapter, request_in_visit):
        assert not adapter.get_cart(request_in_visit).lines, "every visit begins with an empty cart of its own"

    def test_cart_costs_what_get_item_says(self, adapter, request_in_visit):
        pricing = request_in_visit.punchout.pricing
        for line in _filled(adapter, request_in_visit, self.sku, self.other_sku).lines:
            alone = adapter.get_item(_ref(line.item), pricing, line.quantity)
            assert alone and alone.price == line.item.price, f"{line.item.sku}: get_cart and get_item name one price"

    def test_cart_has_one_currency(self, adapter, request_in_visit):
        cart = _filled(adapter, request_in_visit, self.sku, self.other_sku)
        assert len(cart.currency) == 3 and cart.currency.isupper(), "currency is an ISO 4217 code"
        used = {each.item.price.net.currency for each in cart.lines if each.item.price}
        assert used <= {cart.currency}, "all prices of a cart are in the cart's currency"

    def test_amounts_and_quantities_are_decimals(self, adapter, request_in_visit):
        for line in _filled(adapter, request_in_visit, self.sku, self.other_sku).lines:
            price = line.item.price
            numbers = (line.quantity, price.net.amount, price.basis, price.conversion)
            assert all(isinstance(each, Decimal) for each in numbers), "amounts and quantities are Decimal, never float"

    def test_cart_can_go_home(self, adapter, request_in_visit):
        cart = _filled(adapter, request_in_visit, self.sku, self.other_sku)
        quote = transfer_cart(request_in_visit.punchout.session, cart, at=timezone.now())
        assert quote.line_count == len(cart.lines), "every line of the cart becomes a line of the document"

    def test_clearing_empties_the_cart(self, adapter, request_in_visit):
        _put(adapter, request_in_visit, self.sku)
        adapter.clear_cart(request_in_visit)
        assert not adapter.get_cart(request_in_visit).lines, "clear_cart empties the cart"
        assert not adapter.get_cart(next_request(request_in_visit)).lines, "a cleared cart must not be found again"

    def test_clearing_an_empty_cart_is_no_error(self, adapter, request_in_visit):
        adapter.clear_cart(request_in_visit)
        adapter.clear_cart(request_in_visit)

    def test_two_visits_of_one_user_have_two_carts(self, adapter, customer):
        one, other = open_visit(customer, adapter=adapter), open_visit(customer, adapter=adapter)
        _put(adapter, one, self.sku)
        assert not adapter.get_cart(other).lines, "a visit must not find the cart of another visit of its user"
        _put(adapter, other, self.other_sku)
        assert _skus(adapter.get_cart(one)) == [self.sku], "filling one visit's cart must not touch another's"
        adapter.clear_cart(other)
        assert _skus(adapter.get_cart(one)) == [self.sku], "clearing one visit's cart must not touch another's"

    # Items

    def test_item_is_found_without_a_request(self, adapter, customer):
        item = adapter.get_item(ItemRef(self.sku), _pricing(customer))
        assert item and item.sku == self.sku and item.price and item.available, f"{self.sku} should be for sale"

    def test_item_is_found_for_nobody_in_particular(self, adapter):
        item = adapter.get_item(ItemRef(self.sku), PricingContext())
        assert item and item.sku == self.sku, "without user, currency or language the shop's own defaults hold"

    def test_item_says_what_a_document_needs(self, adapter, customer):
        item = adapter.get_item(ItemRef(self.sku), _pricing(customer))
        assert item.name.strip(), "an item needs a description"
        assert item.unit.isalnum() and item.unit.isupper(), "unit is a UN/ECE Recommendation 20 code such as EA"

    def test_unknown_item_is_none(self, adapter, customer):
        for sku in (self.unknown_sku, "", "%", "X" * 300):
            assert adapter.get_item(ItemRef(sku), _pricing(customer)) is None, f"{sku[:20]!r} is unknown, hence None"

    def test_item_not_for_sale_says_so(self, adapter, customer):
        item = adapter.get_item(ItemRef(self._not_for_sale()), _pricing(customer))
        assert item and (item.price is None or not item.available), (
            "known but not for sale: price=None or available=False"
        )

    def test_items_come_in_the_order_asked(self, adapter, customer):
        asked = [self.other_sku, self.unknown_sku, self.sku, self.other_sku]
        items = adapter.get_items([ItemRef(sku) for sku in asked], _pricing(customer))
        assert [each.sku if each else None for each in items] == [self.other_sku, None, self.sku, self.other_sku], (
            "get_items answers in the order asked, None for what it does not know"
        )
        assert list(adapter.get_items([], _pricing(customer))) == [], "nothing asked, nothing answered"

    def test_items_together_are_the_items_alone(self, adapter, customer):
        [together] = adapter.get_items([ItemRef(self.sku)], _pricing(customer))
        assert together == adapter.get_item(ItemRef(self.sku), _pricing(customer)), "get_items agrees with get_item"

    def test_search_finds_what_is_sold_and_no_more_than_asked(self, adapter, customer):
        pricing = _pricing(customer)
        found = adapter.search_items("", pricing, limit=1000)
        if found is None:
            pytest.skip("this shop cannot be searched by machines")
        assert {self.sku, self.other_sku} <= {each.sku for each in found}, "a search for nothing finds everything"
        assert len(adapter.search_items("", pricing, limit=1)) == 1, "search_items keeps to its limit"
        [item] = [each for each in found if each.sku == self.sku]
        assert item == adapter.get_item(ItemRef(self.sku), pricing), "search_items and get_item agree"

    def test_search_page_is_a_path_or_none(self, adapter, request_in_visit):
        url = adapter.search_url(request_in_visit, "a & b")
        if url is not None:
            _is_path(url)

    def test_units_are_codes(self, adapter):
        assert all(isinstance(each, str) and each.strip() for each in adapter.units()), "a unit is a code"

    def test_payment_methods_have_a_code_each_and_a_label(self, adapter):
        methods = adapter.payment_methods()
        codes = [each.code for each in methods]
        assert all(isinstance(each, str) and each.strip() for each in codes), "groups remember a way to pay by its code"
        assert len(set(codes)) == len(codes), "no two ways to pay have the same code"
        assert all(str(each.label).strip() for each in methods), "staff choose by the label"

    def test_configuration_survives_as_json(self, adapter, request_in_visit):
        for line in _filled(adapter, request_in_visit, self.sku, self.other_sku).lines:
            # Quotes keep it like this, and an edit asks for the item with what comes out.
            stored = json.loads(json.dumps(dict(line.item.configuration), cls=DjangoJSONEncoder))
            again = adapter.get_item(ItemRef(line.item.sku, stored), request_in_visit.punchout.pricing, line.quantity)
            assert again and again.price == line.item.price, f"{line.item.sku} is not found by its own configuration"

    # Pages

    def test_entrance_is_a_path(self, adapter, request_in_visit):
        _is_path(adapter.landing_url(request_in_visit))

    def test_known_target_has_a_page(self, adapter, request_in_visit):
        _is_path(adapter.landing_url(request_in_visit, ItemRef(self.sku)))

    def test_unknown_target_has_none(self, adapter, request_in_visit):
        found = adapter.landing_url(request_in_visit, ItemRef(self.unknown_sku))
        assert found is None, "landing_url answers None for a target it does not know"

    def test_cart_page_is_a_path_or_none(self, adapter, request_in_visit):
        url = adapter.cart_url(request_in_visit)
        if url is not None:
            _is_path(url)

    def test_named_views_exist(self, adapter):
        """A name with a typo would leave the checkout open."""
        named = (*adapter.checkout_views, *adapter.cart_changing_gets, *adapter.harmless_posts)
        plain = {each for each in named if not each.startswith("/") and not set(each) & set("*?[")}
        assert plain <= set(_url_names(get_resolver())), f"no such URL names: {plain - set(_url_names(get_resolver()))}"

    # Users

    def test_sign_in_leaves_the_user_signed_in(self, request_in_visit, customer):
        assert request_in_visit.user == customer.user and request_in_visit.user.is_authenticated, (
            "after sign_in, request.user is the visit's user (call super().sign_in)"
        )
        assert get_user(next_request(request_in_visit)) == customer.user, "the user stays signed in at the next click"

    def test_sign_out_asks_nothing(self, adapter, request_in_visit):
        adapter.sign_out(request_in_visit)

    def test_new_user_has_no_password_and_no_rights(self, adapter):
        user = adapter.create_user("punchout-new@shop.example", email="punchout-new@shop.example")
        assert user.pk and user.is_active, "create_user saves an active user"
        assert not user.has_usable_password(), "the user behind a customer has no usable password"
        assert not (getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)), "nor is it ever staff"

    def _not_for_sale(self) -> str:
        return self.not_for_sale_sku or pytest.skip(
            "not_for_sale_sku is empty: this shop sells everything to everybody"
        )


_keys = count(1)


def _want(sku: str, quantity: str | Decimal = "1") -> WantedLine:
    return WantedLine(key=f"line {next(_keys)}", ref=ItemRef(sku), quantity=Decimal(quantity))


def _put(adapter: ShopAdapter, request: HttpRequest, *skus: str) -> Sequence[PutLine]:
    return list(adapter.put_lines(request, [_want(sku) for sku in skus]))


def _filled(adapter: ShopAdapter, request: HttpRequest, *skus: str) -> Cart:
    _put(adapter, request, *skus)
    return adapter.get_cart(request)


def _skus(cart: Cart) -> list[str]:
    lines: tuple[CartLine, ...] = cart.lines
    return [each.item.sku for each in lines]


def _ref(item: Item) -> ItemRef:
    return ItemRef(item.sku, item.configuration)


def _pricing(customer: PunchoutCustomer) -> PricingContext:
    company = customer.company
    return PricingContext(
        user_id=customer.user_id,
        company_code=company.code,
        price_group=company.inherited("price_group"),
        currency=company.inherited("currency"),
        language="en",
    )


def _is_reported(result: PutLine, code: ProblemCode, why: str = "") -> None:
    assert result.problem is not None, f"{why}put_lines reports what it cannot do as a Problem"
    assert result.problem.code == code, f"{why}the problem's code should be {code!s}, not {result.problem.code!s}"
    message = str(result.problem.message)
    assert message.strip() and "<" not in message, "a Problem's message is a sentence for the shopper, without markup"


def _is_path(url: str | None) -> None:
    assert url and url.startswith("/") and not url.startswith("//"), f"{url!r} should be a path of this site"


def _url_names(resolver: Any, namespace: str = "") -> Iterable[str]:
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _url_names(each, inner)
        elif each.name:
            yield f"{namespace}{each.name}"
