"""ProfileRequest and ProfileResponse: what this server speaks, and where.

The request is empty; it also serves as a ping. Hubs ask regularly and keep the answer (guide pp. 46-51), so every URL
in it is absolute and as seen from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.errors import UnacceptableContent


@dataclass(frozen=True, kw_only=True, slots=True)
class Transaction:
    """One kind of request, named as its element."""

    name: str
    url: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    effective_date: datetime | None  # never in the future; None when a received one could not be read
    transactions: tuple[Transaction, ...]
    options: tuple[tuple[str, str], ...] = ()


def encode(profile: Profile) -> _Element:
    """Write the ProfileResponse."""
    if profile.effective_date is None or not profile.transactions:
        raise ValueError("a profile needs an effective date and at least one transaction")
    root = etree.Element("ProfileResponse", {"effectiveDate": timestamps.format(profile.effective_date)})
    _add_options(root, profile.options)
    for each in profile.transactions:
        transaction = tree.add(root, "Transaction", {"requestName": each.name})
        tree.add_text(transaction, "URL", each.url)
        _add_options(transaction, each.options)
    return root


def decode(root: _Element) -> Profile:
    """Read a ProfileResponse."""
    transactions = tuple(
        Transaction(
            name=each.get("requestName", "").strip(),
            url=tree.optional_text(each, "URL"),
            options=_options(each),
        )
        for each in root.findall("Transaction")
    )
    if not transactions:
        raise UnacceptableContent("ProfileResponse/Transaction is missing.")
    return Profile(
        effective_date=timestamps.read(root.get("effectiveDate", "")),
        transactions=transactions,
        options=_options(root),
    )


def _add_options(parent: _Element, options: tuple[tuple[str, str], ...]) -> None:
    for name, value in options:
        tree.add_text(parent, "Option", value, {"name": tree.clean(name)})


def _options(parent: _Element) -> tuple[tuple[str, str], ...]:
    return tuple((each.get("name", "").strip(), tree.content(each).strip()) for each in parent.findall("Option"))
