"""Requests inside a visit, for the tests of a shop.

    customer = make_customer()
    request = open_visit(customer)                  # signed in, on a session of its own, with an empty cart
    response = cart_page(request)                   # your view
    later = next_request(request)                   # the same browser's next click

Nothing is sent and no middleware runs: these requests are what your views and your adapter get from it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import (
    Credential,
    CustomerGroup,
    Mode,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    company_root,
)
from wagtail_punchout.models.sessions import Operation, State
from wagtail_punchout.storefront.visit import SESSION_KEY, Visit

if TYPE_CHECKING:
    from django.http import HttpRequest

    from wagtail_punchout.shop import ShopAdapter

__all__ = ["make_customer", "next_request", "open_visit"]

RETURN_URL = "https://buyer.example/punchout/hook?visit=1"


def make_customer(name: str = "", *, adapter: ShopAdapter | None = None, **company: Any) -> PunchoutCustomer:
    """A customer that may enter in test mode, with everything it hangs on. Keyword arguments go to its company.

    ``make_customer(price_group="gold", currency="CHF")`` has the prices of that group.
    """
    name = name or f"buyer-{secrets.token_hex(4)}"
    at = company_root().add_child(**{"name": name.title(), "code": name, **company})
    group = CustomerGroup.objects.create(name=name, company=at, mode=Mode.PRODUCTION)
    PunchoutLink.objects.create(name=name, group=group, live=True)
    identity = f"punchout-{name}@shop.example"
    customer = PunchoutCustomer.objects.create(
        name=at.name,
        company=at,
        group=group,
        sender_identity=identity,
        user=(adapter or get_adapter()).create_user(identity, email=identity),
    )
    credential = Credential(customer=customer, mode=Mode.TEST)
    credential.set_secret()
    credential.save()
    return customer


def open_visit(
    customer: PunchoutCustomer | None = None,
    *,
    adapter: ShopAdapter | None = None,
    operation: str = Operation.CREATE,
    path: str = "/",
    **session: Any,
) -> HttpRequest:
    """A request in a visit that has just begun, as the storefront begins it. Keyword arguments go to its row.

    ``open_visit(requester={"email": "jane@buyer.example"}, operation="edit")``
    """
    adapter, customer, now = adapter or get_adapter(), customer or make_customer(adapter=adapter), timezone.now()
    row = PunchoutSession(
        customer=customer,
        company=customer.company,
        link=customer.group.links.get(),
        credential=customer.credentials.first(),
        **{
            "mode": Mode.TEST,
            "state": State.STARTED,
            "operation": operation,
            "buyer_cookie": secrets.token_hex(8),
            "return_url": RETURN_URL,
            "language": "en",
            "start_until": now,
            "started_at": now,
            "ends_at": now + timedelta(hours=1),
            **session,
        },
    )
    row.start_hash = row.hash_token(row.start_token)
    row.save(force_insert=True)
    request = _request(path, _new_session(), Visit(row))
    adapter.sign_in(request, customer.user)
    request.session[SESSION_KEY] = str(row.pk)
    adapter.put_lines(request, [])
    return request


def next_request(request: HttpRequest, path: str = "/", **data: str) -> HttpRequest:
    """What the same browser sends next; by POST if ``data`` is given. What was not saved is forgotten by then.

    As Django's middleware does, the session is saved only if it knows that it was changed.
    """
    if request.session.modified:
        request.session.save()
    visit = Visit(
        PunchoutSession.objects.select_related("customer__user", "company", "link").get(pk=request.punchout.id)
    )
    later = _request(path, _new_session(request.session.session_key), visit, **data)
    later.user = get_user(later)
    return later


def _request(path: str, session: Any, visit: Visit, **data: str) -> HttpRequest:
    request = RequestFactory().post(path, data) if data else RequestFactory().get(path)
    request.session, request.user, request.punchout = session, AnonymousUser(), visit
    request.in_visit_jar, request.punchout_framed = True, False
    if "django.contrib.messages" in settings.INSTALLED_APPS:
        from django.contrib.messages.storage import default_storage

        request._messages = default_storage(request)
    return request


def _new_session(key: str | None = None) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)
