"""Misconfigurations, each with an id and a hint, before a buyer meets them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from wagtail_punchout.conf import KEEPING, KNOWN_KEYS, conf, days_of, get_adapter
from wagtail_punchout.protocol.buyers import read_files

MIDDLEWARE = "wagtail_punchout.storefront.middleware.PunchoutMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


@register(Tags.compatibility)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Unknown keys (E001), an adapter that cannot be used (E002), a missing address (E003), cookie names (E004)."""
    found: list[CheckMessage] = [
        Error(
            f"WAGTAIL_PUNCHOUT has no setting {key!r}.",
            hint="docs/reference/settings.md lists them all.",
            id="wagtail_punchout.E001",
        )
        for key in sorted(set(getattr(settings, "WAGTAIL_PUNCHOUT", {})) - KNOWN_KEYS)
    ]
    try:
        get_adapter()
    except ImproperlyConfigured as error:
        found.append(Error(str(error), id="wagtail_punchout.E002"))
    if not conf().base_url.startswith(("https://", "http://")):
        found.append(
            Error(
                "The shop's own address is not known, so no start page URL can be given to a buyer.",
                hint='Set WAGTAIL_PUNCHOUT["BASE_URL"] or WAGTAILADMIN_BASE_URL, with scheme and host.',
                id="wagtail_punchout.E003",
            )
        )
    if conf().COOKIE_NAME == settings.SESSION_COOKIE_NAME:
        found.append(
            Error(
                "A visit's cookie has the name of the ordinary session cookie, so the two would mix.",
                hint='Give WAGTAIL_PUNCHOUT["COOKIE_NAME"] a name of its own.',
                id="wagtail_punchout.E004",
            )
        )
    return found


@register(Tags.compatibility)
def check_middleware(**kwargs: Any) -> list[CheckMessage]:
    """Our middleware must stand before Django's sessions: it chooses the session cookie (E005)."""
    order = list(settings.MIDDLEWARE)
    if MIDDLEWARE in order and (SESSIONS not in order or order.index(MIDDLEWARE) < order.index(SESSIONS)):
        return []
    return [
        Error(
            "PunchoutMiddleware is missing, or stands after SessionMiddleware.",
            hint=f'Put "{MIDDLEWARE}" in MIDDLEWARE, on the line before SessionMiddleware.',
            id="wagtail_punchout.E005",
        )
    ]


@register(Tags.compatibility)
def check_buyer_profiles(**kwargs: Any) -> list[CheckMessage]:
    """Every profile file of the project can be read (E006)."""
    try:
        read_files(conf().BUYER_PROFILES)
    except ValueError as error:
        return [
            Error(
                str(error),
                hint='docs/reference/buyer-profiles.md describes the files of WAGTAIL_PUNCHOUT["BUYER_PROFILES"].',
                id="wagtail_punchout.E006",
            )
        ]
    return []


@register(Tags.compatibility)
def check_keeping_times(**kwargs: Any) -> list[CheckMessage]:
    """Every time of ``punchout_purge`` is one (E007)."""
    found: list[CheckMessage] = []
    for setting in KEEPING:
        try:
            days_of(setting)
        except ImproperlyConfigured as error:
            hint = "punchout_purge deletes nothing until this is corrected."
            found.append(Error(str(error), hint=hint, id="wagtail_punchout.E007"))
    return found


@register(Tags.security, deploy=True)
def check_secret_keys(**kwargs: Any) -> list[CheckMessage]:
    """Secrets should not hang on Django's SECRET_KEY (W001)."""
    if conf().SECRET_KEYS:
        return []
    return [
        Warning(
            "Buyers' shared secrets are encrypted with a key derived from SECRET_KEY.",
            hint='Give WAGTAIL_PUNCHOUT["SECRET_KEYS"] keys of their own, so that SECRET_KEY can change.',
            id="wagtail_punchout.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_https(**kwargs: Any) -> list[CheckMessage]:
    """Without https a shop cannot live in a buyer's frame, and secrets travel in clear (W002)."""
    if conf().base_url.startswith("https://"):
        return []
    return [
        Warning(
            f"The shop's address {conf().base_url!r} is not https: browsers refuse cookies in frames there.",
            hint='Set WAGTAIL_PUNCHOUT["BASE_URL"] to the https address.',
            id="wagtail_punchout.W002",
        )
    ]


@register(Tags.database)
def check_sqlite(**kwargs: Any) -> list[CheckMessage]:
    """SQLite needs immediate transactions, or simultaneous visits meet "database is locked" (W003)."""
    return [
        Warning(
            f"Database {alias!r} is SQLite without transaction_mode IMMEDIATE: simultaneous visits can fail.",
            hint='OPTIONS = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}',
            id="wagtail_punchout.W003",
        )
        for alias in kwargs.get("databases") or []
        if connections[alias].vendor == "sqlite"
        and connections[alias].settings_dict.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE"
    ]
