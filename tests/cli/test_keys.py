"""Keys from the command line: made once, private, and used to approve."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest

from geoalert.app.desk import Desk
from geoalert.clock import fixed_clock
from tests.app.project import PROJECT, START, write_project
from tests.cli.test_commands import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_key_is_private_and_says_what_to_add(folder: Path) -> None:
    """Two files, 0600 and readable; the fingerprint; a table that geoalert.toml takes."""
    before = os.umask(0)
    try:
        told = json.loads(run("keys", "new", "t.singh", "--json").stdout)
    finally:
        os.umask(before)

    assert stat.S_IMODE((folder / "t.singh.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "t.singh.pub").stat().st_mode) == 0o644
    assert tomllib.loads(told["toml"]) == {"people": {"t.singh": {"roles": ["approver"], "key": "keys/t.singh.pub"}}}
    shown = run("keys", "show", "t.singh.pub")
    assert shown.output == f"{told['fingerprint']}  t.singh\n"
    assert json.loads(run("keys", "show", "t.singh.pub", "--json").stdout)["fingerprint"] == told["fingerprint"]


@pytest.mark.parametrize("present", ["a.key", "a.pub"])
def test_a_key_is_never_overwritten(folder: Path, present: str) -> None:
    """Neither half, and then none is written."""
    (folder / present).write_text("mine", encoding="utf-8")

    result = run("keys", "new", "a")

    assert (result.exit_code, "[file_exists]" in result.stderr) == (1, True)
    assert [path.name for path in folder.iterdir()] == [present]
    assert (folder / present).read_text("utf-8") == "mine"


def test_a_link_in_the_way_is_not_followed(folder: Path) -> None:
    """A key is not written to where a link leads."""
    (folder / "a.key").symlink_to(folder / "elsewhere")

    assert run("keys", "new", "a").exit_code == 1
    assert not (folder / "elsewhere").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new", "a b"), "invalid_name"),
        (("new", "a", "--passphrase", "planted-4711"), "literal_secret"),
        (("new", "a", "--passphrase", "env:NOT_THERE"), "secret_missing"),
        (("new", "a", "-o", "a.pub"), "invalid_name"),
        (("show", "absent.pub"), "key_unreadable"),
        (("show", "geoalert.toml"), "invalid_key"),
    ],
)
def test_a_wrong_call_writes_nothing(folder: Path, arguments: tuple[str, ...], code: str) -> None:
    """A passphrase typed on the command line is refused and not repeated."""
    (folder / "geoalert.toml").write_text("format = 1", encoding="utf-8")

    result = run("keys", *arguments)

    assert result.exit_code == 1
    assert f"[{code}]" in result.stderr
    assert "4711" not in result.output
    assert [path.name for path in folder.iterdir()] == ["geoalert.toml"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two approvers with keys, t.singh's locked."""
    keys = tmp_path / "keys"
    monkeypatch.setenv("SINGH_WORD", "four fictional words here")
    run("keys", "new", "t.singh", "-o", keys / "t.singh.key", "--passphrase", "env:SINGH_WORD")
    run("keys", "new", "m.lee", "-o", keys / "m.lee.key")
    lee = '[people."m.lee"]\nroles = ["approver"]\nkey = "keys/m.lee.pub"\n'
    listed = PROJECT.replace('roles = ["approver"]', 'roles = ["approver"]\nkey = "keys/t.singh.pub"', 1)
    write_project(tmp_path, project=f"{listed}\n{lee}\n[approval]\ntwo_above_channels = 1\n")
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    run("plan", tmp_path / "alert.toml", "--as", "m.roy", project=tmp_path)
    return tmp_path


def test_two_sign_and_then_it_is_sent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two, two of two; until then send says how many are missing."""
    keys = project / "keys"
    first = run("approve", "S1", "--as", "t.singh", "--key", keys / "t.singh.key", "--passphrase", "env:SINGH_WORD", project=project)
    early = run("send", "S1", project=project)
    monkeypatch.setenv("GEOALERT_KEY", str(keys / "m.lee.key"))
    second = json.loads(run("approve", "S1", "--as", "m.lee", "--json", project=project).stdout)
    sent = run("send", "S1", project=project)

    assert "(1 of 2)" in first.output
    assert "Signed SHA256:" in first.output
    assert (early.exit_code, "[approvals_missing]" in early.stderr) == (1, True)
    assert (sorted(second["given"]), second["needed"], second["role"]) == (["m.lee", "t.singh"], 2, "approver")
    assert sent.exit_code == 0


@pytest.mark.parametrize(
    ("who", "key", "passphrase", "code"),
    [
        ("t.singh", "m.lee.key", None, "wrong_key"),
        ("t.singh", "t.singh.key", None, "key_locked"),
        ("t.singh", "t.singh.key", "file:keys/word", "wrong_passphrase"),
        ("t.singh", "t.singh.pub", None, "invalid_key"),
        ("t.singh", "absent.key", None, "key_unreadable"),
    ],
)
def test_a_key_that_does_not_fit_approves_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, who: str, key: str, passphrase: str | None, code: str
) -> None:
    """Each its own error."""
    monkeypatch.chdir(project)
    (project / "keys" / "word").write_text("wrong", encoding="utf-8")
    place = ("--passphrase", passphrase) if passphrase else ()

    result = run("approve", "S1", "--as", who, "--key", project / "keys" / key, *place, project=project)

    assert f"[{code}]" in result.stderr
    assert "not_approved" in run("send", "S1", project=project).stderr


def test_a_key_that_others_may_read_signs_nothing(project: Path) -> None:
    """What to do is the command that closes it."""
    key = project / "keys" / "m.lee.key"
    key.chmod(0o644)

    result = run("approve", "S1", "--as", "m.lee", "--key", key, project=project)

    assert "[key_not_private]" in result.stderr
    assert "chmod 600" in result.stderr
