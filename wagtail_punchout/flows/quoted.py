"""Lines on their way home, with the IDs under which the buyer's system will speak of them again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from wagtail_punchout.flows.carry import auxiliary_ids
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.cart import Cart, CartLine


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A cart line with the auxiliary ID it goes home under."""

    line: CartLine
    auxiliary_id: str = ""


def with_auxiliary_ids(session: PunchoutSession, cart: Cart) -> list[QuotedLine]:
    """Lines that came along keep their ID; new ones get a short random one, different for every line (guide p. 71)."""
    kept = auxiliary_ids(session)
    taken: set[str] = set()
    lines = []
    for line in cart.lines:
        auxiliary_id = kept.get(line.line_id, "")
        if not auxiliary_id or auxiliary_id in taken:
            auxiliary_id = secrets.token_urlsafe(12)
        taken.add(auxiliary_id)
        lines.append(QuotedLine(line, auxiliary_id))
    return lines
