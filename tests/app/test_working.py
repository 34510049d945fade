"""The worker of a desk: what is due, what follows, and one worker at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from geoalert.errors import NotSent, OutboxError
from geoalert.worker import sole_sender
from tests.app.places import ABLE, Evening


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    """Two places."""
    return Evening(tmp_path / "p", {"deletes": ABLE["deletes"], "edits": ABLE["edits"]})


def test_a_worker_picks_up_what_is_queued_while_it_runs_and_ends_when_told(evening: Evening) -> None:
    """A plan and a recall from another desk are done by the running worker."""
    stop, seen = threading.Event(), threading.Semaphore(0)
    worker = threading.Thread(target=lambda: evening.opened().work(stop=stop, tell=lambda _: seen.release()))
    plan = evening.planned()
    worker.start()
    while not _sending_elsewhere(evening):
        pass

    assert set(evening.desk.send(plan, wait_s=30).counts) <= {"done", "queued", "sending"}
    assert all(seen.acquire(timeout=30) for _ in range(2))
    evening.desk.recall("S1", because="arrested", by="w.clerk")
    assert all(seen.acquire(timeout=30) for _ in range(2))
    stop.set()
    worker.join(timeout=30)

    assert not worker.is_alive()
    assert evening.places["deletes"].seen == {}
    assert "CLOSED" in evening.places["edits"].texts("edits-page")[0]


def test_a_second_worker_stands_by(evening: Evening) -> None:
    """It says so, and ends without having begun."""
    stop = threading.Event()
    with sole_sender(evening.desk.state):
        assert evening.desk.work() is False
        evening.desk.work(stop=stop, standing_by=stop.set)
    assert stop.is_set()


def test_waiting_goes_on_with_what_can_be_repeated(evening: Evening) -> None:
    """A refused connection is tried again within the time given, a wait that is too long is not."""
    evening.places["edits"].faults = [(False, NotSent("refused", code="refused"))] * 2
    plan = evening.planned()

    assert evening.desk.send(plan, wait_s=120).counts == {"done": 2}


def test_what_follows_is_queued_once_by_whoever_works_next(evening: Evening) -> None:
    """A desk that never saw the recall reads it from the record, and finds nothing left to do."""
    evening.sent()
    with sole_sender(evening.desk.state):
        evening.desk.recall("S1", because="arrested", by="w.clerk")
    rows = len(evening.rows())
    for _ in range(3):
        with evening.opened() as other:
            other.work()

    assert len(evening.rows()) == rows
    assert evening.desk.status("S1").counts == {"done": 4}


def test_a_worker_ends_with_an_error_of_the_ledger(evening: Evening) -> None:
    """A ledger that cannot be read ends both the worker and its follower, with the one error."""
    desk = evening.opened()
    desk.outbox.close()
    with pytest.raises(OutboxError):
        desk.work(stop=threading.Event())


def _sending_elsewhere(evening: Evening) -> bool:
    try:
        with sole_sender(evening.desk.state):
            return False
    except OutboxError:
        return True
