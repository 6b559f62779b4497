"""The demo's companies, customers and links, and the file that tells scripts how to get in.

May run as often as one likes: it mends what is missing and makes nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows.issue import issue_secret
from wagtail_punchout.models import (
    Company,
    Credential,
    CustomerGroup,
    LinkFormat,
    Mode,
    PunchoutCustomer,
    PunchoutLink,
    Role,
    RoleAssignment,
    Routing,
    RoutingRule,
    RoutingSource,
    company_root,
)
from wagtail_punchout.models.links import OCI


@dataclass(frozen=True)
class Staff:
    """Somebody who works in the admin. ``role`` is a group that comes ready, or "superuser"."""

    username: str
    role: str
    companies: tuple[str, ...] = ()

    @property
    def password(self) -> str:
        return self.username


@dataclass(frozen=True)
class Person:
    """Somebody at a buyer's who signs in at the shop with a password of their own."""

    username: str
    role: str
    company: str

    @property
    def password(self) -> str:
        return self.username


PEOPLE = (Person("helga", "companyAdmin", "114729"), Person("fritz", "finance", "114731"))

STAFF = (
    Staff("admin", "superuser"),
    Staff("anna", "administrator"),
    Staff("carl", "companyEdit"),
    Staff("clara", "crmCompanyEdit", companies=("114729",)),
)


@dataclass(frozen=True, kw_only=True)
class Organization:
    """A company of the demo; with a ``customer`` name it connects by PunchOut."""

    name: str
    code: str
    customer: str = ""
    #: The customer's second way in, beside cXML.
    oci: str = ""
    #: Its group has not been switched to active mode yet.
    is_trying: bool = False
    #: Its own system has requisitions approved before they are ordered: the shop says so on the button.
    asks_approval: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    #: Of its customer: what a call says, and the code of the company it is then for.
    routes: tuple[tuple[str, str, str], ...] = ()
    children: tuple[Organization, ...] = ()


ORGANIZATIONS = (
    Organization(
        name="Hansen Maschinenbau AG",
        code="114729",
        customer="Hansen purchasing",
        oci=LinkFormat.OCI4,
        facts={"duns": "31-549-1127", "price_group": "industry", "currency": "EUR"},
        children=(
            Organization(name="Hansen Service GmbH", code="114730"),
            Organization(name="Hansen Gießerei GmbH", code="114731", customer="Gießerei Kiel", oci=LinkFormat.OCI3),
        ),
    ),
    Organization(
        name="Lakeside School District",
        code="220100",
        customer="Lakeside schools",
        asks_approval=True,
        facts={"network_id": "AN01220100220", "price_group": "public", "currency": "EUR", "language": "en"},
        routes=(
            (RoutingSource.ADDRESS_ID, "LHS-01", "220101"),
            (RoutingSource.ADDRESS_ID, "WCE-01", "220102"),
            (RoutingSource.COST_CENTER, "4711", "220101"),
            (RoutingSource.EMAIL_DOMAIN, "willowcreek.lakeside.example", "220102"),
        ),
        children=(
            Organization(name="Lakeside High School", code="220101"),
            Organization(name="Willow Creek Elementary", code="220102"),
        ),
    ),
    Organization(
        name="Alpenblick Pharma AG",
        code="330055",
        customer="Alpenblick laboratories",
        is_trying=True,
        oci=LinkFormat.OCI5,
        facts={"currency": "CHF", "language": "de"},
    ),
)


@transaction.atomic
def connect_everybody(*, buyer: str) -> None:
    """Staff, companies, customers with test and production secrets, and a link for each group.

    ``buyer`` is where the simulated buyer runs, which hears of its orders.
    """
    for organization in ORGANIZATIONS:
        make_company(organization, parent=company_root(), buyer=buyer)
    # Whoever looks after the companies works with the shop's own orders, too.
    of_orders = Permission.objects.filter(content_type__app_label="shop", codename__in=["view_order", "change_order"])
    Group.objects.get(name="administrator").permissions.add(*of_orders)
    for each in STAFF:
        _make_staff(each)
    for each in PEOPLE:
        _make_person(each)


def _make_staff(staff: Staff) -> None:
    users = get_user_model().objects
    if users.filter(username=staff.username).exists():
        return
    email = f"{staff.username}@example.com"
    if staff.role == "superuser":
        users.create_superuser(staff.username, email, staff.password)
        return
    user = users.create_user(staff.username, email, staff.password, is_staff=True)
    user.groups.add(Group.objects.get(name=staff.role))
    user.assigned_companies.set(Company.objects.filter(code__in=staff.companies))


def _make_person(person: Person) -> None:
    users = get_user_model().objects
    if users.filter(username=person.username).exists():
        return
    company = Company.objects.get(code=person.company)
    user = users.create_user(person.username, f"{person.username}@hansen.example", person.password)
    RoleAssignment.objects.create(user=user, role=Role.objects.get(slug=person.role), company=company)


def make_company(organization: Organization, *, parent: Company, buyer: str) -> None:
    company = Company.objects.filter(code=organization.code).first()
    is_new = company is None
    if is_new:
        company = Company(name=organization.name, code=organization.code, **organization.facts)
        Company.objects.get(pk=parent.pk).add_child(instance=company)
    if organization.customer:
        _make_customer(company, organization, buyer=buyer)
    for child in organization.children:
        make_company(child, parent=company, buyer=buyer)
    if organization.routes and is_new:
        _make_routes(company.customers.get(), organization.routes)


def _make_routes(customer: PunchoutCustomer, routes: tuple[tuple[str, str, str], ...]) -> None:
    customer.routing = Routing.DEFAULT
    customer.save(update_fields=["routing"])
    for position, (source, value, code) in enumerate(routes, start=1):
        company = Company.objects.get(code=code)
        RoutingRule.objects.create(customer=customer, position=position, source=source, value=value, company=company)


def _make_customer(company: Company, organization: Organization, *, buyer: str) -> None:
    name = organization.customer
    mode = Mode.TEST if organization.is_trying else Mode.PRODUCTION
    given = {"mode": mode, "asks_approval": organization.asks_approval}
    group, _ = CustomerGroup.objects.get_or_create(company=company, name=name, defaults=given)
    for format in filter(None, (LinkFormat.CXML, organization.oci)):
        if not group.links.filter(format=format).exists():
            # The simulated buyer has no certificate: in the demo, and only there, carts go home over plain http.
            label = f"{name}, {LinkFormat(format).label}"
            link = PunchoutLink.objects.create(
                name=label,
                group=group,
                format=format,
                allow_http_return=True,
                documents_url=f"{buyer}/documents/" if format == LinkFormat.CXML else "",
                sends_status_update=True,
                sends_invoice=True,
            )
            link.save_revision().publish()
    identity = f"punchout-{company.code}@nordlicht.example"
    customer = PunchoutCustomer.objects.filter(company=company, name=name).first()
    if customer is None:
        user = get_adapter().create_user(identity, email=identity)
        customer = PunchoutCustomer.objects.create(
            company=company, name=name, group=group, user=user, sender_identity=identity
        )
        if company.code == ORGANIZATIONS[0].code:
            # Its visitors find the company's own pages in the shop.
            RoleAssignment.objects.create(customer=customer, role=Role.objects.get(slug="companyAdmin"))
    for mode in Mode:
        if not customer.credentials.live().filter(mode=mode).exists():
            issue_secret(customer, mode, by=None, at=timezone.now())


def describe(*, shop: str, buyer: str) -> dict[str, Any]:
    """What ``demo.json`` says."""
    return {
        "shop": shop,
        "buyer": buyer,
        "cart_path": reverse("shop:cart"),
        "staff": [{"username": each.username, "password": each.password, "role": each.role} for each in STAFF],
        "people": [
            {"username": each.username, "password": each.password, "role": each.role, "company": each.company}
            for each in PEOPLE
        ],
        "customers": list(_customers()),
    }


def write(path: Path, description: dict[str, Any]) -> None:
    """Readable by this machine's user alone: it holds every secret of the demo."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _customers() -> Iterator[dict[str, Any]]:
    base = conf().base_url
    live = (
        Credential.objects.live()
        .select_related("customer__company")
        .order_by("customer__company__code", "-mode", "slot")
    )
    for credential in live:
        customer, company = credential.customer, credential.customer.company
        yield {
            "company": company.name,
            "name": customer.name,
            "mode": credential.mode,
            "format": LinkFormat.CXML,
            "from_domain": "DUNS" if company.duns else "NetworkID",
            "from_identity": company.duns or company.network_id or company.code,
            "to_domain": conf().SUPPLIER_DOMAIN,
            "to_identity": conf().SUPPLIER_IDENTITY,
            "sender_domain": customer.sender_domain,
            "sender_identity": customer.sender_identity,
            "secret": credential.secret(),
            "cxml_url": base + reverse("punchout:cxml"),
            "setup_url": base + reverse("punchout:setup", args=[credential.path_key]),
            "order_url": base + reverse("punchout:orders", args=[credential.path_key]),
            "oci_url": None,
        }
    for credential in live:
        customer = credential.customer
        for link in PunchoutLink.objects.filter(group=customer.group_id, format__in=OCI):
            yield {
                "company": customer.company.name,
                "name": f"{customer.name}, {link.get_format_display()}",
                "mode": credential.mode,
                "format": link.format,
                "sender_identity": customer.sender_identity,
                "secret": credential.secret(),
                "oci_url": base + reverse("punchout_oci:home"),
            }
