"""A ledger's file: made whole, brought up to this version, opened."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path

from geoalert.errors import OutboxError
from geoalert.outbox.record import check_head

SCHEMA_VERSION = 2


def create(path: Path) -> None:
    """Makes an empty ledger with mode 0600, unless another process was first."""
    # Made beside its place and linked into it whole: a file without tables is then never a new ledger, always a damaged one.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as scratch:
        made = Path(scratch) / "outbox.sqlite"
        made.touch(mode=0o600)
        db = sqlite3.connect(made, isolation_level=None)
        try:
            db.execute("BEGIN")
            for statement in (*_statements("schema.sql"), *_statements("record.sql")):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            db.execute("COMMIT")
        finally:
            db.close()
        with suppress(FileExistsError):
            path.hardlink_to(made)


def connect(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """Opens a ledger for writing, of an earlier version after bringing it up to this one.

    Raises:
        OutboxError: it is empty (outbox_corrupt) or newer than this program (outbox_too_new); its record's end is not what was written
            (record_shortened, record_broken).
    """
    db = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        _check_version(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        if _version(db) < SCHEMA_VERSION:
            _migrate(db)
        check_head(db, path)
    except BaseException:
        db.close()
        raise
    return db


def copy_to(db: sqlite3.Connection, to: Path) -> None:
    """Writes a whole copy with mode 0600, or none.

    Raises:
        OutboxError: `to` is there already (backup_exists).
    """
    try:
        to.touch(mode=0o600, exist_ok=False)
    except FileExistsError as err:
        raise OutboxError("the file is there already", code="backup_exists", file=to, do="Name a file that is not there yet") from err
    copy = sqlite3.connect(to)
    try:
        db.backup(copy)
    except BaseException:
        to.unlink()
        raise
    finally:
        copy.close()


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    version = _version(db)
    if version == 0:
        raise OutboxError(
            "the ledger is empty, so what was sent is forgotten",
            code="outbox_corrupt",
            file=path,
            do="Restore it from a backup; delete it only if nothing was ever sent from this project",
        )
    if version > SCHEMA_VERSION:
        raise OutboxError(
            f"the ledger has version {version}, this program knows {SCHEMA_VERSION}",
            code="outbox_too_new",
            file=path,
            do="Upgrade geoalert on this machine",
        )


def _migrate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited for the lock.
        if _version(db) < SCHEMA_VERSION:
            for statement in (*_statements("migrate_1.sql"), *_statements("record.sql")):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _statements(name: str) -> Iterator[str]:
    part = ""
    for line in resources.files("geoalert.outbox").joinpath(name).read_text("utf-8").splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
