"""A damaged ledger is named, what can be read of it is read, and a backup is whole."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

import pytest

from geoalert.errors import OutboxError
from geoalert.outbox import Event, SqliteOutbox, check_chain
from geoalert.outbox.salvage import salvage
from tests.outbox.rows import new

ROWS = 400


def filled(path: Path, now: datetime) -> int:
    """A ledger of some hundred rows, all in its main file; returns its pages."""
    ledger = SqliteOutbox(path)
    ledger.enqueue([new(now, f"channel-{number}") for number in range(ROWS)], at=now)
    ledger.record([Event("planned", {"number": number}, alert="S1") for number in range(ROWS)], at=now)
    ledger._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = int(ledger._db.execute("PRAGMA page_count").fetchone()[0])
    ledger.close()
    return pages


def read(path: Path, table: str) -> list[int]:
    """Numbers of the rows that can be read."""
    return [row.get("id") or row["seq"] for row in salvage(path) if row["table"] == table]


def test_of_a_whole_ledger_everything_is_read(tmp_path: Path, now: datetime) -> None:
    """Every row, once, in order."""
    filled(tmp_path / "a.sqlite", now)

    assert read(tmp_path / "a.sqlite", "deliveries") == list(range(1, ROWS + 1))
    assert read(tmp_path / "a.sqlite", "log") == list(range(1, ROWS + 1))


def test_of_a_damaged_ledger_the_rest_is_read(tmp_path: Path, now: datetime) -> None:
    """One page after another overwritten with garbage: most rows are still read, never one that was not there."""
    path = tmp_path / "a.sqlite"
    pages = filled(path, now)
    whole = path.read_bytes()
    size = len(whole) // pages
    lost = []
    for page in range(1, pages):
        path.write_bytes(whole[: page * size] + b"\xa5" * size + whole[(page + 1) * size :])
        try:
            found = set(read(path, "deliveries"))
        except OutboxError:
            found = set()
        assert found <= set(range(1, ROWS + 1))
        lost.append(ROWS - len(found))

    assert sorted(lost)[len(lost) // 2] == 0
    assert sum(1 for count in lost if 0 < count <= ROWS // 10) > 5
    assert sum(1 for count in lost if count > ROWS // 2) <= 4, "what names the tables and where they begin"


def test_a_ledger_with_a_damaged_page_is_refused_by_name(tmp_path: Path, now: datetime) -> None:
    """Where a page that is needed is garbage, the error says that the ledger is damaged."""
    path = tmp_path / "a.sqlite"
    pages = filled(path, now)
    whole = path.read_bytes()
    size = len(whole) // pages
    path.write_bytes(whole[:size] + b"\xa5" * (len(whole) - size))

    with pytest.raises(OutboxError) as caught:
        SqliteOutbox(path).enqueue([new(now)], at=now)

    assert caught.value.code == "outbox_corrupt"


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    """A file of garbage, and no file."""
    (tmp_path / "a.sqlite").write_bytes(b"garbage" * 1000)

    for name in ("a.sqlite", "none.sqlite"):
        with pytest.raises(OutboxError) as caught:
            list(salvage(tmp_path / name))
        assert caught.value.code == "outbox_corrupt"


def test_a_backup_is_a_whole_ledger(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """Private, with every row and the chain; an existing file is never written over."""
    outbox.enqueue([new(now)], at=now, events=[Event("issued", {}, alert="S1")])
    to = tmp_path / "copy.sqlite"

    outbox.backup(to)
    with pytest.raises(OutboxError) as caught:
        outbox.backup(to)
    copy = SqliteOutbox(to)

    assert caught.value.code == "backup_exists"
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert copy.deliveries() == outbox.deliveries()
    check_chain(copy.entries())
    copy.close()


@pytest.mark.skipif("__import__('os').geteuid() == 0", reason="root writes everywhere")
def test_a_read_only_file_is_named(tmp_path: Path, now: datetime) -> None:
    """What cannot be written is refused before anything leaves."""
    filled(tmp_path / "a.sqlite", now)
    (tmp_path / "a.sqlite").chmod(0o400)

    with pytest.raises(OutboxError) as caught:
        SqliteOutbox(tmp_path / "a.sqlite").enqueue([new(now, "one more")], at=now)

    assert caught.value.code == "disk_read_only"


def test_a_ledger_that_may_only_be_read_stops_sending(outbox: SqliteOutbox, now: datetime) -> None:
    """A filesystem gone read-only under an open ledger: nothing is claimed."""
    outbox.enqueue([new(now)], at=now)
    outbox._db.execute("PRAGMA query_only = ON")

    with pytest.raises(OutboxError) as caught:
        outbox.exchange([], [], at=now, lanes={"posts": 1}, most=1)

    assert caught.value.code == "disk_read_only"
    assert outbox.deliveries()[0].state == "queued"
