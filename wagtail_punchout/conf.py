"""Every setting, described once.

Projects write one dict, ``WAGTAIL_PUNCHOUT``; :func:`conf` reads it anew at each use, so that overriding settings in a
test simply works. An unknown key is a system check's business (``wagtail_punchout.E001``), not a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from wagtail_punchout.shop import ShopAdapter


@dataclass(frozen=True, kw_only=True)
class Conf:
    """The dict ``WAGTAIL_PUNCHOUT``, typed. Sizes are bytes, times are seconds unless the name says otherwise."""

    #: Dotted path of your ``ShopAdapter``. Required.
    ADAPTER: str = ""
    #: Keys that encrypt shared secrets at rest, newest first: the first writes, all read. Without any, Django's
    #: ``SECRET_KEY`` (and its fallbacks) stand in, and a deploy check says so.
    SECRET_KEYS: tuple[str, ...] = ()
    #: Scheme and host under which buyers' systems reach the shop, e.g. ``https://shop.example``. URLs that leave the
    #: shop are built from this and never from a request's Host header. Default: ``WAGTAILADMIN_BASE_URL``.
    BASE_URL: str = ""
    #: Domain and identity under which buyers know this shop (the To of their documents, the From of ours).
    SUPPLIER_DOMAIN: str = "NetworkID"
    SUPPLIER_IDENTITY: str = ""
    #: The shop's own DUNS number, if it has one: some buyers' systems know their suppliers by it.
    SUPPLIER_DUNS: str = ""
    #: The largest document taken without attachments.
    MAX_DOCUMENT_BYTES: int = 1024 * 1024
    #: How long a start page URL waits for its browser. At most an hour.
    START_SECONDS: int = 600
    #: A visit ends after this much silence …
    IDLE_SECONDS: int = 60 * 60
    #: … and in any case after this long. A link may set a shorter time.
    VISIT_SECONDS: int = 12 * 60 * 60
    #: How long the page that takes the cart home can be opened again (reload, back button, double click).
    RETURN_AGAIN_SECONDS: int = 600
    #: Name of a visit's session cookie. It must differ from ``SESSION_COOKIE_NAME``; the visit's CSRF and language
    #: cookies are named alike.
    COOKIE_NAME: str = "punchout_visit"
    #: Failed sign-ins answered in full, per client address and minute; further ones get "try later" (560). Good
    #: credentials are never slowed down.
    FAILURES_PER_MINUTE: int = 120
    #: Failed sign-ins kept as documents per hour, so that a flood cannot fill the database.
    FAILURES_KEPT_PER_HOUR: int = 200
    #: How long staff who have entered their password may reveal, make and revoke secrets before it is asked again.
    PASSWORD_FRESH_SECONDS: int = 900
    #: How many proxies of your own stand in front: that many entries of X-Forwarded-For are trusted, from the right.
    TRUSTED_PROXIES: int = 0
    #: Whether a ProfileRequest without any credential is answered. It reveals URLs only, and hubs poll it.
    ANONYMOUS_PROFILE: bool = True
    #: Folder with the official cXML DTDs (one folder a version), for reports on documents. Empty: no such reports.
    CXML_DTD_DIR: str = ""

    @property
    def base_url(self) -> str:
        """``BASE_URL``, else the address Wagtail knows for itself; without trailing slash."""
        return (self.BASE_URL or getattr(settings, "WAGTAILADMIN_BASE_URL", "")).rstrip("/")

    @property
    def host(self) -> str:
        """The host in it, with the port: the part of a payloadID that makes it ours."""
        return self.base_url.partition("://")[2]


KNOWN_KEYS = frozenset(field.name for field in fields(Conf))


@lru_cache(maxsize=1)
def conf() -> Conf:
    """The settings as they are now."""
    given = getattr(settings, "WAGTAIL_PUNCHOUT", {})
    if isinstance(given.get("SECRET_KEYS"), str):
        # Taken as a sequence, a text would be one key for each of its letters.
        raise ImproperlyConfigured("WAGTAIL_PUNCHOUT['SECRET_KEYS'] must be a list of keys, not one text.")
    return Conf(**{key: value for key, value in given.items() if key in KNOWN_KEYS})


@lru_cache(maxsize=1)
def get_adapter() -> ShopAdapter:
    """The project's adapter, made once; ``ImproperlyConfigured`` says what to write where."""
    path = conf().ADAPTER
    if not path:
        raise ImproperlyConfigured(
            'Name your shop\'s adapter: WAGTAIL_PUNCHOUT = {"ADAPTER": "yourshop.adapter.YourAdapter"}'
        )
    try:
        adapter: ShopAdapter = import_string(path)()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(f"WAGTAIL_PUNCHOUT['ADAPTER'] = {path!r} cannot be used: {error}") from error
    return adapter


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in {"WAGTAIL_PUNCHOUT", "WAGTAILADMIN_BASE_URL"}:
        conf.cache_clear()
        get_adapter.cache_clear()


setting_changed.connect(_forget, dispatch_uid="wagtail_punchout.conf")
