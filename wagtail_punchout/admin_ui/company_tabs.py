"""What belongs to a company, on the tabs of its page. Each shows the newest or the first, and the way to all."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.listing import ActiveColumn, PublishedColumn
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.quotes import outcome_of, total_of
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Rows, Section, named, url_of
from wagtail_punchout.admin_ui.visits import name_for, requester_of, state_column
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, PunchoutLink, Quote

#: Rows of a tab.
SHOWN = 20


def customers_of(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=partial(url_of, user=request.user)),
        Column("sender_identity", label=_("Sender identity")),
        Column("group", label=_("Group"), accessor=lambda each: named(each.group, request.user)),
        ActiveColumn(sort_key=None),
    ]
    buttons = []
    if can(request.user, "add", PunchoutCustomer):
        url = f"{reverse('punchout_customers:add')}?company={company.pk}"
        buttons.append(Button(_("Add PunchOut customer"), url=url, classname=SMALL_BUTTON))
    customers = list(
        visible(company.customers.select_related("group__company").order_by("name"), request.user)[: SHOWN + 1]
    )
    more = None
    if len(customers) > SHOWN:
        more = (
            f"{reverse('punchout_customers:index')}?{urlencode({'branch': company.code})}",
            gettext("All customers"),
        )
    empty = gettext("No customer connects for this company yet.")
    return [
        Rows(
            "customers",
            gettext("Customers"),
            columns,
            customers[:SHOWN],
            empty=empty,
            buttons=buttons,
            more=more,
        )
    ]


def links_of(company: Company, request: Any) -> list[Section]:
    """The links through which the company's customers enter, and those of its own groups."""
    group_columns = [
        TitleColumn("name", label=_("Group"), get_url=partial(url_of, user=request.user)),
        Column("company", label=_("Company"), accessor=lambda each: each.company or gettext("every company")),
    ]
    link_columns = [
        TitleColumn("name", label=_("Link"), get_url=partial(url_of, user=request.user)),
        Column("group", label=_("Group")),
        Column("get_format_display", label=_("Format")),
        ActiveColumn(label=_("Switch"), sort_key=None),
        PublishedColumn(sort_key=None),
    ]
    theirs = CustomerGroup.objects.filter(Q(company=company) | Q(customers__company=company)).distinct()
    groups = list(visible(theirs.select_related("company").order_by("name"), request.user)[:SHOWN])
    links = visible(
        PunchoutLink.objects.filter(group__in=groups).select_related("group__company").order_by("name"), request.user
    )
    buttons = []
    if can(request.user, "add", CustomerGroup):
        url = f"{reverse('punchout_groups:add')}?company={company.pk}"
        buttons.append(Button(_("Add a customer group"), url=url, classname=SMALL_BUTTON))
    no_group = gettext("No group is used here yet. Add one with the buyer's purchasing system: it brings a connection.")
    no_link = gettext("Without a published link none of these customers can enter.") if groups else ""
    return [
        Rows("groups", pgettext("PunchOut", "Groups"), group_columns, groups, empty=no_group, buttons=buttons),
        Rows("links", gettext("Links"), link_columns, visible(links, request.user)[:SHOWN], empty=no_link),
    ]


def visits_at(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("created_at", label=_("Called"), accessor=_when, get_url=partial(url_of, user=request.user)),
        Column("customer", label=_("Customer"), accessor=lambda each: name_for(request.user, each.customer)),
        Column("requester", label=_("Requester"), accessor=requester_of),
        state_column("state", sort_key=None),
        Column("get_operation_display", label=_("Operation")),
        Column("get_mode_display", label=_("Mode")),
    ]
    visits = visible(company.sessions.select_related("customer__company"), request.user).order_by("-created_at")[:SHOWN]
    more = _all("punchout_visits", company, gettext("All visits of this company")) if visits else None
    empty = gettext("Nobody has come yet. A visit begins when the system of a customer calls.")
    return [Rows("visits", gettext("Last visits"), columns, visits, empty=empty, more=more)]


def carts_of(company: Company, request: Any) -> list[Section]:
    columns = [
        TitleColumn("created_at", label=_("Returned"), accessor=_when, get_url=partial(url_of, user=request.user)),
        Column("customer", label=_("Customer"), accessor=lambda each: name_for(request.user, each.customer)),
        Column("outcome", label=_("Outcome"), accessor=outcome_of),
        Column("line_count", label=_("Lines"), classname="punchout-number"),
        Column("total", label=_("Total"), accessor=total_of, classname="punchout-number"),
    ]
    carts = Quote.objects.filter(session__company=company).select_related("customer__company", "session__company")
    shown = visible(carts, request.user).order_by("-created_at")[:SHOWN]
    more = _all("punchout_quotes", company, gettext("All returned carts of this company")) if shown else None
    empty = gettext(
        "No cart has gone home from here yet. What a shopper returns to the procurement system stands here."
    )
    return [Rows("carts", gettext("Returned carts"), columns, shown, empty=empty, more=more)]


def _when(thing: Any) -> str:
    return date_format(localtime(thing.created_at), "DATETIME_FORMAT")


def _all(screen: str, company: Company, label: str) -> tuple[str, str]:
    """The whole list, of this company and those below."""
    return f"{reverse(f'{screen}:index')}?{urlencode({'branch': company.code})}", label
