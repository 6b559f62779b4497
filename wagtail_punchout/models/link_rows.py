"""Rows of a link: what goes into which field, and how a buyer calls our units. Part of the link's revisions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from wagtail_punchout.models.links import PunchoutLink
from wagtail_punchout.protocol import mapping


class SourceKind(models.TextChoices):
    FIELD = mapping.Kind.FIELD, _("Field of the cart")
    CONSTANT = mapping.Kind.CONSTANT, _("Constant")
    TEMPLATE = mapping.Kind.TEMPLATE, _("Template")


class MappingRow(Orderable):
    """One field of the returned cart and where its content comes from."""

    link = ParentalKey(PunchoutLink, on_delete=models.CASCADE, related_name="mapping_rows")
    target = models.CharField(_("field of the buyer"), max_length=120)
    kind = models.CharField(_("comes from"), max_length=10, choices=SourceKind, default=SourceKind.FIELD)
    source = models.CharField(_("content"), max_length=1000, blank=True)
    transforms = models.CharField(_("changed by"), max_length=2000, blank=True)
    only_when = models.CharField(_("only when"), max_length=500, blank=True)
    required = models.BooleanField(_("required"), default=False)

    class Meta(Orderable.Meta):
        verbose_name = _("mapping row")
        verbose_name_plural = _("mapping rows")

    def __str__(self) -> str:
        return f"{self.target} ← {self.source or '∅'}"

    def as_row(self, number: int) -> mapping.Row:
        return mapping.Row(
            number=number,
            target=self.target.strip(),
            kind=mapping.Kind(self.kind),
            source=self.source,
            transforms=self.transforms,
            required=self.required,
            only_when=self.only_when,
        )


class UnitRow(Orderable):
    """How a buyer calls one of our units."""

    link = ParentalKey(PunchoutLink, on_delete=models.CASCADE, related_name="unit_rows")
    ours = models.CharField(_("our unit"), max_length=20, help_text=_("UN/ECE Recommendation 20, for example EA."))
    theirs = models.CharField(_("unit of the buyer"), max_length=20)

    class Meta(Orderable.Meta):
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(
                fields=["link", "ours"],
                name="punchout_unit_translated_once",
                violation_error_message=_("This unit is already translated."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.ours} → {self.theirs}"
