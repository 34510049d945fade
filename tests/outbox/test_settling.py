"""Ends of tries as places answer them: none spoils another's, none overrules a person, and each is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from geoalert.errors import NotSent, OutboxError, PlanChanged, Rejected
from geoalert.outbox import Delivery, Settlement, SqliteOutbox, check_chain
from geoalert.publishing import Receipt
from tests.outbox.rows import new


def answered(now: datetime, name: str = "1", **spoilt: object) -> Receipt:
    """A receipt, spoilt past what its own check lets through."""
    receipt = Receipt(publisher="page", account="posts", id=name, at=now)
    for field, value in spoilt.items():
        object.__setattr__(receipt, field, value)
    return receipt


def states(outbox: SqliteOutbox) -> dict[str, str]:
    """Each channel's state."""
    return {row.channel: row.state for row in outbox.deliveries()}


SPOILT = [{"raw": {"id": 2**60}}, {"raw": {"text": "\ud800"}}, {"id": "7\udfff"}, {"url": b"\xff"}, {"at": "yesterday"}, {"raw": 7}]


@pytest.mark.parametrize("spoilt", SPOILT, ids=str)
@pytest.mark.parametrize("alone", [True, False], ids=["settle", "exchange"])
def test_an_answer_that_cannot_be_kept_costs_its_own_row_only(
    outbox: SqliteOutbox, now: datetime, spoilt: dict[str, object], alone: bool
) -> None:
    """The others keep their receipts in the same transaction; the row itself says what stands in its way."""
    outbox.enqueue([new(now, f"c{number}") for number in range(3)], at=now)
    claimed = outbox.claim(at=now, most=3)
    receipts = [answered(now, "a"), answered(now, **spoilt), answered(now, "b")]
    ends = [Settlement(attempt, "done", now, receipt) for (_, attempt), receipt in zip(claimed, receipts, strict=True)]

    if alone:
        for end in ends:
            outbox.settle(end.attempt, state=end.state, at=now, receipt=end.receipt)
    else:
        outbox.exchange(ends, [], at=now, lanes={}, most=0)

    bad = claimed[1][0].id
    kept = states(outbox)
    if kept["c1"] == "unknown":
        assert [(attempt.outcome, attempt.error_code, attempt.receipt) for attempt in outbox.attempts(bad)] == [
            ("unknown", "answer_unusable", None)
        ]
    assert kept == {"c0": "done", "c1": "unknown" if spoilt != {"url": b"\xff"} else "done", "c2": "done"}
    assert [attempt.receipt for row in (1, 3) for attempt in outbox.attempts(row)] == [receipts[0], receipts[2]]
    assert [(entry.body or {})["state"] for entry in outbox.entries()] == [kept[f"c{number}"] for number in range(3)]
    check_chain(outbox.entries())


def test_a_refusal_in_letters_that_no_file_holds_stays_a_refusal(outbox: SqliteOutbox, now: datetime) -> None:
    """What the place said is kept but for the half of a character."""
    outbox.enqueue([new(now)], at=now)
    ((row, attempt),) = outbox.claim(at=now)

    outbox.settle(attempt, state="rejected", at=now, error=Rejected("said \ud800", code="too\ud800"))

    (tried,) = outbox.attempts(row.id)
    assert (tried.outcome, tried.error_code, tried.error_text) == ("rejected", "too?", "said ?")


def test_a_full_disk_is_no_bad_answer(outbox: SqliteOutbox, now: datetime) -> None:
    """Nothing becomes unknown for it: the whole exchange is undone."""
    outbox.enqueue([new(now)], at=now)
    ((_, attempt),) = outbox.claim(at=now)
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(OutboxError) as caught:
        outbox.settle(attempt, state="rejected", at=now, error=Rejected("long " * 20_000, code="x"))

    assert caught.value.code == "disk_full"
    assert states(outbox) == {"ed-bia": "sending"}


def late(outbox: SqliteOutbox, now: datetime) -> Delivery:
    """The one row, claimed, recovered by another worker and called done by a person."""
    outbox.recover(at=now)
    (row,) = outbox.deliveries()
    outbox.settle_unknown(row.id, state="done", at=now, receipt=answered(now, "by hand"))
    return row


@pytest.mark.parametrize("state", ["queued", "rejected", "done", "unknown"])
def test_a_try_that_ends_late_does_not_overrule_a_person(outbox: SqliteOutbox, now: datetime, state: str) -> None:
    """A sender that hung while somebody settled its row leaves it there; what it saw is recorded once."""
    outbox.enqueue([new(now)], at=now)
    ((_, attempt),) = outbox.claim(at=now)
    row = late(outbox, now)
    after = now + timedelta(minutes=5)

    for _ in range(2):
        outbox.settle(attempt, state=state, at=after, error=NotSent("refused", code="no_route"), not_before=after)

    assert states(outbox) == {"ed-bia": "done"}
    assert outbox.claim(at=after + timedelta(hours=1)) == ()
    assert outbox.attempts(row.id)[0].outcome == state
    assert [((entry.body or {}).get("late"), (entry.body or {})["state"]) for entry in outbox.entries() if entry.kind == "attempt"] == [
        (state, "done")
    ]


def test_an_earlier_try_does_not_end_a_later_one(outbox: SqliteOutbox, now: datetime) -> None:
    """The row is under way again: only its own try says where it goes."""
    outbox.enqueue([new(now)], at=now)
    ((row, first),) = outbox.claim(at=now)
    outbox.recover(at=now)
    second = outbox.reopen(row.id, at=now)

    outbox.settle(first, state="queued", at=now)
    assert states(outbox) == {"ed-bia": "sending"}
    outbox.settle(second, state="done", at=now, receipt=answered(now))

    assert states(outbox) == {"ed-bia": "done"}


SPEAKING = [("replace", None), ("correct", None), ("correct", "updated"), ("notify", None), ("publish", None)]
TAKING_BACK = [("recall", "error"), ("recall", None), ("replace", "expired"), ("correct", "resolved"), ("notify", "error")]


@pytest.mark.parametrize(("act", "because", "ends"), [(*case, True) for case in SPEAKING] + [(*case, False) for case in TAKING_BACK])
def test_what_speaks_ends_at_expiry_and_what_takes_back_does_not(
    outbox: SqliteOutbox, now: datetime, act: str, because: str | None, ends: bool
) -> None:
    """An edit, a reply or a notice is as late as a post; a takedown never is."""
    outbox.enqueue([new(now, act=act, because=because)], at=now)
    over = now + timedelta(days=4)

    claimed = outbox.claim(at=over)

    assert bool(claimed) is not ends
    assert outbox.expire(at=over) == int(ends)
    assert states(outbox)["ed-bia"] == ("expired" if ends else "sending")


@pytest.mark.parametrize(("act", "because", "ends"), [("replace", None, True), ("replace", "expired", False)])
def test_what_nobody_knows_is_not_said_again_after_expiry(
    outbox: SqliteOutbox, now: datetime, act: str, because: str | None, ends: bool
) -> None:
    """An edit whose outcome is unknown may be done again only while the alert lasts."""
    outbox.enqueue([new(now, act=act, because=because)], at=now)
    outbox.claim(at=now)
    outbox.recover(at=now)

    ((_, again),) = outbox.unknown_due(at=now + timedelta(days=4), fresh=True)

    assert again is not ends


@pytest.mark.parametrize("first", ["publish", "replace", "correct"])
@pytest.mark.parametrize("second", ["publish", "replace", "correct"])
def test_a_revision_speaks_from_one_plan_whatever_its_verbs(outbox: SqliteOutbox, now: datetime, first: str, second: str) -> None:
    """Half a revision of one plan and half of another is neither."""
    outbox.enqueue([new(now, act=first, revision=2)], at=now)

    with pytest.raises(PlanChanged) as caught:
        outbox.enqueue([new(now, "ed-mas", act=second, revision=2, plan_digest="c" * 64, occurrence=1)], at=now)

    assert caught.value.code == "revision_taken"
    outbox.enqueue([new(now, act="recall", because="error", revision=2, plan_digest="d" * 64)], at=now)
    outbox.enqueue([new(now, "person:t", act="notify", revision=2, plan_digest="e" * 64)], at=now)
