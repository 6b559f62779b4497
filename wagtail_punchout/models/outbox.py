"""Work that must happen although the process that wanted it may die: orders on their way into the shop, documents out.

The rows are the truth; a task queue only makes it quicker. Whoever works on one holds it under a claim until its lease
ends, and writes a result only while the claim is still its own.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.erp import ErpClient
from wagtail_punchout.models.orders import PurchaseOrder

#: Stands for the shared secret in a document that waits: no secret is kept in clear, and a rotated one still fits.
SECRET_PLACEHOLDER = "{{shared-secret}}"  # noqa: S105


class WorkState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    STOPPED = "stopped", _("stopped")


class Work(models.Model):
    """One thing to do. ``due_at`` is when it may be tried next."""

    state = models.CharField(_("state"), max_length=10, choices=WorkState, default=WorkState.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    lease_until = models.DateTimeField(null=True, editable=False)
    claim = models.UUIDField(null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.state not in (WorkState.WAITING, WorkState.RUNNING)


class HandOverKind(models.TextChoices):
    PLACE = "place", _("place the order")
    CHANGE = "change", _("change the order")
    CANCEL = "cancel", _("cancel the order")


class HandOver(Work):
    """An order on its way into the shop. It is placed once: there is one row for that, however often it is tried."""

    order = models.ForeignKey(
        PurchaseOrder, verbose_name=_("order"), on_delete=models.CASCADE, related_name="hand_overs"
    )
    kind = models.CharField(_("what for"), max_length=10, choices=HandOverKind, default=HandOverKind.PLACE)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(kind=HandOverKind.PLACE), name="punchout_placed_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="punchout_hand_over_due",
                condition=models.Q(state__in=[WorkState.WAITING, WorkState.RUNNING]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class Delivery(Work):
    """A document on its way to a buyer's system, or a webhook to an ERP. Its bytes are fixed when it is queued."""

    order = models.ForeignKey(
        PurchaseOrder,
        verbose_name=_("order"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    customer = models.ForeignKey(
        PunchoutCustomer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deliveries",
    )
    client = models.ForeignKey(
        ErpClient,
        verbose_name=_("ERP client"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    kind = models.CharField(_("document"), max_length=60)
    event = models.CharField(_("event"), max_length=60, blank=True)
    number = models.CharField(_("number"), max_length=100, blank=True)
    url = models.CharField(_("address"), max_length=2048)
    content_type = models.CharField(max_length=100, default="text/xml; charset=UTF-8", editable=False)
    body = models.TextField(_("document"))
    payload_id = models.CharField(_("payload ID"), max_length=255, blank=True, db_index=True)
    data = models.JSONField(default=dict, blank=True)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    answer_status = models.PositiveSmallIntegerField(_("status"), null=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="punchout_delivery_due",
                condition=models.Q(state__in=[WorkState.WAITING, WorkState.RUNNING]),
            ),
            models.Index(fields=["-created_at", "-id"], name="punchout_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()


class DeliveryAttempt(models.Model):
    """One try at it, and how it went."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempt_log")
    at = models.DateTimeField(_("time"))
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    sentence = models.TextField(_("answer in words"), blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S}"
