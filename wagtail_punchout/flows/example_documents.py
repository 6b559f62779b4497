"""Example documents for whoever sets up the buyer's system: filled in for one customer, one mode and real goods.

Sent unchanged to the addresses on the hand-over sheet, they work. Without the right to see the secret its place says
what belongs there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from wagtail_punchout.conf import conf
from wagtail_punchout.flows import pack_cxml
from wagtail_punchout.flows.address_book import as_postal
from wagtail_punchout.flows.prepare import prepare
from wagtail_punchout.flows.quoted import QuotedLine
from wagtail_punchout.flows.route import with_standing
from wagtail_punchout.flows.sample_cart import sample_cart
from wagtail_punchout.models import (
    Company,
    LinkFormat,
    Mode,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    RoutingSource,
)
from wagtail_punchout.models.customers import Routing
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.models.routing import ANY_SUBDOMAIN
from wagtail_punchout.protocol.cart import Cart, CartLine
from wagtail_punchout.protocol.cxml import envelope, setup, timestamps
from wagtail_punchout.protocol.cxml.order_message import OrderMessage
from wagtail_punchout.protocol.cxml.order_writing import encode_order_request
from wagtail_punchout.protocol.cxml.party import Address, Contact
from wagtail_punchout.protocol.order import Comment, Order, OrderLine
from wagtail_punchout.shop import AdapterUnavailable, PricingContext, ShopAdapter

#: What stands where the secret belongs, for those who may not see it.
NO_SECRET = "put the shared secret here"  # noqa: S105
#: Where goods of a company without an address book go.
NOWHERE = Address(
    address_id="EXAMPLE-1",
    name="Example Ltd",
    deliver_to=("Jane Example",),
    street=("1 Example Street",),
    city="Exampletown",
    postal_code="12345",
    country_code="DE",
    country="Germany",
)
PERSON = Contact(role="endUser", name="Jane Example", email="jane@buyer.example")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parties:
    """Who speaks to whom in the examples, in pairs of domain and identity."""

    buyer: tuple[str, str]
    supplier: tuple[str, str]
    sender: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a call says of where it comes from: enough to lead a routed customer's call to a company."""

    ship_to: Address = NOWHERE
    contact: Contact = PERSON
    extrinsics: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """What the documents are made of."""

    customer: PunchoutCustomer
    mode: str
    link: PunchoutLink | None
    parties: Parties
    cart: Cart
    place: Place
    secret: str = field(repr=False)
    at: datetime

    def header(self) -> envelope.Header:
        return envelope.Header(
            from_=(envelope.Credential(*self.parties.buyer),),
            to=(envelope.Credential(*self.parties.supplier),),
            sender=(envelope.Credential(*self.parties.sender, shared_secret=self.secret),),
            user_agent="Example",
        )

    def request(self, name: str, body: object, *, is_newer: bool = False) -> bytes:
        return envelope.encode_request(
            envelope.Request(
                payload_id=f"{self.at:%Y%m%d%H%M%S}.{secrets.token_hex(6)}@buyer.example",
                timestamp=timestamps.format(self.at),
                language="en",
                dtd_version=envelope.NEWER_DTD if is_newer else envelope.DEFAULT_DTD,
                deployment_mode="test" if self.mode == Mode.TEST else "production",
                header=self.header(),
                name=name,
                body=body,  # type: ignore[arg-type]
            )
        )


def example_cart(customer: PunchoutCustomer, adapter: ShopAdapter) -> Cart:
    """Two things this customer can buy, at its own prices; of a shop that cannot be asked, made-up ones."""
    company: Company = customer.company
    pricing = PricingContext(
        user_id=customer.user_id,
        company_code=company.code,
        price_group=company.inherited("price_group"),
        currency=company.inherited("currency"),
        language=company.inherited("language"),
    )
    try:
        found = [each for each in adapter.search_items("", pricing, limit=20) or () if each.price and each.available]
    except AdapterUnavailable:
        found = []
    if not found:
        return replace(sample_cart(), shipping=None)
    currency = found[0].price.net.currency
    goods = [each for each in found if each.price.net.currency == currency and each.price.is_plain][:2] or found[:1]
    lines = [CartLine(line_id=str(number), item=each, quantity=Decimal(number)) for number, each in enumerate(goods, 1)]
    return Cart(currency=currency, lines=tuple(lines))


def example_place(customer: PunchoutCustomer) -> Place:
    """The customer's own address, or what the first usable rule of its routing table looks at."""
    company, rule = customer.company, None
    if customer.routing != Routing.OFF:
        rules = with_standing(customer.routing_rules.all()).order_by("position", "pk")
        rule = rules.filter(company_is_off=False, company_is_elsewhere=False).first()
    if rule is None:
        return Place(ship_to=_address_of(company))
    company = rule.company
    if rule.source == RoutingSource.ADDRESS_ID:
        return Place(ship_to=replace(_address_of(company, rule.value), address_id=rule.value))
    if rule.source == RoutingSource.EMAIL_DOMAIN:
        domain = rule.value.replace(ANY_SUBDOMAIN, "office.", 1)
        return Place(ship_to=_address_of(company), contact=replace(PERSON, email=f"jane@{domain}"))
    name = {RoutingSource.BUSINESS_UNIT: "BusinessUnit", RoutingSource.COST_CENTER: "CostCenter"}.get(
        rule.source, rule.extrinsic
    )
    return Place(ship_to=_address_of(company), extrinsics=((name, rule.value),))


def _address_of(company: Company, address_id: str = "") -> Address:
    """An address of the company's own, the one with this ID if there is one."""
    book = company.addresses.all()
    entry = book.filter(id_key=identity_key(address_id)).first() if address_id else book.first()
    if entry is None:
        return NOWHERE
    return replace(as_postal(entry), country=entry.country)


def setup_request(example: Example) -> bytes:
    """PunchOutSetupRequest: opens a visit; its cart would go to an address that is nobody's."""
    origins = example.link.return_origins.split() if example.link else []
    hook = (
        example.link.default_return_url if example.link else ""
    ) or f"{(origins or ['https://buyer.example'])[0]}/hook"
    wanted = setup.SetupRequest(
        operation=setup.Operation.CREATE,
        buyer_cookie=f"EXAMPLE-{secrets.token_hex(8)}",
        return_url=hook,
        extrinsics=(("UserEmail", example.place.contact.email), *example.place.extrinsics),
        contacts=(example.place.contact,),
        ship_to=example.place.ship_to,
    )
    return example.request("PunchOutSetupRequest", setup.encode_setup_request(wanted))


def order_message(example: Example) -> bytes:
    """PunchOutOrderMessage: what the buyer's system gets when a cart goes home. Raises ``UnsendableCart``."""
    session, told = _gone_home(example)
    payload_id = f"{example.at:%Y%m%d%H%M%S}.{secrets.token_hex(6)}@{conf().host}"
    return pack_cxml.encode(session, told, payload_id=payload_id, at=example.at)


def order_request(example: Example) -> bytes:
    """OrderRequest: orders what came home, under a number of its own. Raises ``UnsendableCart``."""
    _session, told = _gone_home(example)
    lines = tuple(
        # Without the ID of its line: there was no visit that it could be found by.
        OrderLine(
            number=number,
            quantity=each.quantity,
            item_id=replace(each.item_id, supplier_part_auxiliary_id=""),
            detail=each.detail,
        )
        for number, each in enumerate(told.lines, start=1)
    )
    order = Order(
        order_id=f"EXAMPLE-{secrets.token_hex(4).upper()}",
        order_date=example.at,
        total=told.total,
        ship_to=example.place.ship_to,
        contacts=(example.place.contact,),
        extrinsics=example.place.extrinsics,
        comments=(Comment(text="An example: please do not deliver."),),
        lines=lines,
    )
    is_newer = any(each.detail.price_basis or each.item_id.buyer_part_id for each in told.lines)
    return example.request("OrderRequest", encode_order_request(order), is_newer=is_newer)


def _gone_home(example: Example) -> tuple[PunchoutSession, OrderMessage]:
    """The cart as the link sends it, and a visit that it might have come from."""
    link = example.link or PunchoutLink(format=LinkFormat.CXML, group=example.customer.group)
    session = PunchoutSession(
        customer=example.customer,
        company=example.customer.company,
        link=link,
        mode=example.mode,
        buyer_cookie="EXAMPLE",
        language="en",
        parties={
            "from": [dict(zip(("domain", "identity"), example.parties.buyer, strict=True))],
            "to": [dict(zip(("domain", "identity"), example.parties.supplier, strict=True))],
        },
    )
    cart = prepare(example.cart, link)
    lines = [QuotedLine(each, f"EXAMPLE-{each.line_id}") for each in cart.lines]
    return session, pack_cxml.message(session, link, cart, lines)


DOCUMENTS: dict[str, Callable[[Example], bytes]] = {
    "PunchOutSetupRequest": setup_request,
    "PunchOutOrderMessage": order_message,
    "OrderRequest": order_request,
}
