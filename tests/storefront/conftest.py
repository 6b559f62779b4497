from __future__ import annotations

import pytest

from tests.connections import Connection, connect
from tests.storefront.ocibrowser import Browser


@pytest.fixture
def oci(db) -> Connection:
    """A customer whose group has an OCI 4 link."""
    return connect("acme", format="oci4", allow_http_return=False)


@pytest.fixture
def browser() -> Browser:
    return Browser()
