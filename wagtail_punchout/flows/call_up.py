"""Call-up: a browser comes with an OCI address, which is the buyer's call and the user's arrival in one.

There is no handshake and no second door: whoever has the user name and the password is let in, and the address says
where the cart shall go (OCI 4.0, call-up). So what is checked before a document gets its answer is checked here too:
the secret, the link, the company, the way home.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.db import transaction

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.address_book import choose
from wagtail_punchout.flows.carry import pricing_of, ref_of
from wagtail_punchout.flows.identify import Caller, identify_user
from wagtail_punchout.flows.issue import note_in_address
from wagtail_punchout.flows.modes import is_trying
from wagtail_punchout.flows.named_user import named_shopper
from wagtail_punchout.flows.return_address import ReturnProblem, return_problem
from wagtail_punchout.flows.route import Route, route, sent
from wagtail_punchout.models import Credential, Mode, PunchoutLink, PunchoutSession
from wagtail_punchout.models.links import OCI
from wagtail_punchout.protocol.cxml.setup import Operation
from wagtail_punchout.protocol.errors import NotAllowed, PunchoutError
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.oci.entry import SPELLINGS, CallUp, Function, read_call_up
from wagtail_punchout.protocol.oci.parameters import STRUCK, key_of
from wagtail_punchout.protocol.snapshot import storable
from wagtail_punchout.shop import ShopAdapter
from wagtail_punchout.signals import session_opened

#: Functions that show one product, named by the ``EXT_PRODUCT_ID`` of an earlier cart.
OF_A_PRODUCT = frozenset({Function.DETAIL, Function.DETAILADD, Function.VALIDATE})
#: Names under which shops are told who is calling (sample call-ups of BuyerQuest, Spryker and others).
REQUESTER = {
    "email": ("email", "e_mail", "mail", "useremail"),
    "name": ("name", "fullname", "full_name"),
    "first_name": ("first_name", "firstname", "fname"),
    "last_name": ("last_name", "lastname", "lname"),
    "unique_name": ("userid", "user_id", "externaluserid", "uniquename"),
    "phone": ("phone", "telephone"),
}
#: Names of parameters that every call has, whoever sends it.
OF_THE_CALL = frozenset(name for names in SPELLINGS.values() for name in names)


class Reason(StrEnum):
    """Why a call is not let in although its password is right, or cannot be one at all."""

    NO_NAME = "no_name"
    NO_PASSWORD = "no_password"  # noqa: S105
    NO_LINK = "no_link"
    SWITCHED_OFF = "switched_off"
    NO_GET = "no_get"
    NO_COMPANY = "no_company"
    NO_USER = "no_user"
    NO_PRODUCT = "no_product"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_FUNCTION = "unknown_function"
    NO_SEARCH = "no_search"
    RETURN_MISSING = f"return_{ReturnProblem.MISSING}"
    RETURN_UNUSABLE = f"return_{ReturnProblem.UNUSABLE}"
    RETURN_NOT_HTTPS = f"return_{ReturnProblem.NOT_HTTPS}"
    RETURN_FOREIGN = f"return_{ReturnProblem.FOREIGN}"


class CannotEnter(PunchoutError):
    """``reason`` is told to whoever called, ``cause`` and ``code`` to the admin."""

    def __init__(self, reason: Reason, cause: str, code: Failure | None = None) -> None:
        super().__init__(reason)
        self.reason, self.cause, self.code = reason, cause, code or Failure(reason.value)


def read_call(query: str, body: str, *, path_key: str = "") -> CallUp:
    """The call's parameters. At a customer's own address the names count that its links give them."""
    return read_call_up(query, body, names=_names_at(storable(path_key)) if path_key else {})


def said_by_a_stranger(call: CallUp) -> tuple[tuple[str, str], ...]:
    """The record of a call from nobody knows whom: no value of a name that any link gives to its password either."""
    links = PunchoutLink.objects.filter(format__in=OCI).exclude(parameter_names="")
    secret = {key_of(name) for link in links for name in link.names.get("password", ())}
    return tuple((name, STRUCK if value and key_of(name) in secret else value) for name, value in call.said_unproved)


def identify_call(call: CallUp, *, is_get: bool, at: datetime, path_key: str = "") -> Caller:
    """Who calls; through which link says :func:`through_link`.

    Raises ``NotAuthorized`` for a wrong name or password, and ``CannotEnter`` for a call without one.
    """
    check_signed(call)
    caller = identify_user(call.username, call.password, at=at, path_key=path_key)
    if is_get:
        note_in_address(caller.credential, at=at)
    return caller


def check_signed(call: CallUp) -> None:
    """Whether the call has a name and a password at all; ``CannotEnter`` otherwise."""
    if not call.username:
        raise CannotEnter(Reason.NO_NAME, "The call has no user name under any of the names that are read.")
    if not call.password:
        raise CannotEnter(Reason.NO_PASSWORD, "The call has no password under any of the names that are read.")


def through_link(caller: Caller, call: CallUp, *, is_get: bool) -> Caller:
    """The caller with the link that this call comes through; ``CannotEnter`` where there is none for it."""
    link = _link_of(caller, call.version)
    if is_get and not link.allow_get:
        raise CannotEnter(Reason.NO_GET, f"The link {link} takes no calls by GET.")
    return Caller(customer=caller.customer, credential=caller.credential, link=link)


def session_of(caller: Caller, call: CallUp, *, user_agent: str, at: datetime) -> PunchoutSession:
    """The row of a visit, not saved: all that the call said. Raises ``CannotEnter`` when it cannot become a visit."""
    link = caller.link
    way = _way_of(caller, call)
    # OCI names no address: the default it is, if the company has one.
    place = choose(way.company.path if way.company else caller.credential.company_path, caller.customer.group_id, None)
    session = PunchoutSession(
        customer=caller.customer,
        company_id=way.company_id,
        routed_by=way.told,
        link=link,
        credential=caller.credential,
        mode=Mode.TEST if is_trying(caller) else caller.credential.mode,
        operation=_operation(call).value,
        return_url=_return_url(call, link),
        language=call.language[:35],
        user_agent=user_agent[:200],
        requester=_requester(call),
        address=place.entry,
        ship_to=place.told.as_dict() if place.told else None,
        extrinsics=_others(call),
        selected={"sku": call.product_id, "auxiliary_id": ""} if call.function in OF_A_PRODUCT else None,
        call=_kept(call),
        created_at=at,
        start_until=at + timedelta(seconds=min(conf().START_SECONDS, 3600)),
        ends_at=at + timedelta(seconds=min(conf().VISIT_SECONDS, link.visit_minutes * 60)),
    )
    if way.company:
        session.company = way.company
    session.start_hash = session.hash_token(session.start_token)
    return session


def check_function(call: CallUp, session: PunchoutSession, adapter: ShopAdapter) -> None:
    """Whether what the call wants can be done at all; ``CannotEnter`` otherwise."""
    if call.unknown_function:
        raise CannotEnter(Reason.UNKNOWN_FUNCTION, f"FUNCTION={call.unknown_function[:60]} is not known here.")
    if call.function in OF_A_PRODUCT and not call.product_id:
        raise CannotEnter(Reason.NO_PRODUCT, f"FUNCTION={call.function} came without PRODUCTID.")
    if call.function in (Function.DETAIL, Function.DETAILADD):
        ref = ref_of(session, call.product_id)
        if adapter.get_item(ref, pricing_of(session)) is None:
            raise CannotEnter(Reason.UNKNOWN_PRODUCT, f"The shop does not know PRODUCTID={call.product_id[:100]}.")


def open_call(caller: Caller, session: PunchoutSession, *, record: Callable[[PunchoutSession], None]) -> None:
    """Keep the visit, and with it what ``record`` writes of the call.

    Raises ``CannotEnter`` when the call names a user who may not shop.
    """
    with transaction.atomic():
        try:
            session.user = named_shopper(caller, session)
        except NotAllowed as refusal:
            raise CannotEnter(Reason.NO_USER, refusal.cause, refusal.code) from refusal
        session.save(force_insert=True)
        record(session)
        transaction.on_commit(partial(session_opened.send_robust, PunchoutSession, session=session))


def _names_at(path_key: str) -> dict[str, list[str]]:
    links = PunchoutLink.objects.filter(
        group__customers__credentials__in=Credential.objects.filter(path_key=path_key), format__in=OCI, live=True
    ).distinct()
    names: dict[str, list[str]] = {}
    for link in links:
        for role, spellings in link.names.items():
            names.setdefault(role, []).extend(spellings)
    return names


def _link_of(caller: Caller, version: str) -> PunchoutLink:
    """The group's link for the version that was named; without one, the format that most systems speak."""
    links = PunchoutLink.objects.filter(group_id=caller.customer.group_id, format__in=OCI, live=True)
    found = {each.format: each for each in links}
    if not found:
        raise CannotEnter(Reason.NO_LINK, f"The group of {caller.customer} has no published OCI link.")
    active = {each: link for each, link in found.items() if link.is_active}
    if not active:
        raise CannotEnter(
            Reason.SWITCHED_OFF, f"The OCI links of {caller.customer} are switched off.", Failure.LINK_OFF
        )
    asked = f"oci{version.strip()[:1]}"
    return active.get(asked) or next(active[each] for each in OCI if each in active)


def _way_of(caller: Caller, call: CallUp) -> Route:
    said = sent(email=_requester(call)["email"], extrinsics=_others(call).items())
    way = route(caller.customer, said)
    if way.refusal:
        raise CannotEnter(Reason.NO_COMPANY, way.cause, way.failure)
    return way


def _operation(call: CallUp) -> Operation:
    """Who only wants to see a product returns nothing (OCI 4.0, DETAIL)."""
    return Operation.INSPECT if call.function is Function.DETAIL else Operation.CREATE


def _return_url(call: CallUp, link: PunchoutLink) -> str:
    url = call.hook_url or link.default_return_url
    problem = return_problem(url, link)
    if problem is None:
        return url
    if problem is ReturnProblem.MISSING and call.function is Function.DETAIL:
        return ""
    raise CannotEnter(Reason(f"return_{problem}"), f"The return address {url[:300]!r} is {problem.replace('_', ' ')}.")


def _requester(call: CallUp) -> dict[str, str]:
    return {
        name: next((value for each in spellings if (value := call.given(each))), "")
        for name, spellings in REQUESTER.items()
    }


def _others(call: CallUp) -> dict[str, str]:
    """What is left when the call's own parameters are taken away: a route may look at it, the shop may show it."""
    return {name: value for name, value in call.said if not _is_of_the_call(name)}


def _is_of_the_call(name: str) -> bool:
    return name.startswith(("~", "NEW_ITEM-")) or name.lower().replace("-", "_") in OF_THE_CALL


def _kept(call: CallUp) -> dict[str, object]:
    return {
        "function": call.function.value,
        "product_id": call.product_id,
        "search": call.search,
        "target": call.target,
        "charset": call.charset,
        "version": call.version,
        "echo": [list(each) for each in call.echo],
        "presets": [list(each) for each in call.presets],
        "cancel_url": call.cancel_url,
        "said": [list(each) for each in call.said],
    }
