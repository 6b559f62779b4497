from __future__ import annotations

import secrets
import shutil

import pytest


@pytest.fixture(autouse=True)
def fresh_counters(settings):
    """Failed sign-ins are counted in the cache, shared with tests in other processes: each test has own keys."""
    prefix = secrets.token_hex(4)
    settings.CACHES = {name: {**cache, "KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()}


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
    """The demo as ``make demo`` starts it, on SQLite. Its tests are in one group, so that one worker starts it."""
    from tests.demo import running_demo

    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, driven by Playwright. One a session: its sync API allows no second one."""
    executable = shutil.which("chromium")
    if not executable:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=executable, args=options)
        yield browser
        browser.close()
