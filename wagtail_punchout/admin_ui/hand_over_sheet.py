"""The hand-over sheet: one page, and the same as PDF, with all that the buyer's people need but the secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from wagtail_punchout.admin_ui.connection import Row, Side, sides
from wagtail_punchout.admin_ui.credentials import developer_url, unreadable
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.passwords import AsksForPassword
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sheet_checklist import checklist
from wagtail_punchout.admin_ui.sheet_pdf import sheet_pdf
from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows.example_documents import DOCUMENTS, NO_SECRET, Example, Parties, example_cart, example_place
from wagtail_punchout.flows.issue import reveal_secret
from wagtail_punchout.flows.profiles import profiles
from wagtail_punchout.flows.secret_links import LIVES, make_link, withdraw_link
from wagtail_punchout.models import Credential, LinkFormat, Mode, PunchoutCustomer, PunchoutLink, SecretLink
from wagtail_punchout.models.secretbox import UnreadableSecret
from wagtail_punchout.protocol.buyers import Profile
from wagtail_punchout.protocol.errors import UnsendableCart


@dataclass(frozen=True)
class SheetRow:
    label: str
    word: str
    value: str
    remark: str = ""
    #: For staff alone: it stands on the screen and on no paper.
    hint: str = ""


class SheetPage(InScopeOnly, WagtailAdminTemplateMixin):
    """What all pages of the sheet know: the customer, the mode, and the buyer's system."""

    header_icon = "clipboard-list"

    @cached_property
    def customer(self) -> PunchoutCustomer:
        return self.within(PunchoutCustomer, self.kwargs["pk"])

    @cached_property
    def side(self) -> Side:
        found = next((each for each in sides(self.customer) if each.mode == self.kwargs["mode"]), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def links(self) -> list[PunchoutLink]:
        """Those of the group, what buyers can use first."""
        return list(self.customer.group.links.order_by("-live", "-is_active", "format"))

    @cached_property
    def link(self) -> PunchoutLink | None:
        return next((each for each in self.links if each.format == LinkFormat.CXML), None)

    @cached_property
    def system(self) -> Profile | None:
        """The buyer's: that of the group's link, or another one by ``?system=``."""
        usual = next((each.buyer_profile for each in self.links if each.buyer_profile), "")
        return profiles().get(self.request.GET.get("system", usual))

    def rows(self) -> list[SheetRow]:
        """Those of cXML; a group with OCI links alone has no use for them."""
        return [self._row(each) for each in self.side.rows] if self.link or not self.side.oci else []

    def oci_rows(self) -> list[SheetRow]:
        return [self._row(each) for each in self.side.oci]

    def _row(self, row: Row) -> SheetRow:
        word = self.system.names.get(row.name, "") if self.system else ""
        if row.name in {"secret", "oci_password"}:
            told = gettext("Not on this sheet. You get a link that shows it once.")
            return SheetRow(row.label, word, "", told)
        if row.name == "oci_call":
            return SheetRow(row.label, word, row.known.text, row.known.remark)
        return SheetRow(row.label, word, row.known.text, hint=row.known.remark)

    def credential(self) -> Credential:
        """The one whose secret is handed over, for those who may see it."""
        found = self.side.current
        if found is None or not can(self.request.user, "reveal", found):
            raise Http404
        return found

    @property
    def sheet_url(self) -> str:
        return reverse("punchout_sheet:sheet", args=[self.customer.pk, self.side.mode])

    def get_page_title(self) -> str:
        return gettext("Hand-over sheet")

    def get_page_subtitle(self) -> str:
        return f"{self.customer.company} · {self.side.label}"

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("punchout_customers:index"), "label": gettext("Customers")},
            {"url": developer_url(self.customer), "label": str(self.customer)},
            {"url": self.sheet_url, "label": gettext("Hand-over sheet")},
        ]

    def facts(self) -> dict[str, Any]:
        """What the page and the paper say. A customer's own name is for staff: its company's is told to buyers."""
        return {
            "company": self.customer.company.name,
            "side": self.side,
            "is_test": self.side.mode == Mode.TEST,
            "consequences": self.consequences(),
            "system": self.system,
            "rows": self.rows(),
            "oci": self.oci_rows(),
            "checklist": checklist(self.side.mode, self.links, get_adapter().units()),
            "shop": conf().base_url,
            "supplier": conf().SUPPLIER_IDENTITY,
            "contact": conf().SUPPLIER_CONTACT,
            "day": timezone.localdate(),
        }

    def consequences(self) -> list[str]:
        if self.side.mode == Mode.TEST:
            return [gettext("Values for tests: nothing that is ordered with them is delivered.")]
        told = [gettext("What is ordered with these values is delivered and has to be paid.")]
        if self.customer.group.mode == Mode.TEST:
            told.append(gettext("But the connection is not in active mode yet: until then all orders are tests."))
        return told


class Sheet(SheetPage, View):
    """The page, to read and to print."""

    def get(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        key = self.side.current or Credential(customer=self.customer)
        links = SecretLink.objects.filter(credential__customer=self.customer, credential__mode=mode)
        context = self.get_context_data(
            **self.facts(),
            customer=self.customer,
            systems=profiles().values(),
            others=[(each.value, each.label) for each in Mode if each != mode],
            documents=list(DOCUMENTS) if self.link or not self.side.oci else [],
            may_reveal=can(request.user, "reveal", key) and self.side.current is not None,
            links=links.select_related("credential", "created_by")[:10],
            now=timezone.now(),
            media=STYLES,
        )
        return TemplateResponse(request, "wagtail_punchout/admin/sheet.html", context)


class Pdf(SheetPage, View):
    def get(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        response = HttpResponse(sheet_pdf(self.facts(), self.get_page_title()), content_type="application/pdf")
        name = f"punchout-{slugify(self.customer.company.name) or self.customer.pk}-{mode}.pdf"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response


class ExampleDocument(SheetPage, View):
    """An example without the secret."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["name"] not in DOCUMENTS:
            raise Http404

    def get(self, request: HttpRequest, pk: int, mode: str, name: str) -> HttpResponse:
        return self.document(NO_SECRET)

    @sensitive_variables("secret", "example")
    def document(self, secret: str) -> HttpResponse:
        name = self.kwargs["name"]
        values = {row.name: row.known.text for row in self.side.rows}
        example = Example(
            customer=self.customer,
            mode=self.side.mode,
            link=self.link,
            parties=Parties(
                buyer=(values["from_domain"], values["from_identity"]),
                supplier=(values["to_domain"], values["to_identity"]),
                sender=(values["sender_domain"], values["sender_identity"]),
            ),
            cart=example_cart(self.customer, get_adapter()),
            place=example_place(self.customer),
            secret=secret,
            at=timezone.now(),
        )
        try:
            written = DOCUMENTS[name](example)
        except UnsendableCart as problem:  # as a cart of a visit could not go home
            messages.error(self.request, gettext("This link cannot send a cart: %(problem)s") % {"problem": problem})
            return redirect(self.sheet_url)
        response = HttpResponse(written, content_type="text/xml; charset=UTF-8")
        response["Content-Disposition"] = content_disposition_header(True, f"{name}-{self.side.mode}.xml")
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class ExampleWithSecret(AsksForPassword, ExampleDocument):
    """The same, ready to be sent, on the answer to a POST: for those who may see the secret."""

    def get(self, request: HttpRequest, pk: int, mode: str, name: str) -> HttpResponse:
        self.credential()
        context = self.get_context_data(name=name, counts=self.counts, back=self.sheet_url, media=STYLES)
        return TemplateResponse(request, "wagtail_punchout/admin/example_with_secret.html", context)

    def post(self, request: HttpRequest, pk: int, mode: str, name: str) -> HttpResponse:
        try:
            return self.document(reveal_secret(self.credential(), by=request.user))
        except UnreadableSecret:
            messages.error(request, unreadable())
            return redirect(self.sheet_url)

    @property
    def counts(self) -> bool:
        """Whether sending it orders something that is delivered."""
        return self.kwargs["name"] == "OrderRequest" and self.kwargs["mode"] == self.customer.group.mode != Mode.TEST


class LinkForm(forms.Form):
    hours = forms.TypedChoiceField(
        label=_("The link works for"),
        choices=[(1, _("1 hour")), (24, _("1 day")), (168, _("7 days"))],
        coerce=int,
        initial=24,
        widget=forms.RadioSelect,
    )


class MakeLink(AsksForPassword, SheetPage, View):
    """A one-time link for the secret; its address is shown once."""

    def get(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        self.credential()
        return self._page("wagtail_punchout/admin/secret_link.html", form=LinkForm())

    def post(self, request: HttpRequest, pk: int, mode: str) -> HttpResponse:
        credential, form = self.credential(), LinkForm(request.POST)
        if not form.is_valid() or form.cleaned_data["hours"] not in LIVES:
            return self._page("wagtail_punchout/admin/secret_link.html", form=form)
        hours = form.cleaned_data["hours"]
        now = timezone.now()
        token = make_link(credential, hours=hours, by=request.user, at=now)
        address = conf().base_url + reverse("punchout:secret", args=[token])
        until = now + timedelta(hours=hours)
        return self._page("wagtail_punchout/admin/secret_link_made.html", address=address, until=until)

    def _page(self, template: str, **context: Any) -> HttpResponse:
        context = self.get_context_data(back=self.sheet_url, **context)
        return TemplateResponse(self.request, template, {**context, "media": STYLES})


class WithdrawLink(InScopeOnly, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = self.within(SecretLink, pk, "change")
        withdraw_link(link, by=request.user, at=timezone.now())
        messages.success(request, gettext("The link shows nothing any more."))
        return redirect("punchout_sheet:sheet", link.credential.customer_id, link.credential.mode)


class SheetViewSet(ViewSet):
    name = "punchout_sheet"
    url_prefix = "punchout/sheet"

    def get_urlpatterns(self) -> list:
        return [
            path("<int:pk>/<str:mode>/", Sheet.as_view(), name="sheet"),
            path("<int:pk>/<str:mode>/pdf/", Pdf.as_view(), name="pdf"),
            path("<int:pk>/<str:mode>/examples/<str:name>/", ExampleDocument.as_view(), name="example"),
            path("<int:pk>/<str:mode>/ready/<str:name>/", ExampleWithSecret.as_view(), name="ready"),
            path("<int:pk>/<str:mode>/link/", MakeLink.as_view(), name="link"),
            path("withdraw/<int:pk>/", WithdrawLink.as_view(), name="withdraw"),
        ]


hand_over_sheet = SheetViewSet()
