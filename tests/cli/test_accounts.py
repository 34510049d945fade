"""`geoalert accounts check`: each account on its own, at a real place."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoalert.cli import main
from geoalert.config import TokenStore
from geoalert.publishers.webhook import WebhookPublisher
from tests.publishers.places import Receiver

PROJECT = """\
format = 1
agency = "Example Police"
time_zone = "America/Toronto"
languages = ["en"]
profile = "canada-police"

[accounts.hook]
publisher = "webhook"
url = "env:HOOK_URL"
secret = "file:hook.secret"
token = "env:HOOK_TOKEN"
internal = true

[accounts.posts]
publisher = "folder"
path = "out"

[accounts.lost]
publisher = "webhook"
url = "https://receiver.example"
secret = "env:NOWHERE"

[accounts.odd]
publisher = "nothing-of-that-name"
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def project(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of four accounts, two of them good."""
    (tmp_path / "geoalert.toml").write_text(PROJECT)
    (tmp_path / "hook.secret").write_text(receiver.signing)
    monkeypatch.setenv("HOOK_URL", f"{receiver.url}/hook/planted-path-s3cr3t")
    monkeypatch.setenv("HOOK_TOKEN", receiver.secret)
    return tmp_path


def check(project: Path, *arguments: str) -> Result:
    """Runs the command."""
    return CliRunner().invoke(main, ["accounts", "check", *arguments, "--project", str(project)])


def test_each_account_is_told_and_one_failure_hides_no_other(project: Path, receiver: Receiver) -> None:
    """Two are good, one lacks its secret, one has no publisher; nothing was posted."""
    done = check(project, "--json")

    found = {each["name"]: each for each in json.loads(done.stdout)["accounts"]}
    assert done.exit_code == 1
    assert {name: each["code"] for name, each in found.items()} == {
        "hook": None,
        "posts": None,
        "lost": "secret_missing",
        "odd": "unknown_publisher",
    }
    assert (found["hook"]["mode"], found["posts"]["publisher"]) == ("sandbox", "folder")
    assert receiver.standing() == []


@pytest.mark.parametrize("where", ["check", "__init__"])
def test_a_defect_in_a_publisher_hides_no_other_account(
    project: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """It is told by its class alone, for its text may hold anything."""

    def broken(self: object, *args: object, **named: object) -> None:
        raise KeyError(receiver.secret)

    monkeypatch.setattr(WebhookPublisher, where, broken)

    done = check(project, "--json")

    found = {each["name"]: each for each in json.loads(done.stdout)["accounts"]}
    assert (done.exit_code, set(found)) == (1, {"hook", "posts", "lost", "odd"})
    assert (found["hook"]["code"], found["hook"]["told"]) == ("publisher_defect", "a defect in the publisher: KeyError")
    assert found["posts"]["code"] is None
    assert receiver.secret not in done.output


def test_the_end_of_a_token_is_shown_and_the_token_is_not(project: Path) -> None:
    """In the agency's time, past or to come."""
    store = TokenStore(project / ".geoalert" / "tokens" / "hook.json")
    store.put("access", "t0k3n-never-shown", datetime(2020, 1, 1, tzinfo=UTC))
    store.put("refresh", "t0k3n-never-shown", None)

    done = check(project, "hook")

    assert done.exit_code == 0
    assert "access ENDED 2019-12-31 19:00 -0500 (America/Toronto); refresh without" in " ".join(done.stdout.split())
    assert "t0k3n" not in done.output


@pytest.mark.parametrize("fault", sorted(set(Receiver.faults) - {"hang", "tls"}))
def test_no_failure_tells_a_secret(project: Path, receiver: Receiver, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the receiver does, output and log hold neither password nor address; a hang takes as long as the account waits."""
    caplog.set_level(logging.DEBUG)

    with receiver.fault(fault):
        done = check(project, "hook", "--json")

    assert done.exit_code == 1
    told = done.output + caplog.text
    assert not [secret for secret in (receiver.secret, receiver.signing, "planted-path-s3cr3t") if secret in told]


def test_an_account_that_is_not_there_has_its_nearest_named(project: Path) -> None:
    """A slip of the pen."""
    done = check(project, "hok")

    assert done.exit_code == 1
    assert "Did you mean hook" in done.stderr
