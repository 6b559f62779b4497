"""Named user: as whom somebody shops whose call says who it is.

A group decides. With *shared* everybody shops as the customer's own user, whatever the call says. Otherwise the e-mail
or user name in the call (``UserEmail``, ``UniqueName`` and their kin, as read by ``protocol.cxml.setup.requester`` and
``flows.call_up``) chooses among the people of this group and of its company, and of no other: whoever is authenticated
can name any user it likes (security requirement W7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from wagtail.log_actions import log

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.identify import Caller
from wagtail_punchout.flows.role_conflicts import conflicts_among, roles_in
from wagtail_punchout.flows.roles import give_role
from wagtail_punchout.models import (
    Ability,
    Company,
    CustomerGroup,
    NamedUsers,
    PunchoutSession,
    Role,
    RoleAssignment,
)
from wagtail_punchout.protocol.errors import NotAllowed
from wagtail_punchout.protocol.failures import Failure

#: The role of somebody who is added on first contact.
BUYER = "punchoutBuyer"


def named_shopper(caller: Caller, session: PunchoutSession) -> Any | None:
    """The user to sign in for a visit; ``None``: the customer's own. No query where everybody shops as that one.

    Raises ``NotAllowed`` with what to do about it: nobody is named, or nobody we know, or somebody who must not shop.
    """
    if caller.credential.named_users == NamedUsers.SHARED:
        return None
    return _shopper(caller.customer.group, session.company, session.requester)


def expected_shopper(caller: Caller, session: PunchoutSession) -> tuple[Any | None, str]:
    """The same without adding anybody: the user, or the name of the one who would be added, or neither."""
    if caller.credential.named_users == NamedUsers.SHARED:
        return None, ""
    email, name = _names(session.requester)
    if user := _known(caller.customer.group, session.company, email, name):
        return user, ""
    _check_free(email, name)
    return None, email or name


def _shopper(group: CustomerGroup, company: Company, told: Mapping[str, str]) -> Any:
    email, name = _names(told)
    return _known(group, company, email, name) or _added(group, company, email, name, told)


def _names(told: Mapping[str, str]) -> tuple[str, str]:
    return told.get("email", "").strip(), told.get("unique_name", "").strip()


def _known(group: CustomerGroup, company: Company, email: str, name: str) -> Any | None:
    """The user of this name; ``None`` where somebody of this name shall be added."""
    if not (email or name):
        raise NotAllowed(
            "The call names no user. Send the Extrinsic UserEmail or UniqueName, or ask the supplier to let everybody "
            "of your company shop as one user.",
            code=Failure.USER_UNNAMED,
        )
    found = list(members_of(group, company).filter(_called(email, name))[:2])
    if len(found) > 1:
        cause = "Two users of this group go by the name the call gives."
        raise _refused(email or name, cause, Failure.USER_AMBIGUOUS)
    if found:
        return _checked(found[0], group, company)
    if group.named_users == NamedUsers.KNOWN:
        cause = "No user of this group goes by the name the call gives: invite this person."
        if not group.company_id:
            cause = f"Nobody with a role for {company} goes by the name the call gives: assign one to this person."
        raise _refused(email or name, cause, Failure.USER_UNKNOWN)
    return None


def members_of(group: CustomerGroup, company: Company) -> QuerySet:
    """People with a role for the group, or for the company or one above it. Never staff.

    In a group without company, which serves several, those of the company alone.
    """
    is_here = Q(company__in=[each.pk for each in company.lineage])
    if group.company_id:
        is_here |= Q(group=group)
    held = RoleAssignment.objects.filter(is_here, user=OuterRef("pk"))
    return get_user_model()._default_manager.filter(Exists(held), is_staff=False, is_superuser=False).order_by("pk")


def _called(email: str, name: str) -> Q:
    model = get_user_model()
    by_name, by_email = f"{model.USERNAME_FIELD}__iexact", f"{model.get_email_field_name()}__iexact"
    wanted = Q()
    for each in filter(None, (email, name)):
        wanted |= Q(**{by_name: each}) | Q(**{by_email: each})
    return wanted


def _checked(user: Any, group: CustomerGroup, company: Company) -> Any:
    if not user.is_active:
        raise _refused(user.get_username(), f"The user {user.get_username()} is switched off.", Failure.USER_OFF)
    if user.has_perm("wagtailadmin.access_admin"):
        # Whoever holds the visit's session key would have a key to the admin.
        cause = f"{user.get_username()} may work in the admin: no call is let into a staff account."
        raise _refused(user.get_username(), cause, Failure.USER_UNUSABLE)
    held = roles_in(user, group, company)
    if not any(Ability.TRANSFER_CART in each.role.abilities for each in held):
        cause = f"{user.get_username()} has no role that may return a cart, such as PunchOut buyer."
        raise _refused(user.get_username(), cause, Failure.USER_WITHOUT_ROLE)
    if conflicts := conflicts_among(held):
        raise _refused(user.get_username(), f"{conflicts[0]} {conflicts[0].mend}", Failure.USER_CONFLICT)
    return user


def _added(group: CustomerGroup, company: Company, email: str, name: str, told: Mapping[str, str]) -> Any:
    """A new user with the one role, made in one transaction. Somebody else's account is never taken over."""
    model = get_user_model()
    _check_free(email, name)
    try:
        with transaction.atomic():
            user = get_adapter().create_user(email or name, email=email)
            for field in ("first_name", "last_name"):
                if hasattr(user, field) and told.get(field):
                    setattr(user, field, told[field][: model._meta.get_field(field).max_length])
            user.save()
            place = {"group": group} if group.company_id else {"company": company}
            give_role(Role.objects.get(slug=BUYER), by=None, user=user, **place)
            log(group, "wagtail_punchout.user_added", data={"name": user.get_username()})
    except (DatabaseError, ValidationError, Role.DoesNotExist) as error:
        # Two first calls of one person at the same moment: the other one has made the user.
        if made := members_of(group, company).filter(_called(email, name)).first():
            return made
        raise _refused(email or name, f"The user could not be added: {error}", Failure.USER_NOT_ADDED) from error
    return user


def _check_free(email: str, name: str) -> None:
    if get_user_model()._default_manager.filter(_called(email, name)).exists():
        cause = "A user of this name belongs to somebody else: invite this person to the group."
        raise _refused(email or name, cause, Failure.USER_ELSEWHERE)


def _refused(name: str, cause: str, code: Failure) -> NotAllowed:
    return NotAllowed(
        f"The user {name[:200]} may not shop here yet. Ask the supplier to add this user to your company's group.",
        cause=cause,
        code=code,
    )
