"""Fixtures of every room: the shared folder, a fixed clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from geoalert.clock import Clock, fixed_clock

# The same examples every time, so that a run says something about the change; .ci/long draws new ones.
settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real boundaries and incidents beside the repository; never skipped in CI."""
    path = Path(os.environ.get("GEOALERT_SHARED") or ROOT.parent / "shared").resolve()
    if not (path / "data").is_dir():
        if os.environ.get("GEOALERT_REQUIRE_SERVERS") == "1":
            pytest.fail(f"GEOALERT_SHARED names no folder with data: {path}")
        pytest.skip("no shared folder; set GEOALERT_SHARED")
    return path


@pytest.fixture
def now() -> datetime:
    """The instant every test lives in."""
    return datetime(2027, 3, 12, 21, 0, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> Clock:
    """A clock that stands at `now`."""
    return fixed_clock(now)
