"""Senders: the one statement that finds a caller's credentials and all that letting them in depends on.

It joins six tables, and composing such a query takes Django ten times as long as its answer takes the database. As this
is the first thing every call does, the statement is composed once for each shape it can have, by the ORM itself, and
filled in for each call; the rows become ordinary model instances whose other fields are fetched when asked for.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, FilteredRelation, Q

from wagtail_punchout.models import Company, Credential, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.links import LinkFormat
from wagtail_punchout.protocol.snapshot import storable

# What is read of each model. Anything else is fetched when somebody asks for it, which the way in never does.
_CREDENTIAL = ("id", "customer_id", "mode", "ciphertext", "ends_at", "last_used_at", "seen_in_address_at")
_CUSTOMER = (
    "id",
    "name",
    "company_id",
    "user_id",
    "group_id",
    "is_active",
    "from_key",
    "routing",
    "default_company_id",
)
_LINK = (
    "id",
    "live",
    "is_active",
    "return_origins",
    "allow_http_return",
    "default_return_url",
    "visit_minutes",
    "mode_conflict",
)


def find_credentials(keys: set[str], *, at: datetime, path_key: str = "") -> list[Credential]:
    """Every live credential of the senders with these identity keys, under this URL if one is given.

    Each has its ``customer`` with ``user``, its ``link`` (or ``None``), ``group_mode``, ``named_users``,
    ``own_address``, ``company_path`` and ``company_is_off``.
    """
    if not keys or storable(path_key) != path_key:
        return []  # PostgreSQL does not even compare with such a key
    filled = {f"sender {number}": key for number, key in enumerate(keys)} | {"path key": path_key}
    sql, blanks = _statement(Credential.objects.db, len(keys), bool(path_key))
    params = [filled[each] if isinstance(each, _Blank) else each for each in blanks]
    found = [each for each in Credential.objects.raw(sql, params) if each.ends_at is None or each.ends_at > at]
    for each in found:
        _join(each)
    return sorted(found, key=lambda each: each.pk)


@cache
def _user_fields() -> tuple[str, ...]:
    # On a project's own user model some of these may be properties.
    known = {each.attname for each in get_user_model()._meta.concrete_fields}
    return (get_user_model()._meta.pk.attname, *sorted(known & {"is_active", "is_staff", "is_superuser"}))


class _Blank(str):
    """Stands in a statement for what each call fills in."""


@lru_cache(maxsize=16)
def _statement(using: str, senders: int, is_own_url: bool) -> tuple[str, tuple[object, ...]]:
    """The query, composed once: for Django that takes several times as long as its answer takes the database."""
    columns = [f"customer__{name}" for name in _CUSTOMER] + [f"customer__user__{name}" for name in _user_fields()]
    query = Credential.objects.using(using).filter(
        revoked_at=None, customer__sender_key__in=[_Blank(f"sender {number}") for number in range(senders)]
    )
    if is_own_url:
        query = query.filter(path_key=_Blank("path key"))
    is_cxml = Q(customer__group__links__format=LinkFormat.CXML)
    query = query.annotate(
        company_is_off=Exists(Company.switched_off_above("customer__company__path")),
        link=FilteredRelation("customer__group__links", condition=is_cxml),
    )
    columns += [f"link__{name}" for name in _LINK]
    columns += ["customer__group__mode", "customer__group__named_users", "customer__group__own_address"]
    columns += ["customer__company__path"]
    query = query.order_by().values(*_CREDENTIAL, *columns, "company_is_off")
    return query.query.get_compiler(using).as_sql()


def _join(credential: Credential) -> None:
    """Make instances of what came along in the credential's row."""
    credential.customer = _part(credential, PunchoutCustomer, "customer__", _CUSTOMER)
    credential.customer.user = _part(credential, get_user_model(), "customer__user__", _user_fields())
    credential.group_mode = credential.customer__group__mode
    credential.named_users = credential.customer__group__named_users
    credential.own_address = credential.customer__group__own_address
    credential.company_path = credential.customer__company__path
    credential.link = _part(credential, PunchoutLink, "link__", _LINK) if credential.link__id else None


def _part(credential: Credential, model: type[models.Model], path: str, names: tuple[str, ...]) -> models.Model:
    values = {name: getattr(credential, path + name) for name in names}
    loaded = [each.attname for each in model._meta.concrete_fields if each.attname in values]
    return model.from_db(credential._state.db, loaded, [values[name] for name in loaded])
