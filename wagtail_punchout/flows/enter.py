"""Enter: a buyer's system asks for a visit and gets a session with a start page.

Called by the buyer's server, long before its user's browser appears: nothing of the shop is touched here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.address_book import Choice, check_own, choose, note_unknown
from wagtail_punchout.flows.carry import is_any_line_known
from wagtail_punchout.flows.identify import Caller
from wagtail_punchout.flows.modes import mode_of
from wagtail_punchout.flows.named_user import named_shopper
from wagtail_punchout.flows.return_address import checked_return_url
from wagtail_punchout.flows.route import Route, route, sent_by
from wagtail_punchout.models import PunchoutLink, PunchoutSession
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.envelope import Credential, Request
from wagtail_punchout.protocol.cxml.party import Contact
from wagtail_punchout.protocol.cxml.setup import ItemOut, Operation, Requester, SetupRequest, requester
from wagtail_punchout.protocol.errors import CartNotFound, NotAllowed
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.shop import ShopAdapter
from wagtail_punchout.signals import session_opened


def open_session(
    caller: Caller,
    request: Request,
    setup: SetupRequest,
    *,
    retry_key: str | None,
    adapter: ShopAdapter,
    at: datetime,
    record: Callable[[PunchoutSession], None],
) -> PunchoutSession:
    """The session for this request; a repeated request (same ``retry_key``) gets the session it got before.

    ``record`` writes the exchange in the same transaction. Raises ``NotAllowed`` for a link that is missing or switched
    off, for a foreign return host, and for a call that leads to no company, names a user who may not shop or goes to
    an address that its group does not share,
    ``UnacceptableContent`` for an unusable return URL, ``CartNotFound`` when an edit carries only lines this shop has
    never heard of.
    """
    session = session_of(caller, request, setup, retry_key=retry_key, adapter=adapter, at=at)
    try:
        with transaction.atomic():
            session.user = named_shopper(caller, session)
            session.save(force_insert=True)
            record(session)
            transaction.on_commit(partial(session_opened.send_robust, PunchoutSession, session=session))
    except IntegrityError:
        # The same document came before, or comes at this very moment: its first taker has the session.
        first = PunchoutSession.objects.filter(customer=caller.customer, retry_key=retry_key).first()
        if retry_key is None or first is None:
            raise
        record(first)
        return first
    return session


def session_of(
    caller: Caller, request: Request, setup: SetupRequest, *, retry_key: str | None, adapter: ShopAdapter, at: datetime
) -> PunchoutSession:
    """The row of the visit, not saved and without the user the call names. Raises all that :func:`open_session` does
    but for the user."""
    link, way = usable_link(caller.link), _way_of(caller, setup)
    place = _place_of(caller, setup, way, at=at)
    session = _session_for(caller, request, setup, link=link, way=way, place=place, retry_key=retry_key, at=at)
    _check_carried(session, adapter)
    return session


def _session_for(
    caller: Caller,
    request: Request,
    setup: SetupRequest,
    *,
    link: PunchoutLink,
    way: Route,
    place: Choice,
    retry_key: str | None,
    at: datetime,
) -> PunchoutSession:
    """The row, not saved: all that the buyer's system said, in our words."""
    session = PunchoutSession(
        customer=caller.customer,
        company_id=way.company_id,
        routed_by=way.told,
        link=link,
        credential=caller.credential,
        mode=mode_of(caller, request.deployment_mode, link),
        operation=setup.operation.value,
        buyer_cookie=setup.buyer_cookie,
        return_url=checked_return_url(setup.return_url or link.default_return_url, link, setup.operation),
        payload_id=request.payload_id,
        retry_key=retry_key,
        dtd_version=request.dtd_version[:20],
        language=request.language[:35],
        user_agent=request.header.user_agent[:200],
        parties=parties(request),
        requester=_told(requester(setup)),
        address=place.entry,
        ship_to=place.told.as_dict() if place.told else None,
        contacts=[_told(contact) for contact in setup.contacts],
        extrinsics={name: tree.struck_if_secret(name, value) for name, value in setup.extrinsics},
        selected=_selected(setup),
        carried=[_carried(position, line) for position, line in enumerate(setup.lines)],
        created_at=at,
        start_until=at + timedelta(seconds=min(conf().START_SECONDS, 3600)),
        ends_at=at + timedelta(seconds=min(conf().VISIT_SECONDS, link.visit_minutes * 60)),
    )
    if way.company:
        session.company = way.company  # it is at hand: prices will ask for it
    session.start_hash = session.hash_token(session.start_token)
    return session


def usable_link(link: PunchoutLink | None) -> PunchoutLink:
    """The link a call comes through, if there is one that is switched on; ``NotAllowed`` otherwise."""
    if link is None or not link.live:
        raise NotAllowed(
            "No cXML link is set up for this customer. Ask the supplier to add one to the customer's group.",
            code=Failure.NO_LINK,
        )
    if not link.is_active:
        raise NotAllowed(
            "The PunchOut link of this customer is switched off. Ask the supplier to activate it.",
            code=Failure.LINK_OFF,
        )
    return link


def _way_of(caller: Caller, setup: SetupRequest) -> Route:
    """For which company this visit is; whether it is the first call or opens an old cart again makes no difference."""
    way = route(caller.customer, sent_by(setup))
    if way.refusal:
        raise NotAllowed(way.refusal, cause=way.cause, code=way.failure)
    return way


def _place_of(caller: Caller, setup: SetupRequest, way: Route, *, at: datetime) -> Choice:
    """Where the goods go. An ID that stands in no book is kept also when the call is refused for it."""
    path = way.company.path if way.company else caller.credential.company_path
    choice = choose(path, caller.customer.group_id, setup.ship_to)
    note_unknown(way.company_id, choice, at=at)
    check_own(choice, is_allowed=caller.credential.own_address)
    return choice


def _told(person: Requester | Contact) -> dict[str, str]:
    """For JSON. Both are flat, so that ``asdict``, which copies deeply, would do ten times the work."""
    return {each.name: getattr(person, each.name) for each in fields(person)}


def parties(request: Request) -> dict[str, list[dict[str, str]]]:
    """Who spoke to whom, without any secret, for JSON."""

    def told(credentials: tuple[Credential, ...]) -> list[dict[str, str]]:
        return [{"domain": each.domain, "identity": each.identity} for each in credentials]

    header = request.header
    return {"from": told(header.from_), "to": told(header.to), "sender": told(header.sender)}


def _selected(setup: SetupRequest) -> dict[str, str] | None:
    item = setup.selected_item
    return {"sku": item.supplier_part_id, "auxiliary_id": item.supplier_part_auxiliary_id} if item else None


def _carried(position: int, line: ItemOut) -> dict[str, str]:
    price = line.detail.unit_price if line.detail else None
    return {
        "key": str(position),
        "sku": line.item_id.supplier_part_id,
        "auxiliary_id": line.item_id.supplier_part_auxiliary_id,
        "quantity": str(line.quantity),
        "price": str(price.amount) if price else "",
        "currency": price.currency if price else "",
    }


def _check_carried(session: PunchoutSession, adapter: ShopAdapter) -> None:
    if session.operation != Operation.CREATE.value and session.carried and not is_any_line_known(session, adapter):
        raise CartNotFound(
            f"None of the {len(session.carried)} lines to {session.operation} is known here, neither by "
            "SupplierPartAuxiliaryID nor by SupplierPartID. Start with operation create."
        )
