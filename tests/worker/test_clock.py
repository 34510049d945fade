"""A clock that is set while the worker runs: nothing is sent twice, nothing stalls, nothing spins."""

from __future__ import annotations

import threading
from collections.abc import MutableMapping
from datetime import datetime, timedelta

import pytest

from geoalert.errors import NotSent
from geoalert.outbox import SqliteOutbox
from geoalert.worker import run as loop
from tests.worker.places import AT, PATIENCE_S, Board, queue, states, worker


class Wall:
    """The clock on the wall: a test sets it while threads read it."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)], ids=["back", "forward"])
def test_a_step_of_an_hour_neither_stalls_nor_doubles(outbox: SqliteOutbox, monkeypatch: pytest.MonkeyPatch, step: timedelta) -> None:
    """A row that waits a minute is tried again soon after the step, and what is done stays done."""
    monkeypatch.setattr(loop, "LOOK_S", 0.02)
    wall, failing = Wall(), [NotSent("busy")]

    def fail_once(channel: str, steps: MutableMapping[str, str]) -> None:
        if channel == "wall-1" and failing:
            raise failing.pop()

    board, stop, told = Board("wall", deed=fail_once), threading.Event(), threading.Semaphore(0)
    queue(outbox, "wall", 3)
    thread = threading.Thread(target=lambda: worker(outbox, board, clock=wall).run(stop=stop, tell=lambda row: told.release()))
    thread.start()
    for _ in range(3):
        assert told.acquire(timeout=PATIENCE_S)
    before = states(outbox)

    wall.at += step
    assert told.acquire(timeout=PATIENCE_S)
    stop.set()
    thread.join(PATIENCE_S)

    assert before == ["done", "queued", "done"]
    assert states(outbox) == ["done"] * 3
    assert sorted(channel for _, channel in board.seen) == ["wall-0", "wall-1", "wall-1", "wall-2"]


@pytest.mark.parametrize("case", ["idle", "waiting", "unknown", "paused"])
def test_a_worker_with_nothing_to_do_rests(outbox: SqliteOutbox, case: str) -> None:
    """Whatever waits, the ledger is asked a few times a second at most."""
    board = Board("wall", idempotent=True)
    if case != "idle":
        queue(outbox, "wall", 2, not_before=AT + timedelta(minutes=1) if case == "waiting" else None)
    if case == "unknown":
        outbox.claim(at=AT, most=2)
        outbox.hold(sender="Example Police", alert="S1", at=AT, by="m.roy", reason="wrong photo")
        outbox.recover(at=AT)
        outbox._db.execute("UPDATE deliveries SET not_before = '2027-03-12T20:00:00.000000Z'")
    if case == "paused":
        outbox._db.execute("INSERT INTO pauses VALUES ('wall', '2027-03-12T20:00:00.000000Z', '2027-03-12T22:00:00.000000Z')")
    polls, asked, stop = [0], [0], threading.Event()
    changed, look = outbox.changed, outbox.look

    def count_changed() -> int:
        polls[0] += 1
        if polls[0] == 6:
            stop.set()
        return changed()

    def count_look(*, at: datetime) -> object:
        asked[0] += 1
        return look(at=at)

    outbox.changed, outbox.look = count_changed, count_look  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=lambda: worker(outbox, board).run(stop=stop))
    thread.start()
    began = loop.time.monotonic()
    thread.join(PATIENCE_S)

    assert not thread.is_alive()
    assert loop.time.monotonic() - began > 3 * loop.POLL_S
    assert asked[0] <= 4
    assert board.seen == []
