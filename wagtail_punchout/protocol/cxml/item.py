"""Items as they stand in a cart, on the way out (ItemIn) and on the way back (ItemOut).

Part id and auxiliary id together are an item's name: the buyer keeps both, and sends them back when the cart is
reopened, months later perhaps (guide pp. 71, 91).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lxml.etree import SubElement, _Element

from wagtail_punchout.protocol.cart import Classification, Text
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.errors import UnacceptableContent
from wagtail_punchout.protocol.money import Money

_LONGEST_LEAD = 10_000  # days


@dataclass(frozen=True, slots=True)
class ItemID:
    supplier_part_id: str
    supplier_part_auxiliary_id: str = ""
    buyer_part_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceBasisQuantity:
    """What the unit price is for, where that is not one ordered unit (guide p. 361)."""

    quantity: Decimal
    conversion_factor: Decimal
    unit: str
    description: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemDetail:
    """What the item is and costs. ``unit_price`` is ``None`` for parts of a bundle that is priced elsewhere."""

    unit_price: Money | None
    descriptions: tuple[Text, ...]
    unit: str
    price_basis: PriceBasisQuantity | None = None
    classifications: tuple[Classification, ...] = ()
    manufacturer_part_id: str = ""
    manufacturer_name: str = ""
    url: str = ""
    lead_time: int | None = None
    extrinsics: tuple[tuple[str, str], ...] = ()


# Reading


def read_item_id(parent: _Element) -> ItemID:
    """The ItemID of a line; empty texts where nothing was sent."""
    return ItemID(
        tree.optional_text(parent, "ItemID/SupplierPartID"),
        # The guide itself prints a newline inside (p. 67).
        tree.optional_text(parent, "ItemID/SupplierPartAuxiliaryID"),
        tree.optional_text(parent, "ItemID/BuyerPartID"),
    )


def read_detail(parent: _Element) -> ItemDetail | None:
    """The ItemDetail of a line, with nothing demanded of it: a minimal ItemOut has none (guide p. 133)."""
    detail = parent.find("ItemDetail")
    if detail is None:
        return None
    return ItemDetail(
        unit_price=tree.money(detail, "UnitPrice"),
        descriptions=tuple(text for each in detail.findall("Description") if (text := read_text(each))),
        unit=tree.optional_text(detail, "UnitOfMeasure"),
        price_basis=_read_price_basis(detail),
        classifications=tuple(
            Classification(each.get("domain", "").strip(), code)
            for each in detail.findall("Classification")
            if (code := tree.content(each).strip() or each.get("code", "").strip())
        ),
        manufacturer_part_id=tree.optional_text(detail, "ManufacturerPartID"),
        manufacturer_name=tree.optional_text(detail, "ManufacturerName"),
        url=tree.optional_text(detail, "URL"),
        lead_time=_read_lead_time(detail),
        extrinsics=read_extrinsics(detail),
    )


def read_text(description: _Element) -> Text | None:
    """A Description, which mixes its ShortName with the long text; ``None`` when both are empty."""
    short = tree.optional_text(description, "ShortName")
    long = (description.text or "") + "".join(child.tail or "" for child in description)
    text = long.strip()
    return Text(text, tree.language_tag(description.get(LANG, "")), short) if text or short else None


def read_extrinsics(parent: _Element) -> tuple[tuple[str, str], ...]:
    """Names (trimmed: trailing blanks occur) and values. The DTD lets a value hold elements; their text counts."""
    return tuple(
        (each.get("name", "").strip(), "".join(map(str, each.itertext())).strip())
        for each in parent.findall("Extrinsic")
    )


def _read_price_basis(detail: _Element) -> PriceBasisQuantity | None:
    basis = detail.find("PriceBasisQuantity")
    if basis is None:
        return None
    description = basis.find("Description")
    return PriceBasisQuantity(
        quantity=_factor(basis, "quantity"),
        conversion_factor=_factor(basis, "conversionFactor"),
        unit=tree.optional_text(basis, "UnitOfMeasure"),
        description=None if description is None else read_text(description),
    )


def _factor(basis: _Element, name: str) -> Decimal:
    found = tree.decimal(basis.get(name, ""), what=f"PriceBasisQuantity/@{name}")
    return Decimal(1) if found is None else found


def _read_lead_time(detail: _Element) -> int | None:
    try:
        days = tree.decimal(tree.optional_text(detail, "LeadTime"), what="LeadTime")
    except UnacceptableContent:
        return None  # not worth a cart or an order
    return int(days) if days is not None and abs(days) < _LONGEST_LEAD else None


# Writing, in the order of the DTD


def add_item_id(parent: _Element, item_id: ItemID) -> None:
    element = SubElement(parent, "ItemID")
    tree.add_text(element, "SupplierPartID", item_id.supplier_part_id)
    if item_id.supplier_part_auxiliary_id:
        tree.add_text(element, "SupplierPartAuxiliaryID", item_id.supplier_part_auxiliary_id)
    if item_id.buyer_part_id:
        tree.add_text(element, "BuyerPartID", item_id.buyer_part_id)


def add_detail(parent: _Element, detail: ItemDetail, unit_price: Money, *, language: str) -> _Element:
    """Write the detail; ``unit_price`` is given apart because the DTD demands one even where there is none."""
    element = SubElement(parent, "ItemDetail")
    tree.add_money(element, "UnitPrice", unit_price)
    for text in detail.descriptions:
        add_description(element, text, language=language)
    tree.add_text(element, "UnitOfMeasure", detail.unit)
    if detail.price_basis:
        _add_price_basis(element, detail.price_basis, language=language)
    for each in detail.classifications:
        tree.add_text(element, "Classification", each.code, {"domain": tree.clean(each.domain)})
    if detail.manufacturer_part_id:
        tree.add_text(element, "ManufacturerPartID", detail.manufacturer_part_id)
    if detail.manufacturer_name:
        tree.add_text(element, "ManufacturerName", detail.manufacturer_name)
    if detail.url:
        tree.add_text(element, "URL", detail.url)
    if detail.lead_time is not None:
        tree.add_text(element, "LeadTime", str(detail.lead_time))
    add_extrinsics(element, detail.extrinsics)
    return element


def add_description(parent: _Element, text: Text, *, language: str) -> None:
    """Write a Description; the language of the visit stands in where the text names none."""
    tag = tree.language_tag(text.language) if text.language else ""
    attributes = {LANG: tag or language}
    if not text.short or text.short == text.text:  # a ShortName must not just repeat the text (guide p. 92)
        tree.add_text(parent, "Description", text.text, attributes)
        return
    element = SubElement(parent, "Description", attributes)
    short = tree.add_text(element, "ShortName", text.short)
    if text.text:
        # Receivers that strip the tags would join both into one word.
        short.tail = " " + tree.clean(text.text)


def add_extrinsics(parent: _Element, extrinsics: tuple[tuple[str, str], ...]) -> None:
    for name, value in extrinsics:
        tree.add_text(parent, "Extrinsic", value, {"name": tree.clean(name)})


def plain_number(value: Decimal) -> str:
    """A quantity without the trailing zeros a database column adds: ``2``, not ``2.000``."""
    return tree.number(value.normalize())


def _add_price_basis(parent: _Element, basis: PriceBasisQuantity, *, language: str) -> None:
    attributes = {
        "quantity": plain_number(basis.quantity),
        "conversionFactor": plain_number(basis.conversion_factor),
    }
    element = SubElement(parent, "PriceBasisQuantity", attributes)
    tree.add_text(element, "UnitOfMeasure", basis.unit)
    if basis.description:
        add_description(element, basis.description, language=language)
