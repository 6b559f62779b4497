"""What came home from the shops, and each visit to one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from decimal import Decimal

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from demo_site.buyer.models.connections import Connection, Window
from demo_site.buyer.models.people import Location, Person
from wagtail_punchout.testing.documents import Address, ItemOut


def new_key() -> str:
    return secrets.token_urlsafe(18)


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    DECLINED = "declined", _("Declined")
    APPROVED = "approved", _("Approved")
    ORDERED = "ordered", _("Ordered")


# While nobody has to decide about it.
OPEN_STATES = (State.DRAFT, State.DECLINED)


class Requisition(models.Model):
    """A draft: what shall be bought, once somebody approves. Its key is in the hook URL and stays the same on edit."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="requisitions")
    requester = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="requisitions")
    location = models.ForeignKey(Location, models.SET_NULL, null=True, related_name="requisitions")
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    # Approved: what it is part of. One order may fulfil several requisitions.
    order = models.ForeignKey("PurchaseOrder", models.SET_NULL, null=True, related_name="requisitions")
    key = models.CharField(max_length=40, unique=True, default=new_key)
    created_at = models.DateTimeField(auto_now_add=True)
    # Set by the first cart that brings something. Before that it is only a basket held open.
    filled_at = models.DateTimeField(null=True)
    operation_allowed = models.CharField(max_length=20, blank=True)
    quote_status = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=10, blank=True)
    total = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    shipping = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    shipping_text = models.TextField(blank=True)
    tax = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    tax_text = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("requisition", args=[self.pk])

    @property
    def number(self) -> str:
        return f"REQ-{self.pk:05d}"

    @property
    def is_ordered(self) -> bool:
        return self.state == State.ORDERED

    @property
    def is_open(self) -> bool:
        """Whether its content may change: not while somebody decides about it, nor afterwards."""
        return self.state in OPEN_STATES

    @property
    def may_edit(self) -> bool:
        return self.operation_allowed == "edit" and self.is_open

    @property
    def ship_to(self) -> Address | None:
        """Where its goods go, if nobody says otherwise."""
        if self.location:
            return self.location.as_address(requester=self.requester, purchaser=None)
        return self.connection.as_address()

    @property
    def may_order(self) -> bool:
        """Whether an order may be made of it: where nobody has to approve, at once."""
        if self.connection.needs_approval:
            return self.state == State.APPROVED
        return not self.is_ordered

    @property
    def may_inspect(self) -> bool:
        return self.operation_allowed in {"edit", "inspect"}

    @property
    def grand_total(self) -> Decimal | None:
        return None if self.total is None else self.total + (self.shipping or 0) + (self.tax or 0)


class Line(models.Model):
    """One line of a requisition, as the shop described it."""

    requisition = models.ForeignKey(Requisition, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    part_id = models.TextField()
    auxiliary_id = models.TextField(blank=True)
    # OCI: the key by which the shop shows the article again, and tells its price.
    product_id = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    unit = models.CharField(max_length=100, blank=True)
    price = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    currency = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=36, decimal_places=12, null=True)
    texts = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    line_number = models.CharField(max_length=40, blank=True)
    # Attributes that a line of a bundle keeps on its way back, and the ItemDetail exactly as it came.
    attributes = models.JSONField(default=dict)
    detail = models.TextField(blank=True)
    # How many lines of a bundle stand above it.
    depth = models.PositiveSmallIntegerField(default=0)
    # What the shop said when it was asked again: the price before, or that the article is gone.
    checked_at = models.DateTimeField(null=True)
    price_before = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    basis_before = models.CharField(max_length=200, blank=True)
    is_gone = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["requisition", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return self.part_id

    @property
    def is_part(self) -> bool:
        """Whether it belongs to a bundle above it."""
        return bool(self.depth) or "parentLineNumber" in self.attributes

    @property
    def has_new_price(self) -> bool:
        return self.price_before is not None and (self.price_before, self.basis_before) != (self.price, self.basis)

    def as_item_out(self) -> ItemOut:
        return ItemOut(
            part_id=self.part_id,
            auxiliary_id=self.auxiliary_id,
            quantity=(self.quantity or Decimal(1)).normalize(),
            line_number=self.line_number,
            detail=self.detail,
            attributes=self.attributes,
        )


class Outcome(models.TextChoices):
    UNREACHABLE = "unreachable", _("Shop not reachable")
    REFUSED = "refused", _("Refused")
    WAITING = "waiting", _("In the shop")
    RETURNED = "returned", _("Cart returned")
    CANCELLED = "cancelled", _("Cancelled")
    INSPECTED = "inspected", _("Inspected")
    ANSWERED = "answered", _("Answered")


class Visit(models.Model):
    """One trip to the shop, with every document of it. Secrets are struck out before they get here.

    With OCI there is no word between the servers: ``wish`` is what the browser takes along beside the sign-in, and
    ``cart`` holds the fields of the form that came home, as JSON.
    """

    requisition = models.ForeignKey(Requisition, models.CASCADE, related_name="visits")
    operation = models.CharField(max_length=20)
    window = models.CharField(max_length=10, choices=Window, default=Window.SAME)
    buyer_cookie = models.CharField(max_length=200, unique=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    came_home_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.WAITING)
    verdict = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    start_url = models.TextField(blank=True)
    request = models.TextField(blank=True)
    response = models.TextField(blank=True)
    cart = models.TextField(blank=True)
    cart_field = models.CharField(max_length=100, blank=True)
    wish = models.JSONField(default=dict)
    complaints = models.JSONField(default=list)

    class Meta:
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.buyer_cookie

    def get_absolute_url(self) -> str:
        return reverse("visit", args=[self.pk])

    @property
    def was_refused(self) -> bool:
        return self.outcome in {Outcome.REFUSED, Outcome.UNREACHABLE}

    @property
    def is_open(self) -> bool:
        return self.outcome == Outcome.WAITING

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """OCI: the fields that came home, as they came."""
        is_form = self.requisition.connection.is_oci and self.cart
        return [(name, value) for name, value in json.loads(self.cart)] if is_form else []


def close_visits(requisitions: Iterable[Requisition]) -> None:
    """No cart that is still under way may change them any more."""
    waiting = Visit.objects.filter(requisition__in=[each.pk for each in requisitions], outcome=Outcome.WAITING)
    waiting.update(outcome=Outcome.CANCELLED, came_home_at=timezone.now())
