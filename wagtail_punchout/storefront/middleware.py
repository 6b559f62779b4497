"""What holds during a visit, on every page of the shop.

Stands right before Django's SessionMiddleware. Gives each request ``request.punchout``, keeps a visit's cookies apart,
ends visits whose time is over, and refuses on the server what a visit must not do: checking out, and changing anything
when the buyer only wanted to look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import start
from wagtail_punchout.flows.abilities import must_return_carts
from wagtail_punchout.models.roles import Ability
from wagtail_punchout.models.site_options import is_on_for
from wagtail_punchout.storefront import cookies, pages
from wagtail_punchout.storefront.headers import make_frameable
from wagtail_punchout.storefront.languages import language_for
from wagtail_punchout.storefront.sealed import seal
from wagtail_punchout.storefront.visit import Visit, lazy_visit

#: Names under which a project mounts our addresses.
OURS = frozenset({"punchout", "punchout_oci"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class PunchoutMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        seal(request)  # before anything else sees the password of an OCI call
        # The admin keeps the ordinary session: staff may look at a visit and work in the admin with one browser.
        request.in_visit_jar = not _is_admin(request) and cookies.swap_in(request)
        request.punchout_framed = cookies.is_framed(request)
        request.punchout = lazy_visit(request) if request.in_visit_jar else None
        response = self.get_response(request)
        if request.in_visit_jar:
            cookies.swap_out(response, in_frame=request.punchout_framed, is_secure=request.is_secure())
        visit = request.punchout
        if _is_loaded(visit) and visit:
            make_frameable(response, visit.frame_origins)
        if hasattr(request, "punchout_call"):
            # The address that was called is told to nobody, not even to our own next page.
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """All request middleware has run: the session is there, and nothing of the shop has."""
        is_ours = getattr(request.resolver_match, "app_name", "") in OURS
        if (is_ours or request.in_visit_jar) and not is_on_for(request):
            if is_ours:
                raise Http404  # without the option there is no such address
            return pages.visit_over(request)
        if not request.in_visit_jar:
            return _refusal_outside(request)
        request.punchout_framed = request.session.get(cookies.FRAMED_KEY, request.punchout_framed)
        if not request.punchout:
            return None if is_ours else pages.visit_over(request)
        visit: Visit = request.punchout
        request.LANGUAGE_CODE = language_for(request, visit.session)
        translation.activate(request.LANGUAGE_CODE)
        if is_ours:
            return None
        start.seen(visit.session, at=timezone.now())
        return _refusal(request, visit)


def _refusal_outside(request: HttpRequest) -> HttpResponse | None:
    """Whoever's orders need approval at the buyer's must not order past it by signing in with a password."""
    if not _is_one_of(request, get_adapter().checkout_views):
        return None
    user = getattr(request, "user", None)
    is_bound = user is not None and user.is_authenticated and is_on_for(request) and must_return_carts(user)
    return pages.only_by_punchout(request) if is_bound else None


def _refusal(request: HttpRequest, visit: Visit) -> HttpResponse | None:
    adapter = get_adapter()
    if _is_one_of(request, adapter.checkout_views) and not visit.may(Ability.CHECKOUT_DIRECTLY):
        return pages.no_checkout(request)
    if visit.is_inspect:
        changes = request.method not in SAFE_METHODS or _is_one_of(request, adapter.cart_changing_gets)
        if changes and not _is_one_of(request, adapter.harmless_posts):
            return pages.read_only(request)
    return None


def _is_one_of(request: HttpRequest, views: Sequence[str]) -> bool:
    """Whether the request goes to one of these URL names or (with a leading slash) paths."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return any(fnmatchcase(request.path_info if pattern.startswith("/") else name or "", pattern) for pattern in views)


def _is_admin(request: HttpRequest) -> bool:
    return any(request.path_info.startswith(root) for root in _admin_roots())


def _admin_roots() -> list[str]:
    roots = []
    for name in ("wagtailadmin_home", "admin:index"):
        try:
            roots.append(reverse(name))
        except NoReverseMatch:
            continue
    return [root for root in roots if root != "/"]


def _is_loaded(visit: object) -> bool:
    """Whether somebody asked for the visit; asking now would cost a query on pages that have nothing to do with it."""
    return isinstance(visit, Visit) or (isinstance(visit, SimpleLazyObject) and isinstance(visit._wrapped, Visit))
