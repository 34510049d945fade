"""What a person does to rows that wait: hold, release, supersede, settle, confirm; and what takes back is never stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from geoalert.errors import NotSent, OutboxError, PlanError
from geoalert.outbox import Event, SqliteOutbox
from geoalert.publishing import Receipt
from tests.outbox.rows import new

OF = {"sender": "Example Police", "alert": "S1"}


def states(outbox: SqliteOutbox) -> dict[str, str]:
    """State by channel."""
    return {row.channel: row.state for row in outbox.deliveries()}


def hold(outbox: SqliteOutbox, now: datetime, through: int | None = None) -> int:
    """The brake, pulled by one person."""
    told = Event("held", {"reason": "wrong photo"}, alert="S1", actor="t.singh")
    return outbox.hold(**OF, at=now, by="t.singh", reason="wrong photo", through=through, events=[told])


def test_a_hold_stops_what_is_queued_now_and_later_until_released(outbox: SqliteOutbox, now: datetime) -> None:
    """One person, at once; another alert goes on; what was held for its own reason stays held."""
    outbox.enqueue([new(now), new(now, "quiet", held_reason="quiet hours"), new(now, "other", alert="S2")], at=now)

    assert hold(outbox, now) == 1
    outbox.enqueue([new(now, "late")], at=now)
    claimed = [row.channel for row, _ in outbox.claim(at=now, most=9)]
    reasons = {row.channel: row.held_reason for row in outbox.deliveries(states=["held"])}
    outbox.release(**OF, at=now, by="m.roy", events=[Event("released", {}, alert="S1", actor="m.roy")])

    assert claimed == ["other"]
    assert reasons == {"ed-bia": "wrong photo", "quiet": "quiet hours", "late": "wrong photo"}
    assert states(outbox) == {"ed-bia": "queued", "quiet": "held", "other": "sending", "late": "queued"}
    assert [entry.kind for entry in outbox.entries()] == ["held", "released"]


@pytest.mark.parametrize(
    ("act", "because", "state"),
    [("recall", "arrested", "queued"), ("correct", "error", "queued"), ("notify", None, "queued"), ("replace", "updated", "held"),
     ("correct", None, "held")],
)  # fmt: skip
def test_a_hold_never_stops_taking_back(outbox: SqliteOutbox, now: datetime, act: str, because: str | None, state: str) -> None:
    """The brake is for what says more, before and after it is pulled."""
    outbox.enqueue([new(now, "before", act=act, because=because)], at=now)
    hold(outbox, now)
    outbox.enqueue([new(now, "after", act=act, because=because)], at=now)

    assert states(outbox) == {"before": state, "after": state}


def test_a_hold_may_end_before_a_newer_revision(outbox: SqliteOutbox, now: datetime) -> None:
    """What was approved after the brake is not stopped by it where the hold says so."""
    outbox.enqueue([new(now)], at=now)
    hold(outbox, now, through=1)
    outbox.enqueue([new(now, "new", revision=2, plan_digest="c" * 64)], at=now)

    assert states(outbox) == {"ed-bia": "held", "new": "queued"}


@pytest.mark.parametrize("what", ["hold", "supersede"])
def test_what_was_under_way_does_not_come_back_into_the_queue(outbox: SqliteOutbox, now: datetime, what: str) -> None:
    """Held or superseded while a request was in flight that did not arrive: it waits, or is over."""
    row = outbox.enqueue([new(now)], at=now)[0]
    (_, attempt), = outbox.claim(at=now)  # fmt: skip
    if what == "hold":
        hold(outbox, now)
    else:
        assert outbox.supersede([row.id], at=now) == 0

    outbox.settle(attempt, state="queued", at=now, error=NotSent("refused"), not_before=now)

    assert states(outbox) == {"ed-bia": "held" if what == "hold" else "superseded"}
    assert [entry.body["state"] for entry in outbox.entries() if entry.kind == "attempt" and entry.body] == list(states(outbox).values())


def test_superseded_rows_are_never_sent(outbox: SqliteOutbox, now: datetime) -> None:
    """Queued and held ones are over; done ones stay what they are."""
    rows = outbox.enqueue([new(now, "sent"), new(now), new(now, "held", held_reason="quiet hours")], at=now)
    (_, attempt), = outbox.claim(at=now)  # fmt: skip
    outbox.settle(attempt, state="done", at=now)

    assert outbox.supersede([row.id for row in rows], at=now, events=[Event("updated", {"revision": 2}, alert="S1")]) == 2
    assert states(outbox) == {"sent": "done", "ed-bia": "superseded", "held": "superseded"}
    assert outbox.claim(at=now, most=9) == ()


def test_an_old_revision_is_not_queued_late(outbox: SqliteOutbox, now: datetime) -> None:
    """Once a newer revision was queued, nothing more of an older one is; taking the old one back is."""
    outbox.enqueue([new(now, revision=2)], at=now)

    with pytest.raises(PlanError) as caught:
        outbox.enqueue([new(now, "d14")], at=now)
    outbox.enqueue([new(now, act="recall", because="updated")], at=now)

    assert caught.value.code == "revision_late"
    assert [row.act for row in outbox.deliveries()] == ["publish", "recall"]


@pytest.mark.parametrize(("state", "tries"), [("done", 2), ("rejected", 1), ("queued", 1)])
def test_a_person_settles_what_nobody_knows(outbox: SqliteOutbox, now: datetime, state: str, tries: int) -> None:
    """Landed with its address, did not land, or try again; each recorded, and only once."""
    row = outbox.enqueue([new(now)], at=now)[0]
    outbox.claim(at=now)
    outbox.recover(at=now)
    receipt = Receipt(publisher="page", account="posts", id="7", at=now, url="https://page.example/7") if state == "done" else None
    told = Event("settled_by_person", {"state": state}, alert="S1", actor="m.roy")

    assert outbox.settle_unknown(row.id, state=state, at=now, receipt=receipt, events=[told]) == state
    with pytest.raises(OutboxError) as again:
        outbox.settle_unknown(row.id, state="queued", at=now, events=[told])

    assert again.value.code == "not_unknown"
    assert (outbox.deliveries()[0].state, len(outbox.attempts(row.id))) == (state, tries)
    assert outbox.attempts(row.id)[-1].receipt == receipt
    assert [entry.kind for entry in outbox.entries()] == ["recovered", "settled_by_person"]


def test_confirmed_rows_say_by_whom(outbox: SqliteOutbox, now: datetime) -> None:
    """A takedown is confirmed with name and words."""
    row = outbox.enqueue([new(now, act="recall", because="arrested", how="steward", deadline_at=now + timedelta(hours=1))], at=now)[0]

    outbox.confirm(row.id, at=now, by="m.roy", note="A. Roy by phone")
    found = outbox.delivery(row.id)

    assert found is not None
    assert (found.because, found.how, found.deadline_at, found.queued_at) == ("arrested", "steward", now + timedelta(hours=1), now)
    assert (found.confirmed_at, found.confirmed_by, found.confirmed_note) == (now, "m.roy", "A. Roy by phone")


def test_blocked_media_and_marks(outbox: SqliteOutbox, now: datetime) -> None:
    """Blocking twice is quiet; a mark is what it was set to last."""
    for _ in range(2):
        outbox.block_media(["aa", "bb"], **OF, at=now)
    outbox.set_mark("siem", "4")
    outbox.set_mark("siem", "9")

    assert outbox.blocked(["aa", "cc"]) == {"aa"}
    assert (outbox.mark("siem"), outbox.mark("other")) == ("9", None)


@pytest.mark.parametrize("changes", [{"act": "shout"}, {"because": "bored"}, {"how": "loudly"}])
def test_unknown_words_are_refused(now: datetime, changes: dict[str, str]) -> None:
    """A row says what it is in known words."""
    with pytest.raises(ValueError, match="unknown"):
        new(now, **changes)
