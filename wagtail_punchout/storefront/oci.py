"""The OCI address: what a browser that comes with a call gets.

Who is let in is signed in on the spot and sent on to an address that says nothing, so that the password is in no
address bar, no history entry of the shop's and no Referer. Two functions are asked by programs without cookies; they
are answered at once, on the address that was called (OCI 4.0; tested by OCIPC against SAP SRM).

This stands in ``storefront`` and not in ``gateway``: it is a browser that calls, and every answer is a page.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from wagtail_punchout.client_address import client_address
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import start
from wagtail_punchout.flows.call_up import (
    CannotEnter,
    check_function,
    identify_call,
    open_call,
    read_call,
    said_by_a_stranger,
    session_of,
    through_link,
)
from wagtail_punchout.flows.first_contacts import InVain, note
from wagtail_punchout.flows.identify import Caller
from wagtail_punchout.flows.issue import note_use
from wagtail_punchout.flows.throttle import is_flooding, may_keep_failure
from wagtail_punchout.models import Exchange
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.protocol.errors import NotAuthorized, UnacceptableContent
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.oci.charset import plain
from wagtail_punchout.protocol.oci.entry import CallUp
from wagtail_punchout.protocol.oci.parameters import STRUCK
from wagtail_punchout.shop import AdapterUnavailable
from wagtail_punchout.storefront import oci_functions, oci_refusals
from wagtail_punchout.storefront.arrival import open_shop, shop_unavailable
from wagtail_punchout.storefront.languages import language_for
from wagtail_punchout.storefront.sealed import sealed


@dataclass
class Arriving:
    """One call, as far as it has got. What is known of it when it fails is what the admin will see."""

    at: datetime
    address: str
    user_agent: str
    is_get: bool
    path_key: str
    started: float = field(default_factory=time.perf_counter)
    call: CallUp | None = None
    caller: Caller | None = None

    def exchange(self, **facts: object) -> Exchange:
        """The record of this call, without its password; a stranger's without everything that may be one."""
        document = json.dumps(self._said, ensure_ascii=False, indent=0) if self.call else ""
        function = self.call.function if self.call else ""
        return Exchange(
            direction=Direction.IN,
            kind=f"OCI {function}".strip() if function else "OCI call",
            customer=self.caller.customer if self.caller else None,
            sender=self._sender[:200],
            user_agent=self.user_agent,
            remote_address=self.address or None,
            document=document,
            digest=hashlib.sha256(document.encode()).hexdigest(),
            size=len(document),
            milliseconds=int((time.perf_counter() - self.started) * 1000),
            **facts,
        )

    def in_vain(self, code: Failure, cause: str, exchange: Exchange | None) -> InVain:
        """The same call, as far as it tells who should be helped."""
        return InVain(
            code=code,
            cause=cause,
            at=self.at,
            address=self.address,
            kind="OCI call",
            sender=[("USERNAME", self._sender)] if self._sender else (),
            user_agent=self.user_agent,
            customer=self.caller.customer if self.caller else None,
            exchange=exchange,
        )

    @cached_property
    def _said(self) -> tuple[tuple[str, str], ...]:
        return self.call.said if self.caller else said_by_a_stranger(self.call)

    @property
    def _sender(self) -> str:
        """The user name, if it is one that the record may tell."""
        name = self.call.username if self.call else ""
        return name if name and any(value.strip() == name for _name, value in self._said) else ""

    def tellable(self, cause: str) -> str:
        """``cause`` without a user name that came under a name some link gives to its password."""
        name = identity_key(self.call.username) if self.call else ""
        return cause.replace(name, STRUCK) if name and not self._sender else cause


@csrf_exempt  # it is called from the buyer's pages, and the password is the proof
@require_http_methods(["GET", "HEAD", "OPTIONS", "POST"])
@sensitive_variables()
def call_up(request: HttpRequest, path_key: str = "") -> HttpResponse:
    """Let a buyer's user in. A call that nobody made by hand (a prefetch, a link checker) opens nothing."""
    raw = sealed(request)
    is_prefetch = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method not in ("GET", "POST") or is_prefetch:
        return HttpResponse(status=204)
    arriving = Arriving(
        at=timezone.now(),
        address=client_address(request),
        user_agent=plain(request.headers.get("User-Agent", ""))[:200],
        is_get=request.method == "GET",
        path_key=path_key,
    )
    try:
        arriving.call = read_call(raw.query, raw.body, path_key=path_key)
        response = _answer(request, arriving)
    except NotAuthorized as refusal:
        response = _wrong_sign_in(request, arriving, refusal)
    except CannotEnter as refusal:
        response = _refuse(request, arriving, refusal)
    except UnacceptableContent as refusal:
        response = oci_refusals.unreadable(request)
        _keep(arriving, response, cause=refusal.cause, code=refusal.code)
    except AdapterUnavailable:
        response = shop_unavailable(request)
    patch_cache_control(response, private=True, no_store=True)
    return response


call_up.takes_call_up = True


@sensitive_variables()
def _answer(request: HttpRequest, arriving: Arriving) -> HttpResponse:
    call = arriving.call
    # Known from here on, whatever is wrong with the rest: what is refused is kept under the customer.
    arriving.caller = identify_call(call, is_get=arriving.is_get, at=arriving.at, path_key=arriving.path_key)
    note_use(arriving.caller.credential, address=arriving.address, at=arriving.at)
    caller = through_link(arriving.caller, call, is_get=arriving.is_get)
    session = session_of(caller, call, user_agent=arriving.user_agent, at=arriving.at)
    check_function(call, session, get_adapter())
    if call.function in oci_functions.ANSWERS:
        with override(language_for(request, session)):
            answer = oci_functions.ANSWERS[call.function](request, session, call)
        arriving.exchange(sentence=answer.sentence).save()
        return answer.response
    open_call(caller, session, record=lambda opened: arriving.exchange(session=opened, sentence="OK").save())
    opened = start.find(session.start_token)
    start.start_session(opened, at=arriving.at)
    return open_shop(request, opened)


def _wrong_sign_in(request: HttpRequest, arriving: Arriving, refusal: NotAuthorized) -> HttpResponse:
    """Failures are counted by address alone: counted by name, a stranger could lock a buyer out."""
    is_flood = is_flooding(arriving.address, at=arriving.at)
    response = oci_refusals.too_many(request) if is_flood else oci_refusals.wrong_sign_in(request)
    _keep(arriving, response, cause=refusal.cause, code=Failure.FLOOD if is_flood else refusal.code)
    return response


def _refuse(request: HttpRequest, arriving: Arriving, refusal: CannotEnter) -> HttpResponse:
    response = oci_refusals.refuse(request, refusal.reason)
    _keep(arriving, response, cause=refusal.cause, code=refusal.code)
    return response


def _keep(arriving: Arriving, response: HttpResponse, *, cause: str, code: Failure) -> None:
    exchange, cause = None, arriving.tellable(cause)
    if arriving.caller is not None or may_keep_failure(at=arriving.at):
        exchange = arriving.exchange(
            status=response.status_code, sentence=response.punchout_sentence, cause=cause, reason=code
        )
        exchange.save()
    note(arriving.in_vain(code, cause, exchange))
