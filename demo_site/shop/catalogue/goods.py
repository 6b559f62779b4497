"""The catalogue's files, read into values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

#: In the order of the shop's navigation.
CATEGORIES = ("office", "laboratory", "workshop", "cleaning", "it", "services")
ALWAYS = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Variant:
    sku: str
    option: str = ""
    option_de: str = ""
    price: Decimal | None
    stock: int | None
    maker_part: str
    #: Price by (group, currency, from which quantity on); ``None`` says that the group cannot buy it.
    special_prices: Mapping[tuple[str, str, Decimal], Decimal | None]


@dataclass(frozen=True, kw_only=True)
class Product:
    sku: str
    name: str
    name_de: str
    summary: str
    summary_de: str
    motif: str
    unspsc: str
    variants: tuple[Variant, ...]
    unit: str = "EA"
    price_basis: int = 1
    min_quantity: Decimal = Decimal(1)
    quantity_step: Decimal = Decimal(1)
    maker: str = ""
    lead_time_days: int = 1
    is_service: bool = False
    text: str = ""
    text_de: str = ""
    facts: list[list[str]] = field(default_factory=list)
    warning: str = ""
    warning_de: str = ""


@dataclass(frozen=True, kw_only=True)
class Category:
    slug: str
    name: str
    name_de: str
    summary: str
    summary_de: str
    motif: str
    products: tuple[Product, ...]


def categories() -> list[Category]:
    return [_category(slug) for slug in CATEGORIES]


def _category(slug: str) -> Category:
    content = tomllib.loads((Path(__file__).parent / f"{slug}.toml").read_text(encoding="utf-8"))
    products = tuple(_product(each) for each in content.pop("product"))
    return Category(slug=slug, products=products, **content)


def _product(row: dict[str, Any]) -> Product:
    # What a variant does not say for itself holds as the product says it.
    shared = {key: row.pop(key) for key in ("price", "chf", "groups", "scale", "stock", "maker_part") if key in row}
    variants = tuple(_variant(shared | each) for each in row.pop("variants", [{"sku": row["sku"]}]))
    for key in ("min_quantity", "quantity_step"):
        if key in row:
            row[key] = Decimal(row[key])
    return Product(variants=variants, **row)


def _variant(row: dict[str, Any]) -> Variant:
    special = {(group, "EUR", ALWAYS): _amount(price) for group, price in row.pop("groups", {}).items()}
    if "chf" in row:
        special["", "CHF", ALWAYS] = _amount(row.pop("chf"))
    for group, steps in row.pop("scale", {}).items():
        special |= {(group, "EUR", Decimal(quantity)): _amount(price) for quantity, price in steps.items()}
    return Variant(
        **{key: row[key] for key in ("sku", "option", "option_de") if key in row},
        price=_amount(row.get("price")),
        stock=row.get("stock"),
        maker_part=row.get("maker_part", ""),
        special_prices=special,
    )


def _amount(price: str | bool | None) -> Decimal | None:
    return Decimal(price) if isinstance(price, str) else None
