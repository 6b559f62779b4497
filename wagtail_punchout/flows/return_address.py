"""Return address: whether a cart may go where a call wants it.

A forged call would otherwise send a customer's prices to a stranger, and an address that browsers and we read
differently would get past the check.
"""

from __future__ import annotations

from enum import StrEnum

from wagtail_punchout.models import PunchoutLink
from wagtail_punchout.models.origins import MAX_URL, origin_of, read_origins
from wagtail_punchout.protocol.cxml.setup import Operation
from wagtail_punchout.protocol.errors import NotAllowed, UnacceptableContent
from wagtail_punchout.protocol.failures import Failure

#: What SAP GUI's embedded browser gives instead of a web address (PunchCommerce and Agiqon document it).
SAPEVENT = "SAPEVENT:POST"


class ReturnProblem(StrEnum):
    """Why a cart cannot go to an address."""

    MISSING = "missing"
    UNUSABLE = "unusable"
    NOT_HTTPS = "not_https"
    FOREIGN = "foreign"


def return_problem(url: str, link: PunchoutLink) -> ReturnProblem | None:
    """What speaks against returning a cart to ``url``, if anything does."""
    if not url:
        return ReturnProblem.MISSING
    if url == SAPEVENT and link.allow_sapevent:
        return None
    origin = origin_of(url)
    if origin is None:
        return ReturnProblem.UNUSABLE
    if origin.startswith("http://") and not link.allow_http_return:
        return ReturnProblem.NOT_HTTPS
    allowed = read_origins(link.return_origins)
    return ReturnProblem.FOREIGN if allowed and origin not in allowed else None


def checked_return_url(url: str, link: PunchoutLink, operation: Operation) -> str:
    """``url`` if a cart may go there, else a refusal that says why. Only an inspect can do without."""
    problem = return_problem(url, link)
    if problem is ReturnProblem.MISSING:
        if operation is Operation.INSPECT:
            return ""
        raise UnacceptableContent(
            "BrowserFormPost/URL is missing: there is no address to return the cart to. "
            "Send it, or ask the supplier to set a default return URL.",
            code=Failure.RETURN_MISSING,
        )
    if problem is ReturnProblem.UNUSABLE:
        raise UnacceptableContent(
            "BrowserFormPost/URL cannot be used as a return address. It must be an absolute https URL of at most "
            f"{MAX_URL} plain ASCII characters, without user name, backslash or blanks.",
            code=Failure.RETURN_UNUSABLE,
        )
    if problem is ReturnProblem.NOT_HTTPS:
        raise NotAllowed(
            "BrowserFormPost/URL must begin with https: carts are not returned over plain http.",
            code=Failure.RETURN_NOT_HTTPS,
        )
    if problem is ReturnProblem.FOREIGN:
        raise NotAllowed(
            f"Carts may not be returned to {origin_of(url)}. "
            "Ask the supplier to add this host to the allowed return hosts.",
            code=Failure.RETURN_FOREIGN,
        )
    return url
