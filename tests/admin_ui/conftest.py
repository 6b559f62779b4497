from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from tests.connections import Connection, connect, setup_request
from wagtail_punchout.models import (
    Address,
    Company,
    Exchange,
    Mode,
    PunchoutSession,
    Quote,
    QuoteLine,
    Right,
    Role,
    RoleAssignment,
    company_root,
)
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.sessions import State


@pytest.fixture
def admin_user(db):
    """A superuser without a password: hashing one would take longer than the test."""
    return get_user_model().objects.create_superuser("admin")


@pytest.fixture
def admin_client(admin_user) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def acme(db) -> Connection:
    """A customer that can connect."""
    return connect()


@pytest.fixture
def add_company(db):
    """Adds a company: ``add_company("Acme")``, ``add_company("Branch", below=acme)``."""

    def add(name: str, *, below=None, **values):
        parent = below or company_root()
        parent.refresh_from_db()
        return parent.add_child(name=name, **{"code": name.replace(" ", "-"), **values})

    return add


@pytest.fixture
def open_visit(db):
    """A visit as ``flows`` would leave it."""

    def make(connection: Connection, *, state=State.RETURNED, **values):
        now = timezone.now()
        visit = PunchoutSession(
            customer=connection.customer,
            company=connection.company,
            link=connection.link,
            credential=connection.credential,
            **{
                "mode": Mode.TEST,
                "state": state,
                "requester": {"email": "jane@example.com", "name": "Jane Doe"},
                "ship_to": {"address_id": "HH-0042", "street": ["Quay 7"], "city": "Hamburg"},
                "parties": {"from": [{"domain": "DUNS", "identity": "312345678"}]},
                "start_until": now + timedelta(minutes=10),
                "ends_at": now + timedelta(hours=1),
                "over_at": now,
                **values,
            },
        )
        visit.start_hash = visit.hash_token(visit.start_token)
        visit.save()
        return visit

    return make


@pytest.fixture
def visit(acme, open_visit) -> PunchoutSession:
    """A visit with its documents and the cart it returned."""
    visit = open_visit(
        acme,
        operation="edit",
        extrinsics={"CostCenter": "4711", "ApiPassword": "hunter2"},
        carried=[{"sku": "OLD-1", "quantity": "2", "problem": {"code": "unknown_item", "message": "No longer sold."}}],
    )
    Exchange.objects.create(
        direction=Direction.IN,
        kind="PunchOutSetupRequest",
        customer=acme.customer,
        session=visit,
        document=setup_request(secret="[struck out]"),
    )
    Address.objects.create(company=acme.company, name="Acme", street="Quay 7", city="Hamburg", country="DE")
    quote = Quote.objects.create(
        session=visit, customer=acme.customer, currency="EUR", total=Decimal("57.50"), line_count=1, document="<cXML/>"
    )
    QuoteLine.objects.create(
        quote=quote,
        position=1,
        auxiliary_id="a1",
        sku="KD5555",
        description="Desk lamp",
        quantity=Decimal(1000),
        unit="EA",
        unit_price=Decimal("0.0575"),
        currency="EUR",
    )
    return visit


@pytest.fixture
def refusal(db) -> Exchange:
    return Exchange.objects.create(
        direction=Direction.IN,
        kind="PunchOutSetupRequest",
        status=401,
        sentence="Told to them.",
        cause="The true cause.",
        document="<cXML <not xml>",
    )


@pytest.fixture
def role(acme) -> Role:
    """A role that the customer holds."""
    role = Role.objects.create(name="Buyer", slug="buyer", abilities=["transfer_cart"])
    RoleAssignment.objects.create(role=role, customer=acme.customer)
    return role


@pytest.fixture
def staff(db):
    """Somebody with exactly these rights, and these companies assigned: ``staff(Right.COMPANY_EDIT)``."""

    def make(*rights: str, companies=()):
        user = get_user_model().objects.create_user(f"clerk {get_user_model().objects.count()}", is_staff=True)
        user.user_permissions.add(*Permission.objects.filter(codename__in=["access_admin", *rights]))
        user.assigned_companies.set(companies)
        return user

    return make


@pytest.fixture
def signed_in(staff):
    """A browser of that somebody: ``signed_in(Right.CRM_COMPANY_EDIT, companies=[acme])``."""

    def sign_in(*rights: str, companies=()) -> Client:
        client = Client()
        client.force_login(staff(*rights, companies=companies))
        return client

    return sign_in


@pytest.fixture
def own(add_company) -> Company:
    return add_company("Own")


@pytest.fixture
def foreign(add_company) -> Company:
    return add_company("Foreign")


@pytest.fixture
def clerk(signed_in, own) -> Client:
    """A browser of staff who look after the own company."""
    return signed_in(Right.CRM_COMPANY_EDIT, companies=[own])
