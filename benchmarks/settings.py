"""The demo shop's settings, with the bare view beside it and nothing that a production site would not have."""

from demo_site.settings import *  # noqa: F403
from demo_site.settings import INSTALLED_APPS as SHOP_APPS

DEBUG = False
INSTALLED_APPS = [*SHOP_APPS, "benchmarks"]
ROOT_URLCONF = "benchmarks.urls"
