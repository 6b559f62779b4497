"""Pages for OCI calls that are not let in: readable inside a frame, each with what to do about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.flows.call_up import Reason
from wagtail_punchout.storefront import pages

_NOT_SET_UP = _("The connection is not set up completely")
_NO_WAY_HOME = _("The cart could not be returned")

#: For each reason the status, the heading and the sentence.
PAGES = {
    Reason.NO_NAME: (
        400,
        _NOT_SET_UP,
        _(
            "The call has no user name. Your procurement system must send the parameters USERNAME, PASSWORD and "
            "HOOK_URL; please tell its administrator."
        ),
    ),
    Reason.NO_PASSWORD: (
        400,
        _NOT_SET_UP,
        _(
            "The call has a user name, but no password. Your procurement system must send the parameter PASSWORD; "
            "please tell its administrator."
        ),
    ),
    Reason.NO_LINK: (
        403,
        _NOT_SET_UP,
        _("The shop has not opened OCI for your company yet. Please ask your contact at the supplier."),
    ),
    Reason.SWITCHED_OFF: (
        403,
        _("This connection is switched off"),
        _("The shop has closed it. Please ask your contact at the supplier."),
    ),
    Reason.NO_GET: (
        405,
        _NOT_SET_UP,
        _(
            "This shop takes the call by POST only, so that the password is not in an address. Please tell the "
            "administrator of your procurement system."
        ),
    ),
    Reason.NO_COMPANY: (
        403,
        _NOT_SET_UP,
        _("Nothing in the call says for which company you shop. Please ask your contact at the supplier."),
    ),
    Reason.NO_USER: (
        403,
        _("You may not shop here yet"),
        _("The shop does not know you under the name your procurement system gives. Please ask your administrator."),
    ),
    Reason.NO_PRODUCT: (
        400,
        _("No product was named"),
        _(
            "Your procurement system asked for a product without saying which: the parameter PRODUCTID is missing. "
            "Please tell its administrator."
        ),
    ),
    Reason.UNKNOWN_PRODUCT: (
        404,
        _("This product is not sold here"),
        _("It may have been taken out of the range. Look for it, or for another one, in the shop."),
    ),
    Reason.UNKNOWN_FUNCTION: (
        404,
        _("The shop cannot do this"),
        _("Your procurement system asked for a function that this shop does not have. Open the shop without it."),
    ),
    Reason.NO_SEARCH: (
        404,
        _("The shop cannot do this"),
        _("It cannot be searched from outside. Open the shop and search there."),
    ),
    Reason.RETURN_MISSING: (
        400,
        _NO_WAY_HOME,
        _(
            "The call does not say where the cart shall go: the parameter HOOK_URL is missing. Please tell the "
            "administrator of your procurement system."
        ),
    ),
    Reason.RETURN_UNUSABLE: (
        400,
        _NO_WAY_HOME,
        _(
            "The address in the parameter HOOK_URL cannot be used. It must be a whole web address that begins with "
            "https://. Please tell the administrator of your procurement system."
        ),
    ),
    Reason.RETURN_NOT_HTTPS: (
        403,
        _NO_WAY_HOME,
        _(
            "The address in the parameter HOOK_URL begins with http://. Carts are returned over https:// only; please "
            "tell the administrator of your procurement system."
        ),
    ),
    Reason.RETURN_FOREIGN: (
        403,
        _NO_WAY_HOME,
        _(
            "The shop does not return carts to the host in the parameter HOOK_URL. Please ask your contact at the "
            "supplier to allow it."
        ),
    ),
}


def refuse(request: HttpRequest, reason: Reason) -> HttpResponse:
    """The page for ``reason``."""
    status, title, text = PAGES[reason]
    response = _page(request, str(title), str(text), status=status)
    if status == 405:
        response["Allow"] = "POST"
    return response


def wrong_sign_in(request: HttpRequest) -> HttpResponse:
    """One page for an unknown name, a wrong password and a customer switched off.

    403 and not 401, which would have to name a way to sign in that browsers know.
    """
    return _page(
        request,
        str(_("You could not be signed in")),
        str(
            _(
                "The user name or the password in your procurement system is not right. Please tell its administrator; "
                "the shop gives out both."
            )
        ),
        status=403,
    )


def too_many(request: HttpRequest) -> HttpResponse:
    """For an address that has failed too often within a minute. Good passwords are never slowed down."""
    response = _page(
        request,
        str(_("Too many failed calls")),
        str(_("Wait a minute, and look into the settings of your procurement system before you try again.")),
        status=429,
    )
    response["Retry-After"] = "60"
    return response


def unreadable(request: HttpRequest) -> HttpResponse:
    """For a call that is larger than any buyer's."""
    return _page(
        request,
        str(_("The call cannot be read")),
        str(_("Your procurement system sent more parameters than any call has. Please tell its administrator.")),
        status=400,
    )


def _page(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    response = pages.message(request, title, text, status=status)
    response.punchout_sentence = text
    return response
