"""One exchange: what ended is written and what is due is claimed, with one sync, in the right order, by index."""

from __future__ import annotations

import sqlite3
import tracemalloc
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.errors import NotSent
from geoalert.outbox import Settlement, SqliteOutbox
from geoalert.outbox import claims as written
from geoalert.publishing import Receipt
from tests.outbox.rows import new


def test_at_most_as_many_as_there_are_lanes(outbox: SqliteOutbox, now: datetime) -> None:
    """Each account gets its lanes, all together get no more than there are threads."""
    outbox.enqueue([new(now, f"{account}-{number}", account=account) for account in "abc" for number in range(5)], at=now)

    first = outbox.exchange([], [], at=now, lanes={"a": 2, "b": 4, "c": 0}, most=99)
    second = outbox.exchange([], [], at=now, lanes={"a": 9, "c": 9}, most=3)

    assert [row.channel for row, _ in first] == ["a-0", "a-1", "b-0", "b-1", "b-2", "b-3"]
    assert [row.channel for row, _ in second] == ["a-2", "a-3", "a-4"]


def test_corrections_then_urgency_then_age_over_all_accounts(outbox: SqliteOutbox, now: datetime) -> None:
    """Whatever account it is of, taking back goes first."""
    rows = [new(now, "a-late", account="a", urgency=3), new(now, "b-soon", account="b", urgency=0),
            new(now, "a-soon", account="a", urgency=0),
            new(now, "b-gone", account="b", act="recall", because="error", urgency=4)]  # fmt: skip
    outbox.enqueue(rows, at=now)

    claimed = outbox.exchange([], [], at=now, lanes={"a": 9, "b": 9}, most=9)

    assert [row.channel for row, _ in claimed] == ["b-gone", "b-soon", "a-soon", "a-late"]


def test_ends_steps_and_claims_are_one_transaction(outbox: SqliteOutbox, now: datetime) -> None:
    """When one part cannot be written none is."""
    outbox.enqueue([new(now, f"c{number}") for number in range(3)], at=now)
    (_, first), (_, second) = outbox.exchange([], [], at=now, lanes={"posts": 2}, most=2)
    receipt = Receipt(publisher="page", account="posts", id="1", at=now)

    with pytest.raises(TypeError):
        outbox.exchange([Settlement(first, "done", now, receipt)], [(second.id, {"media": object()})], at=now, lanes={}, most=0)  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        outbox.exchange([Settlement(first, "done", now, receipt)], [(second.id, 7)], at=now, lanes={"posts": 1}, most=1)  # type: ignore[list-item]

    assert outbox.counts() == {"queued": 1, "sending": 2}
    assert list(outbox.entries()) == []
    claimed = outbox.exchange([Settlement(first, "done", now, receipt)], [(second.id, {"media": "7"})], at=now, lanes={"posts": 1}, most=1)
    assert [row.channel for row, _ in claimed] == ["c2"]
    assert outbox.counts() == {"done": 1, "sending": 2}
    assert outbox.attempts(second.delivery)[0].steps == {"media": "7"}


def retry(outbox: SqliteOutbox, now: datetime, wait_s: int, **more: datetime) -> None:
    """One row, tried once in vain, that waits."""
    outbox.enqueue([new(now, "slow", expires_at=now + timedelta(days=9))], at=now)
    (_, attempt), = outbox.claim(at=now)  # fmt: skip
    ended = Settlement(attempt, "queued", now, error=NotSent("busy"), not_before=now + timedelta(seconds=wait_s), **more)
    outbox.exchange([ended], [], at=now, lanes={}, most=0)


def test_a_clock_set_back_does_not_lengthen_a_wait(outbox: SqliteOutbox, now: datetime) -> None:
    """A wait of a minute that began in what is now the future is over; a small correction changes nothing."""
    retry(outbox, now, 60)

    assert outbox.claim(at=now - timedelta(seconds=1)) == ()
    assert len(outbox.claim(at=now - timedelta(hours=1))) == 1


def test_a_clock_set_forward_sends_once(outbox: SqliteOutbox, now: datetime) -> None:
    """An hour ahead and back: what was claimed is not claimed again."""
    retry(outbox, now, 60)

    assert len(outbox.claim(at=now + timedelta(hours=1))) == 1
    assert outbox.claim(at=now) == outbox.claim(at=now + timedelta(hours=2)) == ()


def test_a_scheduled_row_keeps_its_hour_when_the_clock_is_set(outbox: SqliteOutbox, now: datetime) -> None:
    """What somebody planned for nine is sent at nine by the clock on the wall."""
    outbox.enqueue([new(now, not_before=now + timedelta(minutes=5))], at=now)

    assert outbox.claim(at=now - timedelta(hours=1)) == ()
    assert len(outbox.claim(at=now + timedelta(minutes=5))) == 1


def test_the_next_due_row_knows_pauses(outbox: SqliteOutbox, now: datetime) -> None:
    """None, now, after a pause, and never by a pause that a clock set back has made senseless."""
    assert outbox.next_due(at=now) is None
    retry(outbox, now, 60, pause_until=now + timedelta(seconds=90))
    assert outbox.next_due(at=now) == now + timedelta(seconds=60)
    outbox.enqueue([new(now, "other", account="other")], at=now)
    assert outbox.next_due(at=now) == now
    outbox.claim(at=now)
    outbox.enqueue([new(now, "same account")], at=now)

    assert outbox.pauses(at=now) == {"posts": now + timedelta(seconds=90)}
    assert outbox.next_due(at=now + timedelta(seconds=70)) == now + timedelta(seconds=60)
    assert outbox.pauses(at=now - timedelta(hours=1)) == {}


def test_changed_tells_of_others_and_of_persons_only(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """A worker's own bookkeeping does not wake it; a new row and another process do."""
    other = SqliteOutbox(tmp_path / "outbox.sqlite")
    seen = [outbox.changed()]
    outbox.enqueue([new(now)], at=now)
    seen.append(outbox.changed())
    outbox.exchange([], [], at=now, lanes={"posts": 1}, most=1)
    seen.append(outbox.changed())
    other.hold(sender="Example Police", alert="S1", at=now, by="m.roy", reason="wait")
    seen.append(outbox.changed())
    other.close()

    assert [before != after for before, after in pairwise(seen)] == [True, False, True]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(-90, 90)), min_size=1, max_size=25), st.integers(0, 4))
def test_every_due_row_is_claimed_once_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, bool, int]], most: int
) -> None:
    """Whatever urgency, act and time: repeated exchanges take each due row once, in order."""
    now = datetime.fromisoformat("2027-03-12T21:00:00+00:00")
    ledger = SqliteOutbox(tmp_path_factory.mktemp("ledger") / "outbox.sqlite")
    ledger.enqueue(
        [new(now, f"c{number}", urgency=urgency, act="recall" if back else "publish", because="error" if back else None,
             not_before=now + timedelta(seconds=wait)) for number, (urgency, back, wait) in enumerate(rows)],
        at=now,
    )  # fmt: skip
    taken: list[str] = []
    while claimed := ledger.exchange([], [], at=now, lanes={"posts": most + 1}, most=most + 1):
        taken += [row.channel for row, _ in claimed]
    ledger.close()

    due = sorted((not back, urgency, number) for number, (urgency, back, wait) in enumerate(rows) if wait <= 0)
    assert taken == [f"c{number}" for _, _, number in due]


def test_no_query_of_a_worker_reads_the_whole_table(outbox: SqliteOutbox, now: datetime) -> None:
    """Every statement of claiming, settling and looking is answered by an index, and nothing is sorted aside."""
    statements: list[str] = []
    outbox.enqueue([new(now, f"c{number}") for number in range(3)], at=now)
    outbox._db.set_trace_callback(statements.append)
    (_, attempt), *_ = outbox.exchange([], [], at=now, lanes={"posts": 2}, most=2)
    outbox.exchange(
        [Settlement(attempt, "queued", now, not_before=now, pause_until=now)], [(attempt.id, {})], at=now, lanes={"posts": 2}, most=2
    )
    outbox.next_due(at=now)
    outbox.look(at=now)
    outbox.expire(at=now)
    outbox.recover(at=now)
    outbox.unknown_due(at=now, fresh=True)
    outbox.delivery(1)
    outbox.attempts(1)
    list(outbox.iter_deliveries(sender="Example Police", alert="S1"))
    list(outbox.iter_deliveries(states=["unknown"]))
    outbox._db.set_trace_callback(None)

    plans = {}
    for statement in statements:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            plans[statement] = [row[3] for row in outbox._db.execute(f"EXPLAIN QUERY PLAN {statement}")]

    assert len(plans) > 15
    for statement, steps in plans.items():
        scans = [step for step in steps if step.startswith("SCAN") and "USING INDEX" not in step and "USING COVERING INDEX" not in step]
        assert scans in ([], ["SCAN log"], ["SCAN pauses"]), (statement, steps)
        assert not any("TEMP B-TREE" in step for step in steps), (statement, steps)


@pytest.mark.parametrize("count", [pytest.param(2_000, id="short"), pytest.param(100_000, id="full", marks=pytest.mark.long)])
def test_memory_is_flat_however_much_is_queued(tmp_path: Path, now: datetime, count: int) -> None:
    """Claiming, settling and reading through take the same memory with 100 rows and with a thousand times as many."""
    peaks = []
    for rows in (100, count):
        ledger = SqliteOutbox(tmp_path / f"{rows}.sqlite")
        for start in range(0, rows, 500):
            ledger.enqueue([new(now, f"c{number}") for number in range(start, min(start + 500, rows))], at=now)
        receipt = Receipt(publisher="page", account="posts", id="1", at=now)
        tracemalloc.start()
        settled: list[Settlement] = []
        for _ in range(20):
            settled = [
                Settlement(attempt, "done", now, receipt) for _, attempt in ledger.exchange(settled, [], at=now, lanes={"posts": 4}, most=4)
            ]
        assert sum(1 for _ in ledger.iter_deliveries(alert="S1")) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        ledger.close()

    assert peaks[1] < peaks[0] + 2_000_000


def test_the_slack_of_a_clock_is_short() -> None:
    """A wait may grow by no more than what a time service corrects in one step."""
    assert timedelta(0) < written._SLACK <= timedelta(seconds=5)


def test_the_ledger_is_written_by_one_at_a_time_and_read_by_all(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """While another program writes, rows can be read."""
    outbox.enqueue([new(now)], at=now)
    other = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert len(outbox.deliveries()) == 1
    other.close()
