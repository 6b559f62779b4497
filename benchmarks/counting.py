"""Counts the orders in a database and prints them as JSON; in a process of its own, as each has its own settings."""

from __future__ import annotations

import json

import django


def count() -> dict[str, int]:
    django.setup()
    from demo_site.shop.models import Order
    from wagtail_punchout.models import OrderDocument, OrderState, PurchaseOrder

    orders, shop = PurchaseOrder.objects, Order.objects.filter(punchout_key__isnull=False)
    return {
        "orders": orders.count(),
        "numbers": orders.values("number").distinct().count(),
        "documents": OrderDocument.objects.count(),
        "handed_over": orders.filter(state=OrderState.HANDED_OVER).count(),
        "shop_orders": shop.count(),
        "shop_keys": shop.values("reference").distinct().count(),
    }


if __name__ == "__main__":
    print(json.dumps(count()))
