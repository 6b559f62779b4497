"""Our own people, and the places where they work: who asks, who approves, who orders, and where goods arrive."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from demo_site.buyer.models.connections import SHIP_TO, address_of
from wagtail_punchout.testing.documents import Address, User


class Contact(models.TextChoices):
    REQUESTER = "requester", _("Whoever requests")
    PURCHASER = "purchaser", _("Whoever orders")


class Person(models.Model):
    """A user of ours. Everybody may request."""

    company = models.CharField(_("Our company"), max_length=200)
    first_name = models.CharField(_("First name"), max_length=100)
    last_name = models.CharField(_("Last name"), max_length=100)
    email = models.EmailField(_("E-mail"), help_text=_("Shops hear it as UserEmail."))
    unique_name = models.CharField(
        _("Unique name"), max_length=100, blank=True, help_text=_("Shops hear it as UniqueName.")
    )
    location = models.ForeignKey(
        "Location",
        models.SET_NULL,
        verbose_name=_("Usual location"),
        related_name="people",
        null=True,
        blank=True,
    )
    may_approve = models.BooleanField(_("Approves requisitions of others"), default=False)
    may_purchase = models.BooleanField(_("Orders what is approved"), default=False)

    class Meta:
        ordering = ["company", "last_name", "first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["company", "email"], name="one_person_per_email")]
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.pk])

    @property
    def tasks(self) -> list[str]:
        given = ((True, _("requests")), (self.may_approve, _("approves")), (self.may_purchase, _("orders")))
        return [task for does, task in given if does]

    def as_user(self) -> User:
        return User(**{name: getattr(self, name) for name in User.__dataclass_fields__})


class Location(models.Model):
    """A place of ours where goods arrive. ``address_id`` is what suppliers know it by."""

    company = models.CharField(_("Our company"), max_length=200)
    name = models.CharField(_("Name"), max_length=200)
    purchaser = models.ForeignKey(
        Person,
        models.SET_NULL,
        verbose_name=_("Default purchaser"),
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Who orders what was approved for this location."),
    )
    contact = models.CharField(_("Delivery contact"), max_length=20, choices=Contact, default=Contact.REQUESTER)
    allows_other_address = models.BooleanField(
        _("Alternative shipping address"),
        default=False,
        help_text=_("An order may go to another address than the one below."),
    )
    address_id = models.CharField(
        _("Address ID"), max_length=100, help_text=_("The supplier finds it in its address book under this ID.")
    )
    address_name = models.CharField(_("Recipient"), max_length=200, blank=True)
    street = models.CharField(_("Street"), max_length=200)
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True)
    city = models.CharField(_("City"), max_length=100)
    country_code = models.CharField(_("Country"), max_length=2, default="DE", help_text=_("ISO code."))

    class Meta:
        ordering = ["company", "name"]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="one_location_per_name")]
        verbose_name = _("location")
        verbose_name_plural = _("locations")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("location", args=[self.pk])

    def as_address(
        self, other: Mapping[str, str] | None = None, *, requester: Person | None, purchaser: Person | None
    ) -> Address:
        """Its address, or an ``other`` one for once. The contact is the one of the location either way."""
        given = other or {name: getattr(self, name) for name in SHIP_TO}
        orders = purchaser or self.purchaser
        contact = (orders or requester) if self.contact == Contact.PURCHASER else (requester or orders)
        return address_of(
            given,
            recipient=self.name,
            deliver_to=str(contact) if contact else "",
            email=contact.email if contact else "",
        )
