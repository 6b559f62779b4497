"""What others build on: the names of the contract, and the version."""

from __future__ import annotations

import re
from pathlib import Path

import wagtail_punchout
from wagtail_punchout import shop

CHANGELOG = Path(__file__).resolve().parents[1] / "docs" / "changelog.md"


def test_names_of_the_contract():
    assert shop.__all__ == [
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


def test_names_are_there():
    assert [name for name in shop.__all__ if not hasattr(shop, name)] == []


def test_adapter_must_write_five_methods():
    assert shop.ShopAdapter.__abstractmethods__ == {"get_cart", "put_lines", "clear_cart", "get_item", "landing_url"}


def test_changelog_begins_with_this_version():
    [newest, *_older] = re.findall(r"^## (\d+\.\d+\.\d+)", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
    assert newest == wagtail_punchout.__version__
