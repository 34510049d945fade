"""A fresh ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.outbox import SqliteOutbox


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    """A fresh ledger on disk."""
    ledger = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield ledger
    ledger.close()
