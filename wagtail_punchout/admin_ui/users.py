"""Users: the people of the shop who stand behind a customer or hold a role.

The user model is the project's, and no policy of ours stands before it: every view here begins with ``seen_people``.
Whoever has nothing to do with a company that one may see does not exist on these pages.
"""

from __future__ import annotations

import uuid
from functools import cached_property, reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import (
    BaseColumn,
    BulkActionsCheckboxColumn,
    Column,
    DateColumn,
    StatusTagColumn,
    TitleColumn,
)
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.history import LogEntryUserColumn
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from wagtail_punchout.admin_ui.held_roles import roles_of, roles_of_person, seen_assignments, seen_people
from wagtail_punchout.admin_ui.history import LATEST, Reader
from wagtail_punchout.admin_ui.listing import STYLES, WIDE, ActiveColumn, ListView, matching
from wagtail_punchout.admin_ui.policies import scope_of, visible
from wagtail_punchout.admin_ui.scoped import keys_of
from wagtail_punchout.admin_ui.sections import Facts, Rows, Section, SectionsView, linked, url_of
from wagtail_punchout.flows.role_conflicts import conflicts_among
from wagtail_punchout.flows.roles import name_of, staff_among
from wagtail_punchout.models import Company, PunchoutCustomer, PunchoutSession, Role, RoleAssignment

User = get_user_model()
NAME, EMAIL = User.USERNAME_FIELD, User.get_email_field_name()
#: As far as the project's users have them.
NAME_FIELDS = tuple(
    each.name for each in User._meta.concrete_fields if each.name in {NAME, EMAIL, "first_name", "last_name"}
)
#: More at once would take longer than anybody waits for a page.
MOST = 1000


def with_facts(people: QuerySet, user: Any) -> QuerySet:
    """``people`` with what ``user`` may know of each: ``roles_seen`` and ``customer_seen``."""
    assignments = seen_assignments(user).select_related("role", "company", "group__company").order_by("pk")
    customers = visible(PunchoutCustomer.objects.select_related("company"), user)
    return people.prefetch_related(
        Prefetch("punchout_role_assignments", assignments, to_attr="roles_seen"),
        Prefetch("punchout_customer", customers, to_attr="customer_seen"),
        Prefetch("customer_seen__role_assignments", assignments, to_attr="roles_seen"),
    )


def assignments_of(person: Any) -> list[RoleAssignment]:
    customer = person.customer_seen
    return [*person.roles_seen, *(customer.roles_seen if customer else ())]


def companies_of(person: Any) -> list[Company]:
    """Where a person belongs: the customer's company, and those of their own roles."""
    places = [person.customer_seen.company] if person.customer_seen else []
    places += [each.company or (each.group.company if each.group else None) for each in person.roles_seen]
    return list(dict.fromkeys(each for each in places if each))


def company_names(person: Any) -> str:
    return ", ".join(each.name for each in companies_of(person))


def role_names(person: Any) -> str:
    return ", ".join(dict.fromkeys(each.role.name for each in assignments_of(person)))


def can_be_switched(people: QuerySet, user: Any) -> list[Any]:
    """Those whom ``user`` may switch: never staff, never oneself, and nobody who belongs elsewhere too."""
    if not scope_of(user).everywhere:
        elsewhere = RoleAssignment.objects.filter(user=OuterRef("pk"))
        elsewhere = elsewhere.exclude(pk__in=seen_assignments(user).order_by().values("pk"))
        customers = PunchoutCustomer.objects.filter(user=OuterRef("pk"))
        foreign = customers.exclude(pk__in=visible(PunchoutCustomer.objects.order_by(), user).values("pk"))
        people = people.exclude(Exists(elsewhere) | Exists(foreign))
    others = list(people.exclude(pk=user.pk))
    staff = staff_among([each.pk for each in others])
    return [each for each in others if each.pk not in staff]


class ForThoseWithCompanies:
    """For views: those who may see no company are sent away."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if not scope_of(request.user):
            raise PermissionDenied
        super().setup(request, *args, **kwargs)


class PeopleFilterSet(WagtailFilterSet):
    role = django_filters.ModelChoiceFilter(label=_("Role"), queryset=Role.objects.all(), method="of_role")
    is_active = django_filters.BooleanFilter(label=_("Active"))

    class Meta:
        model = User
        fields: list[str] = []

    def of_role(self, people: QuerySet, name: str, role: Role) -> QuerySet:
        """Their own or their customer's, as far as it may be seen."""
        held = seen_assignments(self.request.user).order_by().filter(role=role)
        customers = held.filter(customer__isnull=False).values("customer")
        holders = held.filter(user__isnull=False).values("user")
        return people.filter(Q(pk__in=holders) | Q(punchout_customer__in=customers))


def conflict_tag(person: Any) -> str:
    return gettext("roles that do not go together") if conflicts_among(person.roles_seen) else ""


class PeopleList(ForThoseWithCompanies, ListView):
    model = User
    permission_policy = None  # asked above, and row by row
    any_permission_required = None
    template_name = "wagtail_punchout/admin/people.html"
    page_title = _("Users")
    header_icon = "user"
    index_url_name = "punchout_users:index"
    index_results_url_name = "punchout_users:index_results"
    inspect_url_name = "punchout_users:inspect"
    filterset_class = PeopleFilterSet
    default_ordering = NAME
    paginate_by = 20
    plain_lookups = tuple(f"{each}__icontains" for each in NAME_FIELDS)
    empty_advice = _("Whoever stands behind a PunchOut customer or holds a role appears here.")
    list_export = ["user", "name", "email", "companies", "roles", "conflict", "is_active", "last_login"]
    export_headings = {
        "user": _("User name"),
        "name": _("Name"),
        "email": _("E-mail"),
        "companies": _("Companies"),
        "roles": _("Roles"),
        "conflict": _("Conflict"),
    }
    export_filename = "punchout-users"

    def get_base_queryset(self) -> QuerySet:
        return with_facts(seen_people(self.request.user), self.request.user)

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """A customer's name finds its user only for those who may see the customer."""
        customers = visible(PunchoutCustomer.objects.all(), self.request.user)
        for word in self.search_query.split():
            own = [Q(**{lookup: word}) for lookup in self.plain_lookups]
            found = matching(customers, word, words=("search_text__contains", "company__search_text__contains"))
            queryset = queryset.filter(reduce(or_, own) | Q(punchout_customer__in=found.order_by().values("pk")))
        return queryset

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="user"),
            TitleColumn(
                "name",
                label=_("Name"),
                accessor=name_of,
                sort_key=NAME,
                get_url=self.get_inspect_url,
                get_title_id=lambda each: f"user_{each.pk}_title",
            ),
            Column("email", label=_("E-mail"), accessor=EMAIL, sort_key=EMAIL, classname=WIDE),
            Column("companies", label=_("Company"), accessor=company_names),
            Column("roles", label=_("Roles"), accessor=role_names, classname=WIDE),
            Column("conflict", label=_("Conflict"), accessor=conflict_tag),
            ActiveColumn(),
        ]

    def to_row_dict(self, person: Any) -> dict:
        return {
            "user": person.get_username(),
            "name": name_of(person),
            "email": getattr(person, EMAIL),
            "companies": company_names(person),
            "roles": role_names(person),
            "conflict": conflict_tag(person),
            "is_active": person.is_active,
            "last_login": person.last_login,
        }


class PersonInspect(ForThoseWithCompanies, SectionsView):
    model = User
    permission_policy = None
    any_permission_required = None
    header_icon = "user"
    index_url_name = "punchout_users:index"
    page_title = _("User")

    def get_object(self, queryset: QuerySet | None = None) -> Any:
        people = with_facts(seen_people(self.request.user).filter(pk=self.pk), self.request.user)
        found = people.first()
        if found is None:
            raise Http404
        return found

    def get_fields(self) -> list[str]:
        return []

    def get_page_subtitle(self) -> str:
        return name_of(self.object)

    @cached_property
    def header_more_buttons(self) -> list:
        buttons = []
        if can_be_switched(User._default_manager.filter(pk=self.object.pk), self.request.user):
            here = reverse("punchout_users:inspect", args=(self.object.pk,))
            name, label = ("switch_off", _("Switch off")) if self.object.is_active else ("switch_on", _("Switch on"))
            url = f"{reverse(f'punchout_users:{name}')}?{urlencode({'id': self.object.pk, 'next': here})}"
            buttons.append(Button(label, url=url, icon_name="no-view" if self.object.is_active else "view"))
        if url := url_of(self.object, self.request.user):
            buttons.append(Button(_("Edit in the user administration"), url=url, icon_name="edit"))
        return buttons

    def get_sections(self) -> list[Section]:
        person, request = self.object, self.request
        customer = person.customer_seen
        details = Facts(
            "details",
            gettext("Details"),
            [
                (gettext("User name"), person.get_username()),
                (gettext("Name"), name_of(person)),
                (gettext("E-mail"), getattr(person, EMAIL)),
                (gettext("Companies"), company_names(person)),
                (gettext("Customer"), linked(customer, request.user) if customer else ""),
                (gettext("Status"), gettext("active") if person.is_active else gettext("switched off")),
                (gettext("Last signed in"), _moment(person.last_login)),
            ],
        )
        sections = [details, conflicts_of_person(person), *roles_of_person(person, request)]
        if customer:
            [held] = roles_of(customer, request)
            held.name, held.heading = "customer-roles", gettext("Roles of the customer")
            sections.append(held)
        return [*sections, visits_of_person(person, request), *history_of_person(person, request)]


def conflicts_of_person(person: Any) -> Facts:
    """Roles that do not go together, each with its mend; of those roles that the reader may know of."""
    heading = gettext("Roles that do not go together")
    return Facts("conflicts", heading, [(str(each), each.mend) for each in conflicts_among(person.roles_seen)])


def visits_of_person(person: Any, request: HttpRequest) -> Rows:
    """The last visits through the customer behind which a person stands, and those in which the buyer's system named
    their e-mail address; of the companies where they belong."""
    through = Q(customer=person.customer_seen) if person.customer_seen else Q(pk__in=[])
    email = getattr(person, EMAIL)
    if email and (places := companies_of(person)):
        branches = [Q(company__path__startswith=each.path) for each in places]
        through |= Q(requester__email__iexact=email) & reduce(or_, branches)
    visits = visible(PunchoutSession.objects.filter(through), request.user).select_related("company")[:10]
    columns = [
        TitleColumn(
            "created_at",
            label=_("Called"),
            accessor=lambda each: _moment(each.created_at),
            get_url=lambda each: url_of(each, request.user),
        ),
        Column("company", label=_("Company")),
        StatusTagColumn("state", label=_("State"), accessor="get_state_display"),
        Column("get_operation_display", label=_("Operation")),
    ]
    return Rows("visits", gettext("Last visits"), columns, visits, empty=gettext("No visits yet."))


def history_of_person(person: Any, request: HttpRequest) -> list[Section]:
    """Which roles came and went, and when the person was switched; for those who may know of every company."""
    if not scope_of(request.user).everywhere:
        return []
    ours = ModelLogEntry.objects.for_instance(person).filter(action__startswith="wagtail_punchout.")
    entries = list(ours.select_related("user", "user__wagtail_userprofile").order_by("-timestamp", "-pk")[:LATEST])
    columns = [
        Column("message", label=_("Action"), accessor=Reader(request.user, entries).told),
        LogEntryUserColumn("user", label=_("User")),
        DateColumn("timestamp", label=_("Date")),
    ]
    return [Rows("history", gettext("History"), columns, entries)]


def _moment(at: Any) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT") if at else ""


class Switch(ForThoseWithCompanies, WagtailAdminTemplateMixin, TemplateView):
    """Switch shop users off or on, after a page that says whom and what happens."""

    template_name = "wagtail_punchout/admin/switch_people.html"
    header_icon = "user"
    on = False

    @cached_property
    def seen(self) -> QuerySet:
        asked = keys_of(self.request.GET.getlist("id"))[:MOST]
        return seen_people(self.request.user).filter(pk__in=asked).order_by(NAME)

    @cached_property
    def people(self) -> list[Any]:
        return can_be_switched(self.seen, self.request.user)

    @property
    def back(self) -> str:
        return get_valid_next_url_from_request(self.request) or reverse("punchout_users:index")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.seen:
            messages.warning(request, gettext("Choose at least one user."))
            return HttpResponseRedirect(self.back)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            changed = [each for each in self.people if each.is_active != self.on]
            for person in changed:
                person.is_active = self.on
                person.save(update_fields=["is_active"])
                action = "wagtail_punchout.switched_on" if self.on else "wagtail_punchout.switched_off"
                log(person, action, user=request.user, content_changed=True, uuid=uuid.uuid4())
        if self.on:
            text = ngettext("%(count)d user is active again.", "%(count)d users are active again.", len(changed))
        else:
            text = ngettext("%(count)d user is switched off.", "%(count)d users are switched off.", len(changed))
        messages.success(request, text % {"count": len(changed)})
        return HttpResponseRedirect(self.back)

    def get_page_title(self) -> str:
        return gettext("Switch on") if self.on else gettext("Switch off")

    def get_breadcrumbs_items(self) -> list[dict]:
        list_of_people = {"url": reverse("punchout_users:index"), "label": gettext("Users")}
        return [*super().get_breadcrumbs_items(), list_of_people, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict:
        others = [name_of(each) for each in self.seen if each not in self.people]
        return super().get_context_data(**kwargs) | {
            "on": self.on,
            "people": [name_of(each) for each in self.people],
            "others": others,
            "back": self.back,
            "media": STYLES,
        }


class PeopleMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(scope_of(request.user))


class PeopleViewSet(ViewSet):
    """No ``ModelViewSet``: that would take over how the whole admin finds the pages of users."""

    name = "punchout_users"
    url_prefix = "punchout/users"
    menu_label = _("Users")
    icon = "user"
    model = User
    menu_item_class = PeopleMenuItem

    def get_urlpatterns(self) -> list:
        return [
            path("", PeopleList.as_view(), name="index"),
            path("results/", PeopleList.as_view(results_only=True), name="index_results"),
            path("inspect/<int:pk>/", PersonInspect.as_view(), name="inspect"),
            path("switch-off/", Switch.as_view(), name="switch_off"),
            path("switch-on/", Switch.as_view(on=True), name="switch_on"),
        ]


users = PeopleViewSet()
