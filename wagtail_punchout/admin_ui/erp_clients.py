"""ERP clients: who fetches orders, and who is told of them.

Their token and the secret of their webhooks leave the admin once, on the answer to the POST that makes them, for those
who have entered their password a short while ago.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.credentials import Shown
from wagtail_punchout.admin_ui.history import LATEST, History, RecordsChanges
from wagtail_punchout.admin_ui.listing import STYLES, WIDE, ActiveColumn, ListView, TestColumn
from wagtail_punchout.admin_ui.passwords import AsksForPassword
from wagtail_punchout.admin_ui.policies import can, scope_of
from wagtail_punchout.admin_ui.scoped import InScopeOnly, ScopedForm, ScopedViewSet
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Facts, Rows, Section, SectionsView, url_of
from wagtail_punchout.conf import conf
from wagtail_punchout.flows.erp_clients import new_token, new_webhook_secret, no_token
from wagtail_punchout.models import ErpClient
from wagtail_punchout.models.outbox import WorkState


@dataclass(frozen=True)
class Key:
    """``make`` gives it; ``consequence`` is what becomes of the one before."""

    label: Any
    action: Any
    consequence: Any
    make: Callable[..., str]

    def shown(self, client: ErpClient, user: Any) -> dict[str, Any]:
        return {"label": self.label, "plain": Shown(self.make(client, by=user))}


KEYS = {
    "token": Key(_("Token"), _("Make a new token"), _("The token before it opens nothing any more."), new_token),
    "webhook": Key(
        _("Webhook secret"),
        _("Make a new webhook secret"),
        _("Webhooks are signed with the new one from now on, also those that wait already."),
        new_webhook_secret,
    ),
}


class ClientForm(ScopedForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if (company := self.fields.get("company")) and not scope_of(self.for_user).everywhere:
            company.required = True
        if self.instance.pk:
            # A token that was tried out in a test system never opens real orders.
            self.fields["mode"].disabled = True

    def clean_webhook_url(self) -> str:
        url = self.cleaned_data["webhook_url"]
        if url.startswith("http://") and not conf().ALLOWED_NETWORKS:
            raise ValidationError(_("Webhooks go to addresses with https alone."))
        return url


class ClientList(ListView):
    related = ("company",)
    word_lookups = ()
    plain_lookups = ("name__icontains", "company__name__icontains")
    empty_advice = _("An ERP that fetches orders, or wants to be told of them, needs a client here and its token.")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("company", label=_("Company"), accessor=lambda each: each.company or gettext("every company")),
            TestColumn(),
            ActiveColumn(),
            Column("token_hint", label=_("Token"), classname=WIDE),
            DateColumn("last_used_at", label=_("Last used"), sort_key="last_used_at"),
        ]


class ShowsKeys:
    """For views that make keys: the one page that shows them."""

    def keys_page(self, client: ErpClient, keys: list[dict[str, Any]]) -> HttpResponse:
        back = reverse("punchout_erp_clients:inspect", args=[client.pk])
        context = WagtailAdminTemplateMixin.get_context_data(self, keys=keys, client=client, back=back)
        return TemplateResponse(self.request, "wagtail_punchout/admin/erp_keys.html", context)


class ClientCreate(AsksForPassword, ShowsKeys, generic.CreateView):
    """The answer shows the token of the new client, and the secret of its webhooks if it wants any."""

    def save_instance(self) -> ErpClient:
        self.form.instance.token_hash = no_token()
        return super().save_instance()

    def save_action(self) -> HttpResponse:
        wanted = ["token", "webhook"] if self.object.webhook_url else ["token"]
        return self.keys_page(self.object, [KEYS[each].shown(self.object, self.request.user) for each in wanted])


class ClientEdit(AsksForPassword, RecordsChanges, generic.EditView):
    def get_success_url(self) -> str:
        return reverse("punchout_erp_clients:inspect", args=[self.object.pk])


class Keys(Section):
    template_name = "wagtail_punchout/admin/sections/keys.html"

    def __init__(self, client: ErpClient, user: Any) -> None:
        super().__init__("keys", gettext("Keys"))
        self.client = client
        self.buttons = [
            Button(key.action, url=reverse("punchout_erp_clients:key", args=[client.pk, name]), classname=SMALL_BUTTON)
            for name, key in KEYS.items()
            if can(user, "change", client)
        ]

    @property
    def tells_nothing(self) -> bool:
        return bool(self.client.webhook_url and not self.client.webhook_ciphertext)


class ClientInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        names = ("name", "company", "mode", "is_active", "webhook_url", "created_at", "last_used_at")
        facts = [self.fact(each) for each in names]
        client = self.object
        if client.company is None:
            facts.insert(1, (gettext("Company"), gettext("every company")))
        where = (gettext("Address of the API"), f"{conf().base_url}{reverse('punchout:punchout_api:orders')}")
        return [
            Facts("details", gettext("Details"), [*facts, where]),
            Keys(client, self.request.user),
            webhooks(client, self.request.user),
        ]


def webhooks(client: ErpClient, user: Any) -> Rows:
    columns = [
        TitleColumn("order", label=_("Order"), get_url=lambda each: url_of(each, user)),
        Column("event", label=_("Says")),
        StatusTagColumn(
            "state", label=_("State"), accessor="get_state_display", primary=lambda each: each.state == WorkState.DONE
        ),
        DateColumn("created_at", label=_("Time")),
    ]
    latest = client.deliveries.select_related("order__company").order_by("-pk").defer("body", "answer")[:LATEST]
    empty = gettext("It has not been told of an order yet.") if client.webhook_url else ""
    return Rows("webhooks", gettext("Webhooks"), columns, latest, empty=empty)


class KeyView(AsksForPassword, ShowsKeys, InScopeOnly, WagtailAdminTemplateMixin, View):
    """A new key in place of the old one."""

    http_method_names = ["get", "post"]
    header_icon = "key"

    @cached_property
    def client(self) -> ErpClient:
        return self.within(ErpClient, self.kwargs["pk"], "change")

    @cached_property
    def key(self) -> Key:
        if self.kwargs["name"] not in KEYS:
            raise Http404
        return KEYS[self.kwargs["name"]]

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        sentences = [gettext("The new one is shown once, on the next page. Have the place ready where it goes.")]
        if self.client.webhook_ciphertext if name == "webhook" else self.client.token_hint:
            sentences.insert(0, self.key.consequence)
        context = self.get_context_data(
            sentences=sentences,
            submit_label=self.key.action,
            back=reverse("punchout_erp_clients:inspect", args=[pk]),
            action_url=request.path,
            media=STYLES,
        )
        return TemplateResponse(request, "wagtail_punchout/admin/confirm.html", context)

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        client, key = self.client, self.key
        return self.keys_page(client, [key.shown(client, request.user)])

    def get_page_title(self) -> str:
        return str(self.key.action)

    def get_page_subtitle(self) -> str:
        return self.client.name

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("punchout_erp_clients:index"), "label": gettext("ERP clients")},
            {"url": reverse("punchout_erp_clients:inspect", args=[self.client.pk]), "label": self.client.name},
            {"url": "", "label": self.get_page_title()},
        ]


class ClientViewSet(ScopedViewSet):
    model = ErpClient
    name = "punchout_erp_clients"
    url_prefix = "punchout/erp"
    menu_label = _("ERP clients")
    icon = "link-external"
    index_view_class = ClientList
    add_view_class = ClientCreate
    edit_view_class = ClientEdit
    history_view_class = History
    inspect_view_class = ClientInspect
    inspect_view_enabled = True
    add_to_reference_index = False
    ordering = "name"
    edit_handler = ObjectList(
        [FieldPanel(each) for each in ("name", "company", "mode", "is_active", "webhook_url")],
        base_form_class=ClientForm,
    )

    def get_urlpatterns(self) -> list:
        return [*super().get_urlpatterns(), path("key/<int:pk>/<str:name>/", KeyView.as_view(), name="key")]


erp_clients = ClientViewSet()
