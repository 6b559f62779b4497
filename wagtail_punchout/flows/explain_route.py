"""Explain a route: which rule wins for a call, which others fit, and why the rest does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from django.db.models import Count, Min

from wagtail_punchout.flows.route import SPELLINGS, Route, Sent, decide, fitting_rules
from wagtail_punchout.models import PunchoutCustomer, RoutingRule, RoutingSource
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.models.routing import ANY_SUBDOMAIN

#: Rules shown for one call. More fit only where a call says more than real ones do.
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one thing that a call says, or that rules look at and the call does not say.

    ``fitting`` are the rules with this value, ``nearly`` one whose value is the same but for punctuation and leading
    zeros, or that means the domain above; ``looking`` counts the rules that look at such a thing at all.
    """

    source: RoutingSource
    name: str
    value: str
    fitting: tuple[RoutingRule, ...]
    nearly: RoutingRule | None
    looking: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """``way`` is where the call leads, ``others`` fit and come too late, at what is ``ignored`` no rule looks."""

    way: Route
    others: tuple[RoutingRule, ...]
    findings: tuple[Finding, ...]
    ignored: tuple[str, ...]


def explain(customer: PunchoutCustomer, said: list[Sent]) -> Explanation:
    """As :func:`~wagtail_punchout.flows.route.route` decides with the table in use, and why."""
    fitting = list(islice(fitting_rules(customer, said), MOST_SHOWN))
    looking = _looked_at(customer)
    findings, ignored, sent = [], [], set()
    for each in said:
        looked_at = (each.source, identity_key(each.name))
        sent.add(looked_at)
        _name, count = looking.get(looked_at, ("", 0))
        if count or each.source != RoutingSource.EXTRINSIC:
            found = tuple(rule for rule in fitting if each.fits(rule))
            nearly = None if found or not count else _nearly(customer, each)
            findings.append(Finding(each.source, each.name, each.value, found, nearly, count))
        elif re.sub(r"[\W_]+", "", each.name).lower() not in SPELLINGS:
            ignored.append(each.name)
    missing = [
        Finding(RoutingSource(source), name, "", (), None, count)
        for (source, key), (name, count) in looking.items()
        if (source, key) not in sent
    ]
    order = list(RoutingSource)
    return Explanation(
        way=decide(customer, said, fitting[0] if fitting else None),
        others=tuple(fitting[1:]),
        findings=tuple(sorted([*findings, *missing], key=lambda each: (order.index(each.source), each.name))),
        ignored=tuple(dict.fromkeys(ignored)),
    )


def _looked_at(customer: PunchoutCustomer) -> dict[tuple[str, str], tuple[str, int]]:
    """What rules look at, by source and folded name: the name as somebody wrote it, and how many rules there are."""
    rows = RoutingRule.objects.filter(customer=customer).order_by().values_list("source", "name_key")
    counted = rows.annotate(name=Min("extrinsic"), count=Count("pk"))
    return {(source, key): (name, count) for source, key, name, count in counted}


def _nearly(customer: PunchoutCustomer, said: Sent) -> RoutingRule | None:
    """The first rule that somebody may have meant for this value."""
    rules = RoutingRule.objects.filter(customer=customer, source=said.source, name_key=identity_key(said.name))
    values = rules.order_by("position", "pk").values_list("pk", "value_key")
    found = next((pk for pk, value in values.iterator() if _is_near(value, said)), None)
    return rules.get(pk=found) if found else None


def _is_near(value: str, said: Sent) -> bool:
    sent = identity_key(said.value)
    if said.source == RoutingSource.EMAIL_DOMAIN:
        name = value.removeprefix(ANY_SUBDOMAIN)
        return sent == name or sent.endswith(f".{name}")
    return bool(_bare(sent)) and _bare(value) == _bare(sent)


def _bare(value: str) -> str:
    """A value without what gets lost or added on its way through spreadsheets."""
    return re.sub(r"[\W_]+", "", identity_key(value)).lstrip("0")
