"""Credentials: reading about them, showing a secret, replacing and withdrawing it, setting its end.

A secret leaves the database by POST only, for those who have the right and have entered their password a short while
ago, with an entry in the customer's history. No list, export, revision or log holds it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, UserColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_punchout.admin_ui.listing import WIDE, CustomerFilter, ListView, PeriodFilterSet, TestColumn
from wagtail_punchout.admin_ui.passwords import AsksForPassword, EnterPassword, wants_json
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.scoped import InScopeOnly, ScopedViewSet
from wagtail_punchout.admin_ui.sections import Facts, Section, SectionsView
from wagtail_punchout.flows.issue import NoFreeSlot, issue_secret, reveal_secret, revoke_secret
from wagtail_punchout.models import Credential, Mode, PunchoutCustomer
from wagtail_punchout.models.secretbox import UnreadableSecret

#: How long a revealed secret stays on the screen.
SHOWN_SECONDS = 30


def developer_url(customer: PunchoutCustomer) -> str:
    return reverse("punchout_customers:edit", args=(customer.pk,)) + "#tab-developer_fields"


def unreadable() -> str:
    return gettext("This key cannot be decrypted: SECRET_KEYS of this site lacks the key that encrypted it.")


class Shown(str):
    """A secret on its way to a page: a report of a crash, which prints names and what they hold, prints this."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<a secret>"


def state_of(credential: Credential) -> str:
    if credential.revoked_at:
        return gettext("revoked")
    if not credential.is_live:
        return gettext("ended")
    return gettext("ends soon") if credential.ends_at else pgettext("secret", "live")


class CredentialFilterSet(PeriodFilterSet):
    customer = CustomerFilter()

    class Meta:
        model = Credential
        fields = ["mode"]


class CredentialList(ListView):
    related = ("customer__company", "created_by__wagtail_userprofile")
    word_lookups = ("customer__search_text__contains",)
    page_title = _("Credentials")
    empty_advice = _("Credentials are made with each customer.")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("customer"),
            TestColumn(),
            Column("slot", label=_("Slot"), sort_key="slot", classname=WIDE),
            StatusTagColumn("state", label=_("State"), accessor=state_of, primary=lambda each: each.is_live),
            DateColumn("created_at", label=_("Made"), sort_key="created_at", classname=WIDE),
            UserColumn("created_by", label=_("By"), classname=WIDE),
            DateColumn("last_used_at", label=_("Last used"), sort_key="last_used_at", classname=WIDE),
            DateColumn("ends_at", label=_("Ends"), sort_key="ends_at"),
        ]


class CredentialEdit(AsksForPassword, generic.EditView):
    """Only the end can be set."""

    def get_success_url(self) -> str:
        return developer_url(self.object.customer)


class CredentialInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        before = ["customer", "mode", "slot", "created_at"]
        after = ["last_used_at", "last_used_from", "ends_at", "revoked_at"]
        made_by = (gettext("Made by"), self.fact("created_by")[1])
        state = (gettext("State"), state_of(self.object))
        rows = [*map(self.fact, before), made_by, *map(self.fact, after), state]
        return [Facts("details", gettext("Details"), rows)]


class CustomersPage(WagtailAdminTemplateMixin):
    """A page about the secrets of ``self.customer``."""

    customer: PunchoutCustomer
    header_icon = "key"

    def get_page_subtitle(self) -> str:
        return str(self.customer)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("punchout_customers:index"), "label": gettext("Customers")},
            {"url": developer_url(self.customer), "label": str(self.customer)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(customer=self.customer, back=developer_url(self.customer), **kwargs)


class SecretView(AsksForPassword, PermissionCheckedMixin, BaseObjectMixin, CustomersPage, View):
    """Something done with one secret, after a question."""

    model = Credential
    http_method_names = ["get", "post"]

    @property
    def customer(self) -> PunchoutCustomer:
        return self.object.customer

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return TemplateResponse(request, self.template_name, self.get_context_data())

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(credential=self.object, **kwargs)


class Reveal(SecretView):
    """The clear text, on the answer to a POST and on no other."""

    permission_required = "reveal"
    page_title = _("PUNCHOUT API Key")
    template_name = "wagtail_punchout/admin/reveal.html"

    @sensitive_variables("plain", "shown")
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.object.is_live:
            raise PermissionDenied
        try:
            plain = reveal_secret(self.object, by=request.user)
        except UnreadableSecret:
            return self._unreadable()
        if wants_json(request):
            return JsonResponse({"secret": plain, "seconds": SHOWN_SECONDS})
        shown = self.get_context_data(secret=Shown(plain))
        return TemplateResponse(request, "wagtail_punchout/admin/secret.html", shown)

    def _unreadable(self) -> HttpResponse:
        if wants_json(self.request):
            return JsonResponse({"error": unreadable()}, status=500)
        messages.error(self.request, unreadable())
        return redirect(developer_url(self.customer))


class Revoke(SecretView):
    """Withdraw a secret at once."""

    permission_required = "rotate"
    page_title = _("Revoke an API key")
    template_name = "wagtail_punchout/admin/revoke.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.object.revoked_at is None:
            revoke_secret(self.object, by=request.user, at=timezone.now())
        messages.success(request, gettext("The API key has been revoked. It opens nothing any more."))
        return redirect(developer_url(self.customer))


class OverlapForm(forms.Form):
    """How long the old secret goes on working beside its successor."""

    days = forms.TypedChoiceField(
        label=_("The present key goes on working for"),
        choices=[
            (0, _("not at all: it is revoked now")),
            (1, _("1 day")),
            (7, _("7 days")),
            (30, _("30 days")),
        ],
        coerce=int,
        initial=7,
        widget=forms.RadioSelect,
    )


class Rotate(AsksForPassword, InScopeOnly, CustomersPage, View):
    """A successor in the free slot."""

    http_method_names = ["get", "post"]
    template_name = "wagtail_punchout/admin/rotate.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.customer = self.within(PunchoutCustomer, kwargs["pk"])
        if not can(request.user, "rotate", Credential(customer=self.customer)):
            raise PermissionDenied
        if kwargs["mode"] not in Mode.values:
            raise Http404
        self.mode = Mode(kwargs["mode"])
        self.live = list(self.customer.credentials.live().filter(mode=self.mode))

    @property
    def page_title(self) -> str:
        return gettext("Rotate the API key") if self.live else gettext("Make an API key")

    def get(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        return self._page(OverlapForm())

    def post(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        form = OverlapForm(request.POST if self.live else {"days": 7})
        if not form.is_valid():
            return self._page(form)
        overlap = timedelta(days=form.cleaned_data["days"])
        try:
            credential = issue_secret(self.customer, self.mode, by=request.user, at=timezone.now(), overlap=overlap)
        except NoFreeSlot:
            form.add_error(None, gettext("Two keys are live already. Revoke one first, or choose “not at all”."))
            return self._page(form)
        messages.success(request, self._told(credential, overlap))
        return redirect(developer_url(self.customer))

    def _page(self, form: OverlapForm) -> HttpResponse:
        context = self.get_context_data(form=form, mode=self.mode, live=self.live)
        return TemplateResponse(self.request, self.template_name, context)

    def _told(self, credential: Credential, overlap: timedelta) -> str:
        mode = {"mode": credential.get_mode_display()}
        if not self.live:
            return gettext("New API key for %(mode)s made.") % mode
        if not overlap:
            return gettext("New API key for %(mode)s made. What was there before is revoked.") % mode
        until = date_format(timezone.localtime(credential.created_at + overlap), "DATETIME_FORMAT")
        told = gettext("New API key for %(mode)s made. The old one goes on working until %(until)s at the latest.")
        return told % {**mode, "until": until}


class CredentialViewSet(ScopedViewSet):
    """Not in the menu: reached from a customer."""

    model = Credential
    name = "punchout_credentials"
    url_prefix = "punchout/credentials"
    icon = "key"
    index_view_class = CredentialList
    edit_view_class = CredentialEdit
    inspect_view_class = CredentialInspect
    inspect_view_enabled = True
    add_to_reference_index = False
    ordering = "-created_at"
    filterset_class = CredentialFilterSet
    edit_handler = ObjectList([FieldPanel("ends_at")])

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        return super().get_common_view_kwargs(**{"add_url_name": None, "delete_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        kept = [each for each in super().get_urlpatterns() if each.name not in {"add", "delete"}]
        return [
            *kept,
            path("reveal/<int:pk>/", self.construct_view(Reveal), name="reveal"),
            path("revoke/<int:pk>/", self.construct_view(Revoke), name="revoke"),
            path("password/", EnterPassword.as_view(), name="password"),
        ]


credentials = CredentialViewSet()
