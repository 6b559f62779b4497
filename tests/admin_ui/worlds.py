"""Two companies that have one thing of every kind: one is ours to look after, of the other we must not even learn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone

from tests.connections import Connection, connect
from wagtail_punchout.models import (
    Address,
    Company,
    ConnectionTest,
    Delivery,
    ErpClient,
    Exchange,
    FirstContact,
    ImportKind,
    Invitation,
    Mode,
    OrderAttachment,
    OrderState,
    PunchoutSession,
    PurchaseOrder,
    Quote,
    QuoteLine,
    Role,
    RoleAssignment,
    Routing,
    RoutingRule,
    SecretLink,
    SheetImport,
    UnknownAddress,
)
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.protocol.order import Order, header_json


@dataclass
class World:
    """One company, a company below it, and one thing of each kind that can hang on it."""

    connection: Connection
    things: dict[type[Model], Model] = field(default_factory=dict)

    @property
    def company(self) -> Company:
        return self.connection.company

    def thing(self, model: type[Model]) -> Any:
        return self.things[model]


def make_world(name: str) -> World:
    connection = connect(name, customer={"routing": Routing.DEFAULT})
    company, customer = connection.company, connection.customer
    child = Company.objects.get(pk=company.pk).add_child(name=f"{name.title()} Branch", code=f"{name}-branch")
    now = timezone.now()
    visit = PunchoutSession(
        customer=customer,
        company=company,
        link=connection.link,
        credential=connection.credential,
        mode=Mode.TEST,
        state="returned",
        requester={"email": f"jane@{name}.example"},
        start_until=now,
        ends_at=now + timedelta(hours=1),
        over_at=now,
    )
    visit.start_hash = visit.hash_token(visit.start_token)
    visit.save()
    quote = Quote.objects.create(
        session=visit, customer=customer, currency="EUR", total=Decimal("10"), line_count=1, document="<cXML/>"
    )
    QuoteLine.objects.create(
        quote=quote,
        position=1,
        auxiliary_id="a1",
        sku=f"{name}-1",
        description="Lamp",
        quantity=Decimal(1),
        unit="EA",
        unit_price=Decimal(10),
        currency="EUR",
    )
    exchange = Exchange.objects.create(
        direction=Direction.IN,
        kind="PunchOutSetupRequest",
        customer=customer,
        session=visit,
        sender=customer.sender_identity,
        document=f"<cXML><!-- {name} --></cXML>",
    )
    role, _ = Role.objects.get_or_create(slug="finance", defaults={"name": "Finance"})
    address = Address.objects.create(
        company=company, address_id=f"{name}-HQ", name=name.title(), street="Quay 7", city="Hamburg", country="DE"
    )
    rule = RoutingRule.objects.create(customer=customer, value=f"{name}-school", company=child)
    assignment = RoleAssignment.objects.create(role=role, customer=customer)
    order = PurchaseOrder.objects.create(
        customer=customer,
        company=company,
        link=connection.link,
        mode=Mode.TEST,
        number=f"{name}-4711",
        state=OrderState.HELD,
        header=header_json(Order(order_id=f"{name}-4711")),
        currency="EUR",
        total=Decimal(10),
    )
    attachment = OrderAttachment(order=order, name=f"{name}.txt", media_type="text/plain")
    attachment.file.save("a.txt", ContentFile(name.encode()), save=True)
    delivery = Delivery.objects.create(
        order=order, customer=customer, kind="ConfirmationRequest", number=f"{name}-C1", url="https://buyer.example/x"
    )
    client = ErpClient.objects.create(name=f"{name} ERP", company=company, token_hash=name)
    invitation = Invitation.objects.create(
        group=customer.group, email=f"new@{name}.example", token_hash=name, expires_at=now + timedelta(days=1)
    )
    unknown = UnknownAddress.objects.create(
        company=company, address_id=f"{name}-D9", id_key=f"{name}-d9", first_at=now, last_at=now
    )
    link = SecretLink.objects.create(
        credential=connection.credential, token_hash=name, expires_at=now + timedelta(hours=1)
    )
    contact = FirstContact.objects.create(
        key=name,
        reason="secret_wrong",
        sender=[{"domain": "NetworkID", "identity": customer.sender_identity}],
        customer=customer,
        first_at=now,
        last_at=now,
    )
    trial = ConnectionTest.objects.create(customer=customer, started_at=now, failure=f"{name} is shut")
    cells = {"email": f"new@{name}.example", "roles": "finance"}
    upload = SheetImport.objects.create(
        kind=ImportKind.USERS,
        company=company,
        group=customer.group,
        name=f"{name}.csv",
        rows=[{"number": 2, "cells": cells}],
        total=1,
    )
    company = Company.objects.get(pk=company.pk)
    things = [
        *(trial, upload),
        *(order, attachment, delivery, client, link, invitation, contact, unknown),
        *(company, customer, connection.credential, customer.group, connection.link, visit, quote, exchange),
        *(role, assignment, address, rule, customer.user),
    ]
    return World(connection, {type(each): each for each in things})
