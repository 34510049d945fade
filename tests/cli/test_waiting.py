"""What waits says why, until when, and who has to be started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoalert.cli import main
from geoalert.errors import NotSent
from tests.app.places import ABLE, Evening


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evening:
    """One place, which the command line's desk sees too."""
    made = Evening(tmp_path / "p", {"bare": ABLE["bare"]})
    monkeypatch.setattr("geoalert.app.open_project", lambda _: made.opened())
    return made


def run(evening: Evening, *words: str) -> Result:
    """Calls the command line in this process."""
    return CliRunner().invoke(main, [*words, "--project", str(evening.folder)], catch_exceptions=False)


def test_a_recall_that_has_to_wait_says_until_when_and_that_no_worker_runs(evening: Evening) -> None:
    """The account's pause is known to the second, and shown in the project's time with its zone."""
    evening.sent()
    evening.places["bare"].faults = [(False, NotSent("slow down", code="busy", retry_after_s=300))]

    found = run(evening, "recall", "S1", "--because", "arrested", "--as", "w.clerk")

    assert found.exit_code == 4
    assert "no worker runs" in found.stderr
    assert "tried again from 2027-03-12 21:05:00 -0500" in found.stdout


def test_a_post_that_its_accounts_pause_keeps_back_says_so(evening: Evening) -> None:
    """Never tried, and yet its next time is known."""
    channels = evening.folder / "channels.csv"
    channels.write_text(channels.read_text("utf-8") + "more-page,More,bare,more,public,division:D14,,en,A. Roy,own,,,\n", encoding="utf-8")
    evening.desk = evening.opened()
    evening.places["bare"].faults = [(False, NotSent("slow down", code="busy", retry_after_s=300))] * 2
    evening.sent()

    rows = json.loads(run(evening, "status", "S1", "--json").stdout)["deliveries"]

    assert all(row["next_at"] and row["told"] for row in rows if row["state"] == "queued")
    assert any(row["tries"] == 0 and row["told"] == "account bare pauses" for row in rows)


def test_a_hold_of_a_closed_alert_offers_no_update(evening: Evening) -> None:
    """Such an update would be refused."""
    evening.sent()
    evening.desk.recall("S1", because="arrested", by="w.clerk")

    found = run(evening, "hold", "S1", "--as", "w.clerk")

    assert (found.exit_code, "update" in found.stdout) == (0, False)
    assert "S1 is closed" in found.stdout
