"""Test and production: what counts, and what is only tried."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    TEST = "test", _("Test")
    PRODUCTION = "production", _("Production")
