"""The caller's network address, believing only our own proxies."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from wagtail_punchout.conf import conf


def client_address(request: HttpRequest) -> str:
    """The address of the machine that called; empty when it cannot be known.

    With ``TRUSTED_PROXIES`` = n, the n-th entry of X-Forwarded-For from the right was written by a proxy of ours; all
    further to the left is what the caller claims.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = conf().TRUSTED_PROXIES
    if hops:
        forwarded = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
        address = forwarded[-min(hops, len(forwarded))] if forwarded else address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""
