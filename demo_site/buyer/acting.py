"""Who sits at the screen. Nobody has a password here: people are chosen in the header, for this session."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from demo_site.buyer.models import Connection, Location, Person, Requisition, State

KEY = "person"


def acting(request: HttpRequest, company: str | None = None) -> Person | None:
    """Whoever was chosen; for a ``company`` only if they work there."""
    if not hasattr(request, "_acting"):
        chosen = request.session.get(KEY)
        request._acting = Person.objects.select_related("location").filter(pk=chosen).first() if chosen else None
    person = request._acting
    return person if person and company in {None, person.company} else None


def act_as(request: HttpRequest, person: Person | None) -> None:
    request.session[KEY] = person.pk if person else None


def begin(connection: Connection, person: Person | None, location: Location | None = None) -> Requisition:
    """A new basket of theirs, for a ``location`` of the company or the one where they work."""
    if location is None or location.company != connection.company:
        location = person.location if person else None
    return Requisition.objects.create(connection=connection, requester=person, location=location)


def to_approve(person: Person) -> QuerySet[Requisition]:
    """What waits for this person's decision. Nobody decides about what they have asked for themselves."""
    if not person.may_approve:
        return Requisition.objects.none()
    waiting = Requisition.objects.filter(state=State.WAITING, connection__company=person.company)
    return waiting.exclude(requester=person).order_by("submitted_at")


def to_order(person: Person) -> QuerySet[Requisition]:
    """What was approved and is this person's to order: all but what another is the default purchaser for."""
    if not person.may_purchase:
        return Requisition.objects.none()
    # By OCI nothing is ordered here.
    approved = Requisition.objects.filter(
        state=State.APPROVED, connection__company=person.company, connection__format="cxml"
    )
    mine = Q(location=None) | Q(location__purchaser=None) | Q(location__purchaser=person)
    return approved.filter(mine).order_by("decided_at")


def people(request: HttpRequest) -> dict[str, Any]:
    """For the header of every page. Templates call what they want: the rest costs nothing."""

    def count() -> int:
        person = acting(request)
        return to_approve(person).count() + to_order(person).count() if person else 0

    return {"people": Person.objects.all, "acting": partial(acting, request), "waits": count}
