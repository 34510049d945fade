"""One pass of the worker: the class of an error decides, and a crash is never repeated blindly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, MutableMapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from geoalert.clock import fixed_clock
from geoalert.errors import NotSent, OutboxError, OutcomeUnknown, PlanChanged, Rejected
from geoalert.outbox import Delivery, NewDelivery, SqliteOutbox
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.worker import Content, Ready, Worker, sole_sender


class Wall(Publisher):
    """A place in memory that says no in the way it was told to."""

    name = "wall"
    capabilities = Capabilities(text_limit=100)
    options = {"token": "secret of the wall"}

    def __init__(self, account: Account, failing: list[Exception | type[BaseException]]) -> None:
        super().__init__(account)
        self.failing = failing
        self.answer: object = None
        self.absent = True
        self.posts: dict[str, str] = {}

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Keeps the text under its key, unless a failure is waiting."""
        steps["seen"] = "yes"
        if self.failing:
            raise self.failing.pop(0)
        self.posts[key] = post.text
        return self.receipt(key) if self.answer is None else self.answer  # type: ignore[return-value]

    def receipt(self, key: str) -> Receipt:
        """What this place answers."""
        return Receipt(publisher=self.name, account=self.account.name, id=key, at=datetime.fromisoformat("2027-03-12T21:00:00+00:00"))

    def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
        """Knows what it holds, unless told not to."""
        if key in self.posts:
            return self.receipt(key)
        if self.absent:
            return None
        raise OutcomeUnknown("cannot tell")


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
    return Worker(outbox, {"wall": Ready(wall, wall.capabilities)}, lambda _: Content(post), fixed_clock(now), chance=lambda: 0.5)


@pytest.mark.parametrize(
    ("failure", "state", "code"),
    [
        (NotSent("refused"), "queued", "not_sent"),
        (NotSent("come back tomorrow", retry_after_s=86_400), "expired", "not_sent"),
        (Rejected("no", code="bad_token"), "rejected", "bad_token"),
        (OutcomeUnknown("timeout"), "unknown", "outcome_unknown"),
        (ZeroDivisionError("a defect"), "unknown", "publisher_defect"),
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


class Finder(Wall):
    """The same place, able to prove what it holds."""

    capabilities = Capabilities(text_limit=100, find=True)


@pytest.mark.parametrize(
    ("landed", "absent", "state", "posts"), [(True, True, "done", 1), (False, True, "done", 1), (False, False, "unknown", 0)]
)
def test_a_place_that_can_prove_is_asked_after_a_crash(
    outbox: SqliteOutbox, now: datetime, landed: bool, absent: bool, state: str, posts: int
) -> None:
    """Found is done, proved absent is sent, and doubt stays doubt."""
    row = enqueue(outbox, now)
    finder = Finder(Account("wall", "wall"), [KeyboardInterrupt])
    finder.absent = absent
    with pytest.raises(KeyboardInterrupt):
        worker(outbox, finder, now).run_once()
    if landed:
        finder.posts[row.key] = "hello"

    worker(outbox, finder, now).run_once()

    assert outbox.deliveries()[0].state == state
    assert list(finder.posts) == [row.key] * posts


@pytest.mark.parametrize("answer", [True, "id-7", {"id": 7}])
def test_only_a_receipt_is_done(outbox: SqliteOutbox, now: datetime, answer: object) -> None:
    """A publisher that answers with anything else leaves the outcome unknown."""
    row = enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [])
    wall.answer = answer

    worker(outbox, wall, now).run_once()

    assert outbox.deliveries()[0].state == "unknown"
    assert outbox.attempts(row.id)[0].error_code == "no_receipt"


@pytest.mark.parametrize(("asked", "state"), [(1e30, "expired"), (float("inf"), "queued"), (float("nan"), "queued"), (-5.0, "queued")])
def test_no_wait_that_a_server_asks_for_breaks_a_run(outbox: SqliteOutbox, now: datetime, asked: float, state: str) -> None:
    """Endless and senseless waits are bounded."""
    enqueue(outbox, now)

    worker(outbox, Wall(Account("wall", "wall"), [NotSent("later", retry_after_s=asked)]), now).run_once()

    assert outbox.deliveries()[0].state == state


def test_waits_grow_and_are_spread(outbox: SqliteOutbox, now: datetime) -> None:
    """5, 10, 20 seconds, each a quarter more or less by chance."""
    wall = Wall(Account("wall", "wall"), [NotSent("no"), NotSent("no"), NotSent("no")])
    enqueue(outbox, now)
    waits = []
    at = now
    for chance in (0.0, 0.5, 1.0):
        post = Post(channel="ed-bia", account="wall", address="x", text="hello", language="en")
        ready = {"wall": Ready(wall, wall.capabilities)}
        Worker(outbox, ready, lambda _, post=post: Content(post), fixed_clock(at), chance=lambda chance=chance: chance).run_once()
        due = outbox.deliveries()[0].not_before
        assert due is not None
        waits.append((due - at).total_seconds())
        at = due

    assert waits == [3.75, 10.0, 25.0]


def test_what_fails_before_the_publisher_is_asked_has_not_left(outbox: SqliteOutbox, now: datetime) -> None:
    """A plan that cannot be read means waiting; a changed one means refusing; neither is unknown."""

    def unreadable(_: Delivery) -> Content:
        raise OSError("gone")

    def changed(_: Delivery) -> Content:
        raise PlanChanged("edited")

    wall = Wall(Account("wall", "wall"), [])
    row = enqueue(outbox, now)
    ready = {"wall": Ready(wall, wall.capabilities)}

    Worker(outbox, ready, unreadable, fixed_clock(now)).run_once()
    assert outbox.deliveries()[0].state == "queued"
    Worker(outbox, ready, changed, fixed_clock(now + timedelta(minutes=1))).run_once()

    assert outbox.deliveries()[0].state == "rejected"
    assert outbox.attempts(row.id)[1].error_code == "plan_changed"
    assert wall.posts == {}


def test_the_ledger_keeps_no_secret_and_no_foreign_words(outbox: SqliteOutbox, now: datetime) -> None:
    """Our own errors are masked; of a foreign one only its class is kept."""
    account = Account("wall", "wall", secrets={"token": lambda: "S3CRET-TOKEN"})
    row = enqueue(outbox, now)
    failing: list[Exception | type[BaseException]] = [
        NotSent("bad token S3CRET-TOKEN", retry_after_s=0),
        RuntimeError("/botS3CRET-TOKEN/x"),
    ]
    wall = Wall(account, failing)

    for later in (now, now + timedelta(seconds=1)):
        worker(outbox, wall, later).run_once()
    told = [attempt.error_text or "" for attempt in outbox.attempts(row.id)]

    assert len(told) == 2
    assert "***" in told[0]
    assert "RuntimeError" in told[1]
    assert "S3CRET" not in "".join(told)


def test_what_expired_in_the_queue_is_not_sent(outbox: SqliteOutbox, now: datetime) -> None:
    """Past its expiry a post stays here."""
    enqueue(outbox, now)
    wall = Wall(Account("wall", "wall"), [])

    assert worker(outbox, wall, now + timedelta(hours=2)).run_once() == 0
    assert [row.state for row in outbox.deliveries()] == ["expired"]
    assert wall.posts == {}


def test_a_post_that_left_and_could_not_be_recorded_is_said_so(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """The ledger locked after the post left: not "nothing was sent", but an outcome to look for."""
    enqueue(outbox, now)
    other = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None, check_same_thread=False)

    class Locking(Wall):
        def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
            receipt = super().publish(post, key=key, steps=steps)
            other.execute("BEGIN IMMEDIATE")
            return receipt

    outbox._db.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(OutboxError) as caught:
        worker(outbox, Locking(Account("wall", "wall"), []), now).run_once()
    other.close()

    assert caught.value.code == "outcome_unrecorded"
    assert "nothing was sent" not in str(caught.value)
