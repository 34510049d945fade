"""How fast an account is asked: its declared rate, and what the place's answers say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.http.pace import Pace
from geoalert.outbox import SqliteOutbox
from geoalert.worker import Pacing, Worker
from tests.worker.places import AT, Board, content, queue, states


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def pacing(watch: Watch, rate: float | None = None) -> Pacing:
    """A pacing by that watch."""
    return Pacing(rate, clock=lambda: AT, monotonic=watch)


@given(st.floats(0.01, 500), st.lists(st.floats(0, 3), max_size=60))
def test_never_more_than_the_rate_and_one_burst(rate: float, waits: list[float]) -> None:
    """However it is asked: in t seconds at most t times the rate, and a tenth of a second's burst."""
    watch = Watch()
    paced, began, taken = pacing(watch, rate), watch.seconds, 0
    for wait in waits:
        watch.seconds += wait
        for _ in range(paced.free(1_000)):
            paced.take()
            taken += 1

    assert taken <= (watch.seconds - began) * rate + max(1.0, rate / 10) + 1e-6


def test_after_its_wait_one_more_may_start() -> None:
    """The wait that is told is the wait that is needed."""
    watch = Watch()
    paced = pacing(watch, 0.5)
    assert paced.free(9) == 1
    paced.take()

    assert (paced.free(9), paced.wait_s()) == (0, pytest.approx(2.0))
    watch.seconds += 2.0
    assert paced.free(9) == 1


def test_what_the_place_has_left_is_not_exceeded() -> None:
    """Three more until the reset; answers that overtake one another do not give some back."""
    watch = Watch()
    paced = pacing(watch)
    resets_at = AT + timedelta(seconds=30)
    paced.told(Pace(remaining=3, resets_at=resets_at))
    paced.told(Pace(remaining=5, resets_at=resets_at))
    assert paced.free(9) == 3
    for _ in range(3):
        paced.take()

    assert (paced.free(9), paced.wait_s()) == (0, pytest.approx(30.0))
    watch.seconds += 30.0
    assert paced.free(9) == 9


@pytest.mark.parametrize("pace", [Pace(), Pace(remaining=0), Pace(resets_at=AT), Pace(remaining=0, resets_at=AT - timedelta(hours=1))])
def test_senseless_and_silent_answers_stop_nothing(pace: Pace) -> None:
    """Nothing said, half of it, or a reset that is over."""
    paced = pacing(Watch())
    paced.told(pace)

    assert paced.free(9) == 9


def test_an_allowance_used_up_pauses_the_account_on_disk(outbox: SqliteOutbox) -> None:
    """The place says nothing is left for ten minutes: the pass ends, and the next worker knows."""
    board = Board("wall", in_flight=1)
    paced = Pacing(clock=lambda: AT)
    ready = replace(board.ready(), pacing=paced)
    board.deed = lambda channel, steps: paced.told(Pace(remaining=0, resets_at=AT + timedelta(minutes=10)))
    queue(outbox, "wall", 5)

    tried = Worker(outbox, {"wall": ready}, content, lambda: AT).run_once()

    assert tried == 1
    due = outbox.next_due(at=AT)
    assert due is not None
    assert timedelta(minutes=9, seconds=50) < due - AT <= timedelta(minutes=10)
    assert Worker(outbox, {"wall": board.ready()}, content, lambda: AT).run_once() == 0


def test_a_rate_is_kept_and_everything_is_sent(outbox: SqliteOutbox) -> None:
    """A pass waits for short paces: all leave, one after another."""
    board = Board("wall")
    ready = replace(board.ready(), pacing=Pacing(200.0))
    queue(outbox, "wall", 40)

    assert Worker(outbox, {"wall": ready}, content, lambda: AT).run_once() == 40
    assert states(outbox) == ["done"] * 40
