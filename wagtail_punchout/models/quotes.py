"""Quotes: carts as they were sent home. A purchase order is later compared with them, and an edit finds its lines."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.sessions import PunchoutSession


class Quote(models.Model):
    """One returned cart, with the very document the browser carried.

    ``document`` is a cXML message, or for OCI the form's fields as JSON, a pair of name and value each. ``cart`` is the
    cart as the shop gave it (:mod:`wagtail_punchout.protocol.snapshot`): a changed mapping is tried on it.
    """

    session = models.OneToOneField(
        PunchoutSession, verbose_name=_("visit"), on_delete=models.PROTECT, related_name="quote"
    )
    customer = models.ForeignKey(
        PunchoutCustomer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="quotes"
    )
    is_cancel = models.BooleanField(_("cancelled"), default=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    total = models.DecimalField(_("total"), max_digits=18, decimal_places=4, null=True)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    document = models.TextField(_("document"))
    cart = models.JSONField(_("cart"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("returned"), auto_now_add=True)

    class Meta:
        verbose_name = _("returned cart")
        verbose_name_plural = _("returned carts")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"], name="punchout_quote_newest")]

    def __str__(self) -> str:
        return f"{self.session.company}, {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"


class QuoteLine(models.Model):
    """One line of it. ``auxiliary_id`` is what the buyer's system gives back when it edits or orders this line."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(_("line"))
    auxiliary_id = models.CharField(_("auxiliary ID"), max_length=255, db_index=True)
    sku = models.CharField(_("part number"), max_length=200)
    configuration = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    description = models.TextField(_("description"), blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=20)
    unit_price = models.DecimalField(_("unit price"), max_digits=24, decimal_places=10)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["quote", "position"]
        constraints = [
            models.UniqueConstraint(fields=["quote", "position"], name="punchout_quote_position"),
            models.UniqueConstraint(fields=["quote", "auxiliary_id"], name="punchout_quote_auxiliary_id"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity.normalize():f} {self.unit}"
