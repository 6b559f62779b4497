"""Settings of the simulated buyer: a Django project of its own, beside the shop and on another host name."""

import secrets
from contextlib import suppress
from pathlib import Path

import environ

env = environ.Env()

# Databases, pictures and keys of this machine; tests run with a folder of their own.
VAR_DIR = Path(env.str("DEMO_VAR", default=str(Path(__file__).resolve().parent.parent / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def kept_secret(name: str) -> str:
    """A secret of this machine: made on the first start and read ever after."""
    file = VAR_DIR / name
    if not file.exists():
        fresh = VAR_DIR / f"{name}.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was faster, its secret holds
            file.hardlink_to(fresh)
        fresh.unlink()
    return file.read_text().strip()


DEBUG = env.bool("BUYER_DEBUG", default=False)
SECRET_KEY = env.str("BUYER_SECRET_KEY", default="") or kept_secret("buyer_secret_key")
# Loopback only: this system asks nobody for a password.
ALLOWED_HOSTS = env.list("BUYER_ALLOWED_HOSTS", default=["127.0.0.1", "[::1]", "localhost", "testserver"])
BUYER_PORT = env.int("BUYER_PORT", default=8001)
# The address under which browsers find this system, for the hook URL; empty: as the browser asked for it.
BUYER_BASE_URL = env.str("BUYER_BASE_URL", default="")

ROOT_URLCONF = "demo_site.buyer.urls"
WSGI_APPLICATION = "demo_site.buyer.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": env.db("BUYER_DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'buyer.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "timeout": 20,
    }

INSTALLED_APPS = [
    "demo_site.buyer",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "demo_site.buyer.acting.people",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "buyer_language"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "buyer_static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a folder that is not there
# Served straight from the apps: the demo starts without collectstatic.
WHITENOISE_USE_FINDERS = True

# Names of its own: cookies do not mind ports, and the shop runs on this machine too.
SESSION_COOKIE_NAME = "buyer_session"
CSRF_COOKIE_NAME = "buyer_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# The cart comes home inside our own frame, or in a window that we opened and that has to find us again.
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
# Carts of a thousand lines arrive as one form field, or by OCI as fifty for each line. Django stops at a thousand.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60_000
