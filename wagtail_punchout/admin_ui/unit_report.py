"""Units to translate: those that buyers have met, or will meet, and nobody has decided how they call them.

A unit that a buyer's system does not know makes the line vanish there, without a word to the shop. So the units of
returned carts, and those the shop says it sells in, are held against each link's table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_punchout.admin_ui.link_drafts import LINK_STYLES, NAMESPACE, LinkPage, link_url, save_draft
from wagtail_punchout.admin_ui.mapping_editor import MOST_UNITS
from wagtail_punchout.admin_ui.policies import can, policy_of, visible
from wagtail_punchout.admin_ui.scoped import key_of
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import PunchoutLink, Quote, QuoteLine, UnitRow
from wagtail_punchout.models.site_options import is_on_anywhere
from wagtail_punchout.protocol.oci.fields import Version, misfit
from wagtail_punchout.protocol.units import UNITS, is_settled, suggestions, to_buyer

#: The newest returned carts that are looked at: of one group, and of all for the report.
CARTS_OF_GROUP, CARTS_OF_ALL = 2_000, 20_000
MOST_LINKS = 200


@dataclass(frozen=True, slots=True)
class Met:
    """How often a unit was in returned carts, and when last; a unit that was in none is only sold."""

    lines: int = 0
    last: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingUnit:
    """One unit that a link's buyer may not know; ``entered`` and ``error`` are those of a form that came back."""

    code: str
    met: Met
    sent_as: str
    suggestions: tuple[str, ...]
    entered: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return translated(UNITS[self.code].name) if self.code in UNITS else ""


def units_met(quotes: QuerySet[Quote]) -> dict[int | None, dict[str, Met]]:
    """By group of customers: the units of the lines of ``quotes``."""
    lines = QuoteLine.objects.filter(quote__in=quotes.values("pk")).exclude(unit="").order_by()
    counted = lines.values_list("quote__customer__group", "unit").annotate(Count("pk"), Max("quote__created_at"))
    found: dict[int | None, dict[str, Met]] = defaultdict(dict)
    for group, unit, count, last in counted:
        found[group][unit] = Met(count, last)
    return found


def missing(link: PunchoutLink, met: Mapping[str, Met], sold: Iterable[str]) -> list[MissingUnit]:
    """What ``link`` should be told about, the most frequent first."""
    all_units = {**dict.fromkeys(sold, Met()), **met}
    wanted = [each for each in all_units if not is_settled(each, link.units, link.format)]
    return [
        MissingUnit(
            code=code,
            met=all_units[code],
            sent_as=to_buyer(code, link.units, link.format),
            suggestions=suggestions(code, link.format),
        )
        for code in sorted(wanted, key=lambda each: (-all_units[each].lines, each))
    ]


def _sold() -> Sequence[str]:
    return [each for each in get_adapter().units() if len(each) <= UnitRow._meta.get_field("ours").max_length]


# One link


class MissingUnits(LinkPage):
    """The units of one link's buyers. What is chosen goes into a new draft."""

    template_name = "wagtail_punchout/admin/links/missing_units.html"
    page_title = _("Units to translate")
    header_icon = "list-ul"

    @cached_property
    def units(self) -> list[MissingUnit]:
        """Those of the draft: what has been translated there needs no second decision."""
        quotes = visible(Quote.objects.filter(customer__group_id=self.object.group_id), self.request.user)
        newest = quotes.order_by("-created_at")[:CARTS_OF_GROUP]
        return missing(self.draft, units_met(newest).get(self.object.group_id, {}), _sold())

    @property
    def waiting(self) -> list[str]:
        """What the draft translates and buyers do not meet yet."""
        if self.draft is self.object:
            return []
        return [
            f"{ours} → {theirs}" for ours, theirs in self.draft.units.items() if self.object.units.get(ours) != theirs
        ]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        entered = self._entered()
        wrong = {code: sentence for code, theirs in entered.items() if (sentence := self._problem(theirs))}
        if wrong or not entered:
            if not entered:
                messages.warning(request, gettext("Nothing was chosen."))
            return self._again(entered, wrong)
        rows = [*self.draft.unit_rows.all()]
        if len(rows) + len(entered) > MOST_UNITS:
            messages.error(request, gettext("A link can translate at most %(most)d units.") % {"most": MOST_UNITS})
            return self._again(entered, {})
        rows += [UnitRow(ours=ours, theirs=theirs) for ours, theirs in entered.items()]
        seen = key_of(request.POST.get("seen"))
        if not save_draft(self.object, request.user, seen=seen, unit_rows=rows):
            messages.warning(request, gettext("Somebody has changed the link meanwhile. Please look again."))
            return redirect(request.path)
        told = ngettext(
            "%(count)d unit was added to the draft. Buyers meet it when the link is published.",
            "%(count)d units were added to the draft. Buyers meet them when the link is published.",
            len(entered),
        )
        edit = messages.button(f"{link_url('edit', self.object)}#tab-units", gettext("Edit and publish"))
        messages.success(request, told % {"count": len(entered)}, buttons=[edit])
        return redirect(request.path)

    def _entered(self) -> dict[str, str]:
        """By unit what is to be added: what was written into its field, or the suggestion that was clicked."""
        code, _equals, clicked = self.request.POST.get("use", "").partition("=")
        fields = {each.code: self.request.POST.get(f"theirs-{each.code}", "").strip() for each in self.units}
        if code in fields:
            fields[code] = clicked
        return {ours: theirs for ours, theirs in fields.items() if theirs}

    def _problem(self, theirs: str) -> str:
        most = UnitRow._meta.get_field("theirs").max_length
        if len(theirs) > most:
            return gettext("At most %(most)d characters.") % {"most": most}
        return translated(misfit("UNIT", theirs, Version(self.draft.format))) if self.draft.is_oci else ""

    def _again(self, entered: Mapping[str, str], wrong: Mapping[str, str]) -> HttpResponse:
        self.units = [
            MissingUnit(
                code=each.code,
                met=each.met,
                sent_as=each.sent_as,
                suggestions=each.suggestions,
                entered=entered.get(each.code, ""),
                error=wrong.get(each.code, ""),
            )
            for each in self.units
        ]
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(
            units=self.units,
            waiting=self.waiting,
            most_characters=UnitRow._meta.get_field("theirs").max_length,
            units_url=f"{link_url('edit', self.object)}#tab-units",
            **kwargs,
        )


# All links


def links_without_units(user: Any) -> list[tuple[PunchoutLink, list[MissingUnit]]]:
    """Active links that ``user`` may change, and the units that each should be told about."""
    sold = _sold()
    met = units_met(visible(Quote.objects.all(), user).order_by("-created_at")[:CARTS_OF_ALL])
    links = policy_of(PunchoutLink).limit(PunchoutLink.objects.filter(is_active=True), user, "change")
    asked = (
        (link, missing(link, met.get(link.group_id, {}), sold))
        for link in links.select_related("group").prefetch_related("unit_rows")
    )
    return [(link, units) for link, units in asked if units]


class UnitReport(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Every link that lacks a unit, held against what buyers meet today."""

    model = PunchoutLink
    permission_required = "change"
    template_name = "wagtail_punchout/admin/links/unit_report.html"
    page_title = _("Units to translate")
    header_icon = "list-ul"

    @cached_property
    def found(self) -> list[tuple[PunchoutLink, str, list[MissingUnit]]]:
        found = [
            (link, link_url("missing_units", link), units) for link, units in links_without_units(self.request.user)
        ]
        return sorted(found, key=lambda each: -sum(unit.met.lines for unit in each[2]))

    def get_breadcrumbs_items(self) -> list[dict]:
        items = [(_("PunchOut links"), reverse(f"{NAMESPACE}:list")), (self.page_title, "")]
        return self.breadcrumbs_items + [{"label": label, "url": url} for label, url in items]

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(
            found=self.found[:MOST_LINKS],
            not_shown=max(0, len(self.found) - MOST_LINKS),
            media=LINK_STYLES,
            **kwargs,
        )


class UnitReportItem(MenuItem):
    """Among Wagtail's reports, for those who can do something about it."""

    def __init__(self) -> None:
        super().__init__(
            _("Units to translate"),
            reverse(f"{NAMESPACE}:unit_report"),
            name="punchout-units",
            icon_name="list-ul",
            order=900,
        )

    def is_shown(self, request: Any) -> bool:
        return is_on_anywhere() and can(request.user, "change", PunchoutLink)
