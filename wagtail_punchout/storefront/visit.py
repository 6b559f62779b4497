"""``request.punchout``: the visit of this browser, as the shop's code and templates see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from wagtail_punchout.flows import carry, start
from wagtail_punchout.flows.abilities import Standing, in_visit
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.models.origins import origin_of, read_origins
from wagtail_punchout.protocol.oci.entry import Function
from wagtail_punchout.shop import PricingContext

#: Where the Django session of a visit keeps the id of its PunchoutSession.
SESSION_KEY = "punchout_session"


@dataclass(frozen=True, slots=True)
class Requester:
    """The person at the buyer's, as far as its system told."""

    email: str = ""
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    unique_name: str = ""
    phone: str = ""


class Visit:
    """One running visit. Outside a visit ``request.punchout`` is ``None``-like: false in every condition."""

    def __init__(self, session: PunchoutSession) -> None:
        self.session = session

    def __repr__(self) -> str:
        return f"<Visit {self.session.pk}>"

    @property
    def id(self) -> UUID:
        """The visit's own id: a cart that is not kept in the Django session is found by it."""
        return self.session.pk

    @property
    def customer(self) -> str:
        return self.session.customer.name

    @property
    def company(self) -> str:
        return self.session.company.name

    @property
    def operation(self) -> str:
        return self.session.operation

    @property
    def is_edit(self) -> bool:
        return self.session.operation == "edit"

    @property
    def is_inspect(self) -> bool:
        """Whether this visit may only look: the server refuses every change."""
        return self.session.operation == "inspect"

    @property
    def is_detail(self) -> bool:
        """Whether the buyer's system only wanted to show a product (OCI ``DETAIL``)."""
        return self.session.call.get("function") == Function.DETAIL

    @property
    def notice(self) -> str:
        """What the shop's staff want shoppers of this connection to know."""
        return self.session.link.notice

    @property
    def return_label(self) -> str:
        """How this connection calls the way home; empty for the usual words."""
        label = self.session.link.return_label
        return label or (gettext("Submit for approval") if self.asks_approval else "")

    @property
    def asks_approval(self) -> bool:
        """Whether what is returned has to be approved at the buyer's before it is ordered."""
        return self.session.link.group.asks_approval and not self.is_inspect

    @property
    def is_test(self) -> bool:
        return self.session.is_test

    @property
    def language(self) -> str:
        return self.session.language

    @property
    def requester(self) -> Requester:
        return Requester(**self.session.requester)

    @property
    def ship_to(self) -> dict[str, Any] | None:
        """Where the buyer wants it delivered: ``address_id``, ``name``, ``deliver_to``, ``street``, ``city`` …"""
        return self.session.ship_to

    @property
    def delivery(self) -> str:
        """The same on one line, as far as it is known; empty for none."""
        to = self.ship_to or {}
        place = " ".join(filter(None, [to.get("postal_code"), to.get("city")]))
        return ", ".join(filter(None, [to.get("name"), *to.get("street", ()), place]))

    @property
    def extrinsics(self) -> dict[str, str]:
        """What else the buyer's system sent, by name."""
        return self.session.extrinsics

    @property
    def problems(self) -> list[dict[str, str]]:
        """What the shopper must be told of carried lines: ``sku``, ``code``, ``message``."""
        return carry.problems(self.session)

    @cached_property
    def pricing(self) -> PricingContext:
        """For whom the prices of this visit are."""
        return carry.pricing_of(self.session)

    @cached_property
    def standing(self) -> Standing:
        """What the roles of the customer and of whoever shops allow for this visit's company and group."""
        return in_visit(self.session)

    @property
    def abilities(self) -> frozenset[str]:
        """All that is allowed. Without any role a customer's own user may do the one thing: return a cart."""
        return self.standing.abilities

    def may(self, ability: str) -> bool:
        return self.standing.may(ability)

    @property
    def can_return(self) -> bool:
        """Whether there is an address to return to; an inspect may come without."""
        return bool(self.session.return_url)

    @property
    def proof(self) -> str:
        """A signed copy of the id for the forms that end the visit: only this visit's own pages have it."""
        return _signer().sign(str(self.session.pk))

    @property
    def frame_origins(self) -> list[str]:
        return frame_origins(self.session)


def frame_origins(session: PunchoutSession) -> list[str]:
    """Whose pages may frame this visit: those the link names, and the one the cart goes home to."""
    home = origin_of(session.return_url)
    return list(dict.fromkeys([*read_origins(session.link.frame_origins), *([home] if home else [])]))


def read_proof(text: str) -> str | None:
    """The visit id in a form's proof, or ``None`` when we did not sign it."""
    try:
        return _signer().unsign(text)
    except BadSignature:
        return None


def lazy_visit(request: HttpRequest) -> Visit | None:
    """The visit, looked up when it is first asked for: ordinary pages pay nothing."""

    def find() -> Visit | None:
        session_id = request.session.get(SESSION_KEY)
        session = start.running(session_id, at=timezone.now()) if session_id else None
        return Visit(session) if session else None

    return SimpleLazyObject(find)  # type: ignore[return-value]


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="wagtail_punchout.visit")
