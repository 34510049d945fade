"""The ledger in SQLite: nothing is lost, nothing is taken twice, and its failures are named."""

from __future__ import annotations

import re
import sqlite3
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from geoalert.errors import NotSent, OutboxError, PlanChanged
from geoalert.outbox import SqliteOutbox, delivery_key
from geoalert.publishing import Receipt
from tests.outbox.rows import new


def test_key_is_26_base32_characters_and_depends_on_every_part() -> None:
    """Each part of the identity changes the key; nothing else does."""
    whole = ("Example Police", "S1", 1, "ed-bia", "publish", 0)
    others = [("X", *whole[1:]), (*whole[:1], "S2", *whole[2:]), (*whole[:2], 2, *whole[3:]), (*whole[:3], "c", *whole[4:]),
              (*whole[:4], "recall", 0), (*whole[:5], 1)]  # fmt: skip

    keys = {delivery_key(*parts) for parts in [whole, *others]}

    assert len(keys) == 7
    assert all(re.fullmatch("[A-Z2-7]{26}", key) for key in keys)


def test_joined_parts_cannot_imitate_each_other() -> None:
    """Moving a character from one part to the next is another delivery."""
    assert delivery_key("a", "bc", 1, "d", "publish") != delivery_key("ab", "c", 1, "d", "publish")


def test_enqueueing_twice_adds_nothing(outbox: SqliteOutbox, now: datetime) -> None:
    """The same deliveries again are the rows that stand."""
    first = outbox.enqueue([new(now), new(now, "d14")], at=now)

    again = outbox.enqueue([new(now), new(now, "d14")], at=now)

    assert [row.id for row in again] == [row.id for row in first]
    assert len(outbox.deliveries()) == 2


def test_another_plan_of_the_same_revision_is_refused_whole(outbox: SqliteOutbox, now: datetime) -> None:
    """A changed plan may not slip in under a revision that was queued; nothing of it is kept."""
    outbox.enqueue([new(now)], at=now)

    with pytest.raises(PlanChanged) as caught:
        outbox.enqueue([new(now, "new-place", plan_digest="c" * 64), new(now, plan_digest="c" * 64)], at=now)

    assert caught.value.code == "revision_taken"
    assert [row.channel for row in outbox.deliveries()] == ["ed-bia"]


def test_a_revision_belongs_to_one_plan_whatever_its_channels(outbox: SqliteOutbox, now: datetime) -> None:
    """Another plan of the revision is refused even where no channel is the same."""
    outbox.enqueue([new(now, "d14")], at=now)

    with pytest.raises(PlanChanged):
        outbox.enqueue([new(now, "d52", plan_digest="c" * 64)], at=now)


def test_a_claimed_row_is_sending_on_disk_and_taken_once(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """Another connection sees `sending` before any byte could leave."""
    outbox.enqueue([new(now)], at=now)

    claimed = outbox.claim(at=now, most=5)
    other = SqliteOutbox(tmp_path / "outbox.sqlite")

    assert [delivery.state for delivery, _ in claimed] == ["sending"]
    assert [row.state for row in other.deliveries()] == ["sending"]
    assert other.claim(at=now) == ()
    other.close()


def test_claims_go_by_urgency_with_corrections_first(outbox: SqliteOutbox, now: datetime) -> None:
    """Taking back comes before saying more, and the urgent before the rest."""
    rows = [new(now, "late", urgency=2), new(now, "soon", urgency=0), new(now, "gone", act="recall", expires_at=now - timedelta(days=2))]
    outbox.enqueue(rows, at=now)

    claimed = outbox.claim(at=now, most=9)

    assert [delivery.channel for delivery, _ in claimed] == ["gone", "soon", "late"]


def test_what_is_not_due_or_held_or_expired_is_not_claimed(outbox: SqliteOutbox, now: datetime) -> None:
    """Time and holds keep a row from leaving."""
    rows = [new(now, "later", not_before=now + timedelta(minutes=1)), new(now, "held", held_reason="quiet hours"),
            new(now, "over", expires_at=now)]  # fmt: skip
    outbox.enqueue(rows, at=now)

    assert outbox.claim(at=now, most=9) == ()
    assert outbox.expire(at=now) == 1
    assert {row.channel: row.state for row in outbox.deliveries()} == {"later": "queued", "held": "held", "over": "expired"}


def test_settling_keeps_receipt_steps_and_error(outbox: SqliteOutbox, now: datetime) -> None:
    """Both tries of one delivery can be read back in full."""
    outbox.enqueue([new(now)], at=now)
    (_, first), = outbox.claim(at=now)  # fmt: skip
    outbox.save_steps(first.id, {"media": "7"})
    outbox.settle(first, state="queued", at=now, error=NotSent("refused", code="refused"), not_before=now)
    (_, second), = outbox.claim(at=now)  # fmt: skip
    receipt = Receipt(publisher="folder", account="posts", id="ed-bia/KEY", at=now, raw={"ok": True})
    outbox.settle(second, state="done", at=now, receipt=receipt)

    tries = outbox.attempts(first.delivery)

    assert second.steps == {"media": "7"}
    assert [(each.number, each.outcome, each.error_code) for each in tries] == [(1, "queued", "refused"), (2, "done", None)]
    assert tries[1].receipt == receipt


def test_rows_left_sending_become_unknown(outbox: SqliteOutbox, now: datetime) -> None:
    """After a crash nobody knows, and nothing is repeated blindly."""
    outbox.enqueue([new(now)], at=now)
    (_, attempt), = outbox.claim(at=now)  # fmt: skip

    assert outbox.recover(at=now) == 1
    assert [row.state for row in outbox.deliveries()] == ["unknown"]
    assert outbox.attempts(attempt.delivery)[0].error_code == "crashed"


def test_file_is_for_its_owner_only(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """The ledger is 0600."""
    assert stat.S_IMODE((tmp_path / "outbox.sqlite").stat().st_mode) == 0o600


def test_a_locked_ledger_is_named(tmp_path: Path, now: datetime) -> None:
    """Another writer that does not let go is one clear error."""
    path = tmp_path / "outbox.sqlite"
    ledger = SqliteOutbox(path, busy_timeout_s=0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OutboxError) as caught:
        ledger.enqueue([new(now)], at=now)

    assert caught.value.code == "outbox_locked"
    other.close()
    ledger.close()


def test_a_full_disk_stops_before_anything_leaves(tmp_path: Path, now: datetime) -> None:
    """When the ledger cannot grow, nothing is queued and the disk is named."""
    ledger = SqliteOutbox(tmp_path / "outbox.sqlite")
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(OutboxError) as caught:
        ledger.enqueue([new(now, f"channel-{number}") for number in range(500)], at=now)

    assert caught.value.code == "disk_full"
    assert ledger.deliveries() == ()
    ledger.close()


@pytest.mark.parametrize(("content", "code"), [(b"not a database at all, but text" * 50, "outbox_corrupt"), (b"", "outbox_corrupt")])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    """A file that is no ledger is refused by name and left as it was."""
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(content)

    with pytest.raises(OutboxError) as caught:
        SqliteOutbox(path)

    assert caught.value.code == code
    assert path.read_bytes() == content


def test_a_ledger_of_a_later_version_is_refused(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """An old program does not write into a newer ledger."""
    outbox._db.execute("PRAGMA user_version = 99")

    with pytest.raises(OutboxError) as caught:
        SqliteOutbox(tmp_path / "outbox.sqlite")

    assert caught.value.code == "outbox_too_new"


def test_what_precedes_a_request_is_synced(outbox: SqliteOutbox) -> None:
    """WAL with synchronous=FULL: a row marked `sending` survives the power going."""
    assert outbox._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert outbox._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
