"""Addresses of companies, under the IDs by which buyers' systems call them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.folding import identity_key, search_key


class Address(models.Model):
    """Where a company takes deliveries or invoices. Companies below may use it as well."""

    company = models.ForeignKey(Company, verbose_name=_("company"), on_delete=models.CASCADE, related_name="addresses")
    address_id = models.CharField(
        _("address ID"),
        max_length=100,
        blank=True,
        help_text=_("As the buyer's system calls it (ShipTo/Address/@addressID)."),
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("The organization, as written on the parcel."))
    deliver_to = models.CharField(_("deliver to"), max_length=200, blank=True, help_text=_("A person or a room."))
    street = models.TextField(_("street"), help_text=_("Up to four lines."))
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100)
    state = models.CharField(_("state or region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone"), max_length=40, help_text=_("Carriers call it before they turn back."))
    email = models.EmailField(_("e-mail"), blank=True)
    weekend_delivery = models.BooleanField(_("weekend delivery accepted"), default=False)
    is_default_ship_to = models.BooleanField(_("default for deliveries"), default=False)
    is_default_bill_to = models.BooleanField(_("default for invoices"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    # Derived on save: what is compared and what is searched.
    id_key = models.CharField(max_length=100, editable=False, default="", blank=True)
    search_text = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "id_key"],
                condition=~Q(id_key=""),
                name="punchout_address_id",
                violation_error_message=_("This company has an address with this ID already."),
            ),
            *(
                models.UniqueConstraint(
                    fields=["company"], condition=Q(**{f"is_default_{use}": True}), name=f"punchout_one_default_{use}"
                )
                for use in ("ship_to", "bill_to")
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.name, self.city]))

    def save(self, *args: object, **kwargs: object) -> None:
        self.derive()
        uses = [use for use in ("is_default_ship_to", "is_default_bill_to") if getattr(self, use)]
        with transaction.atomic():
            if uses:
                # There is one default: the latest. Of two at the same time, the second waits.
                Company.objects.select_for_update().get(pk=self.company_id)
            for use in uses:
                others = Address.objects.filter(company=self.company_id, **{use: True})
                others.exclude(pk=self.pk).update(**{use: False})
            super().save(*args, **kwargs)

    def derive(self) -> None:
        """For whoever writes without ``save``."""
        self.id_key = identity_key(self.address_id)
        self.search_text = search_key(self.name, self.address_id, self.street, self.postal_code, self.city)

    def clean(self) -> None:
        self.id_key = identity_key(self.address_id)
        # Forms leave the constraint out, as they do not have the field that is compared.
        same = Address.objects.filter(company=self.company_id, id_key=self.id_key).exclude(pk=self.pk)
        if self.id_key and self.company_id and same.exists():
            raise ValidationError({"address_id": _("This company has an address with this ID already.")})


class UnknownAddress(models.Model):
    """An address ID that a buyer's system has used and nobody has entered: to be adopted or dismissed.

    One row for each ID of a company, however often it comes; ``told`` is the address as it came last.
    """

    company = models.ForeignKey(
        Company, verbose_name=_("company"), on_delete=models.CASCADE, related_name="unknown_addresses"
    )
    address_id = models.CharField(_("address ID"), max_length=100)
    id_key = models.CharField(max_length=100, editable=False)
    told = models.JSONField(_("address"), default=dict)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    dismissed_at = models.DateTimeField(_("dismissed"), null=True)

    class Meta:
        verbose_name = _("unknown address")
        verbose_name_plural = _("unknown addresses")
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["company", "id_key"], name="punchout_unknown_address")]

    def __str__(self) -> str:
        return self.address_id
