"""A cart that came home by OCI: the fields of a form, one after the other, and nothing that holds them together.

Each field of line *n* is called ``NEW_ITEM-NAME[n]``; only the long text is called otherwise, and hardly any other name
is spelled wrong as often. What a lenient receiver still understands is read here: fields in any order, counting from
zero, gaps, decimal commas, padding, five spellings of the long text, forms with the marks of web frameworks in them.
What a strict one would not take becomes a sentence in ``complaints``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import unquote

from lxml import html

from wagtail_punchout.testing.browsing import Form
from wagtail_punchout.testing.documents import oci_fields, oci_scrutiny

Pairs = tuple[tuple[str, str], ...]

ITEM = "NEW_ITEM-"
FIELD = re.compile(r"NEW_ITEM-([A-Z][A-Z0-9_]*)\[(\d{1,6})\]", re.IGNORECASE)
# LONGTEXT_1:132[] is right. Seen in live shops: LONGTEXT_2:132[2], LONGTEXT:132[3], LONGTEXT[4], LONGTEXT_5:132[][5].
LONGTEXT = re.compile(r"NEW_ITEM-LONGTEXT(?:_(\d{1,6}))?(?::132)?(?:\[(\d{0,6})\])?(?:\[(\d{0,6})\])?", re.IGNORECASE)
RIGHT_LONGTEXT = re.compile(r"NEW_ITEM-LONGTEXT_\d{1,6}:132\[\]")
PAGING = re.compile(r"HEADER-(PAGE|PER_PAGE|TOTAL_PAGES|TOTAL_RESULTS)")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedOciLine:
    """One line. ``fields`` has every value as text under its name without prefix and index, trimmed."""

    index: int
    fields: Mapping[str, str]
    quantity: Decimal | None = None
    price: Decimal | None = None
    price_unit: Decimal = Decimal(1)
    lead_time: int | None = None

    @property
    def description(self) -> str:
        return self.fields.get("DESCRIPTION", "")

    @property
    def long_text(self) -> str:
        return self.fields.get("LONGTEXT", "")

    @property
    def sku(self) -> str:
        """The shop's number for the article, wherever it stands."""
        return self.fields.get("VENDORMAT") or self.product_id or self.fields.get("MATNR", "")

    @property
    def product_id(self) -> str:
        """The key under which DETAIL and VALIDATE ask for it."""
        return self.fields.get("EXT_PRODUCT_ID", "")

    @property
    def unit(self) -> str:
        return self.fields.get("UNIT", "")

    @property
    def currency(self) -> str:
        return self.fields.get("CURRENCY", "")

    @property
    def is_service(self) -> bool:
        return self.fields.get("SERVICE", "") == "X"

    @property
    def item_type(self) -> str:
        """OCI 5: ``R`` a root, ``O`` an outline below it, ``L`` a leaf."""
        return self.fields.get("ITEM_TYPE", "")

    @property
    def parent(self) -> int | None:
        """OCI 5: the number of the line that this one belongs to."""
        raw = self.fields.get("PARENT_ID", "")
        return int(raw) if raw.isascii() and raw.isdigit() else None

    @property
    def unit_price(self) -> Decimal | None:
        """The price of one unit: the price is for ``price_unit`` of them."""
        return None if self.price is None else self.price / self.price_unit

    @property
    def amount(self) -> Decimal | None:
        return None if self.price is None or self.quantity is None else self.quantity * self.price / self.price_unit


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedOciCart:
    """What came home. Without lines it is what OCI has instead of a cancel."""

    version: str = oci_fields.LATEST
    lines: tuple[ReturnedOciLine, ...] = ()
    #: ``~OkCode`` and its like, in the spelling they came in.
    control: Pairs = ()
    #: Some shops tell how large a search result is: PAGE, PER_PAGE, TOTAL_PAGES, TOTAL_RESULTS.
    paging: Mapping[str, int] = field(default_factory=dict)
    #: Fields that are neither.
    extra: Pairs = ()
    #: Everything as it came.
    fields: Pairs = ()
    complaints: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def totals(self) -> dict[str, Decimal]:
        """What the lines add up to, by currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            if line.amount is not None:
                sums[line.currency] += line.amount
        return dict(sums)

    def depth_of(self, line: ReturnedOciLine) -> int:
        """How many lines stand above it. A circle of parents ends where it closes."""
        by_index = {each.index: each for each in self.lines}
        above: list[int] = []
        while line.parent in by_index and line.parent not in above:
            above.append(line.parent)
            line = by_index[line.parent]
        return len(above)


def read_oci_fields(
    pairs: Mapping[str, str] | Iterable[tuple[str, str]],
    version: str = oci_fields.LATEST,
    *,
    agreed: Iterable[str] = (),
) -> ReturnedOciCart:
    """Read what a browser posted to the hook. ``agreed``: names of further fields that both sides know."""
    fields = tuple(pairs.items() if isinstance(pairs, Mapping) else pairs)
    sorted_out = _SortedOut()
    for name, value in fields:
        sorted_out.take(name, value)
    lines = tuple(_line(index, found, sorted_out.complaints) for index, found in sorted(sorted_out.by_line.items()))
    cart = ReturnedOciCart(
        version=version,
        lines=lines,
        control=tuple(sorted_out.control),
        paging=sorted_out.paging,
        extra=tuple(sorted_out.extra),
        fields=fields,
    )
    found = (*sorted_out.complaints, *oci_scrutiny.of_cart(cart, list(sorted_out.by_line), frozenset(agreed)))
    return replace(cart, complaints=tuple(dict.fromkeys(found)))


def read_oci_page(page: str, version: str = oci_fields.LATEST, *, agreed: Iterable[str] = ()) -> ReturnedOciCart:
    """Read a whole HTML page, or a piece of one: the form with most of the lines, else all that lies about."""
    tree = html.document_fromstring(page.encode() or b"<html></html>", parser=html.HTMLParser(encoding="utf-8"))
    forms = [Form.read(element, "") for element in tree.xpath("//form")]
    forms.sort(key=lambda form: -sum(name.upper().startswith(ITEM) for name, _value in form.fields))
    form = forms[0] if forms else Form.read(tree, "")
    return read_oci_fields(form.fields, version, agreed=agreed)


class _SortedOut:
    """The fields on one heap, sorted into lines and the rest."""

    def __init__(self) -> None:
        self.by_line: dict[int, dict[str, str]] = {}
        self.control: list[tuple[str, str]] = []
        self.paging: dict[str, int] = {}
        self.extra: list[tuple[str, str]] = []
        self.complaints: list[str] = []

    def take(self, name: str, value: str) -> None:
        name, value = self._decoded_once_more(name, value)
        if found := LONGTEXT.fullmatch(name):
            self._take_long_text(name, value, next((each for each in found.groups() if each), ""))
        elif found := FIELD.fullmatch(name):
            self._take_field(name, found[1], int(found[2]), value)
        elif name.lower() in oci_fields.CONTROL:
            self.control.append((name, value))
        elif (found := PAGING.fullmatch(name)) and value.strip().isdigit():
            self.paging[found[1]] = int(value)
        else:
            self.extra.append((name, value))

    def _decoded_once_more(self, name: str, value: str) -> tuple[str, str]:
        """Some shops encode names, or names with their values, before a browser does it again."""
        if not name.upper().startswith(ITEM) or ("%" not in name and "]=" not in name):
            return name, value
        self.complaints.append("The names of the fields are encoded twice.")
        decoded = unquote(name)
        if not value and "=" in decoded:
            decoded, _equals, value = decoded.partition("=")
        return decoded, unquote(value)

    def _take_field(self, name: str, field: str, index: int, value: str) -> None:
        if field != field.upper() or not name.startswith(ITEM):
            self.complaints.append(f"{name} is not written in capitals.")
        line = self.by_line.setdefault(index, {})
        if field.upper() in line:
            self.complaints.append(f"{name} comes more than once.")
        line[field.upper()] = value

    def _take_long_text(self, name: str, value: str, index: str) -> None:
        if not RIGHT_LONGTEXT.fullmatch(name):
            right = f"{ITEM}LONGTEXT_{index or 'n'}:132[]"
            self.complaints.append(f"{name} is the wrong name for a long text; right is {right}.")
        if not index:
            self.extra.append((name, value))
            return
        line = self.by_line.setdefault(int(index), {})
        line["LONGTEXT"] = f"{line['LONGTEXT']}\n{value}" if "LONGTEXT" in line else value


def _line(index: int, found: Mapping[str, str], complaints: list[str]) -> ReturnedOciLine:
    numbers = {}
    for name in ("QUANTITY", "PRICE", "PRICEUNIT", "LEADTIME"):
        raw = found.get(name, "")
        numbers[name], fault = oci_fields.number(raw) if raw.strip() else (None, "")
        if fault:
            complaints.append(f"Line {index}: {name} “{raw[:40]}” {fault}.")
    days = numbers["LEADTIME"]
    return ReturnedOciLine(
        index=index,
        fields={name: value.strip() for name, value in found.items()},
        quantity=numbers["QUANTITY"],
        price=numbers["PRICE"],
        price_unit=numbers["PRICEUNIT"] or Decimal(1),
        lead_time=int(days) if days is not None and days == int(days) else None,
    )
