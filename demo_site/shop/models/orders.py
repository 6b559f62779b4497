"""What ordinary customers have ordered. A line keeps its own words and price: the catalogue goes on changing."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.shop import Money

#: How this shop's customers pay, by code. What a group of customers may use is chosen in the admin.
PAYMENT_METHODS = {
    "invoice": _("Invoice, 30 days"),
    "card": _("Company card on file"),
    "prepaid": _("Payment in advance"),
}


class OrderState(models.TextChoices):
    NEW = "new", _("new")
    CONFIRMED = "confirmed", _("confirmed")
    SHIPPED = "shipped", _("shipped")
    INVOICED = "invoiced", _("invoiced")
    CANCELLED = "cancelled", _("cancelled")


class Order(models.Model):
    # Stands in the confirmation's address: nobody can count through other people's orders.
    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # Of the purchase order it was made from: the same one makes no second order.
    punchout_key = models.UUIDField(null=True, unique=True, editable=False)
    punchout_version = models.PositiveIntegerField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=OrderState, default=OrderState.NEW)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="shop_orders"
    )
    # Of the PunchOut company it was ordered for, as its code; what the customer writes on the parcel is another thing.
    company_code = models.CharField(max_length=60, blank=True, default="", db_index=True)
    company = models.CharField(_("Company"), max_length=120, blank=True)
    name = models.CharField(_("Your name"), max_length=120)
    email = models.EmailField(_("Email"), blank=True)
    street = models.CharField(_("Street and number"), max_length=160)
    postcode = models.CharField(_("Postcode"), max_length=12)
    city = models.CharField(_("City"), max_length=80)
    country = models.CharField(_("Country"), max_length=80)
    reference = models.CharField(_("Your reference"), max_length=255, blank=True)
    # Codes of ``PAYMENT_METHODS`` that may be used for it; none: all.
    payment_methods = models.JSONField(_("may be paid by"), default=list, blank=True, editable=False)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at"]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"NL-{self.key.hex[:8].upper()}"

    @property
    def payable_by(self) -> str:
        """A code that this shop does not know any more stands for itself."""
        return ", ".join(str(PAYMENT_METHODS.get(each, each)) for each in self.payment_methods)

    @property
    def money(self) -> Money:
        return Money(self.total, self.currency)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    # The buyer's line number, where it came by a purchase order.
    number = models.PositiveIntegerField(null=True)
    sku = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity} {self.unit} {self.sku}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.order.currency)
