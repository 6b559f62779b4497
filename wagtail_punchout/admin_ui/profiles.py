"""Profiles on the screens: choosing a procurement system by name, and what follows from it.

A new link is filled from its profile. An existing one changes only after its editor has seen what would, and why: each
fact says where it comes from and how far it can be trusted.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.panels import Panel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.mapping_words import told
from wagtail_punchout.admin_ui.profile_words import (
    CONFIDENCE,
    Told,
    facts_in_words,
    field_name,
    in_words,
    limit_in_words,
    name_of,
)
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import Rows, Section
from wagtail_punchout.flows.profiles import apply_profile, profiles
from wagtail_punchout.models import PunchoutLink
from wagtail_punchout.models.links import LinkFormat
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.buyers import Kind, Profile
from wagtail_punchout.protocol.limits import limits_from

# Choosing a system


class ProfileInput(forms.TextInput):
    """A text field with all systems as suggestions: browsers search them while one types."""

    template_name = "wagtail_punchout/admin/widgets/suggestions.html"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"list": "punchout-systems", "autocomplete": "off", "spellcheck": "false", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        names = [(each.name, each.name) for each in profiles().values()]
        return super().get_context(name, value, attrs) | {"suggested": names}


class ProfileField(forms.CharField):
    """Shows and takes the name of a system, and means its slug."""

    widget = ProfileInput

    def __init__(self, **kwargs: Any) -> None:
        given = {
            "label": _("Procurement system"),
            "help_text": _(
                "Begin to type its name. What is known of it fills a new link, but for what you have set yourself; "
                "nothing changes by itself later."
            ),
        }
        super().__init__(**{**given, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return name_of(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> str:
        asked = (super().to_python(value) or "").casefold()
        for slug, profile in profiles().items():
            if asked in (slug, profile.name.casefold()):
                return slug
        if asked:
            raise ValidationError(_("No such system is known. Choose one of the list, or leave this empty."))
        return ""


def fill(link: PunchoutLink, entered: dict[str, Any], slug: str, *, keep: Container[str]) -> list[str]:
    """Fill what has been ``entered`` for a new ``link``, but for the fields to ``keep``; names what is filled."""
    trial = PunchoutLink(format=entered.get("format") or LinkFormat.CXML)
    chosen = trial.format
    changed = apply_profile(trial, profiles()[slug])
    if trial.format != chosen and "format" in keep:
        return []  # it is not known to speak the format that is wanted
    link.limits = trial.limits
    filled = [name for name in changed if name in entered and name not in keep and name != "buyer_profile"]
    entered |= {name: getattr(trial, name) for name in filled}
    return filled


# On the link's pages


FACT_COLUMNS = (Column("source", label=_("Source")), Column("confidence", label=_("How sure")))


def facts_of(link: PunchoutLink) -> list[Section]:
    """What is known of the link's system, if it has one."""
    profile = profiles().get(link.buyer_profile)
    if profile is None:
        return []
    columns = [Column("what", label=_("What")), Column("value", label=_("Value")), *FACT_COLUMNS]
    return [Rows("profile", profile.name, columns, facts_in_words(profile.within(link.format)))]


def limits_of(link: PunchoutLink) -> list[Section]:
    """What the link keeps within, with the source where the profile still says the same."""
    profile = profiles().get(link.buyer_profile)
    facts = {(each.about, each.value): each for each in profile.facts if each.kind is Kind.LIMIT} if profile else {}
    rows = []
    for target, limit in limits_from(link.limits).items():
        fact = facts.get((target, limit))
        rows.append(
            Told(
                target,
                limit_in_words(limit),
                fact.source if fact else "",
                str(CONFIDENCE[fact.confidence]) if fact else "",
            )
        )
    columns = [Column("what", label=_("Field")), Column("value", label=_("At most")), *FACT_COLUMNS]
    empty = gettext("No limit of this buyer's system is known.")
    return [Rows("limits", gettext("Limits of that system"), columns, rows, empty=empty)]


class ForExistingLinks(Panel.BoundPanel):
    def is_shown(self) -> bool:
        return bool(self.instance and self.instance.pk)

    @property
    def media(self) -> forms.Media:
        return STYLES


class ProfilePanel(Panel):
    """Which system an existing link was filled for, and the way to filling it again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Procurement system"), **kwargs})

    class BoundPanel(ForExistingLinks):
        template_name = "wagtail_punchout/admin/links/profile_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict:
            url = reverse("punchout_links:profile", args=(self.instance.pk,))
            slug = self.instance.buyer_profile
            return super().get_context_data(parent_context) | {"system": name_of(slug), "slug": slug, "url": url}


class LimitsPanel(Panel):
    """What the buyer's system keeps of a value, as far as it is known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Limits of that system"), **kwargs})

    class BoundPanel(ForExistingLinks):
        template_name = "wagtail_punchout/admin/panels/sections.html"

        def get_context_data(self, parent_context: Any = None) -> dict:
            return super().get_context_data(parent_context) | {
                "sections": limits_of(self.instance),
                "request": self.request,
            }


# Filling an existing link


class ProfileForm(forms.Form):
    profile = ProfileField(help_text=_("Begin to type its name."))


class FillFromProfile(InScopeOnly, WagtailAdminTemplateMixin, View):
    """First what is known and what would change; then, by POST, a draft with it. Buyers meet it once published."""

    http_method_names = ["get", "post"]
    template_name = "wagtail_punchout/admin/links/fill.html"
    page_title = _("Fill from a profile")
    header_icon = "link"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.link = self.within(PunchoutLink, kwargs["pk"], "change")
        self.draft = self.link.get_latest_revision_as_object()

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ProfileForm(request.GET if "profile" in request.GET else None)
        profile = profiles()[form.cleaned_data["profile"]] if form.is_valid() else None
        return self._page(form, self._preview(profile) if profile else {})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._page(form, {})
        profile = profiles()[form.cleaned_data["profile"]]
        shown = self._preview(profile)
        if shown["changes"]:
            try:
                self.draft.save_revision(user=request.user, log_action=True)
            except ValidationError as error:
                return self._page(form, {**shown, "wrong": error.messages})
            saved = gettext("A draft has been filled with what is known of %(system)s. Publish it when it is right.")
            messages.success(request, saved % {"system": profile.name})
        return redirect(self._edit_url)

    def _preview(self, profile: Profile) -> Mapping[str, Any]:
        """What filling the draft changes; the draft in memory is filled by it."""
        before = {each.attname: getattr(self.draft, each.attname) for each in PunchoutLink._meta.concrete_fields}
        changed = apply_profile(self.draft, profile)
        changes = [
            {"what": field_name(each), "old": in_words(each, before[each]), "new": in_words(each, new)}
            for each, new in ((name, getattr(self.draft, name)) for name in changed)
        ]
        columns = [Column("what", label=_("Field")), Column("old", label=_("Now")), Column("new", label=_("Then"))]
        problems = mapping.check(self.draft.rows, self.draft.format)
        return {
            "profile": profile,
            "changes": changes,
            "changes_section": Rows("changes", gettext("What would change"), columns, changes),
            "facts": facts_of(self.draft),
            "problems": [told(each) for each in problems],
        }

    @property
    def _edit_url(self) -> str:
        return reverse("punchout_links:edit", args=(self.link.pk,))

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("punchout_links:list"), "label": gettext("Links")},
            {"url": self._edit_url, "label": str(self.draft)},
            {"url": "", "label": self.page_title},
        ]

    def get_page_subtitle(self) -> str:
        return str(self.draft)

    def _page(self, form: ProfileForm, shown: Mapping[str, Any]) -> HttpResponse:
        context = self.get_context_data(form=form, back=self._edit_url, link=self.link, media=STYLES, **shown)
        return TemplateResponse(self.request, self.template_name, context)
