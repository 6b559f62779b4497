"""Route: for which company a visit is, where one connection stands for many.

A call is led by what it says of itself: the ship-to address ID, the business unit, the cost centre, the domain of the
requester's e-mail address, or any Extrinsic. The first rule of the customer's table with one of these values wins. It
can only lead to the customer's own company or one below it: nothing written into a call opens another branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import BooleanField, Case, Exists, F, QuerySet, Subquery, Value, When

from wagtail_punchout.models import Company, PunchoutCustomer, RoutingRule, RoutingSource
from wagtail_punchout.models.customers import Routing
from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.models.routing import ANY_SUBDOMAIN
from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.setup import SetupRequest, requester
from wagtail_punchout.protocol.failures import Failure

#: How systems call these Extrinsics, without blanks, hyphens and the like. ``BusinessUnit`` is Coupa's,
#: ``UserBusinessUnit`` Amazon's; ``CostCenter`` stands in the guide (p. 66).
SPELLINGS = {
    "businessunit": RoutingSource.BUSINESS_UNIT,
    "userbusinessunit": RoutingSource.BUSINESS_UNIT,
    "costcenter": RoutingSource.COST_CENTER,
    "costcentre": RoutingSource.COST_CENTER,
    "usercostcenter": RoutingSource.COST_CENTER,
    "usercostcentre": RoutingSource.COST_CENTER,
}
#: Extrinsics of one call that are looked at. Real systems send less than twenty; each makes the question longer.
MOST_EXTRINSICS = 100
#: Longer names exist nowhere (RFC 1035); each dot makes the question longer.
LONGEST_DOMAIN = 253


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing a call says, as a rule may look at it: an Extrinsic has a ``name``, the others need none."""

    source: RoutingSource
    value: str
    name: str = ""

    @property
    def keys(self) -> Iterator[tuple[str, str, str]]:
        """The rules it fits: a domain also fits those for any subdomain of what it belongs to."""
        name, value = identity_key(self.name), identity_key(self.value)
        yield self.source, name, value
        if self.source == RoutingSource.EMAIL_DOMAIN and len(value) <= LONGEST_DOMAIN:
            while "." in value:
                value = value.partition(".")[2]
                yield self.source, name, ANY_SUBDOMAIN + value

    def fits(self, rule: RoutingRule) -> bool:
        return rule.key in self.keys


class Why(StrEnum):
    """How a visit came to its company."""

    OWN = "own"
    RULE = "rule"
    DEFAULT = "default"
    NOTHING_FITS = "nothing_fits"
    SWITCHED_OFF = "switched_off"
    ELSEWHERE = "elsewhere"


FAILURES = {
    Why.NOTHING_FITS: Failure.ROUTE_UNKNOWN,
    Why.SWITCHED_OFF: Failure.ROUTE_OFF,
    Why.ELSEWHERE: Failure.ROUTE_ELSEWHERE,
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call leads. With a ``refusal`` (told to the buyer; ``cause`` is for the admin) nobody is let in."""

    why: Why
    company_id: int
    company: Company | None = None
    rule: RoutingRule | None = None
    refusal: str = ""
    cause: str = ""

    @property
    def failure(self) -> Failure | None:
        """The name of the cause, where there is a refusal."""
        return FAILURES.get(self.why)

    @property
    def told(self) -> str:
        """One line for the visit's page, kept with it."""
        if self.rule:
            return f"Rule {self.rule.position}: {self.rule.looks_at} {self.rule.value}"[:200]
        return "No rule fits: the default" if self.why is Why.DEFAULT else ""


def sent_by(setup: SetupRequest) -> list[Sent]:
    """What a call says that rules can look at. A secret leads nowhere, whatever it is called."""
    extrinsics = [(name, tree.struck_if_secret(name, value)) for name, value in setup.extrinsics]
    address = setup.ship_to.address_id if setup.ship_to else ""
    return sent(address_id=address, email=requester(setup).email, extrinsics=extrinsics)


def sent(*, address_id: str = "", email: str = "", extrinsics: Iterable[tuple[str, str]] = ()) -> list[Sent]:
    """The same, from single values."""
    found = [
        Sent(RoutingSource.ADDRESS_ID, address_id),
        Sent(RoutingSource.EMAIL_DOMAIN, email.rpartition("@")[2].rstrip(".")),
    ]
    for name, value in list(extrinsics)[:MOST_EXTRINSICS]:
        if source := SPELLINGS.get(re.sub(r"[\W_]+", "", name).lower()):
            found.append(Sent(source, value))
        found.append(Sent(RoutingSource.EXTRINSIC, value, name))
    return [each for each in dict.fromkeys(found) if each.value.strip()]


def fitting_rules(customer: PunchoutCustomer, said: Iterable[Sent]) -> Iterator[RoutingRule]:
    """The rules of the customer's table that have one of these values, in the table's order.

    One query, answered by the index that keeps values unique, however long the table is.
    """
    keys = {key for each in said for key in each.keys}
    if not keys:
        return
    # Asked for "this source with this value, or that one with that", databases read the whole table. Asked for each
    # column on its own they use the index, and find a little too much: another Extrinsic with the same value.
    sources, names, values = (sorted(set(column)) for column in zip(*keys, strict=True))
    rules = RoutingRule.objects.filter(customer=customer, source__in=sources, name_key__in=names, value_key__in=values)
    for rule in with_standing(rules).order_by("position", "pk"):
        if rule.key in keys:
            yield rule


def with_standing(rules: QuerySet[RoutingRule]) -> QuerySet[RoutingRule]:
    """The rules with their company, and whether it is switched off or outside the customer's branch by now."""
    is_inside = When(company__path__startswith=F("customer__company__path"), then=Value(False))
    return rules.select_related("company").annotate(
        company_is_off=Exists(Company.switched_off_above("company__path")),
        company_is_elsewhere=Case(is_inside, default=Value(True), output_field=BooleanField()),
    )


def route(customer: PunchoutCustomer, said: list[Sent]) -> Route:
    """Where a call that says this leads. Asks the database nothing when the customer's routing is off."""
    if customer.routing == Routing.OFF:
        return Route(Why.OWN, customer.company_id)
    return decide(customer, said, next(fitting_rules(customer, said), None))


def decide(customer: PunchoutCustomer, said: list[Sent], winner: RoutingRule | None) -> Route:
    """The same, when the first fitting rule is known already."""
    if winner:
        return _by_rule(winner)
    if customer.routing == Routing.REFUSE:
        told = _told(said)
        return Route(
            Why.NOTHING_FITS,
            customer.company_id,
            refusal=f"Nothing in this call says for which company it is. {told} Ask the supplier to add a route.",
            cause=f"No rule of {customer}'s routing table fits. {told}",
        )
    return _by_default(customer)


def _by_rule(rule: RoutingRule) -> Route:
    found = {"company_id": rule.company_id, "company": rule.company, "rule": rule}
    if rule.company_is_elsewhere:
        return _refused(Why.ELSEWHERE, rule.company, f"Rule {rule.position} ({rule})", found)
    if rule.company_is_off:
        return _refused(Why.SWITCHED_OFF, rule.company, f"Rule {rule.position} ({rule})", found)
    return Route(Why.RULE, **found)


def _by_default(customer: PunchoutCustomer) -> Route:
    if customer.default_company_id in (None, customer.company_id):
        # It was looked at when the caller was identified.
        return Route(Why.DEFAULT, customer.company_id)
    company = Company.objects.annotate(
        is_off=Exists(Company.switched_off_above("path")),
        branch=Subquery(Company.objects.order_by().filter(pk=customer.company_id).values("path")),
    ).get(pk=customer.default_company_id)
    found = {"company_id": company.pk, "company": company}
    if not company.path.startswith(company.branch):
        return _refused(Why.ELSEWHERE, company, "The default", found)
    if company.is_off:
        return _refused(Why.SWITCHED_OFF, company, "The default", found)
    return Route(Why.DEFAULT, **found)


def _refused(why: Why, company: Company, by: str, found: dict) -> Route:
    """The buyer is told that something is in the way, and never the name of a company."""
    if why is Why.ELSEWHERE:
        refusal = "The company this call leads to does not belong to this connection any more."
        cause = f"{by} leads to {company}, which is not below the customer's company any more."
    else:
        refusal = "The company this call leads to is switched off."
        cause = f"{by} leads to {company}; it, or a company above it, is switched off."
    return Route(why, **found, refusal=f"{refusal} Ask the supplier to change the route.", cause=cause)


def _told(said: list[Sent]) -> str:
    """What a call said, so that its sender can see what was left out."""
    names = {
        RoutingSource.ADDRESS_ID: "ship-to address ID",
        RoutingSource.BUSINESS_UNIT: "business unit",
        RoutingSource.COST_CENTER: "cost centre",
        RoutingSource.EMAIL_DOMAIN: "requester's e-mail domain",
    }
    parts = []
    for source, name in names.items():
        values = [f'"{each.value[:60]}"' for each in said if each.source == source]
        parts.append(f"{name} {', '.join(values[:3]) or 'none'}")
    others = [each.name[:40] for each in said if each.source == RoutingSource.EXTRINSIC]
    return f"It says: {', '.join(parts)}; Extrinsics {', '.join(others[:10]) or 'none'}."
