"""What an evidence file holds, and what it never holds."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoalert.app import Desk
from geoalert.cli import main
from geoalert.errors import PlanError
from geoalert.evidence.packed import unpack
from geoalert.evidence.standalone import Verifier
from geoalert.outbox import check_chain
from tests.evidence.alerts import SURNAME, desk_at


@pytest.fixture
def folder(recalled: Path, tmp_path: Path) -> Path:
    """A copy of the project that a test may change."""
    return Path(shutil.copytree(recalled, tmp_path / "project"))


@pytest.fixture
def desk(folder: Path) -> Desk:
    """Its desk, on the next day."""
    return desk_at(folder, 20)


def test_the_same_record_gives_the_same_bytes_whoever_looks(desk: Desk) -> None:
    """Two exports are equal, and both stand in the record with their digests."""
    first, second = desk.evidence("S1", by="a.auditor"), desk.evidence("S1")
    exported = [entry for entry in desk.outbox.entries(alert="S1") if entry.kind == "exported"]

    assert first == second
    assert [entry.actor for entry in exported] == ["a.auditor", "system"]
    assert exported[0].body == exported[1].body
    check_chain(desk.outbox.entries())


def test_the_file_holds_who_when_why_what_and_where(full: bytes) -> None:
    """Everything the issue lists is read back from the members."""
    files = unpack(full)
    entries = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
    plan = json.loads(files["plans/r1/plan.json"])
    page = files["index.html"].decode()

    assert [(each["seq"], each.get("kind")) for each in entries[:4]] == [(1, "planned"), (2, "approved"), (3, None), (4, "issued")]
    assert json.loads(entries[1]["body"])["reason"] == "armed and not found"
    assert entries[2].keys() == {"seq", "entry_digest", "hash"}
    assert plan["layers"][0]["digest"] in page
    assert {json.loads(line)["receipt"]["publisher"] for line in files["attempts.jsonl"].splitlines()} == {"folder"}
    assert {json.loads(line)["because"] for line in files["deliveries.jsonl"].splitlines()} == {None, "arrested"}
    assert json.loads(files["keys.json"])[0]["person"] == "t.singh"
    for told in ("armed and not found", "arrested", "club-1", "d14-page", "Queen St W and Spadina Ave area"):
        assert told in page


def test_nothing_restricted_is_in_it(full: bytes, recalled: Path) -> None:
    """The surname is in the state folder and in no byte of the file; its salted digest is in the plan's manifest."""
    stored = b"".join(path.read_bytes() for path in (recalled / ".geoalert").rglob("*") if path.is_file())

    assert SURNAME.encode() in stored
    assert SURNAME.encode() not in full
    assert "restricted/people" in json.loads(unpack(full)["plans/r1/plan.json"])["manifest"]


def test_the_public_file_names_nobody(desk: Desk) -> None:
    """Names of staff, reasons and images are out; the chain still verifies to the same head."""
    public, full = desk.evidence("S1", public=True), desk.evidence("S1")
    found = Verifier(public)

    assert found.problems == []
    assert found.manifest["chain"]["head"] == Verifier(full).manifest["chain"]["head"]
    for secret in (b"m.roy", b"t.singh", b"armed and not found", SURNAME.encode(), b"SHA256:"):
        assert secret not in public.replace(unpack(public)["verify.py"], b"")
    assert not [name for name in found.files if "/media/" in name or name == "plans/r1/plan.json"]
    assert [told["by"] for told in json.loads(found.files["record.json"])][:3] == ["submitter", "approver", "submitter"]
    assert json.loads(found.files["posts.json"])[0]["posts"][0]["text"].startswith("EXERCISE")


def test_a_plan_that_is_gone_or_damaged_is_told_and_the_rest_is_proved(desk: Desk, folder: Path) -> None:
    """A missing plan is a note, never a reason to have no evidence."""
    for path in (folder / ".geoalert/plans").rglob("*.plan"):
        if not path.is_symlink() and path.is_file():
            path.write_bytes(path.read_bytes()[:-3])

    found = Verifier(desk.evidence("S1"))

    assert found.problems == []
    assert [note for note in found.notes if note.startswith("plan of revision 1: ")]


def test_a_signature_is_proved_after_its_key_was_replaced(desk: Desk, folder: Path) -> None:
    """The record has the key that signed, whoever geoalert.toml lists by now."""
    path = folder / "geoalert.toml"
    path.write_text(path.read_text().replace('key = "singh.pub"\n', ""))

    found = Verifier(desk_at(folder, 21).evidence("S1"))

    assert (found.problems, found.notes, found.signatures) == ([], [], 1)


def test_an_alert_that_never_was_has_no_evidence(desk: Desk) -> None:
    """One error, and nothing is recorded."""
    before = list(desk.outbox.entries())

    with pytest.raises(PlanError) as caught:
        desk.evidence("S9")

    assert caught.value.code == "unknown_alert"
    assert list(desk.outbox.entries()) == before


def run(*words: object) -> tuple[int, str, str]:
    """Runs a command."""
    done = CliRunner().invoke(main, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_writes_and_verifies_without_a_project(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written once, never over anything; verified in a folder that holds nothing else."""
    file = tmp_path / "elsewhere" / "S1.zip"

    code, out, _ = run("evidence", "S1", "-o", file, "--project", folder, "--as", "a.auditor")
    again = run("evidence", "S1", "-o", file, "--project", folder, "--as", "a.auditor")
    monkeypatch.chdir(file.parent)
    verified = run("evidence", "verify", "S1.zip", "--json")

    assert (code, "head" in out) == (0, True)
    assert (again[0], "file_exists" in again[2]) == (1, True)
    assert verified[0] == 0
    assert json.loads(verified[1])["ok"] is True
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_command_names_what_is_wrong(full: bytes, tmp_path: Path) -> None:
    """Status 1 and one line a problem; a file that cannot be read is an error of its own."""
    (tmp_path / "bad.zip").write_bytes(full[:-1])

    code, out, _ = run("evidence", "verify", tmp_path / "bad.zip")
    missing = run("evidence", "verify", tmp_path / "none.zip")

    assert (code, "WRONG the file: " in out, "not_evidence" in out) == (1, True, True)
    assert (missing[0], "evidence_unreadable" in missing[2]) == (1, True)
    assert run("evidence", "verify")[0] == 2


def test_the_whole_ledger_is_verified_and_a_change_in_it_is_named(folder: Path) -> None:
    """Proved with a hash kept elsewhere; an entry changed in the file, triggers and all, is named by number and field."""
    kept = [entry.hash for entry in desk_at(folder).outbox.entries()][4]
    whole = run("evidence", "verify", "--ledger", "--head", kept, "--project", folder, "--json")
    other = run("evidence", "verify", "--ledger", "--head", "0" * 64, "--project", folder)
    with sqlite3.connect(folder / ".geoalert/outbox.sqlite") as db:
        db.execute("DROP TRIGGER log_only_purges")
        db.execute("UPDATE log SET actor = 'somebody' WHERE seq = 2")
    db.close()
    broken = run("evidence", "verify", "--ledger", "--project", folder, "--json")

    assert (whole[0], json.loads(whole[1])["entries"]) == (0, 9)
    assert (other[0], "head_differs" in other[2]) == (1, True)
    told = json.loads(broken[2])
    assert (broken[0], told["code"], told["row"], told["field"]) == (1, "record_broken", 2, "entry_digest")


def checked(folder: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """Level, code and text of what `geoalert check` says of the record."""
    code, out, _ = run("check", "--project", folder, "--json")
    return code, [(each["level"], each["code"], each["text"]) for each in json.loads(out)["checks"] if each["where"] in ("record", "log")]


def test_check_proves_the_end_of_the_record(folder: Path) -> None:
    """Its head when it verifies; the entry when it does not."""
    head = [entry.hash for entry in desk_at(folder).outbox.entries()][-1]
    good = checked(folder)
    with sqlite3.connect(folder / ".geoalert/outbox.sqlite") as db:
        db.execute("DROP TRIGGER log_only_purges")
        db.execute("UPDATE log SET body = '{}' WHERE seq = 4")
    db.close()
    code, bad = checked(folder)

    assert good[1] == [("note", "record", f"the last 9 entries verify, head {head[:12]}")]
    assert (code, [(level, told) for level, told, _ in bad]) == (1, [("refuse", "record_broken")])
    assert "row 4, body" in bad[0][2]


def test_check_says_how_far_a_copy_is_behind(folder: Path) -> None:
    """A syslog that is not there is something to look at, and refuses nothing."""
    path = folder / "geoalert.toml"
    path.write_text(path.read_text().replace("[layers.division]", '[log]\nsyslog = "unix:/nonexistent/log"\n\n[layers.division]'))

    _, found = checked(folder)

    assert [(level, told) for level, told, _ in found] == [("note", "record"), ("warn", "log_not_copied")]


def test_check_before_anything_is_recorded(tmp_path: Path) -> None:
    """No ledger is made by looking."""
    desk_at(tmp_path).close()

    assert checked(tmp_path)[1] == [("note", "record", "nothing is recorded yet")]
    assert not (tmp_path / ".geoalert/outbox.sqlite").exists()
