"""What a strict receiver would not like about an OCI cart, one sentence each.

Half of it is silent in practice: a line with a unit that the buyer's system does not know is left out, a text that is
too long is cut, a wrong name for the long text puts it to another line. Nobody tells the shop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wagtail_punchout.testing.documents.oci_fields import FRAMEWORK, FREE, WIDTHS, width
from wagtail_punchout.testing.documents.scrutiny import HTML, MOJIBAKE, UNIT

if TYPE_CHECKING:
    from wagtail_punchout.testing.documents.oci import ReturnedOciCart, ReturnedOciLine

REFERENCE = re.compile(r"&(?:#\d{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z]{2,8}\d?);")
PERCENT = re.compile(r"%(?:2[0-9A-F]|3[A-F]|[CD][0-9A-F]%[89AB][0-9A-F]|E[0-9A-F]%[89AB])")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DECIMALS = re.compile(r"\.\d{4,}$")
ADDRESSES = {"ATTACHMENT", "URL"}


def of_cart(cart: ReturnedOciCart, order: list[int], agreed: frozenset[str]) -> Iterator[str]:
    """``order``: the numbers of the lines as they came; ``agreed``: further fields that both sides know."""
    yield from _of_numbering(order)
    for name, _value in cart.extra:
        if name.lower() in FRAMEWORK:
            yield f"The form carries “{name}”, which belongs to the shop's web framework."
        elif name.upper().startswith("NEW_ITEM"):
            yield f"“{name}” is not the name of a field."
    if any(name.lower() == "~xmldocument" for name, _value in cart.control):
        yield "The cart is in the XML variant, which hardly any system reads."
    currencies = sorted({line.currency for line in cart.lines if line.currency})
    if len(currencies) > 1:
        yield f"The cart mixes currencies: {', '.join(currencies)}."
    for line in cart.lines:
        for sentence in _of_line(cart, line, agreed):
            yield f"Line {line.index}: {sentence}"


def _of_numbering(order: list[int]) -> Iterator[str]:
    if not order:
        return
    counted = sorted(order)
    if counted[0] != 1:
        yield f"The lines are counted from {counted[0]}, not from 1."
    if counted != list(range(counted[0], counted[0] + len(counted))):
        yield f"The numbers of the lines have gaps: {_listed(counted)}."
    elif order != counted:
        yield f"The lines come in the order {_listed(order)}."


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:12])) + (" …" if len(numbers) > 12 else "")


def _of_line(cart: ReturnedOciCart, line: ReturnedOciLine, agreed: frozenset[str]) -> Iterator[str]:
    yield from _of_needs(line)
    yield from _of_numbers(line)
    for name, value in line.fields.items():
        yield from _of_field(name, value, cart.version, agreed)
    yield from _of_codes(line)
    yield from _of_place(cart, line)


def _of_needs(line: ReturnedOciLine) -> Iterator[str]:
    has = {name for name, value in line.fields.items() if value}
    if "QUANTITY" not in has:
        yield "no QUANTITY."
    if not has & {"DESCRIPTION", "MATNR"}:
        yield "neither DESCRIPTION nor MATNR."
    if not has & {"UNIT", "MATNR"}:
        yield "no UNIT, which is needed where there is no MATNR."
    is_of_bundle = bool(has & {"ITEM_TYPE", "PARENT_ID"})  # its price may stand at the other end
    if "PRICE" not in has and not is_of_bundle:
        yield "no PRICE; most systems want one."
    elif "PRICE" in has and "CURRENCY" not in has:
        yield "a PRICE without CURRENCY."
    for field, needed in (("EXT_QUOTE_ITEM", "EXT_QUOTE_ID"), ("CONTRACT_ITEM", "CONTRACT")):
        if field in has and needed not in has:
            yield f"{field} without {needed}."
    if has & {"EXT_CATEGORY_ID", "EXT_CATEGORY"} and "EXT_SCHEMA_TYPE" not in has:
        yield "a category without EXT_SCHEMA_TYPE."
    if "EXT_SCHEMA_TYPE" in has and not has & {"EXT_CATEGORY_ID", "EXT_CATEGORY"}:
        yield "EXT_SCHEMA_TYPE without a category."


def _of_numbers(line: ReturnedOciLine) -> Iterator[str]:
    for field in ("QUANTITY", "PRICE"):
        if DECIMALS.search(line.fields.get(field, "")):
            yield f"{field} has more than three decimals."
    if line.quantity is not None and line.quantity <= 0:
        yield f"the QUANTITY is {line.quantity:f}."
    if line.price is not None and line.price <= 0 and not (line.item_type or line.parent):
        yield f"the PRICE is {line.price:f}; free lines are refused by many."
    for field in ("PRICEUNIT", "LEADTIME"):
        if line.fields.get(field) and not re.fullmatch(r"\d+", line.fields[field]):
            yield f"{field} “{line.fields[field][:20]}” is not a whole number."
    if re.fullmatch(r"0+", line.fields.get("PRICEUNIT", "")):
        yield "PRICEUNIT is zero."


def _of_field(name: str, value: str, version: str, agreed: frozenset[str]) -> Iterator[str]:
    room = width(name, version)
    if room == 0:
        if name in WIDTHS and value:
            yield f"OCI {version} has no field {name}."
        elif name not in WIDTHS and name not in agreed:
            yield f"{name} is no field of OCI; it needs an agreement."
        room = FREE
    if room is not None and len(value) > room:
        yield f"{name} has {len(value)} characters; there is room for {room}."
    if found := REFERENCE.search(value):
        yield f"{name} shows the code “{found[0]}” instead of a character."
    elif PERCENT.search(value) and unquote(value) != value and name not in ADDRESSES:
        yield f"{name} is encoded twice: “{value[:40]}”."
    if MOJIBAKE.search(value):
        yield f"{name} was written in one charset and read in another: “{value[:40]}”."
    elif UNPRINTABLE.search(value):
        yield f"{name} holds a character that cannot be printed."
    if HTML.search(value):
        yield f"{name} contains HTML."


def _of_codes(line: ReturnedOciLine) -> Iterator[str]:
    if line.unit and not UNIT.match(line.unit):
        yield f"the UNIT “{line.unit}” is no ISO code; such lines are left out without a word."
    if line.currency and not re.fullmatch(r"[A-Z]{3}", line.currency):
        yield f"the CURRENCY “{line.currency}” is no ISO code."
    if line.fields.get("SERVICE", "") not in {"", "X"}:
        yield "SERVICE is neither X nor empty."
    if line.fields.get("ATTACHMENT_PURPOSE", "") not in {"", "C"}:
        yield "ATTACHMENT_PURPOSE is neither C nor empty."


def _of_place(cart: ReturnedOciCart, line: ReturnedOciLine) -> Iterator[str]:
    if line.item_type not in {"", "R", "O", "L"}:
        yield f"ITEM_TYPE “{line.item_type}” is none of R, O and L."
    parent = line.fields.get("PARENT_ID", "")
    if not parent:
        return
    known = {each.index for each in cart.lines}
    if line.parent not in known:
        yield f"it belongs to line {parent}, which is not there."
    elif line.parent == line.index:
        yield "it belongs to itself."
