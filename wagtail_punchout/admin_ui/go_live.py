"""Switch a group to active mode: what has been proven, what has not, and somebody who knows it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.connection_tests import new_url
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Section, linked, url_of
from wagtail_punchout.flows.go_live import Proof, activate, back_to_test, proofs
from wagtail_punchout.models import CustomerGroup, Mode, OrderDocument

#: Connections that the page offers to test; more have their own pages.
MOST_TESTS = 10


class KnowForm(forms.Form):
    know = forms.BooleanField(
        label=_("I know what has not been proven, and switch all the same."),
        error_messages={"required": _("Somebody has to know it: tick the box.")},
    )


class ModeSection(Section):
    """In which mode the group is, what that means, and the way to the other."""

    template_name = "wagtail_punchout/admin/sections/mode.html"

    def __init__(self, group: CustomerGroup, user: Any) -> None:
        super().__init__("mode", gettext("Mode"))
        self.group, self.is_test = group, group.mode == Mode.TEST
        may = can(user, "change", group)
        name, label = ("activate", _("Switch to active mode")) if self.is_test else ("test", _("Back to test mode"))
        url = reverse(f"punchout_go_live:{name}", args=[group.pk])
        self.buttons = [Button(label, url=url, classname=SMALL_BUTTON)] if may else []

    def __bool__(self) -> bool:
        return bool(self.group.pk)


def mode_of_group(group: CustomerGroup, request: Any) -> list[Section]:
    return [ModeSection(group, request.user)]


class ModeView(InScopeOnly, WagtailAdminTemplateMixin, TemplateView):
    header_icon = "group"

    @cached_property
    def group(self) -> CustomerGroup:
        return self.within(CustomerGroup, self.kwargs["pk"], "change")

    @property
    def back(self) -> str:
        return reverse("punchout_groups:edit", args=[self.group.pk]) + "#tab-mode"

    def get_page_subtitle(self) -> str:
        return str(self.group)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("punchout_groups:index"), "label": gettext("Groups")},
            {"url": self.back, "label": str(self.group)},
            {"url": "", "label": self.page_title},
        ]


class Activate(ModeView):
    template_name = "wagtail_punchout/admin/go_live.html"
    page_title = _("Switch to active mode")

    @cached_property
    def proofs(self) -> list[Proof]:
        return proofs(self.group)

    @cached_property
    def form(self) -> KnowForm | None:
        if all(each.is_proven for each in self.proofs):
            return None
        return KnowForm(self.request.POST if self.request.method == "POST" else None)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.group.mode != Mode.TEST:
            return HttpResponseRedirect(self.back)  # somebody was faster
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.form is not None and not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        activate(self.group, by=request.user, at=timezone.now(), proven=self.proofs)
        messages.success(request, gettext("“%(group)s” is in active mode.") % {"group": self.group})
        return HttpResponseRedirect(self.back)

    def consequences(self) -> list[str]:
        number = self.group.customers.count()
        customers = ngettext(
            "This goes for one customer of this group.", "This goes for all %(number)s customers of this group.", number
        )
        return [
            gettext("In active mode, orders that come with a production secret go to the shop and are delivered."),
            gettext("What comes with a test secret, or calls itself a test, stays a test."),
            customers % {"number": number},
        ]

    def get_context_data(self, **kwargs: Any) -> dict:
        user = self.request.user
        rows = [
            {
                "proof": each,
                "label": gettext(each.label),
                "by": _shown(each, user),
                "test": url_of(each.tried, user) if each.tried and not each.is_proven else "",
            }
            for each in self.proofs
        ]
        return super().get_context_data(
            proven=[each for each in rows if each["proof"].is_proven],
            tried=[each for each in rows if not each["proof"].is_proven and each["proof"].tried],
            missing=[each for each in rows if not (each["proof"].is_proven or each["proof"].tried)],
            tests=[
                (str(each), new_url(each))
                for each in self.group.customers.select_related("company")[:MOST_TESTS]
                if can(user, "add", each)
            ],
            consequences=self.consequences(),
            form=self.form,
            group=self.group,
            back=self.back,
            media=STYLES,
            **kwargs,
        )


class BackToTest(ModeView):
    template_name = "wagtail_punchout/admin/confirm.html"
    page_title = _("Back to test mode")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        back_to_test(self.group, by=request.user)
        messages.success(request, gettext("“%(group)s” is in test mode.") % {"group": self.group})
        return HttpResponseRedirect(self.back)

    def get_context_data(self, **kwargs: Any) -> dict:
        sentences = [
            gettext("From now on all visits and orders of this group are tests, also those with a production secret."),
            gettext("What was taken in before stays what it is."),
        ]
        return super().get_context_data(
            sentences=sentences,
            action_url=self.request.path,
            hidden={},
            submit_label=self.page_title,
            is_serious=True,
            back=self.back,
            media=STYLES,
            **kwargs,
        )


def _shown(proof: Proof, user: Any) -> Any:
    thing = proof.thing.order if isinstance(proof.thing, OrderDocument) else proof.thing
    return linked(thing, user) if thing is not None else ""


class GoLiveViewSet(ViewSet):
    name = "punchout_go_live"
    url_prefix = "punchout/mode"

    def get_urlpatterns(self) -> list:
        return [
            path("<int:pk>/activate/", Activate.as_view(), name="activate"),
            path("<int:pk>/test/", BackToTest.as_view(), name="test"),
        ]


go_live = GoLiveViewSet()
