"""The company account: what people of a company may see of it in the shop, and which roles they may give.

All of it is of one company and those below it. Nothing beside or above it ever shows, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.abilities import Standing
from wagtail_punchout.models import (
    Ability,
    Company,
    Credential,
    Mode,
    PunchoutCustomer,
    PunchoutSession,
    Quote,
    Role,
    RoleAssignment,
)


def companies_of(standing: Standing) -> QuerySet:
    """The company and all below it."""
    return Company.objects.filter(path__startswith=standing.path, depth__gt=1)


def visits_of(standing: Standing) -> QuerySet:
    visits = PunchoutSession.objects.filter(company__path__startswith=standing.path)
    return _of_groups(visits, standing, Ability.SEE_COMPANY_VISITS, "customer__group")


def carts_of(standing: Standing) -> QuerySet:
    """Returned carts; a visit that was cancelled has taken none home."""
    carts = Quote.objects.filter(session__company__path__startswith=standing.path, is_cancel=False)
    return _of_groups(carts, standing, Ability.SEE_COMPANY_VISITS, "customer__group")


def customers_of(standing: Standing) -> QuerySet:
    """The connections whose values may be seen."""
    customers = PunchoutCustomer.objects.filter(company__path__startswith=standing.path)
    return _of_groups(customers, standing, Ability.SEE_CONNECTION, "group")


def _of_groups(things: QuerySet, standing: Standing, ability: str, group: str) -> QuerySet:
    groups = standing.extents.get(ability, frozenset())
    return things if groups is None else things.filter(**{f"{group}__in": groups})


# People and their roles


def people_of(standing: Standing) -> QuerySet:
    """Users that stand behind a customer of the company or hold a role in it, each with ``held_here``. Never staff."""
    own = RoleAssignment.objects.filter(user=OuterRef("pk"))
    customers = PunchoutCustomer.objects.filter(company__path__startswith=standing.path)
    of_people = RoleAssignment.objects.filter(_in_branch(standing)).select_related("role", "company", "group")
    of_customers = RoleAssignment.objects.select_related("role", "company", "group", "customer")
    return (
        get_user_model()
        ._default_manager.filter(
            Exists(customers.filter(user=OuterRef("pk"))) | Exists(own.filter(_in_branch(standing))),
            is_staff=False,
            is_superuser=False,
        )
        .prefetch_related(
            Prefetch("punchout_role_assignments", of_people, to_attr="roles_of_their_own"),
            Prefetch("punchout_customer", customers.select_related("company"), to_attr="customer_here"),
            Prefetch("customer_here__role_assignments", of_customers),
        )
        .order_by(get_user_model().USERNAME_FIELD)
    )


def _in_branch(standing: Standing) -> Q:
    return Q(company__path__startswith=standing.path) | Q(group__company__path__startswith=standing.path)


def roles_held_by(person: Any) -> list[RoleAssignment]:
    """What one of ``people_of`` holds in the company, of their own and through the customer they stand behind."""
    customer = person.customer_here
    return [*person.roles_of_their_own, *(customer.role_assignments.all() if customer else ())]


def may_hand_out(standing: Standing, role: Role) -> bool:
    """Nobody gives or takes away more than they may do themselves, for the whole of the company."""
    return bool(role.abilities) and all(standing.may_for_all(each) for each in role.abilities)


def roles_to_give(standing: Standing) -> list[Role]:
    return [role for role in Role.objects.all() if may_hand_out(standing, role)]


# The connection


@dataclass(frozen=True)
class Connection:
    """The values for the buyer's system, each with its label, by mode. The secret is handed over by staff alone."""

    customer: PunchoutCustomer
    values: Sequence[tuple[str, str]]
    modes: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def connections(customers: Sequence[PunchoutCustomer]) -> list[Connection]:
    """For customers with their companies loaded. One query."""
    keys: dict[tuple[int, str], str] = {}
    known = Credential.objects.filter(customer__in=customers).order_by("-created_at", "-pk")
    for customer, mode, path_key in known.values_list("customer", "mode", "path_key"):
        keys.setdefault((customer, mode), path_key)
    return [
        Connection(
            customer,
            _told(_values(customer)),
            [(str(mode.label), _told(_addresses(keys.get((customer.pk, mode.value), "")))) for mode in Mode],
        )
        for customer in customers
    ]


def _values(customer: PunchoutCustomer) -> Iterable[tuple[str, str]]:
    yield _("From domain"), customer.from_domain or "NetworkID"
    yield _("From identity"), customer.told_from_identity
    yield _("To domain"), conf().SUPPLIER_DOMAIN
    yield _("To identity"), conf().SUPPLIER_IDENTITY
    yield _("Sender domain"), customer.sender_domain
    yield _("Sender identity"), customer.sender_identity


def _addresses(path_key: str) -> Iterable[tuple[str, str]]:
    if path_key:
        yield _("Setup request URL"), conf().base_url + reverse("punchout:setup", args=[path_key])
        yield _("Order request URL"), conf().base_url + reverse("punchout:orders", args=[path_key])


def _told(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in pairs if value]
