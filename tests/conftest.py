from __future__ import annotations

import gc
import secrets
import shutil

import pytest
from django.apps import apps
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings

# The same examples each time, and no matter how slow the machine is. Others, and more: --hypothesis-profile search.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("repeatable"), derandomize=False, max_examples=2000)
settings.load_profile("repeatable")


def pytest_collection_finish():
    """What has been collected stays until the end: looking through it for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def static_files_are_found_when_asked_for(settings):
    """Otherwise WhiteNoise reads every static file of every app anew for each test client."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def fresh_counters(settings):
    """Failed sign-ins are counted in the cache, shared with tests in other processes: each test has own keys."""
    prefix = secrets.token_hex(4)
    settings.CACHES = {name: {**cache, "KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()}


@pytest.fixture(autouse=True)
def _options_are_read_anew():
    """What a test has switched off is rolled back, which the process does not notice."""
    yield
    if apps.is_installed("wagtail_punchout"):  # the simulated buyer's tests run without the shop
        from wagtail_punchout.models import site_options

        site_options.forget()


@pytest.fixture(autouse=True)
def _nobody_s_language_stays():
    """A request leaves its language and its time zone to whatever comes next in this process."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def attachments_of_tests(settings, tmp_path_factory):
    """What tests attach to orders stays out of the demo's folder."""
    if hasattr(settings, "WAGTAIL_PUNCHOUT"):
        folder = tmp_path_factory.getbasetemp() / "attachments"
        settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ATTACHMENT_DIR": str(folder)}


@pytest.fixture
def acme(db):
    from tests.connections import connect

    return connect("acme")


@pytest.fixture
def goods(db):
    """A few products of the demo shop: enough to shop, quick to make."""
    from tests.goods import stock

    return stock()


@pytest.fixture(scope="session")
def running_sites(tmp_path_factory):
    """The demo as ``make demo`` starts it, on SQLite. One a worker: its tests are in two groups, for two workers."""
    from tests.demo import running_demo

    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, driven by Playwright. One a session: its sync API allows no second one.

    It leaves an event loop running in this thread. Django takes every test that comes after for asynchronous, and
    would keep it from the database.
    """
    executable = shutil.which("chromium")
    if not executable:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # as the windows' own: two cores may have much to do
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=executable, args=options)
        yield browser
        browser.close()
