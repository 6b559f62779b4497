"""Who holds which roles: as far as somebody may know of it, and as pages of customers, people and roles show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.listing import WIDE
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Rows, Section, url_of
from wagtail_punchout.flows.roles import name_of
from wagtail_punchout.models import Ability, PunchoutCustomer, Role, RoleAssignment

User = get_user_model()


def abilities_of(role: Role) -> str:
    names = dict(Ability.choices)
    return ", ".join(str(names.get(each, each)) for each in role.abilities)


def holder_of(assignment: RoleAssignment) -> str:
    return str(assignment.customer) if assignment.customer else name_of(assignment.user)


def seen_assignments(user: Any) -> QuerySet:
    """What ``user`` may know of who holds what."""
    known = RoleAssignment.objects.select_related("role", "customer", "user", "company", "group")
    return visible(known, user)


def seen_people(user: Any) -> QuerySet:
    """Shop users that stand behind a customer or hold a role, as far as ``user`` may know of the company."""
    customers = visible(PunchoutCustomer.objects.all(), user)
    assignments = visible(RoleAssignment.objects.filter(user__isnull=False), user)
    people = User._default_manager.all()
    if scope_of(user).everywhere:  # nearly all: look at one after the other, and stop at the end of the page
        mine = {"user": OuterRef("pk")}
        return people.filter(Exists(customers.filter(**mine)) | Exists(assignments.filter(**mine)))
    return people.filter(Q(pk__in=customers.values("user")) | Q(pk__in=assignments.values("user")))


def people_to_choose(user: Any) -> QuerySet:
    """Who can be given a role: who works everywhere finds everybody, others find the people of their companies."""
    return User._default_manager.all() if scope_of(user).everywhere else seen_people(user)


def url_of_holder(assignment: RoleAssignment, user: Any) -> str | None:
    if assignment.customer:
        return url_of(assignment.customer, user)
    return reverse("punchout_users:inspect", args=(assignment.user_id,))


class RemoveColumn(BaseColumn):
    """A button that takes the role away at once; inside an edit form, too, where no other form can stand."""

    cell_template_name = "wagtail_punchout/admin/cells/remove_role.html"

    def __init__(self, user: Any) -> None:
        super().__init__("remove", label="")
        self.user = user

    def get_cell_context_data(self, instance: RoleAssignment, parent_context: Any) -> dict:
        return super().get_cell_context_data(instance, parent_context) | {
            "holder": holder_of(instance),
            "url": reverse("punchout_role_assignments:remove", args=(instance.pk,)),
            "is_allowed": can(self.user, "delete", instance),
        }


def roles_of(customer: PunchoutCustomer, request: HttpRequest) -> list[Section]:
    """The roles of one customer."""
    back = reverse("punchout_customers:edit", args=(customer.pk,)) + "#tab-roles"
    held = seen_assignments(request.user).filter(customer=customer).order_by("role__name", "pk")
    empty = gettext("No roles yet. Without any, the customer can shop and return its cart, and nothing else.")
    return [_held(held, request, empty, assign_button(request, customer=customer.pk, next=back))]


def roles_of_person(person: Any, request: HttpRequest) -> list[Section]:
    """The roles of one person, without those of the customer behind which the person may stand."""
    back = reverse("punchout_users:inspect", args=(person.pk,))
    held = seen_assignments(request.user).filter(user=person).order_by("role__name", "pk")
    empty = gettext("No roles of their own.")
    return [_held(held, request, empty, assign_button(request, user=person.pk, next=back))]


def holders_of(role: Role, request: HttpRequest) -> list[Section]:
    """Who holds one role."""
    held = seen_assignments(request.user).filter(role=role).order_by("-pk")
    shown, count = held[:100], held.count()
    columns = [
        TitleColumn(
            "holder", label=_("Held by"), accessor=holder_of, get_url=lambda each: url_of_holder(each, request.user)
        ),
        Column("where", label=_("Where")),
        RemoveColumn(request.user),
    ]
    more = f"{reverse('punchout_role_assignments:index')}?role={role.pk}"
    return [
        Rows(
            "held",
            gettext("Held by"),
            columns,
            shown,
            empty=gettext("Nobody holds this role."),
            buttons=assign_button(request, roles=role.pk),
            more=(more, gettext("All who hold this role")) if count > len(shown) else None,
        )
    ]


def assign_button(request: HttpRequest, **given: object) -> list[Button]:
    if not can(request.user, "add", RoleAssignment):
        return []
    url = f"{reverse('punchout_role_assignments:add')}?{urlencode(given)}"
    return [Button(_("Assign role"), url=url, classname=SMALL_BUTTON, icon_name="plus")]


def _held(held: Iterable[RoleAssignment], request: HttpRequest, empty: str, buttons: list[Button]) -> Rows:
    columns = [
        TitleColumn("role", label=_("Role"), get_url=lambda each: url_of(each.role, request.user)),
        Column("where", label=_("Where")),
        Column("abilities", label=_("What it allows"), accessor=lambda each: abilities_of(each.role), classname=WIDE),
        RemoveColumn(request.user),
    ]
    return Rows("roles", gettext("Roles"), columns, held, empty=empty, buttons=buttons)
