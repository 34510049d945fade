"""One pass of the worker: the class of an error decides, and a crash is never repeated blindly."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from geoalert.clock import fixed_clock
from geoalert.errors import NotSent, OutboxError, OutcomeUnknown, Rejected
from geoalert.outbox import Delivery, NewDelivery, SqliteOutbox
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.worker import Ready, Worker, sole_sender


class Wall(Publisher):
    """A place in memory that says no in the way it was told to."""

    name = "wall"
    capabilities = Capabilities(text_limit=100)

    def __init__(self, account: Account, failing: list[Exception | type[BaseException]]) -> None:
        super().__init__(account)
        self.failing = failing
        self.posts: dict[str, str] = {}

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Keeps the text under its key, unless a failure is waiting."""
        steps["seen"] = "yes"
        if self.failing:
            raise self.failing.pop(0)
        self.posts[key] = post.text
        return Receipt(publisher=self.name, account=self.account.name, id=key, at=datetime.fromisoformat("2027-03-12T21:00:00+00:00"))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    """A fresh ledger on disk."""
    ledger = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield ledger
    ledger.close()


def enqueue(outbox: SqliteOutbox, now: datetime, status: str = "exercise") -> Delivery:
    """One delivery due now."""
    new = NewDelivery(sender="Example Police", alert="S1", revision=1, channel="ed-bia", account="wall", status=status,
                      plan_digest="a", post_digest="b", expires_at=now + timedelta(hours=1))  # fmt: skip
    return outbox.enqueue([new], at=now)[0]


def worker(outbox: SqliteOutbox, wall: Wall, now: datetime, text: str = "hello") -> Worker:
    """A worker over one wall, at one instant."""
    post = Post(channel="ed-bia", account="wall", address="x", text=text, language="en")
    return Worker(outbox, {"wall": Ready(wall, wall.capabilities)}, lambda _: post, fixed_clock(now))


@pytest.mark.parametrize(
    ("failure", "state", "code"),
    [
        (NotSent("refused"), "queued", "not_sent"),
        (NotSent("come back tomorrow", retry_after_s=86_400), "expired", "not_sent"),
        (Rejected("no", code="bad_token"), "rejected", "bad_token"),
        (OutcomeUnknown("timeout"), "unknown", "outcome_unknown"),
        (ZeroDivisionError("a defect"), "unknown", "ZeroDivisionError"),
    ],
)
def test_the_error_class_is_the_policy(outbox: SqliteOutbox, now: datetime, failure: Exception, state: str, code: str) -> None:
    """Each class of error leads to its one state."""
    row = enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [failure])

    worker(outbox, wall, now).run_once()

    assert outbox.deliveries()[0].state == state
    assert outbox.attempts(row.id)[0].error_code == code
    assert wall.posts == {}


def test_sent_once_however_often_it_runs(outbox: SqliteOutbox, now: datetime) -> None:
    """A second pass finds nothing to do."""
    row = enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [])

    assert [worker(outbox, wall, now).run_once() for _ in range(2)] == [1, 0]
    assert wall.posts == {row.key: "hello"}


def test_waiting_ends_in_a_second_try(outbox: SqliteOutbox, now: datetime) -> None:
    """NotSent waits as long as was asked, then tries again with the steps of the first try."""
    row = enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [NotSent("busy", retry_after_s=60)])
    worker(outbox, wall, now).run_once()

    tried = [worker(outbox, wall, now + timedelta(seconds=wait)).run_once() for wait in (59, 60)]

    assert tried == [0, 1]
    assert [each.outcome for each in outbox.attempts(row.id)] == ["queued", "done"]
    assert outbox.attempts(row.id)[1].steps == {"seen": "yes"}


def test_a_killed_sender_leaves_unknown(outbox: SqliteOutbox, now: datetime) -> None:
    """What dies in the middle is not tried again by itself."""
    enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [KeyboardInterrupt])
    with pytest.raises(KeyboardInterrupt):
        worker(outbox, wall, now).run_once()

    assert worker(outbox, wall, now).run_once() == 0
    assert outbox.deliveries()[0].state == "unknown"


def test_too_long_is_refused_before_the_publisher_is_asked(outbox: SqliteOutbox, now: datetime) -> None:
    """Capabilities speak before any request."""
    row = enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [OutcomeUnknown("was asked")])

    worker(outbox, wall, now, text="x" * 101).run_once()

    assert outbox.attempts(row.id)[0].error_code == "text_too_long"


@pytest.mark.parametrize(("status", "mode"), [("exercise", "live"), ("test", "live"), ("actual", "sandbox")])
def test_exercise_and_live_do_not_meet(outbox: SqliteOutbox, now: datetime, status: str, mode: str) -> None:
    """The worker is the third place that refuses."""
    row = enqueue(outbox, now, status)
    wall = Wall(Account("wall", "wall", mode=mode), [])  # type: ignore[arg-type]

    worker(outbox, wall, now).run_once()

    assert wall.posts == {}
    assert outbox.attempts(row.id)[0].error_code == "not_live"


def test_one_sender_at_a_time(tmp_path: Path) -> None:
    """A second sender on the same state folder is told so."""
    with sole_sender(tmp_path), pytest.raises(OutboxError) as caught, sole_sender(tmp_path):
        pass

    assert caught.value.code == "sender_running"
