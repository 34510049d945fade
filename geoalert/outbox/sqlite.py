"""The ledger in one SQLite file, which is the default."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from geoalert.errors import ExplainedError, OutboxError, PlanChanged
from geoalert.outbox.model import Attempt, Delivery, NewDelivery
from geoalert.publishing import Receipt

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 10.0

_COLUMNS = (
    "id, key, sender, alert, revision, channel, act, occurrence, account, status, plan_digest, post_digest, of_delivery,"
    " urgency, not_before, held_reason, expires_at, take_down_at, state"
)


class SqliteOutbox:
    """An `Outbox` in one file: WAL, synchronous=FULL, one connection behind a lock, several processes on one file.

    Args:
        path: the file; made with mode 0600 when absent.
        busy_timeout_s: how long to wait for another process's write.

    Raises:
        OutboxError: the file is no ledger, is newer than this program, is locked, or the disk is full or read-only.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = path
        self._lock = threading.RLock()
        with _explained(path):
            if not path.exists():
                _create(path)
            self._db = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.row_factory = sqlite3.Row
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            raise OutboxError(
                "the ledger is empty, so what was sent is forgotten",
                code="outbox_corrupt",
                file=self._path,
                do="Restore it from a backup; delete it only if nothing was ever sent from this project",
            )
        if version > SCHEMA_VERSION:
            raise OutboxError(
                f"the ledger has version {version}, this program knows {SCHEMA_VERSION}",
                code="outbox_too_new",
                file=self._path,
                do="Upgrade geoalert on this machine",
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def _write(self, meaning: str = "") -> Iterator[sqlite3.Connection]:
        with self._lock, _explained(self._path, meaning):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def enqueue(self, deliveries: Iterable[NewDelivery], *, at: datetime) -> tuple[Delivery, ...]:
        """Adds what is not there yet, all or nothing; see `Outbox.enqueue`."""
        rows = []
        with self._write("so nothing was sent") as db:
            for new in deliveries:
                _refuse_other_plan(db, new)
                db.execute(
                    "INSERT INTO deliveries (key, sender, alert, revision, channel, act, occurrence, account, status, plan_digest,"
                    " post_digest, of_delivery, urgency, not_before, held_reason, expires_at, take_down_at, state, queued_at)"
                    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                    (
                        *(new.key, new.sender, new.alert, new.revision, new.channel, new.act, new.occurrence, new.account, new.status),
                        *(new.plan_digest, new.post_digest, new.of_delivery, new.urgency, _text(new.not_before), new.held_reason),
                        *(_text(new.expires_at), _text(new.take_down_at), "held" if new.held_reason else "queued", _text(at)),
                    ),
                )
                rows.append(_delivery(db.execute(f"SELECT {_COLUMNS} FROM deliveries WHERE key = ?", (new.key,)).fetchone()))  # noqa: S608
        return tuple(rows)

    def claim(self, *, at: datetime, most: int = 1) -> tuple[tuple[Delivery, Attempt], ...]:
        """Marks due rows `sending`, on disk when it returns; see `Outbox.claim`."""
        with self._write("so nothing was sent") as db:
            due = db.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE state = 'queued' AND (not_before IS NULL OR not_before <= :at)"  # noqa: S608
                " AND (expires_at > :at OR act <> 'publish') ORDER BY act = 'publish', urgency, id LIMIT :most",
                {"at": _text(at), "most": most},
            ).fetchall()
            opened = [(row, _open_attempt(db, row["id"], at)) for row in due]
        return tuple((_delivery(row, state="sending", tries=attempt.number), attempt) for row, attempt in opened)

    def reopen(self, delivery: int, *, at: datetime) -> Attempt:
        """Opens an attempt to find out what became of an unknown row; see `Outbox.reopen`."""
        with self._write() as db:
            return _open_attempt(db, delivery, at)

    def save_steps(self, attempt: int, steps: Mapping[str, str]) -> None:
        """Keeps what a publisher wants to find again; see `Outbox.save_steps`."""
        with self._write() as db:
            db.execute("UPDATE attempts SET steps = ? WHERE id = ?", (json.dumps(dict(steps), sort_keys=True), attempt))

    def settle(
        self,
        attempt: Attempt,
        *,
        state: str,
        at: datetime,
        receipt: Receipt | None = None,
        error: Exception | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Ends one attempt and puts its row into `state`; see `Outbox.settle`."""
        code = error.code if isinstance(error, ExplainedError) else type(error).__name__ if error else None
        with self._write() as db:
            db.execute(
                "UPDATE attempts SET ended_at = ?, outcome = ?, error_code = ?, error_text = ?, receipt = ? WHERE id = ?",
                (_text(at), state, code, str(error) if error else None, receipt.to_json() if receipt else None, attempt.id),
            )
            db.execute("UPDATE deliveries SET state = ?, not_before = ? WHERE id = ?", (state, _text(not_before), attempt.delivery))

    def recover(self, *, at: datetime) -> int:
        """Turns rows left `sending` by a crash into `unknown`; see `Outbox.recover`."""
        with self._write() as db:
            db.execute(
                "UPDATE attempts SET ended_at = ?, outcome = 'unknown', error_code = 'crashed',"
                " error_text = 'the sender stopped before it knew the outcome'"
                " WHERE ended_at IS NULL AND delivery IN (SELECT id FROM deliveries WHERE state = 'sending')",
                (_text(at),),
            )
            return db.execute("UPDATE deliveries SET state = 'unknown' WHERE state = 'sending'").rowcount

    def expire(self, *, at: datetime) -> int:
        """Turns rows that were not sent before their expiry into `expired`; see `Outbox.expire`."""
        with self._write() as db:
            return db.execute(
                "UPDATE deliveries SET state = 'expired' WHERE state IN ('queued', 'held') AND act = 'publish' AND expires_at <= ?",
                (_text(at),),
            ).rowcount

    def deliveries(self, *, sender: str | None = None, alert: str | None = None, state: str | None = None) -> tuple[Delivery, ...]:
        """Returns rows in the order they were queued, with the number of tries of each."""
        with self._lock, _explained(self._path):
            rows = self._db.execute(
                f"SELECT {_COLUMNS}, (SELECT count(*) FROM attempts WHERE delivery = deliveries.id) AS tries FROM deliveries"  # noqa: S608
                " WHERE (:sender IS NULL OR sender = :sender) AND (:alert IS NULL OR alert = :alert)"
                " AND (:state IS NULL OR state = :state) ORDER BY id",
                {"sender": sender, "alert": alert, "state": state},
            ).fetchall()
        return tuple(_delivery(row, tries=row["tries"]) for row in rows)

    def attempts(self, delivery: int) -> tuple[Attempt, ...]:
        """Returns the tries of one row, first to last."""
        with self._lock, _explained(self._path):
            rows = self._db.execute("SELECT * FROM attempts WHERE delivery = ? ORDER BY number", (delivery,)).fetchall()
        return tuple(_attempt(row) for row in rows)

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()


def _create(path: Path) -> None:
    # Made beside its place and linked into it whole: a file without tables is then never a new ledger, always a damaged one.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as scratch:
        made = Path(scratch) / "outbox.sqlite"
        made.touch(mode=0o600)
        db = sqlite3.connect(made, isolation_level=None)
        try:
            for statement in resources.files("geoalert.outbox").joinpath("schema.sql").read_text("utf-8").split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        finally:
            db.close()
        with suppress(FileExistsError):
            path.hardlink_to(made)


def _refuse_other_plan(db: sqlite3.Connection, new: NewDelivery) -> None:
    other = db.execute(
        "SELECT 1 FROM deliveries WHERE sender = ? AND alert = ? AND revision = ? AND act = ? AND occurrence = ? AND plan_digest <> ?",
        (new.sender, new.alert, new.revision, new.act, new.occurrence, new.plan_digest),
    ).fetchone()
    if other is not None:
        raise PlanChanged(
            f"{new.alert} r{new.revision} was already queued from another plan",
            code="revision_taken",
            field="id",
            value=new.alert,
            do="Give the changed alert a new id",
        )


def _open_attempt(db: sqlite3.Connection, delivery: int, at: datetime) -> Attempt:
    earlier = db.execute("SELECT number, steps FROM attempts WHERE delivery = ? ORDER BY number DESC LIMIT 1", (delivery,)).fetchone()
    number, steps = (earlier["number"] + 1, earlier["steps"]) if earlier else (1, "{}")
    made = db.execute(
        "INSERT INTO attempts (delivery, number, started_at, steps) VALUES (?,?,?,?) RETURNING id", (delivery, number, _text(at), steps)
    ).fetchone()
    db.execute("UPDATE deliveries SET state = 'sending' WHERE id = ?", (delivery,))
    return Attempt(made[0], delivery, number, at, steps=json.loads(steps))


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _delivery(row: sqlite3.Row, **changes: Any) -> Delivery:
    times = {name: _time(row[name]) for name in ("not_before", "expires_at", "take_down_at")}
    values = {name: row[name] for name in row.keys() if name != "tries"}  # noqa: SIM118  a Row iterates its values
    return Delivery(**values | times | changes)


def _attempt(row: sqlite3.Row) -> Attempt:
    started = datetime.fromisoformat(row["started_at"])
    return Attempt(
        id=row["id"],
        delivery=row["delivery"],
        number=row["number"],
        started_at=started,
        ended_at=_time(row["ended_at"]),
        outcome=row["outcome"],
        error_code=row["error_code"],
        error_text=row["error_text"],
        steps=json.loads(row["steps"]),
        receipt=Receipt.from_json(row["receipt"]) if row["receipt"] else None,
    )


@contextmanager
def _explained(path: Path, meaning: str = "") -> Iterator[None]:
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
        elif isinstance(err, sqlite3.DatabaseError) and not isinstance(err, sqlite3.OperationalError | sqlite3.IntegrityError):
            code, what, do = "outbox_corrupt", "the ledger is damaged", "Restore it from a backup before anything is sent"
        else:
            code, what, do = "outbox_unusable", f"the ledger cannot be used: {err}", "Check the state folder"
        raise OutboxError(f"{what}, {meaning}" if meaning else what, code=code, file=path, do=do) from err
