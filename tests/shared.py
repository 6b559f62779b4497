"""The folder of samples and DTDs beside the repository: other people's files, used for testing and not part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("PUNCHOUT_SHARED") or Path(__file__).parents[1].parent / "shared")
SAMPLES = SHARED / "samples" / "cxml"
DTDS = SHARED / "cxml-dtd"

needs_shared = pytest.mark.skipif(
    not SAMPLES.is_dir(),
    reason="the shared samples are not here; set PUNCHOUT_SHARED to their folder",
)
