"""The way home: where the form goes that carries a cart, in which window, by which method and in which charset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wagtail_punchout.flows import pack_oci
from wagtail_punchout.flows.pack import unpack
from wagtail_punchout.flows.return_address import SAPEVENT, return_problem
from wagtail_punchout.models import PunchoutLink, PunchoutSession, Quote
from wagtail_punchout.models.links import HookMode, ReturnMethod, WindowTarget
from wagtail_punchout.protocol.oci import hook

#: Names of windows and frames. A buyer's call may name one, and it stands in our page.
TARGET = re.compile(r"_?[A-Za-z][\w.:-]{0,59}", re.ASCII)
#: A form may go to any host: buyers redirect the post to their next one, and Chromium checks that too.
ANYWHERE = ("https:", "http:")


@dataclass(frozen=True, kw_only=True, slots=True)
class WayHome:
    """A form as the page writes it; false where there is nowhere to go."""

    action: str = ""
    method: str = "post"
    target: str = "_self"
    charset: str = "utf-8"
    fields: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.action)

    @classmethod
    def of(cls, quote: Quote) -> WayHome:
        """For a cart, or for a visit that ended without one."""
        session, link = quote.session, quote.session.link
        if not quote.is_cancel:
            return cls.with_fields(session, link, unpack(quote))
        if cancel_url := _cancel_url(session, link):
            bare, query = hook.split(cancel_url, "utf-8")
            return cls(action=bare, method="get", target=target(session, link), fields=query)
        return cls.with_fields(session, link, unpack(quote)) if link.post_on_cancel else cls()

    @classmethod
    def with_fields(cls, session: PunchoutSession, link: PunchoutLink, fields: Sequence[tuple[str, str]]) -> WayHome:
        """To the visit's return address. Its query becomes fields where the link wants it, and for GET."""
        charset = pack_oci.page_charset(session, link) if link.is_oci else "utf-8"
        action, query = session.return_url, ()
        is_get = link.is_oci and link.return_method == ReturnMethod.GET and action != SAPEVENT
        if action != SAPEVENT and (is_get or (link.is_oci and link.hook_mode == HookMode.SPLIT)):
            action, query = hook.split(action, charset)
        return cls(
            action=action,
            method="get" if is_get else "post",
            target=target(session, link),
            charset=charset,
            fields=(*query, *fields),
        )

    @property
    def form_action(self) -> tuple[str, ...]:
        """For the page's Content-Security-Policy."""
        return (*ANYWHERE, "sapevent:") if self.action == SAPEVENT else ANYWHERE


def target(session: PunchoutSession, link: PunchoutLink) -> str:
    """The window a cart goes into: the link's choice, else the call's, else what the format is used to."""
    if link.window_name:
        return link.window_name
    if link.window_target != WindowTarget.AUTO:
        return link.window_target
    asked = session.call.get("target", "").strip()
    if TARGET.fullmatch(asked):
        return asked
    return WindowTarget.TOP if link.is_oci else WindowTarget.SELF


def _cancel_url(session: PunchoutSession, link: PunchoutLink) -> str:
    """An address of its own for giving up (IFS), if a browser may be sent there."""
    url = session.call.get("cancel_url", "")
    return url if url and url != SAPEVENT and return_problem(url, link) is None else ""
