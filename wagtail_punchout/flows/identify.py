"""Identify: who is calling, by the Sender credential of a document or by the user name and password of an OCI call.

The Sender's identity and secret open the door; From and To are recorded (journey J1.8). Behind a hub one Sender speaks
for many buyers, and From tells them apart (guide pp. 67-68). OCI has the same two under other names. Unknown sender,
wrong secret and a customer switched off are told apart only to the admin: a stranger gets one answer, after the same
work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from wagtail_punchout.flows.senders import find_credentials
from wagtail_punchout.models import Credential, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.protocol.cxml import envelope, mac
from wagtail_punchout.protocol.errors import NotAuthorized
from wagtail_punchout.protocol.failures import Failure

#: Identities one Sender may have. Ariba sends two.
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated connection: its customer, the credential that proved it, and the link it comes through."""

    customer: PunchoutCustomer
    credential: Credential
    link: PunchoutLink | None


def identify(header: envelope.Header, *, at: datetime, path_key: str = "", mac_is_enough: bool = False) -> Caller:
    """The caller, or ``NotAuthorized`` with the true cause.

    ``path_key`` is the key in a customer's own URL: the sender must then be that customer, in that mode.
    ``mac_is_enough``: accept a CredentialMac, which proves the caller but not the body, in place of the secret.
    """
    keys = {identity_key(each.identity) for each in header.sender if each.identity.strip()}
    _check_few(keys)
    candidates = find_credentials(keys, at=at, path_key=path_key)
    proven = [each for each in candidates if _proves(each, header, at=at, mac_is_enough=mac_is_enough)]
    if not candidates:
        _same_work_for_nothing(each.shared_secret for each in header.sender)
        raise _unknown_sender(keys, path_key)
    is_shown = any(each.shared_secret or each.mac for each in header.sender)
    return _let_in(_meant(candidates, {identity_key(each.identity) for each in header.from_}), proven, is_shown)


def identify_user(username: str, password: str, *, at: datetime, path_key: str = "") -> Caller:
    """The caller behind an OCI call, or ``NotAuthorized`` with the true cause. Which link is meant is not known here.

    The user name is the customer's Sender identity, the password its shared secret. Nobody stands behind a hub here:
    there is no From that could tell its buyers apart.
    """
    keys = {identity_key(username)} - {""}
    candidates = find_credentials(keys, at=at, path_key=path_key)
    proven = [each for each in candidates if each.matches(password)]
    if not candidates:
        _same_work_for_nothing([password])
        raise _unknown_sender(keys, path_key)
    return replace(_let_in(_meant(candidates, set()), proven, is_shown=True), link=None)


def identify_kept(
    names: Iterable[str], from_names: Iterable[str], *, is_shown: bool, at: datetime, mode: str
) -> Caller:
    """The caller of a document that is kept, by today's customers and secrets; ``NotAuthorized`` as if it came now.

    Its secret was struck out and is taken for right, where one was there (``is_shown``). Of a customer's two secrets
    that of ``mode`` is meant, if it has one.
    """
    keys = {identity_key(each) for each in names if each.strip()}
    _check_few(keys)
    candidates = sorted(find_credentials(keys, at=at), key=lambda each: each.mode != mode)
    if not candidates:
        raise _unknown_sender(keys, "")
    meant = _meant(candidates, {identity_key(each) for each in from_names})
    return _let_in(meant, candidates if is_shown else [], is_shown)


def _check_few(keys: set[str]) -> None:
    if len(keys) > MOST_NAMES:
        message = f"The Sender has {len(keys)} names; real ones have two or three."
        raise NotAuthorized(message, Failure.SENDER_MANY_NAMES)


def _let_in(customers: set[int], proven: list[Credential], is_shown: bool) -> Caller:
    """The one customer that is meant, if a credential of it was shown and nobody has switched it off."""
    if not customers:
        raise NotAuthorized("The Sender is a hub and the From identity is none of its customers.", Failure.HUB_UNKNOWN)
    if len(customers) > 1:
        raise NotAuthorized("The Sender credentials belong to different customers.", Failure.SENDER_AMBIGUOUS)
    credential = next((each for each in proven if each.customer_id in customers), None)
    if credential is None and not is_shown:
        raise NotAuthorized("The Sender has no shared secret.", Failure.SECRET_MISSING)
    if credential is None:
        raise NotAuthorized("The shared secret is wrong, revoked or past its end.", Failure.SECRET_WRONG)
    customer = credential.customer
    if not customer.is_active:
        raise NotAuthorized(f"The customer {customer} is switched off.", Failure.CUSTOMER_OFF)
    if credential.company_is_off:
        message = f"The company {customer.company}, or a company above it, is switched off."
        raise NotAuthorized(message, Failure.COMPANY_OFF)
    if not customer.user.is_active or customer.user.is_staff or customer.user.is_superuser:
        raise NotAuthorized(f"The shop user of {customer} is switched off or is staff.", Failure.USER_UNUSABLE)
    return Caller(customer=customer, credential=credential, link=credential.link)


def _meant(candidates: Iterable[Credential], from_keys: set[str]) -> set[int]:
    """Ids of the customers these credentials can stand for; From decides only where a hub is in between."""
    behind_hub = {each.customer_id for each in candidates if each.customer.from_key in from_keys - {""}}
    direct = {each.customer_id for each in candidates if not each.customer.from_key}
    return behind_hub or direct


def _proves(credential: Credential, header: envelope.Header, *, at: datetime, mac_is_enough: bool) -> bool:
    """Whether the Sender shows this credential's secret, and never another one beside it.

    Ariba repeats the same secret under each of its domains; two different secrets in one Sender are a trick.
    """
    offered = [each.shared_secret for each in header.sender if each.shared_secret]
    if offered:
        # A list, not a generator: every comparison is made, whatever the first one says.
        return all([credential.matches(secret) for secret in offered])
    macs = [each for each in header.sender if each.mac] if mac_is_enough else []
    return any([mac.verify(each.mac, header.from_, each, credential.secret(), now=at) for each in macs])


def _same_work_for_nothing(secrets: Iterable[str]) -> None:
    """Compare with a secret that opens nothing, so that an unknown sender is answered no faster than a known one."""
    dummy = _dummy()
    for secret in secrets:
        if secret:
            dummy.matches(secret)


@lru_cache(maxsize=1)
def _dummy() -> Credential:
    credential = Credential()
    credential.set_secret()
    return credential


def _unknown_sender(keys: set[str], path_key: str) -> NotAuthorized:
    if not keys:
        return NotAuthorized("The Sender names no identity.", Failure.SENDER_UNNAMED)
    told = ", ".join(sorted(keys))[:300]
    if path_key:
        message = f"No live credential of this URL belongs to the Sender identity {told}."
        return NotAuthorized(message, Failure.SENDER_ELSEWHERE)
    message = f"No customer with a live credential has the Sender identity {told}."
    return NotAuthorized(message, Failure.SENDER_UNKNOWN)
