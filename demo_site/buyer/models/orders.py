"""Purchase orders, every document that was sent of them, and what the supplier has said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from demo_site.buyer.models.connections import Connection
from demo_site.buyer.models.people import Person
from wagtail_punchout.testing.documents import Address, OrderedLine, OrderToSend


class PurchaseOrder(models.Model):
    """Approved requisitions. ``lines`` are what is ordered now, a dict each; the dispatches show earlier versions."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="orders")
    version = models.PositiveIntegerField(default=1)
    is_cancelled = models.BooleanField(default=False)
    # Cancelled in our own books. The supplier has not been told by that.
    is_withdrawn = models.BooleanField(default=False)
    requester = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    purchaser = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="orders")
    currency = models.CharField(max_length=10, blank=True)
    comment = models.TextField(blank=True)
    cost_center = models.CharField(max_length=100, blank=True)
    requested_on = models.DateField(null=True)
    ship_to = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.pk])

    @property
    def number(self) -> str:
        return f"PO-{self.pk:05d}"

    @property
    def total(self) -> Decimal:
        return self.as_order().total

    @property
    def may_change(self) -> bool:
        return not (self.is_cancelled or self.is_withdrawn)

    @property
    def deliver_to(self) -> Address | None:
        if not self.ship_to:
            return None
        lists = {name: tuple(self.ship_to.get(name, ())) for name in ("deliver_to", "street")}
        return Address(**{**self.ship_to, **lists})

    def as_order(self, **more: Any) -> OrderToSend:
        return OrderToSend(
            number=self.number,
            version=self.version,
            lines=[self._ordered(each) for each in self.lines],
            currency=self.currency,
            ship_to=self.deliver_to,
            comment=self.comment,
            extrinsics=self.requester.as_user().extrinsics() if self.requester else {},
            **more,
        )

    def _ordered(self, line: dict[str, Any]) -> OrderedLine:
        numbers = {name: Decimal(line[name]) for name in ("quantity", "price")}
        return OrderedLine(
            **{**line, **numbers},
            cost_center=self.cost_center,
            requested_delivery=self.requested_on.isoformat() if self.requested_on else "",
        )

    @property
    def last_said(self) -> Announcement | None:
        return next(reversed(self.announcements.all()), None)


class Dispatch(models.Model):
    """One OrderRequest on its way to the supplier, and what came back. Secrets are struck out."""

    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="dispatches")
    action = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    payload_id = models.CharField(max_length=255, blank=True)
    # The very bytes, secret and all: a retry must be the same document.
    body = models.BinaryField(default=b"")
    content_type = models.CharField(max_length=200, blank=True)
    was_taken = models.BooleanField(default=False)
    verdict = models.TextField(blank=True)
    request = models.TextField(blank=True)
    response = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.version}"


def is_given_back(line: dict) -> bool:
    return str(line.get("quantity") or "").startswith("-")


class Announcement(models.Model):
    """What the supplier has said of an order: confirmed, shipped, invoiced."""

    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="announcements")
    kind = models.CharField(max_length=60)
    payload_id = models.CharField(max_length=255, unique=True)
    number = models.CharField(max_length=200, blank=True)
    says = models.TextField(blank=True)
    note = models.TextField(blank=True)
    lines = models.JSONField(default=list)
    complaints = models.JSONField(default=list)
    document = models.TextField(blank=True)
    heard_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def is_credit(self) -> bool:
        """An invoice that gives back."""
        return self.kind == "InvoiceDetailRequest" and any(is_given_back(each) for each in self.lines)

    @property
    def title(self) -> str:
        if self.is_credit:
            return _("Credit note")
        return {
            "ConfirmationRequest": _("Confirmation"),
            "ShipNoticeRequest": _("Ship notice"),
            "InvoiceDetailRequest": _("Invoice"),
            "StatusUpdateRequest": _("Status"),
        }.get(self.kind, self.kind)
