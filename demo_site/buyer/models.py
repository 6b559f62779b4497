"""What the procurement system remembers: its suppliers, its requisitions, and each visit to a shop."""

from __future__ import annotations

import secrets
from decimal import Decimal

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.testing.documents import Address, BuyerSettings, ItemOut, User


def new_key() -> str:
    return secrets.token_urlsafe(18)


class Window(models.TextChoices):
    SAME = "same", _("This tab")
    NEW = "new", _("New window")
    FRAME = "frame", _("Frame")


class Mode(models.TextChoices):
    PRODUCTION = "production", _("Production")
    TEST = "test", _("Test")


class Connection(models.Model):
    """A supplier's shop and how we introduce ourselves there."""

    company = models.CharField(_("Our company"), max_length=200, help_text=_("On whose behalf we buy."))
    name = models.CharField(_("Connection name"), max_length=200)
    supplier = models.CharField(_("Shop"), max_length=200, blank=True, help_text=_("The shop's name, for people."))
    mode = models.CharField(_("Mode"), max_length=10, choices=Mode, default=Mode.PRODUCTION)

    sender_domain = models.CharField(_("Sender domain"), max_length=100, default="NetworkID")
    sender_identity = models.CharField(_("Sender identity"), max_length=255)
    secret = models.CharField(_("Shared secret"), max_length=255)
    from_domain = models.CharField(_("From domain"), max_length=100, default="NetworkID")
    from_identity = models.CharField(_("From identity"), max_length=255)
    to_domain = models.CharField(_("To domain"), max_length=100, default="NetworkID")
    to_identity = models.CharField(_("To identity"), max_length=255)
    setup_url = models.URLField(_("PunchOut URL"), max_length=500)
    order_url = models.URLField(_("Purchase order request URL"), max_length=500, blank=True)

    window = models.CharField(_("Open the shop in"), max_length=10, choices=Window, default=Window.SAME)
    first_name = models.CharField(_("First name"), max_length=100, blank=True, default="Robin")
    last_name = models.CharField(_("Last name"), max_length=100, blank=True, default="Vogel")
    email = models.EmailField(_("E-mail"), blank=True, default="robin.vogel@example.com")
    unique_name = models.CharField(_("Unique name"), max_length=100, blank=True, default="rvogel")
    extrinsics = models.TextField(
        _("Further extrinsics"), blank=True, default="CostCenter=4711", help_text=_("One per line: Name=Value.")
    )

    address_id = models.CharField(_("Address ID"), max_length=100, blank=True, default="BER-01")
    address_name = models.CharField(_("Recipient"), max_length=200, blank=True)
    street = models.CharField(_("Street"), max_length=200, blank=True, default="Speicherstraße 8")
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True, default="10317")
    city = models.CharField(_("City"), max_length=100, blank=True, default="Berlin")
    country_code = models.CharField(_("Country"), max_length=2, blank=True, default="DE", help_text=_("ISO code."))

    class Meta:
        ordering = ["company", "name", "mode"]
        constraints = [models.UniqueConstraint(fields=["company", "name", "mode"], name="one_connection_per_name")]
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("supplier", args=[self.pk])

    @property
    def shop(self) -> str:
        return self.supplier or self.to_identity

    def as_settings(self) -> BuyerSettings:
        names = BuyerSettings.__dataclass_fields__
        return BuyerSettings(**{name: getattr(self, name) for name in names})

    def as_user(self) -> User:
        return User(**{name: getattr(self, name) for name in User.__dataclass_fields__})

    def as_address(self) -> Address | None:
        if not (self.address_id or self.street):
            return None
        return Address(
            address_id=self.address_id,
            name=self.address_name or self.company,
            deliver_to=(self.as_user().full_name,) if self.as_user().full_name else (),
            street=(self.street,),
            city=self.city,
            postal_code=self.postal_code,
            country_code=self.country_code,
        )

    def as_extrinsics(self) -> dict[str, str]:
        pairs = (line.partition("=") for line in self.extrinsics.splitlines())
        return {name.strip(): value.strip() for name, _sign, value in pairs if name.strip()}


class Requisition(models.Model):
    """A draft: what shall be bought, once somebody approves. Its key is in the hook URL and stays the same on edit."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="requisitions")
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
    def may_edit(self) -> bool:
        return self.operation_allowed == "edit"

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

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["requisition", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return self.part_id

    @property
    def is_part(self) -> bool:
        """Whether it belongs to a bundle above it."""
        return "parentLineNumber" in self.attributes

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


class Visit(models.Model):
    """One trip to the shop, with every document of it. Secrets are struck out before they get here."""

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
