"""An evening with it, as an exercise on sandbox accounts, as somebody types it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoalert.app.desk import Desk
from geoalert.cli import main
from tests.app.project import ALERT, CHANNELS, PROJECT, START, write_project


class Watch:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.now = START


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The evening's clock, for every desk that a command opens."""
    made = Watch()
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": lambda: made.now, "sleep": None})
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two sandbox accounts of different kinds, a folder and a console."""
    project = PROJECT.replace("[people.", '[accounts.desk]\npublisher = "console"\n\n[people.', 1)
    channels = CHANNELS + "ed-bia,Entertainment District BIA,desk,bia,public,division:D52,,en,A. Roy,letter-0117,2026-11-02,,\n"
    write_project(
        tmp_path, project=project, channels=channels, alert=ALERT.replace('scope = "public"', 'scope = "public"\nat_expiry = "leave"')
    )
    return tmp_path


def run(*arguments: object, project: Path) -> Result:
    """Calls the command line in this process."""
    return CliRunner().invoke(main, [*map(str, arguments), "--project", str(project)], catch_exceptions=False)


def test_an_evening_with_it(project: Path, watch: Watch) -> None:
    """Plan, approve, send, hold, update, send again, recall on Tuesday, confirm, and what is still open."""

    def at(command: str, status: int = 0, *more: object, **ago: float) -> Result:
        watch.now += timedelta(**ago)
        result = run(*command.split(), *more, project=project)
        assert result.exit_code == status, (command, result.output, result.stderr)
        return result

    alert = project / "alert.toml"
    at("plan", 0, alert, "--as", "m.roy")
    at("approve S1 --as t.singh", minutes=4)
    sent = at("send S1", minutes=1)
    assert "3 done" in sent.output
    posts = project / "posts" / "d14-page" / "post.txt"
    assert "UPDATE" not in posts.read_text("utf-8").upper()

    held = at("hold S1 --as t.singh", 0, "--reason", "the height is wrong", minutes=62)
    assert "held through r1" in held.output
    alert.write_text(alert.read_text("utf-8").replace('age = "25-35"', 'age = "35-45"'), encoding="utf-8")
    again = at("update", 0, alert, "--as", "m.roy", "--json", minutes=3)
    document = json.loads(again.stdout)
    assert {told["post"]["channel"]: told["how"] for told in document["posts"]} == {"d14-page": "edit", "d52-page": "edit", "ed-bia": "new"}
    assert document["alert"]["revision"] == 2
    assert [one["revision"] for one in document["alert"]["references"]] == [1]
    assert "edits the post that is there" in Path(document["page"]).read_text("utf-8")
    at("approve S1 --as t.singh", minutes=2)
    at("send S1")
    assert "35-45" in posts.read_text("utf-8")
    assert "UPDATE" in posts.read_text("utf-8").upper()
    status = at("status S1")
    assert "S1 r2: updated, CAP Update of S1.r1" in status.output
    assert "2 edited" in status.output

    dry = at("recall S1 --because arrested --dry-run", days=4)
    assert "would be done" in dry.output
    assert posts.exists()
    recalled = at("recall S1 --because arrested --as t.singh")
    assert "delete" in recalled.output
    assert not list((project / "posts").rglob("post.txt"))
    assert "ed-bia" in at("status S1 --open", 4, minutes=30).output
    assert "overdue" in at("status S1", 0, minutes=31).output
    at("confirm S1 ed-bia --removed", 0, "--note", "A. Roy by phone", "--as", "t.singh", minutes=1)
    assert "0 open takedowns" in at("status S1 --open").output
    life = json.loads(at("status S1 --json").stdout)["alerts"][0]
    assert (life["state"], life["because"], life["msg_type"], life["shown"].get("open")) == ("closed", "arrested", "Cancel", None)


@pytest.mark.parametrize(
    ("steps", "refused", "code"),
    [
        ((), ("recall", "S1", "--because", "error"), "illegal_step"),
        ((), ("update", "alert.toml"), "illegal_step"),
        (("send",), ("hold", "S1", "--release", "--reason", "x"), "not_held"),
        (("send",), ("hold", "S1", "--release"), "reason_missing"),
        (("send", "recall"), ("send", "S1"), "illegal_step"),
        (("send", "recall"), ("update", "alert.toml"), "illegal_step"),
        (("send", "recall"), ("recall", "S1", "--because", "located"), "already_closed"),
        (("send",), ("confirm", "S1", "d14-page", "--removed"), "nothing_open"),
        (("send",), ("unknown", "ABCDEF", "--did-not-land", "--reason", "x"), "unknown_key"),
    ],
)
def test_a_step_that_the_alert_cannot_take_is_refused_once(
    project: Path, watch: Watch, steps: tuple[str, ...], refused: tuple[str, ...], code: str
) -> None:
    """One error with its code, and nothing done."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)
    if "send" in steps:
        run("approve", "S1", "--as", "t.singh", project=project)
        run("send", "S1", project=project)
    if "recall" in steps:
        run("recall", "S1", "--because", "arrested", "--as", "t.singh", project=project)

    result = (
        run(*(project / part if part == "alert.toml" else part for part in refused), "--as", "w.clerk", "--json", project=project)
        if refused[0] != "send"
        else run(*refused, "--json", project=project)
    )

    assert result.exit_code == 1
    assert json.loads(result.stderr)["code"] == code
    assert watch.now == START


def test_a_worker_does_what_is_due_once(project: Path, watch: Watch) -> None:
    """`worker --once` and `unknown` with nothing to do."""
    assert run("worker", "--once", project=project).exit_code == 0
    assert "0 unknown" in run("unknown", project=project).output
    assert "no worker runs" in run("check", project=project).output
    assert watch.now == START


def test_a_worker_ends_cleanly_at_sigterm(project: Path) -> None:
    """It says what is in the ledger, and ends with 0."""
    command = [sys.executable, "-m", "geoalert", "worker", "--project", str(project)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        from geoalert.worker import worker_running

        while not ((project / ".geoalert").exists() and worker_running(project / ".geoalert")):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert "Nothing was ever queued" in out
