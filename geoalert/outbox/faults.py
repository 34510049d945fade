"""What SQLite and the disk say, in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoalert.errors import OutboxError


@contextmanager
def explained(path: Path, meaning: str = "") -> Iterator[None]:
    """Turns what can go wrong with the file into one OutboxError; `meaning` says what that means for the reader.

    Raises:
        OutboxError: outbox_locked, disk_full, disk_read_only, outbox_corrupt, outbox_unusable.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as err:
        text = str(err).lower()
        if "locked" in text or "busy" in text:
            code, what, do = "outbox_locked", "another program is writing to the ledger", "Wait for it, or stop it, and try again"
        elif "full" in text or "no space" in text:
            code, what, do = "disk_full", "the disk is full", "Free some space, then try again"
        elif "readonly" in text or "read-only" in text or isinstance(err, PermissionError):
            code, what, do = "disk_read_only", "the ledger cannot be written", "Make the state folder writable"
        elif "closed database" in text:
            code, what, do = "outbox_closed", "the ledger was closed", "Open the project again"
        elif isinstance(err, sqlite3.DatabaseError) and not isinstance(err, sqlite3.OperationalError | sqlite3.IntegrityError):
            code, what, do = "outbox_corrupt", "the ledger is damaged", "Restore it from a backup before anything is sent"
        else:
            code, what, do = "outbox_unusable", f"the ledger cannot be used: {err}", "Check the state folder"
        raise OutboxError(f"{what}, {meaning}" if meaning else what, code=code, file=path, do=do) from err
