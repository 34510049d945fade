"""A whole life of an alert at a place that fails: nothing printed, logged, copied, kept or proved holds what was planted."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from shapely.geometry import Point

from geoalert.cli import main
from geoalert.publishers import webhook
from tests.app.project import ALERT, PROJECT, write_project
from tests.conftest import ROOT
from tests.publishers.places import WEBHOOK_SECRET, Receiver
from tests.publishers.test_secrets import contents, forms
from tests.scenarios.search import traces
from tests.scenarios.test_withhold import AREA, INLINE, LAT, LON, WITHHOLD, write_shape

PATH_SECRET = "planted-path-s3cr3t"
CREDENTIALS = (PATH_SECRET, WEBHOOK_SECRET, Receiver.secret)
PRIVATE = {"surname": "Plantedson", "diagnosis": "plantedosis", "address": "99 Planted Crescent", "notes": "planted note of the house"}
ACCOUNT = """\
[accounts.posts]
publisher = "webhook"
url = "env:HOOK_URL"
secret = "file:hook.secret"
token = "env:HOOK_TOKEN"
internal = true

[log]
file = "siem.jsonl"

"""
OLD = '[accounts.posts]\npublisher = "folder"\npath = "posts"\n'
PEOPLE = "\n[people.restricted]\n" + "".join(f'{name} = "{value}"\n' for name, value in PRIVATE.items())
EARLY = ("plan alert.toml --as w.clerk", "approve S1 --as t.singh --reason exercise", "show S1 --all --posts", "check", "accounts check")
LATE = (
    "send S1",
    "status S1",
    "status",
    "unknown",
    "worker --once",
    "hold S1 --as t.singh --reason exercise",
    "hold S1 --release --as t.singh --reason exercise",
    "update alert.toml --as w.clerk",
    "approve S1 --as t.singh --reason exercise",
    "send S1",
    "recall S1 --because error --as t.singh --dry-run",
    "recall S1 --because error --as t.singh",
    "confirm S1 d14-page --removed --as t.singh",
    "status S1 --open",
    "unknown S1",
    "evidence S1 --as t.singh -o whole.zip",
    "evidence S1 --as t.singh --public -o public.zip",
    "evidence verify whole.zip",
    "evidence verify --ledger",
    "purge --dry-run --as t.singh",
    "status --salvage -o salvaged.jsonl",
    "accounts check",
    "check",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with planted credentials, a withheld home and words about people that stay in the house."""
    folder = tmp_path / "project"
    alert = ALERT.replace(INLINE, 'area = "area.toml"').replace("\n[[media]]", f"{PEOPLE}\n[[media]]", 1)
    alert = re.sub(r"expires = .*", "expires = 2099-03-14T06:00:00", alert)
    write_project(folder, project=PROJECT.replace(OLD, ACCOUNT), alert=alert)
    (folder / "area.toml").write_text(AREA + WITHHOLD, encoding="utf-8")
    (folder / "restricted").mkdir()
    write_shape(folder / "restricted" / "home.geojson", Point(LON, LAT).buffer(0.0001, quad_segs=4))
    (folder / "hook.secret").write_text(Receiver.signing)
    monkeypatch.setenv("HOOK_TOKEN", Receiver.secret)
    monkeypatch.setattr(webhook, "_TIMEOUT_S", 0.2)
    return folder


def run(folder: Path, line: str) -> str:
    """Runs one command, as text and, where it can be repeated, as JSON; returns everything it printed."""
    named = [str(folder / word) if word.endswith((".toml", ".zip", ".jsonl")) else word for word in line.split()]
    where = [] if "verify" in named and named[-1].endswith(".zip") else ["--project", str(folder)]
    told = ""
    for more in ([], ["--json"]):
        done = CliRunner().invoke(main, [*named, *where, *more], catch_exceptions=False)
        assert done.exit_code != 2, done.output
        told += done.stdout + done.stderr
    return told


def kept(folder: Path) -> Iterator[bytes]:
    """Yields every file that the commands wrote."""
    yield from contents(folder / ".geoalert")
    for name in ("whole.zip", "public.zip", "siem.jsonl", "salvaged.jsonl"):
        assert (folder / name).exists(), name
    yield (folder / "siem.jsonl").read_bytes()
    yield (folder / "salvaged.jsonl").read_bytes()
    (folder / "proofs").mkdir()
    for name in ("whole.zip", "public.zip"):
        (folder / name).rename(folder / "proofs" / name)
    yield from contents(folder / "proofs")


@pytest.mark.parametrize("fault", ["echo", "hang_up", "refused"])
def test_a_life_at_a_place_that_fails(project: Path, fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Every command, in words and as JSON, with all logging on; state, record, copy for a SIEM, evidence and salvage."""
    caplog.set_level(logging.DEBUG)
    with Receiver() as place:
        monkeypatch.setenv("HOOK_URL", f"{place.url}/{PATH_SECRET}")
        told = "".join(run(project, line) for line in EARLY)
        with place.fault(fault):
            told += "".join(run(project, line) for line in LATE)

    whole = [told.encode(), caplog.text.encode(), *kept(project)]
    assert "d14-page" in told
    assert len(whole) > 20
    for secret in CREDENTIALS:
        assert not [part[:80] for part in whole for form in forms(secret) if form in part], f"a credential is told after {fault}"


def test_what_stays_in_the_house(project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Words about people and a withheld home are in no output, log, record or evidence; of a plan in its restricted part alone."""
    caplog.set_level(logging.DEBUG)
    with Receiver() as place:
        monkeypatch.setenv("HOOK_URL", f"{place.url}/{PATH_SECRET}")
        told = "".join(run(project, line) for line in (*EARLY, *LATE))
        arrived = b"".join(asked.body for asked in place.asked)

    (project / ".geoalert" / "plans").rename(project / "plans")
    whole = [told.encode(), caplog.text.encode(), arrived, *kept(project)]
    for name, private in PRIVATE.items():
        assert not [part[:80] for part in whole for form in forms(private) if form in part], f"{name} is told"
    assert [found for part in whole for found in traces(part, lon=LON, lat=LAT)] == []
    assert any(PRIVATE["surname"].encode() in part for part in contents(project / "plans"))


def test_a_real_process_with_every_log_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a terminal, a cron mail or a supervisor's log would hold of a send that fails."""
    program = "import logging; logging.basicConfig(level=logging.DEBUG); from geoalert.cli import main; main()"
    with Receiver() as place:
        environ = os.environ | {"HOOK_URL": f"{place.url}/{PATH_SECRET}", "HOOK_TOKEN": Receiver.secret}
        monkeypatch.setenv("HOOK_URL", environ["HOOK_URL"])
        for line in EARLY[:2]:
            run(project, line)
        with place.fault("echo"):
            command = [sys.executable, "-X", "dev", "-c", program, "send", "S1", "--project", str(project)]
            done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=False)
        asked = place.touched()

    assert asked
    assert done.returncode == 1
    for secret in (*CREDENTIALS, *PRIVATE.values()):
        assert not [form for form in forms(secret) if form in done.stdout + done.stderr]
