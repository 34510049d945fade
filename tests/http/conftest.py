"""A portal on this machine, and the Http under test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geoalert.clock import Clock
from geoalert.http import Http
from tests.portal import Portal, running_portal


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A fresh server for each test."""
    with running_portal() as portal:
        yield portal


@pytest.fixture
def http(clock: Clock) -> Http:
    """The door under test, at the fixed time."""
    return Http(clock=clock)
