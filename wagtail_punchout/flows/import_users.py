"""Import users: a sheet of people becomes the users of a group.

A row says which roles its person has in this group, and nothing of roles elsewhere; whoever is not in the sheet stays
as they are. Somebody new gets an account without a password, as somebody does whom a call names. An account of the
shop's staff, or one that the uploader may not know of, is never touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet, RestrictedError
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.role_conflicts import RoleConflict, Sees, conflicts_among, sees_all
from wagtail_punchout.flows.roles import staff_among
from wagtail_punchout.flows.sheet_import import BATCH, Importer, Outcome, Row, in_parts, write_back
from wagtail_punchout.models import CustomerGroup, ImportKind, Invitation, PunchoutSession, Role, RoleAssignment

NAMES = ("first_name", "last_name")
#: What a shop says that keeps its customers.
KEPT = (ProtectedError, RestrictedError)


@dataclass(slots=True)
class Plan:
    """What becomes of one person. Without ``user`` an account is made."""

    row: Row
    user: Any
    give: list[Role]
    take: list[RoleAssignment]
    names: dict[str, str]


@dataclass(slots=True)
class _Known:
    """What there is of the people in a sheet, read in a few queries."""

    by_email: dict[str, list[Any]]
    by_name: dict[str, Any]
    staff: set[Any]
    seen: set[Any]
    held: dict[Any, list[RoleAssignment]]


class UserImporter(Importer):
    """For one group. ``people`` are the accounts that the uploader may know of, and ``sees`` says it of their roles."""

    kind = ImportKind.USERS

    def __init__(self, place: CustomerGroup, people: QuerySet, *, sees: Sees = sees_all) -> None:
        super().__init__(place)
        self.people, self.sees = people, sees
        self.model = get_user_model()
        self.email_field = self.model.get_email_field_name()

    # Comparing

    def compare(self, rows: Sequence[Row]) -> list[Plan]:
        roles = {each.slug: each for each in Role.objects.all()}
        known = self._known([row for row in rows if not row.wrong])
        first: dict[str, int] = {}
        plans = []
        for row in rows:
            if not row.wrong:
                self._refuse_twice(row, first)
            plan = None if row.wrong else self._plan(row, known, roles)
            if row.wrong:
                row.outcome = Outcome.WRONG
            elif plan:
                plans.append(plan)
        return plans

    def _refuse_twice(self, row: Row, first: dict[str, int]) -> None:
        for column, name in (("email", row.values["email"]), ("username", _name_of(row))):
            key = f"{column} {name.lower()}"
            if (before := first.setdefault(key, row.number)) != row.number:
                said = _("Row %(row)d has the same already.") % {"row": before}
                row.wrong[column if row.values.get(column) else "email"] = said

    def _plan(self, row: Row, known: _Known, roles: Mapping[str, Role]) -> Plan | None:
        user = self._account(row, known)
        wanted = [roles[slug] for slug in row.values["roles"] if slug in roles]
        if len(wanted) < len(row.values["roles"]):
            row.wrong["roles"] = _("One of these roles is no more.")
        if row.wrong:
            return None
        all_held = known.held[user.pk] if user else []
        here = [each for each in all_held if each.group_id == self.place.pk]
        held_here = {each.role_id for each in here}
        give = [role for role in wanted if role.pk not in held_here]
        take = [each for each in here if each.role not in wanted]
        if conflict := self._conflict(wanted, all_held):
            row.wrong["roles"] = conflict.told(self.sees)
            return None
        names = self._names(row, user)
        row.was = {field: getattr(user, field) for field in names} if user else {}
        if here and (give or take):
            row.was["roles"] = sorted(each.role.slug for each in here)
        row.outcome = Outcome.ADDED if not here else Outcome.CHANGED if row.was else Outcome.SAME
        return Plan(row, user, give, take, names) if row.outcome != Outcome.SAME else None

    def _account(self, row: Row, known: _Known) -> Any | None:
        """The account of this address, if there is one. What is against it goes into ``row.wrong``."""
        email, name = row.values["email"], row.values.get("username", "")
        found = known.by_email.get(email.lower(), [])
        called_so = [known.by_name.get(each.lower()) for each in (name, email)]
        user = next((each for each in called_so if each in found), found[0] if len(found) == 1 else None)
        if user is None and len(found) > 1:
            row.wrong["email"] = _("Several accounts have this address. Write the user name of the one that is meant.")
            return None
        user = user or self._without_address(called_so[-1])
        if user is None:
            self._check_new(row, known.by_name.get(_name_of(row).lower()))
        elif user.pk in known.staff:
            row.wrong["email"] = _("The account of this address belongs to the shop's staff.")
        elif user.pk not in known.seen:
            row.wrong["email"] = _("No account can be made for this address. Invite this person by e-mail.")
        elif name and name.lower() != user.get_username().lower():
            sentence = _("The account of this address has another user name, which stays: leave the cell empty.")
            row.wrong["username"] = sentence
        return user

    def _without_address(self, user: Any | None) -> Any | None:
        """One that goes by the address as its name: with another address, that name proves nothing."""
        return user if user is not None and not getattr(user, self.email_field) else None

    def _check_new(self, row: Row, named: Any | None) -> None:
        column = "username" if row.values.get("username") else "email"
        if named is not None:
            row.wrong[column] = _("This user name is taken.")
            return
        try:
            self.model._meta.get_field(self.model.USERNAME_FIELD).clean(_name_of(row), None)
        except ValidationError as error:
            row.wrong[column] = _("This cannot be a user name: %(why)s") % {"why": " ".join(error.messages)}

    def _conflict(self, wanted: Iterable[Role], held: Iterable[RoleAssignment]) -> RoleConflict | None:
        """Between the roles the person would have here, or one of them and one held elsewhere."""
        here = [RoleAssignment(role=role, group=self.place) for role in wanted]
        elsewhere = [each for each in held if each.group_id != self.place.pk]
        mine = {id(each) for each in here}
        found = conflicts_among([*here, *elsewhere])
        return next((each for each in found if mine & {id(each.one), id(each.other)}), None)

    def _names(self, row: Row, user: Any | None) -> dict[str, str]:
        told = {field: row.values.get(field, "") for field in NAMES if hasattr(self.model, field)}
        return {field: text for field, text in told.items() if text and (not user or getattr(user, field) != text)}

    def _known(self, rows: Sequence[Row]) -> _Known:
        texts = {row.values["email"].lower() for row in rows}
        texts |= {row.values.get("username", "").lower() for row in rows} - {""}
        by_email, by_name = defaultdict(list), {}
        for some in in_parts(sorted(texts)):
            keys = {"email_key": Lower(self.email_field), "name_key": Lower(self.model.USERNAME_FIELD)}
            users = self.model._default_manager.alias(**keys).order_by("pk")
            for user in users.filter(Q(email_key__in=some) | Q(name_key__in=some)):
                by_name[user.get_username().lower()] = user
                email = (getattr(user, self.email_field) or "").lower()
                if email and user not in by_email[email]:
                    by_email[email].append(user)
        pks = sorted(
            {each.pk for found in by_email.values() for each in found} | {each.pk for each in by_name.values()}
        )
        staff, seen = set(), set()
        for some in in_parts(pks):
            staff |= staff_among(some)
            seen |= set(self.people.filter(pk__in=some).values_list("pk", flat=True))
        return _Known(dict(by_email), by_name, staff, seen, _held(pks))

    # Writing

    def write(self, plans: Sequence[Plan], *, by: Any, at: datetime) -> dict[str, Any]:
        made, renamed = [], {}
        for plan in plans:
            if plan.user is None:
                plan.user = get_adapter().create_user(_name_of(plan.row), email=plan.row.values["email"])
                made.append(plan.user.pk)
            elif plan.names:
                renamed[str(plan.user.pk)] = {key: [getattr(plan.user, key), new] for key, new in plan.names.items()}
            for field, text in plan.names.items():
                setattr(plan.user, field, text)
        named = [plan.user for plan in plans if plan.names]
        write_back(self.model, named, {field for plan in plans for field in plan.names})
        taken = [each for plan in plans for each in plan.take]
        for some in in_parts([each.pk for each in taken], BATCH):
            RoleAssignment.objects.filter(pk__in=some).delete()
        given = [RoleAssignment(role=role, user=plan.user, group=self.place) for plan in plans for role in plan.give]
        RoleAssignment.objects.bulk_create(given, batch_size=BATCH)
        return {
            "made": self._as_made(made),
            "given": [each.pk for each in given],
            "taken": [[each.user_id, each.role_id] for each in taken],
            "names": renamed,
        }

    # Undoing

    def undo(self, changes: Mapping[str, Any], *, at: datetime) -> int:
        for some in in_parts(changes["given"], BATCH):
            RoleAssignment.objects.filter(pk__in=some).delete()
        left = self._give_back(changes["taken"])
        left += self._rename_back(changes["names"])
        as_made = changes["made"]
        for some in in_parts(list(as_made), BATCH):
            there = self._as_made(some)
            left += len(there) - self._delete_unused([pk for pk, state in there.items() if state == as_made[pk]])
        return left

    def _give_back(self, taken: Sequence[Sequence[Any]]) -> int:
        roles = Role.objects.in_bulk({role for _user, role in taken})
        users = [pk for some in in_parts([user for user, _role in taken]) for pk in self._pks(some)]
        held, there = _held(users), set(users)
        back = []
        for user, role in taken:
            again = RoleAssignment(role=roles.get(role), user_id=user, group=self.place)
            mine = held[user]
            has_it = any(each.role_id == role and each.group_id == self.place.pk for each in mine)
            if role in roles and user in there and not has_it and not conflicts_among([*mine, again]):
                back.append(again)
                mine.append(again)
        RoleAssignment.objects.bulk_create(back, batch_size=BATCH)
        return len(taken) - len(back)

    def _pks(self, pks: Sequence[Any]) -> list[Any]:
        return list(self.model._default_manager.filter(pk__in=pks).values_list("pk", flat=True))

    def _rename_back(self, names: Mapping[str, Mapping[str, Sequence[str]]]) -> int:
        """A name that somebody has changed since stays."""
        back, fields = [], {field for each in names.values() for field in each}
        for some in in_parts(list(names)):
            for user in self.model._default_manager.filter(pk__in=some):
                told = names[str(user.pk)]
                if all(getattr(user, field) == new for field, (_old, new) in told.items()):
                    for field, (old, _new) in told.items():
                        setattr(user, field, old)
                    back.append(user)
        write_back(self.model, back, fields)
        return len(names) - len(back)

    def _as_made(self, pks: Sequence[Any]) -> dict[str, str]:
        """The accounts as they are: whoever edits one, or sets its password, wants to keep it."""
        found = {}
        for some in in_parts(pks):
            for user in self.model._default_manager.filter(pk__in=some):
                values = [f"{each.attname}={each.value_to_string(user)}" for each in self.model._meta.concrete_fields]
                found[str(user.pk)] = sha256("\n".join(values).encode()).hexdigest()
        return found

    def _delete_unused(self, pks: Sequence[Any]) -> int:
        """How many are gone. One that somebody has used, or that has come to belong elsewhere, stays."""
        users = self.model._default_manager.filter(pk__in=pks, last_login=None)
        users = users.filter(**dict.fromkeys((each.name for each in self.model._meta.many_to_many), None))
        for model, field in ((RoleAssignment, "user"), (PunchoutSession, "user"), (Invitation, "user")):
            users = users.exclude(Exists(model._default_manager.filter(**{field: OuterRef("pk")})))
        gone = list(users.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                self.model._default_manager.filter(pk__in=gone).delete()
        except KEPT:
            gone = [pk for pk in gone if self._delete(pk)]
        return len(gone)

    def _delete(self, pk: Any) -> bool:
        try:
            with transaction.atomic():
                self.model._default_manager.filter(pk=pk).delete()
        except KEPT:  # the shop has something of this person
            return False
        return True


def _name_of(row: Row) -> str:
    return row.values.get("username") or row.values["email"]


def _held(users: Sequence[Any]) -> dict[Any, list[RoleAssignment]]:
    """The roles of ``users``, wherever they hold."""
    found: dict[Any, list[RoleAssignment]] = defaultdict(list)
    for some in in_parts(users):
        held = RoleAssignment.objects.filter(user__in=some).select_related("role", "company", "group__company")
        for each in held.order_by("pk"):
            found[each.user_id].append(each)
    return found
