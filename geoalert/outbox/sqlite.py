"""The ledger in one SQLite file, which is the default."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from geoalert.outbox import claims, queue, record, settling
from geoalert.outbox.chain import Entry
from geoalert.outbox.events import Event
from geoalert.outbox.faults import explained
from geoalert.outbox.model import Attempt, Delivery, NewDelivery, Settlement
from geoalert.outbox.opening import SCHEMA_VERSION, connect, copy_to, create
from geoalert.outbox.reading import Reading
from geoalert.outbox.rows import text_of
from geoalert.outbox.seen import Seen, refuse_overtaken
from geoalert.publishing import Receipt

__all__ = ["BUSY_TIMEOUT_S", "SCHEMA_VERSION", "SqliteOutbox"]

BUSY_TIMEOUT_S = 10.0
NOTHING_SENT = "so nothing was sent"


class SqliteOutbox(Reading):
    """An `Outbox` in one file: WAL, synchronous=FULL, one connection behind a lock, several processes on one file.

    What each method means stands in `Outbox`.

    Args:
        path: the file; made with mode 0600 when absent, brought up to this version when older.
        busy_timeout_s: how long to wait for another process's write.
        worker: the name that attempts carry; this machine and process if left out.

    Raises:
        OutboxError: the file is no ledger, is newer than this program, is locked, or the disk is full or read-only.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S, worker: str | None = None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._worker = worker or f"{os.uname().nodename}:{os.getpid()}"
        self._writes = 0
        self._claimed: tuple[tuple[Delivery, Attempt], ...] = ()
        with explained(path):
            if not path.exists():
                create(path)
            self._db = connect(path, busy_timeout_s=busy_timeout_s)

    @contextmanager
    def _write(self, meaning: str = "") -> Iterator[sqlite3.Connection]:
        with self._lock, explained(self._path, meaning):
            outermost = not self._db.in_transaction
            try:
                # An interruption may come right after any of these has had its effect.
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if outermost and self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _decide(self, at: datetime, events: Iterable[Event], meaning: str = "", seen: Seen | None = None) -> Iterator[sqlite3.Connection]:
        """One transaction of a person or policy: what it rests on, what is done, then the events that tell of it."""
        with self._write(meaning) as db:
            refuse_overtaken(db, seen)
            yield db
            record.append(db, events, text_of(at))
            self._writes += 1

    def enqueue(
        self,
        deliveries: Iterable[NewDelivery],
        *,
        at: datetime,
        events: Iterable[Event] = (),
        supersede: Iterable[int] = (),
        seen: Seen | None = None,
    ) -> tuple[Delivery, ...]:
        """Takes `supersede` out of the queue and adds what is not there yet, all or nothing."""
        with self._decide(at, events, NOTHING_SENT, seen) as db:
            queue.supersede(db, supersede, text_of(at))
            return queue.enqueue(db, deliveries, at)

    def claim(self, *, at: datetime, most: int = 1) -> tuple[tuple[Delivery, Attempt], ...]:
        """Marks due rows `sending`, on disk when it returns."""
        with self._write(NOTHING_SENT) as db:
            claims.ripen(db, at)
            return claims.claim(db, at=at, lanes=dict.fromkeys(claims.ready_accounts(db), most), most=most, worker=self._worker)

    def exchange(
        self,
        settlements: Iterable[Settlement],
        steps: Iterable[tuple[int, Mapping[str, str]]],
        *,
        at: datetime,
        lanes: Mapping[str, int],
        most: int,
    ) -> tuple[tuple[Delivery, Attempt], ...]:
        """Writes what ended and claims what is due, in one transaction with one sync."""
        with self._write() as db:
            settling.settle_all(db, settlements, text_of(at))
            for attempt, kept in steps:
                claims.save_steps(db, attempt, kept)
            claims.ripen(db, at)
            self._claimed = claims.claim(db, at=at, lanes=lanes, most=most, worker=self._worker)
            return self._claimed

    def put_back(self, begun: Collection[int], *, at: datetime) -> int:
        """Queues again what the last exchange claimed and nobody began."""
        left = [attempt for _, attempt in self._claimed if attempt.id not in begun]
        if not left:
            return 0
        with self._write() as db:
            return settling.put_back(db, left, at)

    def reopen(self, delivery: int, *, at: datetime) -> Attempt:
        """Opens an attempt to find out what became of an unknown row."""
        with self._write() as db:
            return claims.reopen(db, delivery, at, self._worker)

    def save_steps(self, attempt: int, steps: Mapping[str, str]) -> None:
        """Keeps what a publisher wants to find again."""
        with self._write() as db:
            claims.save_steps(db, attempt, steps)

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
        """Ends one attempt and puts its row into `state`."""
        with self._write() as db:
            settling.settle_all(db, [Settlement(attempt, state, at, receipt, error, not_before)], text_of(at))

    def recover(self, *, at: datetime) -> int:
        """Turns rows left `sending` by a crash into `unknown`."""
        with self._write() as db:
            return len(record.append(db, claims.recover(db, text_of(at)), text_of(at)))

    def expire(self, *, at: datetime) -> int:
        """Turns rows that were not sent before their expiry into `expired`."""
        with self._read() as db:
            if not claims.expiring(db, text_of(at)):
                return 0
        with self._write() as db:
            count, events = claims.expire(db, text_of(at))
            record.append(db, events, text_of(at))
        return count

    def hold(
        self, *, sender: str, alert: str, at: datetime, by: str, reason: str, through: int | None = None, events: Iterable[Event] = ()
    ) -> int:
        """Stops what an alert has still to say."""
        with self._decide(at, events) as db:
            return queue.hold(db, sender=sender, alert=alert, at=text_of(at), by=by, reason=reason, through=through)

    def release(self, *, sender: str, alert: str, at: datetime, by: str, events: Iterable[Event] = ()) -> int:
        """Ends an alert's hold; who did it stands in `events`."""
        with self._decide(at, events) as db:
            return queue.release(db, sender=sender, alert=alert)

    def supersede(self, ids: Iterable[int], *, at: datetime, events: Iterable[Event] = (), seen: Seen | None = None) -> int:
        """Takes rows out of the queue for a newer revision."""
        with self._decide(at, events, seen=seen) as db:
            return queue.supersede(db, ids, text_of(at))

    def settle_unknown(
        self, delivery: int, *, state: str, at: datetime, receipt: Receipt | None = None, events: Iterable[Event] = ()
    ) -> str:
        """Puts an unknown row where a person says it belongs."""
        if state not in ("done", "rejected", "queued"):
            raise ValueError(f"an unknown row becomes done, rejected or queued, not {state!r}")
        with self._decide(at, events) as db:
            told = receipt.to_json() if receipt else None
            return settling.settle_unknown(db, delivery, state=state, receipt=told, at=text_of(at))

    def confirm(self, delivery: int, *, at: datetime, by: str, note: str | None = None, events: Iterable[Event] = ()) -> None:
        """Notes that somebody says a post is gone."""
        with self._decide(at, events) as db:
            queue.confirm(db, delivery, at=text_of(at), by=by, note=note)

    def record(self, events: Iterable[Event], *, at: datetime, seen: Seen | None = None) -> tuple[Entry, ...]:
        """Appends to the record."""
        with self._write() as db:
            refuse_overtaken(db, seen)
            self._writes += 1
            return record.append(db, events, text_of(at))

    def purge_bodies(self, seqs: Collection[int], *, at: datetime, events: Iterable[Event] = ()) -> int:
        """Forgets what entries said, in the file as well."""
        with self._lock:
            with explained(self._path):
                self._db.execute("PRAGMA secure_delete = ON")
            try:
                with self._decide(at, events) as db:
                    count = record.purge(db, seqs)
            finally:
                self._db.execute("PRAGMA secure_delete = OFF")
            with explained(self._path):
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def block_media(self, digests: Iterable[str], *, sender: str, alert: str, at: datetime, events: Iterable[Event] = ()) -> None:
        """Blocks images for ever."""
        with self._decide(at, events) as db:
            rows = [(digest, sender, alert, text_of(at)) for digest in digests]
            db.executemany("INSERT INTO blocked_media (digest, sender, alert, at) VALUES (?,?,?,?) ON CONFLICT DO NOTHING", rows)

    def set_mark(self, name: str, value: str) -> None:
        """Sets a mark."""
        with self._write() as db:
            db.execute("INSERT INTO marks (name, value) VALUES (?,?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value))

    def look(self, *, at: datetime) -> tuple[tuple[str, ...], datetime | None]:
        """Returns the accounts that have something ready, and when the next wait ends."""
        with self._read() as db:
            ripe = claims.ripe(db, at)
        if ripe:
            with self._write() as db:
                claims.ripen(db, at)
        with self._read() as db:
            return tuple(claims.ready_accounts(db)), claims.next_wait(db)

    def backup(self, to: Path) -> None:
        """Writes a whole copy of the ledger while it is in use.

        Raises:
            OutboxError: `to` is there already (backup_exists), or cannot be written.
        """
        with self._lock, explained(to):
            copy_to(self._db, to)

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._db.close()
