"""Purchase orders as they would have come in, without the gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.connections import Connection
from wagtail_punchout.models import Mode, OrderDocument, OrderLine, OrderState, PurchaseOrder
from wagtail_punchout.protocol.cart import Text
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID
from wagtail_punchout.protocol.cxml.party import Address
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import Comment, Order, header_json, line_json
from wagtail_punchout.protocol.order import OrderLine as Line

AT = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


def make_order(connection: Connection, number: str = "PO-1", *, lines: int = 2, **facts: Any) -> PurchaseOrder:
    """An order of mugs, accepted in production unless said otherwise."""
    said = tuple(
        Line(
            number=each,
            position=each,
            quantity=Decimal(2),
            item_id=ItemID(f"MUG-{each}", f"aux-{each}"),
            detail=ItemDetail(unit_price=Money(Decimal("4.50"), "EUR"), descriptions=(Text("A mug"),), unit="EA"),
        )
        for each in range(1, lines + 1)
    )
    header = Order(
        order_id=number,
        order_date=AT,
        order_date_text=AT.isoformat(),
        ship_to=Address(address_id="DOCK-7", name="Acme", street=("Quay 1",), city="Kiel", country_code="DE"),
        comments=(Comment(text="Gate 3, please"),),
    )
    order = PurchaseOrder.objects.create(
        **{
            "customer": connection.customer,
            "company": connection.company,
            "link": connection.link,
            "credential": connection.credential,
            "mode": Mode.PRODUCTION,
            "number": number,
            "buyer": "buyer",
            "buyer_key": "buyer",
            "state": OrderState.ACCEPTED,
            "currency": "EUR",
            "total": Decimal(9) * lines,
            "line_count": lines,
            "header": header_json(header),
            "ship_to": header.ship_to.as_dict(),
            "ordered_at": AT,
            **facts,
        }
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=each.position,
            number=each.number,
            sku=each.item_id.supplier_part_id,
            auxiliary_id=each.item_id.supplier_part_auxiliary_id,
            description="A mug",
            quantity=each.quantity,
            unit="EA",
            unit_price=Decimal("4.50"),
            amount=Decimal(9),
            currency="EUR",
            data=line_json(each),
        )
        for each in said
    )
    order.current = OrderDocument.objects.create(
        order=order,
        customer=connection.customer,
        dedup_key=number,
        payload_id=f"{number}@buyer",
        digest=number,
        action="new",
        version=1,
        verdict="applied",
        answer="<cXML/>",
        received_at=AT,
    )
    order.save()
    return order
