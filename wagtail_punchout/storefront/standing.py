"""What the person behind a request may do, in a visit and without one."""

from __future__ import annotations

from django.http import HttpRequest

from wagtail_punchout.flows.abilities import Standing, of_person
from wagtail_punchout.models import Company


def standings(request: HttpRequest) -> list[Standing]:
    """One for each company the person belongs to; in a visit the visit's alone. Asked once a request."""
    found: list[Standing] | None = getattr(request, "_punchout_standings", None)
    if found is None:
        found = request._punchout_standings = _standings(request)  # type: ignore[attr-defined]
    return found


def may(request: HttpRequest, ability: str) -> bool:
    """Whether the visit, or without one the person who is signed in, has an ability for any of their companies."""
    return any(each.may(ability) for each in standings(request))


def company_of(request: HttpRequest) -> Company | None:
    """For which company somebody shops: the visit's, or the first (from the top) that the person has a role for."""
    if getattr(request, "punchout", None):
        return request.punchout.session.company
    path = next((each.path for each in standings(request) if each.path), None)
    return Company.objects.filter(path=path).first() if path else None


def _standings(request: HttpRequest) -> list[Standing]:
    visit = getattr(request, "punchout", None)
    if visit:
        return [visit.standing]
    user = getattr(request, "user", None)
    # A visit that is over leaves its user signed in until its cookie is gone: that is nobody any more.
    if user is None or not user.is_authenticated or getattr(request, "in_visit_jar", False):
        return []
    return of_person(user)
