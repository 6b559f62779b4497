"""Mapping rows, and those that stand for no row at all.

An OCI cart is nothing but rows: its defaults are written in the same words as a link's own, so that everybody can read
what is sent and replace any of it. A cXML cart has a shape of its own, and rows only change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from wagtail_punchout.protocol.facts import SHORT_TEXT
from wagtail_punchout.protocol.oci.fields import Version, field_of


class Kind(StrEnum):
    """Where a row's content comes from."""

    FIELD = "field"  # a name of the vocabulary
    CONSTANT = "constant"  # the text itself; an empty one takes the field out of the cart
    TEMPLATE = "template"  # a text with places


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row. ``number`` is how people call it, 0 for a default; the rows for one target are tried in order."""

    number: int
    target: str
    kind: Kind
    source: str
    transforms: str = ""
    required: bool = False
    only_when: str = ""


def _default(target: str, source: str, transforms: str = "", only_when: str = "", kind: Kind = Kind.FIELD) -> Row:
    return Row(number=0, target=target, kind=kind, source=source, transforms=transforms, only_when=only_when)


_UNSPSC = "product.classification.UNSPSC"
# MATNR, VENDOR and MATGROUP are the buyer's own keys, and wrong ones are worse than none.
_OCI = (
    _default("DESCRIPTION", "product.name", f"one_line | cut({SHORT_TEXT})"),
    _default("QUANTITY", "line.quantity"),
    _default("UNIT", "line.unit"),
    _default("PRICE", "line.price"),
    _default("CURRENCY", "cart.currency", only_when="line.price"),
    # Sent even where it is 1: SRM forgets it on VALIDATE otherwise.
    _default("PRICEUNIT", "line.price_unit"),
    _default("LEADTIME", "product.lead_time_days"),
    _default("LONGTEXT", "product.long_text"),
    _default("VENDORMAT", "product.sku"),
    _default("MANUFACTMAT", "product.manufacturer_part"),
    _default("SERVICE", "product.is_service"),
    _default("EXT_QUOTE_ID", "line.quote_id"),
    _default("EXT_QUOTE_ITEM", "line.position", only_when="line.quote_id"),
    _default("EXT_PRODUCT_ID", "product.product_id"),
    _default("EXT_SCHEMA_TYPE", "UNSPSC", only_when=_UNSPSC, kind=Kind.CONSTANT),
    _default("EXT_CATEGORY_ID", _UNSPSC),
    _default("ITEM_TYPE", "line.item_type"),
    _default("PARENT_ID", "line.parent_number"),
)
#: The rows of each format that stand for no row at all.
DEFAULTS: Mapping[str, tuple[Row, ...]] = {
    "cxml": (),
    **{str(version): tuple(row for row in _OCI if field_of(row.target, version)) for version in Version},
}


def with_defaults(rows: Sequence[Row], format: str) -> tuple[Row, ...]:
    """The link's rows, and the defaults for what they leave open.

    A row of the link replaces the default of its target. While all of them have a condition the default stays behind
    them, so that a row for a few lines does not empty the field of all others.
    """
    return _with_defaults(tuple(rows), str(format))


@lru_cache(maxsize=512)
def _with_defaults(rows: tuple[Row, ...], format: str) -> tuple[Row, ...]:
    settled = {row.target for row in rows if not row.only_when.strip()}
    return (*rows, *(row for row in DEFAULTS[format] if row.target not in settled))
