"""Sealed: an OCI call's parameters, taken out of the request before anything can log, print or pass them on.

The password stands in the address or the form, in clear. Measured: an access log writes the query, an error report
prints ``request.GET`` and ``META`` (Django's filters do not cover them), and the next page gets the address as Referer.
So the middleware takes query and body away first thing; what is left of the address is its path.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict

#: A call has a few dozen parameters; the protocol's own limits are stricter.
LARGEST_BODY = 256 * 1024
#: Where servers keep the address as it came: gunicorn and uWSGI write their access logs from these.
ADDRESSES = ("RAW_URI", "REQUEST_URI")


class SealedCall:
    """The two raw texts. Whoever prints it sees nothing."""

    __slots__ = ("body", "query")

    def __init__(self, query: str, body: str) -> None:
        self.query, self.body = query, body

    def __repr__(self) -> str:
        return "<SealedCall>"


def seal(request: HttpRequest) -> SealedCall | None:
    """Take the parameters of an OCI call out of ``request``; nothing happens to other requests."""
    if not _is_call_up(request):
        return None
    return sealed(request)


def sealed(request: HttpRequest) -> SealedCall:
    """The parameters of this call, sealed now if the middleware has not done it."""
    if not hasattr(request, "punchout_call"):
        request.punchout_call = SealedCall(_take_query(request), _take_body(request))
    return request.punchout_call


def _is_call_up(request: HttpRequest) -> bool:
    # Asked of every request: only those that could be one are looked up.
    path, query = request.path_info, request.META.get("QUERY_STRING", "")
    if "oci" not in path and "hook" not in query.lower():
        return False
    try:
        return getattr(resolve(path).func, "takes_call_up", False)
    except Resolver404:
        return False


def _take_query(request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    request.META["QUERY_STRING"] = ""
    for name in ADDRESSES:
        if name in request.META:
            request.META[name] = request.META[name].partition("?")[0]
    if hasattr(request, "scope"):
        request.scope["query_string"] = b""
    request.GET = QueryDict("")
    return query


def _take_body(request: HttpRequest) -> str:
    if request.method != "POST":
        return ""
    # What is longer is read no further, and refused for its length: anybody can send it.
    raw = request.read(LARGEST_BODY + 1)
    if request.content_type == "multipart/form-data" and len(raw) <= LARGEST_BODY:
        body = urlencode(_multipart(request, raw))
    else:
        body = raw.decode("latin-1")
    # Whoever asks for the form from here on finds an empty one.
    request._body, request._post, request._files = b"", QueryDict(""), MultiValueDict()
    return body


def _multipart(request: HttpRequest, raw: bytes) -> list[tuple[str, str]]:
    request._body = raw  # where Django looks for a body that was read already
    try:
        return list(request.POST.items())
    except (MultiPartParserError, SuspiciousOperation):  # the latter for Django's own limits on forms
        return []
