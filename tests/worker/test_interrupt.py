"""Ctrl-C at any moment: what left is written down, what did not waits in the queue."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from geoalert.outbox import SqliteOutbox, check_chain
from geoalert.publishing import Receipt
from tests.worker.places import PATIENCE_S, Board, queue, states, worker

PARTS = ("worker/run", "worker/pool", "worker/lanes", "outbox/sqlite", "outbox/settling", "outbox/claims")
WATCHED = tuple(f"geoalert/{name}.py" for name in PARTS)
ROWS = 6


class Hand:
    """Interrupts before the n-th step of the worker's own thread, lines and returns counted; 0 only counts."""

    def __init__(self, step: int = 0) -> None:
        self.steps = 0
        self._step = step

    def __call__(self, run: Callable[[], int]) -> None:
        """Runs, and takes the interruption; one that came too late for anything is none."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            run()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, _: Any) -> Callable[[FrameType, str, Any], Any] | None:
        return self._count if frame.f_code.co_filename.endswith(WATCHED) else None

    def _count(self, frame: FrameType, event: str, _: Any) -> Callable[[FrameType, str, Any], Any]:
        # A generator's yield is told of as its return, and no signal is heard there.
        ending = event == "return" and not frame.f_code.co_flags & inspect.CO_GENERATOR
        if (event == "line" or ending) and frame.f_code.co_name != "_end_early":
            self.steps += 1
            if self.steps == self._step:
                raise KeyboardInterrupt
        return self._count


def keep(_: str, steps: MutableMapping[str, str]) -> None:
    """Notes something on disk before the post leaves."""
    steps["media"] = "7"


def interrupted(path: Path, step: int) -> int:
    """Sends six posts with an interruption, proves what is left, sends on, and returns how many steps there were."""
    outbox = SqliteOutbox(path)
    board = Board("wall", in_flight=3, deed=keep)
    queue(outbox, "wall", ROWS)
    hand = Hand(step)

    hand(lambda: worker(outbox, board).run_once())

    left = {row.key: row.state for row in outbox.deliveries()}
    sure = {key for key, state in left.items() if state == "done"}
    # A post whose notes could not be kept any more did not leave, and the publisher says so by an error of its own.
    assert set(left.values()) <= {"queued", "done", "unknown"}, (step, left)
    assert sure == set(board.posts), (step, left)
    doubtful = [row.id for row in outbox.deliveries(state="unknown")]
    assert all(outbox.attempts(number)[-1].error_code == "worker_stopping" for number in doubtful), (step, left)
    check_chain(outbox.entries())
    for number in doubtful:
        outbox.settle_unknown(number, state="queued", at=outbox.attempts(number)[-1].started_at)
    worker(outbox, board).run_once()
    assert states(outbox) == ["done"] * ROWS
    assert len(board.posts) == ROWS == len(board.seen) - len(doubtful)
    outbox.close()
    return hand.steps


@pytest.mark.parametrize("part", [pytest.param(48, id="short"), pytest.param(400, id="full", marks=pytest.mark.long)])
def test_an_interruption_at_any_step_loses_and_doubles_nothing(tmp_path: Path, part: int) -> None:
    """Nothing is unknown that never left: neither what was claimed and not begun, nor what had just ended."""
    steps = interrupted(tmp_path / "whole.sqlite", 0)
    assert steps > 300

    for step in range(1, steps, max(1, steps // part)):
        interrupted(tmp_path / f"{step}.sqlite", step)


def test_an_interruption_between_claim_and_begin_makes_no_request(tmp_path: Path) -> None:
    """The sync ends, the signal is heard, nobody has begun: all four rows wait again, and the record says why."""

    class Heard(SqliteOutbox):
        def exchange(self, *args: Any, **kwargs: Any) -> Any:
            claimed = super().exchange(*args, **kwargs)
            if claimed:
                raise KeyboardInterrupt
            return claimed

    outbox = Heard(tmp_path / "outbox.sqlite")
    board = Board("wall", in_flight=4)
    queue(outbox, "wall", 4)

    with pytest.raises(KeyboardInterrupt):
        worker(outbox, board).run_once()

    assert (states(outbox), board.seen) == (["queued"] * 4, [])
    assert {(entry.body or {})["code"] for entry in outbox.entries()} == {"not_begun"}
    outbox.close()


def test_notes_that_no_file_holds_are_the_publishers_own_fault(outbox: SqliteOutbox) -> None:
    """One adapter's defect makes its own post unknown, and no other waits for it."""

    def careless(channel: str, steps: MutableMapping[str, str]) -> None:
        if channel == "wall-0":
            steps["media"] = 7  # type: ignore[assignment]

    board, other = Board("wall", deed=careless), Board("fence")
    queue(outbox, "wall", 2)
    queue(outbox, "fence", 2)
    run = threading.Thread(target=lambda: worker(outbox, board, other).run_once(), daemon=True)

    run.start()
    run.join(PATIENCE_S)

    assert not run.is_alive()
    assert sorted(states(outbox)) == ["done", "done", "done", "unknown"]


def test_an_answer_that_cannot_be_kept_ends_no_worker(outbox: SqliteOutbox) -> None:
    """The others' receipts stand, and the next start does not stumble over it again."""

    class Odd(Board):
        def receipt(self, key: str) -> Receipt:
            answer = super().receipt(key)
            object.__setattr__(answer, "raw", {"id": 2**60})
            return answer

    bad, good = Odd("bad", idempotent=True), Board("good")
    queue(outbox, "bad")
    queue(outbox, "good", 3)

    for _ in range(2):
        worker(outbox, bad, good).run_once()

    assert sorted(states(outbox)) == ["done"] * 3 + ["unknown"]
    assert len(good.seen) == 3
    (odd,) = outbox.deliveries(state="unknown")
    assert outbox.attempts(odd.id)[-1].error_code == "answer_unusable"
