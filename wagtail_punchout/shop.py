"""The contract with the shop: one class to write, and the values it speaks in.

PunchOut knows your shop only through a :class:`ShopAdapter`, named in ``WAGTAIL_PUNCHOUT["ADAPTER"]``. Write one class
with five short methods and check it with :class:`wagtail_punchout.testing.contract.AdapterContract`.

What happens in a visit, and what is asked of the adapter:

======================================  =============================================================
the buyer's user arrives                ``sign_in``, then ``put_lines`` (empty, or the carried lines)
… is sent to a page                     ``landing_url``
… shops                                 your shop as it is; ``request.punchout.pricing`` says for whom
… returns to the procurement system     ``get_cart``, then ``clear_cart`` and ``sign_out``
… comes back to edit that cart          ``get_items`` (prices of today), then ``put_lines``
… looks into the company account        ``company_orders``
the buyer's system searches by itself   ``search_items``; sends its user to search: ``search_url``
… sends its purchase order              ``get_items`` (prices of today), then ``place_order``
… changes or cancels it, staff agree    ``change_order``, ``cancel_order``
======================================  =============================================================

Rules that hold for every method:

- No method raises for a bad *line*: it reports a :class:`Problem`, and the shopper is told.
- A method that cannot reach its own back end raises :class:`AdapterUnavailable`; the visit survives.
- What becomes an order may be asked for twice: the same ``key`` is the same order, always.
- Amounts are ``Decimal`` and net of tax. Nothing of your models crosses the border.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wagtail_punchout.protocol.cart import Bundle, Cart, CartLine, Charge, Classification, Item, Price, Text
from wagtail_punchout.protocol.money import Money

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

    from wagtail_punchout.protocol.cxml.party import Address
    from wagtail_punchout.protocol.order import Order, OrderLine

__all__ = [
    "AdapterUnavailable",
    "Bundle",
    "Cart",
    "CartLine",
    "Charge",
    "Classification",
    "CompanyOrder",
    "IncomingLine",
    "IncomingOrder",
    "Item",
    "ItemRef",
    "Money",
    "OrderNotTaken",
    "PaymentMethod",
    "PlacedOrder",
    "Price",
    "PricingContext",
    "Problem",
    "ProblemCode",
    "PutLine",
    "ShopAdapter",
    "Text",
    "WantedLine",
]


class AdapterUnavailable(Exception):
    """The shop's own back end cannot be asked right now; it is asked again later."""


class OrderNotTaken(Exception):
    """The shop does not take this purchase order. The text says why, to the person who then looks at it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PricingContext:
    """For whom a price is asked. No request: prices are also asked by tasks and by machines without a browser.

    ``price_group`` is the company's, else its nearest ancestor's that has one; its meaning is the shop's own.
    ``currency`` and ``language`` may be empty: then the shop's own default holds.
    """

    user_id: int | None = None
    company_code: str = ""
    price_group: str = ""
    currency: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class ItemRef:
    """Which thing: a part number, and what else the shop needs to tell its variants apart.

    A part number that comes from a stranger has an empty ``configuration``.
    """

    sku: str
    configuration: Mapping[str, Any] = field(default_factory=dict)


class ProblemCode(StrEnum):
    UNKNOWN_ITEM = "unknown_item"
    NOT_AVAILABLE = "not_available"
    NO_PRICE = "no_price"
    QUANTITY = "quantity"  # not sold in this quantity; say in the message which is possible
    CURRENCY = "currency"
    NOT_ALLOWED = "not_allowed"
    PRICE_CHANGED = "price_changed"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line, in a sentence the shopper can act on (translated, no markup)."""

    sku: str
    code: ProblemCode
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedLine:
    """A line to be put into the cart. ``key`` is ours: give it back in :class:`PutLine`."""

    key: str
    ref: ItemRef
    quantity: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class PutLine:
    """What became of a wanted line: the cart's ``line_id``, or why it could not be put in, or both.

    Both: the line is in the cart, but not as it was wanted (e.g. the quantity was rounded up to a full box).
    """

    key: str
    line_id: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyOrder:
    """An order as its company's account lists it. ``url`` leads to a page of your shop that its readers may open."""

    number: str
    placed_at: datetime
    total: Money
    company_code: str
    placed_by: str = ""
    reference: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay that your shop knows, under your own ``code``; ``label`` is for staff (translated)."""

    code: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingLine:
    """A line of a purchase order. ``ref`` is the shop's own name of the thing, as it stood in the returned cart.

    ``unit_price`` is what the buyer ordered at, for one ``unit``; ``None`` when the order names none. ``said`` is all
    that the buyer says of the line.
    """

    number: int
    ref: ItemRef
    quantity: Decimal
    unit: str = ""
    unit_price: Money | None = None
    description: str = ""
    requested_delivery: datetime | None = None
    comment: str = ""
    said: OrderLine


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingOrder:
    """A purchase order for the shop. ``key`` names it for ever; ``number`` is the buyer's, unique for this buyer only.

    ``user_id`` is the shop user behind the customer, ``pricing`` for whom its prices are. ``ship_to`` is where the
    goods go: what the order says, completed from the company's address book where it names an ID alone, or nothing.
    ``payment_methods`` are the codes its group may use; empty: all that you offer. ``said`` is all that the buyer says:
    addresses, contacts, terms, comments, accounting.
    """

    key: str
    number: str
    version: int
    company_code: str
    user_id: int
    pricing: PricingContext
    currency: str
    total: Money | None
    lines: tuple[IncomingLine, ...]
    ship_to: Address | None = None
    payment_methods: tuple[str, ...] = ()
    said: Order


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What the shop made of it: its own number and, if staff can look at it, a page."""

    number: str
    url: str = ""


class ShopAdapter(ABC):
    """What a shop tells PunchOut and does for it.

    One instance is made per process: keep no state of a request in it. Methods that take a ``request`` are called
    inside a visit; ``request.punchout`` is that visit and ``request.user`` its signed-in user.
    """

    #: Views that would place an order, as URL names (``"checkout"``, ``"shop:checkout_*"``) or, starting with a slash,
    #: as paths (``"/checkout/*"``). During a visit the server refuses them all, whatever the templates show, unless a
    #: role has the ability ``checkout_directly``; outside, to whoever may return carts and not check out.
    checkout_views: Sequence[str] = ()

    #: Views that change the cart although they are called by GET. An *inspect* visit is refused every POST anyway;
    #: name here what a GET would change.
    cart_changing_gets: Sequence[str] = ()

    #: Views that may be called by POST even in an *inspect* visit because they change nothing that matters (a
    #: language switch, say).
    harmless_posts: Sequence[str] = ()

    @abstractmethod
    def get_cart(self, request: HttpRequest) -> Cart:
        """The visit's cart with this customer's prices.

        Every visit has its own cart, also when the same user shops in two windows at once. A visit has a fresh
        Django session, so a cart kept in the session needs nothing more; a cart kept by user must be found by
        ``request.punchout.id`` instead.
        """

    @abstractmethod
    def put_lines(self, request: HttpRequest, lines: Sequence[WantedLine]) -> Sequence[PutLine]:
        """Make these lines, in this order, the whole content of the visit's cart; answer one result for each.

        ``line_id`` in the answer must be the one ``get_cart`` will give that line. Lines of the same part stay
        separate lines if your cart can; if it cannot, merge them and give both the same ``line_id``.
        """

    @abstractmethod
    def clear_cart(self, request: HttpRequest) -> None:
        """Empty the visit's cart; it has gone home and must not be found again."""

    @abstractmethod
    def get_item(self, ref: ItemRef, pricing: PricingContext, quantity: Decimal = Decimal(1)) -> Item | None:
        """One thing at this customer's price for ``quantity``; ``None`` when the shop does not know it.

        An item that exists but is not for sale to this customer comes back with ``price=None`` or
        ``available=False``. Called without a request: it must not look at sessions or cookies.
        """

    @abstractmethod
    def landing_url(self, request: HttpRequest, target: ItemRef | None = None) -> str | None:
        """Path of the page to open: the thing the buyer has selected, or without target the shop's entrance.

        ``None`` means "I do not know this target": the shopper is sent to the entrance and told so. A buyer's
        catalogue may also name a category here.
        """

    def get_items(self, refs: Sequence[ItemRef], pricing: PricingContext) -> Sequence[Item | None]:
        """Several things at once, in the order asked. Override it when your shop can answer in one query."""
        return [self.get_item(ref, pricing) for ref in refs]

    def cart_url(self, request: HttpRequest) -> str | None:
        """Path of the cart page, where an edit or inspect visit begins. ``None``: the shop's entrance."""
        return None

    def search_items(self, text: str, pricing: PricingContext, *, limit: int) -> Sequence[Item] | None:
        """What the shop finds for ``text`` at this customer's prices, best first; at most ``limit``.

        Without ``text`` that is everything. Asked by buyers' systems that search many catalogues at once (OCI
        ``BACKGROUND_SEARCH``). Called without a request, like ``get_item``. ``None``: this shop cannot be searched by
        machines.
        """
        return None

    def search_url(self, request: HttpRequest, text: str) -> str | None:
        """Path of the shop's own page with the results for ``text`` (OCI ``SOURCING``). ``None``: its entrance."""
        return None

    def units(self) -> Sequence[str]:
        """Every unit something is sold in, as UN/ECE Recommendation 20 codes, so that staff can translate all of them.

        Without it they see those of carts that were returned.
        """
        return ()

    def payment_methods(self) -> Sequence[PaymentMethod]:
        """The ways to pay that groups of customers may be limited to; they come back with each of their orders.

        None: staff are offered no choice.
        """
        return ()

    def company_orders(
        self, company_codes: Sequence[str], *, offset: int = 0, limit: int = 20
    ) -> Sequence[CompanyOrder] | None:
        """Orders placed for these companies, newest first, for their account in the shop.

        At most ``limit``, after leaving out the first ``offset``. Which companies may be seen is decided before: answer
        for all codes given and for no other. ``None``: this shop does not know for which company an order is.
        """
        return None

    def place_order(self, order: IncomingOrder) -> PlacedOrder | None:
        """Make an order of the shop. Asked again with the same ``key``, answer the order that is there already.

        Called without a request, after the purchase order was accepted, as often as it takes: a process may die between
        your commit and ours. So find or make it by a unique ``key``, in one transaction, and keep its ``version``: one
        that was changed meanwhile comes with another, and the order you have made becomes what is wanted now.

        Raise ``OrderNotTaken`` to let a person look at it, ``AdapterUnavailable`` to be asked later. ``None``: the shop
        takes no orders; they wait in the admin, from where an ERP may fetch them.
        """
        return None

    def change_order(self, order: IncomingOrder) -> PlacedOrder | None:
        """Make the order of this ``key`` what the buyer wants now. Staff ask for it after a change that came late.

        ``None``: cannot be done here; the person does it by hand.
        """
        return None

    def cancel_order(self, order: IncomingOrder) -> bool | None:
        """Cancel the order of this ``key``; asked twice, it stays cancelled. ``None``: cannot be done here."""
        return None

    def sign_in(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign the visit's user in on a session that is already fresh. Never staff: that is checked before.

        Override it to prepare what your shop keeps beside Django's login. Call ``super()``.
        """
        from django.conf import settings
        from django.contrib.auth import login

        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])

    def sign_out(self, request: HttpRequest) -> None:  # noqa: B027  (nothing to do is the usual case)
        """The visit is over in this browser. The session is flushed after this call."""

    def create_user(self, name: str, *, email: str = "") -> AbstractBaseUser:
        """Make the shop user that stands behind a new PunchOut customer: no usable password, never staff."""
        from django.contrib.auth import get_user_model

        model = get_user_model()
        user = model(**{model.USERNAME_FIELD: name})
        if email and model.get_email_field_name() != model.USERNAME_FIELD:
            setattr(user, model.get_email_field_name(), email)
        user.set_unusable_password()
        user.save()
        return user
