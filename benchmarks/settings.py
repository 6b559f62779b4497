"""The demo shop's settings, with the bare view beside it and nothing that a production site would not have."""

import os

from demo_site.settings import *  # noqa: F403
from demo_site.settings import INSTALLED_APPS as SHOP_APPS
from demo_site.settings import WAGTAIL_PUNCHOUT as SHOP_PUNCHOUT

DEBUG = False
INSTALLED_APPS = [*SHOP_APPS, "benchmarks"]
ROOT_URLCONF = "benchmarks.urls"

# What is killed leaves its work behind; nobody wants to wait two minutes for each.
WAGTAIL_PUNCHOUT = {
    **SHOP_PUNCHOUT,
    "LEASE_SECONDS": int(os.environ.get("BENCH_LEASE_SECONDS", "120")),
    # Strangers come from many addresses, which only a proxy can tell.
    "TRUSTED_PROXIES": int(os.environ.get("BENCH_PROXIES", "0")),
    "ATTACHMENT_DIR": os.environ.get("BENCH_ATTACHMENTS", ""),
}
