"""The page behind a one-time link: it shows a secret to whoever was sent the address, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from wagtail_punchout.client_address import client_address
from wagtail_punchout.conf import conf
from wagtail_punchout.flows.secret_links import Closed, LinkClosed, find_link, open_link
from wagtail_punchout.flows.throttle import is_flooding
from wagtail_punchout.models.secretbox import UnreadableSecret
from wagtail_punchout.storefront.pages import message, page, private


@csrf_exempt  # the token in the address is the proof, and nobody is signed in
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def secret_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and uses nothing up; POST shows the secret."""
    now, address = timezone.now(), client_address(request)
    try:
        if request.method != "POST":
            return private(page(request, "secret_button", {"link": find_link(token, at=now)}))
        link, secret = open_link(token, address=address, at=now)
    except LinkClosed as refusal:
        is_flood = refusal.why is Closed.UNKNOWN and is_flooding(address, at=now)
        return private(_closed(request, refusal.why, status=429 if is_flood else 410))
    except UnreadableSecret:
        text = _("The supplier's server cannot read this secret. Please ask the supplier.")
        return private(message(request, _("Not readable"), text, status=500))
    return private(page(request, "secret_shown", {"link": link, "secret": secret}))


def _closed(request: HttpRequest, why: Closed, *, status: int) -> HttpResponse:
    texts = {
        Closed.UNKNOWN: _("This address shows nothing. Perhaps it was not copied to its end."),
        Closed.USED: _("The secret was shown before. If that was not you, tell the supplier at once."),
        Closed.LATE: _("The time of this link has run out."),
        Closed.WITHDRAWN: _("The supplier has withdrawn this link."),
        Closed.REVOKED: _("The secret behind this link opens nothing any more."),
    }
    ask = [_("Ask the supplier for a new link."), conf().SUPPLIER_CONTACT]
    return message(request, _("This link is closed"), " ".join(filter(None, [texts[why], *ask])), status=status)
