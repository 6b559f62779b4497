"""Start, return, cancel: the three pages of a visit that are not the shop's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows import start, transfer
from wagtail_punchout.models import Ability, PunchoutSession, Quote
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.shop import AdapterUnavailable, ShopAdapter
from wagtail_punchout.storefront import cookies, pages
from wagtail_punchout.storefront.arrival import (
    cart_url,
    into_shop,
    open_shop,
    shop_unavailable,
    sign,
    signed_session,
)
from wagtail_punchout.storefront.home import WayHome
from wagtail_punchout.storefront.visit import Visit, read_proof


@csrf_exempt  # the token in the URL is the proof, and browsers in frames may hold no cookie yet
@require_http_methods(["GET", "HEAD", "OPTIONS", "POST"])
def start_page(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing (mail scanners and link previews come first); the page posts itself to the same URL."""
    is_prefetch = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method in ("HEAD", "OPTIONS") or is_prefetch:
        return HttpResponse(status=204)
    try:
        session = start.find(token)
        if request.method == "GET":
            return pages.page(request, "start", {"session": session}, session=session)
        if _holds(request, session):  # a reload in the browser that has the visit already
            return into_shop(request)
        start.start_session(session, at=timezone.now())
    except start.CannotStart as refusal:
        return _cannot_start(request, refusal)
    return open_shop(request, session)


@csrf_exempt
@require_POST
def continue_page(request: HttpRequest, token: str) -> HttpResponse:
    """Open the visit in a window of its own, for browsers that take no cookie inside a frame."""
    session = signed_session(token, salt="continue", seconds=int(start.CONTINUE_WITHIN.total_seconds()))
    if session is None:
        return _cannot_start(request, start.CannotStart(start.Reason.LATE))
    try:
        session = start.find(session.start_token)
        start.continue_session(session, at=timezone.now())
    except start.CannotStart as refusal:
        return _cannot_start(request, refusal)
    return open_shop(request, session)


@require_GET
def check_page(request: HttpRequest, token: str) -> HttpResponse:
    """Right after the start: did the browser keep the cookie? If not, say so and offer a window of its own."""
    session = signed_session(token, salt="continue", seconds=int(start.CONTINUE_WITHIN.total_seconds()))
    if session is not None and _holds(request, session):
        return into_shop(request)
    if session is None:
        return _cannot_start(request, start.CannotStart(start.Reason.LATE))
    return pages.page(request, "no_cookie", {"token": token}, session=session)


@csrf_exempt  # the signed proof in the form says more than a CSRF token, and works without a cookie
@require_POST
def return_cart(request: HttpRequest) -> HttpResponse:
    """Take the cart home. A second click gets the same page; another visit's form gets nothing."""
    session_id = read_proof(request.POST.get("visit", ""))
    visit = _own_visit(request, session_id)
    if visit is None:
        return _already_over(request, session_id)
    if visit.is_inspect:
        return pages.read_only(request)
    if not visit.may(Ability.TRANSFER_CART):
        return pages.may_not_return(request)
    adapter = get_adapter()
    try:
        cart = adapter.get_cart(request)
    except AdapterUnavailable:
        return shop_unavailable(request)
    if not cart.lines and _has_ended(visit):
        # A second click, come while the first one was taking the cart home and emptying it.
        return _already_over(request, session_id)
    if not cart.lines and not (visit.is_edit and request.POST.get("empty") == "yes"):
        return pages.page(request, "empty_cart", {"visit": visit, "cart_url": cart_url(request)}, session=visit.session)
    try:
        quote = transfer.transfer_cart(
            visit.session, cart, at=timezone.now(), however_large=request.POST.get("large") == "yes"
        )
    except UnsendableCart as problem:
        transfer.note_unsendable(visit.session, problem)
        context = {"problem": problem, "cart_url": cart_url(request)}
        return pages.page(request, "unsendable", context, status=422, session=visit.session)
    except transfer.CartTooLarge:
        context = {"visit": visit, "lines": len(cart.lines), "cart_url": cart_url(request)}
        return pages.page(request, "large_cart", context, session=visit.session)
    except transfer.SessionOver:
        return _already_over(request, session_id)
    return _leave(request, quote, adapter)


@csrf_exempt
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Go home without a cart: the buyer's lines stay as they were."""
    session_id = read_proof(request.POST.get("visit", ""))
    visit = _own_visit(request, session_id)
    if visit is None:
        return _already_over(request, session_id)
    adapter = get_adapter()
    try:
        currency = adapter.get_cart(request).currency
    except AdapterUnavailable:
        currency = visit.pricing.currency or "EUR"
    try:
        quote = transfer.cancel_session(visit.session, currency=currency, at=timezone.now())
    except transfer.SessionOver:
        return _already_over(request, session_id)
    return _leave(request, quote, adapter)


@require_GET
def home_page(request: HttpRequest, token: str) -> HttpResponse:
    """The form that the browser posts home, the same bytes however often it is opened, for ten minutes."""
    session = signed_session(token, salt="home", seconds=conf().RETURN_AGAIN_SECONDS)
    quote = Quote.objects.filter(session=session).first() if session else None
    if session is None or quote is None:
        return pages.message(
            request,
            _("This page has expired"),
            _("Look into your procurement system: the cart may have arrived. If it has not, start again from there."),
            status=410,
        )
    way = WayHome.of(quote)
    context = {"session": session, "quote": quote, "way": way}
    return pages.page(request, "home", context, session=session, form_action=way.form_action, charset=way.charset)


def _holds(request: HttpRequest, session: PunchoutSession) -> bool:
    return bool(request.in_visit_jar and request.punchout and request.punchout.id == session.pk)


def _own_visit(request: HttpRequest, session_id: str | None) -> Visit | None:
    """The running visit of this browser if it is the one whose form was pressed."""
    visit: Visit | None = request.punchout if request.in_visit_jar and request.punchout else None
    return visit if visit and str(visit.id) == session_id else None


def _has_ended(visit: Visit) -> bool:
    """Whether the visit was ended since this request began."""
    return not PunchoutSession.objects.filter(pk=visit.id, over_at=None).exists()


def _already_over(request: HttpRequest, session_id: str | None) -> HttpResponse:
    """A second click on a visit just ended gets the same way home; any other foreign form gets nothing."""
    session = PunchoutSession.objects.filter(pk=session_id, quote__isnull=False).first() if session_id else None
    if session is None:
        return pages.other_visit(request)
    age = (timezone.now() - session.over_at).total_seconds() if session.over_at else 0
    if age > conf().RETURN_AGAIN_SECONDS:
        return pages.other_visit(request)
    return HttpResponseRedirect(reverse("punchout:home", args=[sign(session, "home")]), status=303)


def _leave(request: HttpRequest, quote: Quote, adapter: ShopAdapter) -> HttpResponse:
    """End the visit in this browser, and only then show the way home."""
    try:
        adapter.clear_cart(request)
        adapter.sign_out(request)
    except AdapterUnavailable:
        pass  # the cart is on its way; what is left of it belongs to a visit that is over
    request.session.flush()
    response = HttpResponseRedirect(reverse("punchout:home", args=[sign(quote.session, "home")]), status=303)
    cookies.delete(response, in_frame=request.punchout_framed, is_secure=request.is_secure())
    return response


def _cannot_start(request: HttpRequest, refusal: start.CannotStart) -> HttpResponse:
    title, text, status = {
        start.Reason.UNKNOWN: (
            _("This address does not open a visit"),
            _("It may have been cut off. Go back to your procurement system and start again from there."),
            404,
        ),
        start.Reason.USED: (
            _("This visit was already opened"),
            _("Each address opens the shop once. Go back to your procurement system and start again from there."),
            410,
        ),
        start.Reason.LATE: (
            _("This address has expired"),
            _("Too much time has passed since your procurement system called. Start again from there."),
            410,
        ),
        start.Reason.SWITCHED_OFF: (
            _("This connection is switched off"),
            _("The shop has closed it. Please ask your contact at the supplier."),
            403,
        ),
    }[refusal.reason]
    return pages.message(request, title, text, status=status)
