"""Decisions that rest on what was read, taken while others decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from geoalert.errors import OutboxError, PlanError
from geoalert.outbox import STEPS_TAKEN, Event, NewDelivery, Seen, SqliteOutbox
from tests.outbox.rows import new

OF = {"sender": "Example Police", "alert": "S1"}


def told(kind: str, *, actor: str = "w.clerk", alert: str = "S1", sender: str = "Example Police") -> Event:
    """Something that was decided, or happened."""
    return Event(kind, {"why": "sketch ready"}, alert=alert, sender=sender, revision=1, actor=actor)


def read(outbox: SqliteOutbox) -> Seen:
    """What somebody has read of the alert by now."""
    return Seen.of(list(outbox.entries(alert="S1")), **OF)


@pytest.fixture
def other(outbox: SqliteOutbox, tmp_path: Path) -> Iterator[SqliteOutbox]:
    """The same ledger in somebody else's hands."""
    ledger = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield ledger
    ledger.close()


@pytest.mark.parametrize("kind", STEPS_TAKEN)
def test_a_decision_is_refused_once_another_was_taken(outbox: SqliteOutbox, other: SqliteOutbox, now: datetime, kind: str) -> None:
    """Nothing is queued, taken out of the queue or recorded on a record that has gone on."""
    row = outbox.enqueue([new(now)], at=now, events=[told("planned")])[0]
    seen = read(outbox)
    other.record([told(kind, actor="t.singh")], at=now)

    for act in (
        lambda: outbox.enqueue([new(now, "ed-mas")], at=now, supersede=[row.id], events=[told("issued")], seen=seen),
        lambda: outbox.supersede([row.id], at=now, events=[told("closed")], seen=seen),
        lambda: outbox.record([told("approved")], at=now, seen=seen),
    ):
        with pytest.raises(PlanError, match="was quicker") as caught:
            act()
        assert (caught.value.code, caught.value.value) == ("step_overtaken", "S1")

    assert [(each.channel, each.state) for each in outbox.deliveries()] == [("ed-bia", "queued")]
    assert [entry.kind for entry in outbox.entries()] == ["planned", kind]


@pytest.mark.parametrize(
    "later", [told("attempt"), told("held"), told("returned", alert="S2"), told("returned", sender="Other Police")], ids=str
)
def test_what_decides_nothing_overtakes_nothing(outbox: SqliteOutbox, other: SqliteOutbox, now: datetime, later: Event) -> None:
    """Posts that land, and other alerts, do not stand in a decision's way."""
    outbox.record([told("planned")], at=now)
    seen = read(outbox)
    other.record([later], at=now)

    outbox.enqueue([new(now)], at=now, events=[told("issued")], seen=seen)

    assert [entry.kind for entry in outbox.entries()] == ["planned", later.kind, "issued"]


def test_what_counts_can_be_narrowed(outbox: SqliteOutbox, now: datetime) -> None:
    """Two people may approve at once; an approval after a return may not."""
    seen = Seen.of((), **OF, kinds=set(STEPS_TAKEN) - {"approved"})
    outbox.record([told("approved")], at=now)

    outbox.record([told("approved", actor="t.singh")], at=now, seen=seen)
    outbox.record([told("returned")], at=now)

    with pytest.raises(PlanError) as caught:
        outbox.record([told("approved", actor="m.roy")], at=now, seen=seen)
    assert caught.value.code == "step_overtaken"


def test_an_update_that_cannot_be_queued_leaves_the_older_revision_as_it_was(outbox: SqliteOutbox, now: datetime) -> None:
    """What is taken out of the queue and what takes its place are one thing to do."""
    row = outbox.enqueue([new(now)], at=now)[0]

    def broken() -> Iterator[NewDelivery]:
        yield new(now, revision=2)
        raise OutboxError("the disk is full", code="disk_full")

    with pytest.raises(OutboxError):
        outbox.enqueue(broken(), at=now, supersede=[row.id])

    assert [(each.revision, each.state) for each in outbox.deliveries()] == [(1, "queued")]


def test_rows_can_be_made_from_what_the_transaction_sees(outbox: SqliteOutbox, now: datetime) -> None:
    """A row that left meanwhile is seen as under way while its successor is made; one that waited is superseded."""
    rows = outbox.enqueue([new(now), new(now, "ed-mas")], at=now)
    outbox.claim(at=now)
    found: list[str] = []

    def made() -> Iterator[NewDelivery]:
        found.extend(row.state for row in outbox.deliveries(**OF))
        yield new(now, revision=2)

    outbox.enqueue(made(), at=now, supersede=[row.id for row in rows])

    assert found == ["sending", "superseded"]
