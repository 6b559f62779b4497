"""Identify: who is calling, by the Sender credential alone.

The Sender's identity and secret open the door; From and To are recorded (journey J1.8). Behind a hub one Sender speaks
for many buyers, and From tells them apart (guide pp. 67-68). Unknown sender, wrong secret and a customer switched off
are told apart only to the admin: a stranger gets one answer, after the same work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from wagtail_punchout.flows.senders import find_credentials
from wagtail_punchout.models import Credential, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.protocol.cxml import envelope, mac
from wagtail_punchout.protocol.errors import NotAuthorized

#: Identities one Sender may have. Ariba sends two.
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated connection: its customer, the credential that proved it, and its cXML link if it has one."""

    customer: PunchoutCustomer
    credential: Credential
    link: PunchoutLink | None


def identify(header: envelope.Header, *, at: datetime, path_key: str = "", mac_is_enough: bool = False) -> Caller:
    """The caller, or ``NotAuthorized`` with the true cause.

    ``path_key`` is the key in a customer's own URL: the sender must then be that customer, in that mode.
    ``mac_is_enough``: accept a CredentialMac, which proves the caller but not the body, in place of the secret.
    """
    keys = {identity_key(each.identity) for each in header.sender if each.identity.strip()}
    if len(keys) > MOST_NAMES:
        raise NotAuthorized(f"The Sender has {len(keys)} names; real ones have two or three.")
    candidates = find_credentials(keys, at=at, path_key=path_key)
    customers = _meant(candidates, {identity_key(each.identity) for each in header.from_})
    proven = [each for each in candidates if _proves(each, header, at=at, mac_is_enough=mac_is_enough)]
    if not candidates:
        _same_work_for_nothing(header)
        raise NotAuthorized(_unknown_sender(keys, path_key))
    if not customers:
        raise NotAuthorized("The Sender is a hub and the From identity is none of its customers.")
    if len(customers) > 1:
        raise NotAuthorized("The Sender credentials belong to different customers.")
    credential = next((each for each in proven if each.customer_id in customers), None)
    if credential is None:
        raise NotAuthorized("The shared secret is wrong, missing, revoked or past its end.")
    customer = credential.customer
    if not customer.is_active:
        raise NotAuthorized(f"The customer {customer} is switched off.")
    if credential.company_is_off:
        raise NotAuthorized(f"The company {customer.company}, or a company above it, is switched off.")
    if not customer.user.is_active or customer.user.is_staff or customer.user.is_superuser:
        raise NotAuthorized(f"The shop user of {customer} is switched off or is staff.")
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


def _same_work_for_nothing(header: envelope.Header) -> None:
    """Compare with a secret that opens nothing, so that an unknown sender is answered no faster than a known one."""
    dummy = _dummy()
    for each in header.sender:
        if each.shared_secret:
            dummy.matches(each.shared_secret)


@lru_cache(maxsize=1)
def _dummy() -> Credential:
    credential = Credential()
    credential.set_secret()
    return credential


def _unknown_sender(keys: set[str], path_key: str) -> str:
    if not keys:
        return "The Sender names no identity."
    told = ", ".join(sorted(keys))[:300]
    if path_key:
        return f"No live credential of this URL belongs to the Sender identity {told}."
    return f"No customer with a live credential has the Sender identity {told}."
