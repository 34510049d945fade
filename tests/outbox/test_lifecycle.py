"""The life of an alert as its record tells it, and the steps that it cannot take."""

from __future__ import annotations

from datetime import datetime

import pytest

from geoalert.errors import PlanError
from geoalert.outbox import Event, SqliteOutbox
from geoalert.outbox.lifecycle import LIVES, STEPS, Reference, check_step, life_of, state_of

CASES = [
    ([], "draft", None),
    (["planned"], "pending", None),
    (["planned", "approved"], "pending", None),
    (["planned", "returned"], "returned", None),
    (["planned", "returned", "planned"], "pending", None),
    (["planned", "rejected_plan"], "rejected", None),
    (["planned", "approved", "issued"], "issued", "Alert"),
    (["planned", "approved", "issued", "held", "released", "attempt", "confirmed"], "issued", "Alert"),
    (["planned", "approved", "issued", "planned:2"], "issued", "Alert"),
    (["planned", "approved", "issued", "planned:2", "approved:2", "issued:2"], "updated", "Update"),
    (["planned", "approved", "issued", "planned:2", "rejected_plan:2"], "issued", "Alert"),
    (["planned", "approved", "issued", "expired"], "expired", "Alert"),
    (["planned", "approved", "issued", "issued:2", "expired"], "updated", "Update"),
    (["planned", "approved", "issued", "expired", "closed"], "closed", "Cancel"),
    (["planned", "approved", "issued", "closed", "attempt", "expired"], "closed", "Cancel"),
    (["planned", "approved", "issued", "closed:1:error"], "closed", "Error"),
]


def written(outbox: SqliteOutbox, kinds: list[str], now: datetime) -> None:
    """Writes events such as `issued`, `issued:2` (a revision) or `closed:1:error` (a cause)."""
    for kind in kinds:
        name, revision, because = (*kind.split(":"), "1", "arrested")[:3] if kind.count(":") == 0 else (*kind.split(":"), "arrested")[:3]
        outbox.record([Event(name, {"because": because}, alert="S1", sender="Example Police", revision=int(revision))], at=now)


@pytest.mark.parametrize(("kinds", "state", "msg_type"), CASES, ids=lambda value: "-".join(value) if isinstance(value, list) else None)
def test_the_record_tells_the_state(outbox: SqliteOutbox, now: datetime, kinds: list[str], state: str, msg_type: str | None) -> None:
    """Whatever happened, in its order; an older revision that expires ends nothing."""
    written(outbox, kinds, now)

    assert (state_of(outbox.entries(alert="S1")), life_of(outbox.entries(alert="S1")).msg_type) == (state, msg_type)


def test_messages_refer_to_what_was_issued_before(outbox: SqliteOutbox, now: datetime) -> None:
    """CAP's references: an update to the alert, a cancellation to both."""
    written(outbox, ["issued", "issued:2"], now)
    first, second = (Reference("Example Police", f"S1.r{number}", "2027-03-12T21:00:00.000000Z") for number in (1, 2))

    assert life_of(outbox.entries(alert="S1")).references == (first,)
    written(outbox, ["closed"], now)
    assert life_of(outbox.entries(alert="S1")).references == (first, second)


def test_a_purge_changes_no_state(outbox: SqliteOutbox, now: datetime) -> None:
    """Bodies are words; the state is in what was done."""
    written(outbox, ["planned", "approved", "issued", "issued:2", "closed"], now)
    outbox.purge_bodies(range(1, 6), at=now)

    assert life_of(outbox.entries(alert="S1")).state == "closed"


@pytest.mark.parametrize("state", ["issued", "updated", "expired", "closed"])
def test_recall_is_legal_from_every_issued_state(state: str) -> None:
    """Expiry never ends takedown."""
    check_step(state, "recall")
    check_step(state, "confirm")


@pytest.mark.parametrize(
    ("state", "step"),
    [("draft", "send"), ("draft", "recall"), ("pending", "recall"), ("pending", "update"), ("returned", "approve"), ("returned", "send"),
     ("rejected", "approve"), ("rejected", "send"), ("rejected", "plan"), ("closed", "send"), ("closed", "update"), ("closed", "plan")],
)  # fmt: skip
def test_illegal_steps_are_refused(state: str, step: str) -> None:
    """Each with the state it is in."""
    with pytest.raises(PlanError) as caught:
        check_step(state, step, alert="S1")

    assert caught.value.code == "illegal_step"
    assert state in str(caught.value)


def test_every_state_has_its_steps() -> None:
    """The table is whole."""
    assert set(STEPS) == set(LIVES)
