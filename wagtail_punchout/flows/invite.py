"""Invite: people are asked by e-mail to join a customer group, and join it by a link that works once.

Whoever has an account already is added at once, if the one who invites may know of that account; else the link adds
them. The link proves that somebody reads the mail of that address, and signs nobody in.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.log_actions import log

from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows.named_user import members_of
from wagtail_punchout.flows.role_conflicts import Sees, sees_all
from wagtail_punchout.flows.roles import give_role
from wagtail_punchout.models import CustomerGroup, Invitation, Role, RoleAssignment
from wagtail_punchout.models.folding import identity_key

logger = logging.getLogger("wagtail_punchout.invite")

#: At once; a sheet can be uploaded for more.
MOST = 200


class Outcome(StrEnum):
    """What became of one address."""

    INVITED = "invited"
    ADDED = "added"
    MEMBER = "member"  # holds all these roles here already
    OPEN = "open"  # an invitation waits already
    STAFF = "staff"
    CONFLICT = "conflict"  # the roles do not go together with those held; ``said`` has the sentence
    UNUSABLE = "unusable"  # no e-mail address


@dataclass(frozen=True)
class Invited:
    """One address that was invited, and what became of it."""

    email: str
    outcome: Outcome
    said: str = ""
    is_sent: bool = True


class Closed(StrEnum):
    """Why an invitation cannot be accepted."""

    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    LATE = "late"
    STAFF = "staff"


class InvitationClosed(Exception):
    def __init__(self, why: Closed) -> None:
        super().__init__(why)
        self.why = why


def invite(
    group: CustomerGroup,
    emails: Iterable[str],
    roles: Sequence[Role],
    *,
    by: Any,
    at: datetime,
    language: str = "",
    may_add: Callable[[Any], bool] = lambda user: True,
    sees: Sees = sees_all,
) -> list[Invited]:
    """Ask each of ``emails`` to join with ``roles``. ``may_add`` says which existing accounts are added without asking.

    What is said of each names only roles that ``by`` ``sees``.
    Each address stands for itself: one that cannot be invited keeps no other out.
    """
    wanted = {identity_key(each): each.strip() for each in emails if each.strip()}
    told = {"by": by, "at": at, "language": language, "may_add": may_add, "sees": sees}
    return [_invite(group, each, roles, **told) for each in wanted.values()]


def _invite(
    group: CustomerGroup,
    email: str,
    roles: Sequence[Role],
    *,
    by: Any,
    at: datetime,
    language: str,
    may_add: Callable[[Any], bool],
    sees: Sees,
) -> Invited:
    try:
        validate_email(email)
    except ValidationError:
        return Invited(email, Outcome.UNUSABLE)
    user = account_of(email)
    if user is None and len(email) > _longest():
        return Invited(email, Outcome.UNUSABLE)
    if user is not None and _is_staff(user):
        return Invited(email, Outcome.STAFF)
    try:
        if user is not None and may_add(user):
            return _add(group, user, email, roles, by=by, sees=sees)
        invitation = _keep(group, email, roles, by=by, at=at, language=language)
    except ValidationError as error:
        return Invited(email, Outcome.CONFLICT, " ".join(error.messages))
    if invitation is None:
        return Invited(email, Outcome.OPEN)
    return Invited(email, Outcome.INVITED, is_sent=_send(invitation, _fresh_token(invitation, at=at), at=at))


def _add(group: CustomerGroup, user: Any, email: str, roles: Sequence[Role], *, by: Any, sees: Sees) -> Invited:
    held = set(RoleAssignment.objects.filter(user=user, group=group).values_list("role", flat=True))
    missing = [each for each in roles if each.pk not in held]
    with transaction.atomic():
        for role in missing:
            give_role(role, by=by, sees=sees, user=user, group=group)
    return Invited(email, Outcome.ADDED if missing else Outcome.MEMBER)


def _keep(
    group: CustomerGroup, email: str, roles: Sequence[Role], *, by: Any, at: datetime, language: str
) -> Invitation | None:
    """The new invitation; ``None`` when one is open. One that has run out makes room."""
    waiting = group.invitations.filter(email_key=identity_key(email), accepted_at=None, withdrawn_at=None)
    try:
        with transaction.atomic():
            waiting.filter(expires_at__lte=at).update(withdrawn_at=at)
            invitation = Invitation.objects.create(
                group=group,
                email=email,
                language=language,
                invited_by=by,
                created_at=at,
                expires_at=at,
                token_hash=Invitation.hash_token(secrets.token_urlsafe(32)),
            )
            invitation.roles.set(roles)
            log(group, "wagtail_punchout.user_invited", user=by, data={"email": email})
    except DatabaseError:  # there is one already, perhaps made in this very moment
        return None
    return invitation


def resend(invitation: Invitation, *, by: Any, at: datetime) -> bool:
    """A new link, a new term; the old link opens nothing any more. Whether the mail has left."""
    token = _fresh_token(invitation, at=at)
    if token:
        log(invitation.group, "wagtail_punchout.invitation_sent_again", user=by, data={"email": invitation.email})
    return _send(invitation, token, at=at)


@transaction.atomic
def withdraw(invitation: Invitation, *, by: Any, at: datetime) -> None:
    is_first = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(withdrawn_at=at)
    if is_first:
        data = {"email": invitation.email}
        log(invitation.group, "wagtail_punchout.invitation_withdrawn", user=by, data=data)


def _fresh_token(invitation: Invitation, *, at: datetime) -> str:
    """Of a link that takes the place of the one before; empty when the invitation is over, if only by a moment."""
    token = secrets.token_urlsafe(32)
    invitation.expires_at = at + timedelta(days=conf().INVITATION_DAYS)
    renewed = {"token_hash": Invitation.hash_token(token), "expires_at": invitation.expires_at, "sent_at": None}
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    return token if waiting.update(**renewed) else ""


def _send(invitation: Invitation, token: str, *, at: datetime) -> bool:
    """Mail the link. One that cannot be sent is kept, and can be sent again."""
    if not token:
        return False
    context = {
        "invitation": invitation,
        "shop": conf().host,
        "url": conf().base_url + reverse("punchout:invitation", args=[token]),
    }
    with override(invitation.language or None):
        subject = _("You are invited to shop at %(shop)s for %(group)s") % {
            "shop": context["shop"],
            "group": invitation.group,
        }
        text = render_to_string("wagtail_punchout/mail/invitation.txt", context)
    try:
        mail.EmailMessage(" ".join(subject.split()), text, to=[invitation.email]).send()
    except Exception:  # each mail service raises errors of its own
        logger.exception("An invitation could not be mailed.", extra={"invitation": invitation.pk})
        return False
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=at)
    return True


# Accepting


def find_invitation(token: str, *, at: datetime) -> Invitation:
    """The invitation, if it can be accepted; ``InvitationClosed`` says why not."""
    known = Invitation.objects.select_related("group__company")
    invitation = known.filter(token_hash=Invitation.hash_token(token)).first()
    if invitation is None:
        raise InvitationClosed(Closed.UNKNOWN)
    if invitation.accepted_at:
        raise InvitationClosed(Closed.ACCEPTED)
    if invitation.withdrawn_at:
        raise InvitationClosed(Closed.WITHDRAWN)
    if invitation.expires_at <= at:
        raise InvitationClosed(Closed.LATE)
    return invitation


def account_of(email: str) -> Any | None:
    """The account of an e-mail address; where accounts have none, the one that goes by it as its name.

    A name alone proves nothing: whoever has another address could have taken it.
    """
    model = get_user_model()
    field = model.get_email_field_name()
    named = Q(**{f"{model.USERNAME_FIELD}__iexact": email})
    users = model._default_manager.order_by("pk")
    its_own = users.filter(**{f"{field}__iexact": email})
    without = users.filter(named, Q(**{field: ""}) | Q(**{field: None}))
    return its_own.filter(named).first() or its_own.first() or without.first()


@transaction.atomic
def accept(
    token: str, *, at: datetime, password: str = "", first_name: str = "", last_name: str = ""
) -> tuple[Invitation, Any]:
    """Join. A newcomer gets an account with ``password``; ``ValidationError`` says what is against it.

    An account that exists already stays as it is and gets the roles.
    """
    invitation = find_invitation(token, at=at)
    is_first = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(accepted_at=at)
    if not is_first:
        raise InvitationClosed(Closed.ACCEPTED)
    user = account_of(invitation.email)
    if user is None:
        user = _new_account(invitation.email, password, first_name, last_name)
    elif _is_staff(user):
        raise InvitationClosed(Closed.STAFF)
    held = set(RoleAssignment.objects.filter(user=user, group=invitation.group).values_list("role", flat=True))
    for role in invitation.roles.all():
        if role.pk not in held:
            give_role(role, by=user, user=user, group=invitation.group)
    Invitation.objects.filter(pk=invitation.pk).update(user=user)
    log(invitation.group, "wagtail_punchout.user_joined", user=user, data={"name": user.get_username()})
    return invitation, user


def _new_account(email: str, password: str, first_name: str, last_name: str) -> Any:
    model = get_user_model()
    names = {model.USERNAME_FIELD: email, model.get_email_field_name(): email}
    validate_password(password, model(**names))  # before it is kept: the shop may tell others of new users
    try:
        with transaction.atomic():
            user = get_adapter().create_user(email, email=email)
    except IntegrityError as error:
        raise ValidationError(_("This user name is taken.")) from error
    for field, value in (("first_name", first_name), ("last_name", last_name)):
        if hasattr(user, field):
            setattr(user, field, value.strip()[: user._meta.get_field(field).max_length])
    user.set_password(password)
    user.save()
    return user


def open_invitations(group: CustomerGroup) -> Any:
    """Those not accepted and not withdrawn, also those that have run out."""
    return group.invitations.filter(accepted_at=None, withdrawn_at=None).prefetch_related("roles")


def people_of_group(group: CustomerGroup) -> Any:
    """Its members, those of its company among them."""
    if group.company:
        return members_of(group, group.company)
    held = RoleAssignment.objects.filter(group=group).values("user")
    return get_user_model()._default_manager.filter(pk__in=held, is_staff=False, is_superuser=False).order_by("pk")


def _longest() -> int:
    """The most characters that fit an invitation and the name of a user."""
    fields = (Invitation._meta.get_field("email"), get_user_model()._meta.get_field(get_user_model().USERNAME_FIELD))
    return min(each.max_length for each in fields if each.max_length)


def _is_staff(user: Any) -> bool:
    return user.is_staff or user.is_superuser or user.has_perm("wagtailadmin.access_admin")
