"""Who may do what, and to which companies' things.

Two questions are asked apart. *Where*: everybody's companies (``company_edit``), or those assigned to somebody and all
below them (``crm_company_edit``). *What*: some actions need one right more. The table ``POLICIES`` has the answers for
all our models; Wagtail's views, menus, choosers and exports ask it through Wagtail's policy registry.

Where no site has PunchOut, nobody works anywhere: menus and choosers are empty, and ``site_options`` closes the rest.

What somebody may not see does not exist for them: it is neither listed nor counted, and its address answers as one that
leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Model, Q, QuerySet
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import policy_registry

from wagtail_punchout.models import (
    Address,
    Company,
    ConnectionTest,
    Credential,
    CustomerGroup,
    Delivery,
    ErpClient,
    Exchange,
    FirstContact,
    Invitation,
    OrderAttachment,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    Quote,
    Right,
    Role,
    RoleAssignment,
    RoutingRule,
    SecretLink,
    SheetImport,
    UnknownAddress,
)
from wagtail_punchout.models.site_options import is_on_anywhere

APP = "wagtail_punchout"


@dataclass(frozen=True)
class Scope:
    """The companies somebody works with: every one, or the branches that begin at ``paths``."""

    everywhere: bool = False
    paths: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.paths)

    def has(self, company: Company | None) -> bool:
        """Whether ``company`` is one of them. The hidden root is nobody's."""
        if company is None:
            return self.everywhere
        return company.depth > 1 and (self.everywhere or company.path.startswith(self.paths))

    def condition(self, company: str = "") -> Q:
        """The same for a query; ``company`` is the way to the company, such as ``"customer__company__"``."""
        if self.everywhere:
            return Q(**{f"{company}depth__gt": 1})
        branches = (Q(**{f"{company}path__range": Company.branch(path)}) for path in self.paths)
        return reduce(or_, branches, Q(pk__in=[]))


def may(user: Any, right: str) -> bool:
    """Whether ``user`` holds one of our rights, wherever it may use it."""
    return user.has_perm(f"{APP}.{right}")


def scope_of(user: Any) -> Scope:
    """Where ``user`` may work; asked once a request, as the user object lives no longer."""
    found = getattr(user, "_punchout_scope", None)
    if found is None:
        found = user._punchout_scope = _scope_of(user)
    return found


def _scope_of(user: Any) -> Scope:
    if not is_on_anywhere():
        return Scope()
    if may(user, Right.COMPANY_EDIT):
        return Scope(everywhere=True)
    if not may(user, Right.CRM_COMPANY_EDIT):
        return Scope()
    assigned = Company.objects.filter(assigned_staff=user, depth__gt=1).order_by("path").values_list("path", flat=True)
    tops: list[str] = []
    for path in assigned:
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return Scope(paths=tuple(tops))


@dataclass(frozen=True)
class Needs:
    """What an action needs beside a scope that holds the thing."""

    right: str = ""
    everywhere: bool = False

    def are_met(self, user: Any, scope: Scope) -> bool:
        return (scope.everywhere or not self.everywhere) and (not self.right or may(user, self.right))


class Policy(BasePermissionPolicy):
    """The policy of one model.

    ``companies`` are the ways from it to companies. All that lead somewhere must lead into the user's scope, and at
    least one must; a thing without any company belongs to those who work everywhere, or (``is_shared``) can be seen by
    all. Without ``companies`` the model has nothing to do with companies. Actions that ``needs`` does not name nobody
    may do, and none may those who must not see the thing.
    """

    def __init__(
        self, model: type[Model], *companies: str, is_shared: bool = False, needs: Mapping[str, Needs] | None = None
    ) -> None:
        super().__init__(model)
        self.companies, self.is_shared = companies, is_shared
        self.needs = {"view": Needs(), **(needs or {})}

    def user_has_permission(self, user: Any, action: str) -> bool:
        needs, scope = self.needs.get(action), scope_of(user)
        return bool(scope and needs and all(each.are_met(user, scope) for each in (self.needs["view"], needs)))

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_permission(user, action) and self._is_within(scope_of(user), action, instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        return self.limit(self.model._default_manager.all(), user, *actions)

    def limit(self, things: QuerySet, user: Any, *actions: str) -> QuerySet:
        """Those of ``things`` with which ``user`` may do one of ``actions`` (when none is named: that it may see)."""
        possible = [each for each in actions or ("view",) if self.user_has_permission(user, each)]
        if not possible:
            return things.none()
        return things.filter(reduce(or_, (self._condition(scope_of(user), each) for each in possible)))

    def with_companies(self, things: QuerySet) -> QuerySet:
        """``things``, read together with the companies that decide who may do what with each."""
        ways = [each.removesuffix("__") for each in self.companies if each]
        return things.select_related(*ways) if ways else things

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet:
        """Those whose rights allow one of ``actions`` somewhere; whether they have a company is not asked."""
        seeing = self.needs["view"].right
        wanted = [self.needs[each] for each in actions if each in self.needs]
        conditions = [
            (_holds(Right.COMPANY_EDIT) | (Q(pk__in=[]) if each.everywhere else _holds(Right.CRM_COMPANY_EDIT)))
            & _holds(each.right)
            & (_holds(seeing) if seeing != each.right else Q())
            for each in wanted
        ]
        holders = reduce(or_, conditions, Q(is_superuser=True)) if wanted else Q(pk__in=[])
        return get_user_model()._default_manager.filter(holders, is_active=True)

    def _is_within(self, scope: Scope, action: str, instance: Model) -> bool:
        if not self.companies:
            return True
        found = [each for each in (_follow(instance, way) for way in self.companies) if each is not None]
        if not found:
            return scope.everywhere or self._may_be_shared(action)
        return all(scope.has(each) for each in found)

    def _condition(self, scope: Scope, action: str) -> Q:
        if not self.companies:
            return Q()
        if self.companies == ("",):
            return scope.condition()
        led_nowhere = {way: Q(**{f"{way}isnull": True}) for way in self.companies if self._may_end(way)}
        inside = Q()
        for way in self.companies:
            # Who works everywhere sees every company: there is nothing to join and to compare.
            if not scope.everywhere:
                inside &= led_nowhere[way] | scope.condition(way) if way in led_nowhere else scope.condition(way)
        if scope.everywhere or self._may_be_shared(action) or len(led_nowhere) < len(self.companies):
            return inside
        return inside & ~reduce(lambda one, other: one & other, led_nowhere.values())

    def _may_end(self, way: str) -> bool:
        """Whether ``way`` can end before a company. To ask that needlessly keeps databases from their indexes."""
        model = self.model
        for step in way.split("__")[:-1]:
            field = model._meta.get_field(step)
            if field.null:
                return True
            model = field.related_model
        return False

    def _may_be_shared(self, action: str) -> bool:
        return self.is_shared and action == "view"


def _follow(instance: Model, way: str) -> Company | None:
    """The company at the end of ``way``, or ``None`` where the way ends before."""
    found: Any = instance
    for step in way.split("__"):
        if step and found is not None:
            found = getattr(found, step)
    return found


def _holds(right: str) -> Q:
    if not right:
        return Q()
    rights = Permission.objects.filter(content_type__app_label=APP, codename=right).values("pk")
    # Subqueries: joined twice, two rights would have to come from one and the same group.
    users = get_user_model()._default_manager.order_by()
    by_group, own = users.filter(groups__permissions__in=rights), users.filter(user_permissions__in=rights)
    return Q(is_superuser=True) | Q(pk__in=by_group.values("pk")) | Q(pk__in=own.values("pk"))


_ANYBODY = Needs()
_EVERYWHERE = Needs(everywhere=True)
_LINKS = dict.fromkeys(("add", "change", "delete", "publish"), Needs(Right.EDIT_LINKS))

POLICIES = (
    # A code is unique among all companies: choosing one would tell which others there are. Hence "identify".
    Policy(
        Company,
        "",
        needs={"change": _ANYBODY} | dict.fromkeys(("add", "move", "identify", "assign_staff"), _EVERYWHERE),
    ),
    Policy(Address, "company__", needs=dict.fromkeys(("add", "change", "delete"), _ANYBODY)),
    Policy(UnknownAddress, "company__", needs={"change": _ANYBODY}),
    Policy(
        PunchoutCustomer,
        "company__",
        needs={"change": _ANYBODY} | dict.fromkeys(("add", "delete"), Needs(Right.ADD_CUSTOMER)),
    ),
    Policy(
        ConnectionTest,
        "customer__company__",
        needs=dict.fromkeys(("view", "add"), Needs(Right.ADD_CUSTOMER)),
    ),
    Policy(RoutingRule, "customer__company__", needs=dict.fromkeys(("add", "change", "delete"), _ANYBODY)),
    Policy(
        Credential,
        "customer__company__",
        needs={"reveal": Needs(Right.REVEAL_SECRET)}
        | dict.fromkeys(("add", "change", "rotate"), Needs(Right.ROTATE_SECRET)),
    ),
    Policy(Role, needs=dict.fromkeys(("add", "change", "delete"), Needs(Right.EDIT_ROLES, everywhere=True))),
    Policy(
        RoleAssignment,
        "customer__company__",
        "company__",
        "group__company__",
        needs=dict.fromkeys(("add", "delete"), _ANYBODY),
    ),
    Policy(CustomerGroup, "company__", is_shared=True, needs=_LINKS),
    Policy(PunchoutLink, "group__company__", is_shared=True, needs=_LINKS),
    Policy(Invitation, "group__company__", needs=dict.fromkeys(("add", "change"), Needs(Right.INVITE_USERS))),
    # Of users or of addresses: what else is needed, the views ask.
    Policy(SheetImport, "company__", "group__company__"),
    Policy(PunchoutSession, "company__"),
    Policy(Quote, "session__company__"),
    Policy(PurchaseOrder, "company__", needs={"act": Needs(Right.ACT_ON_ORDERS)}),
    Policy(OrderAttachment, "order__company__", needs={"view": Needs(Right.SEE_DOCUMENTS)}),
    Policy(Delivery, "order__company__", "client__company__", needs={"act": Needs(Right.ACT_ON_ORDERS)}),
    Policy(
        ErpClient,
        "company__",
        needs=dict.fromkeys(("view", "add", "change", "delete"), Needs(Right.ROTATE_SECRET)),
    ),
    Policy(
        SecretLink,
        "credential__customer__company__",
        needs=dict.fromkeys(("add", "change"), Needs(Right.REVEAL_SECRET)),
    ),
    Policy(
        FirstContact,
        "customer__company__",
        needs={"view": Needs(Right.SEE_DOCUMENTS), "change": Needs(Right.ADD_CUSTOMER)},
    ),
    # Both: the header of a routed visit names the company whose connection it came through.
    Policy(
        Exchange,
        "customer__company__",
        "session__company__",
        "order__company__",
        needs={"view": Needs(Right.SEE_DOCUMENTS)},
    ),
)
_BY_MODEL = {each._model_or_name: each for each in POLICIES}


def register() -> None:
    """Before anybody asks: Wagtail refuses a policy that comes late."""
    for policy in POLICIES:
        policy_registry.register(policy.model, value=policy)


def policy_of(model: type[Model]) -> Policy | None:
    """Our policy, if the model is ours."""
    return _BY_MODEL.get(model)


def visible(things: QuerySet, user: Any) -> QuerySet:
    """Those of our ``things`` that ``user`` may see."""
    return _BY_MODEL[things.model].limit(things, user)


def can(user: Any, action: str, thing: Model | type[Model]) -> bool:
    """Whether ``user`` may do ``action`` with this thing of ours, or with some things of this model."""
    policy = _BY_MODEL[thing if isinstance(thing, type) else type(thing)]
    if isinstance(thing, type):
        return policy.user_has_permission(user, action)
    return policy.user_has_permission_for_instance(user, action, thing)
