"""Rows whose outcome nobody knows: repeated with their key where that does no harm, looked for where a place can prove, else left."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import timedelta

import pytest

from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.outbox import SqliteOutbox
from tests.worker.places import AT, Board, queue, states, worker


def crashed(outbox: SqliteOutbox, **changes: object) -> None:
    """One row that a crash left in the middle."""
    queue(outbox, "wall", **changes)
    outbox.claim(at=AT)


@pytest.mark.parametrize(
    ("can", "act", "verbs", "state"),
    [
        ({"idempotent": True}, "publish", ["publish"], "done"),
        ({"idempotent": True, "find": True}, "publish", ["publish"], "done"),
        ({"find": True}, "publish", ["find", "publish"], "done"),
        ({}, "publish", [], "unknown"),
        ({}, "correct", [], "unknown"),
        ({}, "notify", [], "unknown"),
        ({}, "recall", ["recall"], "done"),
        ({}, "replace", ["replace"], "done"),
    ],
)
def test_what_a_crash_left_is_settled_by_what_the_place_can(
    outbox: SqliteOutbox, can: dict[str, bool], act: str, verbs: list[str], state: str
) -> None:
    """Taking down and editing may be done twice by contract; a post only where its key makes it one."""
    crashed(outbox, act=act, because=None if act in ("publish", "notify") else "error", of_delivery=None)
    outbox._db.execute("UPDATE deliveries SET of_delivery = 1")
    board = Board("wall", **can)

    worker(outbox, board).run_once()

    assert ([verb for verb, _ in board.seen], states(outbox)) == (verbs, [state])


@pytest.mark.parametrize("stopped", ["held", "superseded", "expired"])
def test_what_was_stopped_meanwhile_is_not_repeated(outbox: SqliteOutbox, stopped: str) -> None:
    """On hold, superseded or expired: it may be looked for, never said again."""
    crashed(outbox)
    if stopped == "held":
        outbox.hold(sender="Example Police", alert="S1", at=AT, by="m.roy", reason="wrong photo")
    elif stopped == "superseded":
        outbox.supersede([1], at=AT)
    at = AT + timedelta(hours=9 if stopped == "expired" else 0)

    repeating, finding = Board("wall", idempotent=True), Board("wall", find=True)
    worker(outbox, repeating, clock=lambda: at).run_once()
    after = states(outbox)
    worker(outbox, finding, clock=lambda: at).run_once()

    assert (repeating.seen, after) == ([], ["unknown"])
    assert finding.seen == [("find", "wall-0")]
    assert states(outbox) == [stopped]


@pytest.mark.parametrize("failure", [NotSent("refused"), Rejected("who are you?"), OutcomeUnknown("timeout"), ZeroDivisionError()])
def test_a_repetition_that_fails_leaves_the_row_unknown(outbox: SqliteOutbox, failure: Exception) -> None:
    """What may have landed is not made unsaid; it is asked again later, not at once."""

    def fail(channel: str, steps: MutableMapping[str, str]) -> None:
        raise failure

    crashed(outbox)
    board = Board("wall", idempotent=True, deed=fail)

    worker(outbox, board).run_once()
    worker(outbox, board, clock=lambda: AT + timedelta(seconds=1)).run_once()
    after = (states(outbox), len(board.seen), outbox.next_due(at=AT))
    board.deed = None
    worker(outbox, board, clock=lambda: AT + timedelta(minutes=1)).run_once()

    assert after == (["unknown"], 1, AT + timedelta(seconds=10))
    assert states(outbox) == ["done"]
    assert len(board.posts) == 1


def test_a_timeout_is_repeated_with_its_key_where_that_is_safe(outbox: SqliteOutbox) -> None:
    """The post landed, the answer was lost: the second try has the same key, and there is one post."""
    answers = [OutcomeUnknown("timeout")]

    def lose(channel: str, steps: MutableMapping[str, str]) -> None:
        if answers:
            raise answers.pop()

    queue(outbox, "wall")
    board = Board("wall", idempotent=True, deed=lose)

    worker(outbox, board).run_once()
    before = states(outbox)
    worker(outbox, board, clock=lambda: AT + timedelta(seconds=5)).run_once()

    assert (before, states(outbox), len(board.seen), len(board.posts)) == (["unknown"], ["done"], 2, 1)


def test_what_a_person_settled_meanwhile_is_left_alone(outbox: SqliteOutbox) -> None:
    """Between looking and asking somebody said it landed."""
    crashed(outbox)
    board = Board("wall", idempotent=True)
    working = worker(outbox, board)
    look = outbox.unknown_due

    def settled(**arguments: object) -> object:
        found = look(**arguments)  # type: ignore[arg-type]
        if found:
            outbox.settle_unknown(1, state="done", at=AT)
        return found

    outbox.unknown_due = settled  # type: ignore[method-assign, assignment]
    working.run_once()

    assert (board.seen, states(outbox)) == ([], ["done"])
