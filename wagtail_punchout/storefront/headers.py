"""Headers of a visit's pages, so that they work inside a buyer's portal and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponseBase

POLICY = "Content-Security-Policy"


def make_frameable(response: HttpResponseBase, origins: Sequence[str]) -> None:
    """Let pages of these origins frame the response, keep a popup's tie to its opener, and let forms say their origin.

    ``frame-ancestors`` is merged into a policy the shop already has. X-Frame-Options goes: alone it would block the
    frame. Referrer-Policy ``no-referrer`` would make browsers send ``Origin: null`` with every form, and Django's
    default Cross-Origin-Opener-Policy cuts the buyer's page off from the window it opened.
    """
    response.headers.pop("X-Frame-Options", None)
    response.xframe_options_exempt = True
    response.headers[POLICY] = with_frame_ancestors(response.headers.get(POLICY, ""), origins)
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"


def with_frame_ancestors(policy: str, origins: Sequence[str]) -> str:
    """``policy`` with its ``frame-ancestors`` set to ourselves and ``origins``, its other directives untouched."""
    directives = [each.strip() for each in policy.split(";")]
    kept = [each for each in directives if each and each.split()[0].lower() != "frame-ancestors"]
    return "; ".join([*kept, " ".join(["frame-ancestors 'self'", *origins])])
