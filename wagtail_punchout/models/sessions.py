"""PunchOut sessions: one visit each, from the buyer's call to the returned cart."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.addresses import Address
from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.credentials import Credential
from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.links import PunchoutLink
from wagtail_punchout.models.modes import Mode
from wagtail_punchout.protocol import lifecycle

if TYPE_CHECKING:
    from datetime import datetime


class State(models.TextChoices):
    CREATED = lifecycle.State.CREATED, _("waiting for the browser")
    STARTED = lifecycle.State.STARTED, _("shopping")
    RETURNED = lifecycle.State.RETURNED, _("cart returned")
    CANCELLED = lifecycle.State.CANCELLED, _("cancelled")
    EXPIRED = lifecycle.State.EXPIRED, _("expired")


class Operation(models.TextChoices):
    CREATE = "create", _("new cart")
    EDIT = "edit", _("change a cart")
    INSPECT = "inspect", _("look at a cart")


class PunchoutSession(models.Model):
    """One visit. Its row, and no cookie, holds what must never be mixed up: buyer cookie, return URL, cart.

    Written by ``flows`` alone. The JSON fields keep what the buyer's system said, in our words: ``requester`` (email,
    name, first_name, last_name, unique_name, phone), ``ship_to`` (an address), ``extrinsics`` (name to value),
    ``parties`` (the header's From, To and Sender without secrets, to be turned round in the answer), ``selected``
    (part number and auxiliary ID), ``carried`` (the lines that came along with an edit or inspect, and what became of
    them), ``call`` (what an OCI call said of the way home: ``function``, ``product_id``, ``target``, ``charset``,
    ``version``, ``echo``, ``presets``, ``cancel_url``, and all other parameters in ``said``, without the password).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        PunchoutCustomer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="sessions",
        db_index=False,  # below, together with the time
    )
    company = models.ForeignKey(Company, verbose_name=_("company"), on_delete=models.PROTECT, related_name="sessions")
    link = models.ForeignKey(PunchoutLink, verbose_name=_("link"), on_delete=models.PROTECT, related_name="sessions")
    credential = models.ForeignKey(
        Credential, verbose_name=_("credential"), null=True, on_delete=models.SET_NULL, related_name="sessions"
    )
    # Whom the call named, where the group goes by that; else the customer's own user shops.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("shop user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="punchout_visits",
    )
    address = models.ForeignKey(
        Address, verbose_name=_("delivery address"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CREATED)
    operation = models.CharField(_("operation"), max_length=10, choices=Operation, default=Operation.CREATE)

    buyer_cookie = models.TextField(_("buyer cookie"), blank=True)
    return_url = models.TextField(_("return URL"), blank=True)
    payload_id = models.TextField(_("payload ID"), blank=True)
    retry_key = models.CharField(max_length=64, null=True, editable=False)
    dtd_version = models.CharField(_("cXML version"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    user_agent = models.CharField(_("buyer's system"), max_length=200, blank=True)
    parties = models.JSONField(_("header"), default=dict, blank=True)
    routed_by = models.CharField(_("routed by"), max_length=200, blank=True, default="")
    requester = models.JSONField(_("requester"), default=dict, blank=True)
    ship_to = models.JSONField(_("ship to"), null=True, blank=True)
    contacts = models.JSONField(_("contacts"), default=list, blank=True)
    extrinsics = models.JSONField(_("extrinsics"), default=dict, blank=True)
    selected = models.JSONField(_("selected item"), null=True, blank=True)
    carried = models.JSONField(_("carried lines"), default=list, blank=True)
    call = models.JSONField(_("call"), default=dict, blank=True)

    start_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("called"), default=timezone.now)
    start_until = models.DateTimeField(_("start until"))
    started_at = models.DateTimeField(_("started"), null=True)
    continued_at = models.DateTimeField(_("continued in a new window"), null=True)
    seen_at = models.DateTimeField(_("last seen"), null=True)
    ends_at = models.DateTimeField(_("ends"))
    over_at = models.DateTimeField(_("over"), null=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "retry_key"],
                condition=models.Q(retry_key__isnull=False),
                name="punchout_no_retry_twice",
            ),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="punchout_session_state"),
            models.CheckConstraint(
                condition=models.Q(operation__in=Operation.values), name="punchout_session_operation"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["created", "started"]) | models.Q(over_at__isnull=False),
                name="punchout_session_over_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="punchout_session_newest"),
            models.Index(fields=["customer", "-created_at"], name="punchout_session_customer"),
            models.Index(fields=["state", "ends_at"], name="punchout_session_due"),
        ]

    def __str__(self) -> str:
        return f"{self.company}, {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"

    @property
    def start_token(self) -> str:
        """The secret in the start page's URL. Computed, so that a retry can be given it again; stored only hashed."""
        return salted_hmac("wagtail_punchout.start", str(self.id), algorithm="sha256").hexdigest()

    @staticmethod
    def hash_token(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def is_test(self) -> bool:
        return self.mode == Mode.TEST

    @property
    def shopper(self) -> Any:
        """Who is signed in: the user the call named, else the customer's own."""
        return self.user if self.user_id else self.customer.user

    def is_running(self, at: datetime | None = None) -> bool:
        """Whether the visit's browser may go on: started, in time, and nobody has switched its customer off."""
        return self.state == State.STARTED and self.ends_at > (at or timezone.now())
