"""Forgets what a ledger says of one alert, in the bytes of its files too; that it was there stays proved."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from geoalert.outbox import record
from geoalert.outbox.events import Event
from geoalert.outbox.faults import explained
from geoalert.outbox.opening import connect
from geoalert.outbox.rows import text_of

_TRIES = "delivery IN (SELECT id FROM deliveries WHERE sender = :sender AND alert = :alert)"
_SAYS = "receipt IS NOT NULL OR error_text IS NOT NULL OR steps <> '{}'"


def telling(path: Path, *, sender: str, alert: str) -> int:
    """Returns how many tries of an alert still hold what a place answered."""
    with _opened(path, 10.0) as db:
        query = f"SELECT count(*) FROM attempts WHERE {_TRIES} AND ({_SAYS})"  # noqa: S608
        return int(db.execute(query, {"sender": sender, "alert": alert}).fetchone()[0])


def purge(
    path: Path, *, sender: str, alert: str, seqs: Collection[int], rows: bool, event: Event, at: datetime, busy_timeout_s: float = 10.0
) -> None:
    """Forgets bodies of the record and, with `rows`, what tries and people's notes say, in one transaction with its own entry.

    Raises:
        OutboxError: the ledger cannot be written; nothing was forgotten.
    """
    with _opened(path, busy_timeout_s) as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        try:
            record.purge(db, seqs)
            if rows:
                of = {"sender": sender, "alert": alert}
                db.execute(f"UPDATE attempts SET receipt = NULL, error_text = NULL, steps = '{{}}' WHERE {_TRIES}", of)  # noqa: S608
                db.execute("UPDATE deliveries SET held_reason = NULL, confirmed_note = NULL WHERE sender = :sender AND alert = :alert", of)
                db.execute("DELETE FROM holds WHERE sender = :sender AND alert = :alert", of)
            record.append(db, [event], text_of(at))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def scrub(path: Path, *, busy_timeout_s: float = 10.0) -> bool:
    """Writes the ledger anew without what was forgotten; returns False where another process kept the old pages from being cleared."""
    with _opened(path, busy_timeout_s) as db:
        db.execute("PRAGMA secure_delete = ON")
        try:
            db.execute("VACUUM")
        except sqlite3.OperationalError as err:
            if "locked" not in str(err):
                raise
            return False
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


@contextmanager
def _opened(path: Path, busy_timeout_s: float) -> Iterator[sqlite3.Connection]:
    with explained(path):
        db = connect(path, busy_timeout_s=busy_timeout_s)
        try:
            yield db
        finally:
            db.close()
