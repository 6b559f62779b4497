"""First contacts: calls in vain of buyers whom we do not know, or who are not set up rightly, for a person to mend.

Whoever fails in the same way under the same names makes one row that counts. Anybody can call, so everything is
bounded: what one row is written, what one address begins in an hour, what all strangers begin, and what is kept at all.
What goes beyond becomes one row that says so. Never a secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When
from wagtail.log_actions import log

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.onboard import add_customer, suggested_identity
from wagtail_punchout.flows.throttle import contacts_due, may_begin_contact
from wagtail_punchout.models import Company, ConnectionTest, Exchange, FirstContact, PunchoutCustomer
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.snapshot import storable

#: Rows that begin in an hour: of one address, of all strangers, and of one customer.
MOST_OF_ADDRESS, MOST_OF_STRANGERS, MOST_OF_CUSTOMER = 20, 100, 20
#: Names kept of a party. Ariba's Sender has two.
MOST_NAMES = 8
LONGEST_CAUSE = 1000
#: What is nobody's wrong setting: it passes, or is told elsewhere.
PASSING = frozenset(
    {
        Failure.CART_UNKNOWN,
        Failure.REFERENCE_UNKNOWN,
        Failure.METHOD,
        Failure.CRASH,
        Failure.TRY_LATER,
        Failure.SHOP_UNAVAILABLE,
        Failure.ORDER_BUSY,
        Failure.UNKNOWN_PRODUCT,
    }
)

#: Anybody can fail so under the name of a customer.
UNPROVEN = (
    Failure.SECRET_MISSING,
    Failure.SECRET_WRONG,
    Failure.SENDER_ELSEWHERE,
    Failure.SENDER_AMBIGUOUS,
    Failure.SENDER_MANY_NAMES,
)

Names = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class InVain:
    """One call that was refused. Names are pairs of domain and identity; ``customer`` is there when it has proven
    who it is, ``exchange`` when the document was kept."""

    code: Failure
    cause: str
    at: datetime
    address: str
    kind: str = ""
    sender: Names = ()
    from_: Names = ()
    to: Names = ()
    user_agent: str = ""
    customer: PunchoutCustomer | None = None
    exchange: Exchange | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Same names and same reason, same key. Who gives no name goes by its address."""
        names = [sorted({identity_key(identity) for _domain, identity in each}) for each in (self.sender, self.from_)]
        is_nameless = not any(filter(None, (name for each in names for name in each)))
        where = self.address if is_nameless or self.code is Failure.FLOOD else ""
        whose = self.customer.pk if self.customer else None
        told = json.dumps([self.code, whose, [] if self.code is Failure.FLOOD else names, where])
        return hashlib.sha256(told.encode()).hexdigest()


def note(call: InVain) -> None:
    """Keep a call in vain, or count it. At most once a minute anything is written of the same kind of failure."""
    if call.code in PASSING or call.user_agent == ConnectionTest.AGENT:
        return
    times = contacts_due(call.key)
    if not times or _count(call, times):
        return
    if _may_begin(call):
        _begin(call, times)
    else:
        _note_flood(call)


def _count(call: InVain, times: int) -> bool:
    """Add to the row of this failure, if there is one. A mend that did not help is no mend: it is open again."""
    # Looked for before it is written: strangers must not lock the database.
    known = FirstContact.objects.filter(key=call.key).values_list("pk", "customer").first()
    if known is None:
        return False
    pk, customer = known
    again = {"settled_at": None, "settled_by": None} if customer else {}
    FirstContact.objects.filter(pk=pk).update(times=F("times") + times, **again, **_latest(call))
    return True


def _latest(call: InVain) -> dict[str, Any]:
    found = {
        "last_at": call.at,
        "kind": storable(call.kind)[:60],
        "cause": storable(call.cause)[:LONGEST_CAUSE],
        "user_agent": storable(call.user_agent)[:200],
        "remote_address": call.address or None,
    }
    return found | ({"exchange": call.exchange} if call.exchange else {})


def _may_begin(call: InVain) -> bool:
    if call.customer:
        return may_begin_contact(f"customer:{call.customer.pk}", most=MOST_OF_CUSTOMER, at=call.at)
    of_address = may_begin_contact(f"address:{call.address}", most=MOST_OF_ADDRESS, at=call.at)
    return of_address and may_begin_contact("strangers", most=MOST_OF_STRANGERS, at=call.at)


def _begin(call: InVain, times: int) -> None:
    contact = FirstContact(
        key=call.key,
        reason=call.code.value,
        from_party=_party(call.from_),
        to_party=_party(call.to),
        sender=_party(call.sender),
        customer=call.customer or _seems_meant(call),
        times=times,
        first_at=call.at,
        **_latest(call),
    )
    # The same call at the same moment in another process: one of them has the row.
    FirstContact.objects.bulk_create([contact], ignore_conflicts=True)
    _make_room(call.key)


def _party(names: Names) -> list[dict[str, str]]:
    return [
        {"domain": storable(domain)[:60], "identity": storable(identity)[:200]}
        for domain, identity in names[:MOST_NAMES]
    ]


def _seems_meant(call: InVain) -> PunchoutCustomer | None:
    """The one customer with this Sender identity, although nothing proves that it was the one who called."""
    keys = {storable(identity_key(identity))[:200] for _domain, identity in call.sender[:MOST_NAMES]} - {""}
    found = list(PunchoutCustomer.objects.filter(sender_key__in=keys).order_by("pk")[:2]) if keys else []
    return found[0] if len(found) == 1 else None


def _make_room(key: str) -> None:
    """Keep as many as are to be kept. First those go that nobody would miss; never the one that has just come."""
    too_many = FirstContact.objects.count() - conf().FIRST_CONTACTS_KEPT
    if too_many <= 0:
        return
    missed = Case(
        When(settled_at__isnull=False, then=0),
        When(Q(customer=None, times=1), then=1),
        When(customer=None, then=2),
        When(reason__in=UNPROVEN, then=3),
        default=4,
    )
    others = FirstContact.objects.exclude(key=key).order_by(missed, "last_at", "pk")
    gone = list(others.values_list("pk", flat=True)[:too_many])
    FirstContact.objects.filter(pk__in=gone).delete()


def _note_flood(call: InVain) -> None:
    """One row for all that an address calls under ever new names; one for all addresses when there are too many."""
    if call.customer:
        return
    for address in ("",) if call.code is Failure.FLOOD else (call.address, ""):
        flood = InVain(code=Failure.FLOOD, cause=call.cause, at=call.at, address=address, user_agent=call.user_agent)
        times = contacts_due(flood.key)
        if not times or _count(flood, times):
            return
        if not address or may_begin_contact("strangers", most=MOST_OF_STRANGERS, at=call.at):
            _begin(flood, times)
            return


# What staff make of it


@transaction.atomic
def adopt_new(
    contact: FirstContact, company: Company, values: Mapping[str, Any], *, by: Any, at: datetime, name: str = ""
) -> PunchoutCustomer:
    """A new customer of ``company`` that calls as this contact did. ``CannotAdd`` and ``ValidationError`` say what is
    in the way; then nothing was made.

    Its shop user is always a new one: the names in a call are a stranger's, and must choose nobody's account.
    """
    customer = add_customer(company, suggested_identity(company), by=by, at=at, name=name, may_take_user=False)
    _take_over(contact, customer, values, by=by, at=at)
    return customer


@transaction.atomic
def adopt_into(
    contact: FirstContact, customer: PunchoutCustomer, values: Mapping[str, Any], *, by: Any, at: datetime
) -> None:
    """Let ``customer`` call as this contact did. ``ValidationError`` when another one does already."""
    _take_over(contact, PunchoutCustomer.objects.select_for_update().get(pk=customer.pk), values, by=by, at=at)


def _take_over(
    contact: FirstContact, customer: PunchoutCustomer, values: Mapping[str, Any], *, by: Any, at: datetime
) -> None:
    for field_name, value in values.items():
        setattr(customer, field_name, value)
    customer.full_clean(exclude=["notes"])
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError:  # somebody else was faster, which cleaning sees by now
        customer.full_clean(exclude=["notes"])
        raise
    told = ", ".join(str(value) for name, value in values.items() if name.endswith("identity") and value)
    log(customer, "wagtail_punchout.contact_adopted", user=by, data={"names": told})
    settle(contact, by=by, at=at, customer=customer)


def settle(contact: FirstContact, *, by: Any, at: datetime, customer: PunchoutCustomer | None = None) -> None:
    """Nothing is left to be done. The next call in vain opens it again if it is a customer's, not if a stranger's."""
    contact.settled_at, contact.settled_by = at, by
    if customer is not None:
        contact.customer = customer
    contact.save(update_fields=["settled_at", "settled_by", "customer"])


def reopen(contact: FirstContact) -> None:
    contact.settled_at = contact.settled_by = None
    contact.save(update_fields=["settled_at", "settled_by"])
