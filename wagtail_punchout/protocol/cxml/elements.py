"""The elements of an ItemIn by name, for mappings and limits that speak of them.

Names are those of the DTD; two of them hold many things and take a second name after a colon:
``Classification:UNSPSC``, ``Extrinsic:CostCenter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wagtail_punchout.protocol.cart import Classification, Text
from wagtail_punchout.protocol.cxml.item import ItemDetail, plain_number
from wagtail_punchout.protocol.cxml.order_message import ItemIn
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.facts import number_in

CLASSIFICATION, EXTRINSIC = "Classification:", "Extrinsic:"
#: Elements whose text is one field of ours.
_OF_ID = {
    "SupplierPartID": "supplier_part_id",
    "SupplierPartAuxiliaryID": "supplier_part_auxiliary_id",
    "BuyerPartID": "buyer_part_id",
}
_OF_DETAIL = {
    "UnitOfMeasure": "unit",
    "ManufacturerPartID": "manufacturer_part_id",
    "ManufacturerName": "manufacturer_name",
    "URL": "url",
}


def as_values(item: ItemIn) -> dict[str, str]:
    """What each element says. Of descriptions in several languages it is the first."""
    detail = item.detail
    text = detail.descriptions[0] if detail.descriptions else Text("")
    return {
        **{name: getattr(item.item_id, field) for name, field in _OF_ID.items()},
        "Quantity": plain_number(item.quantity),
        "UnitPrice": f"{detail.unit_price.amount:f}" if detail.unit_price else "",
        "PriceBasisQuantity": plain_number(detail.price_basis.quantity) if detail.price_basis else "",
        "Description": text.text,
        "ShortName": text.short,
        **{name: getattr(detail, field) for name, field in _OF_DETAIL.items()},
        "LeadTime": "" if detail.lead_time is None else str(detail.lead_time),
        "Comments": item.comments,
        **{f"{CLASSIFICATION}{each.domain}": each.code for each in detail.classifications},
        **{f"{EXTRINSIC}{name}": value for name, value in detail.extrinsics},
    }


def with_values(item: ItemIn, values: Mapping[str, str]) -> ItemIn:
    """The same line with other words in some elements; an empty text takes an element away where there can be none."""
    ids = {field: values[name] for name, field in _OF_ID.items() if name in values}
    detail: dict[str, Any] = {field: values[name] for name, field in _OF_DETAIL.items() if name in values}
    if "Description" in values or "ShortName" in values:
        detail["descriptions"] = _descriptions(item.detail, values)
    if "LeadTime" in values:
        detail["lead_time"] = _days(values["LeadTime"], sku=item.item_id.supplier_part_id)
    if named := _named(values, CLASSIFICATION):
        kept = [each for each in item.detail.classifications if each.domain not in named]
        detail["classifications"] = (*kept, *(Classification(domain, code) for domain, code in named.items() if code))
    if named := _named(values, EXTRINSIC):
        others = [(name, value) for name, value in item.detail.extrinsics if name not in named]
        detail["extrinsics"] = (*others, *((name, value) for name, value in named.items() if value))
    return replace(
        item,
        item_id=replace(item.item_id, **ids),
        detail=replace(item.detail, **detail),
        comments=values.get("Comments", item.comments),
    )


def _descriptions(detail: ItemDetail, values: Mapping[str, str]) -> tuple[Text, ...]:
    """A text of the mapping stands for all languages: what it says is not known to be of one."""
    first = detail.descriptions[0] if detail.descriptions else Text("")
    short = values.get("ShortName", first.short)
    if "Description" in values:
        return (Text(values["Description"], first.language, short),)
    return (replace(first, short=short), *detail.descriptions[1:])


def _days(text: str, *, sku: str) -> int | None:
    if not text.strip():
        return None
    days = number_in(text)
    if days is None or days != days.to_integral_value():
        raise UnsendableCart(f"{sku}: LeadTime must be whole days, not {text[:40]!r}", sku=sku)
    return int(days)


def _named(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
