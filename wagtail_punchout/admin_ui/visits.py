"""Visits: who came, what the buyer's system said, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn

from wagtail_punchout.admin_ui.exchanges import exchanges_of
from wagtail_punchout.admin_ui.listing import (
    WIDE,
    BranchFilter,
    CustomerFilter,
    ListView,
    PeriodFilterSet,
    ReadOnlyViewSet,
    TestColumn,
)
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.quotes import quote_of
from wagtail_punchout.admin_ui.scoped import ScopedThroughConnections
from wagtail_punchout.admin_ui.sections import Facts, Rows, Section, SectionsView, url_of
from wagtail_punchout.admin_ui.visit_timeline import timeline
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.models.sessions import State
from wagtail_punchout.protocol.cxml import tree

#: Labels for what the JSON fields hold. Names of another release are shown as they are.
LABELS = {
    "name": _("Name"),
    "email": _("E-mail"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "unique_name": _("User name at the buyer"),
    "phone": _("Phone"),
    "address_id": _("Address ID"),
    "address_id_domain": _("Domain of the address ID"),
    "deliver_to": _("Deliver to"),
    "street": _("Street"),
    "city": _("City"),
    "state": pgettext_lazy("part of an address", "State"),
    "postal_code": _("Postal code"),
    "country_code": _("Country code"),
    "country": _("Country"),
    "sku": _("Part number"),
    "auxiliary_id": _("Auxiliary ID"),
    "role": _("Role"),
}
#: Elements of the cXML header: the same in every language.
PARTIES = {"from": "From", "to": "To", "sender": "Sender"}


class VisitFilterSet(PeriodFilterSet):
    customer = CustomerFilter()
    branch = BranchFilter()

    class Meta:
        model = PunchoutSession
        fields = ["state", "operation", "mode"]


class VisitList(ScopedThroughConnections, ListView):
    related = ("customer__company", "company")
    word_lookups = ("company__search_text__contains",)
    plain_lookups = ("requester__email__icontains", "requester__name__icontains", "payload_id__icontains")
    empty_advice = _(
        "A visit begins when a buyer's system calls. What it must be told is in a customer's Developer fields."
    )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("company"),
            Column("customer", label=_("Customer"), accessor=self._customer, classname=WIDE),
            Column("requester", label=_("Requester"), accessor=requester_of, classname=WIDE),
            state_column("state"),
            Column(
                "operation",
                label=_("Operation"),
                accessor="get_operation_display",
                sort_key="operation",
                classname=WIDE,
            ),
            TestColumn(),
            DateColumn("created_at", label=_("Called"), sort_key="created_at"),
        ]

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        # Who works everywhere finds visits by their connection, too. Others may not see every connection.
        if scope_of(self.request.user).everywhere:
            self.word_lookups = (*type(self).word_lookups, "customer__search_text__contains")
        return super().search_queryset(queryset)

    def _customer(self, visit: PunchoutSession) -> str:
        return name_for(self.request.user, visit.customer)


class VisitInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        visit = self.object
        about = ["state", "operation", "mode", "company", "routed_by", "customer", "link", "user", "address"]
        until = ["start_until", "ends_at"]
        said = ["buyer_cookie", "return_url", "payload_id", "dtd_version", "user_agent", "language"]
        return [
            self.facts("visit", gettext("Visit"), about),
            timeline(visit, self.request.user),
            *quote_of(visit, self.request),
            described("requester", gettext("Requester"), visit.requester),
            described("ship-to", gettext("Ship to"), visit.ship_to),
            described("selected", gettext("Selected item"), visit.selected),
            carried(visit),
            *exchanges_of(visit, self.request),
            self.facts("limits", gettext("How long it may last"), until),
            *([identities(visit)] if can(self.request.user, "view", visit.customer) else []),
            self.facts("said", gettext("Said by the buyer's system"), said),
            Facts("extrinsics", gettext("Extrinsics"), without_secrets(visit.extrinsics).items()),
        ]


def name_for(user: Any, thing: Any) -> str:
    """What ``user`` may know of a connection: its name, or that there is one."""
    return str(thing) if can(user, "view", thing) else gettext("a connection of another company")


def requester_of(visit: PunchoutSession) -> str:
    told = visit.requester
    return told.get("email") or told.get("name") or told.get("unique_name") or ""


def state_column(name: str, sort_key: str | None = "state") -> StatusTagColumn:
    return StatusTagColumn(
        name,
        label=_("State"),
        accessor="get_state_display",
        primary=lambda each: each.state in (State.STARTED, State.RETURNED),
        sort_key=sort_key,
    )


def described(name: str, heading: str, told: Mapping[str, Any] | None) -> Facts:
    rows = []
    for key, value in (told or {}).items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        rows.append((str(LABELS.get(key, key)), shown))
    return Facts(name, heading, rows)


def identities(visit: PunchoutSession) -> Rows:
    columns = [
        Column("party", label=_("Party")),
        Column("domain", label=_("Domain")),
        Column("identity", label=_("Identity")),
    ]
    rows = [
        {"party": label, "domain": each.get("domain", ""), "identity": each.get("identity", "")}
        for key, label in PARTIES.items()
        for each in visit.parties.get(key, ())
    ]
    return Rows("identities", gettext("Identities in the header"), columns, rows)


def carried(visit: PunchoutSession) -> Rows:
    """The lines that came along with an edit or inspect, and what became of them."""
    columns = [
        Column("sku", label=_("Part number")),
        Column("description", label=_("Description")),
        Column("quantity", label=_("Quantity"), classname="punchout-number"),
        Column("price", label=_("Price then"), classname="punchout-number"),
        Column("auxiliary_id", label=_("Auxiliary ID")),
        Column("problem", label=_("Problem")),
    ]
    rows = [
        {
            **{key: line.get(key, "") for key in ("sku", "description", "quantity", "auxiliary_id")},
            "price": f"{line.get('price', '')} {line.get('currency', '')}".strip(),
            "problem": (line.get("problem") or {}).get("message", ""),
        }
        for line in visit.carried
    ]
    return Rows("carried", gettext("Lines that came along"), columns, rows)


def without_secrets(extrinsics: Mapping[str, str]) -> dict[str, str]:
    """As documents are kept: what its name says is a secret is struck out."""
    root = etree.Element("Extrinsics")
    for name, value in extrinsics.items():
        etree.SubElement(root, "Extrinsic", name=tree.clean(name)).text = tree.clean(str(value))
    return {each.get("name", ""): each.text or "" for each in tree.without_secrets(root)}


def visits_of(customer: Any, request: Any) -> list[Section]:
    """The last visits of one customer, and the way to all of them."""
    columns = [
        TitleColumn(
            "created_at",
            label=_("Called"),
            accessor=lambda each: date_format(localtime(each.created_at), "DATETIME_FORMAT"),
            get_url=lambda each: url_of(each, request.user),
        ),
        Column("requester", label=_("Requester"), accessor=requester_of),
        state_column("state", sort_key=None),
        Column("get_operation_display", label=_("Operation")),
        Column("get_mode_display", label=_("Mode")),
    ]
    visits = visible(customer.sessions.select_related("company"), request.user)[:10]
    query = urlencode({"customer": customer.sender_identity})
    more = (f"{reverse('punchout_visits:index')}?{query}", gettext("All visits of this customer"))
    empty = gettext("Nobody has come yet.")
    return [Rows("visits", gettext("Last visits"), columns, visits, empty=empty, more=more if visits else None)]


class VisitViewSet(ReadOnlyViewSet):
    model = PunchoutSession
    name = "punchout_visits"
    url_prefix = "punchout/visits"
    menu_label = _("Visits")
    icon = "desktop"
    index_view_class = VisitList
    inspect_view_class = VisitInspect
    filterset_class = VisitFilterSet
    ordering = "-created_at"
    list_export = [
        "created_at",
        "customer.name",
        "company.name",
        "company.code",
        "get_mode_display",
        "get_operation_display",
        "get_state_display",
        "started_at",
        "over_at",
    ]
    export_headings = {
        "customer.name": _("Customer"),
        "company.name": _("Company"),
        "company.code": _("Company code"),
        "get_mode_display": _("Mode"),
        "get_operation_display": _("Operation"),
        "get_state_display": _("State"),
    }
    export_filename = "punchout-visits"


visits = VisitViewSet()
