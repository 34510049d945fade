"""Returning, rejecting and being told, as a person types and reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geoalert.app.desk import Desk
from geoalert.clock import fixed_clock
from tests.app.project import START, write_project
from tests.app.test_approving import ON_CALL
from tests.cli.test_commands import run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a rota and a plan that waits."""
    write_project(tmp_path, project=ON_CALL)
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    return tmp_path


def test_plan_says_who_is_told_and_who_is_not(project: Path) -> None:
    """As text and as JSON; `show` says it too."""
    text = run("plan", project / "alert.toml", "--as", "m.roy", project=project)
    told = json.loads(run("plan", project / "alert.toml", "--as", "m.roy", "--json", project=project).stdout)
    shown = json.loads(run("show", "S1", "--json", project=project).stdout)

    assert "Told  t.singh by staff\n" in text.output
    assert "warn: b.okafor cannot be told: no address on a sandbox account is listed (people.b.okafor.notify)" in text.output
    assert "geoalert worker" in text.output
    assert [one["person"] for one in told["notified"]] == ["t.singh", "a.khan"]
    assert [finding["code"] for finding in told["not_notified"]] == ["not_notified", "no_worker"]
    assert shown["notified"] == told["notified"]


@pytest.mark.parametrize(("command", "state"), [("return", "returned"), ("reject", "rejected")])
def test_a_plan_given_back_says_so(project: Path, command: str, state: str) -> None:
    """Once: the second time it is refused, with the same code in text and JSON."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)

    first = json.loads(run(command, "S1", "--as", "t.singh", "--reason", "too vague", "--json", project=project).stdout)
    second = run(command, "S1", "--as", "t.singh", "--reason", "too vague", project=project)
    approve = run("approve", "S1", "--as", "t.singh", project=project)

    assert (first["alert"], first["revision"], first["state"]) == ("S1", 1, state)
    assert (second.exit_code, approve.exit_code) == (1, 1)
    assert all("[illegal_step]" in result.stderr for result in (second, approve))


@pytest.mark.parametrize("command", ["return", "reject"])
def test_a_reason_has_to_be_typed(project: Path, command: str) -> None:
    """Without the option it is a wrong usage."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)

    assert run(command, "S1", "--as", "t.singh", project=project).exit_code == 2
    assert "[reason_missing]" in run(command, "S1", "--as", "t.singh", "--reason", " ", project=project).stderr


@pytest.mark.parametrize("command", ["return", "reject"])
def test_a_plan_given_back_is_told_in_words(project: Path, command: str) -> None:
    """With the reason, and to whom."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)

    result = run(command, "S1", "--as", "t.singh", "--reason", "too vague", project=project)

    assert result.exit_code == 0
    assert f"{'returned to m.roy' if command == 'return' else 'rejected'}: too vague" in result.output
