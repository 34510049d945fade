"""Two workers on one ledger, in one process and in two: no row twice, and one takes over from the other."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from geoalert.outbox import SqliteOutbox, check_chain
from geoalert.worker import sole_sender, stand_by, worker_running
from tests.worker.places import AT, PATIENCE_S, Board, queue, states, worker

CLAIMING = """
import sys
from datetime import datetime
from pathlib import Path
from geoalert.outbox import Settlement, SqliteOutbox
at = datetime.fromisoformat("2027-03-12T21:00:00+00:00")
ledger, ended = SqliteOutbox(Path(sys.argv[1])), []
print("ready", flush=True)
sys.stdin.readline()
while claimed := ledger.exchange(ended, [], at=at, lanes={"wall": 3}, most=3):
    print(*(row.channel for row, _ in claimed), sep="\\n", flush=True)
    ended = [Settlement(attempt, "done", at) for _, attempt in claimed]
"""

HOLDING = """
import sys
from pathlib import Path
from geoalert.worker import sole_sender
with sole_sender(Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.readline()
"""


def process(code: str, argument: Path) -> subprocess.Popen[str]:
    """Another Python, asked for its first line."""
    started = subprocess.Popen([sys.executable, "-c", code, str(argument)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline().strip() in ("ready", "holding")
    return started


def test_two_processes_never_take_the_same_row(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Three hundred rows, each claimed once, and one unbroken chain of both."""
    queue(outbox, "wall", 300)
    both = [process(CLAIMING, tmp_path / "outbox.sqlite") for _ in range(2)]
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()

    taken = [each.communicate(timeout=PATIENCE_S)[0].split() for each in both]

    assert sorted(taken[0] + taken[1]) == sorted(f"wall-{number}" for number in range(300))
    assert states(outbox) == ["done"] * 300
    check_chain(outbox.entries())


def test_two_workers_in_two_threads_never_take_the_same_row(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Each waits for the sender's lock: every post is pinned once, whoever did it."""
    boards = [Board("wall"), Board("wall")]
    ledgers = [SqliteOutbox(tmp_path / "outbox.sqlite") for _ in boards]
    queue(outbox, "wall", 60)

    def work(number: int) -> None:
        with stand_by(tmp_path, stop=threading.Event(), poll_s=0.001) as held:
            assert held
            worker(ledgers[number], boards[number]).run_once()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    for ledger in ledgers:
        ledger.close()

    assert states(outbox) == ["done"] * 60
    assert len(boards[0].seen) + len(boards[1].seen) == 60


def test_a_standby_takes_over_when_the_sender_dies(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Killed with a row in the middle: the other gets the lock, and what was open is unknown, not sent again."""
    queue(outbox, "wall", 3)
    first = process(HOLDING, tmp_path)
    outbox.claim(at=AT)
    running = worker_running(tmp_path)
    took = threading.Event()
    board = Board("wall")

    def wait() -> None:
        with stand_by(tmp_path, stop=threading.Event(), poll_s=0.001):
            worker(outbox, board, clock=lambda: AT + timedelta(minutes=1)).run_once()
            took.set()

    thread = threading.Thread(target=wait)
    thread.start()
    early = took.is_set()
    first.kill()
    first.communicate()

    assert took.wait(PATIENCE_S)
    thread.join(PATIENCE_S)
    assert (running, early, worker_running(tmp_path)) == (True, False, False)
    assert states(outbox) == ["unknown", "done", "done"]


def test_standing_by_can_be_stopped(tmp_path: Path) -> None:
    """A standby that is told to end says that it never got the lock."""
    stop = threading.Event()
    stop.set()
    with sole_sender(tmp_path), stand_by(tmp_path, stop=stop) as held:
        assert not held


def test_asking_who_sends_keeps_nobody_from_sending(tmp_path: Path) -> None:
    """However often somebody looks, the lock is had at once."""
    stop = threading.Event()
    (tmp_path / "sender.lock").touch()

    def ask() -> None:
        while not stop.is_set():
            worker_running(tmp_path)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(50):
            with sole_sender(tmp_path):
                pass
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S)


def test_nobody_runs_where_nobody_ever_did(tmp_path: Path) -> None:
    """Asking makes no file."""
    assert not worker_running(tmp_path)
    assert list(tmp_path.iterdir()) == []
