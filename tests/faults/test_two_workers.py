"""Two worker processes on one ledger: one sends, the other stands by and takes over, and nobody sends twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.kills import KILLED, Killing, Nursery
from tests.faults.receiver import Receiver


@pytest.mark.parametrize(("publisher", "kill"), [("plain", ("body: half", 20)), ("webhook", ("before COMMIT", 8)), ("plain", None)])
def test_the_second_takes_over(tmp_path: Path, publisher: str, kill: tuple[str, int] | None) -> None:
    """Both are started at once; the first is killed in the middle, or ends in peace."""
    with Nursery() as first, Nursery() as second, Receiver() as receiver:
        killing = Killing(first, receiver, tmp_path / "state", publisher)
        state = killing.fresh()
        first.begin(**killing.job(state, kill, job="stand"))
        second.begin(**killing.job(state, kill, job="stand"))
        ends = [first.end()]
        if kill is None:
            ends.append(second.end())
        else:
            # Whichever was first, both die at the same point of their own work; a third ends what they began.
            ends.append(second.end())
            ends.append(first.run(**killing.job(state, None, job="stand")))
        receiver.settle()
        found = killing.judge(state, "two workers", None, set())

    assert ends == ([0, 0] if kill is None else [KILLED, KILLED, 0])
    assert (found.doubled, found.forgotten, found.wrong) == (0, 0, 0)
    assert found.unknown <= (16 if publisher == "plain" and kill else 0)


def test_a_send_beside_a_running_worker_is_told_so(tmp_path: Path) -> None:
    """Without standing by, a second process ends with an error and sends nothing."""
    with Nursery() as first, Nursery() as second, Receiver() as receiver:
        killing = Killing(first, receiver, tmp_path / "state", "plain")
        state = killing.fresh()
        receiver.held = True
        first.begin(**killing.job(state, None))
        while not receiver.requests:
            time.sleep(0.002)
        refused = second.run(**killing.job(state, None))
        receiver.held = False
        ended = first.end()
        found = killing.judge(state, "beside", None, set())

    assert (refused, ended) == (1, 0)
    assert (found.doubled, found.forgotten, found.unknown, found.requests) == (0, 0, 0, 50)
