"""The brake stops what is queued here and elsewhere, now and later; a release needs a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.errors import NotSent, PlanError
from tests.app.places import ABLE, Evening


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    """Two places, of which one does not answer yet."""
    made = Evening(tmp_path / "p", {"edits": ABLE["edits"], "bare": ABLE["bare"]})
    made.places["bare"].faults = [(False, NotSent("refused", code="refused"))]
    return made


def test_a_hold_stops_what_is_queued_until_it_is_released(evening: Evening) -> None:
    """Another process sends nothing either; who held it and why is in the status."""
    evening.sent()
    held = evening.desk.hold("S1", by="w.clerk", reason="wrong height")
    evening.later(hours=1)
    with evening.opened() as other:
        other.work()

    assert (held.rows, held.through, held.on) == (1, 1, True)
    assert evening.places["bare"].arrived == []
    row = next(row for row in evening.desk.status("S1").rows if row.state == "held")
    assert "w.clerk" in str(row.told)
    assert "wrong height" in str(row.told)

    released = evening.desk.release("S1", by="t.singh", reason="it was right")
    evening.later(hours=1)
    evening.desk.work()
    assert released.rows == 1
    assert len(evening.places["bare"].arrived) == 1
    kinds = [(entry.kind, entry.actor) for entry in evening.desk.outbox.entries(alert="S1") if entry.kind in ("held", "released")]
    assert kinds == [("held", "w.clerk"), ("released", "t.singh")]


def test_what_is_queued_after_a_hold_is_held_too_but_not_a_later_revision(evening: Evening) -> None:
    """The approved plan waits; an update that was planned after the hold needs no release."""
    plan = evening.planned()
    evening.desk.hold("S1", by="w.clerk")
    outcome = evening.desk.send(plan)
    assert outcome.counts == {"held": 2}
    assert all(not place.arrived for place in evening.places.values())

    update = evening.updated(("25-35", "35-45"))
    evening.places["bare"].faults = []
    assert evening.desk.send(update).counts == {"done": 2}
    assert {row.state for row in evening.rows(revision=1)} == {"superseded"}
    assert [len(place.seen) for place in evening.places.values()] == [1, 1]


def test_a_recall_goes_through_a_hold(evening: Evening) -> None:
    """What takes back is never stopped."""
    evening.sent()
    evening.desk.hold("S1", by="w.clerk")
    evening.desk.recall("S1", because="error", by="w.clerk")

    assert "CORRECTION" in evening.places["edits"].texts("edits-page")[0]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (lambda desk: desk.release("S1", by="w.clerk", reason="x"), "not_held"),
        (lambda desk: desk.release("S1", by="w.clerk", reason=" "), "reason_missing"),
        (lambda desk: desk.hold("S9", by="w.clerk"), "unknown_plan"),
        (lambda desk: desk.hold("S1", by="no name!"), "invalid_name"),
    ],
)
def test_a_brake_that_cannot_be_used_says_why(evening: Evening, step: object, code: str) -> None:
    """One error each."""
    evening.sent()
    with pytest.raises(PlanError) as caught:
        step(evening.desk)  # type: ignore[operator]
    assert caught.value.code == code


def test_the_brake_is_on_before_any_post_is_read(evening: Evening) -> None:
    """However many there are; only what was decided about the alert is read first."""
    evening.sent()
    ledger: list[str] = []
    evening.desk.outbox._db.set_trace_callback(ledger.append)
    held = evening.desk.hold("S1", by="w.clerk")
    evening.desk.outbox._db.set_trace_callback(None)

    brake = next(number for number, text in enumerate(ledger) if text.startswith("UPDATE deliveries SET state = 'held'"))
    before = [text for text in ledger[:brake] if text.startswith("SELECT")]
    assert held.rows == 1
    assert not [text for text in before if "FROM deliveries" in text]
    assert all("kind IN ('planned'" in text for text in before if "FROM log WHERE" in text)
