"""Arrival: a browser becomes a visit's, on a session of its own, and finds its first page."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import carry, start
from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.oci.entry import Function
from wagtail_punchout.shop import AdapterUnavailable, ShopAdapter
from wagtail_punchout.storefront import cookies, pages
from wagtail_punchout.storefront.languages import language_for
from wagtail_punchout.storefront.visit import SESSION_KEY, Visit


def open_shop(request: HttpRequest, session: PunchoutSession) -> HttpResponse:
    """Sign in on a fresh session of the visit's own, fill its cart, and look whether the browser keeps the cookie."""
    if request.in_visit_jar:
        request.session.flush()  # an earlier visit of this browser ends here
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    request.in_visit_jar = True
    request.punchout_framed = cookies.is_framed(request)
    request.punchout = Visit(session)
    adapter = get_adapter()
    try:
        adapter.sign_in(request, session.shopper)
        request.session[SESSION_KEY] = str(session.pk)
        request.session[cookies.FRAMED_KEY] = request.punchout_framed
        request.session.set_expiry(int((session.ends_at - timezone.now()).total_seconds()))
        with override(language_for(request, session)):  # what became of the lines is told in sentences
            results = adapter.put_lines(request, carry.wanted_lines(session, adapter))
    except AdapterUnavailable:
        start.give_back(session)
        return shop_unavailable(request)
    carry.settle(session, results)
    return HttpResponseRedirect(reverse("punchout:check", args=[sign(session, "continue")]), status=303)


def into_shop(request: HttpRequest) -> HttpResponse:
    try:
        return HttpResponseRedirect(_entrance(request))
    except AdapterUnavailable:
        return shop_unavailable(request)


def _entrance(request: HttpRequest) -> str:
    """The first page of the shop: what the buyer selected, the cart that came along, a search, or the front door."""
    adapter, session = get_adapter(), request.punchout.session
    if session.selected:
        found = adapter.landing_url(request, carry.selected(session))
        if found:
            return found
        request.session["punchout_unknown_selection"] = session.selected["sku"]
    if session.carried:
        return cart_url(request)
    if session.call.get("function") == Function.SOURCING:
        return adapter.search_url(request, session.call["search"]) or _front_door(request, adapter)
    return _front_door(request, adapter)


def cart_url(request: HttpRequest) -> str:
    adapter = get_adapter()
    return adapter.cart_url(request) or _front_door(request, adapter)


def _front_door(request: HttpRequest, adapter: ShopAdapter) -> str:
    page = request.punchout.session.link.landing_page
    own = page.get_url(request) if page and page.live else None
    return own or adapter.landing_url(request) or "/"


def shop_unavailable(request: HttpRequest) -> HttpResponse:
    return pages.message(
        request,
        _("The shop cannot answer right now"),
        _("Nothing is lost. Wait a moment and try again."),
        status=503,
    )


def sign(session: PunchoutSession, purpose: str) -> str:
    return TimestampSigner(salt=f"wagtail_punchout.{purpose}", sep="~").sign(session.pk.hex)


def signed_session(token: str, *, salt: str, seconds: int) -> PunchoutSession | None:
    try:
        pk = TimestampSigner(salt=f"wagtail_punchout.{salt}", sep="~").unsign(token, max_age=seconds)
    except BadSignature:
        return None
    return PunchoutSession.objects.select_related("link", "customer", "company").filter(pk=pk).first()
