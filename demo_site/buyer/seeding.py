"""Fills the list of suppliers from the shop's demo data. May run as often as one likes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from demo_site.buyer.models import Connection

# The shop decides these; everything else on a connection is the buyer's own and is kept.
GIVEN = (
    "supplier",
    "from_domain",
    "from_identity",
    "to_domain",
    "to_identity",
    "sender_domain",
    "sender_identity",
    "secret",
    "setup_url",
    "order_url",
)


def seed(connections: Iterable[Mapping[str, Any]]) -> list[Connection]:
    """Create or update one connection per cXML customer; requisitions stay. Other formats are left out."""
    return [_seed_one(given) for given in connections if given.get("format", "cxml").lower() == "cxml"]


def _seed_one(given: Mapping[str, Any]) -> Connection:
    connection, _created = Connection.objects.update_or_create(
        company=given["company"],
        name=given["name"],
        mode=given.get("mode", "production"),
        defaults={name: given[name] for name in GIVEN if name in given},
    )
    return connection
