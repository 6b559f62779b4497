"""A link's mapping at work: what its rows give for one line, or which row cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.utils.translation import gettext as _

from wagtail_punchout.models import PunchoutLink
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.errors import UnsendableCart


def given_values(
    rows: Sequence[mapping.Row], facts: Mapping[str, str], link: PunchoutLink, *, sku: str
) -> dict[str, str]:
    """Targets and what goes into them. Raises ``UnsendableCart`` naming the row that cannot work, or gives nothing."""
    if problems := _problems(link.rows, link.format):
        # The screens let no such mapping through; one that was written by a program comes here.
        wrong = "; ".join(f"{each.row}: {each.sentence}" for each in problems)
        message = _("The shop's mapping for this procurement system cannot work. Rows: %(wrong)s")
        raise UnsendableCart(message % {"wrong": wrong})
    applied = mapping.apply(rows, facts, units=link.units)
    for missing in applied.problems:
        told = {"sku": sku, "number": missing.row, "target": missing.target}
        message = _("%(sku)s cannot be sent: row %(number)s of the mapping gives nothing for %(target)s, but must.")
        raise UnsendableCart(message % told, sku=sku)
    return dict(applied.values)


@lru_cache(maxsize=256)
def _problems(rows: tuple[mapping.Row, ...], format: str) -> tuple[mapping.Problem, ...]:
    """Asked for each line of each cart, answered once for each mapping."""
    return mapping.check(rows, format)
