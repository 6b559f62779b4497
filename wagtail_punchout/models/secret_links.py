"""One-time links: how a secret gets to the buyer's people without travelling in a mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.credentials import Credential


class SecretLink(models.Model):
    """A page that shows one secret once, until ``expires_at``. Only the hash of its address is kept."""

    credential = models.ForeignKey(
        Credential, verbose_name=_("credential"), on_delete=models.CASCADE, related_name="links"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("until"))
    opened_at = models.DateTimeField(_("opened"), null=True)
    opened_from = models.CharField(_("opened from"), max_length=45, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.credential}, {self.expires_at:%Y-%m-%d %H:%M}"
