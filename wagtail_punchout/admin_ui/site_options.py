"""The option: which sites have PunchOut, and an admin without our screens where none has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, register_converter
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import log
from wagtail.models import Site

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.conf import conf
from wagtail_punchout.models import SiteOption
from wagtail_punchout.models.site_options import is_on_anywhere, switch

#: Where all our screens are, but for that of the option itself.
PREFIX = "punchout/"


class OptionForm(forms.Form):
    sites = forms.ModelMultipleChoiceField(
        label=_("Sites with PunchOut"),
        queryset=Site.objects.order_by("-is_default_site", "site_name", "hostname"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "On all others buyers' systems get the answer of an address that leads nowhere. "
            "Where no site has it, the screens for companies, customers and links are gone as well."
        ),
    )


class SiteOptions(WagtailAdminTemplateMixin, View):
    """A list of sites with a switch each."""

    http_method_names = ["get", "post"]
    template_name = "wagtail_punchout/admin/site_options.html"
    page_title = _("PunchOut")
    header_icon = "punchout"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(OptionForm(initial={"sites": [each.pk for each in Site.objects.all() if _is_on(each)]}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OptionForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        with transaction.atomic():
            for site in Site.objects.all():
                self._switch(site, is_on=site in form.cleaned_data["sites"])
        messages.success(request, gettext("Saved."))
        return redirect(request.path)

    def _switch(self, site: Site, *, is_on: bool) -> None:
        if is_on == _is_on(site):
            return
        action = "switched_on" if is_on else "switched_off"
        log(switch(site, is_on=is_on), f"wagtail_punchout.{action}", user=self.request.user)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def _page(self, form: OptionForm) -> HttpResponse:
        context = self.get_context_data(form=form, media=STYLES)
        return TemplateResponse(self.request, self.template_name, context)


def _is_on(site: Site) -> bool:
    option = SiteOption.objects.filter(site=site).first()
    return option.is_on if option else conf().ON_BY_DEFAULT


class OptionItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


class SiteOptionViewSet(ViewSet):
    name = "punchout_site_options"
    url_prefix = "punchout-option"
    icon = "punchout"
    menu_label = _("PunchOut")
    menu_name = "punchout-option"
    menu_item_class = OptionItem
    add_to_settings_menu = True

    def get_urlpatterns(self) -> list:
        return [path("", SiteOptions.as_view(), name="edit")]


site_options = SiteOptionViewSet()


# Without the option


class WhileOffEverywhere:
    """Matches every path, but only while no site has PunchOut: otherwise the next pattern is tried."""

    regex = ".*"

    def to_python(self, value: str) -> str:
        if is_on_anywhere():
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(WhileOffEverywhere, "while_punchout_is_off_everywhere")


def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404


def nothing_without_option() -> list[URLPattern]:
    """Stands before our screens, so that their addresses lead nowhere where no site has PunchOut."""
    return [path(f"{PREFIX}<while_punchout_is_off_everywhere:rest>", nowhere)]
