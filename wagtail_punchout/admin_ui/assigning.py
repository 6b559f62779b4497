"""Roles given to customers and people, and taken away again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
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
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.choosers import company_chooser, customer_chooser, group_chooser, user_chooser
from wagtail_punchout.admin_ui.listing import STYLES, WIDE, ListView
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.scoped import ScopedViewSet
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Rows, Section, url_of
from wagtail_punchout.flows.roles import give_role, name_of, take_role, where
from wagtail_punchout.models import Ability, Company, CustomerGroup, PunchoutCustomer, Role, RoleAssignment

User = get_user_model()
SCRIPTS = Media(js=["wagtail_punchout/filter.js"])


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


# On the pages of customers, people and roles


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
        Column("where", label=_("Where"), accessor=where),
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
        Column("where", label=_("Where"), accessor=where),
        Column("abilities", label=_("What it allows"), accessor=lambda each: abilities_of(each.role), classname=WIDE),
        RemoveColumn(request.user),
    ]
    return Rows("roles", gettext("Roles"), columns, held, empty=empty, buttons=buttons)


# Assigning


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
            del self.fields["group"]
            company.help_text = _("Empty: wherever this customer shops. Otherwise its own company or one below it.")
            if not holder.company.numchild:  # there is nothing to choose
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
        return give_role(role, by=by, **self.scope)

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
        """Whoever the address names; who may not be seen is as one who is not there."""
        named = {
            "customer": visible(PunchoutCustomer.objects.select_related("company"), self.request.user),
            "user": people_to_choose(self.request.user),
        }
        for key, known in named.items():
            if asked := self.request.GET.get(key):
                found = known.filter(pk=int(asked)).first() if asked.isdecimal() else None
                if found is None:
                    raise Http404
                return found
        return None

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
        company = self.request.GET.get("company", "")
        return {
            "roles": [int(each) for each in self.request.GET.getlist("roles") if each.isdecimal()],
            **({"company": self._seen_company(company)} if company.isdecimal() else {}),
        }

    def _seen_company(self, pk: str) -> Company | None:
        return visible(Company.objects.all(), self.request.user).filter(pk=pk).first()

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
                found[each.role_id].append(where(each))
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
        facts = {"holder": holder_of(assignment), "role": assignment.role, "where": where(assignment)}
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
        given = {"customer": assignment.customer_id, "user": assignment.user_id, "company": assignment.company_id}
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
            Column("where", label=_("Where"), accessor=where, classname=WIDE),
            RemoveColumn(self.request.user),
        ]

    def to_row_dict(self, assignment: RoleAssignment) -> dict:
        holder = {"customer": str(assignment.customer or ""), "user": str(assignment.user or "")}
        return holder | {"role": str(assignment.role), "identifier": assignment.role.slug, "where": where(assignment)}


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
