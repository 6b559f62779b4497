"""Roles given and taken away, by staff in the admin and by people in the company account; both leave an entry."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from wagtail_punchout.flows.role_conflicts import Sees, conflict_with, sees_all
from wagtail_punchout.models import Role, RoleAssignment


def give_role(role: Role, *, by: Any, sees: Sees = sees_all, **holder_and_scope: Any) -> RoleAssignment:
    """Give ``role`` to a ``customer`` or ``user``, everywhere or for a ``company`` or ``group``.

    ``ValidationError`` says in a sentence what is against it: above all, that the role is held there already. Of other
    roles it names only those that its reader ``sees``.
    """
    assignment = RoleAssignment(role=role, **holder_and_scope)
    if RoleAssignment.objects.filter(role=role, **_complete(assignment)).exists():
        raise _already_held(assignment)
    assignment.full_clean(validate_constraints=False)
    if conflict := conflict_with(assignment):
        raise ValidationError(conflict.told(sees), code="conflict")
    try:
        with transaction.atomic():
            assignment.save()
            _log(assignment, "role_assigned", by)
    except IntegrityError as error:  # somebody else was faster
        raise _already_held(assignment) from error
    return assignment


@transaction.atomic
def take_role(assignment: RoleAssignment, *, by: Any) -> None:
    """Take the role away; the entry stands at its holder."""
    _log(assignment, "role_removed", by)
    assignment.delete()


def name_of(person: Any) -> str:
    """As people call themselves, if the project's users have names."""
    full_name = getattr(person, "get_full_name", str)
    return full_name() or person.get_username()


def staff_among(users: Collection[Any]) -> set[Any]:
    """The keys of those of ``users`` with a way into the admin, whichever: their accounts are not for shopping."""
    opens = {"content_type__app_label": "wagtailadmin", "codename": "access_admin"}
    ways = Q(is_staff=True) | Q(is_superuser=True)
    for way in ("user_permissions", "groups__permissions"):
        ways |= Q(**{f"{way}__{key}": value for key, value in opens.items()})
    return set(get_user_model()._default_manager.filter(ways, pk__in=users).values_list("pk", flat=True))


def _complete(assignment: RoleAssignment) -> dict[str, Any]:
    return {each: getattr(assignment, each) for each in ("customer", "user", "company", "group")}


def _already_held(assignment: RoleAssignment) -> ValidationError:
    return ValidationError(
        _("“%(holder)s” has the role “%(role)s” already (%(where)s)."),
        code="held",
        params={
            "holder": assignment.customer or name_of(assignment.user),
            "role": assignment.role,
            "where": assignment.where,
        },
    )


def _log(assignment: RoleAssignment, action: str, by: Any) -> None:
    holder = assignment.customer or assignment.user
    # No company in it: whoever reads the history of the holder need not know of every company a role is for.
    # And a key of its own: Wagtail shows one entry for all that have the same key and action.
    log(holder, f"wagtail_punchout.{action}", user=by, data={"role": assignment.role.slug}, uuid=uuid.uuid4())
