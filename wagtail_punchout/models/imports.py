"""Imports: what an uploaded sheet has changed, so that the last one can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.groups import CustomerGroup


class ImportKind(models.TextChoices):
    USERS = "users", _("users")
    ADDRESSES = "addresses", _("addresses")


class SheetImport(models.Model):
    """One upload: read, shown as a difference, then applied in one transaction or not at all.

    Of users it is for a group (and its company, if it has one), of addresses for a company.

    ``rows`` are the rows as read, with their errors, until they are applied; ``changes`` is what applying them has
    done, in a form that ``flows`` can undo. Whoever uploads sees ``done`` of ``total`` grow.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=ImportKind)
    company = models.ForeignKey(
        Company, verbose_name=_("company"), null=True, on_delete=models.CASCADE, related_name="imports"
    )
    group = models.ForeignKey(
        CustomerGroup, verbose_name=_("group"), null=True, on_delete=models.CASCADE, related_name="imports"
    )
    name = models.CharField(_("file"), max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    rows = models.JSONField(_("rows"), default=list)
    changes = models.JSONField(_("changes"), default=dict)
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name
