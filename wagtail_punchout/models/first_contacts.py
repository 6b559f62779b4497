"""First contacts: calls of buyers whom we do not know, or who are not set up rightly, one row for each way to fail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.exchanges import Exchange


class FirstContact(models.Model):
    """Who called in vain, how often, and why. Same names and same reason make one row; ``key`` is their fingerprint.

    Never a secret. ``from_party``, ``to_party`` and ``sender`` are lists of ``domain`` and ``identity``.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(_("document"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=60)
    cause = models.TextField(_("true cause"), blank=True)
    from_party = models.JSONField("From", default=list)
    to_party = models.JSONField("To", default=list)
    sender = models.JSONField("Sender", default=list)
    user_agent = models.CharField(_("system"), max_length=200, blank=True)
    remote_address = models.GenericIPAddressField(_("address"), null=True)
    customer = models.ForeignKey(
        PunchoutCustomer,
        verbose_name=_("customer"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="first_contacts",
        help_text=_("Whom the values were adopted into, or who seems to be meant."),
    )
    exchange = models.ForeignKey(
        Exchange, verbose_name=_("document"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("settled by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("first contact")
        verbose_name_plural = _("first contacts")
        ordering = ["-last_at", "-pk"]
        indexes = [models.Index(fields=["settled_at", "-last_at"], name="punchout_contact_newest")]

    def __str__(self) -> str:
        named = [each.get("identity", "") for each in (*self.sender, *self.from_party)]
        return next(filter(None, named), "") or str(self.remote_address or "?")
