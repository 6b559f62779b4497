"""Customer groups: who may use which links."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerGroup(models.Model):
    """Customers that connect in the same way: every customer in the group may enter through the group's links.

    A group belongs to one company or, without company, serves customers of all.
    """

    name = models.CharField(_("name"), max_length=200)
    company = models.ForeignKey(
        "wagtail_punchout.Company",
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="groups",
        help_text=_("Empty: customers of every company can be in this group."),
    )
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="punchout_group_name"),
            # NULLs count as different, so that the first constraint says nothing of groups without company.
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(company=None), name="punchout_group_name_without_company"
            ),
        ]

    def __str__(self) -> str:
        return self.name
