"""Address book: which of a company's addresses a call or an order means.

The buyer's own ID chooses (guide p. 116: often the only reliable part), then what is written beside it; who names no
place means the default. Books are read upwards: an address of a company above serves those below, the nearest first.
IDs nobody has entered are kept, so that somebody can adopt them with one click.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from wagtail_punchout.models import Address, Company, CustomerGroup, UnknownAddress
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.protocol.cxml.party import Address as PostalAddress
from wagtail_punchout.protocol.errors import NotAllowed
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.snapshot import storable, storable_json

#: Unknown IDs kept of one company; more are a mistake, and would make the list useless.
MOST_UNKNOWN = 500
#: A place that is named again within this time is not counted again.
NOTED_EVERY = timedelta(minutes=1)
#: Entries that are compared word by word where the ID does not tell.
MOST_COMPARED = 200

_LONGEST_ID = Address._meta.get_field("address_id").max_length


@dataclass(frozen=True, slots=True)
class Choice:
    """What a call or order means by its ship-to.

    ``entry`` is the address in the book, if it is one of the group's. ``told`` is the ship-to, completed from that
    entry where the buyer's system left it to its ID. ``unknown`` is the ID that stands in no book.
    """

    entry: Address | None = None
    told: PostalAddress | None = None
    unknown: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it goes to an address that is none of the group's."""
        return self.entry is None and is_place(self.told)

    @property
    def is_as_written(self) -> bool:
        """Whether the place, word by word, is that of the entry: who changes an address leaves the ID as it was."""
        return self.entry is not None and self.told is not None and key_of(self.told) == key_of_entry(self.entry)


def choose(path: str, group_id: int, told: PostalAddress | None) -> Choice:
    """The choice for the company at ``path``. One query, whatever the size of the book."""
    key = identity_key(told.address_id)[:_LONGEST_ID] if told else ""
    found = list(_asked(path, group_id, told, key)[:MOST_COMPARED])
    by_id = [each for each in found if key and each.id_key == key]
    unknown = told.address_id if told and key and not by_id else ""
    shared = [each for each in found if each.is_shared]
    entry = next((each for each in shared if key and each.id_key == key), None)
    if entry is None and is_place(told):
        entry = next((each for each in shared if _is_written(told) and key_of_entry(each) == key_of(told)), None)
    elif entry is None:
        entry = next((each for each in shared if each.is_default_ship_to), None)
    return Choice(entry, completed(told, entry), unknown)


def _asked(path: str, group_id: int, told: PostalAddress | None, key: str) -> QuerySet[Address]:
    """Entries of the company and those above that may be meant; ``is_shared``: by a group that has chosen none, all."""
    if not is_place(told):
        wanted = Q(is_default_ship_to=True)
    else:
        wanted = Q(id_key=key) if key else Q(pk__in=[])
        if _is_written(told):
            place = Q(city__iexact=storable(told.city)) | Q(postal_code__iexact=storable(told.postal_code))
            wanted |= Q(country=storable(told.country_code)) & place
    chosen = CustomerGroup.addresses.through.objects.filter(customergroup_id=group_id)
    return (
        Address.objects.filter(wanted, company__path__in=_paths(path))
        .annotate(is_shared=Exists(chosen.filter(address_id=OuterRef("pk"))) | ~Exists(chosen))
        # What an ID names comes first, or a large book might push it out; of several, the nearest.
        .order_by(Case(When(id_key=key, then=0), default=1) if key else Value(0), "-company__depth", "pk")
    )


def _paths(path: str) -> list[str]:
    """Those of the company and of all above it, without the hidden root."""
    step = Company.steplen
    return [path[:end] for end in range(2 * step, len(path) + 1, step)]


def is_place(told: PostalAddress | None) -> bool:
    """Whether it names one at all: some systems send an empty element, or a name alone."""
    return told is not None and bool(told.address_id or _is_written(told))


def _is_written(told: PostalAddress | None) -> bool:
    return told is not None and bool(any(told.street) or told.city or told.postal_code)


def completed(told: PostalAddress | None, entry: Address | None) -> PostalAddress | None:
    """``told``, with what the book knows where the buyer's system left it out. A place is never mixed of two."""
    if entry is None:
        return told
    known = as_postal(entry)
    if told is None or not is_place(told):
        return known
    if _is_written(told):
        return replace(told, name=told.name or known.name, phone=told.phone or known.phone)
    return replace(
        known,
        address_id=told.address_id,
        address_id_domain=told.address_id_domain,
        name=told.name or known.name,
        deliver_to=told.deliver_to or known.deliver_to,
        email=told.email or known.email,
        phone=told.phone or known.phone,
    )


def as_postal(entry: Address) -> PostalAddress:
    """An entry in the words of the standard."""
    return PostalAddress(
        address_id=entry.address_id,
        name=entry.name,
        deliver_to=(entry.deliver_to,) if entry.deliver_to else (),
        street=tuple(entry.street.splitlines()),
        city=entry.city,
        state=entry.state,
        postal_code=entry.postal_code,
        country_code=entry.country,
        email=entry.email,
        phone=entry.phone,
    )


def key_of(address: PostalAddress) -> str:
    """The place alone, without blanks and case: what is compared. Of one that is only named, its ID."""
    if not _is_written(address):
        return identity_key(address.address_id)
    return _squeezed(*address.street, address.city, address.postal_code, address.country_code or address.country)


def key_of_entry(entry: Address) -> str:
    return _squeezed(entry.street, entry.city, entry.postal_code, entry.country)


def _squeezed(*parts: str) -> str:
    return "".join("".join(parts).casefold().split())


def check_own(choice: Choice, *, is_allowed: bool) -> None:
    """Raises ``NotAllowed`` for a call to an address that is none of the group's, where the group wants that."""
    if choice.is_own and not is_allowed:
        named = f"The delivery address {choice.unknown[:100]!r}" if choice.unknown else "The delivery address"
        raise NotAllowed(
            f"{named} is not one of those agreed upon. Choose another one, or ask the supplier to add it.",
            cause=f"{named} is not in the group's address book, and the group takes no addresses of the buyer's own.",
            code=Failure.ADDRESS_UNKNOWN,
        )


def note_unknown(company_id: int, choice: Choice, *, at: datetime) -> None:
    """Keep an ID that stands in no book: one row for each, however often it comes."""
    if not choice.unknown or choice.told is None:
        return
    address_id = storable(choice.unknown)[:_LONGEST_ID]
    key = identity_key(address_id)
    told = storable_json(choice.told.as_dict())
    seen = UnknownAddress.objects.filter(company=company_id, id_key=key)
    if last := seen.values_list("last_at", flat=True).first():
        if last <= at - NOTED_EVERY:
            seen.update(told=told, times=F("times") + 1, last_at=at)
        return
    if UnknownAddress.objects.filter(company=company_id).count() < MOST_UNKNOWN:
        UnknownAddress.objects.bulk_create(
            [
                UnknownAddress(
                    company_id=company_id, id_key=key, address_id=address_id, told=told, first_at=at, last_at=at
                )
            ],
            ignore_conflicts=True,  # another call with the same ID was faster by a moment
        )


def forget_unknown(company_id: int, keys: Container[str]) -> list[UnknownAddress]:
    """IDs with these keys stand in the book now; what was noted of them. Few are unknown, however many keys come."""
    noted = UnknownAddress.objects.filter(company=company_id)
    known = [each for each in noted if each.id_key in keys]
    noted.filter(pk__in=[each.pk for each in known]).delete()
    return known


def note_again(forgotten: Iterable[UnknownAddress]) -> None:
    """IDs that stand in the book no more are as they were, but for those that have been noted anew since."""
    back = []
    for each in forgotten:
        if not Address.objects.filter(company=each.company_id, id_key=each.id_key).exists():
            each.pk = None
            back.append(each)
    UnknownAddress.objects.bulk_create(back, ignore_conflicts=True)
