"""What is over is gone from every byte on disk, what is not stays, and the chain and the digests still prove."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoalert.app import Desk
from geoalert.app.retention import CLASSES
from geoalert.cli import main
from geoalert.errors import PlanError
from geoalert.evidence.standalone import Verifier
from geoalert.outbox import check_chain
from tests.app.places import ABLE, Evening
from tests.app.project import PROJECT
from tests.evidence.alerts import SURNAME, desk_at, told

DAY = 24.0
NOTE = "the steward Zebedee Quartermaine saw it go"
REASON = b"armed and not found"


def keep(**days: int) -> str:
    """The project with a `[retention]`."""
    table = "".join(f"{name}_days = {count}\n" for name, count in days.items())
    return PROJECT.replace("[layers.division]", f"[retention]\n{table}\n[layers.division]")


ALL = keep(restricted=30, media=60, alerts=90, evidence=365)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose one alert was sent and recalled."""
    folder = tmp_path_factory.mktemp("ended")
    desk_at(folder, project=ALL).close()
    told(folder).close()
    return folder


@pytest.fixture
def folder(ended: Path, tmp_path: Path) -> Path:
    """A copy that a test may purge."""
    return Path(shutil.copytree(ended, tmp_path / "project"))


def after(folder: Path, days: float) -> Desk:
    """The desk some days after the alert was closed."""
    return desk_at(folder, 1.0 + days * DAY)


def on_disk(folder: Path) -> bytes:
    """Every byte in the state folder."""
    return b"".join(path.read_bytes() for path in sorted((folder / ".geoalert").rglob("*")) if path.is_file())


def proved(desk: Desk) -> Verifier:
    """The evidence after a purge; the whole chain and the file verify."""
    check_chain(desk.outbox.entries())
    found = Verifier(desk.evidence("S1"))
    assert found.problems == []
    return found


def test_nothing_goes_before_its_day(folder: Path) -> None:
    """29 days after the end of the alert everything is there."""
    desk = after(folder, 29.9)
    before = on_disk(folder)

    assert desk.purge(by="a.auditor").items == ()
    assert SURNAME.encode() in before


def test_restricted_parts_go_first_and_the_plan_still_verifies(folder: Path) -> None:
    """The surname is in no byte of the state folder; plan, page and images stay, and so does the digest."""
    desk = after(folder, 30)
    digest = desk.store.load("S1").digest

    done = desk.purge(by="a.auditor")
    plan = desk.store.load("S1")

    assert [(item.alert, item.classes, item.restricted, item.kept) for item in done.items] == [("S1", ("restricted",), 1, None)]
    assert done.findings == ()
    assert SURNAME.encode() not in on_disk(folder)
    assert (plan.digest, plan.restricted, bool(plan.page), plan.purged) == (digest, {}, True, ())
    assert proved(desk).notes == []
    assert desk.purge(by="a.auditor").items == ()


def test_images_and_the_page_that_shows_them_go_next(folder: Path) -> None:
    """The plan proves what it was by digests, says that it was purged, and is sent no more."""
    desk = after(folder, 60)
    image = next(iter(desk.store.load("S1").media.values()))[200:400]

    desk.purge(by="a.auditor")
    plan = desk.store.load("S1")

    assert image not in on_disk(folder)
    assert (dict(plan.media), plan.page, len(plan.purged)) == ({}, b"", 3)
    assert plan.closing["d14-page"]["arrested"]["text"]
    with pytest.raises(PlanError) as caught:
        plan.verify()
    assert caught.value.code == "plan_purged"
    assert [note for note in proved(desk).notes if "media/" in note and "was purged" in note]


def test_plans_and_answers_go_and_the_record_says_what_was_there(folder: Path) -> None:
    """Receipts, errors and notes leave the ledger's rows, plans their folder; the purge stands in the record with their digests."""
    desk = after(folder, 90)
    digest = desk.store.load("S1").digest
    desk.outbox.confirm(1, at=desk.clock(), by="m.roy", note=NOTE)

    done = desk.purge(by="a.auditor")
    entry = [entry for entry in desk.outbox.entries(alert="S1") if entry.kind == "purged"][-1]

    assert (done.items[0].plans, done.items[0].tries) == (1, 4)
    assert [path.name for path in (folder / ".geoalert/plans").iterdir()] == ["S1.r1.approvals"]
    assert [attempt.receipt for row in desk.outbox.deliveries() for attempt in desk.outbox.attempts(row.id)] == [None] * 4
    assert NOTE.encode() not in on_disk(folder)
    assert entry.actor == "a.auditor"
    assert (entry.body or {})["digests"] == {"r1": digest}
    assert [note for note in proved(desk).notes if note.startswith("plan of revision 1: ")]


def test_in_the_end_nothing_that_anybody_typed_is_on_the_disk(folder: Path) -> None:
    """Every class at once: names of the suspect, reasons, texts and receipts are in no byte; the chain and the rows stay."""
    desk = after(folder, 365)
    texts = [told["post"]["text"].encode()[:40] for told in desk.store.load("S1").document["posts"]]
    receipts = [
        json.loads(a.receipt.to_json())["id"].encode()
        for row in desk.outbox.deliveries()
        for a in desk.outbox.attempts(row.id)
        if a.receipt
    ]
    stale = folder / ".geoalert/plans/.new-left"
    stale.write_bytes(SURNAME.encode())
    os.utime(stale, (time.time() - 7200, time.time() - 7200))
    before = on_disk(folder)
    assert all(text in before for text in (SURNAME.encode(), REASON, *texts, *receipts))

    done = desk.purge(by="a.auditor")
    left = on_disk(folder)

    assert done.items[0].classes == CLASSES
    assert done.findings == ()
    assert [text for text in (SURNAME.encode(), REASON, *texts, *receipts) if text in left] == []
    assert [row.state for row in desk.outbox.deliveries()] == ["done"] * 4
    assert desk.status("S1").rows
    found = proved(desk)
    assert [entry["kind"] for entry in found.entries if entry.get("body")] == ["closed", "purged"]
    assert desk.purge(by="a.auditor").items == ()


def test_a_body_that_is_missing_without_a_purge_is_named(full: bytes) -> None:
    """What was not purged by the record was taken out by somebody."""
    from geoalert.evidence.packed import dumps
    from tests.evidence.tampering import resealed

    def cut(files: dict[str, bytes]) -> None:
        entries = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
        entries[1] |= {"body": None, "salt": None}
        files["chain.jsonl"] = "".join(f"{dumps(entry)}\n" for entry in entries).encode()

    assert [problem.where for problem in Verifier(resealed(full, cut)).problems if "no purge" in problem.text] == ["entry 2"]


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    """It names what would go."""
    desk = after(folder, 400)
    before = list(desk.outbox.entries())

    done = desk.purge(by="a.auditor", dry_run=True)

    assert (done.dry_run, done.items[0].plans) == (True, 1)
    assert list(desk.outbox.entries()) == before
    assert SURNAME.encode() in on_disk(folder)


def test_a_legal_hold_protects_until_it_is_released(folder: Path) -> None:
    """Recorded both times; the reason is told to whoever wants to purge."""
    desk = after(folder, 400)
    desk.legal_hold("S1", by="a.auditor", reason="trial of 2029")

    held = desk.purge(by="a.auditor")
    there = SURNAME.encode() in on_disk(folder)
    with pytest.raises(PlanError) as twice:
        desk.legal_hold("S1", by="a.auditor", reason="again")
    desk.end_legal_hold("S1", by="a.auditor", reason="the trial is over")
    done = desk.purge(by="a.auditor")

    assert "on legal hold by a.auditor since 2028-" in str(held.items[0].kept)
    assert "trial of 2029" in str(held.items[0].kept)
    assert there
    assert twice.value.code == "already_held"
    assert done.items[0].kept is None
    assert SURNAME.encode() not in on_disk(folder)
    assert [entry.kind for entry in desk.outbox.entries(alert="S1")][-3:] == ["legal_hold", "legal_hold", "purged"]


def issued(folder: Path) -> Desk:
    """An alert that is still out."""
    told(folder, recalled=False).close()
    return desk_at(folder, 2.0)


def unknown(folder: Path) -> Desk:
    """An alert that expired while nobody knew whether one post arrived."""
    told(folder, recalled=False).close()
    with sqlite3.connect(folder / ".geoalert/outbox.sqlite") as db:
        db.execute("UPDATE deliveries SET state = 'unknown' WHERE id = 1")
    db.close()
    return after(folder, 500)


def open_takedown(folder: Path) -> Desk:
    """A closed alert with a takedown that waits for a person."""
    told(folder).close()
    with sqlite3.connect(folder / ".geoalert/outbox.sqlite") as db:
        db.execute("UPDATE deliveries SET state = 'held', how = 'steward', act = 'notify' WHERE because IS NOT NULL")
    db.close()
    return after(folder, 500)


@pytest.mark.parametrize(
    ("made", "why"), [(issued, None), (unknown, "1 deliveries are not settled"), (open_takedown, "2 still to be taken down")]
)
def test_what_is_open_stays(tmp_path: Path, made: Callable[[Path], Desk], why: str | None) -> None:
    """Not ended, not settled, not taken down: nothing of it goes, and it is said why."""
    desk_at(tmp_path, project=ALL).close()
    desk = made(tmp_path)

    done = desk.purge(by="a.auditor")

    assert [str(item.kept).split(":")[0] for item in done.items] == ([] if why is None else [why])
    assert SURNAME.encode() in on_disk(tmp_path)


def test_a_plan_that_was_never_sent_goes_after_its_expiry(tmp_path: Path) -> None:
    """It holds the same names as one that was."""
    desk_at(tmp_path, project=ALL).close()
    with desk_at(tmp_path) as desk:
        desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

    done = after(tmp_path, 400).purge(by="a.auditor")

    assert [(item.alert, item.kept) for item in done.items] == [("S1", None)]
    assert SURNAME.encode() not in on_disk(tmp_path)


def test_another_process_that_reads_is_told_of_and_does_not_block(folder: Path) -> None:
    """Its old pages cannot be cleared: the purge is done, and asks to be run again."""
    desk = after(folder, 30)
    reader = sqlite3.connect(folder / ".geoalert/outbox.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM log").fetchone()

    done = desk.purge(by="a.auditor")
    reader.close()

    assert [finding.code for finding in done.findings] == ["not_scrubbed"]
    assert done.items[0].kept is None


def test_only_keepers_purge_where_any_are_listed(tmp_path: Path) -> None:
    """An admin or auditor of geoalert.toml."""
    listed = ALL + '\n[people."a.auditor"]\nroles = ["auditor"]\n'
    desk = desk_at(tmp_path, project=listed)

    with pytest.raises(PlanError) as caught:
        desk.purge(by="m.roy")

    assert caught.value.code == "not_a_keeper"
    assert desk.purge(by="a.auditor").items == ()


@pytest.mark.parametrize("ends", ["remove_images", "remove"])
def test_what_is_due_to_go_and_was_never_queued_is_not_forgotten(tmp_path: Path, ends: str) -> None:
    """No worker ran since before the expiry: the purge waits until one has taken down what is out."""
    evening = Evening(tmp_path / "p", {"deletes": ABLE["deletes"]})
    text = evening.file.read_text("utf-8") + "\n[retention]\n" + "".join(f"{name}_days = 1\n" for name in CLASSES)
    evening.file.write_text(text, encoding="utf-8")
    evening.write(('scope = "public"', f'scope = "public"\nat_expiry = "{ends}"'))
    evening.desk = evening.opened()
    evening.sent()
    evening.later(days=30)

    (kept,) = evening.desk.purge(by="a.auditor").items
    assert "has to go at 2027-03-14" in (kept.kept or "")
    evening.desk.work()
    assert not any(shown.post.media for shown in evening.places["deletes"].seen.values())
    (gone,) = evening.desk.purge(by="a.auditor").items

    assert gone.kept is None


def test_without_retention_everything_is_kept(tmp_path: Path) -> None:
    """Days that are not stated never end."""
    told(tmp_path).close()

    assert after(tmp_path, 9000).purge(by="a.auditor").items == ()


def run(*words: object) -> tuple[int, str, str]:
    """Runs a command."""
    done = CliRunner().invoke(main, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_holds_releases_and_purges(folder: Path) -> None:
    """By the system's clock this alert of the future has not ended."""
    here = ("--project", folder, "--as", "a.auditor")

    held = run("purge", "--hold", "S1", "--reason", "trial", *here)
    no_reason = run("purge", "--release", "S1", *here)
    released = run("purge", "--release", "S1", "--reason", "over", *here, "--json")
    unknown_id = run("purge", "--hold", "S9", "--reason", "trial", *here, "--json")
    purged = run("purge", "--dry-run", *here, "--json")

    assert (held[0], "S1 is on legal hold: trial" in held[1]) == (0, True)
    assert (no_reason[0], "reason_missing" in no_reason[2]) == (1, True)
    assert json.loads(released[1])["legal_hold"] is False
    assert (unknown_id[0], json.loads(unknown_id[2])["code"]) == (1, "unknown_alert")
    assert (purged[0], json.loads(purged[1])["dry_run"]) == (0, True)
    assert run("purge", "--hold", "S1", "--release", "S1", *here)[0] == 2
