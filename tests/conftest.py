from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_counters():
    """Failed sign-ins are counted in the cache; each test begins with none."""
    cache.clear()


@pytest.fixture
def acme(db):
    from tests.connections import connect

    return connect("acme")


@pytest.fixture
def goods(db):
    """A few products of the demo shop: enough to shop, quick to make."""
    from tests.goods import stock

    return stock()
