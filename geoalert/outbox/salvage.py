"""Reads what can be read of a damaged ledger, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geoalert.errors import OutboxError

TABLES = ("deliveries", "attempts", "log", "holds", "blocked_media", "marks")
_KEYS = {"deliveries": "id", "attempts": "id", "log": "seq"}
LONGEST_GAP = 20_000
"""Rows in a row that may be unreadable before the rest of a table is given up."""


def salvage(path: Path) -> Iterator[dict[str, Any]]:
    """Yields every row that can still be read, `table` named in each.

    Raises:
        OutboxError: nothing at all can be read (outbox_corrupt).
    """
    found = 0
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as err:
        raise _nothing(path) from err
    try:
        db.row_factory = sqlite3.Row
        for table in TABLES:
            for row in _rows(db, table):
                found += 1
                yield {"table": table} | {name: row[name] for name in row.keys()[1:]}
    finally:
        db.close()
    if not found:
        raise _nothing(path)


def _rows(db: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    key = _KEYS.get(table, "rowid")
    last = missed = 0
    while missed < LONGEST_GAP:
        try:
            # In steps of what is left, because one unreadable page ends a whole query.
            for row in db.execute(f"SELECT {key} AS salvaged_key, * FROM {table} NOT INDEXED WHERE {key} > ? ORDER BY {key}", (last,)):  # noqa: S608
                last, missed = row[0], 0
                yield row
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as err:
            if "no such table" in str(err) or "not a database" in str(err):
                return
        else:
            return
        # Past the bad page row by row: a row that can be found by its number alone lies on a page that is whole.
        row = None
        while row is None and missed < LONGEST_GAP:
            last, missed = last + 1, missed + 1
            row = _one(db, table, key, last)
        if row is not None:
            yield row


def _one(db: sqlite3.Connection, table: str, key: str, number: int) -> sqlite3.Row | None:
    try:
        found: sqlite3.Row | None = db.execute(
            f"SELECT {key} AS salvaged_key, * FROM {table} NOT INDEXED WHERE {key} = ?",  # noqa: S608
            (number,),
        ).fetchone()
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):
        return None
    return found


def _nothing(path: Path) -> OutboxError:
    return OutboxError("nothing of the ledger can be read", code="outbox_corrupt", file=path, do="Restore it from a backup")
