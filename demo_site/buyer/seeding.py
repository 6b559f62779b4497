"""Fills the list of suppliers from the shop's demo data. May run as often as one likes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from demo_site.buyer.models import Connection
from demo_site.buyer.staffing import staff

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
    "format",
    "oci_url",
)


def seed(connections: Iterable[Mapping[str, Any]]) -> list[Connection]:
    """Create or update one connection per customer; requisitions stay. A customer without an address is left out."""
    seeded = [_seed_one(given) for given in connections if given.get(_address_of(given))]
    staff(seeded)
    return seeded


def _address_of(given: Mapping[str, Any]) -> str:
    return "setup_url" if given.get("format", "cxml") == "cxml" else "oci_url"


def _seed_one(given: Mapping[str, Any]) -> Connection:
    connection, _created = Connection.objects.update_or_create(
        company=given["company"],
        name=given["name"],
        mode=given.get("mode", "production"),
        defaults={name: given[name] or "" for name in GIVEN if name in given},
    )
    return connection
