"""Test this connection: a button that plays the whole conversation, and what came of it, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.credentials import developer_url
from wagtail_punchout.admin_ui.document_words import readable
from wagtail_punchout.admin_ui.listing import (
    STYLES,
    WIDE,
    CustomerFilter,
    ListView,
    PeriodFilter,
    ReadOnlyViewSet,
)
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Facts, Rows, Section, SectionsView, linked, url_of
from wagtail_punchout.flows.fixes import Fix, fix_for
from wagtail_punchout.flows.try_connection import STEPS, CannotTry, hindrance, try_connection
from wagtail_punchout.models import ConnectionTest, PunchoutCustomer
from wagtail_punchout.models.orders import Reason

#: How many runs a customer's page shows.
LATEST = 10


def new_url(customer: PunchoutCustomer) -> str:
    return reverse("punchout_connection_tests:new", args=[customer.pk])


def verdict_of(test: ConnectionTest) -> str:
    return gettext("passed") if test.is_ok else gettext("failed")


def failed_at(test: ConnectionTest) -> str:
    """The name of the first step that failed."""
    return next((_name(each["name"]) for each in test.steps if not each["is_ok"]), "")


def _name(code: str) -> str:
    return str(STEPS[code][0]) if code in STEPS else code


def _columns(user: Any) -> list[BaseColumn]:
    return [
        TitleColumn("started_at", label=_("Test"), accessor=_when, get_url=lambda each: url_of(each, user)),
        StatusTagColumn("verdict", label=_("Result"), accessor=verdict_of, primary=lambda each: each.is_ok),
        Column("failed_at", label=_("Failed at"), accessor=failed_at),
        Column("started_by", label=_("By"), classname=WIDE),
    ]


def _when(test: ConnectionTest) -> str:
    return date_format(timezone.localtime(test.started_at), "SHORT_DATETIME_FORMAT")


def tests_of(customer: PunchoutCustomer, request: HttpRequest) -> list[Section]:
    """The last runs of one customer, and the way to the next."""
    if not can(request.user, "add", ConnectionTest(customer=customer)):
        return []
    runs = visible(customer.connection_tests.defer("complaints"), request.user).select_related("started_by")
    runs = list(runs[:LATEST])
    button = Button(_("Test this connection"), url=new_url(customer), classname=SMALL_BUTTON)
    empty = gettext("This connection has not been tested yet.")
    columns = _columns(request.user)
    heading, index = gettext("Tests of this connection"), reverse("punchout_connection_tests:index")
    more = (f"{index}?customer={quote(customer.sender_identity)}", gettext("All of them, with filters"))
    return [Rows("tests", heading, columns, runs, empty=empty, buttons=[button], more=more if runs else None)]


# A new run


@method_decorator(sensitive_variables(), name="post")
class NewTest(InScopeOnly, WagtailAdminTemplateMixin, TemplateView):
    """What the test does, why it cannot be done yet, and the button."""

    template_name = "wagtail_punchout/admin/connection_test_new.html"
    page_title = _("Test this connection")
    header_icon = "circle-check"

    @cached_property
    def customer(self) -> PunchoutCustomer:
        return self.within(PunchoutCustomer, self.kwargs["pk"], "add")

    def get_page_subtitle(self) -> str:
        return str(self.customer)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("punchout_customers:index"), "label": gettext("Customers")},
            {"url": _page_of(self.customer), "label": str(self.customer)},
            {"url": "", "label": self.page_title},
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            test = try_connection(self.customer, by=request.user, at=timezone.now())
        except CannotTry as reason:
            messages.error(request, str(reason))
            return HttpResponseRedirect(request.path)
        if test.is_ok:
            messages.success(request, gettext("The whole conversation went well."))
        else:
            messages.error(request, gettext("It failed at: %(step)s") % {"step": failed_at(test)})
        return HttpResponseRedirect(reverse("punchout_connection_tests:inspect", args=[test.pk]))

    def get_context_data(self, **kwargs: Any) -> dict:
        self.customer  # noqa: B018  (who may not, is turned away before anything is said)
        return super().get_context_data(
            customer=self.customer,
            hindrance=hindrance(self.customer),
            developer_url=developer_url(self.customer),
            back=_page_of(self.customer),
            media=STYLES,
            **kwargs,
        )


def _page_of(customer: PunchoutCustomer) -> str:
    return reverse("punchout_customers:edit", args=[customer.pk]) + "#tab-tests"


# What came of it


@dataclass(frozen=True)
class Step:
    """One step as a page shows it."""

    number: int
    name: str
    is_ok: bool
    milliseconds: int
    said: str
    mend: str
    fix: Fix | None
    held: list[str]
    documents: list[tuple[str, str]]


class Steps(Section):
    """The steps of one format, in their order; what failed is open."""

    template_name = "wagtail_punchout/admin/sections/steps.html"

    def __init__(self, name: str, heading: str, steps: Iterable[dict[str, Any]]) -> None:
        super().__init__(name, heading)
        self.steps = [_step(number, each) for number, each in enumerate(steps, start=1)]


def _step(number: int, kept: dict[str, Any]) -> Step:
    is_ok = kept["is_ok"]
    documents = [(gettext("Sent"), kept["sent"]), (gettext("Answer"), kept["answer"])]
    return Step(
        number=number,
        name=_name(kept["name"]),
        is_ok=is_ok,
        milliseconds=kept["milliseconds"],
        said=kept["said"],
        mend="" if is_ok or kept["name"] not in STEPS else str(STEPS[kept["name"]][1]),
        fix=None if is_ok else fix_for(kept.get("reason", "")),
        held=[str(Reason(each).label) for each in kept.get("held", ()) if each in Reason.values],
        documents=[(label, readable(text)) for label, text in documents if text],
    )


class Complaints(Section):
    template_name = "wagtail_punchout/admin/sections/sentences.html"

    def __init__(self, test: ConnectionTest) -> None:
        super().__init__("complaints", gettext("What a strict buyer would not like"))
        self.sentences = test.complaints

    def __bool__(self) -> bool:
        return bool(self.sentences)


class TestInspect(SectionsView):
    __test__ = False  # not for pytest

    def get_sections(self) -> list[Section]:
        test, user = self.object, self.request.user
        about = [
            (gettext("Result"), verdict_of(test)),
            (gettext("What failed"), test.failure),
            (gettext("Customer"), linked(test.customer, user)),
            (gettext("Time"), _when(test)),
            (gettext("By"), test.started_by),
            (gettext("Took"), self._duration()),
            (gettext("Visit"), linked(test.session, user) if test.session else ""),
            (gettext("Order"), linked(test.order, user) if test.order else ""),
        ]
        formats = list(dict.fromkeys(each["format"] for each in test.steps))
        by_format = [
            Steps(
                f"steps-{number}",
                gettext("Steps by %(format)s") % {"format": each},
                [step for step in test.steps if step["format"] == each],
            )
            for number, each in enumerate(formats, start=1)
        ]
        return [Facts("test", gettext("Test"), about), *by_format, Complaints(test)]

    def _duration(self) -> str:
        total = sum(each["milliseconds"] for each in self.object.steps)
        count = len(self.object.steps)
        told = ngettext("%(count)d step in %(seconds)s seconds", "%(count)d steps in %(seconds)s seconds", count)
        return told % {"count": count, "seconds": f"{total / 1000:.1f}"}

    @cached_property
    def header_more_buttons(self) -> list:
        customer = self.object.customer
        buttons = [Button(_("Customer"), url=_page_of(customer), icon_name="user", priority=2)]
        if can(self.request.user, "add", self.object):
            buttons.append(Button(_("Test again"), url=new_url(customer), icon_name="rotate", priority=1))
        return [*super().header_more_buttons, *buttons]


class TestFilterSet(WagtailFilterSet):
    __test__ = False

    started_at = PeriodFilter(label=_("Date"))
    customer = CustomerFilter()

    class Meta:
        model = ConnectionTest
        fields = ["is_ok", "customer"]


class TestList(ListView):
    __test__ = False

    related = ("customer", "started_by")
    word_lookups = ("customer__search_text__contains",)
    empty_advice = _("A connection is tested on its customer's page. What came of it is kept here.")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("customer"),
            StatusTagColumn(
                "verdict", label=_("Result"), accessor=verdict_of, primary=lambda each: each.is_ok, sort_key="is_ok"
            ),
            Column("failed_at", label=_("Failed at"), accessor=failed_at),
            Column("started_by", label=_("By"), classname=WIDE),
            DateColumn("started_at", label=_("Time"), sort_key="started_at"),
        ]


class ConnectionTestViewSet(ReadOnlyViewSet):
    model = ConnectionTest
    name = "punchout_connection_tests"
    url_prefix = "punchout/connection-tests"
    menu_label = _("Connection tests")
    icon = "circle-check"
    index_view_class = TestList
    inspect_view_class = TestInspect
    filterset_class = TestFilterSet
    ordering = "-started_at"
    list_export = ["started_at", "customer.name", "is_ok", "failure"]
    export_headings = {"customer.name": _("Customer")}
    export_filename = "punchout-connection-tests"

    def get_urlpatterns(self) -> list:
        return [*super().get_urlpatterns(), path("new/<int:pk>/", NewTest.as_view(), name="new")]


connection_tests = ConnectionTestViewSet()
