"""VALIDATE and BACKGROUND_SEARCH: asked by a program, answered on the spot with the usual form.

No redirect, no cookie, no script is needed to read the answer, and no visit begins. VALIDATE is sometimes asked by a
window that nobody looks at, so its page sends itself; a search is read by the program and must not (OCI 4.0; Meplato
and OCIPC agree, Agiqon does otherwise).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import carry, pack_oci
from wagtail_punchout.flows.call_up import CannotEnter, Reason
from wagtail_punchout.flows.prepare import prepare
from wagtail_punchout.flows.quoted import QuotedLine
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.cart import Cart, CartLine, Item
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.oci.entry import CallUp, Function
from wagtail_punchout.protocol.oci.fields import Version
from wagtail_punchout.protocol.oci.items import encode
from wagtail_punchout.storefront import pages
from wagtail_punchout.storefront.home import WayHome

logger = logging.getLogger("wagtail_punchout.storefront")

#: What some clients send for "everything" (Meplato).
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Answer:
    """The page, and a sentence for the record."""

    response: HttpResponse
    sentence: str


def validate(request: HttpRequest, session: PunchoutSession, call: CallUp) -> Answer:
    """One product at today's price for the quantity asked. What is no longer sold comes back as no line at all."""
    quantity = call.quantity or Decimal(1)
    ref = carry.ref_of(session, call.product_id)
    item = get_adapter().get_item(ref, carry.pricing_of(session), quantity)
    auxiliary_id = call.product_id if ref.sku != call.product_id else ""
    lines = _lines([(item, auxiliary_id)] if item else [], quantity)
    fields = _fields(session, lines)
    return Answer(
        _form(request, session, fields, submits_itself=True),
        "OK" if fields else f"No line: {call.product_id[:100]} cannot be bought.",
    )


def background_search(request: HttpRequest, session: PunchoutSession, call: CallUp) -> Answer:
    """All hits in one page, as far as the link allows; an empty search finds nothing."""
    text = call.search.strip()
    limit = session.link.search_hits
    found: Sequence[Item] | None = ()
    if text:
        asked = "" if text == EVERYTHING else text
        found = get_adapter().search_items(asked, carry.pricing_of(session), limit=limit)
        if found is None:
            raise CannotEnter(Reason.NO_SEARCH, "The adapter's search_items says that the shop cannot be searched.")
    lines = _lines([(item, "") for item in found[:limit]], Decimal(1))
    fields = _fields(session, lines)
    return Answer(_form(request, session, fields, submits_itself=False), f"OK, {len(lines)} hits")


ANSWERS = {Function.VALIDATE: validate, Function.BACKGROUND_SEARCH: background_search}


def _lines(items: Iterable[tuple[Item, str]], quantity: Decimal) -> list[QuotedLine]:
    """Those that can be bought; a price of zero would be believed."""
    buyable = [(item, auxiliary_id) for item, auxiliary_id in items if item.available and item.price is not None]
    return [
        QuotedLine(CartLine(line_id=str(number), item=item, quantity=quantity), auxiliary_id)
        for number, (item, auxiliary_id) in enumerate(buyable, start=1)
    ]


def _fields(session: PunchoutSession, lines: Sequence[QuotedLine]) -> pack_oci.Fields:
    """The fields of all lines that OCI can carry: one article that does not fit must not hide the others."""
    link, told = session.link, []
    for each in lines:
        try:
            cart = prepare(Cart(currency=each.line.item.price.net.currency, lines=(each.line,)), link)
            [values] = pack_oci.values(session, link, cart, [QuotedLine(cart.lines[0], each.auxiliary_id)])
            encode([values], Version(link.format))
        except UnsendableCart as problem:
            logger.warning("An article was left out of an OCI answer: %s", problem)
        else:
            told.append(values)
    return encode(told, Version(link.format), send_empty=link.send_empty_fields)


def _form(
    request: HttpRequest, session: PunchoutSession, fields: pack_oci.Fields, *, submits_itself: bool
) -> HttpResponse:
    link = session.link
    way = WayHome.with_fields(session, link, (*pack_oci.control_fields(session, link), *fields))
    context = {"way": way, "submits_itself": submits_itself, "title": _("Answer of the shop")}
    return pages.page(request, "answer", context, session=session, form_action=way.form_action, charset=way.charset)
