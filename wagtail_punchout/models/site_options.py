"""The option: on which sites there is PunchOut at all.

A site without a row has it, unless ``WAGTAIL_PUNCHOUT["ON_BY_DEFAULT"]`` is switched off. Every request asks, so the
few rows are kept in each process for some seconds.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from wagtail_punchout.conf import conf

#: How long a process goes by what it has read.
KEPT_SECONDS = 5


class SiteOption(models.Model):
    """Whether one site has PunchOut."""

    site = models.OneToOneField(
        Site, verbose_name=_("site"), on_delete=models.CASCADE, related_name="punchout_option", primary_key=True
    )
    is_on = models.BooleanField(_("PunchOut"), default=True)

    class Meta:
        verbose_name = _("PunchOut option")
        verbose_name_plural = _("PunchOut options")

    def __str__(self) -> str:
        return str(self.site)


def is_on_for(request: HttpRequest) -> bool:
    """Whether the site of this request has PunchOut. Costs no query where every site is alike."""
    options = _options()
    if not options or set(options.values()) == {conf().ON_BY_DEFAULT}:
        return conf().ON_BY_DEFAULT
    site = Site.find_for_request(request)
    return options.get(site.pk, conf().ON_BY_DEFAULT) if site else conf().ON_BY_DEFAULT


def is_on_anywhere() -> bool:
    """Whether there is a site with PunchOut: without one the admin has no screens for it."""
    options = _options()
    if True in options.values():
        return True
    return conf().ON_BY_DEFAULT and (not options or Site.objects.exclude(pk__in=options).exists())


def switch(site: Site, *, is_on: bool) -> SiteOption:
    """Give ``site`` the option, or take it away."""
    option, _is_new = SiteOption.objects.update_or_create(site=site, defaults={"is_on": is_on})
    return option


_kept: tuple[float, dict[Any, bool]] | None = None


def _options() -> dict[Any, bool]:
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        _kept = time.monotonic(), dict(SiteOption.objects.values_list("pk", "is_on"))
    return _kept[1]


@receiver([post_save, post_delete], sender=SiteOption)
def forget(**kwargs: Any) -> None:
    """What this process knows of the options is old."""
    global _kept
    _kept = None
