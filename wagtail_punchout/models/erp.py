"""ERP clients: systems of the shop's own side that fetch orders and are told of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.modes import Mode
from wagtail_punchout.models.secretbox import seal, unseal


class ErpClient(models.Model):
    """One system. It sees the orders of one mode, so that no mistake of its own lets a test order in.

    Its token is kept as a hash only; the key that signs webhooks must be used, so that it is sealed.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    company = models.ForeignKey(
        Company,
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="erp_clients",
        help_text=_("It sees the orders of this company and of all below it. Empty: of all companies."),
    )
    mode = models.CharField(
        _("mode"), max_length=10, choices=Mode, default=Mode.TEST, help_text=_("It sees orders of this mode alone.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token_hint = models.CharField(_("token"), max_length=12, blank=True, editable=False)
    webhook_url = models.URLField(
        _("webhook address"), max_length=2048, blank=True, help_text=_("Told of each new order. Empty: it only asks.")
    )
    webhook_ciphertext = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("ERP client")
        verbose_name_plural = _("ERP clients")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def set_webhook_secret(self, plain: str) -> None:
        """Keep it sealed; does not save. The row must have a primary key: the ciphertext opens nowhere else."""
        self.webhook_ciphertext = seal(plain, context=self._context)

    def webhook_secret(self) -> str:
        """The clear text. Never log it, never put it on a page."""
        return unseal(self.webhook_ciphertext, context=self._context)

    @property
    def _context(self) -> str:
        return f"erp:{self.pk}"
