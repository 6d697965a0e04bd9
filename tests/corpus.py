"""Where the shared real responses are, for tests that check the parsers against them."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(relative: str) -> Path:
    """Return a path below the shared data, or skip the test that asked for it with the reason."""
    path = SHARED_DATA / relative
    if not path.exists():
        pytest.skip(f"the shared real responses are not beside this checkout: {relative}")
    return path
