"""Exchanges: each document that came in or went out, secrets struck out, with its verdict."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.sessions import PunchoutSession


class Direction(models.TextChoices):
    IN = "in", _("received")
    OUT = "out", _("sent")


class Exchange(models.Model):
    """One document and, where the connection gave one back, its answer.

    ``sentence`` is what the other side was told, ``cause`` the true reason where that must stay here. ``digest`` is
    the SHA-256 of the bytes before anything was struck out.
    """

    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    kind = models.CharField(_("document"), max_length=60, blank=True)
    customer = models.ForeignKey(
        PunchoutCustomer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="exchanges",
        db_index=False,  # below, together with the time
    )
    session = models.ForeignKey(
        PunchoutSession,
        verbose_name=_("visit"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="exchanges",
    )
    order = models.ForeignKey(
        "wagtail_punchout.PurchaseOrder",
        verbose_name=_("order"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="exchanges",
    )
    status = models.PositiveSmallIntegerField(_("status"), default=200)
    sentence = models.TextField(_("answer in words"), blank=True)
    cause = models.TextField(_("true cause"), blank=True)
    # Of a failure: which one it was, so that its mend can be told in words.
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    payload_id = models.TextField(_("payload ID"), blank=True)
    sender = models.CharField(_("sender"), max_length=200, blank=True)
    user_agent = models.CharField(_("system"), max_length=200, blank=True)
    remote_address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    document = models.TextField(_("document"), blank=True)
    answer = models.TextField(_("answer"), blank=True)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True)
    size = models.PositiveIntegerField(_("bytes"), default=0)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at"], name="punchout_exchange_newest"),
            models.Index(fields=["customer", "-created_at"], name="punchout_exchange_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind or '?'} {self.status}, {timezone.localtime(self.created_at):%Y-%m-%d %H:%M:%S}"

    @property
    def is_refused(self) -> bool:
        return self.status >= 300
