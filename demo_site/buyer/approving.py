"""The way of a requisition from a draft to one that may be ordered, where somebody else has to agree.

=========  ==========  ===========================
from       to          by
=========  ==========  ===========================
draft      waiting     whoever requests
declined   waiting     whoever requests
waiting    approved    an approver, with or without a reason
waiting    declined    an approver, with a reason
waiting    draft       whoever requested it
approved   draft       whoever requested it
approved   ordered     a purchaser: :mod:`demo_site.buyer.ordering`
=========  ==========  ===========================
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from demo_site.buyer.models import OPEN_STATES, Person, Requisition, State, close_visits


class NotAllowed(Exception):
    """A sentence says why."""


@transaction.atomic
def submit(requisition: Requisition, by: Person | None) -> None:
    """For approval. What somebody decides about stays as it is: carts under way do not count any more."""
    _expect(by, requisition)
    found = _locked(requisition, OPEN_STATES)
    if not found.lines.exists():
        raise NotAllowed(_("%(number)s has no lines.") % {"number": found.number})
    if found.requester is None:
        found.requester, found.location = by, found.location or by.location
    _move(found, State.WAITING, submitted_at=timezone.now(), decided_by=None, decided_at=None, reason="")
    close_visits([found])


@transaction.atomic
def decide(requisition: Requisition, by: Person | None, *, is_approved: bool, reason: str = "") -> None:
    _expect(by, requisition)
    found = _locked(requisition, [State.WAITING])
    if not by.may_approve:
        raise NotAllowed(_("%(person)s does not approve.") % {"person": by})
    if by == found.requester:
        raise NotAllowed(_("Nobody approves what they have requested themselves."))
    state = State.APPROVED if is_approved else State.DECLINED
    _move(found, state, decided_by=by, decided_at=timezone.now(), reason=reason)


@transaction.atomic
def take_back(requisition: Requisition, by: Person | None) -> None:
    """It is a draft again, and may be changed."""
    _expect(by, requisition)
    found = _locked(requisition, [State.WAITING, State.APPROVED])
    if found.requester not in {None, by}:
        raise NotAllowed(_("Only %(person)s takes it back.") % {"person": found.requester})
    _move(found, State.DRAFT, submitted_at=None, decided_by=None, decided_at=None, reason="")


def _expect(by: Person | None, requisition: Requisition) -> None:
    company = requisition.connection.company
    if by is None or by.company != company:
        raise NotAllowed(_("Please choose first who of %(company)s you are.") % {"company": company})


def _locked(requisition: Requisition, states: Collection[str]) -> Requisition:
    found = Requisition.objects.select_for_update(of=["self"]).get(pk=requisition.pk)
    if found.state not in states:
        told = {"number": found.number, "state": found.get_state_display()}
        raise NotAllowed(_("Meanwhile something else happened to %(number)s: %(state)s.") % told)
    return found


def _move(requisition: Requisition, state: State, **changes: object) -> None:
    for name, value in changes.items():
        setattr(requisition, name, value)
    requisition.state = state
    requisition.save()
