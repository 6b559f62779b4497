"""Cookies of a visit: a jar of its own beside the browser's ordinary one.

A visit has session, CSRF and language cookies of its own names, so that it never mixes with an ordinary shop session or
a staff member's. The rest of Django sees nothing of it: on the way in the visit's cookies stand under the ordinary
names, on the way out what Django sets under the ordinary names is set under the visit's.

Inside a buyer's frame a browser keeps cookies only when they are ``SameSite=None; Secure; Partitioned``; deletions too,
or the partitioned cookie stays (measured in Chromium 156 and Firefox 153, see docs/concepts/frames.md).
"""

from __future__ import annotations

import http.cookies
from http.cookies import Morsel

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from wagtail_punchout.conf import conf

# Python knows this attribute from 3.14 on.
if "partitioned" not in Morsel._reserved:  # type: ignore[attr-defined]
    Morsel._reserved["partitioned"] = "Partitioned"  # type: ignore[attr-defined]
    Morsel._flags.add("partitioned")  # type: ignore[attr-defined]

FRAMES = {"iframe", "frame", "fencedframe", "embed", "object"}
#: Where a visit's Django session remembers that it began inside a frame.
FRAMED_KEY = "punchout_framed"


def swap_in(request: HttpRequest) -> bool:
    """Let the visit's cookies, if there are any, stand for the ordinary ones. True if they do."""
    visit = request.COOKIES.get(conf().COOKIE_NAME)
    if not visit:
        return False
    for ordinary, own in _names():
        request.COOKIES.pop(ordinary, None)
        if own in request.COOKIES:
            request.COOKIES[ordinary] = request.COOKIES[own]
    return True


def swap_out(response: HttpResponseBase, *, in_frame: bool, is_secure: bool) -> None:
    """Give what Django set for the ordinary session the visit's names and attributes."""
    for ordinary, own in _names():
        if ordinary in response.cookies:
            morsel = response.cookies.pop(ordinary)
            response.cookies[own] = morsel.value
            response.cookies[own].update(morsel)
            _make_frameable(response.cookies[own], in_frame=in_frame, is_secure=is_secure)


def delete(response: HttpResponseBase, *, in_frame: bool, is_secure: bool) -> None:
    """End the visit in this browser, whatever the session middleware does."""
    for _ordinary, own in _names():
        response.delete_cookie(own, path=settings.SESSION_COOKIE_PATH, domain=settings.SESSION_COOKIE_DOMAIN)
        _make_frameable(response.cookies[own], in_frame=in_frame, is_secure=is_secure)


def is_framed(request: HttpRequest) -> bool:
    """Whether the browser says that it loads this page into a frame (Sec-Fetch-Dest; https and localhost only)."""
    return request.headers.get("Sec-Fetch-Dest", "") in FRAMES


def _make_frameable(morsel: http.cookies.Morsel[str], *, in_frame: bool, is_secure: bool) -> None:
    # Over plain http such a cookie would be thrown away; only localhost in a frame is let off by browsers.
    if is_secure or in_frame:
        morsel.update({"samesite": "None", "secure": True, "partitioned": True})
    else:
        morsel.update({"samesite": "Lax", "secure": ""})


def _names() -> tuple[tuple[str, str], ...]:
    return (
        (settings.SESSION_COOKIE_NAME, conf().COOKIE_NAME),
        (settings.CSRF_COOKIE_NAME, f"{conf().COOKIE_NAME}_csrf"),
        (settings.LANGUAGE_COOKIE_NAME, f"{conf().COOKIE_NAME}_language"),
    )


__all__ = ["FRAMED_KEY", "delete", "is_framed", "swap_in", "swap_out"]
