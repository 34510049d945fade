"""Two people decide at once, in two processes: the later of the two decides by what the record says by then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import geoalert.app.closing
from geoalert.app import Desk
from geoalert.app.approving import Approving
from geoalert.app.send import Sending
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import GeoAlertError, NotApproved, OutboxError, PlanChanged, PlanError
from geoalert.plan import Approval, Plan
from geoalert.worker import sole_sender
from tests.app.project import ALERT, PROJECT, START, write_project

KHAN = '\n[people."a.khan"]\nroles = ["approver"]\n'


def desk_at(folder: Path, minutes: float = 0) -> Desk:
    """The project's desk, some minutes into the evening."""
    return Desk(read_project(folder / "geoalert.toml"), clock=fixed_clock(START + timedelta(minutes=minutes)))


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two processes' desks of one project."""
    write_project(tmp_path, project=PROJECT + KHAN)
    with desk_at(tmp_path) as one, desk_at(tmp_path) as other:
        yield one, other


def alert_of(desk: Desk, when: str = "Friday, 11 pm") -> Any:
    """The alert with its time changed."""
    path = desk.project.folder / "alert.toml"
    path.write_text(ALERT.replace("Friday, 11 pm", when), encoding="utf-8")
    return desk.read_alert(path)


def planned(desk: Desk, when: str = "Friday, 11 pm") -> Plan:
    """A plan that waits for its approval."""
    return desk.plan(alert_of(desk, when), by="w.clerk")


def approved(desk: Desk) -> Plan:
    """A plan that may be sent."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")
    return plan


def updated(desk: Desk) -> Plan:
    """An approved update."""
    plan = desk.update(alert_of(desk, "Friday, 10 pm"), by="w.clerk")
    desk.approve(plan, by="t.singh")
    return plan


def once_after(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, act: Callable[[], object]) -> None:
    """Has somebody else act right after a check, the first time it is made."""
    real, left = getattr(where, name), [act]

    def checked(*parts: Any, **named: Any) -> Any:
        found = real(*parts, **named)
        while left:
            left.pop()()
        return found

    monkeypatch.setattr(where, name, checked)


def posts(desk: Desk) -> list[str]:
    """Every text that arrived."""
    return [path.read_text("utf-8") for path in desk.project.folder.rglob("post.txt")]


def test_a_plan_returned_while_it_is_sent_is_not_sent(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the sender's check and the queue."""
    desk, other = desks
    plan = approved(desk)
    once_after(monkeypatch, Sending, "_refuse", lambda: other.give_back(plan, by="t.singh", reason="the wrong man"))

    with pytest.raises(PlanError) as caught:
        desk.send(plan)

    assert caught.value.code == "illegal_step"
    assert "returned" in caught.value.what
    assert (desk.outbox.deliveries(alert="S1"), posts(desk)) == ((), [])


def test_an_alert_closed_while_its_update_is_sent_stays_closed(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the new revision leaves after the end was told."""
    desk, other = desks
    desk.send(approved(desk))
    update = updated(desk)
    once_after(monkeypatch, Sending, "_refuse", lambda: other.recall("S1", because="arrested", by="t.singh"))

    with pytest.raises(PlanError) as caught:
        desk.send(update)

    assert caught.value.code == "illegal_step"
    assert desk.outbox.deliveries(alert="S1", revision=2) == ()
    assert not [text for text in posts(desk) if "10 pm" in text]
    assert desk.standpoint("S1").life.state == "closed"


def test_an_update_sent_while_its_alert_is_closed_does_not_follow_the_end(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is queued after the recall looked, and before it is recorded, is taken out of the queue as well."""
    desk, other = desks
    desk.send(approved(desk))
    update = updated(desk)

    def send() -> None:
        with sole_sender(desk.state):
            other.send(update)

    once_after(monkeypatch, geoalert.app.closing, "trails", send)
    desk.recall("S1", because="arrested", by="t.singh")
    desk.work()

    assert not [text for text in posts(desk) if "10 pm" in text]
    assert {row.state for row in desk.outbox.deliveries(alert="S1", revision=2) if row.because is None} == {"superseded"}


def test_a_plan_returned_while_it_is_approved_is_not_approved(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the approver's check and the record."""
    desk, other = desks
    plan = planned(desk)
    once_after(monkeypatch, Approving, "check_approver", lambda: other.give_back(plan, by="a.khan", reason="the wrong man"))

    with pytest.raises(PlanError) as caught:
        desk.approve(plan, by="t.singh")

    assert caught.value.code == "illegal_step"
    assert [entry.kind for entry in desk.outbox.entries(alert="S1")] == ["planned", "returned"]
    assert desk.store.approvals(plan) == ()


def test_a_plan_made_anew_while_it_is_approved_is_not_approved(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """The approval is of what was read."""
    desk, other = desks
    plan = planned(desk)
    once_after(monkeypatch, Approving, "check_approver", lambda: planned(other, "Friday, 10 pm"))

    with pytest.raises(PlanChanged) as caught:
        desk.approve(plan, by="t.singh")

    assert caught.value.code == "plan_changed"


def test_a_plan_sent_while_it_is_made_anew_stays_the_one(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its posts leave, and the new plan is refused."""
    desk, other = desks
    plan = approved(desk)
    alert = alert_of(other, "Friday, 10 pm")

    def send() -> None:
        with sole_sender(desk.state):
            desk.send(plan)

    once_after(monkeypatch, Approving, "_check_unsent", send)
    with pytest.raises(PlanError) as caught:
        other.plan(alert, by="w.clerk")
    other.work()

    assert caught.value.code == "revision_taken"
    assert desk.store.load("S1") == plan
    assert desk.status("S1").counts == {"done": 2}


def test_two_who_approve_or_send_at_once_both_do(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other one did is no obstacle; each post leaves once."""
    desk, other = desks
    plan = planned(desk)
    once_after(monkeypatch, Approving, "check_approver", lambda: other.approve(plan, by="a.khan"))
    desk.approve(plan, by="t.singh")
    once_after(monkeypatch, Sending, "_refuse", lambda: other.send(plan))

    assert desk.send(plan).counts == {"done": 2}
    assert set(desk.tally(plan).by) == {"a.khan", "t.singh"}
    assert len(posts(desk)) == 2
    assert [entry.kind for entry in desk.outbox.entries(alert="S1") if entry.kind != "attempt"] == ["planned", *["approved"] * 2, "issued"]


def test_a_failed_update_leaves_the_older_revision_as_it_was(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is superseded with the new rows, or not at all."""
    desk, other = desks
    first = approved(desk)
    with sole_sender(desk.state):
        desk.send(first)
    update = updated(desk)
    real = desk.outbox.enqueue

    def full(rows: Any, **named: Any) -> Any:
        raise OutboxError("the disk is full, so nothing was sent", code="disk_full")

    monkeypatch.setattr(desk.outbox, "enqueue", full)
    with pytest.raises(OutboxError):
        desk.send(update)
    monkeypatch.setattr(desk.outbox, "enqueue", real)
    other.work()

    assert desk.status("S1").counts == {"done": 2}
    assert all("11 pm" in text for text in posts(desk))


def test_an_approval_that_was_returned_does_not_come_back(tmp_path: Path) -> None:
    """Planned again the plan has the same digest; the old file laid back is not of this round."""
    write_project(tmp_path)
    desk = desk_at(tmp_path)
    plan = approved(desk)
    folder = next(desk.store.folder.glob("*.approvals"))
    shutil.copytree(folder, tmp_path / "saved")
    desk.give_back(plan, by="t.singh", reason="wrong")
    again = planned(desk_at(tmp_path, minutes=20))
    shutil.copytree(tmp_path / "saved", folder, dirs_exist_ok=True)

    with pytest.raises(NotApproved) as caught:
        desk.send(again)

    assert (again.digest, caught.value.code) == (plan.digest, "approval_unrecorded")
    assert desk.tally(again).by == ()
    assert posts(desk) == []
    desk.approve(again, by="t.singh")
    assert desk.send(again).counts == {"done": 2}


def test_an_approval_that_the_record_never_saw_does_not_count(desks: tuple[Desk, Desk]) -> None:
    """Nor does one of a plan in whose place another was made and that then comes back."""
    desk, _ = desks
    plan = planned(desk)
    desk.store.keep_approval(plan, Approval(alert="S1", revision=1, digest=plan.digest, by="t.singh", at=START))
    codes = [code_of(lambda: desk.send(plan))]
    desk.approve(plan, by="t.singh")
    planned(desk, "Friday, 10 pm")
    again = planned(desk)
    codes.append(code_of(lambda: desk.send(again)))

    assert again.digest == plan.digest
    assert codes == ["approval_unrecorded"] * 2
    assert posts(desk) == []


def code_of(act: Callable[[], object]) -> str | None:
    """The code that something is refused with."""
    try:
        act()
    except GeoAlertError as err:
        return err.code
    return None


def test_planning_the_same_again_keeps_its_approval(desks: tuple[Desk, Desk]) -> None:
    """It is the very plan that was approved."""
    desk, _ = desks
    plan = approved(desk)
    again = planned(desk)

    assert again.digest == plan.digest
    assert desk.send(again).counts == {"done": 2}


def test_what_was_read_and_then_made_anew_is_not_approved(desks: tuple[Desk, Desk]) -> None:
    """The plan in hand, or in a file, is no longer the one of its revision."""
    desk, other = desks
    plan = planned(desk)
    desk.store.copy(plan, desk.project.folder / "A.plan")
    newer = planned(other, "Friday, 10 pm")

    for read in (plan, desk.store.load(desk.project.folder / "A.plan")):
        with pytest.raises(PlanChanged) as caught:
            desk.approve(read, by="t.singh")
        assert caught.value.code == "plan_changed"
        assert newer.digest[:12] in str(caught.value.value)

    assert desk.store.approvals(plan) == ()
    assert desk.approve(newer, by="t.singh").digest == newer.digest


@pytest.mark.parametrize(("left", "code"), [("a.khan", None), ("t.singh", None), (None, "not_an_approver")])
def test_one_of_more_approvers_than_needed_may_leave(desks: tuple[Desk, Desk], tmp_path: Path, left: str | None, code: str | None) -> None:
    """Enough others stay; where they do not, it is said who left."""
    desk, _ = desks
    plan = approved(desk)
    desk.approve(plan, by="a.khan")
    people = {"t.singh", "a.khan", "b.new"} - ({left} if left else {"t.singh", "a.khan"})
    listed = "".join(f'[people."{name}"]\nroles = ["approver"]\n' for name in sorted(people))
    (tmp_path / "geoalert.toml").write_text(PROJECT[: PROJECT.index("[people")] + listed, encoding="utf-8")

    with desk_at(tmp_path) as later:
        assert code_of(lambda: later.send(plan)) == code
        assert len(posts(later)) == (0 if code else 2)
        assert set(later.tally(plan).by) == people & {"t.singh", "a.khan"}
