"""What stands, how each place takes it down, and what stays open, read from a real ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from geoalert.outbox import Delivery, NewDelivery, SqliteOutbox
from geoalert.publishing import Capabilities, Receipt
from geoalert.recall import (
    BY_PERSON,
    Means,
    corrections,
    how_updated,
    open_takedowns,
    standing,
    standing_of,
    takedown,
    takedowns,
    trails,
    verb_for,
    verbs_for,
)

SENDER = "Example Police"
CAN = {
    "deletes": Capabilities(delete=True, edit=True, threads=True),
    "edits": Capabilities(edit=True, threads=True),
    "threads": Capabilities(threads=True),
    "bare": Capabilities(),
}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    """An empty ledger."""
    made = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield made
    made.close()


def new(now: datetime, channel: str, account: str = "deletes", **changes: object) -> NewDelivery:
    """A post to one channel."""
    values: dict[str, object] = {
        "sender": SENDER, "alert": "S1", "revision": 1, "channel": channel, "account": account, "status": "exercise",
        "plan_digest": "a" * 64, "post_digest": "b" * 64, "expires_at": now + timedelta(hours=6),
    }  # fmt: skip
    return NewDelivery(**values | changes)  # type: ignore[arg-type]


def receipt(now: datetime, name: str) -> Receipt:
    """A place's answer."""
    return Receipt(publisher="fake", account="x", id=name, at=now)


def settled(outbox: SqliteOutbox, now: datetime, deliveries: list[NewDelivery], state: str = "done") -> tuple[Delivery, ...]:
    """Queues rows, tries each once and ends each so."""
    queued = outbox.enqueue(deliveries, at=now)
    for row, attempt in outbox.claim(at=now, most=100):
        got = receipt(now, f"{row.channel}/{row.revision}") if state == "done" else None
        outbox.settle(attempt, state=state, at=now, receipt=got)
    return tuple(outbox.delivery(row.id) or row for row in queued)


def means(**changes: object) -> Means:
    """Accounts by what they can do, with a closing text for every reason."""
    made = Means(
        capabilities=CAN.get,
        approved=lambda row, because: f"{because}-{row.channel}",
        carries=lambda row, because: True,
        expected=lambda post: False,
        reason=lambda account: BY_PERSON,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("account", "because", "verb"),
    [
        ("deletes", "arrested", "delete"),
        ("edits", "arrested", "edit"),
        ("threads", "error", "reply"),
        ("bare", "located", "steward"),
        ("deletes", "images_due", "edit"),
        ("threads", "images_due", "steward"),
        ("deletes", "expired", "delete"),
        ("edits", "expired", "steward"),
    ],
)
def test_the_strongest_verb_that_the_place_has_is_used(account: str, because: str, verb: str, now: datetime) -> None:
    """delete > edit > reply > steward; the words of an end by the clock were approved by nobody."""
    assert verb_for(CAN[account], because, receipt(now, "p"), at=now) == verb
    assert verb_for(CAN[account], because, None, at=now) == "steward"


def test_a_place_that_deletes_for_a_while_only_is_edited_after_it(now: datetime) -> None:
    """An hour later the post cannot be deleted any more."""
    brief = Capabilities(delete=True, delete_within_s=3600, edit=True)
    posted = receipt(now, "p")

    assert verbs_for(brief, "arrested", posted, at=now + timedelta(minutes=59))[0] == "delete"
    assert verbs_for(brief, "arrested", posted, at=now + timedelta(minutes=61)) == ("edit", "steward")


@pytest.mark.parametrize(
    ("can", "drops", "expected", "how"),
    [
        (Capabilities(edit=True, delete=True, threads=True), True, True, "edit"),
        (Capabilities(delete=True, threads=True), False, True, "reply"),
        (Capabilities(delete=True, threads=True), True, True, "replace"),
        (Capabilities(delete=True), False, True, "replace"),
        (Capabilities(), True, True, "new"),
    ],
)
def test_an_update_edits_answers_replaces_or_posts_anew(can: Capabilities, drops: bool, expected: bool, how: str, now: datetime) -> None:
    """An image that has to go is not answered where the post can be taken away."""
    assert how_updated(can, receipt(now, "p"), at=now, drops_images=drops) == how
    assert how_updated(can, None, at=now, drops_images=drops, expected=expected) == how
    assert how_updated(can, None, at=now) == "new"


def test_what_may_be_seen_stands_and_an_edit_keeps_the_first_receipt(outbox: SqliteOutbox, now: datetime) -> None:
    """Done and unknown stand, rejected does not; r2 is shown under the id that r1 got."""
    first, _ = settled(outbox, now, [new(now, "a"), new(now, "b")])
    settled(outbox, now, [new(now, "c")], state="unknown")
    settled(outbox, now, [new(now, "d")], state="rejected")
    row = outbox.enqueue([new(now, "a", revision=2, act="replace", of_delivery=first.id, how="edit")], at=now)[0]
    ((_, attempt),) = outbox.claim(at=now)
    outbox.settle(attempt, state="done", at=now, receipt=receipt(now, "a/1"))

    found = {each.channel: each for each in standing(outbox, SENDER, "S1")}

    assert set(found) == {"a", "b", "c"}
    assert (found["a"].revision, found["a"].root, found["a"].delivery.id) == (2, first.id, row.id)
    assert found["a"].receipt is not None
    assert found["a"].receipt.id == "a/1"
    assert found["c"].receipt is None


def test_a_recall_makes_one_row_a_post_images_first_and_asking_again_makes_none(outbox: SqliteOutbox, now: datetime) -> None:
    """Each by the best verb; the rows of a second recall are those of the first."""
    settled(outbox, now, [new(now, name, name) for name in ("bare", "threads", "edits", "deletes")])
    posts = standing(outbox, SENDER, "S1", has_images=lambda row: row.channel == "edits")

    made = takedowns(posts, because="arrested", at=now, deadline_at=now + timedelta(hours=1), means=means())
    rows = outbox.enqueue(made, at=now)
    again = outbox.enqueue(made, at=now)

    assert [(row.channel, row.how, row.act) for row in rows] == [
        ("edits", "edit", "replace"),
        ("bare", "steward", "notify"),
        ("threads", "reply", "correct"),
        ("deletes", "delete", "recall"),
    ]
    assert [row.id for row in rows] == [row.id for row in again]
    assert all(row.state == "queued" and row.urgency == 0 for row in rows)


def test_deleted_is_gone_and_the_rest_stays_open_until_somebody_says_so(outbox: SqliteOutbox, now: datetime) -> None:
    """The open list names deadline and overdue; a confirmation takes an item off it."""
    settled(outbox, now, [new(now, "deletes", "deletes"), new(now, "threads", "threads")])
    ends = now + timedelta(hours=1)
    made = takedowns(standing(outbox, SENDER, "S1"), because="arrested", at=now, deadline_at=ends, means=means())
    assert len(open_takedowns(outbox, SENDER, "S1", now)) == 0
    settled(outbox, now, made)

    (item,) = open_takedowns(outbox, SENDER, "S1", now)
    assert (item.channel, item.how, item.deadline_at, item.overdue) == ("threads", "reply", ends, False)
    assert open_takedowns(outbox, SENDER, "S1", ends + timedelta(minutes=1))[0].overdue
    assert [post.channel for post in standing(outbox, SENDER, "S1")] == ["threads"]

    outbox.confirm(item.row.id, at=now, by="a.roy", note="by phone")
    assert open_takedowns(outbox, SENDER, "S1", now) == ()
    assert standing(outbox, SENDER, "S1") == ()


def test_what_no_account_can_carry_waits_for_a_person(outbox: SqliteOutbox, now: datetime) -> None:
    """The account is gone, or the text does not fit: the item is there, and nothing is sent."""
    settled(outbox, now, [new(now, "a", "gone"), new(now, "b", "bare")])

    made = takedowns(
        standing(outbox, SENDER, "S1"),
        because="error",
        at=now,
        deadline_at=now + timedelta(minutes=15),
        means=means(carries=lambda row, because: False),
    )
    rows = outbox.enqueue(made, at=now)

    assert [(row.state, row.held_reason) for row in rows] == [("held", BY_PERSON)] * 2
    assert [item.channel for item in open_takedowns(outbox, SENDER, "S1", now)] == ["a", "b"]


def test_after_an_error_every_reached_place_is_told(outbox: SqliteOutbox, now: datetime) -> None:
    """Where the post is deleted a correction follows, also where it was deleted before; answered places are told by the answer."""
    settled(outbox, now, [new(now, name, name) for name in ("deletes", "threads")])
    settled(outbox, now, [new(now, "early", "deletes")])
    early = [post for post in standing(outbox, SENDER, "S1") if post.channel == "early"]
    settled(outbox, now, takedowns(early, because="arrested", at=now, deadline_at=now, means=means()))
    found = trails(outbox, SENDER, "S1")

    rows = takedowns(standing_of(outbox, found, ended_too=True), because="error", at=now, deadline_at=now, means=means())
    told = corrections(found, rows, because="error", means=means())
    keys = {row.key for row in outbox.enqueue([*rows, *told], at=now)}

    assert {(row.channel, row.how) for row in rows} == {("deletes", "delete"), ("threads", "reply")}
    assert {(row.channel, row.act, row.how) for row in told} == {("deletes", "notify", "new"), ("early", "notify", "new")}
    assert len(keys) == 4


def test_a_delete_that_was_refused_falls_to_the_next_verb(outbox: SqliteOutbox, now: datetime) -> None:
    """Each fall has a key of its own, and the open item is the newest."""
    settled(outbox, now, [new(now, "a", "deletes")])
    (post,) = standing(outbox, SENDER, "S1")
    keys = []
    for verb in ("delete", "edit", "reply", "steward"):
        made = takedown(post, verb, because="error", deadline_at=now, means=means(), silent=verb == "steward")
        keys += [row.key for row in settled(outbox, now, [made], state="rejected")]

    assert len(set(keys)) == 4
    (item,) = open_takedowns(outbox, SENDER, "S1", now)
    assert (item.how, item.row.state) == ("steward", "held")


def test_images_taken_out_leave_the_words_standing(outbox: SqliteOutbox, now: datetime) -> None:
    """What was due is settled, and the post can still be recalled."""
    settled(outbox, now, [new(now, "a", "edits")])
    due = takedowns(standing(outbox, SENDER, "S1"), because="images_due", at=now, deadline_at=now, means=means(), due_at=now)
    settled(outbox, now, due)

    (post,) = standing(outbox, SENDER, "S1")
    assert not post.has_images
    assert open_takedowns(outbox, SENDER, "S1", now) == ()
