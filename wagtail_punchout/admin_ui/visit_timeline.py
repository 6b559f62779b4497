"""The course of one visit, from the call to the order: a line for everything that is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn

from wagtail_punchout.admin_ui.amounts import money
from wagtail_punchout.admin_ui.document_words import kind_of, verdict_of
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.sections import Rows, url_of
from wagtail_punchout.models import Exchange, OrderDocument, PunchoutSession, PurchaseOrder, Quote
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.sessions import State

#: Documents and orders of one visit that are listed. Real ones have a few of each.
MOST = 50


@dataclass(frozen=True, slots=True)
class Event:
    """``what`` happened ``at``; ``told`` are particulars, ``thing`` is where to read more."""

    at: datetime
    what: str | Promise
    told: Any = ""
    thing: Any = None


def timeline(visit: PunchoutSession, user: Any) -> Rows:
    """All of it, oldest first, each with the time since the call."""
    events = sorted(_events(visit, user), key=lambda each: each.at)
    columns = [
        Column("at", label=_("Time"), accessor=lambda each: date_format(localtime(each.at), "DATETIME_FORMAT")),
        Column("after", label=_("After"), accessor=lambda each: _after(each.at - visit.created_at)),
        TitleColumn(
            "what",
            label=_("What happened"),
            get_url=lambda each: url_of(each.thing, user) if each.thing else None,
        ),
        Column("told", label=_("Particulars")),
    ]
    return Rows("timeline", gettext("Course of events"), columns, events)


def _events(visit: PunchoutSession, user: Any) -> Iterator[Event]:
    yield from _documents(visit, user)
    if visit.started_at:
        yield Event(visit.started_at, _("The browser arrived, and shopping began"))
    if visit.continued_at:
        yield Event(visit.continued_at, _("It went on in a new window"))
    # A visit that was opened and left at once was last seen when it began.
    if visit.seen_at and visit.started_at and visit.seen_at > visit.started_at:
        yield Event(visit.seen_at, _("The last page was opened"))
    yield from _cart(visit)
    if visit.state == State.EXPIRED and visit.over_at:
        words = _("Nobody ended it: it has expired") if visit.started_at else _("No browser came: it has expired")
        yield Event(visit.over_at, words)
    yield from _orders(visit, user)


def _documents(visit: PunchoutSession, user: Any) -> Iterator[Event]:
    """The calls. Who may not read documents learns when the visit was called for, and no more."""
    found = []
    if can(user, "view", Exchange):
        documents = visible(visit.exchanges.all(), user).defer("document", "answer").order_by("created_at", "pk")
        found = list(documents[:MOST])
    if not found:
        yield Event(visit.created_at, _("The buyer's system called"))
    for number, each in enumerate(found):
        each.session, each.customer = visit, visit.customer  # at hand already: whether it may be opened hangs on them
        told = f"{kind_of(each)}, {verdict_of(each)}"
        words = _words(each, is_first=not number)
        # The call itself is kept a moment after the visit that it opens.
        yield Event(each.created_at if number else min(each.created_at, visit.created_at), words, told, each)


def _words(exchange: Exchange, *, is_first: bool) -> Any:
    if exchange.direction == Direction.OUT:
        return _("The cart could not be sent") if exchange.is_refused else _("We made a document for the buyer")
    return _("The buyer's system called") if is_first else _("The buyer's system called again")


def _cart(visit: PunchoutSession) -> Iterator[Event]:
    quote = Quote.objects.filter(session=visit).defer("document", "cart").first()
    if quote is None:
        if visit.state == State.CANCELLED and visit.over_at:
            yield Event(visit.over_at, _("The shopper went back without a cart"))
        return
    quote.session = visit
    if quote.is_cancel:
        yield Event(quote.created_at, _("The shopper went back without a cart"), thing=quote)
        return
    lines = ngettext("%(count)s line", "%(count)s lines", quote.line_count) % {"count": quote.line_count}
    told = ", ".join(filter(None, [lines, money(quote.total, quote.currency)]))
    yield Event(quote.created_at, _("The cart went home"), told, quote)


def _orders(visit: PunchoutSession, user: Any) -> Iterator[Event]:
    """What was ordered of the cart, each document of it, and when it came into the shop."""
    orders = (
        PurchaseOrder.objects.filter(lines__quote_line__quote__session=visit)
        .distinct()
        .select_related("company")
        .order_by("created_at")
    )
    found = {each.pk: each for each in visible(orders, user)[:MOST]}
    if not found:
        return
    documents = OrderDocument.objects.filter(order__in=found).defer("answer").order_by("received_at", "pk")
    for each in documents[:MOST]:
        order = found[each.order_id]
        told = [str(order), str(each.get_verdict_display()), gettext("version %(version)s") % {"version": each.version}]
        yield Event(each.received_at, ORDERED[each.action], ", ".join(told), order)
    for order in found.values():
        if order.handed_over_at:
            yield Event(order.handed_over_at, _("The order came into the shop"), order.shop_number, order)


ORDERED = {
    "new": _("The order came"),
    "update": _("A change of the order came"),
    "delete": _("A cancellation of the order came"),
}


def _after(gap: timedelta) -> str:
    """In the two largest units, as people say it: the seconds of a call that was days ago help nobody."""
    seconds = int(gap.total_seconds())
    if seconds <= 0:
        return ""
    units = ((86400, _days), (3600, _hours), (60, _minutes), (1, _seconds))
    parts = []
    for size, told in units:
        count, seconds = divmod(seconds, size)
        parts.append(told(count) if count else "")
    first = next(index for index, part in enumerate(parts) if part)
    return " ".join(filter(None, parts[first : first + 2]))


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _hours(count: int) -> str:
    return gettext("%(count)s h") % {"count": count}


def _minutes(count: int) -> str:
    return gettext("%(count)s min") % {"count": count}


def _seconds(count: int) -> str:
    return gettext("%(count)s s") % {"count": count}
