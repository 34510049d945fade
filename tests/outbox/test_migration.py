"""A ledger of the first version opens, is brought up to this one whole, and loses nothing."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from geoalert.errors import OutboxError
from geoalert.outbox import SqliteOutbox
from geoalert.outbox.rows import text_of
from tests.outbox.rows import new

V1 = Path(__file__).with_name("old") / "v1.sql"
STATES = ("queued", "done", "unknown", "held")


def write_v1(path: Path, now: datetime) -> None:
    """A ledger as the first version wrote it: four rows, one of them tried twice."""
    db = sqlite3.connect(path)
    db.executescript(V1.read_text(encoding="utf-8"))
    for number, state in enumerate(STATES, 1):
        row = new(now, f"channel-{number}")
        db.execute(
            "INSERT INTO deliveries (key, sender, alert, revision, channel, act, account, status, plan_digest, post_digest, urgency,"
            " expires_at, state, queued_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (row.key, row.sender, row.alert, 1, row.channel, "publish", row.account, row.status, row.plan_digest, row.post_digest, 2,
             text_of(row.expires_at), state, text_of(now)),
        )  # fmt: skip
    for number in (1, 2):
        db.execute(
            "INSERT INTO attempts (delivery, number, started_at, steps) VALUES (2, ?, ?, ?)",
            (number, text_of(now), f'{{"try": "{number}"}}'),
        )
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()


def schema(path: Path) -> list[tuple[str, str]]:
    """Tables with their columns, indexes and triggers, whatever the order of columns."""
    db = sqlite3.connect(path)
    names = db.execute("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()
    columns = [(name, str(sorted(row[1:5] for row in db.execute(f"PRAGMA table_info({name})")))) for kind, name in names if kind == "table"]
    db.close()
    return names + columns


def test_a_ledger_of_version_1_is_brought_up_and_nothing_is_lost(tmp_path: Path, now: datetime) -> None:
    """Rows, tries and steps stand; the file has the shape of a new one; what waits is sent."""
    write_v1(tmp_path / "old.sqlite", now)
    SqliteOutbox(tmp_path / "new.sqlite").close()

    ledger = SqliteOutbox(tmp_path / "old.sqlite")
    rows = ledger.deliveries()

    assert [row.state for row in rows] == list(STATES)
    assert [row.tries for row in rows] == [0, 2, 0, 0]
    assert [attempt.steps for attempt in ledger.attempts(2)] == [{"try": "1"}, {"try": "2"}]
    assert [row.channel for row, _ in ledger.claim(at=now, most=9)] == ["channel-1"]
    assert schema(tmp_path / "old.sqlite") == schema(tmp_path / "new.sqlite")
    ledger.close()


def test_an_upgrade_that_fails_leaves_the_first_version(tmp_path: Path, now: datetime) -> None:
    """All in one transaction: a table in the way, and the file is as it was."""
    path = tmp_path / "old.sqlite"
    write_v1(path, now)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE marks (x)")
    db.commit()
    before = list(db.iterdump())

    with pytest.raises(OutboxError):
        SqliteOutbox(path)

    assert list(db.iterdump()) == before
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()
