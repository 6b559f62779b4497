"""The routing table of a customer: its settings, its rules in their order, and a tester beside them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.tables import BaseColumn, Column, Table
from wagtail.admin.ui.tables.orderable import OrderableTableMixin
from wagtail.admin.viewsets import viewsets
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.bulk import BulkListing, Deletes, ScopedBulkAction, list_of
from wagtail_punchout.admin_ui.history import differences, snapshot
from wagtail_punchout.admin_ui.listing import ListView
from wagtail_punchout.admin_ui.routing_base import NAMESPACE, OfCustomer, company_told, rules_of, table_url
from wagtail_punchout.admin_ui.routing_rule import (
    Reorder,
    RuleAdd,
    RuleDelete,
    RuleEdit,
    branch_chooser,
    limit_to_branch,
)
from wagtail_punchout.admin_ui.routing_sheets import Download, Upload
from wagtail_punchout.admin_ui.routing_tester import TesterForm, answer_for
from wagtail_punchout.admin_ui.scoped import ScopedForm, ScopedViewSet, key_of
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Facts, Rows, Section
from wagtail_punchout.admin_ui.spreadsheets import FORMATS
from wagtail_punchout.flows.routing_table import note, one_at_a_time
from wagtail_punchout.models import PunchoutCustomer, Routing, RoutingRule

SHOWN_IN_TAB = 10
SCRIPTS = Media(js=["wagtail_punchout/routing.js"])


def routing_of(customer: PunchoutCustomer, request: HttpRequest) -> list[Section]:
    """What the customer's own page says about routing."""
    rules = rules_of(customer, request.user)
    count = rules.count()
    facts = [(_("For which company a visit is"), customer.get_routing_display())]
    if customer.routing == Routing.DEFAULT:
        facts.append((_("Default company"), company_told(customer.default_company or customer.company, request.user)))
    button = Button(gettext("Routing table"), url=table_url(customer), classname=SMALL_BUTTON)
    empty = gettext(
        "One connection can stand for many companies: rules lead a visit to one of them by what the call says, "
        "for example the ship-to address ID. There is no rule yet."
    )
    more = ngettext("%(count)d rule in all", "%(count)d rules in all", count) % {"count": count}
    return [
        Facts("routing", gettext("Routing"), facts),
        Rows(
            "rules",
            gettext("First rules"),
            [
                Column("position", label=_("Position")),
                Column("looks_at", label=_("Looks at")),
                Column("value", label=_("Value")),
                CompanyColumn(),
            ],
            rules[:SHOWN_IN_TAB],
            empty=empty,
            buttons=[button],
            more=(table_url(customer), more) if count > SHOWN_IN_TAB else None,
        ),
    ]


# The table


class CompanyColumn(Column):
    """Where a rule leads, and what is in the way."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__("company", label=_("Company"), **kwargs)

    def get_cell_context_data(self, instance: RoutingRule, parent_context: Any) -> dict:
        context = super().get_cell_context_data(instance, parent_context)
        user = parent_context["request"].user
        context["value"] = self.cell(company_told(instance.company, user), self.obstacle(instance))
        return context

    @staticmethod
    def obstacle(rule: RoutingRule) -> str:
        if rule.company_is_elsewhere:
            return gettext("not in this branch any more")
        return gettext("switched off") if rule.company_is_off else ""

    @staticmethod
    def cell(company: str, obstacle: str) -> SafeString | str:
        return format_html('{} <span class="w-status">{}</span>', company, obstacle) if obstacle else company


class RuleTable(OrderableTableMixin, Table):
    """Rows to drag, with boxes to tick: Wagtail's own table has one or the other."""

    success_message = _("“%(page_title)s” has been moved.")

    def _add_ordering_column(self) -> None:
        self.columns = OrderedDict([(self.ordering_column.name, self.ordering_column), *self.columns.items()])

    def get_caption(self) -> str:
        return gettext(
            "To move a rule, focus on its drag button, press the up or down arrows, then enter to submit the change."
        )


class SettingsForm(ScopedForm):
    """Which table is used at all, and what becomes of calls that no rule fits."""

    class Meta:
        model = PunchoutCustomer
        fields = ["routing", "default_company"]
        widgets = {"routing": forms.RadioSelect}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        limit_to_branch(self, "default_company", self.instance.company)
        self.fields["routing"].label = _("For which company a visit is")

    def _update_errors(self, errors: ValidationError) -> None:
        # The customer is checked as a whole; what is wrong elsewhere is for the customer's own page.
        ours = {name: found for name, found in errors.update_error_dict({}).items() if name in self.fields}
        if ours:
            super()._update_errors(ValidationError(ours))


class RuleList(OfCustomer, BulkListing, ListView):
    """The page: settings and tester stand beside the table."""

    template_name = "wagtail_punchout/admin/routing/index.html"
    results_template_name = "wagtail_punchout/admin/routing/results.html"

    def get_page_title(self) -> str:
        return gettext("Routing of %(customer)s") % {"customer": self.customer}

    any_permission_required = None
    default_ordering = "position"
    select_all_label = _("Select all rules in listing")
    word_lookups = ("company__search_text__contains",)
    plain_lookups = ("value__icontains", "extrinsic__icontains")
    add_item_label = _("Add rule")
    empty_advice = _(
        "Ask what the buyer's system sends for each of its companies, and add a rule for each value; or upload "
        "a spreadsheet with all of them."
    )

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.customer  # noqa: B018  (or 404, before anything else is asked)
        return super().get(request, *args, **kwargs)

    @property
    def bulk_parent(self) -> str:
        return str(self.customer.pk)  # a number would be written with separators

    def get_base_queryset(self) -> QuerySet:
        return rules_of(self.customer, self.request.user)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            Column("position", label=_("Position"), sort_key="position", classname="punchout-position"),
            Column("looks_at", label=_("Looks at"), sort_key="source"),
            self._get_title_column("value"),
            CompanyColumn(sort_key="company__name"),
        ]

    # Order

    @cached_property
    def table_class(self) -> type[Table]:
        return RuleTable if self.show_ordering_column else super().table_class

    @cached_property
    def show_ordering_column(self) -> bool:
        return self.ordering == "position" and not self.is_searching

    def get_paginate_by(self, queryset: QuerySet) -> int:
        # Wagtail shows all rows where they can be dragged; here there may be thousands.
        return self.paginate_by

    def paginate_queryset(self, queryset: QuerySet, page_size: int) -> tuple:
        paginator, page, rows, has_others = super().paginate_queryset(queryset, page_size)
        self.first_index = max(page.start_index() - 1, 0)  # what dragging counts from
        return paginator, page, rows, has_others

    def get_reorder_url(self) -> str:
        return reverse(f"{NAMESPACE}:reorder", args=(self.first_index, 999999))  # Wagtail's script fills in the rule

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by(self.ordering, "position", "pk")

    @cached_property
    def reorder_button(self) -> None:
        return None  # the table can be dragged as it comes

    # Addresses

    def get_index_url(self) -> str:
        return table_url(self.customer)

    def get_index_results_url(self) -> str:
        return reverse(f"{NAMESPACE}:index_results", args=(self.customer.pk,))

    def get_add_url(self) -> str:
        return reverse(f"{NAMESPACE}:add", args=(self.customer.pk,))

    @property
    def upload_url(self) -> str:
        return reverse(f"{NAMESPACE}:upload", args=(self.customer.pk,))

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs((gettext("Routing of %(customer)s") % {"customer": self.customer}, ""))

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = [
            Button(_("Try a call"), url="#routing-tester", icon_name="help", priority=1),
            Button(_("Settings"), url="#routing-settings", icon_name="cog", priority=2),
            Button(_("Upload a spreadsheet"), url=self.upload_url, icon_name="upload", priority=10),
        ]
        for priority, form in enumerate(FORMATS, start=20):
            url = reverse(f"{NAMESPACE}:download", args=(self.customer.pk, form))
            label = gettext("Download as %(format)s") % {"format": form.upper()}
            buttons.append(Button(label, url=url, icon_name="download", priority=priority))
        return buttons

    # Beside the table

    def get_settings_form(self) -> SettingsForm:
        return SettingsForm(instance=self.customer, for_user=self.request.user)

    def get_tester_form(self) -> TesterForm:
        return TesterForm()

    def get_context_data(self, **kwargs: object) -> dict:
        if self.results_only:
            return super().get_context_data(**kwargs)
        settings_form, tester_form = self.get_settings_form(), self.get_tester_form()
        context = super().get_context_data(
            is_unused=self.customer.routing == Routing.OFF and self.customer.routing_rules.exists(),
            settings_form=settings_form,
            settings_url=reverse(f"{NAMESPACE}:settings", args=(self.customer.pk,)),
            tester_form=tester_form,
            tester_url=reverse(f"{NAMESPACE}:try", args=(self.customer.pk,)),
            **kwargs,
        )
        context["media"] += settings_form.media + tester_form.media + SCRIPTS
        return context


class Settings(RuleList):
    """Saves the settings; with errors the page comes again."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return redirect(table_url(self.customer))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Not self.customer: a refused form leaves its values in the instance.
        customer = self.within(PunchoutCustomer, self.customer.pk, "change")
        self.form = SettingsForm(request.POST, instance=customer, for_user=request.user)
        if not self.form.is_valid():
            messages.error(request, gettext("The settings could not be saved due to errors."))
            return RuleList.get(self, request, *args, **kwargs)
        self._save(customer)
        messages.success(request, gettext("The routing of “%(customer)s” has been saved.") % {"customer": customer})
        return redirect(table_url(customer))

    def _save(self, customer: PunchoutCustomer) -> None:
        names = self.form.changed_data
        before = snapshot(PunchoutCustomer.objects.get(pk=customer.pk), names)
        if changes := differences(customer, before, snapshot(customer, names)):
            customer.save(update_fields=[*names, "updated_at"])
            told = {"changed": changes}
            log(customer, "wagtail.edit", user=self.request.user, content_changed=True, data=told)

    def get_settings_form(self) -> SettingsForm:
        return self.form


@method_decorator(sensitive_post_parameters("document"), name="dispatch")
class Try(RuleList):
    """Answers the tester: a part of the page where scripts run, else the whole page."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return redirect(table_url(self.customer))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.form = TesterForm(request.POST)
        self.answer = answer_for(self.customer, self.form, request.user) if self.form.is_valid() else None
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            context = {"answer": self.answer, "tester_form": self.form}
            return TemplateResponse(request, "wagtail_punchout/admin/routing/answer.html", context)
        return RuleList.get(self, request, *args, **kwargs)

    def get_tester_form(self) -> TesterForm:
        return self.form.to_show_again()

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(answer=self.answer, **kwargs)


class DeleteRules(Deletes, ScopedBulkAction):
    """Several rules of a table at once."""

    model_class = RoutingRule
    aria_label = _("Delete the selected rules")

    def listing(self, parent_id: str | None) -> RuleList:
        customer = key_of(parent_id)
        if customer is None:
            raise Http404
        return list_of(routing, self.request, customer_pk=customer)

    def sentences(self) -> list[str]:
        return [gettext("Calls that these rules fit go to the next rule that fits, to the default, or are refused.")]

    @classmethod
    def execute_action(cls, objects: Sequence[RoutingRule], action: Any = None, **kwargs: object) -> tuple[int, int]:
        by_customer: dict[int, list[int]] = {}
        for rule in objects:
            by_customer.setdefault(rule.customer_id, []).append(rule.pk)
        for customer in PunchoutCustomer.objects.filter(pk__in=by_customer):
            with one_at_a_time(customer):
                RoutingRule.objects.filter(pk__in=by_customer[customer.pk]).delete()
                note(customer, by=action.request.user, removed=len(by_customer[customer.pk]))
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        count = num_parent_objects
        sentence = ngettext("%(count)d rule has been deleted.", "%(count)d rules have been deleted.", count)
        return sentence % {"count": count}


class RoutingViewSet(ScopedViewSet):
    """Not in the menu: reached from a customer. A table's addresses hold its customer, a rule's hold the rule."""

    model = RoutingRule
    name = NAMESPACE
    url_prefix = "punchout/customers"
    icon = "site"
    list_per_page = 50
    add_to_reference_index = False
    search_fields = ["value"]
    search_backend_name = None
    index_view_class = RuleList
    add_view_class = RuleAdd
    edit_view_class = RuleEdit
    delete_view_class = RuleDelete
    form_fields = ["source", "value"]  # each page makes its own form

    def on_register(self) -> None:
        super().on_register()
        # What belongs to these screens: the dialog of their forms, and what can be done to several rules.
        viewsets.register(branch_chooser)
        hooks.register("register_bulk_action", DeleteRules)

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        # What is done to a rule stands in the history of its customer.
        return super().get_common_view_kwargs(**{"history_url_name": None, "index_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        of_table = "<int:customer_pk>/routing"
        table = self.get_index_view_kwargs()
        return [
            path(f"{of_table}/", self.index_view, name="index"),
            path(f"{of_table}/results/", self.index_results_view, name="index_results"),
            path(f"{of_table}/settings/", self.construct_view(Settings, **table), name="settings"),
            path(f"{of_table}/try/", self.construct_view(Try, **table), name="try"),
            path(f"{of_table}/new/", self.add_view, name="add"),
            path(f"{of_table}/upload/", self.construct_view(Upload), name="upload"),
            path(f"{of_table}/download/<slug:form>/", self.construct_view(Download), name="download"),
            path("routing/edit/<int:pk>/", self.edit_view, name="edit"),
            path("routing/delete/<int:pk>/", self.delete_view, name="delete"),
            path("routing/reorder/<int:first>/<int:pk>/", self.construct_view(Reorder), name="reorder"),
        ]


routing = RoutingViewSet()
