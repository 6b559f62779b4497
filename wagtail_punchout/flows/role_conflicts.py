"""Role conflicts: roles that nobody may hold at the same time where both hold.

Which ones is data (setting ``ROLE_CONFLICTS``, pairs of role identifiers). As it comes, a *PunchOut buyer*, whose
orders need somebody's approval at the buyer's, must not be a *Requisitioner* as well, who could order past it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from wagtail_punchout.conf import conf
from wagtail_punchout.models import Company, CustomerGroup, RoleAssignment

#: Whether somebody may know of a role that is held.
Sees = Callable[[RoleAssignment], bool]


def sees_all(assignment: RoleAssignment) -> bool:
    return True


@dataclass(frozen=True)
class RoleConflict:
    """Two roles of one person that do not go together. The mend is to take one of them away."""

    one: RoleAssignment
    other: RoleAssignment

    def __str__(self) -> str:
        said = _("“%(one)s” (%(where)s) and “%(other)s” (%(elsewhere)s) must not be held by the same person.")
        return said % {
            "one": self.one.role,
            "where": self.one.where,
            "other": self.other.role,
            "elsewhere": self.other.where,
        }

    @property
    def mend(self) -> str:
        facts = {"one": self.one.role, "other": self.other.role}
        return _("Take away “%(one)s” or “%(other)s”.") % facts

    def told(self, sees: Sees) -> str:
        """The conflict and its mend; nothing of a role that is held where the reader may not look."""
        if all(sees(each) for each in (self.one, self.other) if each.pk):
            return f"{self} {self.mend}"
        return _("It does not go together with a role that this person holds elsewhere.")


def are_opposed(one: str, other: str) -> bool:
    """Whether these two roles, by their identifiers, do not go together."""
    return any({one, other} == set(pair) for pair in conf().ROLE_CONFLICTS)


def opposed_to(slugs: Iterable[str]) -> set[str]:
    """The roles that go with none of ``slugs``."""
    mine = set(slugs)
    return {
        other for pair in conf().ROLE_CONFLICTS for one, other in (pair, reversed(pair)) if one in mine and one != other
    }


def conflicts_among(assignments: Sequence[RoleAssignment]) -> list[RoleConflict]:
    """The conflicts within one person's roles, each with ``role``, ``company`` and ``group__company`` at hand."""
    return [
        RoleConflict(one, other)
        for one, other in combinations(assignments, 2)
        if are_opposed(one.role.slug, other.role.slug) and _meet(one, other)
    ]


def conflicts_of(person: Any) -> list[RoleConflict]:
    """All of a person's conflicts. One query."""
    return conflicts_among(list(_with_places(RoleAssignment.objects.filter(user=person))))


def roles_in(person: Any, group: CustomerGroup, company: Company) -> list[RoleAssignment]:
    """A person's roles that hold for a visit through ``group`` for ``company``."""
    reaches = Q(group=group) | Q(company__in=[each.pk for each in company.lineage])
    return list(_with_places(RoleAssignment.objects.filter(reaches, user=person)))


def conflict_with(assignment: RoleAssignment) -> RoleConflict | None:
    """What a role that is about to be given to a person would be opposed to."""
    opposed = opposed_to([assignment.role.slug]) if assignment.user_id else set()
    if not opposed:
        return None
    held = _with_places(RoleAssignment.objects.filter(user=assignment.user_id, role__slug__in=opposed))
    for each in held.exclude(pk=assignment.pk):
        if _meet(each, assignment):
            return RoleConflict(each, assignment)
    return None


def _with_places(assignments: Any) -> Any:
    return assignments.select_related("role", "company", "group__company").order_by("pk")


def _meet(one: RoleAssignment, other: RoleAssignment) -> bool:
    """Whether there is a place where both hold: the same group, or companies of which one is above the other."""
    if one.group_id and other.group_id:
        return one.group_id == other.group_id
    above, below = _path(one), _path(other)
    return above.startswith(below) or below.startswith(above)


def _path(assignment: RoleAssignment) -> str:
    """Of the company where the role holds. A group without company, or a role without place, is everywhere."""
    company = assignment.company or (assignment.group.company if assignment.group else None)
    return company.path if company else ""
