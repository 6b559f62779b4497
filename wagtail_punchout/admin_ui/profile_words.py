"""What is known of procurement systems, and what links hold of it, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.admin_ui.connection import LABELS
from wagtail_punchout.flows.profiles import profiles
from wagtail_punchout.models import PunchoutLink
from wagtail_punchout.models.links import LinkFormat
from wagtail_punchout.protocol.buyers import Confidence, Fact, Kind, Profile
from wagtail_punchout.protocol.limits import Limit, limits_from

#: How far a fact can be trusted, in words.
CONFIDENCE = {
    Confidence.VENDOR: _("documented by its maker"),
    Confidence.SEEN: _("seen in working code or in messages"),
    Confidence.TOLD: _("told by third parties"),
}


def name_of(slug: str) -> str:
    """The system as people call it; a profile that is gone is called by its slug."""
    profile = profiles().get(slug)
    return profile.name if profile else slug


@dataclass(frozen=True)
class Told:
    """One fact, in words."""

    what: str
    value: str
    source: str
    confidence: str


def facts_in_words(profile: Profile) -> list[Told]:
    return [_told(fact) for fact in profile.facts]


def _told(fact: Fact) -> Told:
    if fact.kind is Kind.SETTING:
        what, value = field_name(fact.about), in_words(fact.about, fact.value)
    elif isinstance(fact.value, Limit):
        what, value = gettext("Limit of %(target)s") % {"target": fact.about}, limit_in_words(fact.value)
    elif fact.kind is Kind.SPEAKS:
        what, value = gettext("Formats"), ", ".join(map(format_in_words, fact.value))
    elif fact.kind is Kind.FIELD:
        what, value = gettext("Its name of “%(value)s”") % {"value": LABELS[fact.about]}, str(fact.value)
    else:
        what, value = gettext("Good to know"), str(fact.value)
    return Told(what, value, fact.source, str(CONFIDENCE[fact.confidence]))


def format_in_words(format: str) -> str:
    """Profiles say "oci" where the version is not known."""
    return dict(LinkFormat.choices).get(format, format.upper())


def limit_in_words(limit: Limit) -> str:
    parts = []
    if limit.characters is not None:
        parts.append(ngettext("%(n)s character", "%(n)s characters", limit.characters) % {"n": limit.characters})
    if limit.bytes is not None:
        parts.append(ngettext("%(n)s byte", "%(n)s bytes", limit.bytes) % {"n": limit.bytes})
    if limit.decimals is not None:
        parts.append(ngettext("%(n)s decimal", "%(n)s decimals", limit.decimals) % {"n": limit.decimals})
    if limit.forbidden:
        parts.append(gettext("none of %(characters)s") % {"characters": " ".join(limit.forbidden)})
    return ", ".join(parts)


def field_name(name: str) -> str:
    return capfirst(str(PunchoutLink._meta.get_field(name).verbose_name))


def in_words(name: str, value: Any) -> str:
    """What a field of a link holds, as a page shows it."""
    field = PunchoutLink._meta.get_field(name)
    if name == "limits":
        limits = limits_from(value).items()
        value = "; ".join(f"{target}: {limit_in_words(limit)}" for target, limit in limits)
    elif name == "buyer_profile":
        value = name_of(value)
    elif isinstance(field, BooleanField):
        value = gettext("Yes") if value else gettext("No")
    elif field.choices:
        value = dict(field.flatchoices).get(value, value)
    return str(value) if value not in (None, "") else gettext("empty")


def filled_in_words(link: PunchoutLink, names: Iterable[str]) -> str:
    return ", ".join(f"{field_name(name)}: {in_words(name, getattr(link, name))}" for name in names)
