"""Invitations: people asked by e-mail to join a customer group, each by a link that works once."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.folding import identity_key
from wagtail_punchout.models.groups import CustomerGroup
from wagtail_punchout.models.roles import Role


class Invitation(models.Model):
    """One person, one group. Of the link only the hash is kept: who reads the database cannot accept."""

    group = models.ForeignKey(
        CustomerGroup, verbose_name=_("group"), on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail"))
    roles = models.ManyToManyField(Role, verbose_name=_("roles"), related_name="+")
    language = models.CharField(_("language"), max_length=35, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("invited by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("invited"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    expires_at = models.DateTimeField(_("until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="punchout_invitations",
    )
    # Derived on save: what is compared.
    email_key = models.CharField(max_length=254, editable=False, default="")

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "email_key"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="punchout_one_open_invitation",
                violation_error_message=_("This person has been invited already."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: object, **kwargs: object) -> None:
        self.email_key = identity_key(self.email)
        super().save(*args, **kwargs)

    @staticmethod
    def hash_token(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    def is_open(self, at: datetime | None = None) -> bool:
        return not (self.accepted_at or self.withdrawn_at) and self.expires_at > (at or timezone.now())
