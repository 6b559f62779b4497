"""Pack: a cart, or nothing, as the document that the buyer's browser will carry home."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wagtail_punchout.conf import conf
from wagtail_punchout.flows import pack_cxml, pack_oci
from wagtail_punchout.flows.quoted import QuotedLine
from wagtail_punchout.flows.return_address import SAPEVENT
from wagtail_punchout.models import PunchoutLink, PunchoutSession, Quote
from wagtail_punchout.models.links import ReturnMethod
from wagtail_punchout.protocol.cart import Cart
from wagtail_punchout.protocol.cxml import envelope
from wagtail_punchout.protocol.cxml.browser_form import form_fields

#: Characters of an address that every browser, proxy and server is known to take.
LONGEST_ADDRESS = 2000
NO_CONTENT = envelope.Status(code=204, text="No Content")


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """A document ready to go. ``is_large``: typical receivers may take only a part of it, without a word."""

    kind: str
    document: str
    payload_id: str = ""
    is_large: bool = False


def pack(session: PunchoutSession, cart: Cart, lines: Sequence[QuotedLine], *, at: datetime) -> Packed:
    """The prepared cart in the format of the visit's link. Raises ``UnsendableCart``."""
    link = session.link
    if link.is_oci:
        fields = pack_oci.form_fields(session, link, cart, lines)
        return Packed(kind="OCI cart", document=_as_text(fields), is_large=_is_large(session, link, fields))
    payload_id = _payload_id(session)
    told = pack_cxml.message(session, link, cart, lines)
    document = pack_cxml.encode(session, told, payload_id=payload_id, at=at)
    return Packed(kind="PunchOutOrderMessage", document=document.decode(), payload_id=payload_id)


def pack_nothing(session: PunchoutSession, *, currency: str, at: datetime) -> Packed:
    """What goes home when the shopper gives up: nothing is to change at the buyer's."""
    if session.link.is_oci:
        return Packed(kind="OCI cart", document=_as_text(pack_oci.control_fields(session, session.link)))
    payload_id = _payload_id(session)
    told = pack_cxml.nothing(session, currency)
    document = pack_cxml.encode(session, told, payload_id=payload_id, at=at, status=NO_CONTENT)
    return Packed(kind="PunchOutOrderMessage", document=document.decode(), payload_id=payload_id)


def unpack(quote: Quote) -> tuple[tuple[str, str], ...]:
    """Names and values of the hidden inputs that carry ``quote`` home."""
    # By the document and not by the link, whose format may have been changed since.
    if quote.document.startswith("["):
        return tuple((name, value) for name, value in json.loads(quote.document))
    return form_fields(quote.document.encode(), encoding=quote.session.link.return_encoding)


def _as_text(fields: pack_oci.Fields) -> str:
    return json.dumps(fields, ensure_ascii=False, indent=0)


def _is_large(session: PunchoutSession, link: PunchoutLink, fields: pack_oci.Fields) -> bool:
    if link.most_fields and len(fields) > link.most_fields:
        return True
    if link.return_method != ReturnMethod.GET or session.return_url == SAPEVENT:
        return False
    page = pack_oci.page_charset(session, link)
    return pack_oci.address_length(session.return_url, fields, page) > LONGEST_ADDRESS


def _payload_id(session: PunchoutSession) -> str:
    """Unique in space and time, as the guide wants it (p. 24)."""
    return f"{session.id}.{secrets.token_hex(4)}@{conf().host}"
