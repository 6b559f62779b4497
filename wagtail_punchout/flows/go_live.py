"""Go live: what a group has proven in test mode, and the step to active mode, which a person takes.

What counts is what the buyer's system has really done through the group's connections; nothing is ticked off by hand.
Our own tests of a connection (:mod:`wagtail_punchout.flows.try_connection`) stand beside it and prove our side alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop
from wagtail.log_actions import log

from wagtail_punchout.models import (
    ConnectionTest,
    CustomerGroup,
    Delivery,
    Exchange,
    LinkFormat,
    Mode,
    OrderDocument,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    Quote,
)
from wagtail_punchout.models.orders import Verdict
from wagtail_punchout.models.outbox import WorkState
from wagtail_punchout.models.sessions import State


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that should have worked before it counts. ``thing`` is what proves it, the latest of its kind.

    ``tried`` is our own latest test, if this went well in it.
    """

    code: str
    label: str
    thing: Any = None
    tried: ConnectionTest | None = None

    @property
    def is_proven(self) -> bool:
        return self.thing is not None

    @property
    def at(self) -> datetime | None:
        """When it happened; what is set up has no such moment."""
        if isinstance(self.thing, OrderDocument):
            return self.thing.received_at
        return None if self.thing is None or isinstance(self.thing, PunchoutLink) else self.thing.created_at


#: What proves something in a group with these published links, if anything does.
_Find = Callable[[CustomerGroup, Sequence[PunchoutLink]], Any]

#: What our own tests have left proves nothing of the buyer's system.
OURS = ConnectionTest.AGENT


def _visit(**facts: Any) -> _Find:
    def find(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
        visits = PunchoutSession.objects.filter(customer__group=group, **facts).exclude(user_agent=OURS)
        return visits.order_by("-created_at").first()

    return find


def _cart(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
    carts = Quote.objects.filter(customer__group=group, is_cancel=False, line_count__gt=0)
    theirs = carts.exclude(session__user_agent=OURS)
    return theirs.defer("document", "cart").order_by("-created_at").first()


def _order(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
    orders = PurchaseOrder.objects.filter(customer__group=group)
    return orders.exclude(current__exchange__user_agent=OURS).order_by("-created_at").first()


def _change(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
    changes = OrderDocument.objects.filter(
        customer__group=group, action__in=("update", "delete"), verdict=Verdict.APPLIED
    )
    return changes.exclude(exchange__user_agent=OURS).order_by("-received_at").first()


def _answer(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
    done = Delivery.objects.filter(customer__group=group, state=WorkState.DONE).exclude(order=None)
    theirs = done.exclude(order__current__exchange__user_agent=OURS)
    return theirs.defer("body", "answer").order_by("-created_at").first()


def _refused(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
    """Whose secret is wrong is not known to be a customer: there is only the name that was given."""
    identities = list(group.customers.values_list("sender_identity", flat=True))
    refused = Exchange.objects.filter(status=401, sender__in=identities, created_at__gte=group.created_at)
    refused = refused.exclude(user_agent=OURS)
    return refused.defer("document", "answer").order_by("-created_at").first()


def _hosts(group: CustomerGroup, links: Sequence[PunchoutLink]) -> Any:
    return links[0] if links and all(each.return_origins.strip() for each in links) else None


def _everywhere(links: Sequence[PunchoutLink]) -> bool:
    return True


def _cxml(links: Sequence[PunchoutLink]) -> bool:
    """What OCI does not have is missed in no group that speaks it alone."""
    return not links or any(each.format == LinkFormat.CXML for each in links)


def _changing(links: Sequence[PunchoutLink]) -> bool:
    return _cxml(links) and any(each.takes_changes for each in links)


def _answering(links: Sequence[PunchoutLink]) -> bool:
    return any(each.documents_url for each in links)


@dataclass(frozen=True, slots=True)
class Wanted:
    code: str
    label: str
    find: _Find
    applies: Callable[[Sequence[PunchoutLink]], bool] = _everywhere


WANTED = (
    Wanted("setup", gettext_noop("The buyer's system was let in"), _visit()),
    Wanted("start", gettext_noop("Its user has arrived in the shop"), _visit(started_at__isnull=False)),
    Wanted("return", gettext_noop("A cart went home"), _cart),
    Wanted("edit", gettext_noop("A returned cart was opened again"), _visit(operation__in=("edit", "inspect")), _cxml),
    Wanted("cancel", gettext_noop("A visit was cancelled"), _visit(state=State.CANCELLED)),
    Wanted("refused", gettext_noop("A wrong secret was refused"), _refused),
    Wanted("order", gettext_noop("A purchase order was received"), _order, _cxml),
    Wanted("change", gettext_noop("A change or a cancellation was received"), _change, _changing),
    Wanted("answer", gettext_noop("A document reached the buyer's system"), _answer, _answering),
    Wanted("hosts", gettext_noop("Carts go to listed hosts alone"), _hosts),
)


#: Which step of our own tests shows what.
TRIED = {
    "setup": ("setup", "start"),  # an OCI call is both in one
    "start": ("start",),
    "return": ("return",),
    "edit": ("edit",),
    "cancel": ("cancel",),
    "order": ("order",),
    "change": ("change", "withdraw"),
}


def proofs(group: CustomerGroup) -> list[Proof]:
    """Everything that should have worked through the group's links, with what proves it.

    One query each, and one for our own tests.
    """
    links = list(group.links.filter(live=True).order_by("format"))
    test = ConnectionTest.objects.filter(customer__group=group).select_related("customer").first()
    went_well = {each["name"] for each in test.steps if each["is_ok"]} if test else set()
    return [
        Proof(
            each.code,
            each.label,
            each.find(group, links),
            test if went_well.intersection(TRIED.get(each.code, ())) else None,
        )
        for each in WANTED
        if each.applies(links)
    ]


@transaction.atomic
def activate(group: CustomerGroup, *, by: Any, at: datetime, proven: list[Proof]) -> None:
    """From now on production counts. Who did it, and what was proven then, stays in the history."""
    changed = CustomerGroup.objects.filter(pk=group.pk, mode=Mode.TEST).update(
        mode=Mode.PRODUCTION, activated_at=at, activated_by=by
    )
    if changed:
        data = {
            "proven": [each.code for each in proven if each.is_proven],
            "missing": [each.code for each in proven if not each.is_proven],
        }
        log(group, "wagtail_punchout.group_activated", user=by, data=data)


@transaction.atomic
def back_to_test(group: CustomerGroup, *, by: Any) -> None:
    """From now on nothing counts, also with a production secret. What was taken in before stays what it is."""
    if CustomerGroup.objects.filter(pk=group.pk, mode=Mode.PRODUCTION).update(mode=Mode.TEST):
        log(group, "wagtail_punchout.group_back_to_test", user=by)
