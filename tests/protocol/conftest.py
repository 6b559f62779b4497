from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import DTDS


@pytest.fixture(scope="session")
def dtds() -> Path:
    """The folder with the cXML DTDs, one folder for each version."""
    if not DTDS.is_dir():
        pytest.skip("the cXML DTDs are not here; set PUNCHOUT_SHARED to their folder")
    return DTDS
