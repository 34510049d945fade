"""What is approved is what was read: the digest on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.app.approving import Approving
from geoalert.app.desk import Desk
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from tests.app.project import ALERT, PROJECT, START, write_project
from tests.cli.test_commands import run
from tests.plan.drafts import as_actual, resealed


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a plan that waits, and a key for its approver."""
    run("keys", "new", "t.singh", "-o", tmp_path / "keys" / "t.singh.key")
    write_project(tmp_path, project=PROJECT.replace('roles = ["approver"]', 'roles = ["approver"]\nkey = "keys/t.singh.pub"', 1))
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    planned(tmp_path)
    return tmp_path


def planned(project: Path, when: str = "Friday, 11 pm") -> None:
    """Plans the alert, its time changed."""
    (project / "alert.toml").write_text(ALERT.replace("Friday, 11 pm", when), encoding="utf-8")
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)


def stored_digest(project: Path) -> str:
    """The digest that somebody reads."""
    with Desk(read_project(project / "geoalert.toml")) as desk:
        return desk.store.load("S1").digest


def test_a_plan_made_anew_after_it_was_read_is_not_approved(project: Path) -> None:
    """By its id it would be found all the same."""
    read = stored_digest(project)
    planned(project, "Friday, 10 pm")

    result = run("approve", "S1", "--as", "t.singh", "--digest", read[:12], project=project)

    assert (result.exit_code, "[plan_changed]" in result.stderr) == (1, True)
    assert read[:12] in result.stderr
    assert stored_digest(project)[:12] in result.stderr
    assert "[not_approved]" in run("send", "S1", project=project).stderr
    assert run("approve", "S1", "--as", "t.singh", "--digest", stored_digest(project)[:8].upper(), project=project).exit_code == 0


def test_too_few_characters_approve_nothing(project: Path) -> None:
    """Nor an empty text."""
    for prefix in ("", stored_digest(project)[:7]):
        assert "[digest_too_short]" in run("approve", "S1", "--as", "t.singh", "--digest", prefix, project=project).stderr


def test_a_plan_of_status_actual_is_approved_by_its_digest_only(project: Path) -> None:
    """What comes next says so."""
    toml = project / "geoalert.toml"
    toml.write_text(toml.read_text("utf-8").replace('path = "posts"\n', 'path = "posts"\nmode = "live"\n', 1), encoding="utf-8")
    with Desk(read_project(toml), clock=fixed_clock(START)) as desk:
        plan = resealed(desk.store.load("S1"), as_actual)
        Approving(desk).keep(plan)
    key = ("--as", "t.singh", "--key", project / "keys" / "t.singh.key")

    without = run("approve", "S1", *key, project=project)
    approved = run("approve", "S1", *key, "--digest", plan.digest[:12], project=project)

    assert (without.exit_code, "[digest_needed]" in without.stderr) == (1, True)
    assert approved.exit_code == 0
