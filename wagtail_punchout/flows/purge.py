"""Purge: what is kept for a time only goes when that time is over. Called by ``manage.py punchout_purge``.

Orders stay for ever, and so does what they rest on: their documents, the returned carts they were made from, and the
visits of those carts. Each batch is a transaction of its own, so the work can be stopped at any time and begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef, ProtectedError, QuerySet, RestrictedError, Subquery

from wagtail_punchout.conf import days_of
from wagtail_punchout.models import (
    ConnectionTest,
    DeliveryAttempt,
    Exchange,
    FirstContact,
    OrderDocument,
    OrderLine,
    PunchoutSession,
    Quote,
    QuoteLine,
)
from wagtail_punchout.models.outbox import WorkState


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: how long it is kept, when it happened, and which of what happened before a moment may go."""

    name: str
    setting: str
    time: str
    old: Callable[[datetime], QuerySet]
    delete: Callable[[Sequence[Any]], None]


@dataclass(slots=True)
class Purged:
    """What became of one kind. ``days`` is 0 where it is kept for ever; ``kept`` is what something else still needs."""

    kind: Kind
    days: int
    gone: int = 0
    kept: int = 0


def purge(*, at: datetime, dry_run: bool = False, batch_size: int = 500) -> list[Purged]:
    """Delete what is older than the settings say; with ``dry_run`` only count it.

    Raises ``ImproperlyConfigured`` for a time that is none, before anything is deleted.
    """
    found = [Purged(kind, days_of(kind.setting)) for kind in KINDS]
    for each in found:
        if not each.days:
            continue
        before = at - timedelta(days=each.days)
        if dry_run:
            each.gone = each.kind.old(before).count()
        else:
            _purge(each, before, batch_size)
    return found


def _purge(purged: Purged, before: datetime, batch_size: int) -> None:
    kind = purged.kind
    kept: list[Any] = []
    old = kind.old(before).order_by(kind.time)
    # What stays is met once: each batch begins where the last one ended.
    since: dict[str, Any] = {}
    while batch := list(old.filter(**since).exclude(pk__in=kept).values_list("pk", kind.time)[:batch_size]):
        keys = [pk for pk, _time in batch]
        kept += _delete(kind, keys)
        since = {f"{kind.time}__gte": batch[-1][1]}
        purged.gone += len(keys)
    purged.gone, purged.kept = purged.gone - len(kept), len(kept)


def _delete(kind: Kind, keys: Sequence[Any]) -> list[Any]:
    """Delete them all or, where something of the project's own holds one of them, all the others. Those that stay."""
    try:
        with transaction.atomic():
            kind.delete(keys)
    except (ProtectedError, RestrictedError, IntegrityError):
        if len(keys) == 1:
            return list(keys)
        half = len(keys) // 2
        return _delete(kind, keys[:half]) + _delete(kind, keys[half:])
    return []


def _ordered(session: str) -> Exists:
    """Whether an order rests on a cart of this visit."""
    return Exists(OrderLine.objects.filter(quote_line__quote__session=OuterRef(session)))


def _visits(before: datetime) -> QuerySet:
    of_orders = Exchange.objects.filter(session=OuterRef("pk"), order__isnull=False)
    return PunchoutSession.objects.filter(
        ~_ordered("pk"), ~Exists(of_orders), created_at__lt=before, ends_at__lt=before
    )


def _delete_visits(keys: Sequence[Any]) -> None:
    """With their carts and documents: those say what they say of a visit, and do not outlive it."""
    QuoteLine.objects.filter(quote__session__in=keys).delete()
    Quote.objects.filter(session__in=keys).only("pk").delete()
    Exchange.objects.filter(session__in=keys).only("pk").delete()
    PunchoutSession.objects.filter(pk__in=keys).only("pk").delete()


def _documents(before: datetime) -> QuerySet:
    of_order = Exists(OrderDocument.objects.filter(exchange=OuterRef("pk")))
    return Exchange.objects.filter(~of_order, ~_ordered("session"), order=None, created_at__lt=before)


def _attempts(before: datetime) -> QuerySet:
    running = (WorkState.WAITING, WorkState.RUNNING)
    return DeliveryAttempt.objects.filter(at__lt=before).exclude(delivery__state__in=running)


def _tests(before: datetime) -> QuerySet:
    """All but the last one of a customer, and the last that passed: these say how it stands."""
    others = ConnectionTest.objects.filter(customer=OuterRef("customer")).order_by("-started_at", "-pk").values("pk")
    old = ConnectionTest.objects.filter(started_at__lt=before)
    return old.exclude(pk=Subquery(others[:1])).exclude(pk__in=Subquery(others.filter(is_ok=True)[:1]))


def _of(model: type[Model]) -> Callable[[Sequence[Any]], None]:
    """Deletes rows of ``model`` without reading the documents in them."""

    def delete(keys: Sequence[Any]) -> None:
        model._default_manager.filter(pk__in=keys).only("pk").delete()

    return delete


KINDS = (
    Kind("visits", "KEEP_VISITS_DAYS", "created_at", _visits, _delete_visits),
    Kind("documents", "KEEP_DOCUMENTS_DAYS", "created_at", _documents, _of(Exchange)),
    Kind("attempts", "KEEP_ATTEMPTS_DAYS", "at", _attempts, _of(DeliveryAttempt)),
    Kind(
        "first contacts",
        "KEEP_FIRST_CONTACTS_DAYS",
        "last_at",
        lambda before: FirstContact.objects.filter(last_at__lt=before),
        _of(FirstContact),
    ),
    Kind("connection tests", "KEEP_TESTS_DAYS", "started_at", _tests, _of(ConnectionTest)),
)
