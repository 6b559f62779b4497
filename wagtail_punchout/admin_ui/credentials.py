"""Credentials: reading about them, showing a secret once, withdrawing it, setting its end.

A secret leaves the database on one response, by POST, for those who may change credentials, with an entry in the
customer's history. No list, export, revision or log holds it.
"""

from __future__ import annotations

from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, UserColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_punchout.admin_ui.listing import WIDE, CustomerFilter, ListView, PeriodFilterSet, TestColumn
from wagtail_punchout.admin_ui.sections import Facts, Section, SectionsView
from wagtail_punchout.flows.issue import CHANGEOVER, NoFreeSlot, issue_secret, reveal_secret, revoke_secret
from wagtail_punchout.models import Credential, Mode, PunchoutCustomer


def connection_url(customer: PunchoutCustomer) -> str:
    return reverse("punchout_customers:edit", args=(customer.pk,)) + "#tab-connection"


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
    related = ("customer", "created_by__wagtail_userprofile")
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
            DateColumn("ends_at", label=_("Ends"), sort_key="ends_at"),
        ]


class CredentialEdit(generic.EditView):
    """Only the end can be set."""

    def get_success_url(self) -> str:
        return connection_url(self.object.customer)


class CredentialInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        before, after = ["customer", "mode", "slot", "created_at"], ["ends_at", "revoked_at"]
        made_by = (gettext("Made by"), self.fact("created_by")[1])
        state = (gettext("State"), state_of(self.object))
        rows = [*map(self.fact, before), made_by, *map(self.fact, after), state]
        return [Facts("details", gettext("Details"), rows)]


class SecretView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, View):
    """Something done with one secret."""

    model = Credential
    permission_required = "change"
    header_icon = "key"

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict]:
        customer = self.object.customer
        return [
            *self.breadcrumbs_items,
            {"url": reverse("punchout_customers:index"), "label": gettext("Customers")},
            {"url": connection_url(customer), "label": str(customer)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: object) -> dict:
        back = connection_url(self.object.customer)
        return super().get_context_data(credential=self.object, back=back, **kwargs)


@method_decorator(never_cache, name="dispatch")
class Reveal(SecretView):
    """The clear text, on this response and on no other."""

    http_method_names = ["post"]
    page_title = _("Shared secret")
    template_name = "wagtail_punchout/admin/secret.html"

    @sensitive_variables("plain")
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.object.is_live:
            raise PermissionDenied
        plain = reveal_secret(self.object, by=request.user)
        return TemplateResponse(request, self.template_name, self.get_context_data(secret=plain))


class Revoke(SecretView):
    """Withdraw a secret at once, after a question."""

    http_method_names = ["get", "post"]
    page_title = _("Revoke a secret")
    template_name = "wagtail_punchout/admin/revoke.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return TemplateResponse(request, self.template_name, self.get_context_data())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.object.revoked_at is None:
            revoke_secret(self.object, by=request.user, at=timezone.now())
        messages.success(request, gettext("The secret has been revoked. It opens nothing any more."))
        return redirect(connection_url(self.object.customer))


class NewSecret(PermissionCheckedMixin, View):
    """A successor in the free slot; the predecessor ends a week later."""

    model = Credential
    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        customer = get_object_or_404(PunchoutCustomer, pk=pk)
        if mode not in Mode.values:
            raise Http404
        now = timezone.now()
        had_one = customer.credentials.live(now).filter(mode=mode).exists()
        try:
            credential = issue_secret(customer, mode, by=request.user, at=now)
        except NoFreeSlot:
            messages.error(request, gettext("Two secrets are live already. Revoke one first."))
        else:
            messages.success(request, self._told(credential, had_one))
        return redirect(connection_url(customer))

    @staticmethod
    def _told(credential: Credential, had_one: bool) -> str:
        if not had_one:
            return gettext("New secret for %(mode)s made.") % {"mode": credential.get_mode_display()}
        until = date_format(timezone.localtime(credential.created_at + CHANGEOVER), "DATETIME_FORMAT")
        return gettext("New secret for %(mode)s made. The old one goes on working until %(until)s at the latest.") % {
            "mode": credential.get_mode_display(),
            "until": until,
        }


class CredentialViewSet(ModelViewSet):
    """Not in the menu: reached from a customer."""

    model = Credential
    name = "punchout_credentials"
    url_prefix = "punchout/credentials"
    icon = "key"
    index_view_class = CredentialList
    edit_view_class = CredentialEdit
    inspect_view_class = CredentialInspect
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    ordering = "-created_at"
    filterset_class = CredentialFilterSet
    edit_handler = ObjectList([FieldPanel("ends_at")])

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        return super().get_common_view_kwargs(
            **{"add_url_name": None, "delete_url_name": None, "usage_url_name": None, **kwargs}
        )

    def get_urlpatterns(self) -> list:
        kept = [each for each in super().get_urlpatterns() if each.name not in {"add", "delete", "usage"}]
        return [
            *kept,
            path("reveal/<int:pk>/", self.construct_view(Reveal), name="reveal"),
            path("revoke/<int:pk>/", self.construct_view(Revoke), name="revoke"),
        ]


credentials = CredentialViewSet()
