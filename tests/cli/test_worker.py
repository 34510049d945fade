"""`geoalert worker --once` says with its exit status what is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoalert.cli import main
from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.worker import sole_sender
from tests.app.places import ABLE, Evening


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evening:
    """One place, which the command line's desk sees too, and a post that could not leave yet."""
    made = Evening(tmp_path / "p", {"bare": ABLE["bare"]})
    monkeypatch.setattr("geoalert.app.open_project", lambda _: made.opened())
    made.places["bare"].faults = [(False, NotSent("busy", code="busy"))]
    made.sent()
    made.later(minutes=10)
    return made


def once(evening: Evening, *more: str) -> tuple[int, str]:
    """Exit status and output."""
    found = CliRunner().invoke(main, ["worker", "--once", *more, "--project", str(evening.folder)], catch_exceptions=False)
    return found.exit_code, found.stdout


@pytest.mark.parametrize(
    ("fault", "status", "state"),
    [
        (None, 0, "done"),
        (OutcomeUnknown("no answer", code="read_timeout"), 3, "unknown"),
        (NotSent("busy", code="busy"), 4, "queued"),
        (Rejected("no", code="refused"), 1, "rejected"),
    ],
)
def test_a_run_ends_as_its_posts_did(evening: Evening, fault: Exception | None, status: int, state: str) -> None:
    """Unknown, waiting and refused each have their status; what an earlier run had refused is no news."""
    evening.places["bare"].faults = [(False, fault)] if fault else []

    code, text = once(evening, "--json")

    assert (code, json.loads(text)["run"]) == (status, {state: 1})
    if state == "rejected":
        assert once(evening) == (0, "This run: nothing was due. In all: 1 rejected.\n")


def test_work_that_another_process_does_waits(evening: Evening) -> None:
    """Nothing is known of what it will do."""
    with sole_sender(evening.desk.state):
        code, text = once(evening)

    assert code == 4
    assert "Another process" in text
