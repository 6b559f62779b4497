"""First contacts: the inbox of calls in vain, each with what to change, and the way to a customer."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, CharField, Count, F, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import IsNull
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, NumberColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.connection import obstacles
from wagtail_punchout.admin_ui.listing import WIDE, CustomerFilter, ListView, PeriodFilter, ReadOnlyViewSet
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Facts, Rows, Section, SectionsView, linked, named, url_of
from wagtail_punchout.flows.first_contacts import reopen, settle
from wagtail_punchout.flows.fixes import fix_for
from wagtail_punchout.models import FirstContact, PunchoutCustomer
from wagtail_punchout.models.folding import identity_key

#: Customers shown that have the Sender identity of a call.
SHOWN = 5
OPEN, SETTLED = "open", "settled"
STATES = {OPEN: _("open"), SETTLED: _("settled")}


def state_of(contact: FirstContact) -> str:
    return str(STATES[SETTLED if contact.settled_at else OPEN])


def what_of(contact: FirstContact) -> str:
    fix = fix_for(contact.reason)
    return str(fix.what) if fix else contact.reason


def names_of(party: list[dict[str, str]]) -> str:
    """All names of a party, each as ``domain: identity``."""
    return ", ".join(f"{each.get('domain', '')}: {each.get('identity', '')}".strip(": ") for each in party)


class FirstContactFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[*STATES.items()], widget=forms.RadioSelect, method="filter_state"
    )
    reason = django_filters.MultipleChoiceFilter(label=_("Reason"), choices=[], widget=forms.CheckboxSelectMultiple)
    customer = CustomerFilter()
    last_at = PeriodFilter(label=_("Last call"))

    class Meta:
        model = FirstContact
        fields = ["state", "reason", "customer", "last_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = visible(FirstContact.objects.order_by(), self.request.user)
        found = seen.annotate(is_open=IsNull(F("settled_at"), True)).values_list("reason", "is_open")
        states, reasons = Counter(), Counter()
        for reason, is_open, count in found.annotate(count=Count("pk")):
            states[OPEN if is_open else SETTLED] += count
            reasons[reason] += count
        self.filters["state"].extra["choices"] = [(key, f"{word} ({states[key]})") for key, word in STATES.items()]
        told = [(reason, f"{what_of(FirstContact(reason=reason))} ({count})") for reason, count in reasons.items()]
        self.filters["reason"].extra["choices"] = sorted(told, key=lambda each: each[1])

    def filter_state(self, queryset: QuerySet, name: str, chosen: str) -> QuerySet:
        return queryset.filter(settled_at__isnull=chosen == OPEN)


class FirstContactList(ListView):
    related = ("customer__company",)
    word_lookups = ()
    plain_lookups = ("names__icontains", "user_agent__icontains", "cause__icontains", "remote_address__icontains")
    empty_advice = _("Nobody has called in vain. When a buyer's system does, it stands here, with what to change.")

    def get_base_queryset(self) -> QuerySet:
        told = [Cast(name, CharField()) for name in ("sender", "from_party", "to_party")]
        return (
            super()
            .get_base_queryset()
            .annotate(
                names=Concat(*told, output_field=CharField()),
                is_settled=Case(When(settled_at=None, then=Value(0)), default=Value(1)),
            )
        )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column_class(TitleColumn)(
                "who", label=_("Who called"), accessor=str, get_url=self.get_inspect_url
            ),
            Column("reason", label=_("Reason"), accessor=what_of, sort_key="reason"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=state_of,
                primary=lambda each: each.settled_at is None,
                sort_key="is_settled",
            ),
            Column("customer", label=_("Customer"), accessor=self._customer, classname=WIDE),
            NumberColumn("times", label=_("Times"), sort_key="times", classname=WIDE),
            DateColumn("last_at", label=_("Last"), sort_key="last_at"),
        ]

    def to_row_dict(self, contact: FirstContact) -> dict:
        parties = {name: names_of(getattr(contact, name)) for name in ("sender", "from_party", "to_party")}
        own = {"reason": what_of(contact), "customer": self._customer(contact)}
        return super().to_row_dict(contact) | parties | own

    def _customer(self, contact: FirstContact) -> str:
        return named(contact.customer, self.request.user) if contact.customer else ""


class ContactActions(Section):
    """What can be done with a first contact."""

    template_name = "wagtail_punchout/admin/sections/contact_actions.html"

    def __init__(self, contact: FirstContact, user: Any) -> None:
        super().__init__("doing", gettext("What can be done"))
        self.buttons, self.actions = [], []
        if not can(user, "change", contact):
            return
        if contact.sender:
            new = reverse("punchout_first_contacts:adopt_new", args=[contact.pk])
            into = reverse("punchout_first_contacts:adopt", args=[contact.pk])
            query = f"?customer={contact.customer_id}" if contact.customer_id else ""
            self.buttons = [
                Button(_("Adopt into a customer"), url=into + query, classname=SMALL_BUTTON, icon_name="user"),
                Button(_("Adopt into a new customer"), url=new, classname=SMALL_BUTTON, icon_name="plus"),
            ]
        name, label = "settle", _("Nothing left to do") if contact.customer_id else _("Dismiss")
        if contact.settled_at:
            name, label = "reopen", _("Open again")
        self.actions = [(reverse("punchout_first_contacts:mark", args=[contact.pk, name]), label)]

    def __bool__(self) -> bool:
        return bool(self.actions)

    def get_context_data(self, parent_context: Any) -> dict:
        return super().get_context_data(parent_context) | {"csrf_token": parent_context["csrf_token"]}


class FirstContactInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        contact = self.object
        fix = fix_for(contact.reason)
        called = [
            ("Sender", names_of(contact.sender)),
            ("From", names_of(contact.from_party)),
            ("To", names_of(contact.to_party)),
            self.fact("user_agent"),
            self.fact("remote_address"),
            self.fact("kind"),
            (gettext("Last document"), linked(contact.exchange, self.request.user) if contact.exchange else ""),
        ]
        wrong = [
            (gettext("What is wrong"), what_of(contact)),
            (gettext("True cause"), contact.cause),
            (gettext("What to change"), fix.mend if fix else ""),
        ]
        how_often = ["times", "first_at", "last_at", "customer", "settled_at", "settled_by"]
        return [
            Facts("wrong", gettext("What to change"), wrong),
            ContactActions(contact, self.request.user),
            Facts("called", gettext("Who called"), called),
            customers_called_so(contact, self.request.user),
            self.facts("course", gettext("How often"), how_often),
        ]

    def get_page_subtitle(self) -> str:
        return str(self.object)


def customers_called_so(contact: FirstContact, user: Any) -> Rows:
    """Customers with the Sender identity of the call, as they stand today."""
    keys = {identity_key(each.get("identity", "")) for each in contact.sender} - {""}
    found = visible(PunchoutCustomer.objects.filter(sender_key__in=keys), user).order_by("pk")
    columns = [
        TitleColumn("name", label=_("Customer"), accessor=str, get_url=lambda each: url_of(each, user)),
        Column("company", label=_("Company"), accessor="company"),
        Column("from_identity", label=_("From identity"), classname=WIDE),
        Column("obstacles", label=_("What keeps it out today"), accessor=_keeps_out),
    ]
    empty = gettext("No customer has this Sender identity today.") if keys else ""
    people = found.select_related("company", "user", "group")[:SHOWN] if keys else []
    return Rows("customers", gettext("Customers with this Sender identity"), columns, people, empty=empty)


def _keeps_out(customer: PunchoutCustomer) -> str:
    return " ".join(map(str, obstacles(customer))) or gettext("Nothing: with the right secret it gets in.")


class Mark(InScopeOnly, View):
    """POST only; asked twice, it is done once."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        contact = self.within(FirstContact, pk, "change")
        if name == "settle":
            settle(contact, by=request.user, at=timezone.now())
            messages.success(request, gettext("Settled. It is kept in the list."))
        elif name == "reopen":
            reopen(contact)
            messages.success(request, gettext("It is open again."))
        else:
            raise Http404
        return redirect("punchout_first_contacts:index")


class FirstContactViewSet(ReadOnlyViewSet):
    model = FirstContact
    name = "punchout_first_contacts"
    url_prefix = "punchout/first-contacts"
    menu_label = _("First contacts")
    icon = "warning"
    index_view_class = FirstContactList
    inspect_view_class = FirstContactInspect
    filterset_class = FirstContactFilterSet
    ordering = ["is_settled", "-last_at", "-pk"]
    list_export = [
        "last_at",
        "first_at",
        "times",
        "reason",
        "cause",
        "sender",
        "from_party",
        "to_party",
        "user_agent",
        "remote_address",
        "customer",
        "settled_at",
    ]
    export_filename = "first-contacts"

    def get_urlpatterns(self) -> list:
        from wagtail_punchout.admin_ui.adopting import AdoptInto, AdoptNew

        return [
            *super().get_urlpatterns(),
            path("<int:pk>/adopt/", AdoptInto.as_view(), name="adopt"),
            path("<int:pk>/adopt-new/", AdoptNew.as_view(), name="adopt_new"),
            path("<int:pk>/<slug:name>/", Mark.as_view(), name="mark"),
        ]


first_contacts = FirstContactViewSet()
