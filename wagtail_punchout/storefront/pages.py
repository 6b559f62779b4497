"""Pages of our own: small, readable inside a frame, without anything from elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.storefront import cookies
from wagtail_punchout.storefront.headers import make_frameable, with_frame_ancestors
from wagtail_punchout.storefront.languages import language_for
from wagtail_punchout.storefront.visit import frame_origins


def page(
    request: HttpRequest,
    name: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    session: PunchoutSession | None = None,
    form_action: Sequence[str] = ("'self'",),
    charset: str = "utf-8",
) -> HttpResponse:
    """A page that needs nothing but itself: its few lines of style and script carry a nonce.

    ``form_action`` is where its forms may go. Never a single host for the way home: buyers redirect the post to their
    next host, and Chromium then blocks what it has just delivered. ``charset`` is that of the page, and so of what its
    forms send; what of the page's own text it lacks is written as a character reference.
    """
    nonce = secrets.token_urlsafe(16)
    body = {**(context or {}), "nonce": nonce, "charset": charset}
    with override(language_for(request, session)) if session else nullcontext():
        html = render_to_string(f"wagtail_punchout/pages/{name}.html", body, request=request)
    encoded = html.encode(charset, "xmlcharrefreplace")
    response = HttpResponse(encoded, status=status, content_type=f"text/html; charset={charset}")
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; "
        f"form-action {' '.join(form_action)}"
    )
    response["Cache-Control"] = "private, no-store"
    if session is not None:
        make_frameable(response, frame_origins(session))
    else:
        # An error page shows nothing but a sentence: it must be readable in whatever frame the shop was opened.
        make_frameable(response, ())
        response["Content-Security-Policy"] = with_frame_ancestors(
            response["Content-Security-Policy"], ("https:", "http:")
        )
    return response


def message(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    return page(request, "message", {"title": title, "text": text}, status=status)


def private(response: HttpResponse) -> HttpResponse:
    """A page whose address is a key: kept nowhere, told to nobody, and in nobody's frame."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    # In a frame, a button could be pressed that is not seen.
    response["X-Frame-Options"] = "DENY"
    policy = response["Content-Security-Policy"].partition(" frame-ancestors")[0].rstrip(";")
    response["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    return response


def visit_over(request: HttpRequest) -> HttpResponse:
    """The browser still has a visit's cookie, but the visit is over: end it here too."""
    request.session.flush()
    response = message(
        request,
        _("Your visit has ended"),
        _(
            "It was returned, cancelled, or too much time has passed. "
            "Go back to your procurement system and start again from there."
        ),
        status=410,
    )
    cookies.delete(response, in_frame=request.punchout_framed, is_secure=request.is_secure())
    return response


def no_checkout(request: HttpRequest) -> HttpResponse:
    return message(
        request,
        _("Please return your cart instead"),
        _("You came from your procurement system: the order is placed there. Open the cart and return it."),
        status=403,
    )


def only_by_punchout(request: HttpRequest) -> HttpResponse:
    return message(
        request,
        _("Please order through your procurement system"),
        _("Your company's orders need approval there. Open the shop from your procurement system and return the cart."),
        status=403,
    )


def read_only(request: HttpRequest) -> HttpResponse:
    if request.punchout.is_detail:
        return message(
            request,
            _("You can only look at this product"),
            _("Your procurement system has opened it to show it. To buy it, open the shop from there."),
            status=403,
        )
    return message(
        request,
        _("You can only look at this cart"),
        _("Your procurement system has opened it for inspection. To change it, start an edit from there."),
        status=403,
    )


def may_not_return(request: HttpRequest) -> HttpResponse:
    return message(
        request,
        _("You cannot return a cart"),
        _("Your company's roles in this shop do not allow it. Please ask your contact at the supplier."),
        status=403,
    )


def other_visit(request: HttpRequest) -> HttpResponse:
    return message(
        request,
        _("This page belongs to another visit"),
        _(
            "Another visit was opened in this browser since, or this one has ended. Nothing was sent. "
            "Go on in the newer window, or start again from your procurement system."
        ),
        status=409,
    )
