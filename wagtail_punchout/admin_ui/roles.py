"""Roles: named sets of abilities, and who holds them."""

from __future__ import annotations

from django import forms
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TabbedInterface, TitleFieldPanel
from wagtail.admin.ui.tables import BaseColumn, Column, NumberColumn, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import SlugInput

from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.held_roles import abilities_of, holders_of
from wagtail_punchout.admin_ui.listing import WIDE, ListView
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.scoped import ScopedForm, ScopedViewSet
from wagtail_punchout.admin_ui.sections import ReadingPanel, Rows, Section, SectionsView, Tab
from wagtail_punchout.models import Ability, Role, RoleAssignment


def explained_abilities() -> list[tuple[str, SafeString]]:
    """For check boxes: what each ability is called, and under it what it does."""
    pattern = '{}<span class="punchout-explanation">{}</span>'
    return [(each.value, format_html(pattern, each.label, each.explanation)) for each in Ability]


class RoleForm(ScopedForm):
    abilities = forms.MultipleChoiceField(
        choices=explained_abilities, required=False, widget=forms.CheckboxSelectMultiple, label=_("Abilities")
    )


class RoleList(ListView):
    word_lookups = ()
    plain_lookups = ("name__icontains", "slug__icontains", "description__icontains")
    empty_advice = _("A role is a set of abilities that customers and people can be given.")

    def get_base_queryset(self) -> QuerySet:
        """With the number of its holders, of those that may be seen."""
        held = visible(RoleAssignment.objects.filter(role=OuterRef("pk")), self.request.user)
        count = held.order_by().values("role").annotate(count=Count("pk")).values("count")
        return super().get_base_queryset().annotate(holders=Coalesce(Subquery(count, IntegerField()), 0))

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("slug", label=_("Identifier"), sort_key="slug"),
            Column("abilities", label=_("What it allows"), accessor=abilities_of, classname=WIDE),
            StatusTagColumn(
                "is_ready_made",
                label=_("Made by"),
                accessor=lambda each: _("ready-made") if each.is_ready_made else _("own"),
                primary=lambda each: not each.is_ready_made,
                classname=WIDE,
            ),
            NumberColumn("holders", label=_("Held"), sort_key="holders"),
        ]

    def to_row_dict(self, role: Role) -> dict:
        return super().to_row_dict(role) | {"abilities": abilities_of(role)}


class RoleDelete(SafeDelete, generic.DeleteView):
    """A role that somebody holds stays."""


class RoleInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        details = self.facts("details", gettext("Details"), ["name", "slug", "description"])
        return [details, allowed_by(self.object), *holders_of(self.object, self.request)]


def allowed_by(role: Role) -> Rows:
    columns = [Column("ability", label=_("Ability")), Column("explanation", label=_("What it does"))]
    known = [Ability(each) for each in role.abilities if each in Ability.values]
    rows = [{"ability": each.label, "explanation": each.explanation} for each in known]
    return Rows("abilities", gettext("Abilities"), columns, rows, empty=gettext("This role allows nothing."))


class RoleViewSet(ScopedViewSet):
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
    list_export = ["name", "slug", "abilities", "description", "holders"]
    export_headings = {"holders": _("Held")}
    export_filename = "punchout-roles"
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


roles = RoleViewSet()
