"""The report of secrets that somebody should exchange, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, TitleColumn

from wagtail_punchout.admin_ui.attention import SOON
from wagtail_punchout.admin_ui.credentials import developer_url
from wagtail_punchout.admin_ui.listing import WIDE, CustomerFilter, PeriodFilterSet, TestColumn
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.report_base import NAMESPACE, Report
from wagtail_punchout.models import Credential

#: A secret this old should be exchanged, and one so long unused be revoked.
OLD, UNUSED = timedelta(days=365), timedelta(days=90)


def whys(now: datetime) -> dict[str, tuple[str | Promise, Q]]:
    """Why somebody should look at a secret."""
    unused = Q(last_used_at__lte=now - UNUSED) | Q(last_used_at=None, created_at__lte=now - UNUSED)
    return {
        "ends": (_("ends within two weeks"), Q(ends_at__lte=now + SOON)),
        "address": (_("has travelled in a web address"), Q(seen_in_address_at__isnull=False)),
        "old": (_("older than a year"), Q(created_at__lte=now - OLD)),
        "unused": (_("not used for 90 days"), unused),
    }


def reasons_to_rotate(credential: Credential) -> str:
    """In words, the same that the query asks for."""
    now = timezone.now()
    used = credential.last_used_at or credential.created_at
    true = {
        "ends": credential.ends_at is not None and credential.ends_at <= now + SOON,
        "address": credential.seen_in_address_at is not None,
        "old": credential.created_at <= now - OLD,
        "unused": used <= now - UNUSED,
    }
    return ", ".join(str(words) for key, (words, _which) in whys(now).items() if true[key])


class SecretFilterSet(PeriodFilterSet):
    why = django_filters.ChoiceFilter(label=_("Why"), choices=(), method="filter_why")
    customer = CustomerFilter()

    class Meta:
        model = Credential
        fields = ["mode"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = whys(timezone.now())
        self.filters["why"].extra["choices"] = [(key, words) for key, (words, _which) in found.items()]

    def filter_why(self, queryset: QuerySet, name: str, chosen: str) -> QuerySet:
        return queryset.filter(whys(timezone.now())[chosen][1])


class Secrets(Report):
    """Those that open the door now. No secret is shown or exported."""

    model = Credential
    name = "secrets"
    empty_advice = _("Nothing is to be done: no secret ends soon, is old or unused, or has travelled in a web address.")
    page_title = _("PunchOut: secrets to exchange")
    header_icon = "key"
    index_url_name, index_results_url_name = f"{NAMESPACE}:secrets", f"{NAMESPACE}:secrets_results"
    filterset_class = SecretFilterSet
    default_ordering = "created_at"
    exported = {
        "connection": (_("Connection"), lambda each: each.customer.name),
        "company": (_("Company"), lambda each: each.customer.company.name),
        "mode": (_("Mode"), lambda each: each.get_mode_display()),
        "slot": (_("Slot"), lambda each: each.slot),
        "created_at": (_("Made"), lambda each: each.created_at),
        "last_used_at": (_("Last used"), lambda each: each.last_used_at),
        "ends_at": (_("Ends"), lambda each: each.ends_at),
        "why": (_("Why"), reasons_to_rotate),
    }

    def get_base_queryset(self) -> QuerySet:
        now = timezone.now()
        why = reduce(or_, (which for _words, which in whys(now).values()))
        live = Credential.objects.live(now).filter(why, customer__is_active=True)
        return visible(live, self.request.user).select_related("customer__company").defer("ciphertext")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            TitleColumn(
                "customer",
                label=_("Connection"),
                accessor="customer.name",
                get_url=lambda each: developer_url(each.customer),
                sort_key="customer__name",
            ),
            Column("company", label=_("Company"), accessor="customer.company.name", classname=WIDE),
            TestColumn(),
            Column("why", label=_("Why"), accessor=reasons_to_rotate),
            DateColumn("created_at", label=_("Made"), sort_key="created_at", classname=WIDE),
            DateColumn("last_used_at", label=_("Last used"), sort_key="last_used_at", classname=WIDE),
            DateColumn("ends_at", label=_("Ends"), sort_key="ends_at"),
        ]
