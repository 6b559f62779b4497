"""PunchOutSetupRequest and its answer: a buyer's system asks for a shop visit and is told where it starts.

The DTD demands a BuyerCookie and an operation, nothing else. Senders break the order of the children, so they are found
by name. What the buyer knows of its user is scattered over Extrinsics, Contact and ShipTo; ``requester`` gathers it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.item import (
    ItemDetail,
    ItemID,
    add_detail,
    add_extrinsics,
    add_item_id,
    plain_number,
    read_detail,
    read_extrinsics,
    read_item_id,
)
from wagtail_punchout.protocol.cxml.party import (
    Address,
    Contact,
    add_contact,
    add_ship_to,
    read_contact,
    read_ship_to,
)
from wagtail_punchout.protocol.errors import NotImplementedHere, UnacceptableContent
from wagtail_punchout.protocol.failures import Failure

#: More of one thing than this is a mistake, and more than databases keep.
MOST_OF_A_LINE = 1_000_000_000


class Operation(StrEnum):
    """What the visit is for. ``source`` exists in the standard and is not spoken here."""

    CREATE = "create"
    EDIT = "edit"
    INSPECT = "inspect"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOut:
    """A line of the cart that is reopened. ``line_number`` is the buyer's text: absent and zero-padded ones occur."""

    item_id: ItemID
    quantity: Decimal
    line_number: str = ""
    detail: ItemDetail | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetupRequest:
    """One request for a visit. ``buyer_cookie`` is exactly what came and goes back so; ``return_url`` may be empty."""

    operation: Operation
    buyer_cookie: str
    return_url: str = ""
    extrinsics: tuple[tuple[str, str], ...] = ()
    contacts: tuple[Contact, ...] = ()
    ship_to: Address | None = None
    selected_item: ItemID | None = None
    lines: tuple[ItemOut, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Requester:
    """The person at the buyer's, as far as it says; everything may be empty."""

    email: str = ""
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    unique_name: str = ""
    phone: str = ""


# Reading


def decode_setup_request(body: _Element) -> SetupRequest:
    """Read the request; 400 names what is missing, 450 an operation that is not spoken here."""
    return SetupRequest(
        operation=_operation(body),
        buyer_cookie=_buyer_cookie(body),
        return_url=tree.optional_text(body, "BrowserFormPost/URL"),
        extrinsics=read_extrinsics(body),
        contacts=tuple(read_contact(each) for each in body.findall("Contact")),
        ship_to=read_ship_to(body),
        selected_item=_selected_item(body),
        lines=tuple(_read_line(each) for each in body.findall("ItemOut")),
    )


def decode_setup_response(body: _Element) -> str:
    """The URL where the visit starts, as the buyer's system reads it."""
    return tree.text(body, "StartPage/URL")


def _operation(body: _Element) -> Operation:
    named = body.get("operation", "").strip().lower()
    if not named:
        raise UnacceptableContent("PunchOutSetupRequest/@operation is missing; it can be create, edit or inspect.")
    try:
        return Operation(named)
    except ValueError:
        raise NotImplementedHere(
            f"The operation {named[:40]!r} is not supported; create, edit and inspect are.", code=Failure.OPERATION
        ) from None


def _buyer_cookie(body: _Element) -> str:
    # Not trimmed: the buyer compares what comes back with what it sent (guide p. 70).
    cookie = tree.content(tree.require(body, "BuyerCookie"))
    if not cookie.strip():
        raise UnacceptableContent("PunchOutSetupRequest/BuyerCookie is empty.")
    return cookie


def _selected_item(body: _Element) -> ItemID | None:
    selected = body.find("SelectedItem")
    item_id = ItemID("") if selected is None else read_item_id(selected)
    return item_id if item_id != ItemID("") else None


def _read_line(item: _Element) -> ItemOut:
    item_id = read_item_id(item)
    quantity = tree.decimal(item.get("quantity", ""), what="ItemOut/@quantity")
    if quantity is None or not 0 <= quantity <= MOST_OF_A_LINE:
        raise UnacceptableContent(
            f"ItemOut {item_id.supplier_part_id[:100]!r} needs a quantity from 0 to {MOST_OF_A_LINE}."
        )
    return ItemOut(
        item_id=item_id,
        quantity=quantity,
        line_number=item.get("lineNumber", "").strip(),
        detail=read_detail(item),
    )


# Who is shopping

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")  # no dot needed: hosts like "remotehost" occur


def requester(request: SetupRequest) -> Requester:
    """Gather what the buyer says of its user, the most explicit place first."""
    told = {name.lower(): _without_null(value) for name, value in reversed(request.extrinsics)}
    contact = _contact(request.contacts)
    first, last = told.get("firstname", ""), told.get("lastname", "")
    unique_name = told.get("uniquename", "") or _login(told.get("useremail", "")) or told.get("user", "")
    emails = (told.get("useremail", ""), told.get("email", ""), contact.email, _ship_to(request).email)
    email = next((each for each in emails if _ADDRESS.fullmatch(each)), "")
    logins = {each.lower() for each in (email, unique_name, told.get("user", "")) if each}
    contact_name = _without_null(contact.name)
    names = (
        # Coupa puts the login into Contact/Name and the real name into FirstName and LastName.
        "" if contact_name.lower() in logins else contact_name,
        f"{first} {last}".strip(),
        told.get("userfullname", ""),
        told.get("fullname", ""),
        unique_name,
        contact_name,
    )
    return Requester(
        email=email,
        name=next(filter(None, names), ""),
        first_name=first,
        last_name=last,
        unique_name=unique_name,
        phone=told.get("phonenumber", "") or contact.phone or _ship_to(request).phone,
    )


def _contact(contacts: tuple[Contact, ...]) -> Contact:
    for role in ("enduser", ""):
        for each in contacts:
            if each.role.lower() == role:
                return each
    return contacts[0] if contacts else Contact()


def _ship_to(request: SetupRequest) -> Address:
    return request.ship_to or Address()


def _login(user_email: str) -> str:
    """UserEmail is a login now and then (guide p. 66 prints ``jsmith``)."""
    return "" if _ADDRESS.fullmatch(user_email) else user_email


def _without_null(value: str) -> str:
    # Oracle Exchange sends "null Quentin null Example"; Mr. Null is written with a capital.
    return " ".join(word for word in value.split() if word != "null")


# Writing


def setup_response(start_url: str) -> _Element:
    """The body of the answer, without blanks around the URL: not every receiver trims."""
    body = etree.Element("PunchOutSetupResponse")
    tree.add_text(tree.add(body, "StartPage"), "URL", start_url)
    return body


def encode_setup_request(request: SetupRequest, *, language: str = "en") -> _Element:
    """The body of a request, as a buyer's system writes it."""
    body = etree.Element("PunchOutSetupRequest", {"operation": request.operation.value})
    tree.add_text(body, "BuyerCookie", request.buyer_cookie)
    add_extrinsics(body, request.extrinsics)
    if request.return_url:
        tree.add_text(tree.add(body, "BrowserFormPost"), "URL", request.return_url)
    for contact in request.contacts:
        add_contact(body, contact, language=language)
    if request.ship_to:
        add_ship_to(body, request.ship_to, language=language)
    if request.selected_item:
        add_item_id(tree.add(body, "SelectedItem"), request.selected_item)
    for line in request.lines:
        _add_line(body, line, language=language)
    return body


def _add_line(body: _Element, line: ItemOut, *, language: str) -> None:
    item = tree.add(body, "ItemOut", {"quantity": plain_number(line.quantity)})
    if line.line_number:
        item.set("lineNumber", tree.clean(line.line_number))
    add_item_id(item, line.item_id)
    if line.detail and line.detail.unit_price:
        add_detail(item, line.detail, line.detail.unit_price, language=language)
