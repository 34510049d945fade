"""Group commit: what one sync for many rows saves, against one a row as the contract's single steps do it."""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from geoalert.outbox import NewDelivery, Settlement, SqliteOutbox
from geoalert.publishing import Receipt
from tests.bench.runner import Bench, Side

ROWS = 512
LANES = 64
AT = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)


def rows(alert: str, count: int, account: str = "one") -> Iterator[NewDelivery]:
    """Yields so many posts of one alert."""
    for number in range(count):
        yield NewDelivery(
            sender="Example Police", alert=alert, revision=1, channel=f"channel-{number}", account=account, status="exercise",
            plan_digest="a", post_digest="b", expires_at=AT + timedelta(hours=1),
        )  # fmt: skip


class Ledger:
    """A ledger on disk, with `waiting` posts of another account that nobody may send now."""

    def __init__(self, waiting: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="geoalert-bench-")
        self.outbox = SqliteOutbox(Path(self._folder.name) / "outbox.sqlite")
        self._alerts = itertools.count(1)
        self.outbox.enqueue(rows("S0", waiting, "two"), at=AT)

    def queued(self) -> None:
        """Queues a new alert."""
        self.outbox.enqueue(rows(f"S{next(self._alerts)}", ROWS), at=AT)

    def in_groups(self) -> None:
        """Claims and settles as the worker does: 64 at a time, one sync for what ended and what begins."""
        self.queued()
        ended: list[Settlement] = []
        while True:
            claimed = self.outbox.exchange(ended, (), at=AT, lanes={"one": LANES}, most=LANES)
            if not claimed:
                return
            ended = [Settlement(attempt, "done", AT, _receipt(delivery.key)) for delivery, attempt in claimed]

    def one_by_one(self) -> None:
        """Claims and settles each row with syncs of its own."""
        self.queued()
        for _ in range(ROWS):
            ((delivery, attempt),) = self.outbox.exchange((), (), at=AT, lanes={"one": 1}, most=1)
            self.outbox.settle(attempt, state="done", at=AT, receipt=_receipt(delivery.key))


class Table:
    """The least that anybody could keep: a key and a state, synced before and after each group."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="geoalert-bench-")
        self._db = sqlite3.connect(Path(self._folder.name) / "table.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE posts (key TEXT PRIMARY KEY, state TEXT)")
        self._keys = itertools.count()

    def in_groups(self) -> None:
        """Inserts, marks `sending`, and marks `done`, 64 at a time."""
        keys = [str(next(self._keys)) for _ in range(ROWS)]
        self._write("INSERT INTO posts VALUES (?, 'queued')", keys)
        for begin in range(0, ROWS, LANES):
            for state in ("sending", "done"):
                self._write(f"UPDATE posts SET state = '{state}' WHERE key = ?", keys[begin : begin + LANES])

    def _write(self, sql: str, keys: list[str]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(sql, [(key,) for key in keys])
        self._db.execute("COMMIT")


def _receipt(key: str) -> Receipt:
    return Receipt(publisher="webhook", account="one", id=key, at=AT)


def bench(shared: Path) -> Bench:
    """Returns the bench of the ledger alone; the record's hash chain is part of ours."""
    few, single, many, table = Ledger(), Ledger(), Ledger(waiting=100_000), Table()

    def check() -> None:
        many.in_groups()
        assert many.outbox.counts() == {"done": ROWS, "queued": 100_000}

    return Bench(
        name="claim",
        promise=f"{ROWS} posts queued, claimed 64 at a time, settled and recorded, on disk",
        sides=(
            Side("geoalert, 100,000 more queued", many.in_groups, calls=1),
            Side("geoalert, nothing else queued", few.in_groups, limit=1 / 1.5, calls=1),
            Side("geoalert, one row at a time", single.one_by_one, limit=1.5, calls=1),
            Side("a table of keys and states", table.in_groups, calls=1),
        ),
        rounds=9,
        check=check,
    )
