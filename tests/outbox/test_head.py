"""The record's end: noted where it is written, missed where it is gone."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from geoalert.errors import OutboxError
from geoalert.outbox import ZEROS, Event, SqliteOutbox, check_chain
from tests.outbox.rows import new

FIRST, WHOLE = "DROP TRIGGER log_never_shrinks; DROP TRIGGER log_only_purges;", 5


def written(path: Path, now: datetime, count: int = WHOLE) -> None:
    """A ledger with so many entries, left alone."""
    ledger = SqliteOutbox(path)
    for number in range(count):
        ledger.record([Event("planned", {"number": number}, alert="S1")], at=now)
    ledger.close()


def tampered(path: Path, script: str) -> None:
    """Somebody with the file in hand."""
    db = sqlite3.connect(path)
    db.executescript(FIRST + script)
    db.close()


@pytest.mark.parametrize(
    ("script", "code", "row"),
    [
        ("DELETE FROM log WHERE seq > 3", "record_shortened", 4),
        ("DELETE FROM log", "record_shortened", 1),
        ("DELETE FROM log WHERE seq = 5", "record_shortened", 5),
        ("UPDATE log SET hash = entry_digest WHERE seq = 5", "record_broken", 5),
    ],
    ids=["tail", "all", "last", "anew"],
)
def test_a_record_without_its_end_is_not_opened(tmp_path: Path, now: datetime, script: str, code: str, row: int) -> None:
    """What is left is a whole chain; that it is too short is said by number."""
    path = tmp_path / "outbox.sqlite"
    written(path, now)
    tampered(path, script)

    with pytest.raises(OutboxError) as caught:
        SqliteOutbox(path)

    assert (caught.value.code, caught.value.row, caught.value.file) == (code, row, str(path))


def test_a_cut_under_a_running_ledger_leaves_a_gap_for_ever(tmp_path: Path, now: datetime) -> None:
    """Sending goes on, and the record goes on from where it was: the missing entries cannot be passed over."""
    path = tmp_path / "outbox.sqlite"
    written(path, now)
    ledger = SqliteOutbox(path)
    tampered(path, "DELETE FROM log WHERE seq > 3")

    (entry,) = ledger.record([Event("approved", {}, alert="S1")], at=now)

    assert (entry.seq, ledger.head()) == (6, (6, entry.hash))
    with pytest.raises(OutboxError, match="missing") as caught:
        check_chain(ledger.entries())
    assert (caught.value.code, caught.value.row) == ("record_broken", 4)
    ledger.close()


def test_the_head_is_the_last_entry_however_it_was_written(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """By a person, by a try's end, by another process; one that was undone never was."""
    assert outbox.head() == (0, ZEROS)
    other = SqliteOutbox(tmp_path / "outbox.sqlite")
    outbox.enqueue([new(now)], at=now, events=[Event("issued", {}, alert="S1")])
    ((_, attempt),) = other.claim(at=now)
    other.settle(attempt, state="rejected", at=now)
    with pytest.raises(ValueError, match="nan"):
        outbox.record([Event("held", {}), Event("held", {"x": float("nan")})], at=now)

    last = list(outbox.entries())[-1]

    assert outbox.head() == other.head() == (last.seq, last.hash) == (2, last.hash)
    other.close()


def test_a_ledger_from_before_heads_were_noted_is_opened(tmp_path: Path, now: datetime) -> None:
    """Its head is noted with the next entry."""
    path = tmp_path / "outbox.sqlite"
    written(path, now)
    tampered(path, "DELETE FROM marks")

    ledger = SqliteOutbox(path)
    ledger.record([Event("approved", {}, alert="S1")], at=now)
    ledger.close()

    db = sqlite3.connect(path)
    assert db.execute("SELECT value FROM marks").fetchone()[0].startswith("6 ")
    db.close()
