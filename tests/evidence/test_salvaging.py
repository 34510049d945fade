"""A damaged ledger is read as far as it goes, and what of its record no longer holds is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoalert.app.salvaging import salvaged
from geoalert.cli import main
from geoalert.errors import OutboxError
from tests.evidence.alerts import desk_at


@pytest.fixture
def folder(recalled: Path, tmp_path: Path) -> Path:
    """A copy of the project that a test may damage."""
    return Path(shutil.copytree(recalled, tmp_path / "project"))


def run(folder: Path, *words: object) -> tuple[int, str, str]:
    """Runs `status --salvage`."""
    done = CliRunner().invoke(main, ["status", "--salvage", "--project", str(folder), *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_a_damaged_ledger_is_read_though_nothing_else_opens_it(folder: Path, tmp_path: Path) -> None:
    """Its header says another version and its middle is torn: rows are printed and written, the file is as it was."""
    ledger = folder / ".geoalert/outbox.sqlite"
    with sqlite3.connect(ledger) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = ledger.read_bytes()

    plain = CliRunner().invoke(main, ["status", "--project", str(folder)])
    code, out, _ = run(folder, "-o", tmp_path / "rows.jsonl", "--json")
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]

    assert plain.exit_code == 1
    assert (code, json.loads(out)["rows"]["deliveries"]) == (0, 4)
    assert {row["channel"] for row in rows if row["table"] == "deliveries"} == {"d14-page", "d52-page"}
    assert ledger.read_bytes() == before


def test_a_broken_record_is_named_entry_by_entry(folder: Path) -> None:
    """One entry is gone and one is changed; those between them and after them hold."""
    with sqlite3.connect(folder / ".geoalert/outbox.sqlite") as db:
        db.execute("DROP TRIGGER log_only_purges")
        db.execute("DROP TRIGGER log_never_shrinks")
        db.execute("DELETE FROM log WHERE seq = 3")
        db.execute("UPDATE log SET actor = 'somebody' WHERE seq = 7")
    db.close()

    found = salvaged(desk_at(folder))

    assert [told.split(":")[0] for told in found.broken] == ["entry 3 is missing", "entry 7, entry_digest"]


def test_one_alert_is_read_alone(folder: Path) -> None:
    """Rows of other alerts are left out; the tries of its own stay."""
    found = salvaged(desk_at(folder), "S2")

    assert found.counts == {"log": 1}
    assert salvaged(desk_at(folder), "S1").counts["attempts"] == 4


def test_a_whole_ledger_is_told_of_as_text(folder: Path) -> None:
    """Deliveries as a table, then how many rows of each kind."""
    code, out, _ = run(folder)

    assert (code, "d14-page" in out, "log: 9" in out, "The record:" in out) == (0, True, True, False)


@pytest.mark.parametrize("content", [None, b"", b"not a ledger at all" * 999])
def test_nothing_to_read_is_a_clear_error(folder: Path, content: bytes | None) -> None:
    """No file, an empty one, and another one."""
    ledger = folder / ".geoalert/outbox.sqlite"
    ledger.unlink()
    if content is not None:
        ledger.write_bytes(content)

    with pytest.raises(OutboxError) as caught:
        salvaged(desk_at(folder))

    assert caught.value.code == ("outbox_missing" if content is None else "outbox_corrupt")
    assert run(folder)[0] == 1
