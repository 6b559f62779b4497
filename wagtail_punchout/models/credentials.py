"""Credentials: the secrets of a customer, one set for test and one for production."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.modes import Mode
from wagtail_punchout.models.secretbox import seal, unseal

if TYPE_CHECKING:
    from datetime import datetime


class CredentialQuerySet(models.QuerySet):
    def live(self, at: datetime | None = None) -> CredentialQuerySet:
        """Those that open the door now: neither revoked nor past their end."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at or timezone.now()), revoked_at=None)


def new_path_key() -> str:
    return secrets.token_urlsafe(12)


class Credential(models.Model):
    """One secret. While a secret is being exchanged two may be live for the same customer and mode.

    Holds ciphertext only; :meth:`secret` is the single way to the clear text. No revisions, no search, no export.
    ``path_key`` is the piece of the customer's own URLs; a successor takes it over, so that URLs survive a rotation.
    """

    SLOTS = (1, 2)

    customer = models.ForeignKey(
        PunchoutCustomer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="credentials"
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.TEST)
    slot = models.PositiveSmallIntegerField(_("slot"), default=1, choices=[(slot, str(slot)) for slot in SLOTS])
    path_key = models.CharField(_("URL key"), max_length=40, default=new_path_key, db_index=True, editable=False)
    ciphertext = models.TextField(editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    ends_at = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("Set this on the old secret while a new one takes over.")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    # A key in a web address stays in histories and logs: orders it signs are looked at by a person.
    seen_in_address_at = models.DateTimeField(_("seen in a web address"), null=True, blank=True, editable=False)
    last_used_from = models.CharField(_("last used from"), max_length=45, blank=True, default="", editable=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        ordering = ["customer", "mode", "slot"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "mode", "slot"],
                condition=Q(revoked_at=None),
                name="punchout_two_live_credentials",
                violation_error_message=_("This slot holds a live secret. Revoke it first, or use the other slot."),
            ),
            models.CheckConstraint(condition=Q(slot__in=(1, 2)), name="punchout_credential_slot"),
            models.CheckConstraint(condition=~Q(ciphertext=""), name="punchout_credential_has_secret"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} ({self.get_mode_display()}, {self.slot})"

    def __repr__(self) -> str:
        return f"<Credential {self.pk} of customer {self.customer_id}, {self.mode}>"

    def set_secret(self, plain: str = "") -> str:
        """Take ``plain``, or make 256 random bits, and keep it sealed. Returns the clear text; does not save."""
        plain = plain or secrets.token_urlsafe(32)
        self.ciphertext = seal(plain, context=self._context)
        return plain

    def secret(self) -> str:
        """The clear text. Never log it, never put it on a page without its own permission and audit entry."""
        return unseal(self.ciphertext, context=self._context)

    def matches(self, offered: str) -> bool:
        """Whether ``offered`` is the secret, exactly or with blanks around it, in constant time."""
        own = self.secret().encode()
        exact = hmac.compare_digest(own, offered.encode())
        trimmed = hmac.compare_digest(own, offered.strip().encode())
        return exact or trimmed

    @cached_property
    def group_mode(self) -> str:
        """Of its customer's group; what finds a caller brings it along."""
        return self.customer.group.mode

    @cached_property
    def named_users(self) -> str:
        """As whom those shop whom a call names: of its customer's group, brought along likewise."""
        return self.customer.group.named_users

    @cached_property
    def own_address(self) -> bool:
        """Whether its customer's group may name addresses that are not shared."""
        return self.customer.group.own_address

    @cached_property
    def company_path(self) -> str:
        """Where its customer's company stands in the tree."""
        return self.customer.company.path

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > timezone.now())

    @property
    def _context(self) -> str:
        # A ciphertext copied to another customer or mode does not open there.
        return f"{self.customer_id}:{self.mode}"
