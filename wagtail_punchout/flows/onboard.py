"""Onboard: a company, and the name under which its buyer's system will call, become a customer that can connect.

All or nothing: the shop user, a group with a published link where the company has none yet, and a secret for test and
one for production. What stands in the way is told with the cause, for a person to mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import DatabaseError, transaction
from django.db.models import Q
from wagtail.log_actions import log

from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows.issue import issue_first_secrets
from wagtail_punchout.flows.profiles import apply_profile, profiles
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.models.links import LinkFormat
from wagtail_punchout.shop import AdapterUnavailable

#: Characters that every buyer's system can write into an identity, and every shop into a user name.
USABLE = re.compile(r"[A-Za-z0-9._@+-]+")


class Hindrance(StrEnum):
    """Why a customer cannot be added."""

    UNUSABLE = "unusable"  # characters, or length
    TAKEN = "taken"  # by another customer; ``customer`` says whose
    STAFF = "staff"  # the user of this name works in the admin
    USER_OFF = "user_off"  # the user of this name is switched off
    USER_EXISTS = "user_exists"  # and may not be taken over
    AMBIGUOUS = "ambiguous"  # several users go by this name or e-mail
    COMPANY_OFF = "company_off"  # the company, or one above it
    NO_USER = "no_user"  # the shop could not make one


class CannotAdd(Exception):
    """The customer was not added, and nothing else was."""

    def __init__(self, why: Hindrance, customer: PunchoutCustomer | None = None) -> None:
        super().__init__(why)
        self.why, self.customer = why, customer


def add_customer(
    company: Company, identity: str, *, by: Any, at: datetime, name: str = "", may_take_user: bool = True
) -> PunchoutCustomer:
    """The new customer of ``company``; ``CannotAdd`` says what is in the way.

    Without ``name`` it is called like the company, and a second one like its identity.

    ``identity`` is a user name or an e-mail. A shop user who already goes by it stands behind the customer if
    ``may_take_user`` is true: whoever knows the secret will be signed in as that user.
    """
    identity = identity.strip()
    try:
        with transaction.atomic():
            return _add(company, identity, by=by, at=at, name=name.strip(), may_take_user=may_take_user)
    except DatabaseError:
        # Somebody else was faster with the same name.
        if same := holder_of(identity):
            raise CannotAdd(Hindrance.TAKEN, same) from None
        raise


@transaction.atomic
def connect_group(group: CustomerGroup, *, by: Any, at: datetime) -> PunchoutCustomer:
    """A link as the group's purchasing system wants it, and a connection of the group's own through it.

    Its From and Sender identity, its secrets and its addresses are no other group's. ``CannotAdd`` as for
    :func:`add_customer`; then nothing is made.
    """
    company = group.company
    link = PunchoutLink(name=f"{group.name[:193]}, cXML", group=group)
    if profile := profiles().get(group.buyer_profile):
        apply_profile(link, profile)
        link.name = f"{group.name[:190]}, {link.get_format_display()}"
    link.save()
    log(link, "wagtail.create", user=by, content_changed=True)
    link.save_revision(user=by).publish(user=by)
    customer = _add(
        company, suggested_identity(company), by=by, at=at, name=group.name, may_take_user=False, group=group
    )
    customer.from_identity = f"{company.code}-{group.pk}"
    customer.save(update_fields=["from_identity"])
    return customer


def _add(
    company: Company,
    identity: str,
    *,
    by: Any,
    at: datetime,
    name: str,
    may_take_user: bool,
    group: CustomerGroup | None = None,
) -> PunchoutCustomer:
    # One at a time for each company, or two would make the same group.
    company = Company.objects.select_for_update().get(pk=company.pk)
    if not all(each.is_active for each in company.lineage):
        raise CannotAdd(Hindrance.COMPANY_OFF)
    customer = PunchoutCustomer(
        name=name or (identity if company.customers.filter(name=company.name).exists() else company.name),
        company=company,
        user=user_called(identity, may_take_user=may_take_user) or _new_user(identity),
        group=group or _group_of(company, by=by),
        sender_identity=identity,
    )
    customer.save(force_insert=True)
    log(customer, "wagtail.create", user=by, content_changed=True)
    issue_first_secrets(customer, by=by, at=at)
    return customer


def user_called(identity: str, *, may_take_user: bool) -> Any | None:
    """The shop user who would stand behind a customer of this identity; ``None``: a new one has to be made.

    ``CannotAdd`` when no new customer can have this identity. Nothing is written.
    """
    if not USABLE.fullmatch(identity) or len(identity) > _longest():
        raise CannotAdd(Hindrance.UNUSABLE)
    if same := holder_of(identity):
        raise CannotAdd(Hindrance.TAKEN, same)
    users = _users_called(identity)
    if any(each.is_staff or each.is_superuser or each.has_perm("wagtailadmin.access_admin") for each in users):
        raise CannotAdd(Hindrance.STAFF)
    for each in users:
        if customer := getattr(each, "punchout_customer", None):
            raise CannotAdd(Hindrance.TAKEN, customer)
    if users and not may_take_user:
        raise CannotAdd(Hindrance.USER_EXISTS)
    if len(users) > 1:
        raise CannotAdd(Hindrance.AMBIGUOUS)
    if users and not users[0].is_active:
        raise CannotAdd(Hindrance.USER_OFF)
    return users[0] if users else None


def _users_called(identity: str) -> list[Any]:
    """By user name, or by e-mail. Two are enough to see that it is not clear who is meant."""
    model = get_user_model()
    called_so = Q(**{f"{model.USERNAME_FIELD}__iexact": identity})
    if "@" in identity:
        called_so |= Q(**{f"{model.get_email_field_name()}__iexact": identity})
    return list(model._default_manager.filter(called_so).select_related("punchout_customer__company")[:2])


def holder_of(identity: str) -> PunchoutCustomer | None:
    """The customer who calls itself so, in any spelling. Behind a hub several may share an identity."""
    return PunchoutCustomer.objects.filter(sender_key=identity_key(identity)).select_related("company").first()


def suggested_identity(company: Company) -> str:
    """A name that is free: ``punchout-114729@shop.example``."""
    host = conf().host.partition(":")[0] or "shop.example"
    start = f"punchout-{company.code}"
    similar = PunchoutCustomer.objects.filter(sender_key__startswith=identity_key(start))
    taken = set(similar.values_list("sender_key", flat=True))
    return next(each for each in _numbered(start, after=f"@{host}") if identity_key(each) not in taken)


def _longest() -> int:
    """The most characters that fit both the identity and the name of a user."""
    model = get_user_model()
    limits = [
        PunchoutCustomer._meta.get_field("sender_identity").max_length,
        model._meta.get_field(model.USERNAME_FIELD).max_length,
    ]
    return min(each for each in limits if each)


def _new_user(identity: str) -> Any:
    try:
        with transaction.atomic():
            return get_adapter().create_user(identity, email=identity if _is_email(identity) else "")
    except (DatabaseError, ValidationError, AdapterUnavailable) as error:
        raise CannotAdd(Hindrance.NO_USER) from error


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _group_of(company: Company, *, by: Any) -> CustomerGroup:
    """The company's own group through which one can enter, else a new one with a link that has all the defaults."""
    is_open = {"links__format": LinkFormat.CXML, "links__live": True, "links__is_active": True}
    if group := company.groups.filter(**is_open).order_by("pk").first():
        return group
    taken = set(company.groups.values_list("name", flat=True))
    name = next(each for each in _numbered(company.name[:190], " ") if each not in taken)
    group = CustomerGroup.objects.create(company=company, name=name)
    log(group, "wagtail.create", user=by, content_changed=True)
    link = PunchoutLink.objects.create(name=f"{group.name[:193]}, cXML", group=group)
    log(link, "wagtail.create", user=by, content_changed=True)
    link.save_revision(user=by).publish(user=by)
    return group


def _numbered(name: str, before: str = "-", after: str = "") -> Iterator[str]:
    """The name, and if that will not do, the name with a 2, a 3 …"""
    yield f"{name}{after}"
    yield from (f"{name}{before}{number}{after}" for number in count(2))
