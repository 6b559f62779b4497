"""The regulars of the demo's past: connections with their habits, and the carts they return again and again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows.example_documents import (
    NOWHERE,
    Example,
    Parties,
    Place,
    order_message,
    order_request,
    setup_request,
)
from wagtail_punchout.models import LinkFormat, Mode, PunchoutCustomer, PunchoutLink
from wagtail_punchout.protocol.cart import Cart, CartLine
from wagtail_punchout.shop import PricingContext

NAMES = (
    "Adler Apotheken", "Bergmann Stahlbau", "Brinkmann Logistik", "Christophorus Klinikum", "Delta Elektronik",
    "Elbe Werften", "Falkenberg Möbel", "Grünwald Gärtnerei", "Harzer Brauerei", "Isar Medizintechnik",
    "Jensen Fisch", "Kaiser Druck", "Lindner Labor", "Möwe Reederei", "Nordstern Energie", "Oderland Schulen",
    "Petersen Bau", "Quelle Textil", "Rhein Chemie", "Stadtwerke Eichdorf",
)  # fmt: skip
SHIP_TO = replace(NOWHERE, address_id="HQ", name="Headquarters")
#: Of what the shop sells: from which article on, and how many.
CARTS = ((0, 1), (3, 2), (8, 3), (14, 5), (1, 2))


@dataclass(frozen=True, slots=True)
class Goods:
    """One cart that a connection returns again and again, with its documents."""

    cart: Cart
    total: Decimal
    setup: str
    message: str
    order: str


@dataclass
class Buyer:
    """One connection and its habits: which share of all visits is its own, and since when it is silent."""

    customer: PunchoutCustomer
    weight: float
    silent_days: int = 0

    @cached_property
    def link(self) -> PunchoutLink:
        return self.customer.group.links.get(format=LinkFormat.CXML)

    @cached_property
    def parties(self) -> Parties:
        sender = (self.customer.sender_domain, self.customer.sender_identity)
        return Parties(
            buyer=("NetworkID", self.customer.told_from_identity),
            supplier=(conf().SUPPLIER_DOMAIN, conf().SUPPLIER_IDENTITY),
            sender=sender,
        )

    def header(self) -> dict:
        as_dict = lambda pair: [{"domain": pair[0], "identity": pair[1]}]  # noqa: E731
        return {
            "from": as_dict(self.parties.buyer),
            "to": as_dict(self.parties.supplier),
            "sender": as_dict(self.parties.sender),
        }

    @cached_property
    def goods(self) -> list[Goods]:
        company = self.customer.company
        pricing = PricingContext(
            user_id=self.customer.user_id,
            company_code=company.code,
            price_group=company.inherited("price_group"),
            currency=company.inherited("currency"),
            language=company.inherited("language"),
        )
        sold = [
            each for each in get_adapter().search_items("", pricing, limit=60) if each.price and each.price.is_plain
        ]
        return [self._goods(sold[first : first + count]) for first, count in ((0, 1), (3, 2), (8, 3), (14, 5), (1, 2))]

    def _goods(self, items: list) -> Goods:
        lines = [CartLine(line_id=str(at), item=each, quantity=Decimal(at * 2)) for at, each in enumerate(items, 1)]
        cart = Cart(currency=items[0].price.net.currency, lines=tuple(lines))
        example = Example(
            customer=self.customer,
            mode=Mode.PRODUCTION,
            link=self.link,
            parties=self.parties,
            cart=cart,
            place=Place(ship_to=SHIP_TO),
            secret="[struck out]",  # noqa: S106
            at=timezone.now(),
        )
        written = [write(example).decode() for write in (setup_request, order_message, order_request)]
        return Goods(cart, cart.total.amount, *written)
