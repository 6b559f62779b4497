"""What a kept document says to people: its verdict in plain words, and its text made readable."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from lxml import etree

from wagtail_punchout.models import Exchange
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.errors import Refused

#: What it means that a document was taken.
TAKEN = {
    "PunchOutSetupRequest": _("The buyer's system was given the address of a visit."),
    "OrderRequest": _("The order is kept."),
    "ProfileRequest": _("The buyer's system was told what this shop takes."),
    "StatusUpdateRequest": _("The buyer's word about a document of ours is kept."),
    "OCI call": _("The shopper was let in."),
    "OCI DETAIL": _("The shopper was let in, to the product that the call names."),
    "OCI DETAILADD": _("The shopper was let in, to the product that the call names."),
    "OCI SOURCING": _("The shopper was let in, to the results of the search."),
    "OCI VALIDATE": _("The buyer's system was told today's price of the product."),
    "OCI BACKGROUND_SEARCH": _("The buyer's system was given what the shop has found."),
}
REFUSED = _("It was refused")
FAILED = _("It failed at our side")


def verdict_of(exchange: Exchange) -> str:
    # Outside the f-string: makemessages does not look into it.
    if exchange.status >= 500:
        word = gettext("failed")
    else:
        word = gettext("refused") if exchange.is_refused else gettext("accepted")
    return f"{exchange.status} {word}"


def headline_of(exchange: Exchange) -> str | Promise:
    """The verdict as a sentence."""
    if exchange.is_refused:
        return FAILED if exchange.status >= 500 else REFUSED
    return TAKEN.get(exchange.kind, _("It was accepted."))


def kind_of(exchange: Exchange) -> str:
    return exchange.kind or gettext("unreadable")


def party_of(exchange: Exchange) -> str:
    return str(exchange.customer or exchange.sender or "")


def readable(document: str) -> str:
    """Indented for reading where it is XML, else as it is."""
    try:
        root = tree.parse(document.encode()).root
    except Refused:
        return document
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")
