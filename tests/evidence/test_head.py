"""A record whose last entries somebody removed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoalert.app.evidence import check_record
from geoalert.cli import main
from geoalert.errors import OutboxError
from tests.evidence.alerts import desk_at


@pytest.fixture
def folder(recalled: Path, tmp_path: Path) -> Path:
    """A copy of the project that a test may change."""
    return Path(shutil.copytree(recalled, tmp_path / "project"))


def cut(folder: Path) -> None:
    """Removes all but the first five entries, trigger and all: what is left is a whole chain."""
    db = sqlite3.connect(folder / ".geoalert/outbox.sqlite")
    db.executescript("DROP TRIGGER log_never_shrinks; DELETE FROM log WHERE seq > 5;")
    db.close()


def test_verify_and_check_miss_what_is_gone(folder: Path) -> None:
    """Both name the first entry that is not there."""
    cut(folder)

    verified = CliRunner().invoke(main, ["evidence", "verify", "--ledger", "--project", str(folder), "--json"])
    checked = CliRunner().invoke(main, ["check", "--project", str(folder), "--json"])

    told = json.loads(verified.stderr)
    assert (verified.exit_code, told["code"], told["row"]) == (1, "record_shortened", 6)
    found = [(each["level"], each["code"]) for each in json.loads(checked.stdout)["checks"] if each["where"] == "record"]
    assert (checked.exit_code, found) == (1, [("refuse", "record_shortened")])


def test_a_desk_that_was_open_misses_it_too(folder: Path) -> None:
    """The ledger is not opened anew to be proved."""
    desk = desk_at(folder)
    assert check_record(desk)[0] == 9
    cut(folder)

    with pytest.raises(OutboxError) as caught:
        check_record(desk, most=2)

    assert caught.value.code == "record_shortened"
