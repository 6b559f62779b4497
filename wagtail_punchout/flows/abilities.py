"""Abilities: what roles allow somebody to do, and for which companies.

This is the one place that knows. A visit has the roles of its customer and of the shop user behind it, as far as they
hold for the visit's company and group. A person who is signed in without a visit has roles of their own, each for a
company with all below it or for a group, and those of the customer they stand behind.

A customer without any role that holds may do the one thing it is for: return its cart. That does not go for a person
whom the call has named: whoever shops under a name of their own has the roles they were given. Where one of these and
one of the customer's do not go together (``role_conflicts``), the person's own counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Coalesce

from wagtail_punchout.flows.role_conflicts import opposed_to
from wagtail_punchout.models import Ability, Company, PunchoutSession, RoleAssignment

#: Groups that something is limited to; ``None``: to none.
Groups = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may do for the company at ``path`` and all below it.

    ``extents`` says for each ability whether it holds for the whole of the company, or only for customers of some
    groups. A standing without ``path`` belongs to no company.
    """

    path: str
    extents: Mapping[str, Groups]

    @property
    def abilities(self) -> frozenset[str]:
        return frozenset(self.extents)

    def may(self, ability: str) -> bool:
        return ability in self.extents

    def may_for_all(self, ability: str) -> bool:
        """Whether the ability holds for the whole company, and not for single groups."""
        return ability in self.extents and self.extents[ability] is None


@dataclass(frozen=True, slots=True)
class _Grant:
    """What one held role (``role`` is its identifier) allows.

    ``place`` is the company it leads to where no visit says which. For a customer's role that is the customer's
    company, also when the role is limited to a group of a company above.
    """

    abilities: frozenset[str]
    is_customers: bool
    branch: str
    group: int | None
    place: str
    role: str


def in_visit(session: PunchoutSession) -> Standing:
    """What a visit may do for its company. One query."""
    customer, path = session.customer, session.company.path
    holds = [
        grant
        for grant in _grants(Q(customer=customer) | Q(user=session.user_id or customer.user_id))
        if path.startswith(grant.branch) and grant.group in (None, customer.group_id)
    ]
    if session.user_id:
        opposed = opposed_to(grant.role for grant in holds if not grant.is_customers)
        holds = [grant for grant in holds if not (grant.is_customers and grant.role in opposed)]
    extents = _extents(holds)
    if not session.user_id and not any(grant.is_customers for grant in holds):
        extents[Ability.TRANSFER_CART] = None
    return Standing(path, extents)


def of_person(user: Any) -> list[Standing]:
    """What a person may do without a visit: one standing for each company they have a role for, from the top.

    What is switched off gives nobody anything. One query.
    """
    live = Q(user=user) | Q(customer__user=user, customer__is_active=True)
    grants = _grants(live, Exists(Company.switched_off_above("place")))
    places = sorted({grant.place for grant in grants})
    return [Standing(each, _extents([grant for grant in grants if _reaches(grant, each)])) for each in places]


def must_return_carts(user: Any) -> bool:
    """Whether somebody who is signed in without a visit may order through a procurement system alone.

    That is who holds a role that returns carts, also one that is switched off, and none that checks out. At most two
    queries.
    """
    roles = _grants(Q(user=user) | Q(customer__user=user))
    if not any(Ability.TRANSFER_CART in grant.abilities for grant in roles):
        return False
    return not any(standing.may(Ability.CHECKOUT_DIRECTLY) for standing in of_person(user))


def _reaches(grant: _Grant, path: str) -> bool:
    return path.startswith(grant.place) if grant.place else not path


def _extents(grants: list[_Grant]) -> dict[str, Groups]:
    extents: dict[str, Groups] = {}
    for grant in grants:
        for ability in grant.abilities:
            so_far = extents.get(ability, frozenset())
            extents[ability] = None if grant.group is None or so_far is None else so_far | {grant.group}
    return extents


def _grants(held: Q, *without: Exists) -> list[_Grant]:
    place = Coalesce("company__path", "customer__company__path", "group__company__path")
    found: QuerySet = RoleAssignment.objects.filter(held).annotate(place=place).filter(*(~each for each in without))
    rows = found.values_list("role__abilities", "customer", "company__path", "group", "place", "role__slug")
    return [
        _Grant(
            frozenset(abilities) & frozenset(Ability.values),
            customer is not None,
            branch or "",
            group,
            place or "",
            slug,
        )
        for abilities, customer, branch, group, place, slug in rows
    ]
