"""What a ledger in one SQLite file is asked, and answers without writing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from geoalert.outbox import claims, record
from geoalert.outbox.chain import Entry
from geoalert.outbox.faults import explained
from geoalert.outbox.model import Attempt, Delivery
from geoalert.outbox.rows import ATTEMPT, DELIVERY, attempt_of, delivery_of, where_of

PAGE = 500


class Reading:
    """The questions of an `Outbox`; what each means stands there."""

    _db: sqlite3.Connection
    _lock: threading.RLock
    _path: Path
    _writes: int

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._lock, explained(self._path):
            yield self._db

    def entries(self, *, alert: str | None = None, since_seq: int = 0, kinds: Collection[str] | None = None) -> Iterator[Entry]:
        """Streams the record."""
        while True:
            with self._read() as db:
                page = record.read_page(db, alert=alert, after=since_seq, kinds=kinds)
            if not page:
                return
            yield from page
            since_seq = page[-1].seq

    def head(self) -> tuple[int, str]:
        """Returns number and hash of the last entry ever written."""
        with self._read() as db:
            return record.head(db)

    def skeleton(self, *, first: int, last: int) -> Iterator[tuple[int, str, str]]:
        """Streams number, digest and hash of entries."""
        while True:
            with self._read() as db:
                page = record.skeleton_page(db, after=first - 1, last=last)
            if not page:
                return
            yield from page
            first = page[-1][0] + 1

    def blocked(self, digests: Iterable[str]) -> set[str]:
        """Returns which of the images are blocked."""
        with self._read() as db:
            return set(record.known_media(db, digests))

    def mark(self, name: str) -> str | None:
        """Returns a mark."""
        with self._read() as db:
            row = db.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def next_due(self, *, at: datetime) -> datetime | None:
        """Returns when the next row can be tried."""
        with self._read() as db:
            return claims.next_due(db, at)

    def unknown_due(self, *, at: datetime, fresh: bool) -> tuple[tuple[Delivery, bool], ...]:
        """Returns unknown rows to be asked about now, each with whether it may be done again."""
        with self._read() as db:
            return tuple(claims.unknown_due(db, at, fresh=fresh))

    def pauses(self, *, at: datetime) -> dict[str, datetime]:
        """Returns accounts that are not tried for now."""
        with self._read() as db:
            return claims.pauses(db, at)

    def counts(self, sender: str | None = None, alert: str | None = None) -> dict[str, int]:
        """Returns how many rows are in each state."""
        where, values = where_of(sender=sender, alert=alert)
        with self._read() as db:
            return dict(db.execute(f"SELECT state, count(*) FROM deliveries{where} GROUP BY state ORDER BY state", values).fetchall())  # noqa: S608

    def changed(self) -> int:
        """Returns a number that differs once somebody else, or a person here, wrote something."""
        with self._read() as db:
            return (int(db.execute("PRAGMA data_version").fetchone()[0]) << 40) + self._writes

    def deliveries(
        self,
        *,
        sender: str | None = None,
        alert: str | None = None,
        state: str | None = None,
        states: Collection[str] | None = None,
        revision: int | None = None,
    ) -> tuple[Delivery, ...]:
        """Returns rows in the order they were queued."""
        wanted = (state,) if state is not None else states
        return tuple(self.iter_deliveries(sender=sender, alert=alert, states=wanted, revision=revision))

    def iter_deliveries(
        self,
        *,
        sender: str | None = None,
        alert: str | None = None,
        states: Collection[str] | None = None,
        revision: int | None = None,
    ) -> Iterator[Delivery]:
        """Streams rows in the order they were queued."""
        after = 0
        where, values = where_of(sender=sender, alert=alert, revision=revision, states=states)
        query = f"SELECT {DELIVERY} FROM deliveries{where or ' WHERE true'} AND id > :after ORDER BY id LIMIT {PAGE}"  # noqa: S608
        while True:
            with self._read() as db:
                page = db.execute(query, {**values, "after": after}).fetchall()
            if not page:
                return
            yield from map(delivery_of, page)
            after = page[-1][0]

    def delivery(self, number: int) -> Delivery | None:
        """Returns one row."""
        with self._read() as db:
            row = db.execute(f"SELECT {DELIVERY} FROM deliveries WHERE id = ?", (number,)).fetchone()  # noqa: S608
        return None if row is None else delivery_of(row)

    def attempts(self, delivery: int) -> tuple[Attempt, ...]:
        """Returns the tries of one row, first to last."""
        with self._read() as db:
            rows = db.execute(f"SELECT {ATTEMPT} FROM attempts WHERE delivery = ? ORDER BY number", (delivery,)).fetchall()  # noqa: S608
        return tuple(attempt_of(row) for row in rows)
