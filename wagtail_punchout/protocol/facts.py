"""What can be said of one line of a cart: a flat list of dotted names with texts.

Mapping rows are written in these names, so they are the vocabulary of everybody who sets a link up. Names say what a
shop knows, not what a dialect calls it. Every value is a text, and nothing known is an empty one: a row never meets a
value it cannot write. Names are read in any case, for buyers spell their Extrinsics and parameters as they like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from wagtail_punchout.protocol.cart import Cart, CartLine, Item, Text
from wagtail_punchout.protocol.words import gettext_noop

#: Characters of a short text that every receiver shows (OCI's DESCRIPTION).
SHORT_TEXT = 40


@dataclass(frozen=True, slots=True)
class Term:
    """One name of the vocabulary; ``example`` is a value it may have."""

    name: str
    explanation: str
    example: str = ""


VOCABULARY: dict[str, Term] = {
    term.name: term
    for term in (
        Term("line.position", gettext_noop("Number of the line in the returned cart, from 1"), "1"),
        Term("line.quantity", gettext_noop("Ordered quantity"), "2.5"),
        Term("line.unit", gettext_noop("Ordered unit as this buyer calls it"), "PCE"),
        Term("line.price", gettext_noop("Price of line.price_unit units, as the link says net or gross"), "4.50"),
        Term("line.price_unit", gettext_noop("How many units line.price is for"), "100"),
        Term("line.amount", gettext_noop("Value of the whole line, net, rounded to the currency"), "209.98"),
        Term("line.comment", gettext_noop("What the shopper wrote to this line"), "Please engrave"),
        Term(
            "line.auxiliary_id",
            gettext_noop("Key of this very line, different for every line ever returned"),
            "Xk2v9QmRt1",
        ),
        Term("line.quote_id", gettext_noop("Number of the returned cart"), "Q-1042"),
        Term("line.item_type", gettext_noop("Place in a bundle: R its heading, O a heading within it, L a part"), "R"),
        Term("line.parent_number", gettext_noop("Number of the line with the heading of the bundle"), "1"),
        Term("product.sku", gettext_noop("The shop's product number"), "KD-5555"),
        Term(
            "product.product_id", gettext_noop("Key under which the shop finds exactly this variant again"), "KD-5555"
        ),
        Term("product.name", gettext_noop("Short name, in the language of the visit if there is one"), "Desk chair"),
        Term(
            "product.description",
            gettext_noop("Description, in the language of the visit if there is one"),
            "Chair with arms",
        ),
        Term(
            "product.long_text",
            gettext_noop("The description where it is longer than the name that is sent"),
            "Chair with …",
        ),
        Term("product.unit", gettext_noop("Ordered unit as the shop calls it, UN/ECE Recommendation 20"), "EA"),
        Term("product.price", gettext_noop("Net price of one ordered unit"), "104.99"),
        Term("product.currency", gettext_noop("Currency of the price"), "EUR"),
        Term("product.tax_rate", gettext_noop("Tax rate as a fraction"), "0.19"),
        Term("product.manufacturer_name", gettext_noop("Name of the manufacturer"), "Stahlwerk"),
        Term("product.manufacturer_part", gettext_noop("The manufacturer's product number"), "SW-77"),
        Term("product.lead_time_days", gettext_noop("Days until the product can be delivered"), "3"),
        Term("product.url", gettext_noop("Page of the product"), "https://shop.example/chair/"),
        Term("product.image_url", gettext_noop("Picture of the product"), "https://shop.example/chair.jpg"),
        Term("product.is_service", gettext_noop("X for a service, else empty"), "X"),
        Term("cart.currency", gettext_noop("Currency of the cart"), "EUR"),
        Term("cart.total", gettext_noop("Sum of all lines, net and without freight"), "418.90"),
        Term("cart.line_count", gettext_noop("Number of lines the shopper chose"), "3"),
        Term("cart.shipping", gettext_noop("Freight of the whole cart"), "4.90"),
        Term("cart.tax", gettext_noop("Tax of the whole cart"), "79.59"),
        Term("session.id", gettext_noop("Key of the visit"), "5f0c…"),
        Term("session.language", gettext_noop("Language of the visit"), "de-DE"),
        Term("session.mode", gettext_noop("test or production"), "production"),
        Term("session.operation", gettext_noop("create, edit or inspect"), "create"),
        Term("session.ship_to_id", gettext_noop("Key of the delivery address, as the buyer's system calls it"), "HH1"),
        Term("requester.email", gettext_noop("E-mail address of the person who shops"), "jana@example.com"),
        Term("requester.name", gettext_noop("Full name of that person"), "Jana Beispiel"),
        Term("requester.first_name", gettext_noop("First name"), "Jana"),
        Term("requester.last_name", gettext_noop("Last name"), "Beispiel"),
        Term("requester.unique_name", gettext_noop("Name in the buyer's system"), "jbeispiel"),
        Term("requester.phone", gettext_noop("Telephone number"), "+49 40 1234"),
        Term("customer.name", gettext_noop("Name of the PunchOut customer"), "Acme Purchasing"),
        Term("customer.identity", gettext_noop("Identity the customer signs in with"), "AN01"),
        Term("company.code", gettext_noop("Key of the company"), "acme"),
        Term("company.name", gettext_noop("Name of the company"), "Acme GmbH"),
        Term("company.duns", gettext_noop("DUNS number of the company"), "123456789"),
        Term("company.network_id", gettext_noop("Network ID of the company"), "AN01000000001"),
        Term("company.price_group", gettext_noop("Price group, the company's own or inherited"), "gold"),
    )
}
#: What a buyer or a shop names itself; the name follows the last dot.
PREFIXES: dict[str, Term] = {
    term.name: term
    for term in (
        Term("product.description.", gettext_noop("Description in one language"), "product.description.de"),
        Term(
            "product.classification.",
            gettext_noop("Commodity code of one classification"),
            "product.classification.UNSPSC",
        ),
        Term(
            "product.extrinsic.", gettext_noop("Further detail of the product, by its name"), "product.extrinsic.GTIN"
        ),
        Term("session.extrinsic.", gettext_noop("What the buyer's cXML request said"), "session.extrinsic.CostCenter"),
        Term("call.", gettext_noop("Any parameter of the OCI call but the password"), "call.COSTCENTER"),
    )
}
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,15}(?:\.[0-9]{0,40})?\s*")


def canonical(name: str) -> str:
    """The one spelling under which a fact is kept."""
    return name.strip().lower()


def is_known(name: str) -> bool:
    """Whether a row can be written with ``name``; open names are known whatever follows the prefix."""
    asked = canonical(name)
    return asked in VOCABULARY or any(asked.startswith(prefix) and asked != prefix for prefix in PREFIXES)


def names() -> tuple[str, ...]:
    """What an editor suggests: all fixed names, then the beginnings of the open ones."""
    return (*VOCABULARY, *PREFIXES)


def facts_of(cart: Cart, line: CartLine, *, position: int, extra: Mapping[str, str]) -> dict[str, str]:
    """Everything known of ``line``, by canonical name.

    ``extra`` is what only the visit knows, and wins: prices and units as this buyer wants them, the people, the call.
    With many lines, let it hold :func:`cart_facts`, or each line adds the whole cart up again.
    """
    given = {canonical(name): text for name, text in extra.items()}
    facts = dict.fromkeys(VOCABULARY, "")
    if "cart.total" not in given:
        facts |= cart_facts(cart)
    facts |= _line_facts(line, position) | _product_facts(line.item)
    facts |= _texts(line.item, given.get("session.language", ""))
    return facts | given


def cart_facts(cart: Cart) -> dict[str, str]:
    """What is the same for all lines of ``cart``."""
    return {
        "cart.currency": cart.currency,
        "cart.total": plain(cart.total.rounded().amount, keep_zeros=True),
        "cart.line_count": str(len(cart.lines)),
        "cart.shipping": plain(cart.shipping.amount.amount, keep_zeros=True) if cart.shipping else "",
        "cart.tax": plain(cart.tax.amount.amount, keep_zeros=True) if cart.tax else "",
    }


def plain(value: Decimal, *, keep_zeros: bool = False) -> str:
    """A number with all its digits and never an exponent; zeros at the end stay where they mean cents."""
    text = format(value if value else abs(value), "f")
    return text if keep_zeros or "." not in text else text.rstrip("0").rstrip(".")


def number_in(text: str) -> Decimal | None:
    """The number a text is; ``None`` for anything else, and for numbers no cart has."""
    return Decimal(text.strip()) if _NUMBER.fullmatch(text) else None


def _line_facts(line: CartLine, position: int) -> dict[str, str]:
    price = line.item.price
    return {
        "line.position": str(position),
        "line.quantity": plain(line.quantity),
        "line.unit": line.item.unit,
        "line.price": plain(price.of(Decimal(1)).amount) if price else "",
        "line.price_unit": "1" if price else "",
        "line.amount": plain(line.amount.amount, keep_zeros=True) if line.amount else "",
        "line.comment": line.comment,
    }


def _product_facts(item: Item) -> dict[str, str]:
    facts = {
        "product.sku": item.sku,
        "product.product_id": item.sku,
        "product.unit": item.unit,
        "product.price": plain(item.price.of(Decimal(1)).amount) if item.price else "",
        "product.currency": item.price.net.currency if item.price else "",
        "product.tax_rate": "" if item.tax_rate is None else plain(item.tax_rate),
        "product.manufacturer_name": item.manufacturer_name,
        "product.manufacturer_part": item.manufacturer_part_id,
        "product.lead_time_days": "" if item.lead_time_days is None else str(item.lead_time_days),
        "product.url": item.url,
        "product.image_url": item.image_url,
        "product.is_service": "X" if item.is_service else "",
    }
    for each in item.classifications:
        facts.setdefault(canonical(f"product.classification.{each.domain}"), each.code)
    for name, value in item.extrinsics.items():
        facts.setdefault(canonical(f"product.extrinsic.{name}"), value)
    return facts


def _texts(item: Item, language: str) -> dict[str, str]:
    """Name and description; a text without a language is in that of the visit."""
    texts = item.descriptions or (Text(item.sku),)
    by_tag: dict[str, Text] = {}
    for text in texts:
        by_tag.setdefault((text.language or language).lower(), text)
    for tag, text in list(by_tag.items()):
        by_tag.setdefault(_primary(tag), text)
    asked = language.lower()
    chosen = by_tag.get(asked) or by_tag.get(_primary(asked)) or texts[0]
    name, description = chosen.short or chosen.text, chosen.text or chosen.short
    facts = {f"product.description.{tag}": text.text or text.short for tag, text in by_tag.items() if tag}
    return facts | {
        "product.name": name,
        "product.description": description,
        "product.long_text": description if len(description) > len(name[:SHORT_TEXT]) else "",
    }


def _primary(tag: str) -> str:
    return tag.partition("-")[0]
