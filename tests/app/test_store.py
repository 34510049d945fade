"""Plans on disk: what a queued row needs is there before it is queued, and nothing that comes later is in its way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geoalert.app import Desk
from geoalert.app.draft import draft_of
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import PlanChanged, PlanError
from geoalert.plan import Plan, build_plan, pack
from geoalert.worker import sole_sender
from tests.app.project import ALERT, START, write_project


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two processes' desks of one project."""
    path = write_project(tmp_path)
    with Desk(read_project(path), clock=fixed_clock(START)) as one, Desk(read_project(path), clock=fixed_clock(START)) as other:
        yield one, other


def made(desk: Desk, when: str = "Friday, 11 pm") -> Plan:
    """A plan of the alert with its time changed, built and not stored."""
    path = desk.project.folder / "alert.toml"
    path.write_text(ALERT.replace("Friday, 11 pm", when), encoding="utf-8")
    return build_plan(draft_of(desk, desk.read_alert(path)), by="w.clerk")


def after_the_queue(desk: Desk, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Has something happen as soon as rows were queued."""
    real = desk.outbox.enqueue

    def enqueue(*parts: Any, **named: Any) -> Any:
        rows = real(*parts, **named)
        act()
        return rows

    monkeypatch.setattr(desk.outbox, "enqueue", enqueue)


def test_a_plan_made_beside_a_send_takes_nothing_from_it(desks: tuple[Desk, Desk]) -> None:
    """Every queued row is read from the plan of its own digest."""
    desk, other = desks
    first, second = made(desk), made(desk, "Friday, 10 pm")
    desk.store.keep(first)
    desk.approve(first, by="t.singh")
    with sole_sender(desk.state):
        assert desk.send(first).counts == {"queued": 2}

    other.store.keep(second)
    other.work()

    assert other.status("S1").counts == {"done": 2}
    assert all("11 pm" in path.read_text("utf-8") for path in desk.project.folder.rglob("post.txt"))
    assert other.store.load("S1") == second
    assert other.store.load_digest("S1", 1, first.digest) == first


def killed() -> None:
    """What a signal does at that moment."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("kill", [False, True])
def test_a_plan_is_kept_before_its_first_row_can_be_claimed(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch, kill: bool) -> None:
    """A worker that is quicker than the sender, or goes on after it was killed there, sends everything."""
    desk, other = desks
    plan = made(desk)
    desk.approve(plan, by="t.singh")
    other.store.keep(made(desk, "Friday, 10 pm"))
    after_the_queue(desk, monkeypatch, killed if kill else other.work)

    if kill:
        with pytest.raises(KeyboardInterrupt):
            desk.send(plan)
        other.work()
    else:
        desk.send(plan)

    assert other.status("S1").counts == {"done": 2}


def test_the_newest_plan_of_a_revision_is_found_by_the_alerts_id(desks: tuple[Desk, Desk]) -> None:
    """Also once an earlier one comes back; each stays under its digest."""
    desk, _ = desks
    first, second = made(desk), made(desk, "Friday, 10 pm")

    found = []
    for plan in (first, second, first):
        desk.store.keep(plan)
        found.append(desk.store.load("S1").digest)

    assert found == [first.digest, second.digest, first.digest]
    assert {desk.store.load(path).digest for path in desk.store.paths("S1", 1)} == {first.digest, second.digest}
    assert desk.store.load(desk.store.paths("S1", 1)[0]) == first


def test_a_plan_from_before_they_were_kept_by_digest_is_kept_too(desks: tuple[Desk, Desk]) -> None:
    """One file a revision was all there was; rows may be queued from it."""
    desk, _ = desks
    first, second = made(desk), made(desk, "Friday, 10 pm")
    path = desk.store.plan_path(first)
    path.parent.mkdir(mode=0o700)
    path.write_bytes(pack(first))
    before = desk.store.load_digest("S1", 1, first.digest)

    desk.store.keep(second)

    assert before == first
    assert desk.store.load_digest("S1", 1, first.digest) == first
    assert desk.store.load("S1") == second


def test_a_disk_without_links_keeps_plans_as_well(desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest plan is then there twice."""
    desk, _ = desks

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refused)
    first, second = made(desk), made(desk, "Friday, 10 pm")
    for plan in (first, second):
        desk.store.keep(plan)

    assert desk.store.load("S1") == second
    assert desk.store.load_digest("S1", 1, first.digest) == first
    assert not list(desk.store.folder.glob(".new-*"))


def test_another_plan_under_a_digest_is_refused(desks: tuple[Desk, Desk]) -> None:
    """The file's name proves nothing."""
    desk, _ = desks
    first, second = made(desk), made(desk, "Friday, 10 pm")
    desk.store.keep(first)
    shutil.copy(desk.store.put(second), desk.store.digest_path("S1", 1, first.digest))

    with pytest.raises(PlanChanged) as caught:
        desk.store.load_digest("S1", 1, first.digest)
    with pytest.raises(PlanError) as gone:
        desk.store.load_digest("S1", 2, first.digest)

    assert (caught.value.code, gone.value.code) == ("plan_changed", "plan_unreadable")
