"""Every setting, described once.

Projects write one dict, ``WAGTAIL_PUNCHOUT``; :func:`conf` reads it anew at each use, so that overriding settings in a
test simply works. An unknown key is a system check's business (``wagtail_punchout.E001``), not a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from wagtail_punchout.shop import ShopAdapter


#: Name of the folder, and of the storage that can stand in for it.
ATTACHMENTS = "punchout_attachments"


@dataclass(frozen=True, kw_only=True)
class Conf:
    """The dict ``WAGTAIL_PUNCHOUT``, typed. Sizes are bytes, times are seconds unless the name says otherwise."""

    #: Dotted path of your ``ShopAdapter``. Required.
    ADAPTER: str = ""
    #: Keys that encrypt shared secrets at rest, newest first: the first writes, all read. Without any, Django's
    #: ``SECRET_KEY`` (and its fallbacks) stand in, and a deploy check says so.
    SECRET_KEYS: tuple[str, ...] = ()
    #: Whether a site has PunchOut when nobody has said so in the admin (Settings › PunchOut).
    ON_BY_DEFAULT: bool = True
    #: Scheme and host under which buyers' systems reach the shop, e.g. ``https://shop.example``. URLs that leave the
    #: shop are built from this and never from a request's Host header. Default: ``WAGTAILADMIN_BASE_URL``.
    BASE_URL: str = ""
    #: Domain and identity under which buyers know this shop (the To of their documents, the From of ours).
    SUPPLIER_DOMAIN: str = "NetworkID"
    SUPPLIER_IDENTITY: str = ""
    #: The shop's own DUNS number, if it has one: some buyers' systems know their suppliers by it.
    SUPPLIER_DUNS: str = ""
    #: Whom the buyers' people ask when they set up a connection, in one line: a name, an e-mail address, a number.
    SUPPLIER_CONTACT: str = ""
    #: The largest document taken without attachments.
    MAX_DOCUMENT_BYTES: int = 1024 * 1024
    #: The largest OrderRequest, and with its attachments. Anything above ``MAX_DOCUMENT_BYTES`` is read only after its
    #: sender has proven who it is.
    MAX_ORDER_BYTES: int = 16 * 1024 * 1024
    MAX_ATTACHED_BYTES: int = 40 * 1024 * 1024
    #: Types of attachments that are kept; others are noted with the order and thrown away.
    ATTACHMENT_TYPES: tuple[str, ...] = (
        "application/pdf",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/msword",
        "application/zip",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "text/csv",
        "text/plain",
    )
    #: Folder for attachments, unless ``STORAGES`` has a storage named ``punchout_attachments``. It must not be served.
    #: Default: ``punchout_attachments`` beside ``MEDIA_ROOT``.
    ATTACHMENT_DIR: str = ""
    #: Networks inside your own walls that documents and webhooks may be sent to, also without TLS, as CIDR
    #: (``10.20.0.0/16``). All other private addresses are refused. A link may name more.
    ALLOWED_NETWORKS: tuple[str, ...] = ()
    #: How long a worker may keep a piece of work before another takes it for dead. Above the 30 seconds that one call
    #: to a buyer's system may take.
    LEASE_SECONDS: int = 120
    #: Alias in ``TASKS`` of the task backend that does the work of the outbox. Empty: ``punchout_deliver`` does it.
    TASK_BACKEND: str = ""
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
    #: First contacts kept: calls in vain of buyers unknown or not set up rightly, one row for each way to fail.
    FIRST_CONTACTS_KEPT: int = 500
    #: How many days things are kept before ``punchout_purge`` deletes them; 0 keeps them for ever. Orders, their
    #: documents, and the visits and carts that they were made from are never deleted.
    KEEP_VISITS_DAYS: int = 400
    #: Documents of no visit, and those of visits that stay. What belongs to a visit goes with it in any case.
    KEEP_DOCUMENTS_DAYS: int = 400
    #: Single attempts of deliveries that are over.
    KEEP_ATTEMPTS_DAYS: int = 90
    #: First contacts, counted from their last call.
    KEEP_FIRST_CONTACTS_DAYS: int = 90
    #: Tests of connections. The last one of a customer stays, and the last that passed.
    KEEP_TESTS_DAYS: int = 90
    #: How long staff who have entered their password may reveal, make and revoke secrets before it is asked again.
    PASSWORD_FRESH_SECONDS: int = 900
    #: How many proxies of your own stand in front: that many entries of X-Forwarded-For are trusted, from the right.
    TRUSTED_PROXIES: int = 0
    #: Whether a ProfileRequest without any credential is answered. It reveals URLs only, and hubs poll it.
    ANONYMOUS_PROFILE: bool = True
    #: Pairs of roles, by their identifiers, that no person may hold at the same time where both hold.
    ROLE_CONFLICTS: tuple[tuple[str, str], ...] = (("punchoutBuyer", "requisitioner"),)
    #: How many days an invitation to join a customer group can be accepted.
    INVITATION_DAYS: int = 14
    #: Paths of your own profiles of procurement systems, as TOML files. They stand beside those of the package.
    BUYER_PROFILES: tuple[str, ...] = ()
    #: Folder with the official cXML DTDs (one folder a version), for reports on documents. Empty: no such reports.
    CXML_DTD_DIR: str = ""

    @property
    def base_url(self) -> str:
        """``BASE_URL``, else the address Wagtail knows for itself; without trailing slash."""
        return (self.BASE_URL or getattr(settings, "WAGTAILADMIN_BASE_URL", "")).rstrip("/")

    @property
    def attachment_dir(self) -> Path:
        """Where attachments are kept without a storage of their own."""
        return Path(self.ATTACHMENT_DIR) if self.ATTACHMENT_DIR else Path(settings.MEDIA_ROOT).parent / ATTACHMENTS

    @property
    def host(self) -> str:
        """The host in it, with the port: the part of a payloadID that makes it ours."""
        return self.base_url.partition("://")[2]


KNOWN_KEYS = frozenset(field.name for field in fields(Conf))
#: The settings that say how long something is kept.
KEEPING = tuple(field.name for field in fields(Conf) if field.name.startswith("KEEP_"))


@lru_cache(maxsize=1)
def conf() -> Conf:
    """The settings as they are now."""
    given = getattr(settings, "WAGTAIL_PUNCHOUT", {})
    for key, entries in {
        "SECRET_KEYS": "keys",
        "BUYER_PROFILES": "paths",
        "ATTACHMENT_TYPES": "types",
        "ALLOWED_NETWORKS": "networks",
    }.items():
        if isinstance(given.get(key), str):
            # Taken as a sequence, a text would be one entry for each of its letters.
            raise ImproperlyConfigured(f"WAGTAIL_PUNCHOUT[{key!r}] must be a list of {entries}, not one text.")
    return Conf(**{key: value for key, value in given.items() if key in KNOWN_KEYS})


def days_of(setting: str) -> int:
    """One of ``KEEPING`` as a number of days, 0 for ever; ``ImproperlyConfigured`` for what is no such number."""
    days = getattr(conf(), setting)
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        raise ImproperlyConfigured(f"WAGTAIL_PUNCHOUT[{setting!r}] must be a whole number of days; 0 keeps for ever.")
    return days


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
