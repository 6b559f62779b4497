"""Profiles: what is known of a buyer's procurement system fills a link, once.

The link gets copies. A newer version of this package, or a corrected file, changes no link that is there: its buyers
would meet other carts overnight, and nobody would have published that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from wagtail_punchout.conf import conf
from wagtail_punchout.protocol.buyers import Profile, read_files, shipped

if TYPE_CHECKING:
    from wagtail_punchout.models import PunchoutLink


def profiles() -> dict[str, Profile]:
    """All profiles by slug, in the order of their names; a project's own stands in for a shipped one of the same slug.

    Raises ``ImproperlyConfigured`` for a file that cannot be read, as the check ``wagtail_punchout.E006`` does before.
    """
    try:
        known = {**shipped(), **read_files(conf().BUYER_PROFILES)}
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error
    return dict(sorted(known.items(), key=lambda each: each[1].name.casefold()))


def apply_profile(link: PunchoutLink, profile: Profile) -> list[str]:
    """Fill ``link`` with what is known, without saving it; returns the names of the fields that are different now.

    The format changes only if the system is known not to speak the link's. Fields about which nothing is known stay as
    they are; the limits are replaced, for they are those of the system and not of the shop.
    """
    known = _known(link, profile)
    changed = [field for field, value in known.items() if getattr(link, field) != value]
    for field in changed:
        setattr(link, field, known[field])
    return changed


def _known(link: PunchoutLink, profile: Profile) -> dict[str, Any]:
    speaks_it = not profile.formats or link.format in profile.formats
    format = link.format if speaks_it else profile.formats[0]
    here = profile.within(format)
    return {
        "buyer_profile": profile.slug,
        "format": format,
        **{field: fact.value for field, fact in here.settings.items()},
        "limits": {target: limit.as_json() for target, limit in here.limits.items()},
    }
