"""Connection tests: whole conversations that we have had with ourselves, through the real endpoints."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.orders import PurchaseOrder
from wagtail_punchout.models.sessions import PunchoutSession


class ConnectionTest(models.Model):
    """One run. ``steps`` are dicts of ``format``, ``name``, ``milliseconds``, ``is_ok``, ``said``, ``sent``, ``answer``
    and, of a failure, ``reason``; of an order that a person would have to look at, ``held`` (codes of reasons).
    """

    #: How our own calls name their system, so that what they leave is told apart from what a buyer has done.
    AGENT = "wagtail_punchout connection test"

    customer = models.ForeignKey(
        PunchoutCustomer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="connection_tests"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_ok = models.BooleanField(_("passed"), default=False)
    failure = models.TextField(_("what failed"), blank=True)
    steps = models.JSONField(_("steps"), default=list)
    complaints = models.JSONField(_("complaints"), default=list)
    session = models.ForeignKey(
        PunchoutSession, verbose_name=_("visit"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    order = models.ForeignKey(
        PurchaseOrder, verbose_name=_("order"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("connection test")
        verbose_name_plural = _("connection tests")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.customer}, {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"
