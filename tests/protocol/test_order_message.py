from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from tests.protocol.factories import CHAIR, OFFICE, chair, euro, message_bytes, order
from wagtail_punchout.protocol.cart import Charge, Classification, Text
from wagtail_punchout.protocol.cxml import dtd, envelope, order_message, tree
from wagtail_punchout.protocol.cxml.item import ItemID, PriceBasisQuantity
from wagtail_punchout.protocol.cxml.order_message import OperationAllowed, OrderMessage, QuoteStatus
from wagtail_punchout.protocol.errors import UnacceptableContent, UnsendableCart
from wagtail_punchout.protocol.money import Money

BASIS = PriceBasisQuantity(
    quantity=Decimal(100), conversion_factor=Decimal("0.5"), unit="KGM", description=Text("per 100 kg", "en")
)
BUNDLE = (
    chair(item_type="composite", composite_item_type="groupLevel"),
    chair(item_id=ItemID("LEG"), line_number=2, parent_line_number=1, item_type="item"),
)

OLD_WORDS = {
    "one-chair": order(),
    "nothing": order(lines=(), total=euro("0.00")),
    "may-only-be-ordered": order(operation_allowed=OperationAllowed.CREATE),
    "quote-to-follow": order(quote_status=QuoteStatus.PENDING),
    "freight-and-tax": order(
        shipping=Charge(euro("4.90"), Text("Parcel", "en")), tax=Charge(euro("40.83"), Text("19 % USt.", "de"))
    ),
    "ship-to": order(ship_to=OFFICE),
    "same-part-twice": order(lines=(CHAIR, replace(CHAIR, line_number=2))),
    "fractions": order(lines=(chair(quantity=Decimal("0.125"), detail={"unit_price": euro("0.0375")}),)),
    "refund": order(lines=(chair(detail={"unit_price": euro("-5")}),)),
    "every-detail": order(
        lines=(
            chair(
                detail={
                    "manufacturer_part_id": "M-1",
                    "manufacturer_name": "Müller & Söhne",
                    "url": "https://shop.example/kd5555?a=1&b=2",
                    "lead_time": 0,
                    "extrinsics": (("Color", "grün"), ("Empty", "")),
                    "classifications": (Classification("UNSPSC", "56112102"), Classification("ECLASS", "25-33")),
                }
            ),
        )
    ),
}
NEW_WORDS = {
    "price-basis": order(lines=(chair(detail={"price_basis": BASIS}),)),
    "buyer-part-id": order(lines=(chair(item_id=ItemID("KD5555", "", "II99")),)),
    "bundle": order(lines=BUNDLE),
    "service": order(lines=(chair(item_classification="service"),)),
    "comment": order(lines=(chair(comments="Please ring twice"),)),
    "domain-of-the-address": order(ship_to=replace(OFFICE, address_id_domain="buyer")),
}


def there_and_back(message: OrderMessage) -> OrderMessage:
    return order_message.decode(envelope.decode_message(tree.parse(message_bytes(message))).body)


@pytest.mark.parametrize("message", (OLD_WORDS | NEW_WORDS).values(), ids=list(OLD_WORDS | NEW_WORDS))
def test_cart_is_read_as_it_was_written(message):
    assert there_and_back(message) == message


@pytest.mark.parametrize("message", OLD_WORDS.values(), ids=list(OLD_WORDS))
def test_old_words_are_valid_everywhere(message, dtds):
    assert order_message.needed_version(message) == "1.2.014"
    for version in ("1.2.014", "1.2.020", "1.2.036", "1.2.048", "1.2.063", "1.2.071"):
        assert dtd.problems(message_bytes(message), dtds, version) == []


@pytest.mark.parametrize("message", NEW_WORDS.values(), ids=list(NEW_WORDS))
def test_new_words_are_valid_from_the_version_they_name(message, dtds):
    assert order_message.needed_version(message) == "1.2.048"
    assert dtd.problems(message_bytes(message), dtds, "1.2.014") != []
    for version in ("1.2.048", "1.2.063", "1.2.071"):
        assert dtd.problems(message_bytes(message), dtds, version) == []


def test_language_of_the_visit_stands_in():
    cart = order(lines=(chair(detail={"descriptions": (Text("Stuhl"), Text("Chair", "en_UK"), Text("?", "?!"))}),))
    found = order_message.encode(cart, language="de_DE").findall("ItemIn/ItemDetail/Description")
    assert [each.get(tree.LANG) for each in found] == ["de-DE", "en-UK", "de-DE"]


def test_name_and_text_do_not_run_together():
    element = order_message.encode(order()).find("ItemIn/ItemDetail/Description")
    assert "".join(element.itertext()) == "Desk chair Desk chair with padded arms"


def test_short_name_that_repeats_the_text_is_left_out():
    cart = order(lines=(chair(detail={"descriptions": (Text("Chair", "en", "Chair"),)}),))
    assert order_message.encode(cart).find(".//ShortName") is None


def test_quantities_lose_the_zeros_of_a_database_and_prices_keep_theirs():
    cart = order(lines=(chair(quantity=Decimal("100.000"), detail={"unit_price": euro("104.9900")}),))
    item = order_message.encode(cart).find("ItemIn")
    assert (item.get("quantity"), item.findtext("ItemDetail/UnitPrice/Money")) == ("100", "104.9900")


def test_parts_of_a_bundle_need_no_price_of_their_own():
    heading, part = BUNDLE
    cart = order(lines=(heading, replace(part, detail=replace(part.detail, unit_price=None))))
    assert there_and_back(cart).lines[1].detail.unit_price == euro("0")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (chair(detail={"descriptions": ()}), "KD5555 needs a description"),
        (chair(detail={"descriptions": (Text(" "),)}), "KD5555 needs a description"),
        (chair(detail={"classifications": ()}), "KD5555 needs a classification"),
        (chair(detail={"classifications": (Classification("UNSPSC", ""),)}), "KD5555 needs a classification"),
        (chair(detail={"unit": " "}), "KD5555 needs a unit"),
        (chair(detail={"unit_price": None}), "KD5555 has no price"),
        (chair(detail={"unit_price": Money(Decimal(1), "USD")}), "KD5555 is in USD, the cart in EUR"),
        (chair(detail={"unit_price": euro("NaN")}), "KD5555 has the price NaN"),
        (chair(quantity=Decimal(-1)), "KD5555 needs a quantity above zero"),
        (chair(quantity=Decimal(0)), "KD5555 needs a quantity above zero"),
        (chair(quantity=Decimal("Infinity")), "KD5555 needs a quantity above zero"),
        (chair(item_id=ItemID("")), "no part id"),
        (chair(item_id=ItemID("\x00 ")), "no part id"),
        (chair(parent_line_number=7), "KD5555 belongs to line 7"),
    ],
)
def test_line_that_would_be_refused_is_named(line, reason):
    with pytest.raises(UnsendableCart, match=reason) as error:
        order_message.encode(order(lines=(line,)))
    assert error.value.sku == line.item_id.supplier_part_id


@pytest.mark.parametrize(
    "changes",
    [
        {"total": Money(Decimal(1), "USD")},
        {"total": Money(Decimal(1), "Euro"), "lines": ()},
        {"total": Money(Decimal(1), ""), "lines": ()},
        {"total": euro("NaN")},
        {"shipping": Charge(Money(Decimal(1), "USD"), Text("Parcel"))},
        {"tax": Charge(euro("Infinity"), Text("Tax"))},
    ],
)
def test_cart_in_two_currencies_or_without_numbers_is_not_sent(changes):
    with pytest.raises(UnsendableCart):
        order_message.encode(order(**changes))


# Reading what other shops wrote


def test_disguised_empty_cart_is_read():
    cart = order_message.decode(
        etree.fromstring(
            "<PunchOutOrderMessage><BuyerCookie>c</BuyerCookie><PunchOutOrderMessageHeader operationAllowed='Edit'>"
            "<Total><Money currency='usd'>0</Money></Total></PunchOutOrderMessageHeader><ItemIn quantity='0'><ItemID>"
            "<SupplierPartID/></ItemID><ItemDetail><UnitPrice><Money currency='USD'/></UnitPrice><Description/>"
            "<UnitOfMeasure>EA</UnitOfMeasure><Classification domain='UNSPSC'/></ItemDetail></ItemIn>"
            "</PunchOutOrderMessage>"
        )
    )
    (line,) = cart.lines
    assert cart.operation_allowed is OperationAllowed.EDIT
    assert (line.quantity, line.item_id, line.detail.unit_price) == (0, ItemID(""), None)
    assert line.detail.descriptions == line.detail.classifications == ()


@pytest.mark.parametrize("missing", ["BuyerCookie", "PunchOutOrderMessageHeader", "Total", "ItemDetail"])
def test_cart_without_an_essential_part_is_refused(missing):
    root = order_message.encode(order())
    for element in root.findall(f".//{missing}"):
        element.getparent().remove(element)
    with pytest.raises(UnacceptableContent, match=missing):
        order_message.decode(root)
