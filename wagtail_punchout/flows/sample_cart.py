"""A cart that nobody bought: with it a new link can be tried before there are real ones.

It has what goes wrong first at buyers' systems: a text longer than their fields, letters and signs that old charsets
lack, a price per hundred, a unit that is no piece, freight.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from wagtail_punchout.models import Company, Mode, PunchoutCustomer, PunchoutLink, PunchoutSession
from wagtail_punchout.protocol.cart import Cart, CartLine, Charge, Classification, Item, Price, Text
from wagtail_punchout.protocol.money import Money

_CURRENCY = "EUR"
_VAT = Decimal("0.19")


def sample_cart() -> Cart:
    """Three lines; their texts are meant to look like those of a shop and stay as they are in every language."""
    return Cart(
        currency=_CURRENCY,
        lines=(
            CartLine(line_id="1", item=_CHAIR, quantity=Decimal(1), comment="Bitte in den 3. Stock liefern."),
            CartLine(line_id="2", item=_NUT, quantity=Decimal(500)),
            CartLine(line_id="3", item=_HOURS, quantity=Decimal("2.5")),
        ),
        shipping=Charge(Money(Decimal("4.90"), _CURRENCY), Text("Versandkosten", "de")),
    )


def sample_session(link: PunchoutLink) -> PunchoutSession:
    """The visit that brought it, as it might come through ``link``; never saved."""
    company = Company(name="Müller & Söhne GmbH", code="SAMPLE-1", duns="123456789", price_group="A")
    return PunchoutSession(
        customer=PunchoutCustomer(name=_("Sample customer"), company=company, sender_identity="sample@buyer.example"),
        company=company,
        link=link,
        mode=Mode.TEST,
        language="de",
        requester={
            "email": "jana@buyer.example",
            "name": "Jana Groß",
            "first_name": "Jana",
            "last_name": "Groß",
            "unique_name": "JGROSS",
            "phone": "+49 40 1234",
        },
        ship_to={"address_id": "HH1"},
        extrinsics={"CostCenter": "4711"},
        call={"said": [["COSTCENTER", "4711"]]},
    )


def _price(net: str, basis: int = 1) -> Price:
    return Price(net=Money(Decimal(net), _CURRENCY), basis=Decimal(basis))


_CHAIR = Item(
    sku="BD-4711-ÜG",
    descriptions=(
        Text(
            "Bürodrehstuhl „Größe M“ mit Armlehnen, Synchronmechanik und höhenverstellbarer Rückenlehne.\n"
            "Bezug: Wolle, petrol. Tragkraft 130 kg. Fünf Jahre Garantie – frei Haus für 4,90 €.",
            "de",
            short="Bürodrehstuhl „Größe M“ mit Armlehnen und Synchronmechanik",
        ),
    ),
    price=_price("349.90"),
    tax_rate=_VAT,
    classifications=(Classification("UNSPSC", "56112102"),),
    manufacturer_name="Stühle & Söhne",
    manufacturer_part_id="SYN-M-130/PETROL",
    lead_time_days=5,
    url="https://shop.example/chairs/4711/",
    image_url="https://shop.example/chairs/4711.jpg",
    extrinsics={"GTIN": "04012345678901"},
)
_NUT = Item(
    sku="NUT-M8-A2",
    descriptions=(Text("Sechskantmutter DIN 934, M8 × 1,25, A2-70", "de", short="Sechskantmutter M8"),),
    price=_price("4.75", basis=100),
    tax_rate=_VAT,
    classifications=(Classification("UNSPSC", "31161727"),),
    lead_time_days=1,
)
_HOURS = Item(
    sku="SERVICE-1",
    descriptions=(Text("Montage vor Ort, je angefangene Stunde", "de", short="Montage"),),
    unit="HUR",
    price=_price("68"),
    tax_rate=_VAT,
    is_service=True,
)
