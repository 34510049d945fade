"""Many posts at once: no account holds up another, and at any instant at most what is in flight would be unknown."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from pathlib import Path

import pytest

from geoalert.errors import NotSent, OutboxError, OutcomeUnknown, Rejected
from geoalert.outbox import Delivery, SqliteOutbox, check_chain
from geoalert.worker import Worker
from tests.worker.places import AT, PATIENCE_S, Board, content, queue, states, worker


class Gate:
    """Requests wait in it until the test opens it."""

    def __init__(self, awaited: int) -> None:
        self.full = threading.Barrier(awaited + 1)
        self.open = threading.Event()

    def __call__(self, channel: str, steps: MutableMapping[str, str]) -> None:
        self.full.wait(PATIENCE_S)
        assert self.open.wait(PATIENCE_S)


def in_thread(run: object, **arguments: object) -> tuple[threading.Thread, list[BaseException]]:
    """Starts a call in a thread of its own, and keeps what it raises."""
    raised: list[BaseException] = []

    def call() -> None:
        try:
            run(**arguments)  # type: ignore[operator]
        except BaseException as err:  # noqa: BLE001
            raised.append(err)

    thread = threading.Thread(target=call)
    thread.start()
    return thread, raised


def ended(thread: threading.Thread) -> None:
    """Fails where a thread does not end."""
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_a_hanging_account_holds_up_no_other(outbox: SqliteOutbox) -> None:
    """While one place hangs on every lane that it may have, all posts of the others are done."""
    gate = Gate(4)
    dead, alive = Board("dead", deed=gate), Board("alive")
    queue(outbox, "dead", 30)
    queue(outbox, "alive", 30)
    others = threading.Semaphore(0)
    thread, raised = in_thread(worker(outbox, dead, alive, threads=6).run_once, tell=lambda row: others.release())
    gate.full.wait(PATIENCE_S)

    for _ in range(30):
        assert others.acquire(timeout=PATIENCE_S)
    seen = (states(outbox, "alive"), states(outbox, "dead").count("sending"), len(dead.seen))
    gate.full.abort()
    gate.open.set()
    ended(thread)

    assert seen == (["done"] * 30, 4, 4)
    assert raised == []


def test_an_account_gets_a_thread_though_all_are_taken(outbox: SqliteOutbox) -> None:
    """Every thread hangs on one place; what is queued then for another is sent all the same."""
    gate = Gate(3)
    dead, alive = Board("dead", deed=gate, in_flight=64), Board("alive")
    queue(outbox, "dead", 9)
    told = threading.Semaphore(0)
    thread, _ = in_thread(worker(outbox, dead, alive, threads=3).run_once, tell=lambda row: told.release())
    gate.full.wait(PATIENCE_S)
    queue(outbox, "alive", 5)

    for _ in range(5):
        assert told.acquire(timeout=PATIENCE_S)
    seen = (states(outbox, "alive"), len(dead.seen))
    gate.full.abort()
    gate.open.set()
    ended(thread)

    assert seen == (["done"] * 5, 3)


def test_no_row_is_claimed_without_a_free_thread(outbox: SqliteOutbox) -> None:
    """Of fifty, exactly as many are `sending` as there are requests under way; a kill now leaves no more unknown."""
    gate = Gate(8)
    board = Board("wall", deed=gate, in_flight=64)
    queue(outbox, "wall", 50)
    thread, _ = in_thread(worker(outbox, board, threads=8).run_once)
    gate.full.wait(PATIENCE_S)

    seen = (states(outbox).count("sending"), states(outbox).count("queued"), len(board.seen))
    gate.full.abort()
    gate.open.set()
    ended(thread)

    assert seen == (8, 42, 8)


@pytest.mark.parametrize("in_flight", [1, 3])
def test_each_post_in_flight_has_a_publisher_of_its_own(outbox: SqliteOutbox, in_flight: int) -> None:
    """No more at once than the place takes, each through an instance that no other thread uses meanwhile."""
    board = Board("wall", in_flight=in_flight)
    queue(outbox, "wall", 40)

    assert worker(outbox, board).run_once() == 40
    assert board.most_together <= in_flight
    assert 1 <= board.made <= in_flight
    assert len(board.posts) == 40


def test_corrections_leave_first_then_the_urgent(outbox: SqliteOutbox) -> None:
    """Over one lane the order of leaving is the order of need."""
    board = Board("wall", in_flight=1)
    queue(outbox, "wall", 2, urgency=3)
    queue(outbox, "wall", 1, urgency=0, alert="S2")
    queue(outbox, "wall", 1, act="recall", because="error", alert="S3", of_delivery=1, urgency=4)

    worker(outbox, board).run_once()

    assert board.seen == [("recall", "post-1"), ("publish", "wall-0"), ("publish", "wall-0"), ("publish", "wall-1")]
    assert [row.alert for row in sorted(outbox.deliveries(), key=lambda row: outbox.attempts(row.id)[0].id)] == ["S3", "S2", "S1", "S1"]


@pytest.mark.parametrize(
    ("act", "seen"), [("publish", ("publish", "wall-0")), ("notify", ("publish", "wall-0")), ("replace", ("replace", "post-1")),
                      ("correct", ("publish", "wall-0")), ("recall", ("recall", "post-1"))]
)  # fmt: skip
def test_each_act_has_its_verb(outbox: SqliteOutbox, act: str, seen: tuple[str, str]) -> None:
    """A correction answers the post that it is about; editing and taking down name it."""
    board = Board("wall")
    queue(outbox, "other")
    row = queue(outbox, "wall", act=act, because=None if act in ("publish", "notify") else "error", of_delivery=1)[0]

    worker(outbox, board).run_once()

    assert board.seen == [seen]
    answered = board.posts.get(row.key)
    assert (answered.reply_to is not None if answered else None) == {"correct": True, "publish": False, "notify": False}.get(act)
    assert outbox.attempts(row.id)[0].outcome == "done"


def test_what_was_never_out_cannot_be_taken_down(outbox: SqliteOutbox) -> None:
    """Without a receipt nothing is asked of the place."""
    board = Board("wall")
    row = queue(outbox, "wall", act="recall", because="error")[0]

    worker(outbox, board).run_once()

    assert (outbox.attempts(row.id)[0].error_code, board.seen) == ("no_receipt", [])


def test_retry_after_pauses_the_whole_account(outbox: SqliteOutbox) -> None:
    """One 429: the other rows stay queued, also for the next worker, until the place wants to be asked again; others go on."""
    busy = Board("busy", in_flight=1, deed=_raise(NotSent("slow down", retry_after_s=600)))
    free = Board("free")
    queue(outbox, "busy", 5)
    queue(outbox, "free", 5)

    first = worker(outbox, busy, free).run_once()
    again = worker(outbox, busy, free, clock=lambda: AT + timedelta(seconds=599)).run_once()
    due = outbox.next_due(at=AT + timedelta(seconds=1))
    busy.deed = None
    last = worker(outbox, busy, free, clock=lambda: AT + timedelta(seconds=600)).run_once()

    assert (first, again, last) == (6, 0, 5)
    assert due == AT + timedelta(seconds=600)
    assert states(outbox) == ["done"] * 10


@pytest.mark.parametrize("asked_s", [300, None])
def test_a_post_put_off_alone_waits_alone(outbox: SqliteOutbox, asked_s: float | None) -> None:
    """Six mailboxes in a row say later: those behind them are sent in the same pass, and nobody takes the account for ailing."""

    def put_off(channel: str, steps: MutableMapping[str, str]) -> None:
        if int(channel.rpartition("-")[2]) < 6:
            raise NotSent("greylisted", retry_after_s=asked_s, whole_account=False)

    board = Board("mail", in_flight=1, deed=put_off)
    queue(outbox, "mail", 10)

    tried = worker(outbox, board).run_once()
    seen = states(outbox)
    board.deed = None
    later = worker(outbox, board, clock=lambda: AT + timedelta(seconds=300)).run_once()

    assert (tried, seen) == (10, ["queued"] * 6 + ["done"] * 4)
    assert (later, states(outbox)) == (6, ["done"] * 10)


@pytest.mark.parametrize("asked_s", [300, None])
def test_an_unknown_post_put_off_alone_pauses_nothing(outbox: SqliteOutbox, asked_s: float | None) -> None:
    """Its repetition is put off, which says nothing of the other posts."""
    board = Board("mail", in_flight=1, idempotent=True, deed=_raise(OutcomeUnknown("timeout")))
    queue(outbox, "mail", 1)
    worker(outbox, board).run_once()
    board.deed = _raise(NotSent("greylisted", retry_after_s=asked_s, whole_account=False))
    later = AT + timedelta(minutes=1)

    worker(outbox, board, clock=lambda: later).run_once()

    assert (states(outbox), outbox.pauses(at=later)) == (["unknown"], {})


@pytest.mark.parametrize("failure", [NotSent("refused"), OutcomeUnknown("timeout")])
def test_a_place_that_does_not_answer_is_probed_by_one(outbox: SqliteOutbox, failure: Exception) -> None:
    """After a few posts in vain the rest wait; later one asks; once it is answered all go."""
    board = Board("dead", deed=_raise(failure))
    queue(outbox, "dead", 40)

    clock = [AT]
    working = worker(outbox, board, clock=lambda: clock[-1])
    tried = [working.run_once()]
    for wait_s in (6, 12, 30):
        clock.append(clock[-1] + timedelta(seconds=wait_s))
        tried.append(working.run_once())
    board.deed = None
    clock.append(clock[-1] + timedelta(minutes=2))
    last = working.run_once()

    assert 3 <= tried[0] <= 4
    assert tried[1:] == [1, 1, 1]
    assert last >= 33
    assert set(states(outbox)) == ({"done"} if isinstance(failure, NotSent) else {"done", "unknown"})


def test_a_refusal_of_one_post_is_no_ailment(outbox: SqliteOutbox) -> None:
    """A place that says no has answered."""
    board = Board("strict", deed=_raise(Rejected("too rude")))
    queue(outbox, "strict", 20)

    assert worker(outbox, board).run_once() == 20
    assert states(outbox) == ["rejected"] * 20


def test_stopping_lets_what_is_in_flight_end_and_claims_no_more(outbox: SqliteOutbox) -> None:
    """SIGTERM sets `stop`: three in flight end and are settled, the rest stays queued."""
    gate = Gate(3)
    board = Board("wall", deed=gate, in_flight=3)
    queue(outbox, "wall", 10)
    stop = threading.Event()
    working = worker(outbox, board)
    thread, raised = in_thread(working.run, stop=stop)
    gate.full.wait(PATIENCE_S)

    stop.set()
    working.wake()
    gate.open.set()
    ended(thread)

    assert (states(outbox).count("done"), states(outbox).count("queued"), raised) == (3, 7, [])


def test_a_running_worker_notices_what_others_queue(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Queued by another connection, sent without being told."""
    stop, sent = threading.Event(), threading.Event()
    board = Board("wall")
    other = SqliteOutbox(tmp_path / "outbox.sqlite")
    thread, raised = in_thread(worker(outbox, board).run, stop=stop, tell=lambda row: sent.set())

    queue(other, "wall")

    assert sent.wait(PATIENCE_S)
    stop.set()
    ended(thread)
    assert (states(other), raised) == (["done"], [])
    other.close()


def test_steps_are_on_disk_before_the_publisher_goes_on(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Another connection reads each step as soon as the publisher has set it."""
    seen: list[list[dict[str, str]]] = []
    other = SqliteOutbox(tmp_path / "outbox.sqlite")

    def upload(channel: str, steps: MutableMapping[str, str]) -> None:
        for name in ("image", "container"):
            steps[name] = f"{name} of {channel}"
            seen.append([dict(attempt.steps) for row in other.deliveries() for attempt in other.attempts(row.id)])
        del steps["image"]
        seen.append([dict(steps)])

    queue(outbox, "wall")
    worker(outbox, Board("wall", deed=upload)).run_once()

    image, container = {"image": "image of wall-0"}, {"container": "container of wall-0"}
    assert seen == [[image], [image | container], [container]]
    assert dict(outbox.attempts(1)[0].steps) == container
    other.close()


def test_progress_is_told_once_for_each_settled_row(outbox: SqliteOutbox) -> None:
    """With the state that is on disk, in the thread that called."""
    told: list[tuple[str, str, bool]] = []
    here = threading.get_ident()
    queue(outbox, "wall", 20)

    worker(outbox, Board("wall")).run_once(tell=lambda row: told.append((row.channel, row.state, threading.get_ident() == here)))

    assert sorted(told) == sorted((f"wall-{number}", "done", True) for number in range(20))


def test_each_try_is_recorded_once_and_the_chain_holds(outbox: SqliteOutbox) -> None:
    """Forty posts of two accounts through many syncs: forty tries, forty entries, in one chain."""
    queue(outbox, "wall", 20)
    queue(outbox, "door", 20)

    worker(outbox, Board("wall"), Board("door", deed=_raise(Rejected("no")))).run_once()
    entries = list(outbox.entries())

    check_chain(entries)
    assert sorted((entry.body or {})["channel"] for entry in entries) == sorted(row.channel for row in outbox.deliveries())
    assert {entry.kind for entry in entries} == {"attempt"}
    assert sorted(states(outbox)) == ["done"] * 20 + ["rejected"] * 20


def test_an_interruption_lets_what_is_in_flight_end(outbox: SqliteOutbox) -> None:
    """Ctrl-C in the middle: what left is written down, nothing more leaves."""

    def interrupt(_: Delivery) -> None:
        raise KeyboardInterrupt

    board = Board("wall", in_flight=2)
    queue(outbox, "wall", 30)

    with pytest.raises(KeyboardInterrupt):
        worker(outbox, board).run_once(tell=interrupt)

    assert states(outbox).count("done") == len(board.posts) < 30
    assert set(states(outbox)) == {"done", "queued"}


def test_a_ledger_that_cannot_be_written_stops_before_anything_leaves(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Locked by another program before the first claim: one clear error, nothing asked of the place, nothing changed."""
    board = Board("wall")
    queue(outbox, "wall", 3)
    other = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None)
    outbox._db.execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OutboxError) as caught:
        worker(outbox, board).run_once()
    other.close()

    assert caught.value.code == "outbox_locked"
    assert (board.seen, states(outbox)) == ([], ["queued"] * 3)


@pytest.fixture
def full(outbox: SqliteOutbox) -> Iterator[SqliteOutbox]:
    """A ledger whose disk is nearly full."""
    queue(outbox, "wall", 300)
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count = {pages + 3}")
    yield outbox
    outbox._db.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_stops_sending_and_forgets_nothing(full: SqliteOutbox) -> None:
    """What left is known as done or as open, never as queued; no more leaves."""
    board = Board("wall", in_flight=4)

    with pytest.raises(OutboxError) as caught:
        worker(full, board).run_once()
    rows = {row.key: row.state for row in full.deliveries()}

    assert caught.value.code in ("disk_full", "outcome_unrecorded")
    assert len(board.seen) < 300
    assert all(rows[key] in ("done", "sending") for key in board.posts)
    assert sum(state == "sending" for state in rows.values()) <= 4


def _raise(err: Exception) -> object:
    def deed(channel: str, steps: MutableMapping[str, str]) -> None:
        raise err

    return deed


def test_one_content_at_a_time(outbox: SqliteOutbox) -> None:
    """Whoever hands in the content need not be safe for threads."""
    alone = threading.Lock()

    def one(delivery: Delivery) -> object:
        assert alone.acquire(blocking=False)
        try:
            return content(delivery)
        finally:
            alone.release()

    board = Board("wall", in_flight=16)
    queue(outbox, "wall", 60)

    Worker(outbox, {"wall": board.ready()}, one, lambda: AT).run_once()  # type: ignore[arg-type]

    assert states(outbox) == ["done"] * 60
