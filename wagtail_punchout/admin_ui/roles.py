"""Roles, and who holds them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface, TitleFieldPanel
from wagtail.admin.ui.tables import BaseColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import SlugInput
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.choosers import user_chooser
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.listing import WIDE, ListView
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, ReadingPanel, Rows, Section, SectionsView, Tab, url_of
from wagtail_punchout.models import Ability, Role, RoleAssignment


class RoleForm(WagtailAdminModelForm):
    abilities = forms.MultipleChoiceField(
        choices=Ability.choices, required=False, widget=forms.CheckboxSelectMultiple, label=_("Abilities")
    )


class RoleList(ListView):
    word_lookups = ()
    plain_lookups = ("name__icontains", "slug__icontains")
    empty_advice = _("A role is a set of abilities that customers and users can be given.")

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().annotate(holders=Count("assignments"))

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("slug", label=_("Identifier"), sort_key="slug", classname=WIDE),
            Column("abilities", label=_("Abilities"), accessor=abilities_of),
            NumberColumn("holders", label=_("Held"), sort_key="holders", classname=WIDE),
        ]


class RoleDelete(SafeDelete, generic.DeleteView):
    pass


class RoleInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        details = self.facts("details", gettext("Details"), ["name", "slug", "description"])
        details.rows.append((gettext("Abilities"), abilities_of(self.object)))
        return [details, *holders_of(self.object, self.request)]


def abilities_of(role: Role) -> str:
    names = dict(Ability.choices)
    return ", ".join(str(names.get(each, each)) for each in role.abilities)


def scope_of(assignment: RoleAssignment) -> Any:
    return assignment.company or assignment.group or gettext("everywhere")


def holders_of(role: Role, request: Any) -> list[Section]:
    columns = [
        TitleColumn("holder", label=_("Held by"), accessor=holder_of, get_url=lambda each: url_of(each, request.user)),
        Column("scope", label=_("Where"), accessor=scope_of),
    ]
    held = role.assignments.select_related("customer", "user", "company", "group")[:200]
    button = assign_button(request, role=role.pk)
    return [Rows("held", gettext("Held by"), columns, held, empty=gettext("Nobody holds this role."), buttons=button)]


def roles_of(customer: Any, request: Any) -> list[Section]:
    """The same from the other side: the roles of one customer."""
    columns = [
        TitleColumn("role", label=_("Role"), get_url=lambda each: url_of(each, request.user)),
        Column("scope", label=_("Where"), accessor=scope_of),
        Column("abilities", label=_("Abilities"), accessor=lambda each: abilities_of(each.role)),
    ]
    held = customer.role_assignments.select_related("role", "company", "group")
    back = f"{reverse('punchout_customers:edit', args=(customer.pk,))}#tab-roles"
    button = assign_button(request, customer=customer.pk, back=back)
    empty = gettext("No roles yet. Without any, the customer can only visit the shop.")
    return [Rows("roles", gettext("Roles"), columns, held, empty=empty, buttons=button)]


def holder_of(assignment: RoleAssignment) -> Any:
    return assignment.customer or assignment.user


def assign_button(request: Any, back: str = "", **given: int) -> list[Button]:
    if not request.user.has_perm("wagtail_punchout.add_roleassignment"):
        return []
    query = {key: str(value) for key, value in given.items()} | ({"next": back} if back else {})
    url = f"{reverse('punchout_role_assignments:add')}?{urlencode(query)}"
    return [Button(_("Assign a role"), url=url, classname=SMALL_BUTTON)]


class RoleViewSet(ModelViewSet):
    model = Role
    name = "punchout_roles"
    url_prefix = "punchout/roles"
    menu_label = _("Roles")
    icon = "key"
    index_view_class = RoleList
    delete_view_class = RoleDelete
    inspect_view_class = RoleInspect
    inspect_view_enabled = True
    ordering = "name"
    edit_handler = TabbedInterface(
        [
            Tab(
                "details",
                [
                    TitleFieldPanel("name"),
                    FieldPanel("slug", widget=SlugInput),
                    FieldPanel("abilities"),
                    FieldPanel("description"),
                ],
                heading=_("Details"),
            ),
            Tab("held", [ReadingPanel(holders_of)], heading=_("Held by")),
        ],
        base_form_class=RoleForm,
    )


class AssignmentList(ListView):
    related = ("role", "customer", "user", "company", "group")
    word_lookups = ("customer__search_text__contains", "company__search_text__contains")
    plain_lookups = ("role__name__icontains",)
    empty_advice = _("Roles are given to customers and to single users.")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("role"),
            Column("holder", label=_("Held by"), accessor=holder_of),
            Column("scope", label=_("Where"), accessor=scope_of),
        ]


class ReturnsWhereItCameFrom:
    """After saving, back to the page that asked (``next``)."""

    def get_success_url(self) -> str:
        return get_valid_next_url_from_request(self.request) or super().get_success_url()


class AssignmentCreate(ReturnsWhereItCameFrom, generic.CreateView):
    def get_initial(self) -> dict[str, str]:
        given = {key: self.request.GET.get(key, "") for key in ("role", "customer", "company", "group")}
        return super().get_initial() | {key: value for key, value in given.items() if value.isdecimal()}

    def get_add_url(self) -> str:
        query = self.request.GET.urlencode()
        return super().get_add_url() + (f"?{query}" if query else "")


class AssignmentDelete(SafeDelete, generic.DeleteView):
    page_title = _("Take a role away")
    success_message = _("“%(object)s” has been taken away.")


class AssignmentViewSet(ModelViewSet):
    """Not in the menu: reached from a role and from a customer."""

    model = RoleAssignment
    name = "punchout_role_assignments"
    url_prefix = "punchout/role-assignments"
    icon = "key"
    index_view_class = AssignmentList
    add_view_class = AssignmentCreate
    delete_view_class = AssignmentDelete
    copy_view_enabled = False
    list_filter = ["role"]
    edit_handler = ObjectList(
        [
            FieldPanel("role"),
            MultiFieldPanel(
                [FieldPanel("customer"), FieldPanel("user", widget=user_chooser.widget_class)],
                heading=_("Held by"),
                help_text=_("Either a customer, with everybody who enters through it, or one user."),
            ),
            MultiFieldPanel(
                [FieldPanel("company"), FieldPanel("group")],
                heading=_("Where"),
                help_text=_("Leave both empty, and the role holds everywhere."),
            ),
        ]
    )


roles = RoleViewSet()
role_assignments = AssignmentViewSet()
