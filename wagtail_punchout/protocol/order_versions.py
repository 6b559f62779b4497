"""What one OrderRequest does to an order, whatever came before it and in whichever order it came.

A table of decisions, because networks turn documents round: a change may come before its order, a cancellation before
both. Whatever the order of arrival, the same documents leave the same order or one that a person is asked about, and
never a live order that was cancelled.

======  ==============================  =====================================================
action  the order is                    what happens
======  ==============================  =====================================================
new     unknown                         it is made
new     known, same version             refused (409): other content under one version
new     known, older version            kept, not applied: a person is told
new     known, newer version            applied as a change
new     refused by the link's rule      applied: the buyer has mended it
any     refused by somebody             applied, and held for a person
update  unknown                         made all the same (the order may have come by mail): a person is told
update  known, newer or without version applied; without version it counts as the next one
update  known, same version             refused (409), unless the order came without any version
update  known, older version            kept, not applied: a person is told
delete  unknown                         kept as cancelled, so that a late order stays dead: a person is told
delete  known                           cancelled; an older version is kept, not applied
any     cancelled, newer version        applied, and held for a person
any     cancelled, not newer            kept, not applied: a person is told
any     seen with the same content      200 again, nothing is changed
new     seen, and cancelled since       kept, not applied: a person is told
update  seen, and changed since         without version: applied, and held for a person
delete  seen, and ordered anew since    cancelled again
======  ==============================  =====================================================

The last three are no retries, which are known by their payloadID and do not come here: a buyer may go back to what was
wanted before.

``orderVersion`` counts changes from 1 (guide p. 108), and an order itself often has none: so a first change may carry
the number its order is counted as.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from wagtail_punchout.protocol.order import OrderAction

#: Verdicts, as they are kept.
APPLIED, SAME, CONFLICT, LATE = "applied", "same", "conflict", "late"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is known of an order.

    ``taken`` are the action and the digest of each document it has had, ``current`` is the digest of the one that it is
    made of. ``was_given``: its version stood in a document. It was refused by a rule, or by somebody.
    """

    version: int
    was_given: bool = True
    is_cancelled: bool = False
    is_refused: bool = False
    is_refused_by_hand: bool = False
    taken: Set[tuple[str, str]] = frozenset()
    current: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What to do with a document. ``reasons`` are codes for the person who should look at the order."""

    verdict: str
    version: int
    status: int = 200
    sentence: str = "OK"
    reasons: tuple[str, ...] = ()
    cancels: bool = False
    holds: bool = False

    @property
    def applies(self) -> bool:
        return self.verdict == APPLIED


def decide(action: OrderAction, given: int | None, digest: str, standing: Standing | None) -> Decision:
    """The table above. ``given`` is the document's own version, if it has one."""
    if standing is None:
        return _first(action, given)
    version = _version(action, given, standing)
    if (action.value, digest) in standing.taken:
        return _seen(action, given, digest, version, standing)
    if standing.is_cancelled:
        return _after_cancel(action, version, standing)
    if version < standing.version:
        return Decision(verdict=LATE, version=version, reasons=("late",))
    if action is OrderAction.DELETE:
        return Decision(verdict=APPLIED, version=version, cancels=True)
    if standing.is_refused:
        return Decision(verdict=APPLIED, version=version)
    if standing.is_refused_by_hand:
        return Decision(verdict=APPLIED, version=version, reasons=("after_refusal",), holds=True)
    if version == standing.version and (action is OrderAction.NEW or standing.was_given):
        return Decision(
            verdict=CONFLICT,
            version=version,
            status=409,
            reasons=("conflict",),
            sentence=f"Version {version} of this order was taken before with other content. Send the change as an "
            "update with the next orderVersion.",
        )
    return Decision(verdict=APPLIED, version=version)


def _first(action: OrderAction, given: int | None) -> Decision:
    if action is OrderAction.NEW:
        return Decision(verdict=APPLIED, version=1 if given is None else given)
    if action is OrderAction.UPDATE:
        # Whatever it changes came before it.
        return Decision(verdict=APPLIED, version=2 if given is None else given, reasons=("update_first",))
    return Decision(verdict=APPLIED, version=1 if given is None else given, reasons=("delete_first",), cancels=True)


def _version(action: OrderAction, given: int | None, standing: Standing) -> int:
    if given is not None:
        return given
    return {OrderAction.NEW: 1, OrderAction.UPDATE: standing.version + 1, OrderAction.DELETE: standing.version}[action]


def _seen(action: OrderAction, given: int | None, digest: str, version: int, standing: Standing) -> Decision:
    if action is OrderAction.DELETE and not standing.is_cancelled and version >= standing.version:
        return Decision(verdict=APPLIED, version=version, cancels=True)
    if action is not OrderAction.DELETE and standing.is_cancelled:
        return Decision(verdict=LATE, version=version, reasons=("after_cancel",))
    if action is OrderAction.UPDATE and given is None and digest != standing.current:
        return Decision(verdict=APPLIED, version=version, reasons=("back",), holds=True)
    return Decision(verdict=SAME, version=version)


def _after_cancel(action: OrderAction, version: int, standing: Standing) -> Decision:
    if action is OrderAction.DELETE:
        return Decision(verdict=SAME, version=version)
    if version > standing.version:
        return Decision(verdict=APPLIED, version=version, reasons=("after_cancel",), holds=True)
    return Decision(verdict=LATE, version=version, reasons=("after_cancel",))
