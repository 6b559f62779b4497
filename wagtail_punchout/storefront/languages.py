"""The language of a visit: the one its buyer's system asked for, until the shopper chooses another."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from wagtail_punchout.models import PunchoutSession


def language_for(request: HttpRequest, session: PunchoutSession) -> str:
    """The language to speak: the nearest one the shop has ("en" for "en-UK"), else what Django has chosen already."""
    if settings.USE_I18N and session.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        try:
            return translation.get_supported_language_variant(session.language.replace("_", "-").lower())
        except LookupError:
            pass
    return translation.get_language() or settings.LANGUAGE_CODE
