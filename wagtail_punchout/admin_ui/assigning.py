"""Roles given to customers and people, and taken away again."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_punchout.admin_ui.choosers import company_chooser, customer_chooser, group_chooser, user_chooser
from wagtail_punchout.admin_ui.held_roles import (
    RemoveColumn,
    holder_of,
    people_to_choose,
    seen_assignments,
    url_of_holder,
)
from wagtail_punchout.admin_ui.listing import STYLES, WIDE, ListView
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import ScopedViewSet, key_of, keys_of
from wagtail_punchout.flows.roles import give_role, name_of, take_role
from wagtail_punchout.models import Ability, Company, CustomerGroup, PunchoutCustomer, Role, RoleAssignment

User = get_user_model()
SCRIPTS = Media(js=["wagtail_punchout/filter.js"])


class AssignForm(forms.Form):
    """Who gets which roles, and where they hold. A holder that is settled is no field of it."""

    customer = forms.ModelChoiceField(
        PunchoutCustomer.objects.none(),
        label=_("Customer"),
        required=False,
        widget=customer_chooser.widget_class,
        help_text=_("With everybody who enters through it."),
    )
    user = forms.ModelChoiceField(
        User._default_manager.none(),
        label=_("Or a person"),
        required=False,
        widget=user_chooser.widget_class,
        help_text=_("A user of the shop."),
    )
    roles = forms.ModelMultipleChoiceField(
        Role.objects.all(),
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )
    company = forms.ModelChoiceField(
        Company.objects.none(), label=_("Company"), required=False, widget=company_chooser.widget_class
    )
    group = forms.ModelChoiceField(
        CustomerGroup.objects.none(),
        label=_("Or a group"),
        required=False,
        widget=group_chooser.widget_class,
        help_text=_("Then the role holds for the customers of this group alone."),
    )

    def __init__(self, *args: Any, for_user: Any, holder: Model | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.for_user, self.holder = for_user, holder
        self.fields["company"].queryset = visible(Company.objects.all(), for_user)
        self.fields["group"].queryset = visible(CustomerGroup.objects.all(), for_user)
        self.fields["customer"].queryset = visible(PunchoutCustomer.objects.all(), for_user)
        self.fields["user"].queryset = people_to_choose(for_user)
        if holder is not None:
            del self.fields["customer"], self.fields["user"]
        self._suit(holder)

    def _suit(self, holder: Model | None) -> None:
        company = self.fields["company"]
        if isinstance(holder, PunchoutCustomer):
            if not self.initial.get("group"):
                del self.fields["group"]
            company.help_text = _("Empty: wherever this customer shops. Otherwise its own company or one below it.")
            if not (holder.company.numchild or self.initial.get("company")):  # there is nothing to choose
                del self.fields["company"]
        elif holder is not None:
            company.help_text = _("Where the person belongs. The role also holds for all companies below it.")
        else:
            company.help_text = _("A customer needs none: then the role holds wherever it shops.")

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.holder is None and bool(cleaned.get("customer")) == bool(cleaned.get("user")):
            self.add_error(None, _("Choose either a customer or a person."))
        if cleaned.get("company") and cleaned.get("group"):
            self.add_error("group", _("Choose a company or a group, not both."))
        return cleaned

    @property
    def scope(self) -> dict[str, Any]:
        """Whom the roles are for, and where."""
        chosen = {each: self.cleaned_data.get(each) for each in ("customer", "user", "company", "group")}
        if self.holder is not None:
            chosen["customer" if isinstance(self.holder, PunchoutCustomer) else "user"] = self.holder
        return {key: value for key, value in chosen.items() if value}

    def save(self, *, by: Any) -> list[RoleAssignment]:
        """All of the chosen roles, or none and an error that says why."""
        try:
            with transaction.atomic():
                return [self._give(role, by) for role in self.cleaned_data["roles"]]
        except ValidationError as error:
            self.explain(error)
            return []

    def _give(self, role: Role, by: Any) -> RoleAssignment:
        assignment = RoleAssignment(role=role, **self.scope)
        assignment.clean()
        if not can(by, "add", assignment):
            raise ValidationError({"company": _("Choose a company that you work with.")})
        return give_role(role, by=by, sees=partial(can, by, "view"), **self.scope)

    def explain(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error("roles", error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class Assign(WagtailAdminTemplateMixin, PermissionCheckedMixin, FormView):
    """Several roles at once, for a customer or a person; afterwards back to the page that asked."""

    model = RoleAssignment
    permission_required = "add"
    template_name = "wagtail_punchout/admin/assign_roles.html"
    form_class = AssignForm
    header_icon = "key"
    page_title = _("Assign roles")
    _show_breadcrumbs = True

    @cached_property
    def holder(self) -> Model | None:
        """Whoever the address names."""
        customers = visible(PunchoutCustomer.objects.select_related("company"), self.request.user)
        return self._named("customer", customers) or self._named("user", people_to_choose(self.request.user))

    def _named(self, key: str, known: QuerySet) -> Model | None:
        """What the address names; what may not be seen is as what is not there."""
        asked = self.request.GET.get(key)
        found = known.filter(pk=key_of(asked)).first() if asked else None
        if asked and found is None:
            raise Http404
        return found

    @cached_property
    def back(self) -> str:
        if given := get_valid_next_url_from_request(self.request):
            return given
        if isinstance(self.holder, PunchoutCustomer):
            return reverse("punchout_customers:edit", args=(self.holder.pk,)) + "#tab-roles"
        if self.holder is not None:
            return reverse("punchout_users:inspect", args=(self.holder.pk,))
        return reverse("punchout_role_assignments:index")

    @property
    def holder_name(self) -> str:
        if isinstance(self.holder, PunchoutCustomer):
            return str(self.holder)
        return name_of(self.holder) if self.holder is not None else ""

    def get_page_subtitle(self) -> str:
        return self.holder_name

    def get_breadcrumbs_items(self) -> list[dict]:
        items = [*super().get_breadcrumbs_items()]
        if self.holder is not None:
            items.append({"url": self.back, "label": self.holder_name})
        return [*items, {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()}]

    def get_initial(self) -> dict[str, Any]:
        places = {"company": Company.objects.all(), "group": CustomerGroup.objects.all()}
        named = {key: self._named(key, visible(known, self.request.user)) for key, known in places.items()}
        return {"roles": keys_of(self.request.GET.getlist("roles")), **named}

    def get_form_kwargs(self) -> dict:
        return super().get_form_kwargs() | {"for_user": self.request.user, "holder": self.holder}

    def form_valid(self, form: AssignForm) -> HttpResponse:
        given = form.save(by=self.request.user)
        if not given:
            return self.form_invalid(form)
        text = ngettext(
            "“%(holder)s” now has the role %(roles)s.", "“%(holder)s” now has the roles %(roles)s.", len(given)
        )
        roles = ", ".join(gettext("“%s”") % each.role for each in given)
        messages.success(self.request, text % {"holder": holder_of(given[0]), "roles": roles})
        return HttpResponseRedirect(self.back)

    def form_invalid(self, form: AssignForm) -> HttpResponse:
        messages.error(self.request, gettext("The roles could not be assigned."))
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        chosen = {str(each) for each in form["roles"].value() or ()}
        context["choices"] = [
            {
                "role": role,
                "is_chosen": str(role.pk) in chosen,
                "held": self._held_where.get(role.pk, ()),
                "abilities": [Ability(each).label for each in role.abilities if each in Ability.values],
            }
            for role in Role.objects.all()
        ]
        return context | {
            "holder": self.holder_name,
            "holder_fields": [form[each] for each in ("customer", "user") if each in form.fields],
            "scope_fields": [form[each] for each in ("company", "group") if each in form.fields],
            "back": self.back,
            "media": form.media + STYLES + SCRIPTS,
        }

    @cached_property
    def _held_where(self) -> dict[int, list[str]]:
        """For each role the holder has: where."""
        found: dict[int, list[str]] = defaultdict(list)
        if self.holder is not None:
            key = "customer" if isinstance(self.holder, PunchoutCustomer) else "user"
            for each in seen_assignments(self.request.user).filter(**{key: self.holder}):
                found[each.role_id].append(each.where)
        return found


class Remove(PermissionCheckedMixin, View):
    """One role taken away from one holder."""

    model = RoleAssignment
    permission_required = "delete"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        assignment = seen_assignments(request.user).filter(pk=pk).first()
        if assignment is None:
            raise Http404
        if not can(request.user, "delete", assignment):
            raise PermissionDenied
        back = self._back(assignment)
        again = self._again(assignment, back)
        text = gettext("“%(holder)s” no longer has the role “%(role)s” (%(where)s).")
        facts = {"holder": holder_of(assignment), "role": assignment.role, "where": assignment.where}
        take_role(assignment, by=request.user)
        messages.success(request, text % facts, buttons=[messages.button(again, gettext("Give it back"))])
        return redirect(back)

    def _back(self, assignment: RoleAssignment) -> str:
        if given := get_valid_next_url_from_request(self.request):
            return given
        if assignment.customer_id:
            return reverse("punchout_customers:edit", args=(assignment.customer_id,)) + "#tab-roles"
        return reverse("punchout_role_assignments:index")

    def _again(self, assignment: RoleAssignment, back: str) -> str:
        """The page that assigns, filled in as it was."""
        given = {each: getattr(assignment, f"{each}_id") for each in ("customer", "user", "company", "group")}
        query = {"roles": assignment.role_id, "next": back} | {key: pk for key, pk in given.items() if pk}
        return f"{reverse('punchout_role_assignments:add')}?{urlencode(query)}"


class AssignmentList(ListView):
    related = ("role", "customer", "user", "company", "group")
    word_lookups = ("customer__search_text__contains", "company__search_text__contains")
    plain_lookups = (
        "role__name__icontains",
        "role__slug__icontains",
        f"user__{User.USERNAME_FIELD}__icontains",
        f"user__{User.get_email_field_name()}__icontains",
    )
    page_title = _("Who holds which role")
    empty_advice = _("Roles are given to customers and to single people.")
    add_item_label = _("Assign role")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            TitleColumn(
                "holder",
                label=_("Held by"),
                accessor=holder_of,
                get_url=lambda each: url_of_holder(each, self.request.user),
            ),
            Column("role", label=_("Role"), sort_key="role__name"),
            Column("where", label=_("Where"), classname=WIDE),
            RemoveColumn(self.request.user),
        ]

    def to_row_dict(self, assignment: RoleAssignment) -> dict:
        holder = {"customer": str(assignment.customer or ""), "user": str(assignment.user or "")}
        return holder | {"role": str(assignment.role), "identifier": assignment.role.slug, "where": assignment.where}


class AssignmentViewSet(ScopedViewSet):
    """Not in the menu: reached from a role, a customer and a person. An assignment is given or taken, never edited."""

    model = RoleAssignment
    name = "punchout_role_assignments"
    url_prefix = "punchout/role-assignments"
    icon = "key"
    index_view_class = AssignmentList
    list_filter = ["role"]
    ordering = "role__name"
    list_export = ["customer", "user", "role", "identifier", "where"]
    export_headings = {"identifier": _("Identifier"), "where": _("Where")}
    export_filename = "punchout-role-assignments"
    exclude_form_fields = ()

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        none = dict.fromkeys(("edit_url_name", "delete_url_name", "history_url_name"))
        return super().get_common_view_kwargs(**{**none, **kwargs})

    @property
    def add_view(self) -> Any:
        return self.construct_view(Assign)

    def get_urlpatterns(self) -> list:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", self.add_view, name="add"),
            path("remove/<int:pk>/", self.construct_view(Remove), name="remove"),
        ]

    def register_admin_url_finder(self) -> None:
        """An assignment has no page of its own."""


role_assignments = AssignmentViewSet()
