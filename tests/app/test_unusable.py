"""An account that geoalert.toml gets wrong takes no other with it, and decides nothing about what is out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from geoalert.app import Desk
from geoalert.app.check import check_project
from geoalert.config import read_project
from geoalert.errors import ConfigurationError
from tests.app.project import PROJECT, START, write_project

OTHER = '\n[accounts.other]\npublisher = "webhook"\nurl = "https://hook.example/in"\nsecrt = "env:NOT_SET"\n'
BROKEN = [('path = "posts"', 'pth = "posts"'), ('publisher = "folder"', 'publisher = "foldr"')]


def desk_of(folder: Path, project: str, minutes: float = 0) -> Desk:
    """The project as it is written now, some minutes later."""
    (folder / "geoalert.toml").write_text(project, encoding="utf-8")
    return Desk(read_project(folder / "geoalert.toml"), clock=lambda: START + timedelta(minutes=minutes))


def sent(folder: Path) -> None:
    """An alert that is out."""
    write_project(folder)
    with desk_of(folder, PROJECT) as desk:
        plan = desk.plan(desk.read_alert(folder / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh", reason="exercise")
        assert desk.send(plan).counts == {"done": 2}


def posts(folder: Path) -> list[str]:
    """What the folder shows."""
    return sorted(path.name for path in (folder / "posts").rglob("*.png"))


def test_a_typo_in_one_account_stops_no_recall_at_another(tmp_path: Path) -> None:
    """What is out is deleted; a dry run and the recall name the account; planning and checking go on for the others."""
    sent(tmp_path)
    assert posts(tmp_path)

    with desk_of(tmp_path, PROJECT + OTHER, 10) as desk:
        dry = desk.recall("S1", because="error", by="w.clerk", dry_run=True)
        said = desk.recall("S1", because="error", by="w.clerk")

    assert [finding.where for finding in dry.findings] == ["accounts.other.secrt"]
    assert {(item.how, item.state) for item in said.items} == {("delete", "done"), ("new", "done")}
    assert not posts(tmp_path)


@pytest.mark.parametrize("typo", BROKEN)
def test_what_waits_for_its_account_is_taken_down_once_geoalert_toml_is_right(tmp_path: Path, typo: tuple[str, str]) -> None:
    """Nothing is refused or left to a person for a typo in the very account; the next work or recall takes it down."""
    sent(tmp_path)

    with desk_of(tmp_path, PROJECT.replace(*typo), 10) as desk:
        said = desk.recall("S1", because="arrested", by="w.clerk")
        opened = desk.status("S1").open
    assert {item.state for item in said.items} <= {"queued", "held"}
    assert all("account posts cannot be used" in item.told for item in opened)
    assert posts(tmp_path)

    with desk_of(tmp_path, PROJECT, 40) as desk:
        desk.work()
        assert not posts(tmp_path)
        assert not desk.status("S1").open
        again = desk.recall("S1", because="arrested", by="w.clerk")
    assert {(item.how, item.state) for item in again.items} == {("delete", "done")}


def test_a_row_left_to_a_person_is_decided_anew_by_the_next_recall(tmp_path: Path) -> None:
    """An account that was taken out of geoalert.toml and is back is asked itself, after an error too."""
    sent(tmp_path)
    without = PROJECT.replace("[accounts.posts]", "[accounts.later]")
    with desk_of(tmp_path, without, 10) as desk:
        said = desk.recall("S1", because="error", by="w.clerk")
        assert {(item.how, item.state) for item in said.items} == {("steward", "held")}

    with desk_of(tmp_path, PROJECT, 40) as desk:
        again = desk.recall("S1", because="error", by="w.clerk")
        assert not desk.status("S1").open

    assert {(item.how, item.state) for item in again.items} == {("delete", "done"), ("new", "done")}
    assert not posts(tmp_path)


def test_a_plan_that_needs_the_account_is_refused_and_the_check_names_it(tmp_path: Path) -> None:
    """Only what would be sent through it is refused."""
    write_project(tmp_path)
    with desk_of(tmp_path, PROJECT.replace(*BROKEN[0])) as desk, pytest.raises(ConfigurationError) as caught:
        desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
    assert caught.value.field == "accounts.posts.pth"
    with desk_of(tmp_path, PROJECT + OTHER) as desk:
        assert desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy").posts
        found = {finding.where: finding.code for finding in check_project(desk)}
    assert found["account other"] == "unknown_option"
